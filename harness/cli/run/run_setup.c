/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/spawn.h"
#include "cli/command.h"
#include "cli/run/firmware_arguments.h"
#include "cli/run/test_run.h"
#include "cli/run/recorded.h"
#include "cli/run/resume.h"
#include "core/error.h"
#include "judge/profile.h"
#include "report/formats/run_database.h"
#include "report/model/run.h"
#include "report/model/waivers.h"

static int choose_clock(struct test_run *test_run, struct error *err)
{
	const char *word = test_run->arguments->clock;

	if (word == NULL)
		test_run->options.clock = test_run->file.is_virtual && !test_run->file.clock_is_real
						  ? CLOCK_KIND_STEPPED
						  : CLOCK_KIND_REAL;
	else
		test_run->options.clock =
			strcmp(word, "stepped") == 0 ? CLOCK_KIND_STEPPED : CLOCK_KIND_REAL;
	if (test_run->options.clock == CLOCK_KIND_STEPPED && !test_run->file.is_virtual)
		return error_set(err, ERROR_USAGE,
			"bench '%s' has real devices, which cannot use the stepped clock (try: --clock real)",
			test_run->file.bench);
	return 0;
}

/* A profile that cannot be read would be found out by each case's worker, one after the other. */
static int choose_profile(struct test_run *test_run, struct error *err)
{
	const struct run_arguments *arguments = test_run->arguments;
	const char *path =
		arguments->profile != NULL ? arguments->profile : test_run->file.devices[0].profile;
	struct profile profile;

	/* A recorded run is judged by its own; with --each by that of each device of the bench. */
	const bool of_recorded =
		test_run->recorded != NULL && arguments->profile == NULL && !arguments->each;
	if (of_recorded)
		path = strcmp(test_run->recorded->profile, "default") == 0
			       ? NULL
			       : test_run->recorded->profile;

	snprintf(test_run->profile, sizeof test_run->profile, "%s", path == NULL ? "" : path);
	test_run->options.option_cid_hex = arguments->option_cid_hex;
	if (path == NULL)
		return 0;
	if (profile_read(path, &profile, err) != 0)
		return of_recorded
			       ? error_context(err,
					 "the profile that the run was judged by (try: --profile FILE)")
			       : -1;
	test_run->options.cids = profile.cids;
	const char *pin = profile_pin(&profile, FACT_option_cid);
	test_run->options.option_cid_hex |= pin != NULL && strcmp(pin, "hex") == 0;
	return 0;
}

