/* SPDX-License-Identifier: MIT */
#include "report/model/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/array.h"
#include "core/error.h"
#include "core/exit_code.h"
#include "core/json_text.h"
#include "report/formats/journal.h"
#include "report/model/attempt.h"
#include "report/model/compare.h"
#include "report/model/run_build.h"
#include "report/model/waivers.h"

static const char *string_of(const json_t *event, const char *key)
{
	const char *text = json_string_value(json_object_get(event, key));

	return text == NULL ? "" : text;
}

/* ---- a run that goes on after it was killed or interrupted ---- */

static int note_resumed(struct run *run, json_t *text)
{
	if (text == NULL || json_array_append_new(run->kept, text) != 0)
		return -1;
	const char **line = array_add(&run->resumed, &run->resumed_count, sizeof *run->resumed);
	if (line == NULL)
		return -1;
	*line = json_string_value(text);
	return 0;
}

/* It is driven anew: what took its verdict from it counts no more. */
static void begin_anew(struct run_case *test_case)
{
	free(test_case->first);
	free(test_case->alone);
	free(test_case->partial);
	test_case->first = test_case->alone = test_case->partial = NULL;
	test_case->error = test_case->not_run = test_case->fault = NULL;
	test_case->cut_off = NOT_CUT_OFF;
	test_case->admitted_s = test_case->done_s = -1;
}

static void begin_cases_anew(struct run *run, const json_t *cases)
{
	size_t index;
	const json_t *entry;

	json_array_foreach(cases, index, entry)
	{
		const char *name = json_string_value(json_object_get(entry, "name"));
		json_int_t done = json_integer_value(json_object_get(entry, "done"));
		for (size_t i = 0; name != NULL && i < run->case_count; i++)
			if (strcmp(run->cases[i].name, name) == 0 &&
				(run->cases[i].repetition == 0 || run->cases[i].repetition > done))
				begin_anew(&run->cases[i]);
	}
}

static int take_resume(struct run *run, const json_t *event)
{
	const char *started = json_string_value(json_object_get(event, "started"));
	const char *why = run->interrupted ? "it was interrupted"
			  : run->ended	   ? "it was complete"
					   : "it was killed";

	if (note_resumed(run, json_sprintf("at %s; before that, %s",
				      started == NULL ? "?" : started, why)) != 0)
		return -1;
	for (size_t i = 0; i < run->fault_count; i++)
		if (note_resumed(run, json_sprintf("earlier fault: %s", run->faults[i])) != 0)
			return -1;
	run->interrupted = run->ended = run->fault_is_usage = false;
	run->enough_failures = 0;
	run->fault_count = 0;
	begin_cases_anew(run, json_object_get(event, "cases"));
	return 0;
}

/* ---- an event; each returns -1 when out of memory ---- */

/* Each repetition of a case on a device. */
static int select_case(struct run *run, const json_t *entry, const char *device)
{
	for (int i = 0; i < run->repeat; i++) {
		struct run_case *test_case = run_add_case(
			run, string_of(entry, "name"), device, run->repeat == 1 ? 0 : i + 1);
		if (test_case == NULL)
			return -1;
		test_case->requirements = json_object_get(entry, "requirements");
	}
	return 0;
}

static int select_cases(struct run *run, const json_t *cases, const json_t *each)
{
	size_t index, place;
	const json_t *entry, *device;

	json_array_foreach(cases, index, entry)
	{
		if (json_array_size(each) == 0 && select_case(run, entry, "") != 0)
			return -1;
		json_array_foreach(each, place, device)
		{
			if (json_is_string(device) &&
				select_case(run, entry, json_string_value(device)) != 0)
				return -1;
		}
	}
	return 0;
}

