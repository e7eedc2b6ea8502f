/* SPDX-License-Identifier: MIT */
#include <argp.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/command.h"
#include "report/report.h"

static error_t parse(int key, char *value, struct argp_state *state)
{
	const char **folder = state->input;

	if (key == ARGP_KEY_ARG && *folder == NULL)
		*folder = value;
	else if (key == ARGP_KEY_ARG)
		argp_error(state, "unexpected argument '%s'", value);
	else if (key == ARGP_KEY_NO_ARGS)
		argp_error(state, "which run? (a folder below reports/)");
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

int command_report(int argc, char **argv)
{
	static const struct argp parser = {NULL, parse, "RUN",
		"Composes junit.xml, results.tap and summary.txt of a run from its journal, "
		"however "
		"far it came, prints the summary, and exits with the run's exit code.",
		NULL, NULL, NULL};
	const char *folder = NULL;
	struct error err = {0};
	enum exit_code code = EXIT_CODE_PASS;

	argp_parse(&parser, argc, argv, 0, NULL, &folder);
	if (report_compose(folder, &err, &code) != 0 ||
		report_print(folder, stdout, isatty(STDOUT_FILENO), &err) != 0)
		return complain(&err);
	return (int)code;
}
