/* SPDX-License-Identifier: MIT */
#include "timeline/timeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "timeline/fields.h"

/* What is written.  Format 1, which has words where this has codes, is read as well. */
enum { FORMAT = 2, FORMAT_WORDS = 1 };

static const char *const kind_names[] = {
	[EVENT_SEGMENT] = "segment",
	[EVENT_COMMAND] = "command",
	[EVENT_RESPONSE] = "response",
	[EVENT_NOTICE] = "notice",
	[EVENT_DATA] = "data",
	[EVENT_OPENED] = "opened",
	[EVENT_LISTING] = "listing",
	[EVENT_PEER] = "peer",
	[EVENT_STEP] = "step",
	[EVENT_START] = "start",
	[EVENT_WATCHED] = "watched",
	[EVENT_ARP] = "arp",
	[EVENT_AIR] = "air",
	[EVENT_FAULT] = "fault",
};
static const char *const fault_names[] = {
	[FAULT_NONE] = "none",
	[FAULT_CAPTURE_DROP] = "capture drop",
	[FAULT_CLOCK_STEP] = "clock step",
	[FAULT_STAMPS] = "stamps",
	[FAULT_REBOOT] = "reboot",
	[FAULT_DISASSOCIATED] = "disassociated",
	[FAULT_SILENT_DEVICE] = "silent device",
	[FAULT_NO_CONNECTION] = "no connection",
	[FAULT_PROVOKED] = "provoked",
	[FAULT_NO_LINK] = "no link",
	[FAULT_LATE_STEP] = "late step",
	[FAULT_BENCH] = "bench",
};

const char *evidence_fault_name(enum evidence_fault fault)
{
	return fault_names[fault];
}

enum evidence_fault evidence_fault_named(const char *name)
{
	const int fault = names_find(NAMES(fault_names), name);

	return fault < 0 ? FAULT_NONE : (enum evidence_fault)fault;
}

static const char *const form_names[] = {
	[AT_FORM_PLAIN] = "plain",
	[AT_FORM_BRACKETED] = "bracketed",
	[AT_FORM_NUMERIC] = "numeric",
	[AT_FORM_ESCAPE] = "escape",
};
static const char *const command_names[] = {
	[AT_COMMAND_OTHER] = "other",
	[AT_COMMAND_NUMERIC] = "numeric",
	[AT_COMMAND_VERBOSE] = "verbose",
};
static const char *const reason_names[] = {
#define REASON(name, fault, words) [REASON_##name] = (words),
#include "timeline/fault_reasons.def"
#undef REASON
};
static const char *const direction_names[] = {
	[FROM_DEVICE] = "device",
	[FROM_PEER] = "peer",
};
static const char *const segment_role_names[] = {
	[ROLE_PLAIN] = "plain",
	[ROLE_SYN] = "syn",
	[ROLE_FIN] = "fin",
	[ROLE_RST] = "rst",
	[ROLE_DATA] = "data",
	[ROLE_RETRANSMISSION] = "retransmission",
	[ROLE_PROBE] = "probe",
	[ROLE_PROBE_ANSWER] = "probe answer",
	[ROLE_PROBE_RST] = "probe rst",
	[ROLE_UNSOLICITED_ACK] = "unsolicited ack",
	[ROLE_ZERO_WINDOW_PROBE] = "zero-window probe",
	[ROLE_NOT_A_PROBE] = "not a probe",
	[ROLE_UNDECIDABLE] = "undecidable",
	[ROLE_STRAY] = "stray",
	[ROLE_OTHER_TUPLE] = "other tuple",
};

static const char *const air_names[] = {
	[AIR_WATCHED] = "watched",
	[AIR_SENT] = "sent",
	[AIR_UNDELIVERED] = "undelivered",
	[AIR_ASLEEP] = "asleep",
};

