/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "report/html/html_text.h"
#include "report/html/picture_layers.h"
#include "uart/at_command.h"

/* The marks of a picture: segments and what was said on the UART. */

enum lane { LANE_NONE, LANE_UART, LANE_DEVICE, LANE_PEER };

/* How a mark looks; where several are at one place, the one of the highest rank is drawn. */
struct look {
	const char *symbol;
	int rank;
};

static struct look look_of_role(enum segment_role role)
{
	switch (role) {
	case ROLE_PLAIN:
		return (struct look){"ack", 1};
	case ROLE_SYN:
		return (struct look){"syn", 3};
	case ROLE_FIN:
		return (struct look){"fin", 8};
	case ROLE_RST:
	case ROLE_PROBE_RST:
		return (struct look){"rst", 9};
	case ROLE_DATA:
		return (struct look){"data", 5};
	case ROLE_RETRANSMISSION:
		return (struct look){"resent", 5};
	case ROLE_PROBE:
		return (struct look){"probe", 7};
	case ROLE_PROBE_ANSWER:
		return (struct look){"answer", 4};
	case ROLE_UNSOLICITED_ACK:
	case ROLE_ZERO_WINDOW_PROBE:
	case ROLE_NOT_A_PROBE:
	case ROLE_UNDECIDABLE:
	case ROLE_OTHER_TUPLE:
		return (struct look){"odd", 6};
	case ROLE_STRAY:
		return (struct look){"stray", 2};
	}
	return (struct look){"ack", 0};
}

static struct look look_of(const struct event *event)
{
	switch (event->kind) {
	case EVENT_SEGMENT:
		return look_of_role(event->segment.role);
	case EVENT_NOTICE:
		return (struct look){"notice", 9};
	case EVENT_DATA:
		return (struct look){"data", 5};
	case EVENT_COMMAND:
		return (struct look){"command", 3};
	case EVENT_LISTING:
		return (struct look){"listing", 2};
	case EVENT_RESPONSE:
	case EVENT_OPENED:
	case EVENT_PEER:
	case EVENT_STEP:
	case EVENT_START:
	case EVENT_WATCHED:
	case EVENT_ARP:
	case EVENT_AIR:
	case EVENT_FAULT:
		break;
	}
	return (struct look){"response", 1};
}

const char *picture_symbol(const struct event *event)
{
	return look_of(event).symbol;
}

static enum lane lane_of(const struct event *event)
{
	switch (event->kind) {
	case EVENT_SEGMENT:
		return event->segment.direction == FROM_DEVICE ? LANE_DEVICE : LANE_PEER;
	case EVENT_COMMAND:
	case EVENT_RESPONSE:
	case EVENT_NOTICE:
	case EVENT_DATA:
	case EVENT_LISTING:
		return LANE_UART;
	case EVENT_OPENED:
	case EVENT_PEER:
	case EVENT_STEP:
	case EVENT_START:
	case EVENT_WATCHED:
	case EVENT_ARP:
	case EVENT_AIR:
	case EVENT_FAULT:
		break;
	}
	return LANE_NONE;
}

static bool is_of(const struct event *event, enum lane lane, int connection)
{
	return lane_of(event) == lane && (lane == LANE_UART || event->connection == connection);
}

static bool is_in(
	const struct picture *picture, const struct event *event, enum lane lane, int connection)
{
	return is_of(event, lane, connection) && axis_shows(&picture->axis, event->t_ns);
}

static void say_segment(FILE *stream, const struct event *event)
{
	const struct timeline_segment *segment = &event->segment;

	fprintf(stream, "%s", segment_role_name(segment->role));
	if (segment->length > 0)
		fprintf(stream, " of %u", segment->length);
	if (!segment->checksum_ok)
		fputs(", bad checksum", stream);
	/* Of what is only known to have been sent then nothing more is known. */
	if (segment->frame != 0)
		fprintf(stream, ", frame %llu", (unsigned long long)segment->frame);
	if (segment->answers > 0)
		fprintf(stream, " answers %llu", (unsigned long long)segment->answers);
	if (segment->frame != 0)
		fprintf(stream, ", seq %u", segment->seq);
	if (segment->frame != 0 && (segment->flags & TCP_FLAG_ACK) != 0)
		fprintf(stream, " ack %u", segment->ack);
}

