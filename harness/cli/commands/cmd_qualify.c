/* SPDX-License-Identifier: MIT */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench_file.h"
#include "bench/reruns.h"
#include "cli/command.h"
#include "cli/output_folder.h"
#include "cli/run/firmware_arguments.h"
#include "cli/run/run_command.h"
#include "cli/terminal.h"
#include "core/error.h"
#include "core/exit_code.h"
#include "core/utf8.h"
#include "judge/profile.h"
#include "report/formats/manifest.h"
#include "report/formats/profile_yaml.h"
#include "report/report.h"

#define PROFILE_NAME "profile.yaml"

enum { OPTION_BASELINE = 256, OPTION_REPEAT, OPTION_WAIVERS, OPTION_HISTORY, OPTION_WITHIN };

static const struct argp_option options[] = {
	{"bench", 'b', "FILE", 0, "bench file, with 'firmware:' for each device (required)", 0},
	FIRMWARE_OPTIONS,
	{"baseline", OPTION_BASELINE, "RUN", 0,
		"run of the firmware that is replaced, a folder or journal (required)", 0},
	{"tier", 'T', "TIER", 0,
		"only cases up to this tier: quick, standard, long (default: long); cases that ran in the baseline and are left out leave it unknown whether to ship",
		0},
	{"repeat", OPTION_REPEAT, "N", 0, "run each case N times", 0},
	{"each", 'e', NULL, 0, "run every case on each device of the bench", 0},
	{"device", 'd', "NAME", 0, "use only this device of the bench; may be repeated", 0},
	{"profile", 'p', "FILE", 0,
		"device profile to judge against (default: that of the bench file)", 0},
	{"waivers", OPTION_WAIVERS, "FILE", 0,
		"known failures to tolerate until they expire; see 'wizhil help waivers'", 0},
	{"history", OPTION_HISTORY, "FILE", 0, "add the run to this history", 0},
	{"clock", 'c', "KIND", 0,
		"real or stepped (default: stepped for virtual devices, which alone support it, else real)",
		0},
	{"seed", 's', "N", 0, "seed of the start offsets and of the virtual devices (default: 1)",
		0},
	{"output", 'o', "DIR", 0,
		"folder of the run and of the page (default: a new one below reports/)", 0},
	{"within", OPTION_WITHIN, "TIME", 0,
		"refused here: a part of the cases cannot say whether to ship", 0},
	{0},
};

static void require(
	const char *value, const char *option, const char *what, const struct argp_state *state)
{
	if (value == NULL)
		argp_error(state, "missing option --%s %s", option, what);
}

