/* SPDX-License-Identifier: MIT */
#include "wire/connection.h"

#include <stdlib.h>
#include <string.h>

#include "wire/connection_state.h"
#include "wire/sequence.h"

enum { WINDOW_SLACK = 65536 };
/* How far behind what was acknowledged a segment may come that is only late. */
enum { OLD_MAX = 1 << 20 };

_Static_assert(sizeof(struct connection) <= 176, "a million of them should fit into memory");

struct connection *connection_new(void)
{
	struct connection *connection = calloc(1, sizeof *connection);

	if (connection != NULL)
		connection_init(connection);
	return connection;
}

void connection_init(struct connection *connection)
{
	connection->sides[0].real_ns = connection->sides[1].real_ns = SEGMENT_NO_TIME;
	connection->last_ns = SEGMENT_NO_TIME;
}

void connection_free(struct connection *connection)
{
	free(connection);
}

/* The mark of a packet that side 'direction' sends. */
static struct packet_mark mark_of(const struct packet *packet, int64_t time_ns, int direction)
{
	const uint64_t numbers = (uint64_t)packet->seq << 32 | packet->ack;
	/* A copy from before the network card completed the checksum has another one. */
	const uint64_t sizes =
		(uint64_t)packet->length << 32 |
		(packet_is_identified(packet) ? (uint64_t)packet->ip_id << 16 : packet->checksum);
	const uint64_t rest = (uint64_t)packet->window << 16 | (uint64_t)packet->flags << 8 |
			      (uint64_t)(direction + 1);
	const uint64_t mixed = numbers * UINT64_C(0x9e3779b97f4a7c15) ^
			       sizes * UINT64_C(0xc2b2ae3d27d4eb4f) ^
			       rest * UINT64_C(0x165667b19e3779f9);
	const uint32_t digest = (uint32_t)(mixed >> 32) ^ (uint32_t)mixed;

	return (struct packet_mark){.digest = digest != 0 ? digest : 1,
		.time = (uint32_t)((uint64_t)time_ns >> MARK_NS_SHIFT)};
}

static void remember_packet(struct connection *connection, struct packet_mark mark)
{
	connection->recent[connection->next_recent] = mark;
	connection->next_recent = (uint8_t)((connection->next_recent + 1) & (RECENT_PACKETS - 1));
}

static void advance_snd_nxt(struct side *side, uint32_t to)
{
	if (!side->has_nxt || sequence_after(to, side->snd_nxt))
		side->snd_nxt = to;
	side->has_nxt = true;
}

/* Far outside the window of the receiver, a segment says nothing about either side: the receiver
 * drops it and answers with an ACK (RFC 9293, 3.10.7.4).  Ample, since ACKs may be missing here. */
static bool is_acceptable(
	const struct side *sender, const struct side *receiver, const struct packet *packet)
{
	uint32_t end = packet->seq + sequence_length(packet);
	unsigned scale = WINDOW_SCALE_MAX;

	if (!sender->nxt_exact || !receiver->has_ack || (packet->flags & SEGMENT_FLAG_SYN) != 0)
		return true;
	if (!sequence_after(end, sender->snd_nxt) && !sequence_before(end, receiver->ack))
		return true;
	if (sequence_before(end, receiver->ack))
		return receiver->ack - end <= OLD_MAX;
	/* Scaling is on when both SYNs had the option. */
	if (sender->has_isn && receiver->has_isn)
		scale = sender->window_scale == WINDOW_SCALE_BEYOND ||
					receiver->window_scale > WINDOW_SCALE_MAX
				? 0
				: receiver->window_scale;
	return end - receiver->ack <= ((uint64_t)receiver->window << scale) * 2 + WINDOW_SLACK;
}

/* The capture missed something: what one side sent far from all that was seen of it, the other one
 * acknowledges.  Both go on from there, perhaps as another connection. */
static bool goes_on_elsewhere(const struct side *receiver, const struct packet *packet)
{
	return receiver->strays && packet->ack == receiver->claim &&
	       (packet->flags & (SEGMENT_FLAG_ACK | SEGMENT_FLAG_RST)) == SEGMENT_FLAG_ACK;
}

