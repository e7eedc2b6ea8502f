/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "core/error.h"
#include "scenario/scenario_file.h"
#include "scenario/scenario_words.h"
#include "uart/at_command.h"

enum { TIME_TEXT = 32 };

/* ---- values ---- */

/* "75 s", "0.25 s": all of the ns, and no zeros behind them. */
static const char *time_text(int64_t ns, char *text)
{
	int length =
		snprintf(text, TIME_TEXT, "%" PRId64 ".%09" PRId64, ns / NS_PER_S, ns % NS_PER_S);

	while (text[length - 1] == '0')
		length--;
	if (text[length - 1] == '.')
		length--;
	snprintf(text + length, TIME_TEXT - (size_t)length, " s");
	return text;
}

static void put_time(FILE *stream, const char *key, int64_t ns)
{
	char text[TIME_TEXT];

	fprintf(stream, ", %s: %s", key, time_text(ns, text));
}

/* Always in quotes: what is in them is never taken for something else. */
static void put_quoted(FILE *stream, const char *text)
{
	fputc('"', stream);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', stream);
		fputc(*text, stream);
	}
	fputc('"', stream);
}

/* Plain where it is a plain word. */
static void put_word(FILE *stream, const char *text)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789-.";

	if (text[strspn(text, letters)] == '\0' && text[0] != '-' && text[0] != '.' &&
		strcasecmp(text, "null") != 0)
		fputs(text, stream);
	else
		put_quoted(stream, text);
}

static void put_name(FILE *stream, const struct scenario *s, int connection)
{
	put_word(stream, s->connections[connection].name);
}

static void put_comment(FILE *stream, const char *text)
{
	if (text[0] == '\0')
		return;
	fputs("  # ", stream);
	for (; *text != '\0'; text++)
		fputc((unsigned char)*text < ' ' ? ' ' : *text, stream);
}

static void put_head(FILE *stream, const char *head)
{
	while (*head != '\0') {
		size_t length = strcspn(head, "\n");
		fprintf(stream, "#%s%.*s\n", length > 0 ? " " : "", (int)length, head);
		head += length + (head[length] == '\n' ? 1 : 0);
	}
}

/* ---- connections and setup ---- */

static void put_connections(FILE *stream, const struct scenario *s)
{
	fputs("connections:\n", stream);
	for (int i = 0; i < s->connection_count; i++) {
		const struct planned_connection *connection = &s->connections[i];
		fputs("  - { name: ", stream);
		put_name(stream, s, i);
		fprintf(stream, ", role: %s", scenario_roles[connection->role]);
		if (connection->opened_later)
			fputs(", opened_later: true", stream);
		if (connection->spare)
			fputs(", spare_address: true", stream);
		if (connection->wraps)
			fputs(", peer_wraps: true", stream);
		if (connection->data_mode)
			fputs(", data_mode: true", stream);
		if (connection->shares > 0) {
			fputs(", shares_end_with: ", stream);
			put_name(stream, s, connection->shares - 1);
		}
		if (connection->port_of > 0) {
			fputs(", peer_port_of: ", stream);
			put_name(stream, s, connection->port_of - 1);
		}
		fputs(" }\n", stream);
	}
}

/* The next setup step from 'index' on; step_count when there is none. */
static int next_setup(const struct scenario *s, int index)
{
	while (index < s->step_count && s->steps[index].anchor != ANCHOR_SETUP)
		index++;
	return index;
}

/* The value of that option for the connection, written as keepalive() writes it; 0 for any other
 * step. */
static int number_of(const struct scenario *s, int index, int connection, enum at_option_name name)
{
	char again[SCENARIO_TEXT];

	if (index >= s->step_count)
		return 0;
	const struct step *step = &s->steps[index];
	struct at_option option = step_option(step);
	if (step->kind != STEP_OPTION || step->connection != connection || option.name != name ||
		!option.whole || option.value <= 0 || option.value > INT_MAX)
		return 0;
	at_option_write(again, sizeof again, name, option.value);
	return strcmp(again, step->text) == 0 ? (int)option.value : 0;
}

/* The vendor's recipe, which keepalive() makes three options of, as one entry; the index of the
 * last of its steps, or -1 when what begins at 'index' is no such recipe. */
