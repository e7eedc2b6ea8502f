/* SPDX-License-Identifier: MIT */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/terminal.h"
#include "core/error.h"
#include "core/exit_code.h"
#include "report/model/compare.h"

static const struct argp_option options[] = {
	{"format", 'f', "FORMAT", 0, "text, markdown or html (default: text)", 0},
	{"partial", 'p', NULL, 0, "RUN is deliberately partial; ignore cases it did not run", 0},
	{0},
};

struct compare_arguments {
	const char *base, *run, *format;
	bool partial;
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct compare_arguments *arguments = state->input;

	if (key == 'f' && (strcmp(value, "text") == 0 || strcmp(value, "markdown") == 0 ||
				  strcmp(value, "html") == 0))
		arguments->format = value;
	else if (key == 'f')
		argp_error(state, "unknown format '%s' (use text, markdown or html)", value);
	else if (key == 'p')
		arguments->partial = true;
	else if (key == ARGP_KEY_ARG && arguments->base == NULL)
		arguments->base = value;
	else if (key == ARGP_KEY_ARG && arguments->run == NULL)
		arguments->run = value;
	else if (key == ARGP_KEY_ARG)
		argp_error(state, "unexpected argument '%s'", value);
	else if (key == ARGP_KEY_END && arguments->run == NULL)
		argp_error(state, "missing arguments BASE and RUN (two folders below reports/)");
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static int write_comparison(
	const struct compare_arguments *arguments, const struct comparison *c, struct error *err)
{
	if (arguments->format != NULL && strcmp(arguments->format, "markdown") == 0)
		comparison_write_markdown(c, stdout);
	else if (arguments->format != NULL && strcmp(arguments->format, "html") == 0)
		comparison_write_html(c, stdout);
	else
		comparison_write_text(c, stdout, terminal_takes_colour(stdout));
	if (fflush(stdout) != 0 || ferror(stdout))
		return error_errno(err, ERROR_BENCH, "cannot print the comparison");
	return 0;
}

/* A part that was compared must not pass for the whole. */
static void print_not_run(const struct compare_arguments *arguments, const struct comparison *c)
{
	if (c->compared == 0)
		remark("nothing to compare: no case of '%s' ran in '%s'", arguments->base,
			arguments->run);
	else
		remark("%zu case%s that passed in '%s' %s not run in '%s' (if that is intended, try: --partial)",
			c->unrun, c->unrun == 1 ? "" : "s", arguments->base,
			c->unrun == 1 ? "was" : "were", arguments->run);
}

int command_compare(int argc, char **argv)
{
	static const struct argp parser = {options, parse, "BASE RUN",
		"Shows what changed from the run BASE to the run RUN, case by case: verdict, timing model, legs that moved by more than their uncertainty, notices and answers.\v"
		"A failure that BASE did not have and a different timing model are regressions: exit code 1. "
		"Without a regression the exit code is 99 if a case that passed in BASE is inconclusive or in error in RUN, and 77 if one was not run there or nothing could be compared. "
		"Other changes are shown but are not regressions, because no source requires the old behaviour; a profile can pin it.\n\n"
		"The uncertainty of a leg is the error of its measurement plus the spread that was seen if the run repeats its cases (wizhil run --repeat), else plus the tolerance of the default profile.",
		NULL, NULL, NULL};
	struct compare_arguments arguments = {0};
	struct error err = {0};
	int code = EXIT_CODE_BENCH;

	if (!command_parse(&parser, argc, argv, &arguments))
		return EXIT_CODE_PASS;
	struct run *base = run_read(arguments.base, &err);
	struct run *run = base == NULL ? NULL : run_read(arguments.run, &err);
	struct comparison *comparison = run == NULL ? NULL : compare_runs(base, run);
	if (run != NULL && comparison == NULL)
		error_set(&err, ERROR_MEMORY, "out of memory");
	if (comparison != NULL) {
		comparison->partial = arguments.partial;
		comparison->base_folder = arguments.base;
		comparison->run_folder = arguments.run;
	}
	if (comparison == NULL || write_comparison(&arguments, comparison, &err) != 0) {
		code = complain(&err);
	} else {
		code = (int)comparison_exit_code(comparison);
		if (code == EXIT_CODE_NOT_RUN)
			print_not_run(&arguments, comparison);
	}
	comparison_free(comparison);
	run_free(run);
	run_free(base);
	return code;
}