static void go_on(struct side *sender, struct side *receiver, const struct packet *packet)
{
	sender->snd_nxt = receiver->ack = packet->seq;
	receiver->snd_nxt = sender->ack = packet->ack;
	sender->window = packet->window;
	sender->fin = receiver->fin = false;
	sender->has_claim = receiver->has_claim = false;
	sender->strays = receiver->strays = false;
	sender->has_ack = receiver->has_ack = true;
	sender->has_nxt = receiver->has_nxt = true;
	sender->nxt_exact = receiver->nxt_exact = true;
}

static void note_stray(struct side *sender, const struct packet *packet)
{
	sender->has_claim = false;
	sender->strays = true;
	sender->claim = packet->seq + sequence_length(packet);
}

/* The other side has acknowledged more than was seen of this one: the capture missed something, or
 * the ACK was wrong.  The sender's own numbers decide: it goes on from there, or, in idle, repeats
 * the octet before. */
static void settle_claim(const struct connection *connection, struct side *sender,
	const struct packet *packet, int64_t time_ns)
{
	if (!sender->has_claim)
		return;
	bool probes = keepalive_has_form(packet) && packet->seq == sender->claim - 1 &&
		      !connection_is_busy(connection, time_ns);
	if (probes)
		sender->snd_nxt = sender->claim;
	if (probes || !sequence_before(packet->seq, sender->claim))
		sender->has_claim = false;
}

/* The sender's own numbers. */
static void update_sequence(
	struct side *sender, const struct packet *packet, enum segment_class class)
{
	bool octets =
		(packet->flags & (SEGMENT_FLAG_SYN | SEGMENT_FLAG_FIN)) != 0 || packet->length > 0;

	if ((packet->flags & SEGMENT_FLAG_SYN) != 0) {
		sender->has_isn = true;
		sender->isn = packet->seq;
		const unsigned scale = packet->window_scale > WINDOW_SCALE_MAX
					       ? (unsigned)WINDOW_SCALE_BEYOND
					       : packet->window_scale;
		sender->window_scale = scale & WINDOW_SCALE_BEYOND;
	}
	if ((packet->flags & SEGMENT_FLAG_FIN) != 0)
		sender->fin = true;
	/* A RST's SEQ is the answered ACK, not always SND.NXT; a malformed probe's is anything. */
	if ((packet->flags & SEGMENT_FLAG_RST) != 0 || class == SEGMENT_UNSOLICITED_ACK)
		return;
	advance_snd_nxt(sender, packet->seq + sequence_length(packet));
	if (class != SEGMENT_UNDECIDABLE && (octets || class == SEGMENT_OTHER))
		sender->nxt_exact = true;
}

/* What the packet says about the other side: it has sent all that is acknowledged. */
static void update_acknowledged(
	struct side *sender, struct side *receiver, const struct packet *packet)
{
	if ((packet->flags & SEGMENT_FLAG_ACK) == 0 || (packet->flags & SEGMENT_FLAG_RST) != 0)
		return;
	if (!sender->has_ack || !sequence_before(packet->ack, sender->ack)) {
		sender->ack = packet->ack;
		sender->window = packet->window;
	}
	sender->has_ack = true;
	if (!receiver->nxt_exact) {
		advance_snd_nxt(receiver, packet->ack);
		receiver->nxt_exact = true;
	} else if (sequence_after(packet->ack, receiver->snd_nxt)) {
		receiver->has_claim = true;
		receiver->strays = false;
		receiver->claim = packet->ack;
	}
	/* The octet that a candidate repeats has not been received: it was an ACK. */
	if (receiver->probe.candidate && !sequence_after(packet->ack, receiver->probe.seq))
		receiver->probe.active = false;
}

/* Who owes an ACK to whom: what tells an ACK that nothing called for. */
static void update_due_acks(struct side *sender, struct side *receiver, const struct packet *packet,
	enum segment_class class, bool in_sequence, bool ack_of_unsent)
{
	if (class == SEGMENT_PROBE_ANSWER) {
		if (sender->acks_due > 0)
			sender->acks_due--;
	} else if (sender->has_ack && receiver->has_nxt && packet->ack == receiver->snd_nxt) {
		sender->acks_due = 0;
	}
	if ((packet->flags & SEGMENT_FLAG_RST) == 0 &&
		(sequence_length(packet) > 0 || !in_sequence || ack_of_unsent) &&
		receiver->acks_due < ACKS_DUE_MAX)
		receiver->acks_due++;
}