static void put_segment(struct writer *w, const struct timeline_segment *segment)
{
	put_name(w, "from", (int)segment->direction, NAMES(direction_names));
	put_name(w, "role", (int)segment->role, NAMES(segment_role_names));
	put_integer(w, "seq", segment->seq, 0);
	put_integer(w, "ack", segment->ack, 0);
	put_integer(w, "flags", segment->flags, 0);
	put_integer(w, "ttl", segment->ttl, 0);
	put_integer(w, "window", segment->window, 0);
	put_integer(w, "length", segment->length, 0);
	put_bool(w, "bad_checksum", !segment->checksum_ok);
	put_bool(w, "other_mac", segment->other_mac);
	put_integer(w, "tos", segment->tos, 0);
	put_bool(w, "dont_fragment", segment->dont_fragment);
	put_text(w, "options", segment->options);
	put_integer(w, "frame", (int64_t)segment->frame, 0);
	put_integer(w, "answers", (int64_t)segment->answers, 0);
	put_integer(w, "snd_nxt", segment->snd_nxt, 0);
	put_integer(w, "rcv_nxt", segment->rcv_nxt, 0);
}

static void get_segment(struct reader *r, struct timeline_segment *segment)
{
	segment->direction = (enum direction)get_name(r, "from", NAMES(direction_names));
	segment->role = (enum segment_role)get_name(r, "role", NAMES(segment_role_names));
	segment->seq = (uint32_t)get_integer(r, "seq", 0, 0, UINT32_MAX);
	segment->ack = (uint32_t)get_integer(r, "ack", 0, 0, UINT32_MAX);
	segment->flags = (uint8_t)get_integer(r, "flags", 0, 0, UINT8_MAX);
	segment->ttl = (uint8_t)get_integer(r, "ttl", 0, 0, UINT8_MAX);
	segment->window = (uint16_t)get_integer(r, "window", 0, 0, UINT16_MAX);
	segment->length = (uint32_t)get_integer(r, "length", 0, 0, UINT32_MAX);
	segment->checksum_ok = !get_bool(r, "bad_checksum");
	segment->other_mac = get_bool(r, "other_mac");
	segment->tos = (uint8_t)get_integer(r, "tos", 0, 0, UINT8_MAX);
	segment->dont_fragment = get_bool(r, "dont_fragment");
	get_text(r, "options", segment->options, sizeof segment->options);
	segment->frame = (uint64_t)get_integer(r, "frame", 0, INT64_MIN, INT64_MAX);
	segment->answers = (uint64_t)get_integer(r, "answers", 0, INT64_MIN, INT64_MAX);
	segment->snd_nxt = (uint32_t)get_integer(r, "snd_nxt", 0, 0, UINT32_MAX);
	segment->rcv_nxt = (uint32_t)get_integer(r, "rcv_nxt", 0, 0, UINT32_MAX);
}

static void put_air(struct writer *w, const struct timeline_air *air)
{
	put_name(w, "air", (int)air->kind, NAMES(air_names));
	put_integer(w, "tries", air->tries, 0);
	put_integer(w, "frame", (int64_t)air->frame, 0);
	put_integer(w, "heard", air->heard, 0);
	put_integer(w, "missed", air->missed, 0);
}

static void get_air(struct reader *r, struct timeline_air *air)
{
	air->kind = (enum air_record)get_name(r, "air", NAMES(air_names));
	air->tries = (int)get_integer(r, "tries", 0, 0, INT32_MAX);
	air->frame = (uint64_t)get_integer(r, "frame", 0, INT64_MIN, INT64_MAX);
	air->heard = (int)get_integer(r, "heard", 0, 0, INT32_MAX);
	air->missed = (int)get_integer(r, "missed", 0, 0, INT32_MAX);
}

