/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include "judge/checks.h"

/* What holds for every segment of a TCP, whatever it is about. */

/* What the connection's segments said up to one of them. */
struct numbers {
	uint32_t peer_end; /* behind the last octet of the peer, its SYN and FIN included */
	bool peer_seen;
	bool other_mac, mac_seen; /* of the device's first segment */
};

static uint32_t end_of(const struct timeline_segment *s)
{
	return s->seq + s->length + ((s->flags & TCP_FLAG_SYN) != 0) +
	       ((s->flags & TCP_FLAG_FIN) != 0);
}

static void take_from_peer(struct numbers *numbers, const struct timeline_segment *s)
{
	if (!numbers->peer_seen || (int32_t)(end_of(s) - numbers->peer_end) > 0)
		numbers->peer_end = end_of(s);
	numbers->peer_seen = true;
}

/* Is it from another hardware address than the device's own?  On a real bench what stands between
 * may have one of its own, and then it is that of the connection's first segment. */
static bool has_other_mac(
	const struct history *history, struct numbers *numbers, const struct timeline_segment *s)
{
	if (!numbers->mac_seen)
		numbers->other_mac = s->other_mac && !history->timeline->stepped;
	numbers->mac_seen = true;
	return s->other_mac != numbers->other_mac;
}

/* Data that the peer acknowledged, and that was not sent again before, came to it whole: the receive
 * offload of its interface put several segments together, and the checksum is the first one's. */
static bool was_put_together(const struct history *history, size_t index)
{
	const struct timeline_segment *data = &history_segment(history, index)->segment;

	if (history->timeline->stepped || data->length < 2)
		return false;
	for (size_t i = index + 1; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL)
			continue;
		const struct timeline_segment *next = &segment->segment;
		if (!from_peer(segment) && (int32_t)(next->seq - end_of(data)) < 0 &&
			(int32_t)(end_of(next) - data->seq) > 0 && next->length > 1)
			return false;
		if (from_peer(segment) && (next->flags & TCP_FLAG_ACK) != 0 &&
			(int32_t)(next->ack - end_of(data)) >= 0)
			return true;
	}
	return false;
}

/* Does the peer count on from there, later?  Then it had sent what is missing before. */
static bool peer_counts_on(const struct history *history, size_t index, uint32_t from)
{
	for (size_t i = index + 1; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment != NULL && from_peer(segment) &&
			(int32_t)(segment->segment.seq - from) >= 0)
			return true;
	}
	return false;
}

/* Says what is wrong with the device's segment; false: nothing is. */
static bool say_unsound(
	struct check *check, const struct history *history, struct numbers *numbers, size_t index)
{
	const struct event *segment = history_segment(history, index);
	const struct timeline_segment *s = &segment->segment;
	const uint8_t ends = TCP_FLAG_FIN | TCP_FLAG_RST;
	const double at_s = in_s(segment->t_ns - history->start_ns);

	if (!s->checksum_ok && !was_put_together(history, index))
		check_say(check,
			"the segment at %.1f s has a wrong checksum, or its frame is too short for it",
			at_s);
	else if (has_other_mac(history, numbers, s))
		check_say(check,
			"the segment at %.1f s came from another hardware address than the device's",
			at_s);
	else if ((s->flags & TCP_FLAG_SYN) != 0 && (s->flags & ends) != 0)
		check_say(check, "the segment at %.1f s has flags 0x%02x, SYN with FIN or RST",
			at_s, s->flags);
	else if ((s->flags & (TCP_FLAG_SYN | TCP_FLAG_RST | TCP_FLAG_ACK)) == 0)
		check_say(check, "the segment at %.1f s has flags 0x%02x, without ACK", at_s,
			s->flags);
	else if ((s->flags & TCP_FLAG_ACK) != 0 && numbers->peer_seen &&
		 (int32_t)(s->ack - numbers->peer_end) > 0 &&
		 !peer_counts_on(history, index, s->ack))
		check_say(check,
			"the segment at %.1f s acknowledges %u octets that the peer had not sent",
			at_s, s->ack - numbers->peer_end);
	else
		return false;
	return true;
}

/* What check_probe_format() looks at: a bad probe is to be named by that. */
static bool is_like_a_probe(const struct event *segment)
{
	const uint8_t any = TCP_FLAG_SYN | TCP_FLAG_FIN | TCP_FLAG_RST | TCP_FLAG_ACK;

	return is_probe(segment) || segment->segment.role == ROLE_UNSOLICITED_ACK ||
	       ((segment->segment.flags & any) == 0 && segment->segment.length <= 1);
}

