/* SPDX-License-Identifier: MIT */
#include <argp.h>
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/terminal.h"
#include "core/error.h"
#include "core/exit_code.h"
#include "report/formats/journal.h"
#include "report/formats/manifest.h"
#include "report/report.h"

enum { OPTION_VERIFY = 256, OPTION_OPEN };

static const struct argp_option options[] = {
	{"format", 'f', "FORMAT", 0,
		"print this report to standard output: html, text, junit, tap, markdown or csv", 0},
	{"open", OPTION_OPEN, NULL, 0,
		"open index.html in the browser as well, by $BROWSER or xdg-open", 0},
	{"verify", OPTION_VERIFY, NULL, 0, "check the files of the run against its manifest", 0},
	{0},
};

struct report_arguments {
	const char *folder, *format;
	bool verify, open;
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct report_arguments *arguments = state->input;

	if (key == 'f')
		arguments->format = value;
	else if (key == OPTION_VERIFY)
		arguments->verify = true;
	else if (key == OPTION_OPEN)
		arguments->open = true;
	else if (key == ARGP_KEY_ARG && arguments->folder == NULL)
		arguments->folder = value;
	else if (key == ARGP_KEY_ARG)
		argp_error(state, "unexpected argument '%s'", value);
	else if (key == ARGP_KEY_NO_ARGS)
		argp_error(state, "missing argument RUN (a folder below reports/)");
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

/* Evidence that is not what the run left carries no verdict. */
static int verify(const char *folder)
{
	struct error err = {0};
	size_t files = 0, differences = 0;

	if (manifest_verify(folder, stdout, &files, &differences, &err) != 0)
		return complain(&err);
	if (differences > 0)
		printf("%zu difference%s from the manifest (%zu files)\n", differences,
			differences == 1 ? "" : "s", files);
	else
		printf("%zu files, all unchanged\n", files);
	return differences > 0 ? EXIT_CODE_BENCH : EXIT_CODE_PASS;
}

/* A run that was killed before its end has no manifest.  One that is there stays: it vouches for what the
 * run left, and not for what became of it. */
static void seal(const char *folder, struct error *err)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/" MANIFEST_NAME, folder);
	if (access(path, F_OK) == 0 || journal_is_active(folder) ||
		report_comment_captures(folder, err) != 0 || manifest_write(folder, err) != 0)
		return;
	remark("the run had no manifest, since it was killed: written now, for --verify from here on");
}

static int complain_of_open(const char *other)
{
	struct error err = {0};

	error_set(&err, ERROR_USAGE,
		"--open needs the reports in the folder of the run (leave out --%s)", other);
	return complain(&err);
}

/* Does not wait: a browser may stay as long as it likes. */
static int open_page(const char *folder, struct error *err)
{
	const char *wanted = getenv("BROWSER");
	char path[4096];
	char *const argv[] = {
		(char *)(wanted != NULL && wanted[0] != '\0' ? wanted : "xdg-open"), path, NULL};
	pid_t child;

	snprintf(path, sizeof path, "%s/" REPORT_HTML, folder);
	const int failed = posix_spawnp(&child, argv[0], NULL, NULL, argv, environ);
	if (failed == 0)
		return 0;
	errno = failed;
	return error_errno(
		err, ERROR_USAGE, "cannot start '%s' (set BROWSER, or open '%s')", argv[0], path);
}

int command_report(int argc, char **argv)
{
	static const struct argp parser = {options, parse, "RUN",
		"Writes the reports of a run from its journal, complete or not, prints what did not pass, and exits with the exit code of the run.\v"
		"Files in the folder of the run: index.html (a self-contained page with a picture of each case), summary.txt, summary.md, junit.xml, results.tap (TAP 14) and legs.csv (each measured leg).\n\n"
		"A run that was killed has no manifest; it is written then, too.\n\n"
		"With --format no file is written, and the exit code is 0 if the report was printed.\n\n"
		"With --verify no file is written, and the exit code is 99 if a file was changed, removed or added after the run. "
		"The reports are not checked, because they are generated from the other files.",
		NULL, NULL, NULL};
	struct report_arguments arguments = {0};
	struct error err = {0};
	enum exit_code code = EXIT_CODE_PASS;

	if (!command_parse(&parser, argc, argv, &arguments))
		return EXIT_CODE_PASS;
	if (arguments.open && (arguments.verify || arguments.format != NULL))
		return complain_of_open(arguments.verify ? "verify" : "format");
	if (arguments.verify)
		return verify(arguments.folder);
	if (arguments.format != NULL) {
		if (report_write(arguments.folder, arguments.format, stdout, &err) != 0)
			return complain(&err);
		return EXIT_CODE_PASS;
	}
	if (report_compose(arguments.folder, &err, &code) != 0 && err.kind == ERROR_USAGE)
		return complain(&err);
	if (err.kind == ERROR_NONE)
		seal(arguments.folder, &err);
	struct error unprinted = {0};
	if (report_print(arguments.folder, REPORT_SHORT, stdout, terminal_takes_colour(stdout),
		    &unprinted) != 0 &&
		err.kind == ERROR_NONE)
		err = unprinted;
	if (arguments.open && err.kind == ERROR_NONE)
		(void)open_page(arguments.folder, &err);
	if (err.kind != ERROR_NONE)
		(void)complain(&err);
	return (int)exit_code_first(code, error_exit_code(&err));
}