/* What an event of its kind alone has. */
static void put_kind(struct writer *w, const struct event *event)
{
	switch (event->kind) {
	case EVENT_SEGMENT:
		put_segment(w, &event->segment);
		break;
	case EVENT_COMMAND:
		if (event->command != AT_COMMAND_OTHER)
			put_name(w, "command", (int)event->command, NAMES(command_names));
		break;
	case EVENT_RESPONSE:
	case EVENT_NOTICE:
		put_text(w, "code", at_code_text(event->code));
		put_name(w, "form", (int)event->form, NAMES(form_names));
		break;
	case EVENT_PEER:
		put_name(w, "act", (int)event->act, peer_act_names);
		break;
	case EVENT_AIR:
		put_air(w, &event->air);
		break;
	case EVENT_FAULT:
		put_name(w, "fault", (int)event->fault, NAMES(fault_names));
		put_name(w, "reason", (int)event->reason, NAMES(reason_names));
		break;
	case EVENT_DATA:
	case EVENT_OPENED:
	case EVENT_LISTING:
	case EVENT_STEP:
	case EVENT_START:
	case EVENT_WATCHED:
	case EVENT_ARP:
		break;
	}
}

static enum at_code get_code(struct reader *r)
{
	char text[32];

	get_text(r, "code", text, sizeof text);
	const enum at_code code = at_code_of_text(text);
	if (text[0] != '\0' && code == AT_CODE_NONE)
		r->bad = "code";
	return code;
}

static void get_kind(struct reader *r, struct event *event)
{
	switch (event->kind) {
	case EVENT_SEGMENT:
		get_segment(r, &event->segment);
		break;
	case EVENT_COMMAND:
		event->command = (enum at_command)get_name_or(
			r, "command", NAMES(command_names), AT_COMMAND_OTHER);
		break;
	case EVENT_RESPONSE:
	case EVENT_NOTICE:
		event->code = get_code(r);
		event->form = (enum at_form)get_name(r, "form", NAMES(form_names));
		break;
	case EVENT_PEER:
		event->act = (enum peer_act)get_name(r, "act", peer_act_names);
		break;
	case EVENT_AIR:
		get_air(r, &event->air);
		break;
	case EVENT_FAULT:
		event->fault = (enum evidence_fault)get_name(r, "fault", NAMES(fault_names));
		event->reason = (enum fault_reason)get_name(r, "reason", NAMES(reason_names));
		break;
	case EVENT_DATA:
	case EVENT_OPENED:
	case EVENT_LISTING:
	case EVENT_STEP:
	case EVENT_START:
	case EVENT_WATCHED:
	case EVENT_ARP:
		break;
	}
}

/* Format 1: what was decided by words then. */
static void get_words(struct reader *r, struct event *event)
{
	char line[EVENT_TEXT];

	switch (event->kind) {
	case EVENT_SEGMENT:
		get_segment(r, &event->segment);
		break;
	case EVENT_COMMAND:
		event->command = at_command_of(event->text);
		break;
	case EVENT_RESPONSE:
	case EVENT_NOTICE:
		memcpy(line, event->text, sizeof line);
		event_take_line(event, line);
		if (event->kind == EVENT_NOTICE && event->ok)
			event->form = AT_FORM_NUMERIC;
		event->ok = false;
		break;
	case EVENT_PEER:
		event->act = (enum peer_act)get_name(r, "text", peer_act_names);
		event->text[0] = '\0';
		break;
	case EVENT_FAULT:
		event->fault = (enum evidence_fault)get_name(r, "fault", NAMES(fault_names));
		/* The one whose reason was looked for. */
		if (event->fault == FAULT_SILENT_DEVICE &&
			strstr(event->text, "not accepted") != NULL)
			event->reason = REASON_NOT_ACCEPTED;
		break;
	case EVENT_DATA:
	case EVENT_OPENED:
	case EVENT_LISTING:
	case EVENT_STEP:
	case EVENT_START:
	case EVENT_WATCHED:
	case EVENT_ARP:
	case EVENT_AIR:
		break;
	}
}