/* Each segment of the device but its probes has right checksums, a whole frame from its own hardware
 * address, flags that go together, and acknowledges nothing that the peer did not send. */
void check_segments_sound(struct subject *s)
{
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_PASS);
	struct span span = {history->timeline->events[history->begin].t_ns, history->watched_ns};
	struct numbers numbers = {0};
	int count = 0;

	for (size_t i = history->begin; i < history->end && check.outcome == OUTCOME_PASS; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL)
			continue;
		if (from_peer(segment)) {
			take_from_peer(&numbers, &segment->segment);
			continue;
		}
		if (is_like_a_probe(segment) && segment->segment.other_mac == numbers.other_mac)
			continue;
		count++;
		if (!say_unsound(&check, history, &numbers, i))
			continue;
		check.outcome = OUTCOME_FAIL;
		span.from_ns = span.to_ns = segment->t_ns;
	}
	if (check.outcome == OUTCOME_PASS)
		check_say(&check, "%d segments, each whole and with right checksums, flags and ACK",
			count);
	if (count == 0)
		check.outcome = OUTCOME_INCONCLUSIVE;
	/* What the peer sent may be missing in the capture. */
	check_settle(s, &check, CLAIM_LEG, span);
}

/* Does the device acknowledge the octets up to 'end' in time?  NULL: no. */
static const struct event *acknowledged(
	const struct history *history, size_t from, uint32_t end, int64_t until_ns)
{
	for (size_t i = from; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL || from_peer(segment))
			continue;
		if (segment->t_ns - segment->error_ns > until_ns)
			return NULL;
		if ((segment->segment.flags & TCP_FLAG_ACK) != 0 &&
			(int32_t)(segment->segment.ack - end) >= 0)
			return segment;
	}
	return NULL;
}

/* Is it data that the device must take: the octets that it waits for, within the window that it
 * announced last, before either side ended the connection?  Its checksum tells nothing: an interface
 * puts it in behind the capture. */
static bool must_be_taken(const struct event *segment, const struct event *last, bool ended)
{
	const struct timeline_segment *s = &segment->segment;

	return from_peer(segment) && !ended && last != NULL && s->length > 0 &&
	       (s->role == ROLE_DATA || s->role == ROLE_RETRANSMISSION) &&
	       s->seq == last->segment.ack && s->length <= last->segment.window;
}

/* Data of the peer is acknowledged within the given time (RFC 9293 MUST-40: a delay of less than
 * 0.5 s). */
void check_data_acknowledged(struct subject *s)
{
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_PASS);
	struct span span = {history->start_ns, history->watched_ns};
	const struct event *last = NULL; /* of the device, with ACK */
	bool ended = false;
	int count = 0;

	for (size_t i = history->begin; i < history->end && check.outcome == OUTCOME_PASS; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL)
			continue;
		const struct timeline_segment *wire = &segment->segment;
		ended |= (wire->flags & (TCP_FLAG_FIN | TCP_FLAG_RST)) != 0;
		if (!from_peer(segment) && (wire->flags & TCP_FLAG_ACK) != 0)
			last = segment;
		if (!must_be_taken(segment, last, ended))
			continue;
		const int64_t due_ns = segment->t_ns + segment->error_ns + s->parameters->time_ns;
		const bool dies = s->death->sign != SIGN_NONE &&
				  s->death->t_ns - s->death->error_ns <= due_ns;
		if (due_ns > history->watched_ns || dies)
			continue;
		count++;
		if (acknowledged(history, i + 1, wire->seq + wire->length, due_ns) != NULL)
			continue;
		check.outcome = OUTCOME_FAIL;
		check_say(&check,
			"%u octets of the peer at %.1f s were not acknowledged within %g s",
			wire->length, in_s(segment->t_ns - history->start_ns),
			in_s(s->parameters->time_ns));
		if (frames_may_be_lost(history))
			check_lost(&check, "frames lost in the air explain it");
		span = (struct span){segment->t_ns, due_ns};
	}
	if (check.outcome == OUTCOME_PASS)
		check_say(&check, "%d segments of data of the peer, each acknowledged in time",
			count);
	if (count == 0) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "no data of the peer came whose acknowledgement was due");
	}
	check_settle(s, &check, CLAIM_ABSENCE, span);
}
