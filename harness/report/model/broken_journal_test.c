/* SPDX-License-Identifier: MIT */
/*
 * A journal of which one thing is missing or another one: a line, or a value anywhere in it.  What the run comes to then
 * is compared whole; a change that changes nothing has no line.
 */
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "core/expected_test.h"
#include "report/model/run.h"
#include "report/model/written_run.h"
#include "report/report.h"
#include "report/text/headline.h"

static void put_case(FILE *stream, const struct run_case *c)
{
	fprintf(stream, " %s", c->title);
	if (c->device[0] != '\0')
		fprintf(stream, "@%s", c->device);
	fprintf(stream, "=%s%s%s%s%s", outcome_name(c->outcome), c->alone != NULL ? "+alone" : "",
		c->partial != NULL ? "+partial" : "", c->cut_off != NOT_CUT_OFF ? "+cut off" : "",
		c->waiver != NULL ? "+waived" : "");
	if (run_case_seconds(c) >= 0)
		fprintf(stream, " %g s", run_case_seconds(c));
	if (c->not_run != NULL)
		fprintf(stream, " (%s)", c->not_run);
	else if (c->text != NULL && c->outcome != OUTCOME_PASS)
		fprintf(stream, " (%s: %s)", c->requirement, c->text);
	fputc(';', stream);
}

static void put_run(FILE *stream, const struct run *run)
{
	char headline[512];

	headline_text(run, headline, sizeof headline);
	fprintf(stream, "exit %d, %s;", (int)run_exit_code(run), headline);
	for (size_t i = 0; i < run->case_count; i++)
		put_case(stream, &run->cases[i]);
	for (size_t i = 0; i < run->device_count; i++) {
		const struct run_device *d = &run->devices[i];
		fprintf(stream, " device %s '%s' %s %s %d %s%u %d..%d/%d;", d->name, d->firmware,
			d->mac, d->address, d->baud, d->option_cid_hex ? "hex " : "",
			d->has_models ? d->models : 0, (int)(d->round_trip_least_ns / NS_PER_MS),
			(int)(d->round_trip_most_ns / NS_PER_MS),
			(int)(d->uart_bound_ns / NS_PER_MS));
	}
	for (size_t i = 0; i < run->recovery_count; i++)
		fprintf(stream, " recovery %s %s%s;", run->recoveries[i].device,
			run->recoveries[i].step, run->recoveries[i].broke_down ? " down" : "");
	for (size_t i = 0; i < run->time_count; i++)
		fprintf(stream, " time %s %g;", run->times[i].text, run->times[i].t_s);
	for (size_t i = 0; i < run->fault_count; i++)
		fprintf(stream, " fault %s;", run->faults[i]);
	for (size_t i = 0; i < run->finding_count; i++)
		fprintf(stream, " finding %s of %zu;", run->findings[i].finding->text,
			run->findings[i].cases);
	for (size_t i = 0; i < run->resumed_count; i++)
		fprintf(stream, " resumed %s;", run->resumed[i]);
	fprintf(stream, " %s %s %s %s %s %s, seed %lld, %g s, %g s, runner %d%s%s%s", run->version,
		run->bench, run->bench_file, run->clock, run->started, run->profile,
		(long long)run->seed, run->wall_s, run->device_s, run->runner,
		run->ended ? ", ended" : "", run->interrupted ? ", interrupted" : "",
		run->pauses_unseen ? ", pauses unseen" : "");
}

/* What the run of a journal of these lines comes to. */
static char *told(const struct written_run *written, json_t *lines)
{
	char path[128], *text = NULL;
	struct error err = {0};
	size_t size = 0, i;
	json_t *line;

	snprintf(path, sizeof path, "%s/" JOURNAL_NAME, written->folder);
	FILE *journal = fopen(path, "we");
	cr_assert_not_null(journal);
	json_array_foreach(lines, i, line)
	{
		json_dumpf(line, journal, JSON_COMPACT);
		fputc('\n', journal);
	}
	fclose(journal);
	FILE *stream = open_memstream(&text, &size);
	struct run *run = run_read(written->folder, &err);
	if (run == NULL)
		fprintf(stream, "%s", err.text);
	else
		put_run(stream, run);
	run_free(run);
	fclose(stream);
	name_folder(text, written->folder);
	return text;
}

struct broken {
	const struct written_run *written;
	json_t *lines;
	char *whole;
	FILE *stream;
};

/* What of the run is not as it is of the whole journal; nothing where it is as after the change before. */
static void compare(struct broken *b, const char *path, const char *change, char **before)
{
	char *text = told(b->written, b->lines);
	const size_t length = strlen(text), was = strlen(b->whole);
	size_t front = 0, back = 0;

	while (front < length && text[front] == b->whole[front])
		front++;
	while (front + back < length && front + back < was &&
		text[length - 1 - back] == b->whole[was - 1 - back])
		back++;
	/* From the word on in which it begins. */
	while (front > 0 && !isspace((unsigned char)text[front - 1]))
		front--;
	if (strcmp(text, b->whole) != 0 && (*before == NULL || strcmp(text, *before) != 0))
		fprintf(b->stream, "%s %s: %.*s\n", path, change, (int)(length - front - back),
			text + front);
	free(*before);
	*before = text;
}