static json_t *event_to_json(const struct event *event)
{
	struct writer w = writer_new();

	put_json(&w, "t_ns", json_integer(event->t_ns));
	put_integer(&w, "error_ns", event->error_ns, 0);
	put_name(&w, "kind", (int)event->kind, NAMES(kind_names));
	put_integer(&w, "connection", event->connection, NO_CONNECTION);
	put_integer(&w, "generation", event->generation, 0);
	put_integer(&w, "cid", event->cid, -1);
	put_integer(&w, "step", event->step, -1);
	put_integer(&w, "size", event->size, 0);
	put_bool(&w, "listed", event->listed);
	put_bool(&w, "of_listener", event->of_listener);
	put_bool(&w, "ok", event->ok);
	put_integer(&w, "from_ns", event->from_ns, 0);
	put_integer(&w, "busy_ns", event->busy_ns, 0);
	put_kind(&w, event);
	put_text(&w, "text", event->text);
	return writer_finish(&w);
}

static const char *event_from_json(const json_t *json, int format, struct event *event)
{
	struct reader r = {.object = json};

	*event = (struct event){0};
	if (!json_is_integer(json_object_get(json, "t_ns")))
		return "t_ns";
	event->t_ns = get_integer(&r, "t_ns", 0, INT64_MIN / 4, INT64_MAX / 4);
	event->error_ns = get_integer(&r, "error_ns", 0, 0, INT64_MAX / 4);
	event->kind = (enum event_kind)get_name(&r, "kind", NAMES(kind_names));
	event->connection = (int)get_integer(
		&r, "connection", NO_CONNECTION, NO_CONNECTION, SCENARIO_CONNECTIONS - 1);
	event->generation = (int)get_integer(&r, "generation", 0, 0, INT32_MAX);
	event->cid = (int)get_integer(&r, "cid", -1, -1, INT32_MAX);
	event->step = (int)get_integer(&r, "step", -1, -1, SCENARIO_STEPS - 1);
	event->size = (int)get_integer(&r, "size", 0, INT32_MIN, INT32_MAX);
	event->listed = get_bool(&r, "listed");
	event->of_listener = get_bool(&r, "of_listener");
	event->ok = get_bool(&r, "ok");
	event->from_ns = get_integer(&r, "from_ns", 0, INT64_MIN / 4, INT64_MAX / 4);
	event->busy_ns = get_integer(&r, "busy_ns", 0, INT64_MIN / 4, INT64_MAX / 4);
	get_text(&r, "text", event->text, sizeof event->text);
	if (format == FORMAT)
		get_kind(&r, event);
	else
		get_words(&r, event);
	return r.bad;
}

static json_t *header_to_json(const struct timeline *timeline)
{
	struct writer w = writer_new();

	put_json(&w, "timeline", json_integer(FORMAT));
	put_text(&w, "case", timeline->case_name);
	put_text(&w, "device", timeline->device);
	put_integer(&w, "concurrent", timeline->concurrent, 0);
	put_bool(&w, "stepped", timeline->stepped);
	put_integer(&w, "path_delay_ns", timeline->path_delay_ns, 0);
	put_integer(&w, "uart_round_trips", timeline->uart.count, 0);
	put_integer(&w, "uart_least_ns", timeline->uart.least_ns, 0);
	put_integer(&w, "uart_most_ns", timeline->uart.most_ns, 0);
	put_json(&w, "scenario", scenario_to_json(&timeline->scenario));
	return writer_finish(&w);
}

static const char *header_from_json(const json_t *json, struct timeline *timeline, int *format)
{
	struct reader r = {.object = json};

	*format = (int)get_integer(&r, "timeline", 0, FORMAT_WORDS, FORMAT);
	if (*format == 0)
		return "timeline";
	get_text(&r, "case", timeline->case_name, sizeof timeline->case_name);
	get_text(&r, "device", timeline->device, sizeof timeline->device);
	timeline->concurrent =
		(int)get_integer(&r, *format == FORMAT ? "concurrent" : "company", 0, 0, INT32_MAX);
	timeline->stepped = get_bool(&r, "stepped");
	timeline->path_delay_ns = get_integer(&r, "path_delay_ns", 0, 0, INT64_MAX / 4);
	timeline->uart.count = (int)get_integer(&r, "uart_round_trips", 0, 0, INT32_MAX);
	timeline->uart.least_ns = get_integer(&r, "uart_least_ns", 0, 0, INT64_MAX / 4);
	timeline->uart.most_ns = get_integer(&r, "uart_most_ns", 0, 0, INT64_MAX / 4);
	if (r.bad != NULL)
		return r.bad;
	return scenario_from_json(json_object_get(json, "scenario"), &timeline->scenario);
}

