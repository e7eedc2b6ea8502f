/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "judge/verdict.h"
#include "report/html/html_text.h"
#include "report/html/picture_layers.h"

/*
 * What another run had, pale in the picture of this one: the marks of its timeline, both seconds 0 at
 * one place, or where there is no timeline the ends of the legs that it measured, from where they
 * begin in this run.
 */

static struct ghost *add_ghost(struct picture *picture, int64_t t_ns, int connection)
{
	struct ghost *ghost =
		array_add(&picture->ghosts, &picture->ghost_count, sizeof *picture->ghosts);

	if (ghost != NULL)
		*ghost = (struct ghost){.t_ns = t_ns, .connection = connection};
	return ghost;
}

static void take_event(struct picture *picture, const struct event *event, int64_t shift_ns)
{
	const bool notice = event->kind == EVENT_NOTICE;

	if (!notice && (event->kind != EVENT_SEGMENT || event->segment.direction != FROM_DEVICE ||
			       event->connection < 0))
		return;
	const char *symbol = picture_symbol(event);
	/* Plain acknowledgements tell nothing of keep-alive. */
	if (!notice && event->segment.role == ROLE_PLAIN)
		return;
	struct ghost *ghost = add_ghost(
		picture, event->t_ns + shift_ns, notice ? NO_CONNECTION : event->connection);
	if (ghost == NULL)
		return;
	ghost->symbol = symbol;
	snprintf(ghost->text, sizeof ghost->text, "%s",
		notice ? event->text : segment_role_name(event->segment.role));
}

static int64_t start_of(const struct timeline *timeline)
{
	for (size_t i = 0; i < timeline->count; i++)
		if (timeline->events[i].kind == EVENT_START)
			return timeline->events[i].t_ns;
	return timeline->count > 0 ? timeline->events[0].t_ns : 0;
}

/* The leg of the base that is this one, the nth of its kind. */
static const struct check *same_leg(const struct verdict *base, const struct check *leg, int nth)
{
	for (size_t i = 0; i < base->check_count; i++) {
		const struct check *check = &base->checks[i];
		if (check->measured && check->connection == leg->connection &&
			leg_is(check->leg, leg->leg) &&
			strcmp(check->requirement, leg->requirement) == 0 && nth-- == 0)
			return check;
	}
	return NULL;
}

static void take_leg(struct picture *picture, const struct verdict *base, size_t place)
{
	const struct check *checks = picture->verdict->checks, *leg = &checks[place];
	int nth = 0;

	if (!leg->placed || leg->connection < 0)
		return;
	for (size_t i = 0; i < place; i++)
		nth += checks[i].measured && checks[i].connection == leg->connection &&
		       leg_is(checks[i].leg, leg->leg) &&
		       strcmp(checks[i].requirement, leg->requirement) == 0;
	const struct check *was = same_leg(base, leg, nth);
	if (was == NULL)
		return;
	const bool notice = leg_ends_on_uart(leg->leg.kind);
	struct ghost *ghost = add_ghost(picture, leg->begin_ns + was->measured_ns,
		notice ? NO_CONNECTION : leg->connection);
	if (ghost == NULL)
		return;
	ghost->symbol = notice							       ? "notice"
			: leg->leg.kind == LEG_GAP || leg->leg.kind == LEG_FIRST_PROBE ? "probe"
										       : "rst";
	snprintf(ghost->text, sizeof ghost->text, "end of %s", leg_name(leg->leg).text);
}

void picture_take_base(struct picture *picture, const struct picture_base *base)
{
	if (base->timeline != NULL) {
		const int64_t shift_ns = picture->start_ns - start_of(base->timeline);
		for (size_t i = 0; i < base->timeline->count; i++)
			take_event(picture, &base->timeline->events[i], shift_ns);
		return;
	}
	for (size_t i = 0; base->verdict != NULL && i < picture->verdict->check_count; i++)
		take_leg(picture, base->verdict, i);
}

/* Above the marks of this run, so that both are seen where they agree. */
void picture_write_base(const struct picture *picture)
{
	FILE *stream = picture->stream;

	if (picture->ghost_count == 0)
		return;
	fputs("<g class=\"base\">", stream);
	for (size_t i = 0; i < picture->ghost_count; i++) {
		const struct ghost *ghost = &picture->ghosts[i];
		const bool uart = ghost->connection == NO_CONNECTION;
		if (!axis_shows(&picture->axis, ghost->t_ns) || (uart && !picture->has_uart) ||
			(!uart && !picture->strips[ghost->connection].shown))
			continue;
		fprintf(stream, "<use href=\"#%s\"", ghost->symbol);
		html_at(stream, "x", axis_x(&picture->axis, ghost->t_ns));
		html_at(stream, "y",
			(uart ? picture->uart_y : picture->strips[ghost->connection].device_y) -
				picture->half / 2);
		fputs("><title>", stream);
		html_say(stream, "%.3f s baseline: %s", picture_s(picture, ghost->t_ns),
			ghost->text);
		fputs("</title></use>", stream);
	}
	fputs("</g>", stream);
}