static int take_run(struct run *run, const json_t *event)
{
	json_int_t repeat = json_integer_value(json_object_get(event, "repeat"));

	run->repeat = repeat < 1 || repeat > 10000 ? 1 : (int)repeat;
	run->version = string_of(event, "version");
	run->commit = string_of(event, "commit");
	run->format = (int)json_integer_value(json_object_get(event, "journal"));
	run->bench = string_of(event, "bench");
	run->bench_file = string_of(event, "bench_file");
	run->clock = string_of(event, "clock");
	run->started = string_of(event, "started");
	run->profile = string_of(event, "profile");
	run->sets = json_object_get(event, "sets");
	run->firmware_file = string_of(json_object_get(event, "firmware"), "file");
	run->firmware_sha256 = string_of(json_object_get(event, "firmware"), "sha256");
	run->shard = json_object_get(event, "shard");
	run->unseen = json_object_get(event, "unseen");
	run->seed = json_integer_value(json_object_get(event, "seed"));
	run->require_all = json_is_true(json_object_get(event, "require_all"));
	if (waivers_take(run, json_object_get(event, "waivers")) != 0)
		return -1;
	const json_t *each = json_object_get(event, "each");
	run->each = json_array_size(each) > 1;
	return select_cases(run, json_object_get(event, "cases"), each);
}

static int take_device(struct run *run, const json_t *event)
{
	/* A device that was brought up again is told of again. */
	struct run_device *device = run_device_named(run, string_of(event, "device"));

	if (device == NULL)
		return -1;
	const char *firmware = string_of(event, "firmware");
	/* One run, one firmware: verdicts of two say nothing of either. */
	if (device->firmware[0] != '\0' && firmware[0] != '\0' &&
		strcmp(device->firmware, firmware) != 0 &&
		run_add_fault(run, "device '%s' had firmware '%s', then '%s'", device->name,
			device->firmware, firmware) != 0)
		return -1;
	device->firmware = firmware;
	device->mac = string_of(event, "mac");
	device->address = string_of(event, "address");
	device->baud = (int)json_integer_value(json_object_get(event, "baud"));
	device->option_cid_hex = strcmp(string_of(event, "option_cid"), "hex") == 0;
	return 0;
}

static int take_uart(struct run *run, const json_t *event)
{
	struct run_device *device = run_device_named(run, string_of(event, "device"));

	if (device == NULL)
		return -1;
	device->round_trips = (int)json_integer_value(json_object_get(event, "round_trips"));
	device->round_trip_least_ns = json_integer_value(json_object_get(event, "least_ns"));
	device->round_trip_most_ns = json_integer_value(json_object_get(event, "most_ns"));
	device->uart_bound_ns = json_integer_value(json_object_get(event, "bound_ns"));
	return 0;
}

static int take_air(struct run *run, const json_t *event)
{
	struct run_device *device = run_device_named(run, string_of(event, "device"));

	if (device == NULL)
		return -1;
	device->air = (struct run_air){.interface = string_of(event, "interface"),
		.watched_s = json_number_value(json_object_get(event, "watched_s")),
		.acknowledgements = json_is_true(json_object_get(event, "acknowledgements")),
		.heard = (int)json_integer_value(json_object_get(event, "heard")),
		.missed = (int)json_integer_value(json_object_get(event, "missed")),
		.lost = (int)json_integer_value(json_object_get(event, "lost")),
		.undelivered = (int)json_integer_value(json_object_get(event, "undelivered"))};
	return 0;
}

static int take_time(struct run *run, const json_t *event)
{
	struct run_time *time = array_add(&run->times, &run->time_count, sizeof *run->times);

	if (time == NULL)
		return -1;
	time->text = string_of(event, "text");
	time->t_s = json_number_value(json_object_get(event, "t_s"));
	return 0;
}