static int put_recipe(FILE *stream, const struct scenario *s, int index)
{
	int connection = s->steps[index].connection;
	int second = next_setup(s, index + 1);
	int third = next_setup(s, second + 1);

	int on = number_of(s, index, connection, AT_OPTION_KEEPALIVE);
	int count = number_of(s, second, connection, AT_OPTION_COUNT);
	int timeout = number_of(s, third, connection, AT_OPTION_TIMEOUT);
	if (on != 1 || count == 0 || timeout == 0)
		return -1;
	fputs("  - { connection: ", stream);
	put_name(stream, s, connection);
	fprintf(stream, ", keepalive: { count: %d, timeout: %d s } }", count, timeout);
	return third;
}

static int put_setup(FILE *stream, const struct scenario *s,
	const struct scenario_comments *comments, struct error *err)
{
	int index = next_setup(s, 0);

	if (index < s->step_count)
		fputs("setup:\n", stream);
	for (; index < s->step_count; index = next_setup(s, index + 1)) {
		const struct step *step = &s->steps[index];
		const char *comment = comments == NULL ? "" : comments->steps[index];
		int last = put_recipe(stream, s, index);
		if (last >= 0) {
			index = last;
		} else if (step->kind == STEP_OPTION || step->kind == STEP_COMMAND) {
			fputs("  - { ", stream);
			if (step->connection != NO_CONNECTION) {
				fputs("connection: ", stream);
				put_name(stream, s, step->connection);
				fputs(", ", stream);
			}
			fputs(step->kind == STEP_OPTION ? "option: " : "command: ", stream);
			put_quoted(stream, step->text);
			fputs(" }", stream);
		} else {
			return error_set(err, ERROR_USAGE,
				"a scenario file supports only options and commands in its setup");
		}
		put_comment(stream, comment);
		fputc('\n', stream);
	}
	return 0;
}

/* ---- steps ---- */

static const struct act *act_of(const struct step *step)
{
	for (const struct act *act = scenario_acts; act->words != NULL; act++)
		if (act->kind == step->kind &&
			(step->kind != STEP_PEER_SEGMENT || act->raw == step->raw.kind))
			return act;
	return NULL;
}

static void put_segment(FILE *stream, const struct raw_plan *raw)
{
	if (raw->seq_offset != 0)
		fprintf(stream, ", seq_offset: %d", raw->seq_offset);
	if (raw->ack_offset != 0)
		fprintf(stream, ", ack_offset: %d", raw->ack_offset);
	if (raw->closed_window)
		fputs(", closed_window: true", stream);
	if (raw->bad_checksum)
		fputs(", bad_checksum: true", stream);
	if (raw->other_port)
		fputs(", other_port: true", stream);
	if (raw->other_address)
		fputs(", other_address: true", stream);
	if (raw->copies != 0)
		fprintf(stream, ", copies: %d", raw->copies);
	if (raw->code != 0)
		fprintf(stream, ", code: %d", raw->code);
}

static void put_anchor(FILE *stream, const struct scenario *s, const struct step *step)
{
	if (step->anchor == ANCHOR_DEATH) {
		fputs(", after_death_of: ", stream);
		put_name(stream, s, step->anchor_connection);
	} else if (step->anchor == ANCHOR_PROBE || step->anchor == ANCHOR_CALL) {
		fprintf(stream, ", %s: %d", step->anchor == ANCHOR_PROBE ? "on_probe" : "on_call",
			step->nth);
		if (step->anchor_connection != step->connection) {
			fputs(", of: ", stream);
			put_name(stream, s, step->anchor_connection);
		}
		if (step->every)
			fputs(", every: true", stream);
	}
}

static void put_step(FILE *stream, const struct scenario *s, const struct step *step)
{
	const struct act *act = act_of(step);
	char text[TIME_TEXT];

	fprintf(stream, "  - { at: %s", time_text(step->at_ns, text));
	put_anchor(stream, s, step);
	if (step->connection != NO_CONNECTION) {
		fputs(", connection: ", stream);
		put_name(stream, s, step->connection);
	}
	if (act != NULL) {
		fprintf(stream, ", act: %s", act->words);
	} else {
		fputs(step->kind == STEP_OPTION ? ", option: " : ", command: ", stream);
		put_quoted(stream, step->text);
	}
	if (step->size != 0)
		fprintf(stream, ", size: %d", step->size);
	if (step->kind == STEP_DEVICE_SENDS && step->text[0] != '\0') {
		fputs(", cid: ", stream);
		put_quoted(stream, step->text);
	}
	if (step->pause_ns != 0)
		put_time(stream, "pause", step->pause_ns);
	if (step->kind == STEP_PEER_SEGMENT)
		put_segment(stream, &step->raw);
	fputs(" }", stream);
}