static void break_value(struct broken *b, json_t *object, const char *key, const char *path)
{
	json_t *const others[] = {NULL, json_integer(-1), json_string("other"), json_false()};
	static const char *const changes[] = {"missing", "-1", "'other'", "false"};
	json_t *value = json_incref(json_object_get(object, key));
	char *before = NULL;

	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		json_object_del(object, key);
		if (others[i] != NULL)
			json_object_set_new(object, key, others[i]);
		compare(b, path, changes[i], &before);
	}
	json_object_set_new(object, key, value);
	free(before);
}

/* Each value of the object, and of the objects in it. */
static void break_each(struct broken *b, json_t *object, const char *path)
{
	char inner[256];
	json_t *keys = json_array(), *key;
	const char *name;
	json_t *value;
	size_t i;

	json_object_foreach(object, name, value) json_array_append_new(keys, json_string(name));
	json_array_foreach(keys, i, key)
	{
		name = json_string_value(key);
		snprintf(inner, sizeof inner, "%s.%s", path, name);
		break_value(b, object, name, inner);
		value = json_object_get(object, name);
		if (json_is_array(value) && json_array_size(value) > 0) {
			snprintf(inner, sizeof inner, "%s.%s[0]", path, name);
			value = json_array_get(value, 0);
		}
		if (json_is_object(value))
			break_each(b, value, inner);
	}
	json_decref(keys);
}

static json_t *lines_of(const struct written_run *written)
{
	char *text = text_of(written, JOURNAL_NAME);
	json_t *lines = json_array();

	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
		json_array_append_new(lines, json_loads(line, 0, NULL));
	free(text);
	return lines;
}

static void expect_broken(struct written_run *written, const char *name)
{
	struct broken b = {.written = written, .lines = lines_of(written)};
	char *text = NULL, path[64];
	size_t size = 0;

	b.stream = open_memstream(&text, &size);
	b.whole = told(written, b.lines);
	fprintf(b.stream, "whole: %s\n", b.whole);
	for (size_t i = 0; i < json_array_size(b.lines); i++) {
		json_t *line = json_incref(json_array_get(b.lines, i));
		const char *event = json_string_value(json_object_get(line, "event"));
		snprintf(path, sizeof path, "%zu %s", i + 1, event == NULL ? "?" : event);
		char *before = NULL;
		json_array_remove(b.lines, i);
		compare(&b, path, "missing", &before);
		json_array_insert(b.lines, i, line);
		json_array_insert(b.lines, i, line);
		compare(&b, path, "twice", &before);
		free(before);
		json_array_remove(b.lines, i);
		break_each(&b, line, path);
		json_decref(line);
	}
	fclose(b.stream);
	expect_whole("report", name, text);
	free(b.whole);
	free(text);
	json_decref(b.lines);
}

Test(broken_journal, of_a_run_with_each_outcome)
{
	struct written_run run = colourful_run();

	expect_broken(&run, "broken-journal.txt");
	run_remove(&run);
}

Test(broken_journal, of_a_run_that_was_resumed_on_two_devices)
{
	static const char *const cases[] = {
		"schedule/passes", "schedule/repeats", "format/fails", NULL};
	struct written_run run = run_begin_with(true, cases);
	struct verdict pass = passed(), fail = failed("gap 3 is 81 s, expected 75 s");

	put_event(&run, json_pack("{s:s, s:I, s:b}", "event", "clock", "start_realtime_ns",
				(json_int_t)1700000000000000000, "rtc", 0));
	put_event(&run,
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:i}", "event", "device", "device",
			"right", "firmware", "S2W APP VERSION=1.2", "mac", "00:08:dc:01:02:04",
			"address", "192.0.2.11", "baud", 9600, "option_cid", "hex", "cids", 8));
	put_event(&run, json_pack("{s:s, s:s, s:i, s:I, s:I, s:I}", "event", "uart", "device",
				"right", "round_trips", 12, "least_ns", (json_int_t)4000000,
				"most_ns", (json_int_t)21000000, "bound_ns", (json_int_t)50000000));
	put_event(&run, json_pack("{s:s, s:s, s:f}", "event", "time", "text",
				"the wall clock was stepped by +2.000 s", "t_s", 30.0));
	put_verdict(&run, "schedule/passes", &pass);
	put_fault(&run, "the port went away");
	put_interrupted_end(&run);
	put_event(&run, json_pack("{s:s, s:s, s:[]}", "event", "resume", "started",
				"2026-01-02T04:00:00Z", "cases"));
	put_event(&run, json_pack("{s:s, s:s, s:s, s:f, s:s, s:s, s:i, s:f, s:f}", "event",
				"recovery", "device", "right", "step", "rebooted: a banner came",
				"t_s", 321.5, "cause", "reboot", "after", "schedule/repeats",
				"times", 2, "delay_s", 1.5, "share", .75));
	put_verdict_on(&run, "right", "schedule/repeats", &pass);
	put_verdict_on(&run, "right", "format/fails", &fail);
	put_end(&run, 0);
	expect_broken(&run, "broken-journal-resumed.txt");
	run_remove(&run);
}
