/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include <string.h>

#include "judge/checks.h"

/* What a living connection does besides keep-alive: retransmit, persist, answer the peer. */

/* A stack retransmits within 3 s at first (RFC 6298), and probes a closed window after its
 * retransmission time-out, which may have backed off to a minute (RFC 9293 SHLD-30). */
#define RETRANSMISSION_DUE_NS (30 * NS_PER_S)
#define PERSIST_DUE_NS (90 * NS_PER_S)

static uint32_t end_of(const struct event *segment)
{
	return segment->segment.seq + segment->segment.length;
}

static bool is_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static bool has_data(const struct event *segment)
{
	return segment->segment.length > 0 &&
	       (segment->segment.role == ROLE_DATA || segment->segment.role == ROLE_RETRANSMISSION);
}

/* Has the form of a keep-alive probe. */
static bool has_form_of_probe(const struct event *segment)
{
	const struct timeline_segment *s = &segment->segment;

	return s->direction == FROM_DEVICE && s->seq == s->snd_nxt - 1 && s->length <= 1 &&
	       (s->role == ROLE_PROBE || s->role == ROLE_NOT_A_PROBE);
}

/* The first time that the device's data stayed unacknowledged. */
struct outstanding {
	const struct event *data;  /* NULL: there was none */
	const struct event *probe; /* that came meanwhile; NULL */
	int retransmissions;
	int64_t end_ns, end_error_ns;
};

static struct outstanding find_outstanding(const struct history *history, const struct death *death)
{
	struct outstanding found = {.data = NULL,
		.end_ns = history->watched_ns,
		.end_error_ns = history->watched_error_ns};
	size_t limit = death->sign != SIGN_NONE && death->index < history->end ? death->index
									       : history->end;

	for (size_t i = history->begin; i < limit; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL)
			continue;
		if (found.data != NULL && from_peer(segment) &&
			!is_before(segment->segment.ack, end_of(found.data))) {
			/* Acknowledged at once, or within a path's round trip: not this one. */
			if (found.retransmissions == 0 && found.probe == NULL) {
				found.data = NULL;
				continue;
			}
			found.end_ns = segment->t_ns;
			found.end_error_ns = segment->error_ns;
			return found;
		}
		if (from_peer(segment))
			continue;
		if (found.data == NULL && segment->segment.role == ROLE_DATA)
			found.data = segment;
		else if (found.data != NULL && segment->segment.role == ROLE_RETRANSMISSION)
			found.retransmissions++;
		else if (found.data != NULL && found.probe == NULL && has_form_of_probe(segment))
			found.probe = segment;
	}
	if (death->sign != SIGN_NONE) {
		found.end_ns = death->t_ns;
		found.end_error_ns = death->error_ns;
	}
	return found;
}

/* The device's data that the peer leaves unacknowledged is retransmitted, and no probe is sent
 * meanwhile (RFC 9293 MUST-26). */
void check_retransmission_and_no_probe(struct subject *s)
{
	const struct history *history = s->history;
	const struct death *death = s->death;
	struct check check = check_new(s, OUTCOME_PASS);

	struct outstanding found = find_outstanding(history, death);
	if (found.data == NULL) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "no data of the device was unacknowledged");
		check_settle(s, &check, CLAIM_ABSENCE,
			(struct span){history->start_ns, history->watched_ns});
		return;
	}
	struct span span = {found.data->t_ns, found.end_ns};
	int64_t length = found.end_ns - found.data->t_ns;
	if (found.probe != NULL) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check,
			"a keep-alive probe came %.1f s after data that is still unacknowledged",
			in_s(found.probe->t_ns - found.data->t_ns));
		check_settle(s, &check, CLAIM_SEEN, span);
		return;
	}
	check_say(&check, "%d retransmissions and no probe in %.1f s of unacknowledged data",
		found.retransmissions, in_s(length));
	if (found.retransmissions == 0)
		check.outcome =
			length - found.end_error_ns - found.data->error_ns > RETRANSMISSION_DUE_NS
				? OUTCOME_FAIL
				: OUTCOME_INCONCLUSIVE;
	check_settle(s, &check, CLAIM_ABSENCE, span);
}