static void update_probes(struct side *sender, struct side *receiver, const struct packet *packet,
	const struct tracked_segment *tracked, int64_t time_ns, uint64_t frame)
{
	const enum segment_class class = tracked->class;

	if (class == SEGMENT_PROBE_ANSWER || class == SEGMENT_PROBE_RST ||
		tracked->settles != SETTLES_NOTHING) {
		receiver->probe.active = false;
		receiver->unanswered = 0;
	} else if (class != SEGMENT_PROBE) {
		receiver->probe.spoken_since = true;
		receiver->unanswered = 0;
	}
	if (class != SEGMENT_PROBE && !tracked->candidate) {
		if (sender->probe.candidate && sequence_length(packet) > 0)
			sender->probe.active = false;
		return;
	}
	if (tracked->answered_before)
		sender->unanswered = 0;
	else if (sender->unanswered < UINT16_MAX)
		sender->unanswered++;
	sender->probe = (struct outstanding_probe){.active = !tracked->answered_before,
		.candidate = tracked->candidate,
		.seq = packet->seq,
		.ack = packet->ack,
		.octet = packet->length != 0,
		.time_ns = time_ns,
		.octet_gap = sender->probe.octet_gap,
		.frame_low = (uint32_t)frame,
		.frame_high = (uint8_t)(frame >> 32)};
}

/* Until the window opens again. */
static void update_persist(struct side *sender, struct side *receiver, const struct packet *packet,
	enum segment_class class)
{
	if (class == SEGMENT_ZERO_WINDOW_PROBE)
		sender->probe.persists = true;
	if ((packet->flags & SEGMENT_FLAG_ACK) != 0 && packet->window != 0)
		receiver->probe.persists = false;
}

static void update_octet(struct connection *connection, const struct packet *packet,
	enum segment_class class, int64_t time_ns, int direction)
{
	uint16_t *gap = &connection->sides[direction].probe.octet_gap;
	const bool pushed = connection_is_pushed_octet(packet);

	/* One that was no retransmission begins no row of them. */
	if (class == SEGMENT_PROBE && pushed)
		*gap = 0;
	else if (class == SEGMENT_DATA || class == SEGMENT_FIN)
		*gap = class == SEGMENT_DATA && pushed ? OCTET_SENT_ONCE : 0;
	else if ((class == SEGMENT_RETRANSMISSION || class == SEGMENT_UNACKNOWLEDGED) && pushed &&
		 *gap != 0)
		*gap = connection_octet_gap(connection, time_ns, direction);
}

/* An unsolicited ACK of nothing new answers a probe: one that the capture missed, or has behind
 * it. */
static bool is_early_answer(const struct side *sender, const struct side *receiver,
	const struct packet *packet, enum segment_class class)
{
	return class == SEGMENT_UNSOLICITED_ACK && packet->length == 0 &&
	       packet->seq == sender->snd_nxt && receiver->nxt_exact &&
	       packet->ack == receiver->snd_nxt;
}

static void update_times(struct connection *connection, const struct packet *packet,
	enum segment_class class, int64_t time_ns, int direction)
{
	struct side *sender = &connection->sides[direction];

	connection->last_ns = time_ns;
	connection->last_side = direction != 0;
	const bool answers_fin =
		connection->after_fin && class == SEGMENT_OTHER && packet->length == 0;
	connection->early_answer =
		is_early_answer(sender, &connection->sides[!direction], packet, class);
	connection->after_fin = class == SEGMENT_AFTER_FIN;
	if (class == SEGMENT_PROBE || class == SEGMENT_PROBE_ANSWER ||
		class == SEGMENT_UNDECIDABLE || class == SEGMENT_AFTER_FIN || answers_fin ||
		connection->early_answer)
		return;
	sender->real_ns = time_ns;
	connection->last_real_side = direction != 0;
	sender->ttl = packet->ttl;
}

/* What there is to send behind a closed window is not known: perhaps something. */
static bool is_outstanding(const struct connection *connection, int side)
{
	const struct side *sender = &connection->sides[side], *receiver = &connection->sides[!side];

	return receiver->has_ack &&
	       (receiver->window == 0 ||
		       (sender->nxt_exact && sequence_before(receiver->ack, sender->snd_nxt)));
}