static int put_steps(FILE *stream, const struct scenario *s,
	const struct scenario_comments *comments, struct error *err)
{
	bool first = true;

	for (int i = 0; i < s->step_count; i++) {
		if (s->steps[i].anchor == ANCHOR_SETUP)
			continue;
		if (first)
			fputs("steps:\n", stream);
		first = false;
		if (act_of(&s->steps[i]) == NULL && s->steps[i].kind != STEP_OPTION &&
			s->steps[i].kind != STEP_COMMAND)
			return error_set(err, ERROR_USAGE,
				"a scenario file does not support the act of step %d", i + 1);
		put_step(stream, s, &s->steps[i]);
		put_comment(stream, comments == NULL ? "" : comments->steps[i]);
		fputc('\n', stream);
	}
	return 0;
}

static void put_watch(FILE *stream, const struct scenario *s)
{
	char text[TIME_TEXT];

	fputs("watch: { ", stream);
	if (s->watch.until == WATCH_TIME) {
		fprintf(stream, "for: %s", time_text(s->watch.limit_ns, text));
	} else {
		const char *separator = "until_death_of: [";
		for (int i = 0; i < s->connection_count; i++) {
			if ((s->watch.mask & (1U << i)) == 0)
				continue;
			fputs(separator, stream);
			put_name(stream, s, i);
			separator = ", ";
		}
		fputc(']', stream);
		if (s->watch.limit_ns != 0)
			put_time(stream, "at_most", s->watch.limit_ns);
	}
	if (s->watch.then_ns != 0)
		put_time(stream, "then", s->watch.then_ns);
	fputs(" }\n", stream);
}

/* ---- expectations ---- */

static void put_expectation(
	FILE *stream, const struct scenario *s, const struct expectation *expectation)
{
	const struct expectation_rule *rule = expectation_rule(expectation->kind);
	unsigned has = rule->needs | rule->takes;

	fputs("  - { connection: ", stream);
	put_name(stream, s, expectation->connection);
	fprintf(stream, ", expect: %s", rule->words);
	if ((has & PARAMETER_COUNT) != 0)
		fprintf(stream, ", count: %d", expectation->parameters.count);
	if ((has & PARAMETER_ROUNDS) != 0)
		fprintf(stream, ", rounds: %d", expectation->parameters.count);
	if ((has & PARAMETER_NTH) != 0)
		fprintf(stream, ", nth: %d", expectation->parameters.count);
	if ((has & PARAMETER_AFTER) != 0)
		fprintf(stream, ", after: %s", scenario_references[expectation->parameters.after]);
	if ((has & PARAMETER_TIMES) != 0)
		put_time(stream,
			(has & PARAMETER_IN) != 0	? "in"
			: (has & PARAMETER_WITHIN) != 0 ? "within"
							: "for",
			expectation->parameters.time_ns);
	if ((has & PARAMETER_ANSWER) != 0) {
		fputs(", answer: ", stream);
		put_quoted(stream, expectation->parameters.answer);
	}
	if ((has & PARAMETER_CID_OF) != 0 && expectation->parameters.cid_of != NO_CONNECTION) {
		fputs(", cid_of: ", stream);
		put_name(stream, s, expectation->parameters.cid_of);
	}
	fprintf(stream, ", requirement: %s }", expectation->requirement);
}

/* ---- the file ---- */

int scenario_file_write(const struct scenario_file *file, const struct scenario_comments *comments,
	FILE *stream, struct error *err)
{
	const struct scenario *s = &file->scenario;

	if (s->error[0] != '\0')
		return error_set(err, ERROR_USAGE, "invalid scenario: %s", s->error);
	if (comments != NULL && comments->head != NULL)
		put_head(stream, comments->head);
	fputs("scenario: ", stream);
	put_word(stream, file->name);
	fputc('\n', stream);
	if (file->about[0] != '\0') {
		fputs("about: ", stream);
		put_quoted(stream, file->about);
		fputc('\n', stream);
	}
	if (s->exclusive)
		fputs("exclusive: true\n", stream);
	put_connections(stream, s);
	if (put_setup(stream, s, comments, err) != 0)
		return -1;
	if (put_steps(stream, s, comments, err) != 0)
		return -1;
	put_watch(stream, s);
	fputs("expectations:\n", stream);
	for (int i = 0; i < file->expectation_count; i++) {
		put_expectation(stream, s, &file->expectations[i]);
		put_comment(stream, comments == NULL ? "" : comments->expectations[i]);
		fputc('\n', stream);
	}
	if (fflush(stream) != 0 || ferror(stream) != 0)
		return error_errno(err, ERROR_BENCH, "cannot write the scenario");
	return 0;
}
