/* SPDX-License-Identifier: MIT */
#include <argp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/bench_file.h"
#include "bench/reruns.h"
#include "cli/command.h"
#include "cli/run/firmware_arguments.h"
#include "cli/run/run_command.h"
#include "cli/run/shard.h"
#include "cli/run/within.h"
#include "core/error.h"
#include "core/exit_code.h"

/* Options without a letter. */
enum {
	OPTION_EVENTS = 256,
	OPTION_FORKED,
	OPTION_REPEAT,
	OPTION_REST,
	OPTION_RESUME,
	OPTION_SHARD,
	OPTION_TRACE,
	OPTION_WAIVERS,
	OPTION_BASELINE,
	OPTION_HISTORY,
	OPTION_MAX_RERUNS,
	OPTION_FAULT,
	OPTION_MAXFAIL,
	OPTION_NOTIFY,
	OPTION_WITHIN
};

/* In groups, each below its heading; argp sorts within one. */
static const struct argp_option options[] = {
	{NULL, 0, NULL, 0, "Selection:", 1},
	{"bench", 'b', "FILE", 0, "bench file (default: fixtures/benches/virtual.yaml)", 0},
	CASE_FILTER_OPTIONS,
	{"tier", 'T', "TIER", 0,
		"only cases up to this tier: quick (below 400 s), standard (below 1300 s), long; "
		"default: long on the stepped clock, standard on the real clock",
		0},
	{"within", OPTION_WITHIN, "TIME", 0,
		"of the selected cases those that catch most of the known faults in this time of the bench (30m, 1h30m); --dry-run says how many, and how many of unseen ones; for a merge request, not for a release",
		0},
	{"dry-run", 'n', NULL, 0, "print what would be run and how long it would take; run nothing",
		0},
	{"shard", OPTION_SHARD, "I/N", 0,
		"only part I of N parts of the selection, which take about the same time; every machine with this version makes the same parts, 'wizhil merge' joins their runs",
		0},
	{"rest", OPTION_REST, "RUN", 0,
		"only cases of this run, and of the other shards if it is one, that have no verdict in it; may be repeated, or followed by more runs",
		0},
	{"resume", OPTION_RESUME, "RUN", 0,
		"continue the killed or interrupted run in this folder: run the cases that have no verdict, with the settings of the run (not possible with --each)",
		0},
	{"judge", 'J', "RUN", 0,
		"judge the recorded run in this folder again, without hardware; by the profile that it was judged by, if no other is given",
		0},

	{NULL, 0, NULL, 0, "Execution and judgement:", 2},
	{"clock", 'c', "KIND", 0,
		"real or stepped (default: stepped for virtual devices, which alone support it, else real)",
		0},
	{"jobs", 'j', "N", 0, "number of workers (default and minimum: one per case)", 0},
	{"no-rerun", 'R', NULL, 0, "do not run a case that failed beside others again alone", 0},
	{"max-reruns", OPTION_MAX_RERUNS, "N", 0,
		"of the cases that failed beside others, run N again alone for each violated requirement and device (default: 3)",
		0},
	{"profile", 'p', "FILE", 0,
		"device profile to judge against (default: that of the bench file)", 0},
	{"repeat", OPTION_REPEAT, "N", 0,
		"run each case N times, keep every verdict, and show the spread of each leg", 0},
	{"each", 'e', NULL, 0,
		"run every case on each device of the bench, for qualification (default: distribute the cases over the devices)",
		0},
	{"device", 'd', "NAME", 0, "use only this device of the bench; may be repeated", 0},
	FIRMWARE_OPTIONS,
	{"require-all", 'a', NULL, 0, "exit with 77 if a selected case did not run", 0},
	{"set", 'S', "NAME=VALUE", 0,
		"change a setting of the virtual devices (virtual-wizfi210 --list-settings); may be repeated",
		0},
	{"fault", OPTION_FAULT, "NAME", 0,
		"give the virtual devices this fault of fixtures/virtual-wizfi210/faults.yaml; may be repeated",
		0},
	{"maxfail", OPTION_MAXFAIL, "N", 0,
		"end the run after N failed cases, with exit code 1; those that have no verdict then are not run, and --resume runs them",
		0},
	{"waivers", OPTION_WAIVERS, "FILE", 0,
		"known failures to tolerate until they expire; see 'wizhil help waivers'", 0},
	{"seed", 's', "N", 0, "seed of the start offsets and of the virtual devices (default: 1)",
		0},
	{"forked", OPTION_FORKED, NULL, 0,
		"run each case in a fork of one process, without Criterion's runner: same verdicts, half the CPU time",
		0},

	{NULL, 0, NULL, 0, "Output during the run:", 3},
	{"quiet", 'q', NULL, 0, "print only one line at the end", 0},
	{"trace", OPTION_TRACE, "WHAT", 0,
		"print traffic with its time to standard error; WHAT is a list of uart, wire, bench",
		0},
	{"verbose", 'v', NULL, 0, "print each device, admission, recovery, and end of a case", 0},
	{"events", OPTION_EVENTS, "FILE", 0,
		"write each line of the journal when it is recorded, for another program; with - to standard output, and the summary to standard error",
		0},
	{"tap", 't', "FILE", 0, "write TAP 14, one line at the end of each case; - as above", 0},

	{NULL, 0, NULL, 0, "Results:", 4},
	{"baseline", OPTION_BASELINE, "RUN", 0,
		"show in the reports what changed since this run (a folder or journal)", 0},
	{"history", OPTION_HISTORY, "FILE", 0,
		"add the run to this history (see wizhil help history) and put the trend into the report",
		0},
	{"notify", OPTION_NOTIFY, "COMMAND", 0,
		"run this shell command when the run has ended; it finds WIZHIL_RUN (the folder), WIZHIL_EXIT (the exit code) and WIZHIL_HEADLINE in its environment and may take 60 s",
		0},
	{"output", 'o', "DIR", 0, "folder of the run (default: a new one below reports/)", 0},

	{NULL, 0, NULL, 0, "Help:", -1},
	{0},
};

