/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/spawn.h"
#include "cli/command.h"
#include "cli/run/orchestra_parts.h"
#include "cli/run/resume.h"
#include "core/error.h"
#include "judge/profile.h"
#include "report/model/run.h"
#include "report/model/waivers.h"

static int choose_clock(struct orchestra *o, struct error *err)
{
	const char *word = o->arguments->clock;

	if (word == NULL)
		o->options.clock = o->file.is_virtual && !o->file.clock_is_real ? CLOCK_KIND_STEPPED
										: CLOCK_KIND_REAL;
	else
		o->options.clock =
			strcmp(word, "stepped") == 0 ? CLOCK_KIND_STEPPED : CLOCK_KIND_REAL;
	if (o->options.clock == CLOCK_KIND_STEPPED && !o->file.is_virtual)
		return error_set(err, ERROR_USAGE,
			"the stepped clock is for virtual devices; the bench '%s' has real ones",
			o->file.bench);
	return 0;
}

/* A profile that cannot be read would be found out by each case's worker, one after the other. */
static int choose_profile(struct orchestra *o, struct error *err)
{
	const char *path =
		o->arguments->profile != NULL ? o->arguments->profile : o->file.devices[0].profile;
	struct profile profile;

	snprintf(o->profile, sizeof o->profile, "%s", path == NULL ? "" : path);
	o->options.option_cid_hex = o->arguments->option_cid_hex;
	if (path == NULL)
		return 0;
	if (profile_read(path, &profile, err) != 0)
		return -1;
	const char *pin = profile_pin(&profile, FACT_option_cid);
	o->options.option_cid_hex |= pin != NULL && strcmp(pin, "hex") == 0;
	return 0;
}