static int take_recovery(struct run *run, const json_t *event)
{
	struct run_recovery *recovery =
		array_add(&run->recoveries, &run->recovery_count, sizeof *run->recoveries);

	if (recovery == NULL)
		return -1;
	const enum evidence_fault cause = evidence_fault_named(string_of(event, "cause"));
	const char *after = string_of(event, "after");
	recovery->device = string_of(event, "device");
	recovery->step = string_of(event, "step");
	recovery->broke_down = cause == FAULT_REBOOT || cause == FAULT_SILENT_DEVICE;
	recovery->breakdown = (struct breakdown){.fault = cause,
		.t_s = json_number_value(json_object_get(event, "t_s")),
		.after = after[0] == '\0' ? NULL : after,
		.times = (int)json_integer_value(json_object_get(event, "times")),
		.delay_s = json_number_value(json_object_get(event, "delay_s")),
		.share = json_number_value(json_object_get(event, "share"))};
	return 0;
}

static struct attempt *attempt_of(const json_t *event)
{
	const json_t *evidence = json_object_get(event, "evidence");
	struct attempt *attempt = malloc(sizeof *attempt);

	if (attempt == NULL)
		return NULL;
	verdict_clear(&attempt->verdict);
	attempt->device = string_of(event, "device");
	attempt->concurrent = (int)json_integer_value(json_object_get(event, "concurrent"));
	attempt->timeline = string_of(evidence, "timeline");
	attempt->pcapng = string_of(evidence, "pcapng");
	attempt->transcript = string_of(evidence, "transcript");
	return attempt;
}

void reruns_seen_saw(struct reruns_seen *reruns, const json_t *event)
{
	const char *rerun = string_of(event, "rerun");

	reruns->wanted += strcmp(rerun, "alone") == 0;
	reruns->capped += strcmp(rerun, "capped") == 0;
	reruns->done += strcmp(string_of(event, "attempt"), "alone") == 0;
}

static int take_verdict(struct run *run, struct run_case *test_case, const json_t *event)
{
	bool alone = strcmp(string_of(event, "attempt"), "alone") == 0;
	struct attempt **place = alone ? &test_case->alone : &test_case->first;

	reruns_seen_saw(&run->reruns, event);
	/* Of a recorded run that is judged again, only verdicts tell the devices; a case that none
	 * took tells none. */
	const char *device = string_of(event, "device");
	if (device[0] != '\0' && run_device_named(run, device) == NULL)
		return -1;
	if (*place != NULL)
		return run_add_fault(run, "the journal has two verdicts for '%s'", test_case->name);
	struct attempt *attempt = attempt_of(event);
	if (attempt == NULL)
		return -1;
	if (verdict_from_json(json_object_get(event, "verdict"), &attempt->verdict) != 0) {
		free(attempt);
		if (!alone)
			test_case->error = "cannot read its verdict in the journal";
		return 0;
	}
	if (!alone)
		test_case->done_s = json_number_value(json_object_get(event, "t_s"));
	*place = attempt;
	return 0;
}

void run_cut_off_by_fault(struct run_case *test_case, const char *fault)
{
	test_case->cut_off = CUT_OFF_BY_FAULT;
	test_case->fault = fault;
}

static int take_case(struct run *run, const char *kind, const json_t *event, struct run_case **of)
{
	if (string_of(event, "case")[0] == '\0')
		return 0;
	struct run_case *test_case =
		run_case_of(run, string_of(event, "case"), string_of(event, "device"),
			(int)json_integer_value(json_object_get(event, "repetition")));
	if (test_case == NULL)
		return -1;
	*of = test_case;
	if (strcmp(kind, "verdict") == 0)
		return take_verdict(run, test_case, event);
	if (strcmp(kind, "admitted") != 0 && run->interrupted)
		test_case->cut_off = CUT_OFF_BY_USER;
	else if (strcmp(kind, "admitted") != 0 && run->fault_count > 0)
		run_cut_off_by_fault(test_case, run->faults[run->fault_count - 1]);
	if (strcmp(kind, "admitted") == 0 && test_case->admitted_s < 0)
		test_case->admitted_s = json_number_value(json_object_get(event, "t_s"));
	else if (strcmp(kind, "error") == 0)
		test_case->error = string_of(event, "text");
	if (strcmp(kind, "not_run") != 0)
		return 0;
	test_case->not_run = string_of(event, "reason");
	if (json_object_get(event, "evidence") == NULL || test_case->partial != NULL)
		return 0;
	test_case->done_s = json_number_value(json_object_get(event, "t_s"));
	test_case->partial = attempt_of(event);
	return test_case->partial == NULL ? -1 : 0;
}