/* One line of a mark's title. */
static void say_event(const struct picture *picture, const struct event *event)
{
	FILE *stream = picture->stream;

	fprintf(stream, "%.3f s ", picture_s(picture, event->t_ns));
	if (event->kind == EVENT_SEGMENT) {
		say_segment(stream, event);
		return;
	}
	if (picture->connections > 1 && event->connection >= 0 &&
		event->connection < picture->timeline->scenario.connection_count)
		html_say(stream,
			"%s: ", picture->timeline->scenario.connections[event->connection].name);
	if (event->kind == EVENT_LISTING)
		fprintf(stream, "CID %s " AT_LINE_LIST_CIDS, event->listed ? "in" : "not in");
	else if (event->kind == EVENT_DATA)
		fprintf(stream, "%d octet%s delivered%s", event->size, event->size == 1 ? "" : "s",
			event->ok ? "" : ", differs from what was sent");
	else
		html_say(stream, "%s%s %s", event->kind == EVENT_NOTICE ? "notice " : "",
			event->kind == EVENT_COMMAND ? ">" : "<", event->text);
}

/* Marks first..last of a lane, which are at one place; next_x: where the next one is. */
static void write_mark(const struct picture *picture, enum lane lane, int connection, size_t first,
	size_t last, double next_x)
{
	FILE *stream = picture->stream;
	const struct event *events = picture->timeline->events;
	struct look best = {"", -1};
	int count = 0;

	for (size_t i = first; i <= last; i++) {
		if (!is_in(picture, &events[i], lane, connection))
			continue;
		struct look look = look_of(&events[i]);
		if (look.rank > best.rank)
			best = look;
		count++;
	}
	const double x = axis_x(&picture->axis, events[first].t_ns);
	fprintf(stream, "<use href=\"#%s\"", best.symbol);
	html_at(stream, "x", x);
	fputs("><title>", stream);
	for (size_t i = first, said = 0; i <= last; i++) {
		if (!is_in(picture, &events[i], lane, connection))
			continue;
		if (said++ > 0)
			fputc('\n', stream);
		say_event(picture, &events[i]);
	}
	fputs("</title></use>", stream);
	/* The number must not run into the next mark, nor into its number. */
	const double half_mark = 5, digits = count < 10 ? 6 : count < 100 ? 11 : 16;
	if (count > 1 && x + 5 + digits <= next_x - half_mark) {
		fputs("<text", stream);
		html_at(stream, "x", x + 5);
		fprintf(stream, " y=\"-4\">%d</text>", count);
	}
}

/* Marks nearer than this cannot be told apart. */
static const double one_place = 3;

/* What lies in a break, for the script, which can show it: a line each, as in the titles. */
static void write_left_out(const struct picture *picture, enum lane lane, int connection)
{
	const char *before = "<desc>";

	for (size_t i = 0; i < picture->timeline->count; i++) {
		const struct event *event = &picture->timeline->events[i];
		if (!is_of(event, lane, connection) || axis_shows(&picture->axis, event->t_ns))
			continue;
		fputs(before, picture->stream);
		before = "\n";
		say_event(picture, event);
	}
	if (before[0] == '\n')
		fputs("</desc>", picture->stream);
}

static void write_lane(const struct picture *picture, enum lane lane, int connection, double y)
{
	const struct timeline *timeline = picture->timeline;
	size_t first = timeline->count, last = 0;
	double x = 0;

	fputs("<g class=\"m\" transform=\"translate(0 ", picture->stream);
	html_number(picture->stream, y);
	fputs(")\">", picture->stream);
	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (!is_in(picture, event, lane, connection))
			continue;
		double here = axis_x(&picture->axis, event->t_ns);
		if (first < timeline->count && here - x > one_place) {
			write_mark(picture, lane, connection, first, last, here);
			first = timeline->count;
		}
		if (first == timeline->count) {
			first = i;
			x = here;
		}
		last = i;
	}
	if (first < timeline->count)
		write_mark(picture, lane, connection, first, last, PICTURE_WIDTH + 99);
	write_left_out(picture, lane, connection);
	fputs("</g>", picture->stream);
}

void picture_write_marks(const struct picture *picture)
{
	write_lane(picture, LANE_UART, NO_CONNECTION, picture->uart_y);
	for (int c = 0; c < SCENARIO_CONNECTIONS; c++) {
		const struct strip *strip = &picture->strips[c];
		if (!strip->shown)
			continue;
		write_lane(picture, LANE_DEVICE, c, strip->device_y);
		write_lane(picture, LANE_PEER, c, strip->peer_y);
	}
}
