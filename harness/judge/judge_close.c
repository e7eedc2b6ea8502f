/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include "judge/checks.h"

/* How a connection is closed on the wire, by either side (RFC 9293 3.6). */

static uint8_t ends(const struct event *segment)
{
	return segment->segment.flags & (TCP_FLAG_FIN | TCP_FLAG_RST);
}

/* When AT+NCLOSE or AT+NCLOSEALL was given; NULL. */
static const struct event *find_close_step(const struct history *history)
{
	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *event = &history->timeline->events[i];
		if (is_close_of(history->timeline, event, history->connection))
			return event;
	}
	return NULL;
}

/* Had the device ended the connection itself before this event?  To close it again then only frees
 * its CID. */
static bool was_closed(const struct history *history, const struct event *close)
{
	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment != NULL && segment->segment.role != ROLE_STRAY && !from_peer(segment) &&
			ends(segment) != 0 &&
			segment->t_ns + segment->error_ns < close->t_ns - close->error_ns)
			return true;
	}
	return false;
}

/* The first segment of either side, from this event on, that ends the connection; NULL. */
static const struct event *find_end(const struct history *history, const struct event *since)
{
	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment != NULL && segment->segment.role != ROLE_STRAY && ends(segment) != 0 &&
			segment->t_ns + segment->error_ns >= since->t_ns - since->error_ns)
			return segment;
	}
	return NULL;
}

/* AT+NCLOSE ends the connection by FIN, within the given time: a RST would take what the peer has
 * not read yet along. */
void check_closed_by_fin(struct subject *s)
{
	const struct history *history = s->history;
	const struct event *close = find_close_step(history);
	struct check check = check_new(s, OUTCOME_PASS);
	struct span span = {history->start_ns, history->watched_ns};

	if (close == NULL) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "the connection was not closed by command");
		check_settle(s, &check, CLAIM_ABSENCE, span);
		return;
	}
	const struct event *end = find_end(history, close);
	span = (struct span){close->t_ns, close->t_ns + s->parameters->time_ns};
	if (was_closed(history, close)) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "the device had closed the connection before the command");
	} else if (end != NULL && from_peer(end)) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "the peer closed the connection before the command");
	} else if (end != NULL && (ends(end) & TCP_FLAG_RST) != 0) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check,
			"the close by command sent RST to the peer after %.2f s, and no FIN",
			in_s(end->t_ns - close->t_ns));
		if (s->profile->lossy_air)
			check_excuse(&check, "a FIN before it may have been lost in the air");
	} else if (end != NULL) {
		check_say(&check, "the close by command sent FIN to the peer after %.2f s",
			in_s(end->t_ns - close->t_ns));
		span.to_ns = end->t_ns;
	} else if (!check_unwatched(&check, history, span, "no FIN yet")) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check, "the close by command sent no FIN to the peer in %.1f s",
			in_s(history->watched_ns - close->t_ns));
		if (s->profile->lossy_air)
			check_excuse(&check, "it may have been lost in the air");
	}
	check_settle(s, &check, CLAIM_ABSENCE, span);
}

/* What became of the peer's FIN.  NULL: it was not seen. */
struct peer_fin {
	const struct event *fin, *ack, *own_end, *notice;
};

static struct peer_fin find_peer_fin(const struct history *history)
{
	struct peer_fin found = {0};

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *event = &history->timeline->events[i];
		const struct event *segment = history_segment(history, i);
		if (is_death_notice(event) && history_owns(history, event) && found.notice == NULL)
			found.notice = event;
		if (segment == NULL || segment->segment.role == ROLE_STRAY)
			continue;
		const struct timeline_segment *wire = &segment->segment;
		if (from_peer(segment) && (wire->flags & TCP_FLAG_FIN) != 0 && found.fin == NULL)
			found.fin = segment;
		if (from_peer(segment))
			continue;
		if (ends(segment) != 0 && found.own_end == NULL)
			found.own_end = segment;
		if (found.fin != NULL && found.ack == NULL && (wire->flags & TCP_FLAG_ACK) != 0 &&
			(int32_t)(wire->ack - found.fin->segment.seq - found.fin->segment.length) >
				0)
			found.ack = segment;
	}
	return found;
}

/* The peer's FIN is acknowledged, and once the UART said that the connection is gone the device
 * closes its side as well: nobody can tell it to any more.  Each within the given time. */
void check_fin_answered(struct subject *s)
{
	const struct history *history = s->history;
	const struct peer_fin found = find_peer_fin(history);
	struct check check = check_new(s, OUTCOME_PASS);
	struct span span = {history->start_ns, history->watched_ns};

	if (found.fin == NULL) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "the peer sent no FIN");
		check_settle(s, &check, CLAIM_ABSENCE, span);
		return;
	}
	span.from_ns = found.fin->t_ns;
	if (found.ack == NULL && found.own_end == NULL) {
		span.to_ns = span.from_ns + s->parameters->time_ns;
		if (!check_unwatched(&check, history, span, "the peer's FIN is not answered yet")) {
			check.outcome = OUTCOME_FAIL;
			check_say(&check, "the peer's FIN drew neither ACK nor RST in %.1f s",
				in_s(history->watched_ns - span.from_ns));
		}
	} else if (found.own_end == NULL && found.notice == NULL) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check,
			"the UART reported no end of the connection, so the device's side may stay open");
	} else if (found.own_end == NULL) {
		const struct event *last =
			found.notice->t_ns > found.fin->t_ns ? found.notice : found.fin;
		span = (struct span){
			last->t_ns, last->t_ns + last->error_ns + s->parameters->time_ns};
		if (!check_unwatched(
			    &check, history, span, "the device's side is not closed yet")) {
			check.outcome = OUTCOME_FAIL;
			check_say(&check,
				"the UART reported the peer's FIN, but the device sent no FIN in %.1f s",
				in_s(history->watched_ns - last->t_ns));
		}
	} else {
		check_say(&check,
			"the peer's FIN was answered, and the device sent %s after %.2f s",
			(ends(found.own_end) & TCP_FLAG_RST) != 0 ? "RST" : "its own",
			in_s(found.own_end->t_ns - found.fin->t_ns));
	}
	if (check.outcome == OUTCOME_FAIL && s->profile->lossy_air)
		check_excuse(&check, "it may have been lost in the air");
	check_settle(s, &check, CLAIM_ABSENCE, span);
}
