/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "judge/verdict.h"
#include "report/html/html_text.h"
#include "report/text/measure.h"
#include "report/html/picture_layers.h"
#include "report/model/drives.h"

/* What has a length in a picture: states of the peer, windows, measured legs. */

/* ---- states of the peer ---- */

/* What an act of the peer makes of it; no state: nothing that lasts. */
static const struct peer_state {
	bool silent;
	const char *state; /* for the reader */
	const char *look;  /* class */
} peer_states[PEER_ACTS] = {
	[ACT_CONNECTED] = {false, "answers", "answers"},
	[ACT_SPEAKS] = {false, "answers again", "answers"},
	[ACT_SILENT] = {true, "silent", "silent"},
	[ACT_GONE] = {true, "no host at the address", "silent"},
	[ACT_REBOOTED] = {false, "rebooted, answers RST", "ended"},
	[ACT_RESET] = {false, "has reset", "ended"},
	[ACT_CLOSED] = {false, "has closed", "ended"},
	[ACT_CLOSED_BY_DEVICE] = {false, "closed by the device", "ended"},
	[ACT_RESET_BY_DEVICE] = {false, "reset by the device", "ended"},
	[ACT_REFUSED] = {false, "refused", "ended"},
};

static const struct peer_state *state_of(const struct event *event, int connection)
{
	if (event->kind != EVENT_PEER || event->connection != connection ||
		peer_states[event->act].state == NULL)
		return NULL;
	return &peer_states[event->act];
}

/* Where between two places a text of that width stands clear of breaks; negative: nowhere. */
static double place_for(const struct picture *picture, double from_x, double to_x, double width)
{
	double free_x = from_x;

	for (size_t i = 0; i < picture->axis.count && free_x + width + 8 <= to_x; i++) {
		const struct axis_piece *piece = &picture->axis.pieces[i];
		if (!piece->broken || piece->to_x <= free_x)
			continue;
		if (piece->from_x >= free_x + width + 8)
			break;
		free_x = piece->to_x;
	}
	return free_x + width + 8 <= to_x ? free_x + 5 : -1;
}

static void write_state(const struct picture *picture, const struct strip *strip,
	const struct peer_state *state, int64_t from_ns, int64_t to_ns)
{
	FILE *stream = picture->stream;
	const double x = axis_x(&picture->axis, from_ns);
	const double width = axis_x(&picture->axis, to_ns) - x;
	const double high = picture->half * 0.6;

	if (width <= 0)
		return;
	if (state->silent) {
		fputs("<rect class=\"silence\"", stream);
		html_at(stream, "x", x);
		html_at(stream, "y", strip->peer_y - picture->half);
		html_at(stream, "width", width);
		html_at(stream, "height", strip->state_y - high - strip->peer_y + picture->half);
		fputs("/>", stream);
	}
	fprintf(stream, "<rect class=\"s %s\"", state->look);
	html_at(stream, "x", x);
	html_at(stream, "y", strip->state_y - high);
	html_at(stream, "width", width);
	html_at(stream, "height", 2 * high);
	fprintf(stream, "><title>%.3f s peer: %s</title></rect>", picture_s(picture, from_ns),
		state->state);
	const double text_x = place_for(picture, x, x + width, 6.0 * (double)strlen(state->state));
	if (text_x < 0)
		return;
	fputs("<text class=\"st\"", stream);
	html_at(stream, "x", text_x);
	html_at(stream, "y", strip->state_y + 3.5);
	fprintf(stream, ">%s</text>", state->state);
}

static void write_states_of(const struct picture *picture, int connection)
{
	const struct timeline *timeline = picture->timeline;
	const struct peer_state *state = NULL;
	int64_t from_ns = 0;

	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		const struct peer_state *next = state_of(event, connection);
		if (next == NULL)
			continue;
		if (state != NULL)
			write_state(
				picture, &picture->strips[connection], state, from_ns, event->t_ns);
		state = next;
		from_ns = event->t_ns;
	}
	if (state != NULL)
		write_state(picture, &picture->strips[connection], state, from_ns,
			timeline->events[timeline->count - 1].t_ns);
}

void picture_write_states(const struct picture *picture)
{
	for (int c = 0; c < SCENARIO_CONNECTIONS; c++)
		if (picture->strips[c].shown)
			write_states_of(picture, c);
}

/* ---- windows ---- */

const struct check *picture_leg(const struct picture *picture, size_t index)
{
	const struct check *check = &picture->verdict->checks[index];

	return drive_has(picture->timeline, check) && picture->strips[check->connection].shown
		       ? check
		       : NULL;
}

static bool ends_on_the_uart(const struct check *check)
{
	return leg_ends_on_uart(check->leg.kind);
}

static double lane_of(const struct picture *picture, const struct check *check)
{
	return ends_on_the_uart(check) ? picture->uart_y
				       : picture->strips[check->connection].device_y;
}

