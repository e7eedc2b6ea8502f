/* SPDX-License-Identifier: MIT */
#include "report/html/html_text.h"
#include "report/html/picture_layers.h"

/* The lane of the air: when the monitor heard the link, when the module's radio slept, and the frames
 * that were lost. */

static void write_span(const struct picture *picture, const struct event *event, const char *look,
	const char *words, double high)
{
	FILE *stream = picture->stream;
	const double x = axis_x(&picture->axis, event->from_ns);
	const double width = axis_x(&picture->axis, event->t_ns) - x;

	if (width <= 0)
		return;
	fprintf(stream, "<rect class=\"air %s\"", look);
	html_at(stream, "x", x);
	html_at(stream, "y", picture->air_y - high / 2);
	html_at(stream, "width", width);
	html_at(stream, "height", high);
	fprintf(stream, "><title>%.3f s to %.3f s %s</title></rect>",
		picture_s(picture, event->from_ns), picture_s(picture, event->t_ns), words);
}

static void write_lost(const struct picture *picture, const struct event *event)
{
	FILE *stream = picture->stream;

	fputs("<use href=\"#lost\"", stream);
	html_at(stream, "x", axis_x(&picture->axis, event->t_ns));
	html_at(stream, "y", picture->air_y);
	fprintf(stream, "><title>%.3f s a frame of %d octets ", picture_s(picture, event->t_ns),
		event->size);
	if (event->air.kind == AIR_SENT)
		fprintf(stream, "from the device, sent %d time%s, did not come to the wire",
			event->air.tries, event->air.tries == 1 ? "" : "s");
	else
		fprintf(stream, "to the device %s delivered",
			event->ok ? "may not have been" : "was not");
	fputs("</title></use>", stream);
}

void picture_write_air(const struct picture *picture)
{
	const struct timeline *timeline = picture->timeline;

	if (!picture->has_air)
		return;
	for (size_t i = 0; i < timeline->count; i++)
		if (timeline->events[i].kind == EVENT_AIR &&
			timeline->events[i].air.kind == AIR_WATCHED)
			write_span(picture, &timeline->events[i], "watched", "the monitor heard it",
				14);
	for (size_t i = 0; i < timeline->count; i++)
		if (timeline->events[i].kind == EVENT_AIR &&
			timeline->events[i].air.kind == AIR_ASLEEP)
			write_span(picture, &timeline->events[i], "asleep", "the radio slept", 5);
	for (size_t i = 0; i < timeline->count; i++)
		if (timeline->events[i].kind == EVENT_AIR &&
			(timeline->events[i].air.kind == AIR_SENT ||
				timeline->events[i].air.kind == AIR_UNDELIVERED))
			write_lost(picture, &timeline->events[i]);
}
