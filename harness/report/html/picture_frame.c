/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/units.h"
#include "report/html/html_text.h"
#include "report/html/picture_layers.h"

/* What the marks of a picture stand on: lanes, ruler, breaks, faults of the evidence. */

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

void picture_write_frame(const struct picture *picture)
{
	FILE *stream = picture->stream;

	fputs("<path class=\"l\" d=\"", stream);
	if (picture->has_uart)
		write_line(picture, picture->uart_y);
	if (picture->has_air)
		write_line(picture, picture->air_y);
	for (int c = 0; c < SCENARIO_CONNECTIONS; c++)
		if (picture->strips[c].shown) {
			write_line(picture, picture->strips[c].device_y);
			write_line(picture, picture->strips[c].peer_y);
		}
	fputs("\"/>", stream);
	const char *out =
		picture->has_uart ? "device \xe2\x86\x92 peer" : "prober \xe2\x86\x92 peer";
	const char *in =
		picture->has_uart ? "peer \xe2\x86\x92 device" : "peer \xe2\x86\x92 prober";
	if (picture->has_uart)
		write_label(picture, picture->uart_y + 4, "h", "UART");
	if (picture->has_air)
		write_label(picture, picture->air_y + 4, "h", "air");
	for (int c = 0; c < SCENARIO_CONNECTIONS; c++) {
		const struct strip *strip = &picture->strips[c];
		if (!strip->shown)
			continue;
		if (picture->connections > 1)
			write_name(picture, c);
		write_label(picture, strip->device_y + 4, "h", out);
		write_label(picture, strip->peer_y + 4, "h", in);
		if (strip->has_states)
			write_label(picture, strip->state_y + 4, "h", "peer");
	}
}

/* ---- ruler ---- */

/* Multiples of the keep-alive interval where they fit, for those are what one counts in. */
static int64_t tick_step(double per_s)
{
	static const double steps[] = {0.1, 0.5, 1, 5, 15, 25, 75, 150, 300, 600, 1200, 2400, 7200};
	const size_t count = sizeof steps / sizeof *steps;
	double step = steps[count - 1] * 4;

	for (size_t i = count; i-- > 0;)
		if (steps[i] * per_s >= 52)
			step = steps[i];
	return (int64_t)(step * 1e9);
}

/* Half of the room that a label takes, with what keeps it apart from the next. */
static double half_of(double s, bool is_break)
{
	const int columns = snprintf(NULL, 0, "%g s", s) + (is_break ? 2 : 0);

	return 3.1 * columns + 2.5;
}

static double break_s(const struct axis_piece *piece)
{
	const int64_t s = (piece->to_ns - piece->from_ns + NS_PER_S / 2) / NS_PER_S;

	return (double)s;
}

/* Where the label of the next break begins. */
static double room_until(const struct picture *picture, const struct axis_piece *piece)
{
	const struct axis_piece *end = &picture->axis.pieces[picture->axis.count];

	for (const struct axis_piece *next = piece + 1; next < end; next++)
		if (next->broken)
			return (next->from_x + next->to_x) / 2 - half_of(break_s(next), true);
	return PICTURE_WIDTH;
}

/* No label may touch another; free_x: where the last one ended.  lines: of the ticks. */
static void write_ticks(const struct picture *picture, const struct axis_piece *piece, int64_t step,
	double *free_x, FILE *lines)
{
	const double limit = room_until(picture, piece);
	int64_t t_ns = picture->start_ns + (piece->from_ns - picture->start_ns) / step * step;

	for (; t_ns <= piece->to_ns; t_ns += step) {
		const double x = axis_x(&picture->axis, t_ns), s = picture_s(picture, t_ns);
		const double half = half_of(s, false);
		if (t_ns < piece->from_ns || x - half < *free_x || x + half > limit)
			continue;
		fputs("<text class=\"t\"", picture->stream);
		html_at(picture->stream, "x", x);
		fprintf(picture->stream, " y=\"11\">%g s</text>", s);
		fputc('M', lines);
		html_number(lines, x);
		fprintf(lines, " 16v%.0f", picture->height - 20);
		*free_x = x + half;
	}
}

/* Before the marks: ticks.  Behind them: the breaks, which take what lies in them away. */
void picture_write_ruler(const struct picture *picture)
{
	const int64_t step = tick_step(picture->axis.per_s);
	double free_x = -100;
	char *path = NULL;
	size_t size = 0;
	FILE *lines = open_memstream(&path, &size);

	if (lines == NULL)
		return;
	for (size_t i = 0; i < picture->axis.count; i++) {
		const struct axis_piece *piece = &picture->axis.pieces[i];
		if (piece->broken)
			free_x = (piece->from_x + piece->to_x) / 2 + half_of(break_s(piece), true);
		else
			write_ticks(picture, piece, step, &free_x, lines);
	}
	if (fclose(lines) == 0)
		fprintf(picture->stream, "<path class=\"g\" d=\"%s\"/>", path);
	free(path);
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
		break_s(piece));
	if (piece->left_out > 0)
		fprintf(stream,
			"<text x=\"%.0f\" y=\"%.0f\">%zu moments</text><text x=\"%.0f\" "
			"y=\"%.0f\">not drawn</text>",
			width / 2, picture->uart_y + 2, piece->left_out, width / 2,
			picture->uart_y + 15);
	fputs("</g>", stream);
}

void picture_write_breaks(const struct picture *picture)
{
	for (size_t i = 0; i < picture->axis.count; i++)
		if (picture->axis.pieces[i].broken)
			write_break(picture, &picture->axis.pieces[i]);
}

/* ---- faults of the evidence ---- */

void picture_write_faults(const struct picture *picture)
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
