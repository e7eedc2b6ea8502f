/* SPDX-License-Identifier: MIT */
#include <argp.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/version.h"
#include "cli/terminal.h"
#include "core/error.h"
#include "core/exit_code.h"
#include "report/formats/manifest.h"
#include "report/model/merge.h"
#include "report/report.h"

enum { MOST_RUNS = 256 };

static const struct argp_option options[] = {
	{"output", 'o', "DIR", 0, "folder of the merged run; must not exist", 0},
	{0},
};

struct merge_arguments {
	const char *output;
	char *folders[MOST_RUNS];
	size_t count;
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct merge_arguments *arguments = state->input;

	if (key == 'o')
		arguments->output = value;
	else if (key == ARGP_KEY_ARG && arguments->count < MOST_RUNS)
		arguments->folders[arguments->count++] = value;
	else if (key == ARGP_KEY_ARG)
		argp_error(state, "more than %d runs", MOST_RUNS);
	else if (key == ARGP_KEY_END && arguments->count == 0)
		argp_error(state, "missing arguments RUN... (folders below reports/)");
	else if (key == ARGP_KEY_END && arguments->output == NULL)
		argp_error(state, "missing option --output DIR");
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

int command_merge(int argc, char **argv)
{
	static const struct argp parser = {options, parse, "RUN...",
		"Merges the shards of a run, for example of the racks of a lab that each ran a part of the suite, into one run with one set of reports.\v"
		"Shards must have the same firmware, profile, clock, settings, version of wizhil and number of repetitions. On a conflict all conflicts are printed, nothing is written, and the exit code is 2; otherwise it is the exit code of the merged run.\n\n"
		"Shards of 'wizhil run --shard' know the whole selection: cases of a shard that is missing are not run, and the exit code is 99. A run of 'wizhil run --rest' completes shards that were killed. "
		"If several runs have a verdict on the same case, all are kept, as repetitions of the case.",
		NULL, NULL, NULL};
	struct merge_arguments arguments = {0};
	struct error err = {0};
	enum exit_code code = EXIT_CODE_PASS;

	if (!command_parse(&parser, argc, argv, &arguments))
		return EXIT_CODE_PASS;
	if (merge_runs(arguments.folders, arguments.count, arguments.output, wizhil_version,
		    &err) != 0 ||
		report_compose(arguments.output, &err, &code) != 0 ||
		manifest_write(arguments.output, &err) != 0 ||
		report_print(arguments.output, REPORT_SHORT, stdout, terminal_takes_colour(stdout),
			&err) != 0)
		return complain(&err);
	return (int)code;
}
