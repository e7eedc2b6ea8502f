/* SPDX-License-Identifier: MIT */
#include "report/html/picture.h"

#include <stdlib.h>
#include <string.h>

#include "judge/verdict.h"
#include "report/html/html_text.h"
#include "report/html/picture_layers.h"
#include "report/model/drives.h"

/* ---- where everything is ---- */

static bool is_seen_of(const struct event *event)
{
	return event->connection >= 0 && event->connection < SCENARIO_CONNECTIONS &&
	       (event->kind == EVENT_SEGMENT || event->kind == EVENT_OPENED ||
		       event->kind == EVENT_PEER || event->kind == EVENT_NOTICE ||
		       event->kind == EVENT_RESPONSE);
}

static void find_start(struct picture *picture)
{
	const struct timeline *timeline = picture->timeline;

	picture->start_ns = timeline->count > 0 ? timeline->events[0].t_ns : 0;
	for (size_t i = 0; i < timeline->count; i++)
		if (timeline->events[i].kind == EVENT_START)
			picture->start_ns = timeline->events[i].t_ns;
}

static void note_event(struct picture *picture, const struct event *event)
{
	picture->has_uart = picture->has_uart || event->kind == EVENT_COMMAND ||
			    event->kind == EVENT_NOTICE || event->kind == EVENT_RESPONSE;
	picture->has_air = picture->has_air || event->kind == EVENT_AIR;
	if (!is_seen_of(event))
		return;
	struct strip *strip = &picture->strips[event->connection];
	strip->shown = true;
	strip->has_states = strip->has_states || event->kind == EVENT_PEER;
}

/* What the leg needs room for. */
static void note_leg(struct picture *picture, const struct check *check)
{
	if (check == NULL)
		return;
	struct strip *strip = &picture->strips[check->connection];
	strip->measures += picture_measures(picture, check);
	strip->complains = strip->complains || picture_complains(check);
}

/* Lanes from above to below; many connections get narrow ones. */
static void place_lanes(struct picture *picture)
{
	for (size_t i = 0; i < picture->timeline->count; i++)
		note_event(picture, &picture->timeline->events[i]);
	for (int c = 0; c < SCENARIO_CONNECTIONS; c++)
		picture->connections += picture->strips[c].shown;
	for (size_t i = 0; i < picture->verdict->check_count; i++)
		note_leg(picture, picture_leg(picture, i));
	picture->half = picture->connections > 4 ? 8 : 11;
	picture->uart_y = RULER + 6 + 11;
	double y = picture->has_uart ? picture->uart_y + 11 : RULER;
	picture->air_y = y + 11;
	y += picture->has_air ? 22 : 0;
	for (int c = 0; c < SCENARIO_CONNECTIONS; c++) {
		struct strip *strip = &picture->strips[c];
		if (!strip->shown)
			continue;
		y += picture->connections > 1 ? 16 : 4;
		strip->label_y = y - 2;
		y += strip->complains ? 11 : 0;
		strip->device_y = y + picture->half;
		strip->peer_y = strip->device_y + 2 * picture->half;
		strip->state_y = strip->peer_y + (strip->has_states ? 1.8 : 0) * picture->half;
		y = strip->state_y + picture->half;
		strip->measure_y = y + 9;
		y += 16.0 * strip->measures;
	}
	picture->height = y + 6;
}

/* ---- moments ---- */

static int worth_of(const struct event *event)
{
	if (event->kind == EVENT_FAULT)
		return 2;
	if (event->kind == EVENT_NOTICE || event->kind == EVENT_START)
		return 1;
	if (event->kind == EVENT_PEER)
		return event->act != ACT_RAW_SEGMENT && event->act != ACT_RECEIVED &&
		       event->act != ACT_SENT;
	return event->kind == EVENT_SEGMENT &&
	       (event->segment.flags & (TCP_FLAG_RST | TCP_FLAG_FIN | TCP_FLAG_SYN)) != 0;
}

/* Where something was expected and not measured, or measured and not right. */
static size_t add_moments_of(
	const struct timeline *timeline, const struct check *check, struct moment *moments)
{
	size_t count = 0;

	if (!drive_has(timeline, check) || (check->measured && check->outcome == OUTCOME_PASS))
		return 0;
	moments[count++] = (struct moment){.t_ns = check->begin_ns, .worth = 2};
	if (check->measured)
		moments[count++] =
			(struct moment){.t_ns = check->begin_ns + check->measured_ns, .worth = 2};
	if (check->from_ns > 0)
		moments[count++] =
			(struct moment){.t_ns = check->begin_ns + check->from_ns, .worth = 2};
	moments[count++] = (struct moment){.t_ns = check->begin_ns + check->to_ns, .worth = 2};
	return count;
}

/* It has no moment of its own. */
static bool is_span(const struct event *event)
{
	return event->kind == EVENT_AIR &&
	       (event->air.kind == AIR_WATCHED || event->air.kind == AIR_ASLEEP);
}

