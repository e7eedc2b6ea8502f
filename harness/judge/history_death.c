/* SPDX-License-Identifier: MIT */
#include "judge/history.h"

#include "scenario/expectation.h"
#include "uart/at_command.h"

/* How a connection's end is known: from the wire, the UART or the list of CIDs. */

bool is_death_notice(const struct event *event)
{
	return event->kind == EVENT_NOTICE && !event->of_listener &&
	       (event->code == AT_CODE_DISCONNECT || event->code == AT_CODE_SOCKET_FAILURE);
}

/* So long after it a frame that was on its way, or had to wait, is no sign of life. */
#define ALIVE_AFTER_NS (2 * NS_PER_S)

static bool is_life(const struct event *segment)
{
	return !from_peer(segment) &&
	       (is_probe(segment) || segment->segment.role == ROLE_PROBE_ANSWER ||
		       segment->segment.role == ROLE_DATA);
}

/* The device itself lists the connection as open, some time after it told of its end. */
static bool is_listed_after(const struct history *history, size_t notice)
{
	const struct event *events = history->timeline->events;

	for (size_t i = notice + 1; i < history->timeline->count; i++)
		if (history_owns(history, &events[i]) && events[i].kind == EVENT_LISTING &&
			events[i].listed && events[i].t_ns > events[notice].t_ns + ALIVE_AFTER_NS)
			return true;
	return false;
}

bool history_denies_notice(const struct history *history, size_t i)
{
	const struct event *notice = &history->timeline->events[i];
	bool spoke = false, answered = false;

	if (!is_death_notice(notice) || !history_owns(history, notice))
		return false;
	for (size_t j = history->begin; j < history->end; j++) {
		const struct event *segment = history_segment(history, j);
		if (segment == NULL)
			continue;
		const bool later = segment->t_ns > notice->t_ns + notice->error_ns + ALIVE_AFTER_NS;
		if ((segment->segment.flags & (TCP_FLAG_RST | TCP_FLAG_FIN)) != 0)
			return later && spoke;
		if (!later)
			continue;
		if (answered && !from_peer(segment))
			return true;
		answered |= spoke && from_peer(segment);
		spoke |= is_life(segment);
	}
	return is_listed_after(history, i);
}

static enum death_sign sign_of(const struct history *history, const struct event *event)
{
	if (!history_owns(history, event))
		return SIGN_NONE;
	if (is_death_notice(event))
		return history_denies_notice(history, (size_t)(event - history->timeline->events))
			       ? SIGN_NONE
			       : SIGN_NOTICE;
	if (event->kind == EVENT_LISTING && !event->listed)
		return SIGN_LISTING;
	if (event->kind != EVENT_SEGMENT || from_peer(event) ||
		event->segment.role == ROLE_OTHER_TUPLE)
		return SIGN_NONE;
	if ((event->segment.flags & TCP_FLAG_RST) != 0)
		return SIGN_RST;
	return (event->segment.flags & TCP_FLAG_FIN) != 0 ? SIGN_FIN : SIGN_NONE;
}

/* The last thing that shows the connection alive before event 'index'. */
static const struct event *last_life(const struct history *history, size_t index)
{
	for (size_t i = index; i-- > history->begin;) {
		const struct event *event = &history->timeline->events[i];
		if (!history_owns(history, event))
			continue;
		if (event->kind == EVENT_SEGMENT && !from_peer(event))
			return event;
		if ((event->kind == EVENT_LISTING && event->listed) || event->kind == EVENT_OPENED)
			return event;
	}
	return NULL;
}

/* A listing, and a notice that had to wait for the UART, say only that the death was before. */
static void bound_by_life(const struct history *history, struct death *death)
{
	const struct event *life = last_life(history, death->index);

	if (life == NULL || life->t_ns > death->t_ns)
		return;
	/* A notice that waited for the UART waited since it was busy, at most. */
	int64_t from = life->t_ns, from_error = life->error_ns;
	if (death->sign == SIGN_NOTICE && death->event->busy_ns > from) {
		from = death->event->busy_ns - round_trips_bound(&history->timeline->uart);
		from_error = death->event->error_ns;
	}
	if (from < life->t_ns)
		from = life->t_ns;
	int64_t span = death->event->t_ns - from;
	death->t_ns = from + span / 2;
	death->error_ns = death->event->error_ns + from_error + (span + 1) / 2;
}

