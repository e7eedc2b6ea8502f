/* SPDX-License-Identifier: MIT */
#include "wire/keepalive.h"

#include <stdlib.h>

#include "wire/connection_state.h"
#include "wire/sequence.h"

/* The same header again within this time is the same packet, captured twice: no stack retransmits
 * that soon.  The copy may come later, from another place of the network, where an IP
 * identification tells packets apart, and of what no stack sends again so soon: an empty segment, a
 * probe. */
#define SEEN_TWICE_NS (20 * NS_PER_MS)
#define SEEN_ELSEWHERE_NS (300 * NS_PER_MS)
/* An answer that comes behind other segments of its sender is one only within this time. */
#define CROSSING_NS (1 * NS_PER_S)

static bool captured_twice(
	const struct connection *connection, const struct packet *packet, struct packet_mark mark)
{
	const bool elsewhere = packet_is_identified(packet) || keepalive_has_form(packet);
	const uint32_t within =
		(uint32_t)((elsewhere ? SEEN_ELSEWHERE_NS : SEEN_TWICE_NS) >> MARK_NS_SHIFT);

	for (int i = 0; i < RECENT_PACKETS; i++)
		if (connection->recent[i].digest == mark.digest &&
			mark.time - connection->recent[i].time + within <= 2 * within)
			return true;
	return false;
}

bool keepalive_has_form(const struct packet *packet)
{
	enum { EXCLUDED = SEGMENT_FLAG_SYN | SEGMENT_FLAG_FIN | SEGMENT_FLAG_RST };

	return (packet->flags & (EXCLUDED | SEGMENT_FLAG_ACK)) == SEGMENT_FLAG_ACK &&
	       packet->length <= 1;
}

static bool looks_like_probe(const struct side *sender, const struct packet *packet)
{
	return keepalive_has_form(packet) && sender->nxt_exact &&
	       packet->seq == sender->snd_nxt - 1;
}

bool connection_is_busy(const struct connection *connection, int64_t time_ns)
{
	return connection_last_real_ns(connection) != SEGMENT_NO_TIME &&
	       llabs(time_ns - connection_last_real_ns(connection)) < KEEPALIVE_QUIET_NS;
}

/* RFC 9293, 3.10.7.1: the RST that an ACK draws takes its SEQ from SEG.ACK and has no ACK; that may
 * come at any time.  Of others only those that come at once count as drawn by the probe. */
static bool rst_answers_probe(
	const struct outstanding_probe *probe, const struct packet *packet, int64_t time_ns)
{
	if (!probe->active || probe->candidate)
		return false;
	if (packet->seq == probe->ack && (packet->flags & SEGMENT_FLAG_ACK) == 0)
		return true;
	return time_ns - probe->time_ns <= CROSSING_NS;
}

/* It has had the octet of the probe before (RFC 2883). */
static bool is_d_sack(const struct outstanding_probe *probe, const struct packet *packet)
{
	return packet->has_sack && packet->sack_left == probe->seq &&
	       packet->sack_right == probe->seq + 1;
}

/* A candidate of no octet has repeated one when the other side acknowledges an octet there.  One
 * octet could be data: only a D-SACK of just that octet (RFC 2883) proves the candidate. */
static bool proves_candidate(const struct outstanding_probe *probe, const struct packet *packet)
{
	if (packet->ack != probe->seq + 1)
		return false;
	return !probe->octet || is_d_sack(probe, packet);
}

enum settlement keepalive_settles(const struct side *receiver, const struct packet *packet)
{
	const struct outstanding_probe *probe = &receiver->probe;

	if (!probe->active || !probe->candidate || !keepalive_has_form(packet) ||
		packet->length != 0 || !proves_candidate(probe, packet))
		return SETTLES_NOTHING;
	return packet->window == 0 ? SETTLES_ZERO_WINDOW_PROBE : SETTLES_PROBE;
}

enum settlement keepalive_settles_own(const struct side *sender, const struct packet *packet)
{
	const struct outstanding_probe *probe = &sender->probe;
	const uint8_t ends = packet->flags & (SEGMENT_FLAG_FIN | SEGMENT_FLAG_RST);

	/* A RST without ACK has the SEQ that the other side asked for. */
	if (!probe->active || !probe->candidate || sender->nxt_exact || ends == 0 ||
		(packet->flags & SEGMENT_FLAG_ACK) == 0 || packet->length > 0)
		return SETTLES_NOTHING;
	if (packet->seq == probe->seq)
		return SETTLES_ACK;
	/* One octet that is sent again and again may be data. */
	return packet->seq == probe->seq + 1 && !probe->octet ? SETTLES_PROBE : SETTLES_NOTHING;
}

