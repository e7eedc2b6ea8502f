/* SPDX-License-Identifier: MIT */
#include "cli/run/recorded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/broker_protocol.h"
#include "cli/run/test_run.h"
#include "core/error.h"
#include "report/formats/journal.h"
#include "report/model/attempt.h"
#include "report/model/run.h"

/* A recorded run is judged as often as it was driven. */
static int take_repeat(struct test_run *test_run, struct error *err)
{
	const struct run_arguments *arguments = test_run->arguments;

	if (arguments->repeat == 0)
		test_run->repeat = test_run->recorded->repeat;
	if (test_run->repeat > test_run->recorded->repeat)
		return error_set(err, ERROR_USAGE,
			"'%s' was recorded with fewer repetitions than %d", arguments->judge,
			test_run->repeat);
	return 0;
}

int recorded_take(struct test_run *test_run, struct error *err)
{
	if (test_run->arguments->judge == NULL)
		return 0;
	test_run->recorded = run_read(test_run->arguments->judge, err);
	return test_run->recorded == NULL ? -1 : take_repeat(test_run, err);
}

static struct recorded_drive drive_of(const struct attempt *attempt)
{
	struct recorded_drive drive = {0};

	if (attempt != NULL)
		drive = (struct recorded_drive){
			.device = attempt->device, .concurrent = attempt->concurrent};
	return drive;
}

/* A worker that ended without its verdict has left its timeline. */
static const char *error_of(const struct run_case *of)
{
	const size_t length = strlen(NOT_DRIVEN);

	if (of->first == NULL || of->first->verdict.outcome != OUTCOME_ERROR)
		return NULL;
	const char *text = of->first->verdict.text;
	return strncmp(text, NOT_DRIVEN, length) == 0 ? text + length : text;
}

int recorded_list(struct test_run *test_run, struct error *err)
{
	const struct run *run = test_run->recorded;

	if (run == NULL)
		return 0;
	struct recorded_case *cases = calloc(run->case_count + 1, sizeof *cases);
	if (cases == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	test_run->recorded_cases = cases;
	for (size_t i = 0; i < run->case_count; i++)
		cases[i] = (struct recorded_case){.name = run->cases[i].name,
			.device = run->cases[i].device,
			.repetition = run->cases[i].repetition,
			.not_run = run->cases[i].first == NULL ? run->cases[i].not_run : NULL,
			.error = error_of(&run->cases[i]),
			.done_s = run->cases[i].done_s < 0 ? 0 : run->cases[i].done_s,
			.first = drive_of(run->cases[i].first),
			.alone = drive_of(run->cases[i].alone)};
	test_run->options.recorded = test_run->arguments->judge;
	test_run->options.recorded_cases = cases;
	test_run->options.recorded_case_count = run->case_count;
	return 0;
}

void recorded_describe(const struct test_run *test_run, json_t *event)
{
	const struct run *run = test_run->recorded;

	if (run == NULL)
		return;
	json_object_set_new(event, "bench", json_string(run->bench));
	json_object_set_new(event, "clock", json_string(run->clock));
	json_object_set_new(event, "seed", json_integer(run->seed));
	if (run->sets != NULL)
		json_object_set(event, "sets", (json_t *)(uintptr_t)run->sets);
}

static bool is_event(const json_t *event, const char *kind)
{
	const char *of = json_string_value(json_object_get(event, "event"));

	return of != NULL && strcmp(of, kind) == 0;
}

static bool is_passed_on(const json_t *event)
{
	static const char *const kinds[] = {
		"clock", "device", "health", "recovery", "uart", "air", "time", "fault"};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (is_event(event, kinds[i]))
			return true;
	return false;
}

/* What was wrong before a run was resumed counts no more. */
static void forget_faults(json_t *events)
{
	for (size_t i = json_array_size(events); i-- > 0;)
		if (is_event(json_array_get(events, i), "fault"))
			json_array_remove(events, i);
}

/* The events that are passed on; what cannot be read is the recorded run's own fault. */
static json_t *read_events(const char *folder, struct error *err)
{
	char path[4096], *line = NULL;
	size_t room = 0;

	snprintf(path, sizeof path, "%s/" JOURNAL_NAME, folder);
	FILE *file = fopen(path, "re");
	if (file == NULL) {
		(void)error_errno(err, ERROR_USAGE, "cannot open '%s'", path);
		return NULL;
	}
	json_t *events = json_array();
	while (getline(&line, &room, file) > 0) {
		json_t *event = json_loads(line, 0, NULL);
		if (is_event(event, "resume"))
			forget_faults(events);
		if (is_passed_on(event))
			json_array_append(events, event);
		json_decref(event);
	}
	free(line);
	fclose(file);
	return events;
}

/* How it ended is the new run's end. */
static int pass_on_end(struct test_run *test_run, struct error *err)
{
	const struct run *run = test_run->recorded;

	if (run->interrupted) {
		json_t *event = json_pack("{s:s}", "event", "interrupt");
		if (run->enough_failures > 0)
			json_object_set_new(event, "failures", json_integer(run->enough_failures));
		return run_record(test_run, event, true, err);
	}
	if (run->ended)
		return 0;
	return run_record(test_run,
		json_pack("{s:s, s:s}", "event", "fault", "text",
			"the recorded run has no end: it was killed, or is still active"),
		true, err);
}

int recorded_pass_on(struct test_run *test_run, struct error *err)
{
	int failed = 0;

	if (test_run->recorded == NULL)
		return 0;
	json_t *events = read_events(test_run->arguments->judge, err);
	if (events == NULL)
		return -1;
	for (size_t i = 0; i < json_array_size(events) && failed == 0; i++)
		failed = run_record(test_run, json_incref(json_array_get(events, i)), false, err);
	json_decref(events);
	return failed != 0 ? -1 : pass_on_end(test_run, err);
}

void recorded_free(struct test_run *test_run)
{
	free(test_run->recorded_cases);
	run_free(test_run->recorded);
}