/* Behind --rest further run folders may follow, as a shell's glob gives them. */
static bool is_further_rest(const struct run_arguments *arguments, const char *value)
{
	struct stat status;

	return arguments->rest_count > 0 && stat(value, &status) == 0 && S_ISDIR(status.st_mode);
}

static void take_rest(struct run_arguments *arguments, char *value, const struct argp_state *state)
{
	if (arguments->rest_count == RUN_RESTS)
		argp_error(state, "more than %d runs for --rest", RUN_RESTS);
	arguments->rest[arguments->rest_count++] = value;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct run_arguments *arguments = state->input;
	char *end;
	unsigned long number;

	if (case_filter_take(&arguments->filter, key, value, state) ||
		firmware_arguments_take(arguments, key, value))
		return 0;
	switch (key) {
	case 'b':
		arguments->bench = value;
		break;
	case 'T':
		arguments->tier = value;
		break;
	case 'n':
		arguments->dry_run = true;
		break;
	case 'c':
		if (strcmp(value, "real") != 0 && strcmp(value, "stepped") != 0)
			argp_error(state, "unknown clock '%s' (use real or stepped)", value);
		arguments->clock = value;
		break;
	case 'p':
		arguments->profile = value;
		break;
	case 's':
		arguments->seed_given = true;
		arguments->seed = strtoull(value, &end, 10);
		if (*value == '\0' || *end != '\0')
			argp_error(state, "invalid seed '%s' (use a number of 0 or more)", value);
		break;
	case 'S':
		if (arguments->set_count == RUN_SETS)
			argp_error(state, "more than %d settings", RUN_SETS);
		arguments->sets[arguments->set_count++] = value;
		break;
	case 'J':
		arguments->judge = value;
		break;
	case 'o':
		arguments->output = value;
		break;
	case 't':
		arguments->tap = value;
		break;
	case OPTION_REPEAT:
		number = strtoul(value, &end, 10);
		if (*value == '\0' || *end != '\0' || number < 1 || number > RUN_REPEAT)
			argp_error(state, "invalid repeat '%s' (use a number from 1 to %d)", value,
				RUN_REPEAT);
		arguments->repeat = (int)number;
		break;
	case OPTION_SHARD:
		if (shard_parse(value, &arguments->shard_index, &arguments->shard_count) != 0)
			argp_error(state,
				"invalid shard '%s' (use I/N with 1 <= I <= N <= %d, as in 2/4)",
				value, SHARDS_MAX);
		break;
	case OPTION_WITHIN:
		arguments->within_s = within_parse(value);
		if (arguments->within_s <= 0)
			argp_error(state, "invalid time '%s' (use 30m, 90s or 1h30m)", value);
		break;
	case OPTION_REST:
		take_rest(arguments, value, state);
		break;
	case OPTION_MAX_RERUNS:
		number = strtoul(value, &end, 10);
		if (*value < '0' || *value > '9' || *end != '\0' || number > RUN_REPEAT)
			argp_error(state, "invalid number of reruns '%s' (use 0 to %d)", value,
				RUN_REPEAT);
		arguments->max_reruns = (int)number;
		break;
	case OPTION_FAULT:
		if (arguments->fault_count == RUN_SETS)
			argp_error(state, "more than %d faults", RUN_SETS);
		arguments->faults[arguments->fault_count++] = value;
		break;
	case OPTION_MAXFAIL:
		number = strtoul(value, &end, 10);
		if (*value < '0' || *value > '9' || *end != '\0' || number < 1 || number > INT_MAX)
			argp_error(state, "invalid number of failures '%s' (use 1 or more)", value);
		arguments->maxfail = (int)number;
		break;
	case OPTION_NOTIFY:
		arguments->notify = value;
		break;
	case OPTION_RESUME:
		arguments->resume = value;
		break;
	case OPTION_WAIVERS:
		arguments->waivers = value;
		break;
	case OPTION_HISTORY:
		arguments->history = value;
		break;
	case OPTION_BASELINE:
		arguments->baseline = value;
		break;
	case OPTION_TRACE:
		arguments->trace = trace_parse(value);
		if (arguments->trace == 0)
			argp_error(state,
				"unknown trace '%s' (use a list of uart, wire, bench, separated by commas)",
				value);
		break;
	case OPTION_FORKED:
		arguments->forked = true;
		break;
	case OPTION_EVENTS:
		arguments->events = value;
		break;
	case 'q':
	case 'v':
		if (arguments->verbosity != VERBOSITY_USUAL)
			argp_error(state, "--quiet and --verbose exclude each other");
		arguments->verbosity = key == 'q' ? VERBOSITY_QUIET : VERBOSITY_VERBOSE;
		break;
	case 'j':
		number = strtoul(value, &end, 10);
		if (*value < '0' || *value > '9' || *end != '\0' || number < 1)
			argp_error(state, "invalid number of jobs '%s' (use 1 or more)", value);
		arguments->jobs = value;
		break;
	case 'R':
		arguments->max_reruns = 0;
		break;
	case 'd':
		if (arguments->device_count == BENCH_FILE_DEVICES)
			argp_error(state, "more than %d devices", BENCH_FILE_DEVICES);
		arguments->devices[arguments->device_count++] = value;
		break;
	case 'e':
		arguments->each = true;
		break;
	case 'a':
		arguments->require_all = true;
		break;
	case ARGP_KEY_ARG:
		if (is_further_rest(arguments, value)) {
			take_rest(arguments, value, state);
			break;
		}
		if (arguments->scenario_count == RUN_SCENARIOS)
			argp_error(state, "more than %d scenario files", RUN_SCENARIOS);
		arguments->scenarios[arguments->scenario_count++] = value;
		break;
	case ARGP_KEY_END:
		if (arguments->rest_count > 0 && arguments->judge != NULL)
			argp_error(state, "--rest and --judge exclude each other");
		if (arguments->within_s > 0 &&
			(arguments->rest_count > 0 || arguments->judge != NULL ||
				arguments->shard_count > 0))
			argp_error(state,
				"--within cannot be used with --shard, --rest and --judge: its time is that of one bench, and their cases are chosen already");
		if (arguments->tap != NULL && arguments->events != NULL &&
			strcmp(arguments->tap, arguments->events) == 0)
			argp_error(state, "--tap and --events cannot both write to '%s'",
				arguments->tap);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

int command_run(int argc, char **argv)
{
	static const struct argp parser = {options, parse, "[SCENARIO.yaml...]",
		"Runs the cases, or the given scenario files (with --filter both), on the devices of a bench file, as many in parallel as the CIDs of the devices permit, and writes the reports.\v"
		"The devices of a bench are all virtual or all real. "
		"For a real bench copy fixtures/benches/rack-example.yaml, enter port, Wi-Fi and addresses, and try 'wizhil check --bench FILE' first.\n\n"
		"On the stepped clock (virtual devices only) 600 s take milliseconds, and all runs with the same seed give the same timelines. "
		"The results are in the folder of the run: "
		"index.html, journal.jsonl, junit.xml, results.tap, summary.txt, summary.md, legs.csv, and evidence/ with a timeline, a pcapng and a UART transcript for each case.\n\n"
		"If GITHUB_STEP_SUMMARY is set, as in GitHub workflows, the summary is appended to that file; if GITHUB_ACTIONS is true, each cause of failures is an annotation on standard error.\n\n"
		"On a terminal, one line per running case shows what it waits for, on the alternate screen. "
		"Otherwise, and with NO_COLOR or TERM=dumb, one line is written to standard error at the end of each case on the real clock. "
		"The summary at the end lists what did not pass; 'wizhil report RUN --format text' lists every case.\n\n"
		"Ctrl-C finishes the evidence and the reports, a second Ctrl-C stops immediately; --resume continues the run.\n\n"
		"Exit codes: 0 passed, 1 firmware failure, 2 usage, 77 nothing ran, 99 bench fault or inconclusive, 130 interrupted.",
		NULL, NULL, NULL};
	struct run_arguments arguments = {
		.seed = 1, .verbosity = VERBOSITY_USUAL, .max_reruns = RERUNS_OF_A_CAUSE};
	struct error err = {0};
	enum exit_code code = EXIT_CODE_PASS;

	if (!command_parse(&parser, argc, argv, &arguments))
		return EXIT_CODE_PASS;
	arguments.argc = argc;
	arguments.argv = argv;
	if (run_suite(&arguments, &code, &err) != 0)
		return complain(&err);
	return (int)code;
}
