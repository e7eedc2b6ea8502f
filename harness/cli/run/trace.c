/* SPDX-License-Identifier: MIT */
#include "cli/run/trace.h"

#include <string.h>

#include "report/text/text.h"

unsigned trace_parse(const char *words)
{
	static const char *const names[] = {"uart", "wire", "bench"};
	unsigned set = 0;

	for (;;) {
		size_t length = strcspn(words, ",");
		unsigned bit = 0;
		for (unsigned i = 0; i < 3; i++)
			if (strlen(names[i]) == length && strncmp(words, names[i], length) == 0)
				bit = 1U << i;
		if (bit == 0)
			return 0;
		set |= bit;
		if (words[length] == '\0')
			return set;
		words += length + 1;
	}
}

/* A negative time is none. */
static void begin(FILE *stream, const char *kind, const char *device, double t_s)
{
	fprintf(stream, "%-5s ", kind);
	size_t width = strlen(device);
	text_put(stream, TEXT_LINE, device);
	fprintf(stream, "%*s ", width < 10 ? (int)(10 - width) : 0, "");
	if (t_s < 0)
		fprintf(stream, "%14s", "");
	else
		fprintf(stream, "+%12.6f ", t_s);
}

static void wire(const struct watched *what, FILE *stream)
{
	const struct timeline_segment *segment = &what->event.segment;

	begin(stream, "wire", what->device, (double)what->t_ns / 1e9);
	text_put(stream, TEXT_LINE, what->case_name);
	fprintf(stream, " %s %c %s, seq %u ack %u, %u octet%s%s\n", what->connection,
		segment->direction == FROM_DEVICE ? '>' : '<', segment_role_name(segment->role),
		segment->seq, segment->ack, segment->length, segment->length == 1 ? "" : "s",
		segment->checksum_ok ? "" : ", checksum wrong");
}

static const char *air_word(enum air_record record)
{
	switch (record) {
	case AIR_WATCHED:
		return "the monitor heard the air up to here";
	case AIR_SENT:
		return "a frame on the air did not come to the wire";
	case AIR_UNDELIVERED:
		return "a frame on the wire was not delivered on the air";
	case AIR_ASLEEP:
		return "the module's radio slept up to here";
	}
	return NULL;
}

static const char *word_of(const struct watched *what)
{
	if (what->kind == WATCHED_BEGUN)
		return "begun";
	if (what->kind == WATCHED_OVER)
		return "ended, timeline delivered";
	switch (what->event.kind) {
	case EVENT_OPENED:
		return "opened";
	case EVENT_NOTICE:
		return "notice";
	case EVENT_PEER:
		return "peer";
	case EVENT_STEP:
		return "step";
	case EVENT_START:
		return "second 0";
	case EVENT_WATCHED:
		return "end of the watch";
	case EVENT_ARP:
		return "asks for the peer's hardware address";
	case EVENT_AIR:
		return air_word(what->event.air.kind);
	case EVENT_FAULT:
		return "evidence fault";
	case EVENT_LISTING:
		return what->event.listed ? "still listed" : "no longer listed";
	case EVENT_DATA:
		return what->event.ok ? "data delivered"
				      : "data delivered differs from the data sent";
	case EVENT_SEGMENT:
	case EVENT_COMMAND:
	case EVENT_RESPONSE:
		break;
	}
	return NULL;
}

void trace_watched(unsigned set, const struct watched *what, FILE *stream)
{
	const char *word = word_of(what);

	if (what->kind == WATCHED_EVENT && what->event.kind == EVENT_SEGMENT) {
		if ((set & TRACE_WIRE) != 0)
			wire(what, stream);
		return;
	}
	if ((set & TRACE_BENCH) == 0 || word == NULL)
		return;
	begin(stream, "bench", what->device, (double)what->t_ns / 1e9);
	text_put(stream, TEXT_LINE, what->case_name);
	fprintf(stream, "%s%s: %s", what->connection[0] == '\0' ? "" : " ", what->connection, word);
	if (what->kind == WATCHED_EVENT && what->event.step >= 0)
		fprintf(stream, " %d", what->event.step);
	if (what->kind == WATCHED_EVENT && what->event.cid >= 0)
		fprintf(stream, ", CID %x", (unsigned)what->event.cid);
	if (what->kind == WATCHED_EVENT && what->event.kind == EVENT_PEER)
		fprintf(stream, ", %s", peer_act_names.name[what->event.act]);
	if (what->kind == WATCHED_EVENT && what->event.text[0] != '\0') {
		fputs(", ", stream);
		text_put(stream, TEXT_LINE, what->event.text);
	}
	fputc('\n', stream);
}

static void field(const json_t *event, const char *key, const char *before, FILE *stream)
{
	const char *text = json_string_value(json_object_get(event, key));

	if (text == NULL)
		return;
	fputs(before, stream);
	text_put(stream, TEXT_LINE, text);
}

void trace_journal(unsigned set, const json_t *event, FILE *stream)
{
	const char *device = json_string_value(json_object_get(event, "device"));
	const char *kind = json_string_value(json_object_get(event, "event"));

	/* Of admissions the sessions tell. */
	if ((set & TRACE_BENCH) == 0 || kind == NULL || strcmp(kind, "admitted") == 0)
		return;
	const json_t *t_s = json_object_get(event, "t_s");
	begin(stream, "bench", device == NULL ? "-" : device,
		t_s == NULL ? -1 : json_number_value(t_s));
	fputs(kind, stream);
	field(event, "case", " ", stream);
	field(event, "step", ": ", stream);
	field(event, "firmware", ": ", stream);
	field(event, "text", ": ", stream);
	field(event, "reason", ": ", stream);
	field(json_object_get(event, "verdict"), "outcome", ": ", stream);
	field(json_object_get(event, "verdict"), "text", ", ", stream);
	fputc('\n', stream);
}
