/* SPDX-License-Identifier: MIT */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/help/help.h"
#include "cli/help/manual.h"
#include "cli/help/values.h"
#include "cli/version.h"
#include "core/edit_distance.h"
#include "core/exit_code.h"

const char *argp_program_version = wizhil_title;

static const char *command_name(const void *context, size_t i)
{
	(void)context;
	return commands[i].name;
}

static int run_command(const char *name, int argc, char **argv)
{
	static char title[64];
	const struct command *command = find_command(name);

	if (command == NULL) {
		const struct topic *topic = find_topic(name);
		if (topic != NULL)
			remark("'%s' is a page of help, not a command (try: wizhil help %s)", name,
				name);
		else
			remark("unknown command '%s'%s (try: wizhil --help)", name,
				suggest(name, command_name, NULL).text);
		return EXIT_CODE_USAGE;
	}
	snprintf(title, sizeof title, "wizhil %s", name);
	argv[0] = title;
	return command->main(argc, argv);
}

/* wizhil help COMMAND, and what an installation holds of it (manual.cmake): --pages,
 * --man [PAGE], --completion SHELL; and what completions ask for: --values KIND. */
static int explain(int count, char **words)
{
	char *arguments[] = {"", "--help", NULL};

	if (strcmp(words[0], "--pages") == 0) {
		manual_list_pages();
		return EXIT_CODE_PASS;
	}
	if (strcmp(words[0], "--man") == 0)
		return manual_print(MANUAL_MAN, count > 1 ? words[1] : NULL);
	if (strcmp(words[0], "--completion") == 0) {
		enum manual_kind shell = manual_shell(count > 1 ? words[1] : "");
		if (shell != MANUAL_NONE)
			return manual_print(shell, NULL);
		fputs("wizhil: unknown shell for --completion (use bash, zsh or fish)\n", stderr);
		return EXIT_CODE_USAGE;
	}
	if (strcmp(words[0], "--values") == 0)
		return values_print(count > 1 ? words[1] : "");
	const struct topic *topic = find_topic(words[0]);
	return topic == NULL ? run_command(words[0], 2, arguments) : print_topic(topic);
}

/* Where one of the standard descriptors is closed, the next file that is opened would take its
 * place: what is printed would go into the journal. */
static void fill_standard_descriptors(void)
{
	int descriptor;

	do {
		descriptor = open("/dev/null", O_RDWR);
	} while (descriptor >= 0 && descriptor <= STDERR_FILENO);
	if (descriptor >= 0)
		close(descriptor);
}

/* A list that was cut off is no success. */
static int printed(int code)
{
	if (code != EXIT_CODE_PASS || (fflush(stdout) == 0 && !ferror(stdout)))
		return code;
	fprintf(stderr, "wizhil: cannot write to standard output: %s\n", strerror(errno));
	return EXIT_CODE_BENCH;
}

static int dispatch(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return EXIT_CODE_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		puts(argp_program_version);
		return 0;
	}
	bool help = strcmp(argv[1], "help") == 0;
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0 ||
		strcmp(argv[1], "-h") == 0 || (help && argc == 2)) {
		print_help(stdout);
		return 0;
	}
	if (help)
		return explain(argc - 2, argv + 2);
	return run_command(argv[1], argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	fill_standard_descriptors();
	argp_err_exit_status = EXIT_CODE_USAGE;
	return printed(dispatch(argc, argv));
}