bool keepalive_is_candidate(
	const struct side *sender, const struct packet *packet, enum segment_class class)
{
	if (class == SEGMENT_UNDECIDABLE)
		return packet->length <= 1;
	/* Behind a gap of the capture the numbers have gone on. */
	return class == SEGMENT_UNSOLICITED_ACK && packet->length == 0 &&
	       sequence_after(packet->seq, sender->snd_nxt) &&
	       !(sender->probe.active && !sender->probe.candidate);
}

/* The ACK of a side that has sent more than was seen, right behind the probe. */
static bool is_ahead(const struct side *sender, const struct outstanding_probe *probe,
	const struct packet *packet, int64_t time_ns)
{
	return !probe->candidate && !probe->spoken_since &&
	       sequence_after(packet->seq, sender->snd_nxt) &&
	       time_ns - probe->time_ns <= CROSSING_NS;
}

/* The answer to a probe is an ACK of SND.NXT, in sequence: as was seen, or as the probe says. */
static bool ack_answers_probe(const struct side *sender, const struct outstanding_probe *probe,
	const struct packet *packet, int64_t time_ns)
{
	bool in_sequence = packet->seq == sender->snd_nxt || packet->seq == probe->ack;

	if (!probe->active || packet->ack != probe->seq + 1)
		return false;
	/* What the other side has sent besides did not arrive, or was not captured. */
	if (!in_sequence && !is_d_sack(probe, packet) && !is_ahead(sender, probe, packet, time_ns))
		return false;
	if (probe->spoken_since && time_ns - probe->time_ns > CROSSING_NS)
		return false;
	return !probe->candidate || (packet->window != 0 && proves_candidate(probe, packet));
}

/* The octet was data, and comes again as a retransmission does: its ACK was lost behind the place
 * of the capture.  The first comes within 3 s (RFC 6298, 2.1), each further one after about twice
 * the time; keep-alive keeps its interval. */
static bool is_resent(const struct connection *connection, const struct packet *packet,
	int64_t time_ns, int direction)
{
	const uint32_t before = connection->sides[direction].probe.octet_gap;

	if (before == 0 || !connection_is_pushed_octet(packet))
		return false;
	const uint32_t gap = connection_octet_gap(connection, time_ns, direction);
	return before == OCTET_SENT_ONCE ? gap <= (3 * NS_PER_S + NS_PER_S / 2) >> MARK_NS_SHIFT
					 : gap * 2 >= before * 3 && gap <= before * 8;
}

/* Of a closed window: persist would have come sooner, and has not come before. */
static bool is_persist(const struct connection *connection, int64_t time_ns, int direction)
{
	const struct outstanding_probe *before = &connection->sides[direction].probe;

	return before->persists || connection_last_real_ns(connection) == SEGMENT_NO_TIME ||
	       time_ns - connection_last_real_ns(connection) < KEEPALIVE_PERSIST_NS ||
	       time_ns - before->time_ns < KEEPALIVE_PERSIST_NS;
}

/* SEQ = SND.NXT - 1 and 0 or 1 octet: a probe, unless one of the principles is broken. */
static enum segment_class classify_probe_like(const struct connection *connection,
	const struct packet *packet, int64_t time_ns, int direction)
{
	const struct side *sender = &connection->sides[direction];
	const struct side *receiver = &connection->sides[!direction];

	if (sender->fin)
		return SEGMENT_AFTER_FIN;
	if (!receiver->has_ack)
		return SEGMENT_UNDECIDABLE;
	if (sequence_before(receiver->ack, sender->snd_nxt))
		return receiver->window == 0 ? SEGMENT_ZERO_WINDOW_PROBE : SEGMENT_UNACKNOWLEDGED;
	if (receiver->window == 0 && is_persist(connection, time_ns, direction))
		return SEGMENT_ZERO_WINDOW_PROBE;
	if (connection_is_busy(connection, time_ns))
		return SEGMENT_TOO_SOON;
	if (is_resent(connection, packet, time_ns, direction))
		return SEGMENT_RETRANSMISSION;
	return SEGMENT_PROBE;
}

/* SND.NXT is not known.  Right behind other traffic an ACK is an answer to it. */
static enum segment_class classify_joined(
	const struct connection *connection, const struct packet *packet, int64_t time_ns)
{
	if (connection_is_busy(connection, time_ns))
		return packet->length == 0 ? SEGMENT_OTHER : SEGMENT_DATA;
	return SEGMENT_UNDECIDABLE;
}

/* Nothing called for it, long after the last packet, and it tells the other side nothing new. */
static bool is_unsolicited(const struct connection *connection, const struct packet *packet,
	int64_t time_ns, int direction)
{
	const struct side *sender = &connection->sides[direction];
	const struct side *receiver = &connection->sides[!direction];

	if (sender->acks_due > 0 || !sender->has_ack || sender->fin || connection->reset ||
		time_ns - connection->last_ns < KEEPALIVE_QUIET_NS)
		return false;
	bool acknowledges_more = sequence_after(packet->ack, sender->ack) &&
				 !sequence_after(packet->ack, receiver->snd_nxt);
	return !acknowledges_more && packet->window == sender->window;
}