static int list_cases(struct test_run *test_run, const json_t *selected, struct error *err)
{
	size_t index;
	json_t *entry;

	size_t count = json_array_size(selected);
	size_t devices = test_run->arguments->each ? test_run->file.device_count : 1;
	test_run->selected = count * devices;
	test_run->cases = calloc(test_run->selected, sizeof *test_run->cases);
	if (test_run->cases == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	json_array_foreach(selected, index, entry)
	{
		struct listed_case *listed = &test_run->cases[index];
		snprintf(listed->name, sizeof listed->name, "%s",
			json_string_value(json_object_get(entry, "name")));
		listed->repetitions_done = resume_done(test_run, listed->name);
		listed->expected_ns =
			(int64_t)(json_number_value(json_object_get(entry, "expected_s")) * 1e9);
		listed->cids = (int)json_integer_value(json_object_get(entry, "cids"));
	}
	/* The same again for the other devices, device by device. */
	for (size_t i = 0; test_run->arguments->each && i < test_run->selected; i++) {
		test_run->cases[i] = test_run->cases[i % count];
		snprintf(test_run->cases[i].device, sizeof test_run->cases[i].device, "%s",
			test_run->file.devices[i / count].name);
	}
	return 0;
}

/* Their globs are held against every case there is, so that one with a slip of the pen is seen. */
static int choose_waivers(struct test_run *test_run, const json_t *selected, struct error *err)
{
	if (test_run->arguments->waivers == NULL)
		return 0;
	json_t *all = read_case_list(err);
	if (all == NULL)
		return -1;
	json_array_extend(all, (json_t *)(uintptr_t)selected);
	json_array_append_new(all, json_pack("{s:s}", "name", "run/one-timing-model"));
	test_run->waivers = waivers_read(test_run->arguments->waivers, all, err);
	json_decref(all);
	return test_run->waivers == NULL ? -1 : 0;
}

static void forward_watched(void *context, const struct watched *what)
{
	const struct test_run *test_run = context;

	streams_watch(test_run->streams, what);
	trace_watched(test_run->arguments->trace, what, stderr);
}

/* Which device a case comes to is not known before: they must be judged alike. */
static int check_profiles(const struct test_run *test_run, struct error *err)
{
	for (size_t i = 1; i < test_run->file.device_count; i++) {
		const char *first = test_run->file.devices[0].profile,
			   *this = test_run->file.devices[i].profile;
		if (test_run->arguments->each || test_run->arguments->profile != NULL ||
			strcmp(first == NULL ? "" : first, this == NULL ? "" : this) == 0)
			continue;
		return error_set(err, ERROR_USAGE,
			"devices '%s' and '%s' have different profiles, so the cases cannot be distributed over them (try: --each, or --profile FILE)",
			test_run->file.devices[0].name, test_run->file.devices[i].name);
	}
	return 0;
}

/* The harness understands nothing of what it hands on to them: they say what is wrong. */
static int check_virtual_devices(struct test_run *test_run, struct error *err)
{
	static const uint8_t mac[6] = {0x02};

	if (sibling_program("virtual-wizfi210", test_run->virtual_program,
		    sizeof test_run->virtual_program, err) != 0)
		return -1;
	for (size_t i = 0; i < test_run->file.device_count; i++) {
		const struct spawn_request request = {.program = test_run->virtual_program,
			.entry = &test_run->file.devices[i],
			.mac = mac,
			.sets = test_run->arguments->sets,
			.set_count = test_run->arguments->set_count,
			.stepped = test_run->options.clock == CLOCK_KIND_STEPPED,
			.seed = test_run->arguments->seed};
		if (spawn_check(&request, err) != 0)
			return -1;
	}
	return 0;
}

/* With --each it is the same on each device, but that they have the spare addresses in common. */
static struct estimated_bench estimated_bench(const struct test_run *test_run)
{
	const int devices = (int)test_run->file.device_count,
		  spares = (int)test_run->file.peer.spare_count;

	if (!test_run->arguments->each)
		return (struct estimated_bench){.devices = devices,
			.spares = spares,
			.limited_ap = test_run->file.is_limited_ap};
	return (struct estimated_bench){.devices = 1,
		.spares = spares == 0 ? 0 : (spares + devices - 1) / devices,
		.limited_ap = test_run->file.is_limited_ap};
}

static int choose_cases(
	struct test_run *test_run, json_t **selected, json_t **left_out, struct error *err)
{
	if (test_run->missing == NULL)
		return select_cases(test_run->arguments, test_run->options.clock == CLOCK_KIND_REAL,
			estimated_bench(test_run), selected, left_out, &test_run->shard,
			&test_run->unseen, err);
	*selected = json_incref(test_run->missing);
	*left_out = json_array();
	return 0;
}

static void fill_options(struct test_run *test_run)
{
	const struct run_arguments *arguments = test_run->arguments;

	test_run->options.file = &test_run->file;
	test_run->options.virtual_program = test_run->virtual_program;
	test_run->options.sets = arguments->sets;
	test_run->options.set_count = arguments->set_count;
	test_run->options.macs = test_run->macs;
	test_run->options.mac_count = test_run->mac_count;
	test_run->options.seed = arguments->seed;
	test_run->options.firmware = test_run->firmware[0] == '\0' ? NULL : test_run->firmware;
	test_run->options.asks_for_firmware =
		arguments->firmware != NULL || arguments->firmware_was_flashed;
	test_run->options.firmware_version = arguments->firmware_version;
	test_run->options.repeat = test_run->repeat;
	test_run->options.max_reruns = arguments->max_reruns;
	test_run->options.cases = test_run->cases;
	test_run->options.case_count = test_run->selected;
	test_run->options.record = run_record;
	test_run->options.context = test_run;
}

static int open_streams(struct test_run *test_run, struct error *err)
{
	const struct run_arguments *arguments = test_run->arguments;
	const struct streams_wanted wanted = {.tap = arguments->tap,
		.events = arguments->events,
		.verbosity = arguments->verbosity,
		.resumed = test_run->missing != NULL,
		.long_run = test_run->options.clock == CLOCK_KIND_REAL && arguments->judge == NULL,
		.run = {.cases = arguments->judge == NULL && arguments->trace == 0
					 ? test_run->case_list
					 : NULL,
			.repeat = test_run->repeat,
			.devices = (int)test_run->file.device_count,
			.bench = estimated_bench(test_run),
			.each = arguments->each,
			.stepped = test_run->options.clock != CLOCK_KIND_REAL}};
	test_run->streams = streams_open(test_run->folder, &wanted, err);
	if (test_run->streams == NULL)
		return -1;
	if (streams_descriptor(test_run->streams) >= 0 || arguments->trace != 0)
		test_run->options.tell = forward_watched;
	if ((arguments->trace & TRACE_UART) != 0)
		test_run->options.uart_trace = stderr;
	return 0;
}

int run_set_up(struct test_run *test_run, struct error *err)
{
	const struct run_arguments *arguments = test_run->arguments;
	json_t *selected = NULL, *left_out = NULL;

	if (bench_file_read(arguments->bench, &test_run->file, err) != 0 ||
		(arguments->device_count > 0 &&
			bench_file_choose(&test_run->file, arguments->devices,
				arguments->device_count, err) != 0) ||
		firmware_arguments_check(arguments, &test_run->file, test_run->firmware,
			sizeof test_run->firmware, err) != 0 ||
		check_profiles(test_run, err) != 0)
		return -1;
	test_run->repeat = arguments->repeat == 0 ? 1 : arguments->repeat;
	if (recorded_take(test_run, err) != 0 || choose_profile(test_run, err) != 0)
		return -1;
	if (arguments->judge == NULL && !arguments->dry_run &&
		bench_file_check_secrets(&test_run->file, err) != 0)
		return -1;
	if (choose_clock(test_run, err) != 0 ||
		choose_cases(test_run, &selected, &left_out, err) != 0)
		return -1;
	if (arguments->dry_run) {
		int printed = print_dry_run(selected, left_out, test_run->shard, test_run->unseen,
			test_run->repeat, arguments->max_reruns, estimated_bench(test_run), err);
		json_decref(selected);
		json_decref(left_out);
		return printed;
	}
	if (list_cases(test_run, selected, err) != 0 || recorded_list(test_run, err) != 0 ||
		choose_waivers(test_run, selected, err) != 0 ||
		sibling_program("wizhil-cases", test_run->cases_program,
			sizeof test_run->cases_program, err) != 0)
		return -1;
	if (arguments->set_count > 0 && !test_run->file.is_virtual)
		return error_set(err, ERROR_USAGE,
			"bench '%s' has real devices, which do not support --set and --fault",
			test_run->file.bench);
	if (test_run->file.is_virtual && arguments->judge == NULL &&
		check_virtual_devices(test_run, err) != 0)
		return -1;
	if (arguments->history != NULL && run_database_check(arguments->history, err) != 0)
		return -1;
	fill_options(test_run);
	test_run->case_list = selected;
	int failed = run_begin_folder(test_run, left_out, err);
	json_decref(left_out);
	return failed != 0 || recorded_pass_on(test_run, err) != 0 ||
			       run_listen(test_run, err) != 0 || open_streams(test_run, err) != 0
		       ? -1
		       : 0;
}