/* false when out of memory. */
static bool make_axis(struct picture *picture)
{
	const struct timeline *timeline = picture->timeline;
	const size_t room =
		timeline->count + 4 * picture->verdict->check_count + picture->ghost_count + 1;
	struct moment *moments = calloc(room, sizeof *moments);
	size_t count = 0;
	int64_t end_ns = picture->start_ns;

	if (moments == NULL)
		return false;
	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind != EVENT_STEP && !is_span(event))
			moments[count++] =
				(struct moment){.t_ns = event->t_ns, .worth = worth_of(event)};
		if (event->t_ns > end_ns)
			end_ns = event->t_ns;
	}
	/* What came too early is shown with the window that is behind the end of the watch; what did not
	 * come by then is not. */
	for (size_t i = 0; i < picture->verdict->check_count; i++) {
		const struct check *check = &picture->verdict->checks[i];
		const size_t more = add_moments_of(timeline, check, moments + count);
		for (size_t k = 0; k < more && check->measured; k++)
			if (moments[count + k].t_ns > end_ns)
				end_ns = moments[count + k].t_ns;
		count += more;
	}
	for (size_t i = 0; i < picture->ghost_count; i++) {
		moments[count++] = (struct moment){.t_ns = picture->ghosts[i].t_ns, .worth = 1};
		if (picture->ghosts[i].t_ns > end_ns)
			end_ns = picture->ghosts[i].t_ns;
	}
	size_t kept = 0;
	for (size_t i = 0; i < count; i++)
		if (moments[i].t_ns <= end_ns)
			moments[kept++] = moments[i];
	if (kept == 0)
		moments[kept++] = (struct moment){.t_ns = end_ns};
	axis_make(&picture->axis, moments, kept, PICTURE_LEFT, PICTURE_WIDTH - PICTURE_RIGHT);
	free(moments);
	return true;
}

/* ---- the whole ---- */

static void write_axis(const struct picture *picture)
{
	FILE *stream = picture->stream;

	fputs(" data-axis=\"", stream);
	for (size_t i = 0; i < picture->axis.count; i++) {
		const struct axis_piece *piece = &picture->axis.pieces[i];
		if (i == 0)
			fprintf(stream, "%.3f:%.1f", picture_s(picture, piece->from_ns),
				piece->from_x);
		fprintf(stream, "%c%.3f:%.1f", piece->broken ? '~' : ' ',
			picture_s(picture, piece->to_ns), piece->to_x);
	}
	fputc('"', stream);
}

/* The picture in words, for those who do not see it. */
static void write_words(const struct picture *picture)
{
	FILE *stream = picture->stream;
	const struct event *first = NULL, *last = NULL;
	int probes = 0, notices = 0;

	for (size_t i = 0; i < picture->timeline->count; i++) {
		const struct event *event = &picture->timeline->events[i];
		notices += event->kind == EVENT_NOTICE;
		if (event->kind != EVENT_SEGMENT || event->segment.direction != FROM_DEVICE ||
			event->segment.role != ROLE_PROBE)
			continue;
		if (first == NULL)
			first = event;
		last = event;
		probes++;
	}
	fputs(" role=\"img\" aria-label=\"timeline: ", stream);
	if (probes == 0)
		fputs("no probe", stream);
	else
		fprintf(stream, "%d probe%s, from %.1f s to %.1f s", probes, probes == 1 ? "" : "s",
			picture_s(picture, first->t_ns), picture_s(picture, last->t_ns));
	if (picture->has_uart)
		fprintf(stream, "; %d notice%s on the UART", notices, notices == 1 ? "" : "s");
	fputc('"', stream);
}

void picture_write(FILE *stream, const struct timeline *timeline, const struct verdict *verdict)
{
	picture_write_over(stream, timeline, verdict, &(struct picture_base){0});
}

void picture_write_over(FILE *stream, const struct timeline *timeline,
	const struct verdict *verdict, const struct picture_base *base)
{
	struct picture *picture = calloc(1, sizeof *picture);

	if (picture == NULL)
		return;
	picture->stream = stream;
	picture->timeline = timeline;
	picture->verdict = verdict;
	find_start(picture);
	picture_take_base(picture, base);
	if (make_axis(picture)) {
		place_lanes(picture);
		fprintf(stream, "<svg class=\"timeline\" viewBox=\"0 0 %.0f %.0f\"",
			picture->axis.to_x + PICTURE_RIGHT, picture->height);
		write_words(picture);
		write_axis(picture);
		fputc('>', stream);
		picture_write_ruler(picture);
		picture_write_states(picture);
		picture_write_frame(picture);
		picture_write_windows(picture);
		picture_write_air(picture);
		picture_write_breaks(picture);
		picture_write_faults(picture);
		picture_write_complaints(picture);
		picture_write_measures(picture);
		picture_write_base(picture);
		picture_write_marks(picture);
		fputs("</svg>\n", stream);
	}
	free(picture->ghosts);
	free(picture);
}

void picture_write_legend(FILE *stream, bool uart)
{
	static const struct {
		const char *symbol, *meaning;
		bool of_bench;
	} symbols[] = {
		{"probe", "keep-alive probe", false},
		{"answer", "answer to a probe", false},
		{"data", "data", false},
		{"resent", "retransmission", false},
		{"syn", "SYN", false},
		{"ack", "ACK", false},
		{"fin", "FIN", false},
		{"rst", "RST", false},
		{"odd", "other segment without data", false},
		{"stray", "segment to be ignored", true},
		{"command", "AT command", true},
		{"response", "response", true},
		{"notice", "notice", false},
		{"listing", "list of CIDs", true},
		{"lost", "frame lost in the air", true},
		{"trouble", "evidence fault", false},
		{"tear", "time left out", false},
	};

	fputs("<ul class=\"legend\">", stream);
	for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
		if (uart || !symbols[i].of_bench)
			fprintf(stream,
				"<li><svg viewBox=\"-8 -8 16 16\" aria-hidden=\"true\"><use "
				"href=\"#%s\"/></svg>%s</li>",
				symbols[i].symbol, symbols[i].meaning);
	fputs("<li><i class=\"w\"></i>expected window</li>", stream);
	fputs("<li><i class=\"silence\"></i>the peer is silent</li>", stream);
	fputs("<li><i class=\"f\"></i>no evidence</li>", stream);
	fputs("</ul>\n", stream);
}
