/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/command.h"
#include "cli/orchestra_parts.h"
#include "cli/resume.h"
#include "cli/scenario_arguments.h"
#include "core/file_copy.h"
#include "core/json_text.h"
#include "judge/profile.h"
#include "report/run.h"
#include "report/waivers.h"

#ifndef WIZHIL_VERSION
#define WIZHIL_VERSION "0"
#endif

/* ---- what is to be run ---- */

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

/* ---- where it is written ---- */

/* Nothing to be made where a run goes on. */
static int make_folder(struct orchestra *o, struct error *err)
{
	char stamp[32];
	struct tm utc;

	if (o->missing != NULL)
		return 0;
	if (o->arguments->output != NULL) {
		snprintf(o->folder, sizeof o->folder, "%s", o->arguments->output);
		if (mkdir(o->folder, 0700) == 0)
			return 0;
		if (errno == EEXIST)
			return error_set(err, ERROR_USAGE,
				"output folder '%s' is there already (a run never overwrites one)",
				o->folder);
		return error_errno(err, ERROR_USAGE, "cannot make output folder '%s'", o->folder);
	}
	if (mkdir("reports", 0777) != 0 && errno != EEXIST)
		return error_errno(err, ERROR_USAGE, "cannot make folder 'reports' here");
	gmtime_r(&o->started.tv_sec, &utc);
	strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &utc);
	for (int i = 1; i < 1000; i++) {
		if (i == 1)
			snprintf(o->folder, sizeof o->folder, "reports/%s", stamp);
		else
			snprintf(o->folder, sizeof o->folder, "reports/%s-%d", stamp, i);
		if (mkdir(o->folder, 0700) == 0)
			return 0;
		if (errno != EEXIST)
			break;
	}
	return error_errno(err, ERROR_USAGE, "cannot make a folder below 'reports'");
}

int orchestra_record(void *context, json_t *event, bool force, struct error *err)
{
	struct orchestra *o = context;
	struct error trouble = {0};

	/* The bench's own events: in its process there is no bench to wait for. */
	if (o->arguments->trace != 0 && o->bench == 0)
		trace_journal(o->arguments->trace, event, stderr);
	if (journal_append(o->journal, event, force, &trouble) == 0)
		return 0;
	if (o->trouble.kind == ERROR_NONE)
		o->trouble = trouble;
	if (err != NULL)
		*err = trouble;
	return -1;
}

/* Cases that were left out are cases of the run, which did not run; each repetition of them. */
static int record_left_out(struct orchestra *o, const json_t *left_out, struct error *err)
{
	static const char reason[] =
		"it is long, and long cases have to be asked for (--tier long)";
	size_t index;
	json_t *entry;

	json_array_foreach(left_out, index, entry)
	{
		size_t devices = o->arguments->each ? o->file.device_count : 1;
		for (size_t i = 0; i < (size_t)o->repeat * devices; i++) {
			json_t *event = json_pack("{s:s, s:O, s:s}", "event", "not_run", "case",
				json_object_get(entry, "name"), "reason", reason);
			if (o->repeat > 1)
				json_object_set_new(event, "repetition",
					json_integer((json_int_t)(i / devices) + 1));
			if (o->arguments->each)
				json_object_set_new(event, "device",
					json_string(o->file.devices[i % devices].name));
			if (orchestra_record(o, event, false, err) != 0)
				return -1;
		}
	}
	return 0;
}

static json_t *device_names(const struct orchestra *o)
{
	json_t *names = json_array();

	for (size_t i = 0; i < o->file.device_count; i++)
		json_array_append_new(names, json_string(o->file.devices[i].name));
	return names;
}

static int record_run(struct orchestra *o, json_t *selected, json_t *left_out, struct error *err)
{
	char started[32];
	struct tm utc;
	json_t *words = json_array();
	json_t *cases = json_copy(selected);

	gmtime_r(&o->started.tv_sec, &utc);
	strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", &utc);
	for (int i = 0; i < o->arguments->argc; i++)
		json_array_append_new(words, json_text(o->arguments->argv[i]));
	json_array_extend(cases, left_out);
	json_t *event = json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:I, s:s, s:o, s:b, s:o}",
		"event", "run", "version", WIZHIL_VERSION, "argv", words, "bench",
		json_text(o->file.bench), "bench_file", json_text(o->arguments->bench), "clock",
		o->options.clock == CLOCK_KIND_STEPPED ? "stepped" : "real", "seed",
		(json_int_t)o->arguments->seed, "started", started, "profile",
		json_text(o->profile[0] == '\0' ? "default" : o->profile), "require_all",
		o->arguments->require_all, "cases", cases);
	json_t *sets = json_array();
	for (size_t i = 0; i < o->arguments->set_count; i++)
		json_array_append_new(sets, json_text(o->arguments->sets[i]));
	json_object_set_new(event, "sets", sets);
	if (o->repeat > 1)
		json_object_set_new(event, "repeat", json_integer(o->repeat));
	if (o->arguments->each)
		json_object_set_new(event, "each", device_names(o));
	if (o->waivers != NULL)
		json_object_set(event, "waivers", o->waivers);
	if (resume_keep_settings(o, event, err) != 0) {
		json_decref(event);
		return -1;
	}
	int failed = orchestra_record(o, event, true, err);
	return failed != 0 ? -1 : record_left_out(o, left_out, err);
}