/* A stack looks at its clock now and then: what it gives up is not given up to the second. */
#define MAXRT_TOLERANCE_NS (15 * NS_PER_S)

/* FACT_maxrt: when the device gave up data that was never acknowledged, against the TCP_MAXRT of
 * maxrt_ns that it was given. */
void find_maxrt(struct subject *s)
{
	const struct history *history = s->history;
	const struct death *death = s->death;
	const char *word = "never";

	struct outstanding found = find_outstanding(history, death);
	enum gap_reason why = GAP_NONE;
	if (options_refused(s->timeline, s->connection))
		why = GAP_maxrt_refused;
	else if (found.data == NULL)
		why = GAP_nothing_unacknowledged;
	else if (death->sign == SIGN_NONE &&
		 found.end_ns - found.data->t_ns < s->parameters->time_ns + MAXRT_TOLERANCE_NS)
		why = GAP_watch_too_short;
	if (why != GAP_NONE) {
		fact_unknown(s, why);
		return;
	}
	if (death->sign != SIGN_NONE) {
		int64_t off = death->t_ns - found.data->t_ns - s->parameters->time_ns;
		word = off < -MAXRT_TOLERANCE_NS  ? "earlier"
		       : off > MAXRT_TOLERANCE_NS ? "later"
						  : "in-time";
	}
	struct fact fact = fact_of(s->fact, word);
	fact_settle(s, &fact, CLAIM_LEG, (struct span){found.data->t_ns, found.end_ns});
}

/* The peer's last closing of its window with the device's data behind it. */
struct closed_window {
	const struct event *closed; /* NULL: there was none */
	int probes;
	int64_t end_ns; /* opened again, or the end of the watch */
};

static struct closed_window find_closed_window(const struct history *history)
{
	struct closed_window found = {.closed = NULL, .end_ns = history->watched_ns};

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL)
			continue;
		if (from_peer(segment) && (segment->segment.flags & TCP_FLAG_RST) == 0) {
			bool closed = segment->segment.window == 0;
			if (closed && found.closed == NULL)
				found.closed = segment;
			if (!closed && found.closed != NULL) {
				found.end_ns = segment->t_ns;
				return found;
			}
		} else if (found.closed != NULL &&
			   (segment->segment.role == ROLE_ZERO_WINDOW_PROBE || has_data(segment))) {
			found.probes++;
		}
	}
	return found;
}

/* A window that the peer closed while the device has data for it is probed by persist, and the
 * connection lives (RFC 9293 3.8.6.1). */
void check_persist(struct subject *s)
{
	const struct history *history = s->history;
	const struct death *death = s->death;
	struct check check = check_new(s, OUTCOME_PASS);

	struct closed_window found = find_closed_window(history);
	int64_t from = found.closed == NULL ? history->start_ns : found.closed->t_ns;
	struct span span = {from, found.end_ns};
	if (found.closed == NULL) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "the peer's window was not closed");
	} else if (death->sign != SIGN_NONE && death->t_ns <= found.end_ns) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check,
			"the connection ended (%s) %.1f s after the peer had closed its window, expected it to stay open",
			death_sign_name(death->sign), in_s(death->t_ns - from));
	} else {
		check_say(&check,
			"%d probes of the closed window in %.1f s, and the connection is open",
			found.probes, in_s(found.end_ns - from));
		if (found.probes == 0)
			check.outcome = found.end_ns - from > PERSIST_DUE_NS ? OUTCOME_FAIL
									     : OUTCOME_INCONCLUSIVE;
	}
	check_settle(s, &check, death->sign != SIGN_NONE ? CLAIM_LEG : CLAIM_ABSENCE, span);
}

