/* SPDX-License-Identifier: MIT */
#include <argp.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/terminal.h"
#include "core/error.h"
#include "core/exit_code.h"
#include "report/model/run.h"
#include "report/formats/run_database.h"

enum { MOST_RUNS = 1024 };

static const struct argp_option options[] = {
	{"database", 'd', "FILE", 0, "SQLite file (default: reports/history.sqlite)", 0},
	{"json", 'j', NULL, 0, "print the trend as JSON", 0},
	{"cases", 'c', NULL, 0,
		"print what each case came to by firmware (with --json as JSON), and no legs", 0},
	{0},
};

struct history_arguments {
	const char *database;
	bool json, cases;
	char *folders[MOST_RUNS];
	size_t count;
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct history_arguments *arguments = state->input;

	if (key == 'd')
		arguments->database = value;
	else if (key == 'j')
		arguments->json = true;
	else if (key == 'c')
		arguments->cases = true;
	else if (key == ARGP_KEY_ARG && arguments->count < MOST_RUNS)
		arguments->folders[arguments->count++] = value;
	else if (key == ARGP_KEY_ARG)
		argp_error(state, "more than %d runs", MOST_RUNS);
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

/* Opens the history once there is something to put into it: a name that is wrong makes no file. */
static struct run_database *add_runs(const struct history_arguments *arguments, struct error *err)
{
	struct run_database *database = NULL;
	int added = 0;

	for (size_t i = 0; i < arguments->count && added >= 0; i++) {
		struct run *run = run_read(arguments->folders[i], err);
		if (run != NULL && database == NULL)
			database = run_database_open(arguments->database, err);
		added = run == NULL || database == NULL ? -1 : run_database_add(database, run, err);
		run_free(run);
		if (added == 0)
			remark("'%s' is already in the history", arguments->folders[i]);
	}
	if (added >= 0)
		return database;
	run_database_close(database);
	return NULL;
}

static int print_trend(
	struct run_database *database, const struct history_arguments *arguments, struct error *err)
{
	json_t *trend = run_database_trend(database, err);
	json_t *cases = trend == NULL ? NULL : run_database_cases(database, err);

	if (cases == NULL) {
		json_decref(trend);
		return -1;
	}
	if (arguments->json) {
		json_dumpf(arguments->cases ? cases : trend, stdout, JSON_INDENT(1));
		putchar('\n');
	} else {
		(void)terminal_fit();
		if (!arguments->cases)
			run_database_write(trend, stdout);
		run_database_write_cases(cases, stdout);
	}
	json_decref(cases);
	json_decref(trend);
	if (fflush(stdout) != 0 || ferror(stdout))
		return error_errno(err, ERROR_BENCH, "cannot print the history");
	return 0;
}

int command_history(int argc, char **argv)
{
	static const struct argp parser = {options, parse, "[RUN...]",
		"Adds the given runs to the history and shows the whole history: the share of passed cases for each firmware, the trend of each leg, and the cases that are unstable (they passed and did not, on one firmware) or never passed.\v"
		"A leg is shown as its distance from the middle of its window, so that a drift is visible before it fails. 'wizhil run --history FILE' adds the run and puts the trend into its report.",
		NULL, NULL, NULL};
	struct history_arguments arguments = {.database = "reports/history.sqlite"};
	struct error err = {0};

	if (!command_parse(&parser, argc, argv, &arguments))
		return EXIT_CODE_PASS;
	if (arguments.count == 0 && access(arguments.database, F_OK) != 0) {
		error_set(&err, ERROR_USAGE,
			"no history '%.300s' (wizhil history RUN creates it and adds a run)",
			arguments.database);
		return complain(&err);
	}
	struct run_database *database = arguments.count == 0
						? run_database_open(arguments.database, &err)
						: add_runs(&arguments, &err);
	if (database == NULL)
		return complain(&err);
	int failed = print_trend(database, &arguments, &err);
	run_database_close(database);
	return failed != 0 ? complain(&err) : EXIT_CODE_PASS;
}