static void parse_number(const char *value, const char *what, unsigned long most,
	unsigned long *number, const struct argp_state *state)
{
	char *end;

	*number = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || *end != '\0' || *number > most)
		argp_error(state, "invalid %s '%s' (use a number up to %lu)", what, value, most);
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct run_arguments *run = state->input;
	unsigned long number;

	if (firmware_arguments_take(run, key, value))
		return 0;
	switch (key) {
	case 'b':
		run->bench = value;
		break;
	case OPTION_BASELINE:
		run->baseline = value;
		break;
	case 'T':
		run->tier = value;
		break;
	case OPTION_REPEAT:
		parse_number(value, "repeat", RUN_REPEAT, &number, state);
		run->repeat = (int)number;
		break;
	case 'e':
		run->each = true;
		break;
	case 'd':
		if (run->device_count == BENCH_FILE_DEVICES)
			argp_error(state, "more than %d devices", BENCH_FILE_DEVICES);
		run->devices[run->device_count++] = value;
		break;
	case 'p':
		run->profile = value;
		break;
	case OPTION_WAIVERS:
		run->waivers = value;
		break;
	case OPTION_HISTORY:
		run->history = value;
		break;
	case 'c':
		if (strcmp(value, "real") != 0 && strcmp(value, "stepped") != 0)
			argp_error(state, "unknown clock '%s' (use real or stepped)", value);
		run->clock = value;
		break;
	case 's':
		parse_number(value, "seed", INT64_MAX, &number, state);
		run->seed = number;
		break;
	case 'o':
		run->output = value;
		break;
	case OPTION_WITHIN:
		argp_error(state,
			"--within is for 'wizhil run': a part of the cases cannot say whether to ship");
		break;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument '%s'", value);
		break;
	case ARGP_KEY_END:
		require(run->bench, "bench", "FILE", state);
		require(run->firmware, "firmware", "FILE", state);
		require(run->baseline, "baseline", "RUN", state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* What the run judged by. */
static int read_tolerances(
	const struct run_arguments *arguments, struct profile *tolerances, struct error *err)
{
	struct bench_file file;

	if (bench_file_read(arguments->bench, &file, err) != 0)
		return -1;
	const char *path =
		arguments->profile != NULL ? arguments->profile : file.devices[0].profile;
	const int failed = path == NULL ? 0 : profile_read(path, tolerances, err);
	bench_file_free(&file);
	return failed;
}

/* What was characterised of the firmware; cases that are spread over several devices show of none all.
 * Returns the name, or NULL: there is none, which decides nothing. */
static const char *save_profile(const struct run_arguments *arguments, const struct run *run)
{
	struct profile tolerances = profile_default();
	struct profile_counts counts = {0};
	struct error err = {0};
	char path[4096];

	snprintf(path, sizeof path, "%s/" PROFILE_NAME, arguments->output);
	if (run->device_count != 1)
		return NULL;
	if (read_tolerances(arguments, &tolerances, &err) != 0 ||
		profile_yaml_save(run, NULL, &tolerances, arguments->output, path, &counts, &err) !=
			0) {
		remark("no profile was written: %s", err.text);
		return NULL;
	}
	return PROFILE_NAME;
}

static void print(const struct qualification *qualification, const char *folder)
{
	fputc('\n', stdout);
	qualification_write_text(qualification, stdout, terminal_takes_colour(stdout));
	fputs("page      ", stdout);
	utf8_put_visible(stdout, folder);
	puts("/" REPORT_QUALIFICATION_HTML);
}

/* Returns the exit code.  ran: what the run came to, which no page can better. */
static enum exit_code conclude(
	const struct run_arguments *arguments, enum exit_code ran, struct error *err)
{
	enum exit_code code = ran == EXIT_CODE_PASS ? EXIT_CODE_BENCH : ran;
	struct run *run = run_read_with_baseline(arguments->output, err);
	struct qualification *qualification = NULL;

	if (run != NULL && run->changes != NULL)
		qualification = qualification_of(run);
	if (run != NULL && qualification == NULL)
		error_set(err, ERROR_MEMORY, "cannot say whether to ship: out of memory");
	if (qualification == NULL) {
		(void)complain(err);
		run_free(run);
		return code;
	}
	const char *profile = save_profile(arguments, run);
	if (report_write_qualification(arguments->output, qualification, profile, err) != 0 ||
		manifest_write(arguments->output, err) != 0)
		code = exit_code_first((enum exit_code)complain(err), qualification->code);
	else
		code = exit_code_first(
			qualification->code, ran == EXIT_CODE_NOT_RUN ? EXIT_CODE_BENCH : ran);
	print(qualification, arguments->output);
	if (fflush(stdout) != 0 || ferror(stdout))
		code = exit_code_first(code, EXIT_CODE_BENCH);
	qualification_free(qualification);
	run_free(run);
	return code;
}

int command_qualify(int argc, char **argv)
{
	static const struct argp parser = {options, parse, NULL,
		"Flashes a firmware, characterises it, runs every case, compares with the run of the firmware before, and says on one page whether to ship it and why.\v"
		"The page is qualification.html (and qualification.md) in the folder of the run, which has all that 'wizhil run' leaves, and profile.yaml, as 'wizhil characterize' writes it.\n\n"
		"SHIP: every case passed, no case is worse than in the baseline, and no timing model is another. "
		"DO NOT SHIP: a case fails that is not waived, or is worse than in the baseline. "
		"NOT KNOWN: a case is inconclusive, in error or was not run, also one that only the baseline has; the module does not report the version that was asked for; the bench is faulty. "
		"What the module does otherwise than before and no source defines is listed, and decides nothing.\n\n"
		"The run of the baseline is made with the same bench: wizhil run --bench RACK --tier long --output RUN.\n\n"
		"Ctrl-C finishes the evidence and the page; 'wizhil run --resume' continues the run.\n\n"
		"Exit codes: 0 ship, 1 do not ship, 2 usage, 99 not known, 130 interrupted.",
		NULL, NULL, NULL};
	struct run_arguments arguments = {.seed = 1,
		.tier = "long",
		.verbosity = VERBOSITY_USUAL,
		.max_reruns = RERUNS_OF_A_CAUSE};
	struct error err = {0};
	enum exit_code code = EXIT_CODE_PASS;
	char folder[2048];

	if (!command_parse(&parser, argc, argv, &arguments))
		return EXIT_CODE_PASS;
	arguments.argc = argc;
	arguments.argv = argv;
	if (arguments.output == NULL) {
		if (output_folder_choose("qualify", folder, sizeof folder, &err) != 0)
			return complain(&err);
		arguments.output = folder;
	}
	if (run_suite(&arguments, &code, &err) != 0)
		return complain(&err);
	return (int)conclude(&arguments, code, &err);
}