/* The device's answer to the peer's probe: the ACK that it calls for, or a RST. */
static const struct event *answer_to(const struct history *history, size_t probe)
{
	const struct event *asked = &history->timeline->events[probe];

	for (size_t i = probe + 1; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL || from_peer(segment))
			continue;
		if ((segment->segment.flags & TCP_FLAG_RST) != 0 ||
			(segment->segment.role != ROLE_PROBE &&
				segment->segment.ack == asked->segment.snd_nxt))
			return segment;
	}
	return NULL;
}

/* Each keep-alive probe of the peer is answered by the ACK that it calls for, within within_ns. */
void check_peer_probes_answered(struct subject *s)
{
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_PASS);
	struct window window = leg_window(s->profile, (struct window){0, s->parameters->time_ns});
	int probes = 0, missing = 0;

	struct span span = {history->start_ns, history->watched_ns};
	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *probe = history_segment(history, i);
		if (probe == NULL || !from_peer(probe) || probe->segment.role != ROLE_PROBE)
			continue;
		const struct event *answer = answer_to(history, i);
		/* It had not to be there yet when the watch ended. */
		if (answer == NULL && probe->t_ns + window.to_ns > history->watched_ns)
			continue;
		probes++;
		if (answer != NULL && (answer->segment.flags & TCP_FLAG_RST) == 0 &&
			leg_outcome(answer->t_ns - probe->t_ns, leg_error(probe, answer), window) <
				OUTCOME_FAIL)
			continue;
		missing++;
		check.outcome = OUTCOME_FAIL;
		check_say(&check, "%s to the peer's probe at %.1f s, expected an ACK within %g s",
			answer == NULL ? "no answer" : "no correct answer",
			in_s(probe->t_ns - history->start_ns), in_s(s->parameters->time_ns));
	}
	if (probes == 0) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "no probe of the peer came whose answer was due");
	} else if (missing == 0) {
		check_say(&check, "%d of %d probes of the peer were answered", probes, probes);
	} else if (missing <= frames_lost_at_most(history, probes)) {
		check_lost(&check, "frames lost in the air explain it");
	}
	check_settle(s, &check, CLAIM_ABSENCE, span);
}

/* Of datagrams nothing is known by their octets: the check is inconclusive, and says so. */
static bool are_datagrams(struct subject *s, struct check *check, struct span span)
{
	if (!carries_datagrams(s->history))
		return false;
	check->outcome = OUTCOME_INCONCLUSIVE;
	check_say(check, "datagrams may be lost, doubled, and come in any order");
	check_settle(s, check, CLAIM_UART, span);
	return true;
}

/* The UART delivered no octet that the peer did not send as data. */
void check_nothing_else_delivered(struct subject *s)
{
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_PASS);
	int64_t sent = 0, delivered = 0;
	const struct event *garbled = NULL;

	struct span span = {history->start_ns, history->watched_ns};
	if (are_datagrams(s, &check, span))
		return;
	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *event = &s->timeline->events[i];
		if (!history_owns(history, event))
			continue;
		if (event->kind == EVENT_PEER && event->act == ACT_SENT)
			sent += event->size;
		if (event->kind != EVENT_DATA)
			continue;
		delivered += event->size;
		if (!event->ok && garbled == NULL)
			garbled = event;
	}
	check_say(&check, "the peer sent %lld octets of data, the UART delivered %lld",
		(long long)sent, (long long)delivered);
	if (delivered > sent) {
		check.outcome = OUTCOME_FAIL;
	} else if (garbled != NULL) {
		check.outcome = OUTCOME_FAIL;
		check_say_more(&check, ", at %.1f s different from the data sent",
			in_s(garbled->t_ns - history->start_ns));
	}
	check_settle(s, &check, delivered > sent ? CLAIM_SEEN : CLAIM_UART, span);
}

/* What came of the peer's data, by wire and UART. */
struct delivery {
	int64_t sent, delivered;
	uint32_t first; /* SEQ of the first octet */
	bool begun;
	int64_t acknowledged, acknowledged_ns; /* so many octets; since when */
	const struct event *garbled; /* the first frame whose octets are not the next ones; NULL */
};

