/* SPDX-License-Identifier: MIT */
#include <argp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench_file.h"
#include "cli/command.h"
#include "core/error.h"
#include "core/utf8.h"
#include "core/exit_code.h"
#include "report/formats/bundle.h"
#include "report/formats/manifest.h"
#include "report/model/run.h"

enum { MOST_SECRETS = 64 };

static const struct argp_option options[] = {
	{"bench", 'b', "FILE", 0,
		"bench file whose passphrases the archive must not contain (default: the run's)",
		0},
	{"output", 'o', "FILE", 0,
		"archive to write: .tar.zst, .tar.xz, .tar.gz or .tar (default: RUN.tar.zst)", 0},
	{0},
};

struct bundle_arguments {
	const char *folder, *bench, *output;
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct bundle_arguments *arguments = state->input;

	if (key == 'b')
		arguments->bench = value;
	else if (key == 'o')
		arguments->output = value;
	else if (key == ARGP_KEY_ARG && arguments->folder == NULL)
		arguments->folder = value;
	else if (key == ARGP_KEY_ARG)
		argp_error(state, "unexpected argument '%s'", value);
	else if (key == ARGP_KEY_END && arguments->folder == NULL)
		argp_error(state, "missing argument RUN (a folder below reports/)");
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

/* The passphrases of the bench, as far as they can be had here: the bench file may be on another
 * machine, and its secrets out of reach; then what a command shows is looked for alone.  Returns
 * how many there are; each is the caller's. */
static size_t find_secrets(const char *bench, bool named, char *secrets[MOST_SECRETS])
{
	struct bench_file file = {0};
	struct error trouble = {0};
	size_t count = 0;

	if (bench_file_read(bench, &file, &trouble) != 0) {
		fprintf(stderr,
			"wizhil: archive not searched for the passphrases of the bench: %s%s\n",
			trouble.text, named ? "" : " (try: --bench FILE)");
		return 0;
	}
	for (size_t i = 0; i < file.device_count && count < MOST_SECRETS; i++) {
		secrets[count] = NULL;
		if (bench_file_secret(&file.devices[i].wifi, &secrets[count], &trouble) != 0)
			fprintf(stderr,
				"wizhil: archive not searched for the passphrase of device '%s': %s\n",
				file.devices[i].name, trouble.text);
		else if (secrets[count] != NULL)
			count++;
	}
	bench_file_free(&file);
	return count;
}

static void forget(char *secrets[MOST_SECRETS], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		explicit_bzero(secrets[i], strlen(secrets[i]));
		free(secrets[i]);
	}
}

static const char *default_output(const char *folder, char *path, size_t size)
{
	size_t length = strlen(folder);

	while (length > 1 && folder[length - 1] == '/')
		length--;
	snprintf(path, size, "%.*s.tar.zst", (int)length, folder);
	return path;
}

/* A folder that is named by where it stands ('.') has another name, by which the bundle goes and
 * which the archive is not within. */
static const char *with_a_name(const char *folder, char path[PATH_MAX])
{
	size_t length = strlen(folder);

	while (length > 1 && folder[length - 1] == '/')
		length--;
	bool named = length == 0 || folder[length - 1] != '.' ||
		     (length > 1 && strchr("./", folder[length - 2]) == NULL);
	return named || realpath(folder, path) == NULL ? folder : path;
}

int command_bundle(int argc, char **argv)
{
	static const struct argp parser = {options, parse, "RUN",
		"Packs a run into one archive, for a ticket: journal, reports, evidence and manifest.\v"
		"Evidence is recorded without secrets. As a second check, all files are searched for the passphrases of the bench file and for AT commands that contain a passphrase; a warning says which passphrases could not be read. "
		"If one is found, no archive is written, the file and line are printed, and the exit code is 2.",
		NULL, NULL, NULL};
	struct bundle_arguments arguments = {0};
	struct error err = {0};
	char *secrets[MOST_SECRETS];
	char path[PATH_MAX], folder[PATH_MAX];

	if (!command_parse(&parser, argc, argv, &arguments))
		return EXIT_CODE_PASS;
	arguments.folder = with_a_name(arguments.folder, folder);
	struct run *run = run_read(arguments.folder, &err);
	if (run == NULL)
		return complain(&err);
	const char *bench = arguments.bench == NULL ? run->bench_file : arguments.bench;
	size_t count = find_secrets(bench, arguments.bench != NULL, secrets);
	run_free(run);
	snprintf(path, sizeof path, "%s/" MANIFEST_NAME, arguments.folder);
	if (access(path, F_OK) != 0)
		fprintf(stderr,
			"wizhil: '%s' has no manifest (the run was killed): the archive cannot be checked for completeness\n",
			arguments.folder);
	if (arguments.output == NULL)
		arguments.output = default_output(arguments.folder, path, sizeof path);
	int failed = bundle_write(
		arguments.folder, arguments.output, (const char *const *)secrets, count, &err);
	forget(secrets, count);
	if (failed != 0)
		return complain(&err);
	utf8_put_visible(stdout, arguments.output);
	putchar('\n');
	return EXIT_CODE_PASS;
}