static int take_end(struct run *run, const json_t *event)
{
	run->ended = true;
	run->interrupted |= json_is_true(json_object_get(event, "interrupted"));
	run->wall_s += json_number_value(json_object_get(event, "wall_s"));
	run->runner = (int)json_integer_value(json_object_get(event, "runner"));
	return 0;
}

/* Whose fault it is: the user's, or else the bench's. */
static int take_fault(struct run *run, const json_t *event)
{
	if (json_integer_value(json_object_get(event, "exit")) == EXIT_CODE_USAGE)
		run->fault_is_usage = true;
	return run_add_fault(run, "%s", string_of(event, "text"));
}

static int take_event(struct run *run, const json_t *event, struct run_case **of)
{
	static const char *const of_cases[] = {"admitted", "verdict", "error", "not_run"};
	const char *kind = string_of(event, "event");
	double t_s = json_number_value(json_object_get(event, "t_s"));

	if (t_s > run->device_s)
		run->device_s = t_s;
	if (strcmp(kind, "run") == 0)
		return run->version != NULL ? 0 : take_run(run, event);
	if (strcmp(kind, "device") == 0)
		return take_device(run, event);
	if (strcmp(kind, "recovery") == 0)
		return take_recovery(run, event);
	if (strcmp(kind, "clock") == 0)
		run->pauses_unseen |= json_is_false(json_object_get(event, "rtc"));
	if (strcmp(kind, "uart") == 0)
		return take_uart(run, event);
	if (strcmp(kind, "air") == 0)
		return take_air(run, event);
	if (strcmp(kind, "time") == 0)
		return take_time(run, event);
	if (strcmp(kind, "fault") == 0)
		return take_fault(run, event);
	if (strcmp(kind, "interrupt") == 0) {
		/* Of the shards of a merged run one may have been interrupted by a person. */
		run->enough_failures =
			run->interrupted && run->enough_failures == 0
				? 0
				: (int)json_integer_value(json_object_get(event, "failures"));
		run->interrupted = true;
	}
	if (strcmp(kind, "end") == 0)
		return take_end(run, event);
	if (strcmp(kind, "resume") == 0)
		return take_resume(run, event);
	for (size_t i = 0; i < sizeof of_cases / sizeof *of_cases; i++)
		if (strcmp(kind, of_cases[i]) == 0)
			return take_case(run, kind, event, of);
	return 0;
}

/* ---- the file ---- */

/* Format 1 had another name for it.  A journal that was resumed has lines of both. */
static int update_event(json_t *event)
{
	json_t *concurrent = json_object_get(event, "company");

	if (concurrent == NULL)
		return 0;
	return json_object_set(event, "concurrent", concurrent) == 0
		       ? json_object_del(event, "company")
		       : -1;
}

int run_take_line(
	struct run *run, const char *line, size_t length, size_t number, struct run_event *taken)
{
	bool whole = length > 0 && line[length - 1] == '\n';
	json_t *event = json_loadb(line, length, JSON_ALLOW_NUL, NULL);

	*taken = (struct run_event){0};
	run->torn = event == NULL && !whole;
	if (event == NULL && (!whole || length == 1))
		return 0;
	if (event == NULL || !json_is_object(event)) {
		json_decref(event);
		return run_add_fault(run, "line %zu of the journal is damaged", number);
	}
	if (json_array_append_new(run->kept, event) != 0 || update_event(event) != 0)
		return -1;
	taken->event = event;
	return take_event(run, event, &taken->of);
}