bool picture_complains(const struct check *check)
{
	return check->placed && check->outcome != OUTCOME_PASS && !ends_on_the_uart(check);
}

/* How far a leg is out of a wide window, or off the middle of a narrow one; 0: it is inside. */
static int64_t off_by(const struct check *check)
{
	const bool wide = check->to_ns - check->from_ns > 10 * NS_PER_S;
	const int64_t middle = check->from_ns + (check->to_ns - check->from_ns) / 2;

	if (check->measured_ns > check->to_ns)
		return check->measured_ns - (wide ? check->to_ns : middle);
	if (check->measured_ns < check->from_ns)
		return check->measured_ns - (wide ? check->from_ns : middle);
	return 0;
}

static void write_window_title(const struct picture *picture, const struct check *check)
{
	FILE *stream = picture->stream;

	if (picture->connections > 1)
		html_say(stream,
			"%s: ", picture->timeline->scenario.connections[check->connection].name);
	html_text(stream, leg_name(check->leg).text);
	fprintf(stream, " expected %.3f..%.3f s",
		picture_s(picture, check->begin_ns + check->from_ns),
		picture_s(picture, check->begin_ns + check->to_ns));
	if (check->measured)
		fprintf(stream, ", seen at %.3f s: %s",
			picture_s(picture, check->begin_ns + check->measured_ns),
			outcome_name(check->outcome));
	else
		fputs(", missing", stream);
}

static void complaint_text(const struct check *check, char *text, size_t size)
{
	const int64_t off = off_by(check);
	const double s = (double)(off < 0 ? -off : off) / 1e9;

	if (!check->measured)
		snprintf(text, size, "no %s",
			ends_on_the_uart(check) ? "notice" : leg_name(check->leg).text);
	else if (off == 0)
		snprintf(text, size, "%s", outcome_name(check->outcome));
	else
		snprintf(text, size, "%.*f s %s", s < 10 ? 2 : 1, s, off < 0 ? "early" : "late");
}

/* What is wrong with the mark in this window, in words above it; last_x: where the last such text
 * on the lane ended. */
static void write_complaint(
	const struct picture *picture, const struct check *check, double *last_x)
{
	FILE *stream = picture->stream;
	const double y = lane_of(picture, check);
	const int64_t at = check->begin_ns + (check->measured ? check->measured_ns : check->to_ns);
	double x = axis_x(&picture->axis, at);
	char text[48];

	if (check->outcome == OUTCOME_PASS || !axis_shows(&picture->axis, at))
		return;
	if (check->measured) {
		fprintf(stream, "<circle class=\"o %s\"", outcome_name(check->outcome));
		html_at(stream, "cx", x);
		html_at(stream, "cy", y);
		fputs(" r=\"9\"/>", stream);
	}
	complaint_text(check, text, sizeof text);
	const double half = 3.2 * (double)strlen(text);
	if (x + half > PICTURE_WIDTH)
		x = PICTURE_WIDTH - half;
	if (x - half < *last_x)
		return;
	*last_x = x + half + 4;
	fprintf(stream, "<text class=\"o %s\"", outcome_name(check->outcome));
	html_at(stream, "x", x);
	html_at(stream, "y", y - picture->half - 2);
	fprintf(stream, ">%s</text>", text);
}

/* Nothing is shown of a window that lies behind the end of the watch, or in a break. */
static bool is_window_shown(const struct picture *picture, const struct check *check)
{
	const struct axis *axis = &picture->axis;
	const int64_t from_ns = check->begin_ns + check->from_ns;
	const int64_t to_ns = check->begin_ns + check->to_ns;

	if (from_ns > axis->pieces[axis->count - 1].to_ns && !check->measured)
		return false;
	return axis_shows(axis, to_ns) || axis_shows(axis, from_ns) ||
	       (check->measured && axis_shows(axis, check->begin_ns + check->measured_ns));
}

static int64_t window_from(const struct check *check)
{
	return check->begin_ns + (check->from_ns < 0 ? 0 : check->from_ns);
}

/* Do both look the same, at one place?  Those of many connections pile up on the lane of the UART. */
static bool is_same_window(
	const struct picture *picture, const struct check *check, const struct check *other)
{
	const struct axis *axis = &picture->axis;
	const double from = axis_x(axis, window_from(check)) - axis_x(axis, window_from(other));
	const double to = axis_x(axis, check->begin_ns + check->to_ns) -
			  axis_x(axis, other->begin_ns + other->to_ns);

	return ends_on_the_uart(check) && ends_on_the_uart(other) &&
	       check->outcome == other->outcome && check->measured == other->measured && from < 1 &&
	       from > -1 && to < 1 && to > -1;
}

/* The first window from check i on, and before check end, that looks the same; end: there is none. */
static size_t same_window(
	const struct picture *picture, const struct check *check, size_t i, size_t end)
{
	for (; i < end; i++) {
		const struct check *other = picture_leg(picture, i);
		if (other != NULL && is_window_shown(picture, other) &&
			is_same_window(picture, check, other))
			break;
	}
	return i;
}