/* Takes the reference. */
static int write_line(json_t *json, FILE *stream, struct error *err)
{
	if (json == NULL)
		return error_set(err, ERROR_MEMORY, "cannot write the timeline: out of memory");
	int written = json_dumpf(json, stream, JSON_COMPACT);
	json_decref(json);
	if (written != 0 || putc('\n', stream) == EOF)
		return error_errno(err, ERROR_BENCH, "cannot write the timeline");
	return 0;
}

int timeline_write(const struct timeline *timeline, FILE *stream, struct error *err)
{
	if (write_line(header_to_json(timeline), stream, err) != 0)
		return -1;
	for (size_t i = 0; i < timeline->count; i++)
		if (write_line(event_to_json(&timeline->events[i]), stream, err) != 0)
			return -1;
	if (fflush(stream) != 0)
		return error_errno(err, ERROR_BENCH, "cannot write the timeline");
	return 0;
}

/* An event may name only connections and steps that the scenario has: the judge relies on it. */
static const char *event_of_scenario(const struct event *event, const struct scenario *scenario)
{
	if (event->connection >= scenario->connection_count)
		return "connection";
	if (event->step >= scenario->step_count)
		return "step";
	return NULL;
}

static int take_line(struct timeline *timeline, const char *line, size_t length, size_t number,
	int *format, struct error *err)
{
	json_error_t trouble;
	struct event event;
	const char *bad;

	json_t *json = json_loadb(line, length, 0, &trouble);
	if (json == NULL)
		return error_set(
			err, ERROR_USAGE, "line %zu of the timeline: %s", number, trouble.text);
	const json_int_t newer = json_integer_value(json_object_get(json, "timeline"));
	if (number == 1 && newer > FORMAT) {
		json_decref(json);
		return error_set(err, ERROR_USAGE,
			"timeline format %d; this wizhil reads up to %d (use a newer version)",
			(int)newer, FORMAT);
	}
	if (number == 1)
		bad = header_from_json(json, timeline, format);
	else
		bad = event_from_json(json, *format, &event);
	if (number > 1 && bad == NULL)
		bad = event_of_scenario(&event, &timeline->scenario);
	json_decref(json);
	if (bad != NULL)
		return error_set(err, ERROR_USAGE,
			"line %zu of the timeline: '%s' is missing or wrong", number, bad);
	if (number > 1 && timeline_add(timeline, &event) != 0)
		return error_set(err, ERROR_MEMORY, "cannot read the timeline: out of memory");
	return 0;
}

struct timeline *timeline_read(FILE *stream, struct error *err)
{
	const struct scenario nothing = {0};
	struct timeline *timeline = timeline_new("", &nothing);
	char *line = NULL;
	size_t room = 0, number = 0;
	ssize_t length;
	int format = 0;

	if (timeline == NULL) {
		error_set(err, ERROR_MEMORY, "cannot read the timeline: out of memory");
		return NULL;
	}
	while ((length = getline(&line, &room, stream)) >= 0)
		if (take_line(timeline, line, (size_t)length, ++number, &format, err) != 0)
			goto fail;
	if (ferror(stream)) {
		error_errno(err, ERROR_BENCH, "cannot read the timeline");
		goto fail;
	}
	if (number == 0) {
		error_set(err, ERROR_USAGE, "the timeline is empty");
		goto fail;
	}
	free(line);
	return timeline;
fail:
	free(line);
	timeline_free(timeline);
	return NULL;
}