static int read_events(struct run *run, FILE *file)
{
	char *line = NULL;
	size_t room = 0, number = 0;
	ssize_t length;
	struct run_event taken;
	int failed = 0;

	while (failed == 0 && (length = getline(&line, &room, file)) > 0)
		failed = run_take_line(run, line, (size_t)length, ++number, &taken);
	free(line);
	return failed;
}

struct run *run_new(void)
{
	struct run *run = calloc(1, sizeof *run);

	if (run == NULL)
		return NULL;
	run->kept = json_array();
	run->index = json_object();
	if (run->kept != NULL && run->index != NULL)
		return run;
	run_free(run);
	return NULL;
}

struct run *run_read_journal(const char *path, struct error *err)
{
	FILE *file = fopen(path, "re");

	if (file == NULL) {
		error_errno(err, ERROR_USAGE, "cannot open '%s'", path);
		return NULL;
	}
	struct run *run = run_new();
	int failed = run == NULL || read_events(run, file) != 0;
	int trouble = ferror(file);
	fclose(file);
	if (!failed && trouble)
		error_set(err, ERROR_BENCH, "cannot read '%s'", path);
	else if (!failed && run->version == NULL)
		error_set(err, ERROR_USAGE, "'%s' is not a run journal", path);
	else if (!failed && run->format > JOURNAL_FORMAT)
		error_set(err, ERROR_USAGE,
			"'%s' has journal format %d; this wizhil reads up to %d (use version %s or newer)",
			path, run->format, JOURNAL_FORMAT, run->version);
	else if (failed || run_conclude(run) != 0)
		error_set(err, ERROR_MEMORY, "out of memory");
	else
		return run;
	run_free(run);
	return NULL;
}

static int path_in(const char *run_folder, const char *name, char path[4096], struct error *err)
{
	if (snprintf(path, 4096, "%s/%s", run_folder, name) >= 4096)
		return error_set(err, ERROR_USAGE, "path of the run folder is too long");
	return 0;
}

struct run *run_read(const char *run_folder, struct error *err)
{
	char path[4096];

	if (path_in(run_folder, JOURNAL_NAME, path, err) != 0)
		return NULL;
	struct run *run = run_read_journal(path, err);
	if (run == NULL && access(path, R_OK) != 0)
		error_context(err, "'%s' is not a run folder", run_folder);
	return run;
}

/* -1 with err set when the baseline is there and cannot be read. */
static int read_baseline(struct run *run, const char *run_folder, struct error *err)
{
	char path[4096];

	if (path_in(run_folder, RUN_BASELINE, path, err) != 0)
		return -1;
	if (access(path, F_OK) != 0)
		return 0;
	run->baseline = run_read_journal(path, err);
	run->changes = run->baseline == NULL ? NULL : compare_runs(run->baseline, run);
	if (run->baseline != NULL && run->changes == NULL)
		error_set(err, ERROR_MEMORY, "out of memory");
	return run->changes == NULL ? -1 : 0;
}

struct run *run_read_with_baseline(const char *run_folder, struct error *err)
{
	char path[4096];
	struct run *run = run_read(run_folder, err);

	if (run == NULL)
		return NULL;
	if (read_baseline(run, run_folder, err) == 0 &&
		path_in(run_folder, RUN_TREND, path, err) == 0) {
		run->trend = json_load_file(path, 0, NULL);
		return run;
	}
	run_free(run);
	return NULL;
}

void run_free(struct run *run)
{
	if (run == NULL)
		return;
	json_decref(run->trend);
	comparison_free(run->changes);
	run_free(run->baseline);
	for (size_t i = 0; i < run->case_count; i++) {
		free(run->cases[i].first);
		free(run->cases[i].alone);
		free(run->cases[i].partial);
	}
	free(run->cases);
	free(run->devices);
	free(run->recoveries);
	free(run->times);
	free(run->faults);
	free(run->findings);
	free(run->waivers);
	free(run->resumed);
	json_decref(run->kept);
	json_decref(run->index);
	free(run);
}