static void take_segment(struct delivery *delivery, const struct event *segment)
{
	const struct timeline_segment *s = &segment->segment;

	if (from_peer(segment)) {
		if (!delivery->begun && has_data(segment))
			delivery->first = s->seq;
		delivery->begun = delivery->begun || has_data(segment);
		return;
	}
	const int64_t acknowledged = (int32_t)(s->ack - delivery->first);
	if (!delivery->begun || (s->flags & TCP_FLAG_ACK) == 0 ||
		acknowledged <= delivery->acknowledged)
		return;
	delivery->acknowledged = acknowledged;
	delivery->acknowledged_ns = segment->t_ns + segment->error_ns;
}

static struct delivery find_delivery(const struct history *history)
{
	struct delivery delivery = {.acknowledged_ns = history->start_ns};

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *event = &history->timeline->events[i];
		if (!history_owns(history, event))
			continue;
		if (event->kind == EVENT_PEER && event->act == ACT_SENT)
			delivery.sent += event->size;
		if (history_segment(history, i) != NULL)
			take_segment(&delivery, event);
		if (event->kind != EVENT_DATA)
			continue;
		delivery.delivered += event->size;
		if (!event->ok && delivery.garbled == NULL)
			delivery.garbled = event;
	}
	/* The ACK of a FIN counts one more. */
	if (delivery.acknowledged > delivery.sent)
		delivery.acknowledged = delivery.sent;
	return delivery;
}

/* Less came than the device acknowledged: was there time for the rest?  A connection that ended
 * meanwhile may have taken it along. */
static void judge_undelivered(
	struct check *check, const struct subject *s, const struct delivery *delivery)
{
	const struct history *history = s->history;
	const int64_t due_ns = delivery->acknowledged_ns + s->parameters->time_ns +
			       round_trips_bound(&history->timeline->uart);

	if (check_unwatched(check, history, (struct span){delivery->acknowledged_ns, due_ns},
		    "not all data was delivered yet"))
		return;
	check->outcome = OUTCOME_FAIL;
	check_say(check,
		"the UART delivered %lld of the %lld octets that the device had acknowledged to the peer",
		(long long)delivery->delivered, (long long)delivery->acknowledged);
	if (s->death->sign != SIGN_NONE && s->death->t_ns - s->death->error_ns < due_ns)
		check_excuse(check, "but the connection ended meanwhile");
}

/* The UART delivered what the peer sent: all that the device acknowledged, once, in order, under
 * the connection's own CID (what comes under another is not delivered).  What was acknowledged less
 * than the given time before the end of the watch need not be there yet. */
void check_data_delivered(struct subject *s)
{
	const struct history *history = s->history;
	const struct delivery delivery = find_delivery(history);
	struct check check = check_new(s, OUTCOME_PASS);
	struct span span = {history->start_ns, history->watched_ns};

	if (are_datagrams(s, &check, span))
		return;
	check_say(&check, "the UART delivered the %lld octets of the peer once and in order",
		(long long)delivery.delivered);
	if (delivery.delivered > delivery.sent) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check, "the UART delivered %lld octets, the peer had sent %lld",
			(long long)delivery.delivered, (long long)delivery.sent);
	} else if (delivery.garbled != NULL) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check,
			"the UART delivered octets at %.1f s that are not the next octets that the peer had sent",
			in_s(delivery.garbled->t_ns - history->start_ns));
	} else if (delivery.delivered < delivery.acknowledged) {
		judge_undelivered(&check, s, &delivery);
	} else if (delivery.acknowledged == 0) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, delivery.sent == 0
					  ? "the peer sent no data"
					  : "the device acknowledged no data of the peer");
	}
	check_settle(s, &check, delivery.delivered > delivery.sent ? CLAIM_SEEN : CLAIM_UART, span);
}
