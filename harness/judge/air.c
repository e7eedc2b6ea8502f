/* SPDX-License-Identifier: MIT */
#include "judge/air.h"

#include <stdio.h>
#include <stdlib.h>

/* So many of the module's frames the monitor must have heard before its silence means anything, and
 * of so many it may have missed one. */
enum { HEARD_AT_LEAST = 20, HEARD_FOR_ONE_MISSED = 100 };

/* IP and TCP headers without options, and with all of them and an octet of data; give or take what
 * ways of encryption differ by, since which one it is was found out. */
enum { SEGMENT_OCTETS_LEAST = 40 - 8, SEGMENT_OCTETS_MOST = 101 + 16 };

/* A frame may wait for its turn, as any that is held back. */
#define AIR_AROUND_NS (2 * NS_PER_S)

static bool is_air(const struct event *event, enum air_record record)
{
	return event->kind == EVENT_AIR && event->air.kind == record;
}

static bool may_be_segment(const struct event *event)
{
	return is_air(event, AIR_SENT) && event->size >= SEGMENT_OCTETS_LEAST &&
	       event->size <= SEGMENT_OCTETS_MOST;
}

static bool is_good(const struct event *watched)
{
	return watched->air.heard >= HEARD_AT_LEAST &&
	       watched->air.missed * HEARD_FOR_ONE_MISSED <= watched->air.heard;
}

static bool is_watched(const struct history *history, int64_t from_ns, int64_t to_ns)
{
	for (size_t i = 0; i < history->timeline->count; i++) {
		const struct event *event = &history->timeline->events[i];
		if (is_air(event, AIR_WATCHED) && event->from_ns <= from_ns &&
			event->t_ns >= to_ns && is_good(event))
			return true;
	}
	return false;
}

enum air_answer air_sent_between(const struct history *history, int64_t from_ns, int64_t to_ns)
{
	const int64_t around = AIR_AROUND_NS + history->held_back_ns;

	from_ns -= around;
	to_ns += around;
	for (size_t i = 0; i < history->timeline->count; i++) {
		const struct event *event = &history->timeline->events[i];
		if (may_be_segment(event) && event->t_ns + event->error_ns >= from_ns &&
			event->t_ns - event->error_ns <= to_ns)
			return AIR_YES;
	}
	return is_watched(history, from_ns, to_ns) ? AIR_NO : AIR_UNKNOWN;
}

enum air_answer air_sent_at(const struct history *history, int64_t due_ns, int64_t error_ns)
{
	return air_sent_between(history, due_ns - error_ns, due_ns + error_ns);
}

bool air_why_unknown(const struct history *history, int64_t due_ns, char *text, size_t size)
{
	bool monitored = false;

	for (size_t i = 0; i < history->timeline->count; i++) {
		const struct event *event = &history->timeline->events[i];
		if (!is_air(event, AIR_WATCHED))
			continue;
		monitored = true;
		if (event->from_ns > due_ns || event->t_ns < due_ns || is_good(event))
			continue;
		snprintf(text, size,
			"the monitor heard %d of the module's frames in this run and missed %d: too %s to tell",
			event->air.heard, event->air.missed,
			event->air.heard < HEARD_AT_LEAST ? "few" : "many");
		return true;
	}
	if (monitored)
		snprintf(text, size, "the monitor did not hear the link all of that time");
	return monitored;
}

const struct event *air_lost_frame(const struct history *history, int64_t due_ns)
{
	const struct event *nearest = NULL;

	for (size_t i = 0; i < history->timeline->count; i++) {
		const struct event *event = &history->timeline->events[i];
		if (may_be_segment(event) &&
			(nearest == NULL ||
				llabs(event->t_ns - due_ns) < llabs(nearest->t_ns - due_ns)))
			nearest = event;
	}
	return nearest;
}

const struct event *air_undelivered(const struct history *history, const struct event *segment)
{
	for (size_t i = 0; i < history->timeline->count; i++) {
		const struct event *event = &history->timeline->events[i];
		if (is_air(event, AIR_UNDELIVERED) && history_owns(history, event) &&
			event->air.frame == segment->segment.frame)
			return event;
	}
	return NULL;
}
