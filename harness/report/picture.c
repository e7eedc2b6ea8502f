/* SPDX-License-Identifier: MIT */
#include "report/picture.h"

#include <stdlib.h>
#include <string.h>

#include "report/html_text.h"
#include "report/picture_parts.h"

double picture_s(const struct picture *picture, int64_t t_ns)
{
	return (double)(t_ns - picture->start_ns) / 1e9;
}

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

/* Lanes from above to below; many connections get narrow ones. */
static void place_lanes(struct picture *picture)
{
	for (size_t i = 0; i < picture->timeline->count; i++)
		if (is_seen_of(&picture->timeline->events[i]))
			picture->strips[picture->timeline->events[i].connection].shown = true;
	for (int c = 0; c < SCENARIO_CONNECTIONS; c++)
		picture->connections += picture->strips[c].shown;
	for (size_t i = 0; i < picture->verdict->check_count; i++)
		if (picture_leg(picture, i) != NULL && picture_measures(picture_leg(picture, i)))
			picture->strips[picture->verdict->checks[i].connection].measures++;
	picture->half = picture->connections > 4 ? 8 : 11;
	picture->uart_y = RULER + 6 + 11;
	double y = picture->uart_y + 11;
	for (int c = 0; c < SCENARIO_CONNECTIONS; c++) {
		struct strip *strip = &picture->strips[c];
		if (!strip->shown)
			continue;
		y += picture->connections > 1 ? 16 : 4;
		strip->label_y = y - 2;
		strip->device_y = y + picture->half;
		strip->peer_y = strip->device_y + 2 * picture->half;
		strip->state_y = strip->peer_y + 1.8 * picture->half;
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
		return strcmp(event->text, "raw segment") != 0 &&
		       strcmp(event->text, "received") != 0 && strcmp(event->text, "sent") != 0;
	return event->kind == EVENT_SEGMENT &&
	       (event->segment.flags & (TCP_FLAG_RST | TCP_FLAG_FIN | TCP_FLAG_SYN)) != 0;
}

/* Where something was expected and not measured, or measured and not right. */
static size_t add_moments_of(const struct check *check, struct moment *moments)
{
	size_t count = 0;

	if (!check->placed || (check->measured && check->outcome == OUTCOME_PASS))
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

/* false when out of memory. */
static bool make_axis(struct picture *picture)
{
	const struct timeline *timeline = picture->timeline;
	const size_t room = timeline->count + 4 * picture->verdict->check_count + 1;
	struct moment *moments = calloc(room, sizeof *moments);
	size_t count = 0;
	int64_t end_ns = picture->start_ns;

	if (moments == NULL)
		return false;
	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind != EVENT_STEP)
			moments[count++] =
				(struct moment){.t_ns = event->t_ns, .worth = worth_of(event)};
		if (event->t_ns > end_ns)
			end_ns = event->t_ns;
	}
	for (size_t i = 0; i < picture->verdict->check_count; i++)
		count += add_moments_of(&picture->verdict->checks[i], moments + count);
	/* What was due behind the end of the watch is not shown. */
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

/* ---- frame ---- */

static void write_label(const struct picture *picture, double y, const char *look, const char *text)
{
	fprintf(picture->stream, "<text class=\"%s\" x=\"0\"", look);
	html_at(picture->stream, "y", y);
	fputc('>', picture->stream);
	html_text(picture->stream, text);
	fputs("</text>", picture->stream);
}

static void write_line(const struct picture *picture, double y)
{
	fputc('M', picture->stream);
	html_number(picture->stream, picture->axis.from_x);
	fputc(' ', picture->stream);
	html_number(picture->stream, y);
	fputc('H', picture->stream);
	html_number(picture->stream, picture->axis.to_x);
}

static int cid_of(const struct timeline *timeline, int connection)
{
	for (size_t i = 0; i < timeline->count; i++)
		if (timeline->events[i].kind == EVENT_OPENED &&
			timeline->events[i].connection == connection)
			return timeline->events[i].cid;
	return -1;
}

static void write_name(const struct picture *picture, int connection)
{
	const int cid = cid_of(picture->timeline, connection);
	char name[64];

	snprintf(name, sizeof name, "%s",
		connection < picture->timeline->scenario.connection_count
			? picture->timeline->scenario.connections[connection].name
			: "?");
	if (cid >= 0)
		snprintf(name + strlen(name), sizeof name - strlen(name), " (CID %x)", cid);
	write_label(picture, picture->strips[connection].label_y, "n", name);
}

static void write_frame(const struct picture *picture)
{
	FILE *stream = picture->stream;

	fputs("<path class=\"l\" d=\"", stream);
	write_line(picture, picture->uart_y);
	for (int c = 0; c < SCENARIO_CONNECTIONS; c++)
		if (picture->strips[c].shown) {
			write_line(picture, picture->strips[c].device_y);
			write_line(picture, picture->strips[c].peer_y);
		}
	fputs("\"/>", stream);
	write_label(picture, picture->uart_y + 4, "h", "UART");
	for (int c = 0; c < SCENARIO_CONNECTIONS; c++) {
		const struct strip *strip = &picture->strips[c];
		if (!strip->shown)
			continue;
		if (picture->connections > 1)
			write_name(picture, c);
		write_label(picture, strip->device_y + 4, "h", "device \xe2\x86\x92 peer");
		write_label(picture, strip->peer_y + 4, "h", "peer \xe2\x86\x92 device");
		write_label(picture, strip->state_y + 4, "h", "peer");
	}
}

/* ---- ruler ---- */

/* Multiples of the keep-alive interval where they fit, for those are what one counts in. */
static double tick_step(double per_s)
{
	static const double steps[] = {0.1, 0.5, 1, 5, 15, 25, 75, 150, 300, 600, 1200, 2400, 7200};
	const size_t count = sizeof steps / sizeof *steps;

	for (size_t i = 0; i < count; i++)
		if (steps[i] * per_s >= 52)
			return steps[i];
	return steps[count - 1] * 4;
}

static void write_tick(const struct picture *picture, double x, const char *look, double s)
{
	FILE *stream = picture->stream;

	fprintf(stream, "<text class=\"%s\"", look);
	html_at(stream, "x", x);
	fprintf(stream, " y=\"11\">%s%g s</text>", look[0] == 'b' ? "+" : "", s);
}

static void write_ticks(
	const struct picture *picture, const struct axis_piece *piece, double step, double *last_x)
{
	double s = picture_s(picture, piece->from_ns);

	for (s = step * (double)(int64_t)(s / step); s <= picture_s(picture, piece->to_ns);
		s += step) {
		int64_t t_ns = picture->start_ns + (int64_t)(s * 1e9);
		double x = axis_x(&picture->axis, t_ns);
		if (t_ns < piece->from_ns || x - *last_x < 38)
			continue;
		write_tick(picture, x, "t", s);
		fputs("<path class=\"g\" d=\"M", picture->stream);
		html_number(picture->stream, x);
		fprintf(picture->stream, " 16V%.0f\"/>", picture->height - 4);
		*last_x = x;
	}
}

/* Before the marks: ticks.  Behind them: the breaks, which take what lies in them away. */
static void write_ruler(const struct picture *picture)
{
	const double step = tick_step(picture->axis.per_s);
	double last_x = -100;

	for (size_t i = 0; i < picture->axis.count; i++)
		if (!picture->axis.pieces[i].broken)
			write_ticks(picture, &picture->axis.pieces[i], step, &last_x);
		else
			last_x =
				(picture->axis.pieces[i].from_x + picture->axis.pieces[i].to_x) / 2;
}

static void write_break(const struct picture *picture, const struct axis_piece *piece)
{
	FILE *stream = picture->stream;
	const double width = piece->to_x - piece->from_x;

	fputs("<g class=\"b\" transform=\"translate(", stream);
	html_number(stream, piece->from_x);
	fprintf(stream, " 0)\"><rect x=\"4\" y=\"16\" width=\"%.0f\" height=\"%.0f\"/>", width - 8,
		picture->height);
	fputs("<use href=\"#tear\"/><use href=\"#tear\"", stream);
	html_at(stream, "x", width - 8);
	fprintf(stream, "/><text x=\"%.0f\" y=\"11\">\xe2\x8b\xaf%.0f s</text>", width / 2,
		(double)(piece->to_ns - piece->from_ns) / 1e9);
	if (piece->left_out > 0)
		fprintf(stream,
			"<text x=\"%.0f\" y=\"%.0f\">%zu moments</text><text x=\"%.0f\" "
			"y=\"%.0f\">not drawn</text>",
			width / 2, picture->uart_y + 2, piece->left_out, width / 2,
			picture->uart_y + 15);
	fputs("</g>", stream);
}

static void write_breaks(const struct picture *picture)
{
	for (size_t i = 0; i < picture->axis.count; i++)
		if (picture->axis.pieces[i].broken)
			write_break(picture, &picture->axis.pieces[i]);
}

/* ---- faults of the evidence ---- */

static void write_faults(const struct picture *picture)
{
	FILE *stream = picture->stream;

	for (size_t i = 0; i < picture->timeline->count; i++) {
		const struct event *event = &picture->timeline->events[i];
		if (event->kind != EVENT_FAULT)
			continue;
		const int64_t from_ns =
			event->fault == FAULT_CAPTURE_DROP ? event->from_ns : event->t_ns;
		const double x = axis_x(&picture->axis, from_ns);
		double width = axis_x(&picture->axis, event->t_ns) - x;
		fputs("<g class=\"f\"><rect", stream);
		html_at(stream, "x", x - 1);
		fprintf(stream, " y=\"16\" height=\"%.0f\"", picture->height - 20);
		html_at(stream, "width", width < 2 ? 2 : width);
		fputs("/><use href=\"#trouble\" y=\"18\"", stream);
		html_at(stream, "x", x);
		fprintf(stream, "/><title>%.3f s ", picture_s(picture, event->t_ns));
		html_text(stream, event->text);
		fputs("</title></g>", stream);
	}
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
	fprintf(stream, "; %d notice%s on the UART\"", notices, notices == 1 ? "" : "s");
}

void picture_write(FILE *stream, const struct timeline *timeline, const struct verdict *verdict)
{
	struct picture *picture = calloc(1, sizeof *picture);

	if (picture == NULL)
		return;
	picture->stream = stream;
	picture->timeline = timeline;
	picture->verdict = verdict;
	find_start(picture);
	place_lanes(picture);
	if (make_axis(picture)) {
		fprintf(stream, "<svg class=\"timeline\" viewBox=\"0 0 %.0f %.0f\"",
			picture->axis.to_x + PICTURE_RIGHT, picture->height);
		write_words(picture);
		write_axis(picture);
		fputc('>', stream);
		write_ruler(picture);
		picture_write_states(picture);
		write_frame(picture);
		picture_write_windows(picture);
		write_breaks(picture);
		write_faults(picture);
		picture_write_measures(picture);
		picture_write_marks(picture);
		fputs("</svg>\n", stream);
	}
	free(picture);
}

void picture_write_legend(FILE *stream)
{
	static const char *const symbols[][2] = {
		{"probe", "keep-alive probe"},
		{"answer", "its answer"},
		{"data", "data"},
		{"resent", "retransmission"},
		{"syn", "SYN"},
		{"ack", "ACK"},
		{"fin", "FIN"},
		{"rst", "RST"},
		{"odd", "other segment without data"},
		{"stray", "sent to be ignored"},
		{"command", "AT command"},
		{"response", "response"},
		{"notice", "notice"},
		{"listing", "CIDs listed"},
		{"trouble", "fault of the evidence"},
	};

	fputs("<ul class=\"legend\">", stream);
	for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
		fprintf(stream,
			"<li><svg viewBox=\"-8 -8 16 16\" aria-hidden=\"true\"><use "
			"href=\"#%s\"/></svg>%s</li>",
			symbols[i][0], symbols[i][1]);
	fputs("<li><i class=\"w\"></i>expected window</li><li><i class=\"hush\"></i>the peer is "
	      "silent</li></ul>\n",
		stream);
}
