/* SPDX-License-Identifier: MIT */
#include "timeline/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "core/array.h"

struct timeline *timeline_new(const char *case_name, const struct scenario *scenario)
{
	struct timeline *timeline = calloc(1, sizeof *timeline);

	if (timeline == NULL)
		return NULL;
	snprintf(timeline->case_name, sizeof timeline->case_name, "%s", case_name);
	timeline->scenario = *scenario;
	return timeline;
}

int timeline_add(struct timeline *timeline, const struct event *event)
{
	size_t place = timeline->count;

	if (array_add(&timeline->events, &timeline->count, sizeof *timeline->events) == NULL)
		return -1;
	while (place > 0 && timeline->events[place - 1].t_ns > event->t_ns)
		place--;
	memmove(&timeline->events[place + 1], &timeline->events[place],
		(timeline->count - 1 - place) * sizeof *timeline->events);
	timeline->events[place] = *event;
	return 0;
}

void round_trips_add(struct round_trips *round_trips, int64_t took_ns)
{
	if (round_trips->count == 0 || took_ns < round_trips->least_ns)
		round_trips->least_ns = took_ns;
	if (round_trips->count == 0 || took_ns > round_trips->most_ns)
		round_trips->most_ns = took_ns;
	round_trips->count++;
}

int64_t round_trips_bound(const struct round_trips *round_trips)
{
	const int64_t most_ns = round_trips->count == 0 ? 0 : round_trips->most_ns;

	return most_ns > UART_WAY_NS ? most_ns : UART_WAY_NS;
}

void timeline_free(struct timeline *timeline)
{
	if (timeline == NULL)
		return;
	free(timeline->events);
	free(timeline);
}

enum segment_role segment_role_of(enum segment_class class)
{
	switch (class) {
	case SEGMENT_OTHER:
		return ROLE_PLAIN;
	case SEGMENT_SYN:
		return ROLE_SYN;
	case SEGMENT_FIN:
		return ROLE_FIN;
	case SEGMENT_RST:
		return ROLE_RST;
	case SEGMENT_DATA:
		return ROLE_DATA;
	case SEGMENT_RETRANSMISSION:
		return ROLE_RETRANSMISSION;
	case SEGMENT_PROBE:
		return ROLE_PROBE;
	case SEGMENT_PROBE_ANSWER:
		return ROLE_PROBE_ANSWER;
	case SEGMENT_PROBE_RST:
		return ROLE_PROBE_RST;
	case SEGMENT_UNSOLICITED_ACK:
		return ROLE_UNSOLICITED_ACK;
	case SEGMENT_ZERO_WINDOW_PROBE:
		return ROLE_ZERO_WINDOW_PROBE;
	case SEGMENT_AFTER_FIN:
	case SEGMENT_UNACKNOWLEDGED:
	case SEGMENT_TOO_SOON:
	case SEGMENT_DUPLICATE:
		return ROLE_NOT_A_PROBE;
	case SEGMENT_UNDECIDABLE:
		return ROLE_UNDECIDABLE;
	}
	return ROLE_UNDECIDABLE;
}

const char *segment_role_name(enum segment_role role)
{
	switch (role) {
	case ROLE_PLAIN:
		return "plain";
	case ROLE_SYN:
		return "SYN";
	case ROLE_FIN:
		return "FIN";
	case ROLE_RST:
		return "RST";
	case ROLE_DATA:
		return "data";
	case ROLE_RETRANSMISSION:
		return "retransmission";
	case ROLE_PROBE:
		return "probe";
	case ROLE_PROBE_ANSWER:
		return "answer";
	case ROLE_PROBE_RST:
		return "RST answer";
	case ROLE_UNSOLICITED_ACK:
		return "unsolicited ACK";
	case ROLE_ZERO_WINDOW_PROBE:
		return "zero-window probe";
	case ROLE_NOT_A_PROBE:
		return "not a probe";
	case ROLE_UNDECIDABLE:
		return "undecidable";
	case ROLE_STRAY:
		return "stray";
	case ROLE_OTHER_TUPLE:
		return "segment of another 4-tuple";
	}
	return "?";
}