static int write_selection(struct orchestra *o, struct error *err)
{
	snprintf(o->selection, sizeof o->selection, "%s/selected.txt", o->folder);
	FILE *file = fopen(o->selection, "we");
	if (file == NULL)
		return error_errno(err, ERROR_BENCH, "cannot write '%s'", o->selection);
	size_t devices = o->arguments->each ? o->file.device_count : 1;
	for (size_t i = 0; i < o->selected / devices; i++)
		fprintf(file, "%s\n", o->cases[i].name);
	if (fclose(file) != 0)
		return error_errno(err, ERROR_BENCH, "cannot write '%s'", o->selection);
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

/* It must be there before anything is made. */
static int find_baseline(struct orchestra *o, struct error *err)
{
	const char *baseline = o->arguments->baseline;
	struct stat status;

	if (baseline == NULL)
		return 0;
	bool is_folder = stat(baseline, &status) == 0 && S_ISDIR(status.st_mode);
	snprintf(o->baseline, sizeof o->baseline, "%s%s", baseline,
		is_folder ? "/" JOURNAL_NAME : "");
	struct run *run = run_read_journal(o->baseline, err);
	if (run == NULL)
		return error_context(err, "baseline");
	run_free(run);
	return 0;
}

/* The reports are composed from the run's folder alone. */
static int keep_baseline(const struct orchestra *o, struct error *err)
{
	char path[4096];

	if (o->baseline[0] == '\0')
		return 0;
	snprintf(path, sizeof path, "%s/" RUN_BASELINE, o->folder);
	return file_copy(o->baseline, path, err);
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

/* The first lines of a run, and what is kept of its arguments; or that it goes on. */
static int begin_journal(struct orchestra *o, json_t *selected, json_t *left_out, struct error *err)
{
	const struct run_arguments *arguments = o->arguments;

	if (o->missing != NULL)
		return resume_record(o, err);
	o->journal = journal_create(o->folder, o->options.clock == CLOCK_KIND_REAL, err);
	if (o->journal == NULL || keep_baseline(o, err) != 0 ||
		record_run(o, selected, left_out, err) != 0)
		return -1;
	return scenario_arguments_keep(
		arguments->scenarios, arguments->scenario_count, o->folder, err);
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
		.cases = arguments->judge == NULL && arguments->trace == 0 ? o->case_list : NULL,
		/* With --each a device has all of them. */
		.devices = arguments->each ? 1 : (int)o->file.device_count};
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
		int printed = print_dry_run(selected, left_out, (int)o->file.device_count, err);
		json_decref(selected);
		json_decref(left_out);
		return printed;
	}
	if (list_cases(o, selected, err) != 0 || choose_waivers(o, selected, err) != 0 ||
		sibling_program("wizhil-cases", o->cases_program, sizeof o->cases_program, err) !=
			0)
		return -1;
	if (o->file.is_virtual && sibling_program("virtual-wizfi210", o->virtual_program,
					  sizeof o->virtual_program, err) != 0)
		return -1;
	if (arguments->set_count > 0 && !o->file.is_virtual)
		return error_set(err, ERROR_USAGE,
			"--set is for virtual devices; the bench '%s' has real ones",
			o->file.bench);
	fill_options(o);
	o->case_list = selected;
	int failed = find_baseline(o, err) != 0 || make_folder(o, err) != 0;
	if (failed == 0) {
		o->options.run_folder = o->folder;
		snprintf(o->scenarios, sizeof o->scenarios, "%s/scenarios", o->folder);
		failed = begin_journal(o, selected, left_out, err) != 0 ||
			 write_selection(o, err) != 0 || orchestra_listen(o, err) != 0;
	}
	failed = failed || open_streams(o, err) != 0;
	json_decref(left_out);
	return failed ? -1 : 0;
}
