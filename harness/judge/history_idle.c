/* SPDX-License-Identifier: MIT */
#include "judge/history.h"

/* The times in which nothing came from the peer. */

/* What the device sends that the peer has to acknowledge: no keep-alive while it is outstanding
 * (RFC 9293 MUST-26). */
static bool is_outstanding(const struct event *segment)
{
	if (from_peer(segment))
		return false;
	switch (segment->segment.role) {
	case ROLE_DATA:
	case ROLE_RETRANSMISSION:
	case ROLE_FIN:
	case ROLE_SYN:
		return true;
	case ROLE_PLAIN:
	case ROLE_RST:
	case ROLE_PROBE:
	case ROLE_PROBE_ANSWER:
	case ROLE_PROBE_RST:
	case ROLE_UNSOLICITED_ACK:
	case ROLE_ZERO_WINDOW_PROBE:
	case ROLE_NOT_A_PROBE:
	case ROLE_UNDECIDABLE:
	case ROLE_STRAY:
	case ROLE_OTHER_TUPLE:
		break;
	}
	return false;
}

static size_t idle_limit(const struct history *history, const struct death *death)
{
	return death->sign != SIGN_NONE && death->index < history->end ? death->index
								       : history->end;
}

static void end_idle(struct idle *idle, const struct history *history, const struct death *death)
{
	idle->dead = death->sign != SIGN_NONE && death->index < history->end && !death->commanded;
	idle->last = true;
	if (death->sign != SIGN_NONE && death->index < history->end) {
		idle->late_ns = death->late_ns;
		idle->end_ns = death->t_ns;
		idle->end_error_ns = death->error_ns;
	} else {
		idle->end_ns = history->watched_ns;
		idle->end_error_ns = history->watched_error_ns;
	}
}

static void count_probe(struct idle *idle, const struct event *segment)
{
	if (segment->segment.role == ROLE_UNDECIDABLE && idle->doubt == NULL)
		idle->doubt = segment;
	if (!is_probe(segment))
		return;
	if (idle->probe == NULL)
		idle->probe = segment;
	idle->last_probe = segment;
	idle->probes++;
}

static bool is_answer(const struct event *segment)
{
	return !from_peer(segment) && segment->segment.role == ROLE_PROBE_ANSWER;
}

bool is_crossing(const struct event *received, const struct event *segment)
{
	const struct timeline_segment *s = &received->segment;
	const uint32_t end = s->seq + (uint32_t)s->length;

	return s->length > 0 && s->role != ROLE_PROBE &&
	       (int32_t)(end - segment->segment.ack) > 0 &&
	       segment->t_ns - received->t_ns <= NS_PER_S;
}

/* The idle time begins with what had not come yet when the device sent event i: data that it does
 * not acknowledge there, or a probe of the peer's that it answers behind it only. */
static bool sent_before(const struct history *history, const struct event *anchor, size_t i)
{
	size_t j = (size_t)(anchor - history->timeline->events) + 1;

	if (anchor->segment.role != ROLE_PROBE)
		return is_crossing(anchor, &history->timeline->events[i]);
	for (; j < history->end; j++) {
		const struct event *segment = history_segment(history, j);
		if (segment == NULL)
			continue;
		if (is_answer(segment) || from_peer(segment))
			return is_answer(segment) && j > i;
	}
	return false;
}

bool next_idle(const struct history *history, const struct death *death, size_t *position,
	struct idle *idle)
{
	const size_t limit = idle_limit(history, death);
	size_t i = *position < history->begin ? history->begin : *position;

	*idle = (struct idle){.anchor = NULL};
	for (; i < limit; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL)
			continue;
		bool ends = from_peer(segment) || is_outstanding(segment);
		if (idle->anchor != NULL && ends) {
			idle->end_ns = segment->t_ns;
			idle->end_error_ns = segment->error_ns;
			*position = i;
			return true;
		}
		/* A connection that the peer ended has no idle time any more. */
		if (from_peer(segment) && !segment->segment.goes_on &&
			(segment->segment.flags & (TCP_FLAG_RST | TCP_FLAG_FIN)) == 0)
			idle->anchor = segment;
		else if (idle->anchor != NULL && !sent_before(history, idle->anchor, i))
			count_probe(idle, segment);
	}
	*position = limit;
	end_idle(idle, history, death);
	return idle->anchor != NULL;
}

struct idle history_silence(const struct history *history, const struct death *death)
{
	const size_t limit = idle_limit(history, death);
	/* Data that nobody asked for is a fault, and what follows from it is as well. */
	const bool sends = has_step(history, STEP_DEVICE_SENDS);
	struct idle idle = {.anchor = NULL};

	for (size_t i = history->begin; i < limit; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL)
			continue;
		if (from_peer(segment))
			idle = (struct idle){.anchor = segment};
		else
			count_probe(&idle, segment);
		if (sends && idle.doubt == NULL && is_outstanding(segment))
			idle.doubt = segment;
	}
	end_idle(&idle, history, death);
	return idle;
}

static bool is_handshake(const struct event *segment)
{
	return (segment->segment.flags & TCP_FLAG_SYN) != 0;
}

bool options_changed_since(const struct history *history, const struct event *anchor)
{
	return (is_handshake(anchor) ? history->changed_ns : history->options_ns) > anchor->t_ns;
}

struct window idle_window(
	const struct history *history, const struct event *anchor, struct window nominal)
{
	struct window window = leg_window(history->profile, nominal);

	if (is_handshake(anchor) && history->options_ns > anchor->t_ns)
		window.to_ns += history->options_ns - anchor->t_ns;
	return window;
}

struct window idle_death_window(
	const struct history *history, const struct idle *idle, struct window nominal)
{
	struct window window = idle_window(history, idle->anchor, nominal);

	window.to_ns += idle->late_ns;
	return window;
}

int64_t leg_error(const struct event *from, const struct event *to)
{
	return from->error_ns + to->error_ns;
}