static int list_cases(struct orchestra *o, const json_t *selected, struct error *err)
{
	size_t index;
	json_t *entry;

	size_t count = json_array_size(selected);
	size_t devices = o->arguments->each ? o->file.device_count : 1;
	o->selected = count * devices;
	o->cases = calloc(o->selected, sizeof *o->cases);
	if (o->cases == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	json_array_foreach(selected, index, entry)
	{
		struct listed_case *listed = &o->cases[index];
		snprintf(listed->name, sizeof listed->name, "%s",
			json_string_value(json_object_get(entry, "name")));
		listed->repetitions_done = resume_done(o, listed->name);
		listed->expected_ns =
			(int64_t)(json_number_value(json_object_get(entry, "expected_s")) * 1e9);
		listed->exclusive = json_is_true(json_object_get(entry, "exclusive"));
	}
	/* The same again for the other devices, device by device. */
	for (size_t i = 0; o->arguments->each && i < o->selected; i++) {
		o->cases[i] = o->cases[i % count];
		snprintf(o->cases[i].device, sizeof o->cases[i].device, "%s",
			o->file.devices[i / count].name);
	}
	return 0;
}

/* A recorded run is judged as often as it was driven. */
static int choose_repeat(struct orchestra *o, struct error *err)
{
	const struct run_arguments *arguments = o->arguments;

	o->repeat = arguments->repeat == 0 ? 1 : arguments->repeat;
	if (arguments->judge == NULL)
		return 0;
	struct run *recorded = run_read(arguments->judge, err);
	if (recorded == NULL)
		return -1;
	if (arguments->repeat == 0)
		o->repeat = recorded->repeat;
	bool enough = o->repeat <= recorded->repeat;
	run_free(recorded);
	return enough ? 0
		      : error_set(err, ERROR_USAGE,
				"'%s' was recorded with fewer repetitions than %d",
				arguments->judge, o->repeat);
}

/* Their globs are held against every case there is, so that one with a slip of the pen is seen. */
static int choose_waivers(struct orchestra *o, const json_t *selected, struct error *err)
{
	if (o->arguments->waivers == NULL)
		return 0;
	json_t *all = read_case_list(err);
	if (all == NULL)
		return -1;
	json_array_extend(all, (json_t *)(uintptr_t)selected);
	json_array_append_new(all, json_pack("{s:s}", "name", "run/one-timing-model"));
	o->waivers = waivers_read(o->arguments->waivers, all, err);
	json_decref(all);
	return o->waivers == NULL ? -1 : 0;
}

static void tell_of(void *context, const struct watched *what)
{
	const struct orchestra *o = context;

	streams_watch(o->streams, what);
	trace_watched(o->arguments->trace, what, stderr);
}

/* Which device a case comes to is not known before: they must be judged alike. */
static int check_profiles(const struct orchestra *o, struct error *err)
{
	for (size_t i = 1; i < o->file.device_count; i++) {
		const char *first = o->file.devices[0].profile, *this = o->file.devices[i].profile;
		if (o->arguments->each || o->arguments->profile != NULL ||
			strcmp(first == NULL ? "" : first, this == NULL ? "" : this) == 0)
			continue;
		return error_set(err, ERROR_USAGE,
			"devices '%s' and '%s' have different profiles, so that cases cannot be "
			"spread over them (try: --each, or --profile FILE)",
			o->file.devices[0].name, o->file.devices[i].name);
	}
	return 0;
}

/* The harness understands nothing of what it hands on to them: they say what is wrong. */
static int check_virtual_devices(struct orchestra *o, struct error *err)
{
	static const uint8_t mac[6] = {0x02};

	if (sibling_program(
		    "virtual-wizfi210", o->virtual_program, sizeof o->virtual_program, err) != 0)
		return -1;
	for (size_t i = 0; i < o->file.device_count; i++) {
		const struct spawn_request request = {.program = o->virtual_program,
			.entry = &o->file.devices[i],
			.mac = mac,
			.sets = o->arguments->sets,
			.set_count = o->arguments->set_count,
			.stepped = o->options.clock == CLOCK_KIND_STEPPED,
			.seed = o->arguments->seed};
		if (spawn_check(&request, err) != 0)
			return -1;
	}
	return 0;
}

static int choose_cases(
	struct orchestra *o, json_t **selected, json_t **left_out, struct error *err)
{
	if (o->missing == NULL)
		return select_cases(
			o->arguments, o->options.clock == CLOCK_KIND_REAL, selected, left_out, err);
	*selected = json_incref(o->missing);
	*left_out = json_array();
	return 0;
}

static void fill_options(struct orchestra *o)
{
	const struct run_arguments *arguments = o->arguments;

	o->options.file = &o->file;
	o->options.virtual_program = o->virtual_program;
	o->options.sets = arguments->sets;
	o->options.set_count = arguments->set_count;
	o->options.seed = arguments->seed;
	o->options.repeat = o->repeat;
	o->options.rerun_alone = !arguments->no_rerun;
	o->options.recorded = arguments->judge;
	o->options.cases = o->cases;
	o->options.case_count = o->selected;
	o->options.record = orchestra_record;
	o->options.context = o;
}

static int open_streams(struct orchestra *o, struct error *err)
{
	const struct run_arguments *arguments = o->arguments;
	const struct streams_wanted wanted = {.tap = arguments->tap,
		.events = arguments->events,
		.told = arguments->told,
		.resumed = o->missing != NULL,
		.long_run = o->options.clock == CLOCK_KIND_REAL && arguments->judge == NULL,
		.run = {.cases = arguments->judge == NULL && arguments->trace == 0 ? o->case_list
										   : NULL,
			.repeat = o->repeat,
			.devices = (int)o->file.device_count,
			.each = arguments->each,
			.stepped = o->options.clock != CLOCK_KIND_REAL}};
	o->streams = streams_open(o->folder, &wanted, err);
	if (o->streams == NULL)
		return -1;
	if (streams_descriptor(o->streams) >= 0 || arguments->trace != 0)
		o->options.tell = tell_of;
	if ((arguments->trace & TRACE_UART) != 0)
		o->options.uart_trace = stderr;
	return 0;
}

int orchestra_set_up(struct orchestra *o, struct error *err)
{
	const struct run_arguments *arguments = o->arguments;
	json_t *selected = NULL, *left_out = NULL;

	if (bench_file_read(arguments->bench, &o->file, err) != 0 ||
		(arguments->device != NULL &&
			bench_file_choose(&o->file, arguments->device, err) != 0) ||
		check_profiles(o, err) != 0 || choose_profile(o, err) != 0)
		return -1;
	if (arguments->judge == NULL && !arguments->dry_run &&
		bench_file_check_secrets(&o->file, err) != 0)
		return -1;
	if (choose_clock(o, err) != 0 || choose_repeat(o, err) != 0 ||
		choose_cases(o, &selected, &left_out, err) != 0)
		return -1;
	if (arguments->dry_run) {
		int printed = print_dry_run(selected, left_out, o->repeat,
			arguments->each ? 1 : (int)o->file.device_count, err);
		json_decref(selected);
		json_decref(left_out);
		return printed;
	}
	if (list_cases(o, selected, err) != 0 || choose_waivers(o, selected, err) != 0 ||
		sibling_program("wizhil-cases", o->cases_program, sizeof o->cases_program, err) !=
			0)
		return -1;
	if (arguments->set_count > 0 && !o->file.is_virtual)
		return error_set(err, ERROR_USAGE,
			"--set is for virtual devices; the bench '%s' has real ones",
			o->file.bench);
	if (o->file.is_virtual && arguments->judge == NULL && check_virtual_devices(o, err) != 0)
		return -1;
	fill_options(o);
	o->case_list = selected;
	int failed = orchestra_begin_folder(o, left_out, err);
	json_decref(left_out);
	return failed != 0 || orchestra_listen(o, err) != 0 || open_streams(o, err) != 0 ? -1 : 0;
}