static bool waited_for_uart(const struct history *history, const struct event *notice)
{
	int64_t latency = round_trips_bound(&history->timeline->uart) + notice->error_ns;

	return notice->from_ns > 0 && notice->t_ns - notice->from_ns <= latency;
}

/* UART and wire are read apart: of two signs at one time the wire's is the exact one. */
static void prefer_wire(const struct history *history, struct death *death)
{
	for (size_t i = death->index + 1; i < history->end; i++) {
		const struct event *event = &history->timeline->events[i];
		if (event->t_ns - event->error_ns > death->t_ns + death->error_ns)
			return;
		enum death_sign sign = sign_of(history, event);
		if (sign != SIGN_RST && sign != SIGN_FIN)
			continue;
		death->sign = sign;
		death->event = event;
		death->t_ns = event->t_ns;
		death->error_ns = event->error_ns;
		return;
	}
}

bool carries_datagrams(const struct history *history)
{
	return history->timeline->scenario.connections[history->connection].role == ROLE_UDP_CLIENT;
}

bool is_close_of(const struct timeline *timeline, const struct event *event, int connection)
{
	if (event->kind != EVENT_STEP || event->step < 0)
		return false;
	const struct step *step = &timeline->scenario.steps[event->step];
	return (step->kind == STEP_CLOSE && event->connection == connection) ||
	       (step->kind == STEP_COMMAND &&
		       at_command_verb(step->text, NULL) == AT_VERB_CLOSE_ALL);
}

struct death history_death(const struct history *history)
{
	const struct timeline *timeline = history->timeline;
	struct death death = {.sign = SIGN_NONE};
	bool commanded = false;

	for (size_t i = history->begin; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		commanded = commanded || is_close_of(timeline, event, history->connection);
		enum death_sign sign = sign_of(history, event);
		/* Behind the watch the bench closes what is open: only its listing counts. */
		if (sign == SIGN_NONE || (i >= history->end && sign != SIGN_LISTING))
			continue;
		death = (struct death){.sign = sign,
			.event = event,
			.index = i,
			.t_ns = event->t_ns,
			.error_ns = event->error_ns,
			.commanded = commanded};
		break;
	}
	if (death.sign == SIGN_NOTICE)
		prefer_wire(history, &death);
	if (death.sign == SIGN_NOTICE || death.sign == SIGN_NONE)
		death.late_ns = NOTICE_WITHIN_NS;
	if (death.sign == SIGN_LISTING ||
		(death.sign == SIGN_NOTICE && waited_for_uart(history, death.event)))
		bound_by_life(history, &death);
	return death;
}

const struct event *history_reset_at_death(const struct history *history, const struct death *death)
{
	size_t index = 0;
	const struct event *end = history_wire_end(history, &index);

	if (death->sign == SIGN_NONE || end == NULL || from_peer(end) ||
		(end->segment.flags & TCP_FLAG_RST) == 0)
		return NULL;
	for (size_t i = death->index; i < index; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment != NULL && from_peer(segment))
			return NULL;
	}
	return end;
}

const struct event *history_peer_end(const struct history *history, const struct death *death)
{
	size_t index = 0;
	const struct event *end = history_wire_end(history, &index);

	if (end == NULL || !from_peer(end))
		return NULL;
	if (death->sign == SIGN_NONE || index < death->index)
		return end;
	/* UART and wire are stamped apart: the notice may be of this end. */
	return death->sign == SIGN_NOTICE && end->t_ns - end->error_ns <=
						     death->event->t_ns + death->event->error_ns
		       ? end
		       : NULL;
}

const char *death_sign_name(enum death_sign sign)
{
	switch (sign) {
	case SIGN_NONE:
		return "no sign";
	case SIGN_RST:
		return "RST on the wire";
	case SIGN_FIN:
		return "FIN on the wire";
	case SIGN_NOTICE:
		return "notice on the UART";
	case SIGN_LISTING:
		return "CID gone from " AT_LINE_LIST_CIDS;
	case SIGN_CLOSED:
		return "closed by command";
	}
	return "?";
}

const struct event *history_wire_end(const struct history *history, size_t *index)
{
	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL ||
			(segment->segment.flags & (TCP_FLAG_RST | TCP_FLAG_FIN)) == 0)
			continue;
		*index = i;
		return segment;
	}
	return NULL;
}