static void describe(const struct connection *connection, const struct packet *packet,
	struct packet_mark mark, int64_t time_ns, int direction, struct tracked_segment *out)
{
	const struct side *sender = &connection->sides[direction];
	const struct side *receiver = &connection->sides[!direction];

	/* What the sender acknowledged before, it may acknowledge again: the capture missed it. */
	bool claimed = receiver->has_claim && packet->ack == receiver->claim;
	/* By the library's function: see CMakeLists.txt. */
	memset(out, 0, sizeof *out);
	out->direction = direction;
	out->snd_nxt = sender->nxt_exact ? sender->snd_nxt : packet->seq;
	out->rcv_nxt = receiver->nxt_exact && !claimed ? receiver->snd_nxt : packet->ack;
	out->repeats_ack = sender->has_ack && receiver->nxt_exact && packet->ack == sender->ack &&
			   sequence_before(packet->ack, receiver->snd_nxt);
	for (int side = 0; side < 2; side++) {
		out->real_ns[side] = connection->sides[side].real_ns;
		out->real_ttl[side] = connection->sides[side].ttl;
		out->outstanding[side] = is_outstanding(connection, side);
	}
	out->quiet_ns = connection_last_real_ns(connection) != SEGMENT_NO_TIME
				? time_ns - connection_last_real_ns(connection)
				: -1;
	out->class = keepalive_classify(connection, packet, mark, time_ns, direction);
	if (out->class == SEGMENT_PROBE_ANSWER || out->class == SEGMENT_PROBE_RST) {
		out->answers_frame =
			(uint64_t)receiver->probe.frame_high << 32 | receiver->probe.frame_low;
		out->answers_ns = receiver->probe.time_ns;
	}
	if (out->class != SEGMENT_DUPLICATE) {
		out->settles = keepalive_settles(receiver, packet);
		if ((packet->flags & (SEGMENT_FLAG_FIN | SEGMENT_FLAG_RST)) != 0)
			out->settles_own = keepalive_settles_own(sender, packet);
	}
	out->same_seq = out->class == SEGMENT_UNDECIDABLE && sender->probe.active &&
			sender->probe.candidate && packet->seq == sender->probe.seq;
	out->half_closed = receiver->fin && packet->ack == receiver->snd_nxt;
	out->candidate = keepalive_is_candidate(sender, packet, out->class);
	out->answered_before = (out->class == SEGMENT_PROBE || sequence_length(packet) > 0) &&
			       connection->early_answer && connection->last_side != direction &&
			       llabs(time_ns - connection->last_ns) <= KEEPALIVE_SWAPPED_NS;
	if (out->class == SEGMENT_PROBE && !out->answered_before)
		out->unanswered = sender->unanswered + 1U;
}

void connection_track(struct connection *connection, const struct packet *packet, int64_t time_ns,
	uint64_t frame, int direction, struct tracked_segment *out)
{
	struct side *sender = &connection->sides[direction];
	struct side *receiver = &connection->sides[!direction];

	settle_claim(connection, sender, packet, time_ns);
	struct packet_mark mark = mark_of(packet, time_ns, direction);
	describe(connection, packet, mark, time_ns, direction, out);
	if (out->class == SEGMENT_DUPLICATE)
		return;
	bool in_sequence = !sender->nxt_exact || packet->seq == sender->snd_nxt;
	bool ack_of_unsent = (packet->flags & SEGMENT_FLAG_ACK) != 0 && receiver->nxt_exact &&
			     sequence_after(packet->ack, receiver->snd_nxt);
	out->missed =
		ack_of_unsent || (sender->nxt_exact && (packet->flags & SEGMENT_FLAG_RST) == 0 &&
					 sequence_after(packet->seq, sender->snd_nxt));
	remember_packet(connection, mark);
	bool elsewhere = goes_on_elsewhere(receiver, packet) ||
			 (out->settles == SETTLES_PROBE && receiver->nxt_exact &&
				 packet->ack != receiver->snd_nxt);
	if (elsewhere)
		go_on(sender, receiver, packet);
	if (elsewhere || is_acceptable(sender, receiver, packet)) {
		sender->strays = false;
		update_sequence(sender, packet, out->class);
		update_acknowledged(sender, receiver, packet);
		connection->reset |= (packet->flags & SEGMENT_FLAG_RST) != 0;
	} else {
		note_stray(sender, packet);
	}
	if (!out->answered_before)
		update_due_acks(sender, receiver, packet, out->class, in_sequence, ack_of_unsent);
	update_probes(sender, receiver, packet, out, time_ns, frame);
	update_persist(sender, receiver, packet, out->class);
	update_octet(connection, packet, out->class, time_ns, direction);
	update_times(connection, packet, out->class, time_ns, direction);
	sender->seen = true;
}