static enum segment_class classify_octet(const struct connection *connection,
	const struct packet *packet, int64_t time_ns, int direction)
{
	const struct side *sender = &connection->sides[direction];
	const struct side *receiver = &connection->sides[!direction];

	if (!sequence_before(packet->seq, sender->snd_nxt))
		return receiver->has_ack && receiver->window == 0 ? SEGMENT_ZERO_WINDOW_PROBE
								  : SEGMENT_DATA;
	if (receiver->has_ack && sequence_before(packet->seq, receiver->ack) &&
		is_unsolicited(connection, packet, time_ns, direction))
		return SEGMENT_UNSOLICITED_ACK;
	return SEGMENT_RETRANSMISSION;
}

static enum segment_class classify_pure_ack(const struct connection *connection,
	const struct packet *packet, int64_t time_ns, int direction)
{
	const struct side *sender = &connection->sides[direction];
	const struct side *receiver = &connection->sides[!direction];

	if (ack_answers_probe(sender, &receiver->probe, packet, time_ns))
		return SEGMENT_PROBE_ANSWER;
	/* With data on its way a zero window is probed by the octet before the first of it. */
	if (receiver->window == 0 && receiver->has_ack && packet->seq == receiver->ack - 1)
		return SEGMENT_ZERO_WINDOW_PROBE;
	if (is_unsolicited(connection, packet, time_ns, direction))
		return SEGMENT_UNSOLICITED_ACK;
	return SEGMENT_OTHER;
}

static enum segment_class classify_data(const struct side *sender, const struct packet *packet)
{
	uint32_t end = packet->seq + sequence_length(packet);
	bool again = sender->has_nxt && !sequence_after(end, sender->snd_nxt);

	if (again)
		return SEGMENT_RETRANSMISSION;
	return (packet->flags & SEGMENT_FLAG_FIN) != 0 ? SEGMENT_FIN : SEGMENT_DATA;
}

enum segment_class keepalive_classify(const struct connection *connection,
	const struct packet *packet, struct packet_mark mark, int64_t time_ns, int direction)
{
	const struct side *sender = &connection->sides[direction];
	const struct side *receiver = &connection->sides[!direction];

	/* The copy of an ACK from before the sender's FIN is, by its numbers, behind it. */
	if (captured_twice(connection, packet, mark))
		return sender->fin && looks_like_probe(sender, packet) ? SEGMENT_AFTER_FIN
								       : SEGMENT_DUPLICATE;
	if ((packet->flags & SEGMENT_FLAG_RST) != 0)
		return rst_answers_probe(&receiver->probe, packet, time_ns) ? SEGMENT_PROBE_RST
									    : SEGMENT_RST;
	if ((packet->flags & SEGMENT_FLAG_SYN) != 0)
		return SEGMENT_SYN;
	if ((packet->flags & SEGMENT_FLAG_FIN) != 0 || packet->length > 1)
		return classify_data(sender, packet);
	if ((packet->flags & SEGMENT_FLAG_ACK) == 0)
		return packet->length == 0 ? SEGMENT_OTHER : SEGMENT_DATA;
	if (!sender->nxt_exact)
		return classify_joined(connection, packet, time_ns);
	if (looks_like_probe(sender, packet))
		return classify_probe_like(connection, packet, time_ns, direction);
	if (packet->length == 1)
		return classify_octet(connection, packet, time_ns, direction);
	return classify_pure_ack(connection, packet, time_ns, direction);
}

const char *segment_class_name(enum segment_class class)
{
	switch (class) {
	case SEGMENT_OTHER:
		return "other";
	case SEGMENT_SYN:
		return "SYN";
	case SEGMENT_FIN:
		return "FIN";
	case SEGMENT_RST:
		return "RST";
	case SEGMENT_DATA:
		return "data";
	case SEGMENT_RETRANSMISSION:
		return "retransmission";
	case SEGMENT_PROBE:
		return "probe";
	case SEGMENT_PROBE_ANSWER:
		return "answer";
	case SEGMENT_PROBE_RST:
		return "RST to a probe";
	case SEGMENT_UNSOLICITED_ACK:
		return "unsolicited ACK";
	case SEGMENT_AFTER_FIN:
		return "after_fin";
	case SEGMENT_UNACKNOWLEDGED:
		return "unacknowledged";
	case SEGMENT_TOO_SOON:
		return "too_soon";
	case SEGMENT_ZERO_WINDOW_PROBE:
		return "zero_window";
	case SEGMENT_DUPLICATE:
		return "duplicate";
	case SEGMENT_UNDECIDABLE:
		return "undecidable";
	}
	return "undecidable";
}
