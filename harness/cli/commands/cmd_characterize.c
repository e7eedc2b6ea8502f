/* SPDX-License-Identifier: MIT */
#include <argp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench_file.h"
#include "cli/command.h"
#include "cli/output_folder.h"
#include "cli/run/run_command.h"
#include "core/data_file.h"
#include "core/error.h"
#include "core/exit_code.h"
#include "core/utf8.h"
#include "report/formats/profile_yaml.h"
#include "report/model/attempt.h"

static const struct argp_option options[] = {
	{"bench", 'b', "FILE", 0, "bench file (default: fixtures/benches/virtual.yaml)", 0},
	{"device", 'd', "NAME", 0, "device of the bench (required if it has several)", 0},
	{"output", 'o', "FILE", 0,
		"profile to write; must not exist (default: profile.yaml in the run's folder)", 0},
	{"folder", 'F', "DIR", 0, "folder of the run (default: a new one below reports/)", 0},
	{"clock", 'c', "KIND", 0,
		"real or stepped (default: stepped for virtual devices, which alone support it, else real)",
		0},
	{"profile", 'p', "FILE", 0,
		"take the tolerances from this profile (default: the bench file's)", 0},
	{"seed", 's', "N", 0, "seed of the start offsets and of the virtual devices (default: 1)",
		0},
	{"long", 'l', NULL, 0, "also run the cases that take more than two hours on the real clock",
		0},
	{"from", 'r', "RUN", 0,
		"write the profile from the recorded run in this folder, without hardware", 0},
	{0},
};

struct arguments {
	struct run_arguments run;
	const char *output, *from;
	char folder[2048], again[2100]; /* of the run, and of a second one */
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct arguments *arguments = state->input;
	char *end;

