/* SPDX-License-Identifier: MIT */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/output_folder.h"
#include "cli/terminal.h"
#include "core/error.h"
#include "core/exit_code.h"
#include "report/text/case_text.h"

static const struct argp_option options[] = {{0}};

struct show_arguments {
	const char *name, *folder;
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct show_arguments *arguments = state->input;

	if (key == ARGP_KEY_ARG && arguments->name == NULL)
		arguments->name = value;
	else if (key == ARGP_KEY_ARG && arguments->folder == NULL)
		arguments->folder = value;
	else if (key == ARGP_KEY_ARG)
		argp_error(state, "unexpected argument '%s'", value);
	else if (key == ARGP_KEY_NO_ARGS)
		argp_error(state, "missing argument CASE (its name, or a part of it)");
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

/* All cases whose name has these words in it; a whole name is that case only. */
static size_t show(const struct run *run, const struct show_arguments *arguments, struct error *err)
{
	bool whole = false;
	size_t shown = 0;

	for (size_t i = 0; i < run->case_count; i++)
		whole |= strcmp(run->cases[i].name, arguments->name) == 0;
	for (size_t i = 0; i < run->case_count && err->kind == ERROR_NONE; i++) {
		const struct run_case *test_case = &run->cases[i];
		if (whole ? strcmp(test_case->name, arguments->name) != 0
			  : strstr(test_case->name, arguments->name) == NULL)
			continue;
		if (shown++ > 0)
			putchar('\n');
		(void)case_text_write(run, test_case, arguments->folder, stdout,
			terminal_takes_colour(stdout), err);
	}
	return shown;
}

int command_show(int argc, char **argv)
{
	static const struct argp parser = {options, parse, "CASE [RUN]",
		"Shows a case of a run: its verdict, each measured leg with its expected window, the timeline as text, and the paths of the evidence.\v"
		"CASE is a name as suite/case, or a part of it; every case that has it is shown. RUN is the folder of a run (default: the latest below reports/).\n\n"
		"Times count from the beginning of the scenario. On the wire, -> is from the device and <- from the peer; on the UART, > is a command and < what the device wrote.",
		NULL, NULL, NULL};
	struct show_arguments arguments = {0};
	struct error err = {0};
	char latest[4096];

	if (!command_parse(&parser, argc, argv, &arguments))
		return EXIT_CODE_PASS;
	if (arguments.folder == NULL) {
		if (latest_run(latest, sizeof latest, &err) != 0)
			return complain(&err);
		arguments.folder = latest;
	}
	struct run *run = run_read(arguments.folder, &err);
	if (run == NULL)
		return complain(&err);
	const size_t shown = show(run, &arguments, &err);
	run_free(run);
	if (shown == 0)
		error_set(&err, ERROR_USAGE,
			"'%s' has no case whose name contains '%s' (try: wizhil report %s --format text)",
			arguments.folder, arguments.name, arguments.folder);
	return err.kind == ERROR_NONE ? EXIT_CODE_PASS : complain(&err);
}