static void write_window(const struct picture *picture, size_t place)
{
	FILE *stream = picture->stream;
	const struct axis *axis = &picture->axis;
	const struct check *check = &picture->verdict->checks[place];
	const double y = lane_of(picture, check);
	const size_t count = picture->verdict->check_count;
	double from_x = axis_x(axis, window_from(check));
	double to_x = axis_x(axis, check->begin_ns + check->to_ns);

	if (window_from(check) > axis->pieces[axis->count - 1].to_ns ||
		same_window(picture, check, 0, place) < place)
		return;
	/* It is seen even where it is narrower than a line. */
	if (to_x - from_x < 6) {
		double middle = (from_x + to_x) / 2;
		from_x = middle - 3;
		to_x = middle + 3;
	}
	fprintf(stream, "<rect class=\"w %s%s\"", outcome_name(check->outcome),
		check->measured ? "" : " due");
	html_at(stream, "x", from_x);
	html_at(stream, "y", y - picture->half + 1);
	html_at(stream, "width", to_x - from_x);
	html_at(stream, "height", 2 * picture->half - 2);
	fputs("><title>", stream);
	write_window_title(picture, check);
	for (size_t i = place; (i = same_window(picture, check, i + 1, count)) < count;) {
		fputc('\n', stream);
		write_window_title(picture, &picture->verdict->checks[i]);
	}
	fputs("</title></rect>", stream);
}

void picture_write_windows(const struct picture *picture)
{
	for (size_t i = 0; i < picture->verdict->check_count; i++) {
		const struct check *check = picture_leg(picture, i);
		if (check != NULL && is_window_shown(picture, check))
			write_window(picture, i);
	}
}

void picture_write_complaints(const struct picture *picture)
{
	double wire_x[SCENARIO_CONNECTIONS] = {0}, uart_x = 0;

	for (size_t i = 0; i < picture->verdict->check_count; i++) {
		const struct check *check = picture_leg(picture, i);
		if (check != NULL && is_window_shown(picture, check))
			write_complaint(picture, check,
				ends_on_the_uart(check) ? &uart_x : &wire_x[check->connection]);
	}
}

/* ---- measured legs ---- */

/* Where a leg that was measured ends, and one that was not is waited for. */
static int64_t end_of(const struct picture *picture, const struct check *check)
{
	const struct axis *axis = &picture->axis;

	return check->measured ? check->begin_ns + check->measured_ns
			       : axis->pieces[axis->count - 1].to_ns;
}

bool picture_measures(const struct picture *picture, const struct check *check)
{
	if (!check->placed || (check->leg.kind != LEG_DEATH && check->leg.kind != LEG_FIRST_PROBE))
		return false;
	return axis_shows(&picture->axis, check->begin_ns) ||
	       axis_shows(&picture->axis, end_of(picture, check));
}

static void write_measure(const struct picture *picture, const struct check *check, double y)
{
	FILE *stream = picture->stream;
	const struct axis *axis = &picture->axis;
	const double from_x = axis_x(axis, check->begin_ns),
		     to_x = axis_x(axis, end_of(picture, check));
	char text[160];

	if (check->measured)
		measure_text(check, text, sizeof text);
	else
		snprintf(text, sizeof text, "no %s, due after %.1f..%.1f s",
			leg_name(check->leg).text, (double)check->from_ns / 1e9,
			(double)check->to_ns / 1e9);
	const double width = 6.0 * (double)strlen(text);
	double x = (from_x + to_x - width) / 2;
	fprintf(stream, "<g class=\"d %s\"><path d=\"M", outcome_name(check->outcome));
	html_number(stream, from_x);
	fprintf(stream, " %.0fv9m0-4H", y - 4);
	html_number(stream, to_x);
	fputs(check->measured ? "m0-5v9\"/>" : "\" stroke-dasharray=\"4 3\"/>", stream);
	/* Beside the line where it does not fit on it. */
	if (width + 12 > to_x - from_x)
		x = to_x + 8 + width < PICTURE_WIDTH ? to_x + 8 : from_x - 8 - width;
	if (x < 0)
		x = 0;
	fputs("<text", stream);
	html_at(stream, "x", x);
	html_at(stream, "y", y + 4);
	fputc('>', stream);
	html_text(stream, text);
	fputs("</text></g>", stream);
}

void picture_write_measures(const struct picture *picture)
{
	int written[SCENARIO_CONNECTIONS] = {0};

	for (size_t i = 0; i < picture->verdict->check_count; i++) {
		const struct check *check = picture_leg(picture, i);
		if (check == NULL || !picture_measures(picture, check))
			continue;
		write_measure(picture, check,
			picture->strips[check->connection].measure_y +
				16.0 * written[check->connection]++);
	}
}