	switch (key) {
	case 'b':
		arguments->run.bench = value;
		break;
	case 'd':
		if (arguments->run.device_count == 1)
			argp_error(state, "more than one --device, but a profile describes one");
		arguments->run.devices[arguments->run.device_count++] = value;
		break;
	case 'o':
		arguments->output = value;
		break;
	case 'F':
		arguments->run.output = value;
		break;
	case 'c':
		if (strcmp(value, "real") != 0 && strcmp(value, "stepped") != 0)
			argp_error(state, "unknown clock '%s' (use real or stepped)", value);
		arguments->run.clock = value;
		break;
	case 'p':
		arguments->run.profile = value;
		break;
	case 's':
		arguments->run.seed = strtoull(value, &end, 10);
		if (*value == '\0' || *end != '\0')
			argp_error(state, "invalid seed '%s' (use a number of 0 or more)", value);
		break;
	case 'l':
		arguments->run.tier = "long";
		break;
	case 'r':
		arguments->from = value;
		break;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument '%s'", value);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* Which device, and the profile to take tolerances from. */
static int read_bench(
	const struct arguments *arguments, struct profile *tolerances, struct error *err)
{
	struct bench_file file;
	int failed = 0;

	if (bench_file_read(arguments->run.bench, &file, err) != 0)
		return -1;
	if (arguments->run.device_count > 0)
		failed = bench_file_choose(&file, arguments->run.devices, 1, err);
	else if (file.device_count > 1)
		failed = error_set(err, ERROR_USAGE,
			"bench '%s' has %zu devices, but a profile describes one (try: --device %s)",
			file.bench, file.device_count, file.devices[0].name);
	const char *profile =
		arguments->run.profile != NULL ? arguments->run.profile : file.devices[0].profile;
	if (failed == 0 && profile != NULL)
		failed = profile_read(profile, tolerances, err);
	bench_file_free(&file);
	return failed;
}

/* The cases that find something out; their names are the list's. */
static int choose_cases(struct run_arguments *run, const json_t *list, struct error *err)
{
	size_t index;
	json_t *entry;

	json_array_foreach(list, index, entry)
	{
		const char *name = json_string_value(json_object_get(entry, "name"));
		if (json_array_size(json_object_get(entry, "facts")) == 0)
			continue;
		if (run->filter.globs.count == FILTER_WORDS)
			return error_set(err, ERROR_BENCH, "more than %d cases", FILTER_WORDS);
		run->filter.globs.words[run->filter.globs.count++] = (char *)(uintptr_t)name;
	}
	return 0;
}

/* As a run's, but a firmware that fails a case is characterised all the same, and what is not known
 * in one case may be known by another. */
static enum exit_code exit_code_of(const struct run *run, const struct profile_counts *counts)
{
	if (run->interrupted)
		return EXIT_CODE_INTERRUPTED;
	if (run->fault_is_usage)
		return EXIT_CODE_USAGE;
	if (run->fault_count > 0 || run_count(run, OUTCOME_ERROR) > 0 || counts->unknown > 0)
		return EXIT_CODE_BENCH;
	return EXIT_CODE_PASS;
}

static bool shows(const json_t *entry, const char *fact)
{
	size_t index;
	json_t *shown;

	json_array_foreach(json_object_get(entry, "facts"), index, shown)
	{
		if (strcmp(json_string_value(shown), fact) == 0)
			return true;
	}
	return false;
}

/* Does one of the cases that the run has show the fact? */
static bool is_shown(const struct run *run, const json_t *list, const char *fact)
{
	size_t index;
	json_t *entry;

	json_array_foreach(list, index, entry)
	{
		const char *name = json_string_value(json_object_get(entry, "name"));
		for (size_t i = 0; i < run->case_count && shows(entry, fact); i++)
			if (run->cases[i].not_run == NULL &&
				run_case_is(&run->cases[i], name, NULL))
				return true;
	}
	return false;
}

/* A fact that only the cases of --long show is unknown without them, whatever the module does. */
static void tell_what_takes_long(const struct run *run)
{
	struct error err = {0};
	json_t *list = read_case_list(&err);
	json_t *told = json_object();
	size_t index, place;
	json_t *entry, *fact;

	json_array_foreach(list, index, entry)
	{
		if (strcmp(json_string_value(json_object_get(entry, "tier")), "long") != 0)
			continue;
		json_array_foreach(json_object_get(entry, "facts"), place, fact)
		{
			const char *name = json_string_value(fact);
			if (is_shown(run, list, name) || json_object_get(told, name) != NULL)
				continue;
			json_object_set_new(told, name, json_true());
			printf("'%s' is unknown: the cases that show it take more than two hours (try: --long)\n",
				name);
		}
	}
	json_decref(told);
	json_decref(list);
}

/* Writes the profile and says so.  Returns the exit code. */
static int tell(const struct arguments *arguments, const struct profile *tolerances,
	const char *folder, struct error *err)
{
	char path[4096];
	struct profile_counts counts = {0};
	struct run *run = run_read(folder, err);

	if (run == NULL)
		return complain(err);
	if (arguments->output != NULL)
		snprintf(path, sizeof path, "%s", arguments->output);
	else
		snprintf(path, sizeof path, "%s/profile.yaml", folder);
	int failed = profile_yaml_save(
		run, arguments->run.devices[0], tolerances, folder, path, &counts, err);
	enum exit_code code = failed == 0	 ? exit_code_of(run, &counts)
			      : run->interrupted ? EXIT_CODE_INTERRUPTED
						 : error_exit_code(err);
	if (failed != 0) {
		run_free(run);
		(void)complain(err);
		return (int)code;
	}
	int unknown = counts.unknown + counts.unmeasured;
	fputs("profile '", stdout);
	utf8_put_visible(stdout, path);
	printf("': %d pinned, %d measured, %d unknown%s\n", counts.pinned, counts.measured, unknown,
		unknown > 0 ? " (reasons: see the end of the profile)" : "");
	if (unknown > 0)
		tell_what_takes_long(run);
	run_free(run);
	return (int)code;
}

/* Does the module read the CIDs of options in hex, and were they told in decimal?  Then options of
 * the CIDs from 10 on did not arrive. */
static bool must_speak_hex(const struct run_arguments *arguments, const struct error *err)
{
	struct error trouble = *err;
	struct run *run = run_read(arguments->output, &trouble);
	bool hex = false;

	for (size_t i = 0; run != NULL && i < run->case_count; i++) {
		const struct attempt *first = run->cases[i].first;
		for (size_t k = 0; first != NULL && k < first->verdict.fact_count; k++)
			hex |= first->verdict.facts[k].id == FACT_option_cid &&
			       strcmp(first->verdict.facts[k].text, "hex") == 0;
	}
	for (size_t i = 0; run != NULL && i < run->device_count; i++)
		hex &= !run->devices[i].option_cid_hex;
	bool interrupted = run != NULL && run->interrupted;
	run_free(run);
	return hex && !interrupted && !arguments->option_cid_hex;
}

static int run_cases(struct arguments *arguments, struct error *err)
{
	struct run_arguments *run = &arguments->run;
	enum exit_code code = EXIT_CODE_PASS;

	if (run_suite(run, &code, err) != 0)
		return -1;
	if (!must_speak_hex(run, err))
		return 0;
	printf("the module reads the CID of AT+SETSOCKOPT as hex: running the cases again with hex CIDs\n");
	snprintf(arguments->again, sizeof arguments->again, "%s-hex", run->output);
	run->output = arguments->again;
	run->option_cid_hex = true;
	return run_suite(run, &code, err);
}

static int run_and_tell(
	struct arguments *arguments, const struct profile *tolerances, struct error *err)
{
	json_t *list = read_case_list(err);

	if (list == NULL)
		return complain(err);
	int failed = choose_cases(&arguments->run, list, err);
	if (failed == 0 && arguments->run.output == NULL) {
		failed = output_folder_choose(
			"characterize", arguments->folder, sizeof arguments->folder, err);
		arguments->run.output = arguments->folder;
	}
	if (failed == 0)
		failed = run_cases(arguments, err);
	json_decref(list);
	return failed != 0 ? complain(err)
			   : tell(arguments, tolerances, arguments->run.output, err);
}

int command_characterize(int argc, char **argv)
{
	static const struct argp parser = {options, parse, NULL,
		"Measures undocumented behaviour of a module and writes it as a device profile, against which 'wizhil run --profile FILE' judges other firmware.\v"
		"Runs the cases that record a fact: the timing model, the notices, the error responses, how CIDs are assigned and parsed, the effect of wrong answers and of ICMP, the latency of options, and the accuracy of the clock. "
		"Each is pinned, or written as a value with its uncertainty, with the timeline that shows it. What the evidence does not show is left out of the profile, and a comment at its end says why.\n\n"
		"Tolerances are taken from the profile of the bench file, or the default profile; no measurement widens a window.\n\n"
		"Exit codes: 0 every fact is known, 2 usage, 99 a fact is unknown or the bench is faulty, 130 interrupted. In each case the profile is written with the facts that are known.",
		NULL, NULL, NULL};
	struct arguments arguments = {.run = {.seed = 1, .argc = argc, .argv = argv}};
	struct profile tolerances = profile_default();
	char default_bench[4096];
	struct error err = {0};

	if (!command_parse(&parser, argc, argv, &arguments))
		return EXIT_CODE_PASS;
	if (arguments.output != NULL && access(arguments.output, F_OK) == 0) {
		error_set(&err, ERROR_USAGE, "'%s' already exists (a profile is never overwritten)",
			arguments.output);
		return complain(&err);
	}
	if (arguments.from != NULL) {
		if (arguments.run.profile != NULL &&
			profile_read(arguments.run.profile, &tolerances, &err) != 0)
			return complain(&err);
		return tell(&arguments, &tolerances, arguments.from, &err);
	}
	if (arguments.run.bench == NULL) {
		if (data_file(DEFAULT_BENCH, default_bench, sizeof default_bench, &err) != 0)
			return complain(&err);
		arguments.run.bench = default_bench;
	}
	if (read_bench(&arguments, &tolerances, &err) != 0)
		return complain(&err);
	return run_and_tell(&arguments, &tolerances, &err);
}