/* Is nothing open at this end? */
static inline bool is_settled(const struct side *side)
{
	return side->seen && side->nxt_exact && side->has_ack && !side->fin && !side->has_claim &&
	       !side->strays && !side->probe.active && !side->probe.persists &&
	       side->unanswered == 0;
}

bool connection_pass(
	struct connection *connection, const struct packet *packet, int64_t time_ns, int direction)
{
	enum { OTHERS = SEGMENT_FLAG_SYN | SEGMENT_FLAG_FIN | SEGMENT_FLAG_RST };
	struct side *sender = &connection->sides[direction];
	struct side *receiver = &connection->sides[!direction];
	const uint32_t length = packet->length;

	if (connection->reset || connection->early_answer || connection->after_fin ||
		!is_settled(sender) || !is_settled(receiver))
		return false;
	if ((packet->flags & (OTHERS | SEGMENT_FLAG_ACK)) != SEGMENT_FLAG_ACK ||
		packet->seq != sender->snd_nxt || sequence_after(packet->ack, receiver->snd_nxt) ||
		sequence_after(receiver->ack, sender->snd_nxt) || length == 1 ||
		length > WINDOW_SLACK ||
		(packet->seq + length - receiver->ack > WINDOW_SLACK &&
			!is_acceptable(sender, receiver, packet)))
		return false;
	if (length == 0 && sender->acks_due == 0 &&
		time_ns - connection->last_ns >= KEEPALIVE_QUIET_NS)
		return false;
	const struct packet_mark mark = mark_of(packet, time_ns, direction);
	for (int i = 0; i < RECENT_PACKETS; i++)
		if (connection->recent[i].digest == mark.digest)
			return false;
	remember_packet(connection, mark);
	sender->snd_nxt += length;
	if (!sequence_before(packet->ack, sender->ack)) {
		sender->ack = packet->ack;
		sender->window = packet->window;
	}
	if (packet->ack == receiver->snd_nxt)
		sender->acks_due = 0;
	receiver->probe.spoken_since = true;
	if (length > 0) {
		sender->probe.octet_gap = 0;
		if (receiver->acks_due < ACKS_DUE_MAX)
			receiver->acks_due++;
	}
	connection->last_ns = sender->real_ns = time_ns;
	connection->last_side = connection->last_real_side = direction != 0;
	sender->ttl = packet->ttl;
	return true;
}

void connection_last_real(const struct connection *connection, int64_t real_ns[2])
{
	real_ns[0] = connection->sides[0].real_ns;
	real_ns[1] = connection->sides[1].real_ns;
}

void connection_outstanding(const struct connection *connection, bool outstanding[2])
{
	outstanding[0] = is_outstanding(connection, 0);
	outstanding[1] = is_outstanding(connection, 1);
}

bool connection_is_open(const struct connection *connection)
{
	return !connection->reset && !connection->sides[0].fin && !connection->sides[1].fin;
}

int64_t connection_last(const struct connection *connection)
{
	return connection->last_ns;
}

uint8_t *connection_note(struct connection *connection)
{
	return &connection->note;
}

struct connection_mark connection_mark(const struct connection *connection)
{
	return (struct connection_mark){connection->mark_frame, connection->mark_file};
}

void connection_set_mark(struct connection *connection, struct connection_mark mark)
{
	connection->mark_frame = mark.frame;
	connection->mark_file = mark.file;
}

uint8_t *connection_tally(struct connection *connection, int direction)
{
	return &connection->sides[direction].tally;
}

size_t connection_index(const struct connection *connection)
{
	return connection->index;
}
