/* SPDX-License-Identifier: MIT */
#include "wire/connection.h"

#include <stdlib.h>

#include "wire/connection_state.h"
#include "wire/sequence.h"

/* An ACK further ahead than this is not one of octets that the capture missed, but nonsense. */
enum { PLAUSIBLE_AHEAD = 1 << 30 };

struct connection *connection_new(void)
{
	return calloc(1, sizeof(struct connection));
}

void connection_free(struct connection *connection)
{
	free(connection);
}

static void remember_packet(struct side *sender, const struct packet *packet, int64_t time_ns)
{
	struct packet_mark *mark = &sender->recent[sender->next_recent++ % RECENT_PACKETS];

	*mark = (struct packet_mark){.time_ns = time_ns,
		.seq = packet->seq,
		.ack = packet->ack,
		.length = packet->length,
		.ip_id = packet->ip_id,
		.checksum = packet->checksum,
		.window = packet->window,
		.flags = packet->flags,
		.used = true};
}

static void advance_snd_nxt(struct side *side, uint32_t to)
{
	if (!side->has_nxt || sequence_after(to, side->snd_nxt))
		side->snd_nxt = to;
	side->has_nxt = true;
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
	if (!sender->has_ack || sequence_after(packet->ack, sender->ack))
		sender->ack = packet->ack;
	sender->has_ack = true;
	if (!receiver->has_nxt || packet->ack - receiver->snd_nxt < PLAUSIBLE_AHEAD ||
		!sequence_after(packet->ack, receiver->snd_nxt)) {
		advance_snd_nxt(receiver, packet->ack);
		receiver->nxt_exact = true;
	}
}

/* Who owes an ACK to whom: what tells an ACK that nothing called for. */
static void update_owed(struct side *sender, struct side *receiver, const struct packet *packet,
	enum segment_class class, bool in_sequence, bool ack_of_unsent)
{
	if (class == SEGMENT_PROBE_ANSWER) {
		if (sender->owed > 0)
			sender->owed--;
	} else if (sender->has_ack && receiver->has_nxt && packet->ack == receiver->snd_nxt) {
		sender->owed = 0;
	}
	if ((packet->flags & SEGMENT_FLAG_RST) == 0 &&
		(sequence_length(packet) > 0 || !in_sequence || ack_of_unsent))
		receiver->owed++;
}

static bool is_probe_or_candidate(const struct packet *packet, enum segment_class class)
{
	return class == SEGMENT_PROBE || (class == SEGMENT_UNDECIDABLE && packet->length <= 1);
}

static void update_probes(struct side *sender, struct side *receiver, const struct packet *packet,
	enum segment_class class, int64_t time_ns, uint64_t frame)
{
	if (class == SEGMENT_PROBE_ANSWER || class == SEGMENT_PROBE_RST) {
		receiver->probe.active = false;
		receiver->unanswered = 0;
	} else if (class != SEGMENT_PROBE) {
		receiver->probe.spoken_since = true;
		receiver->unanswered = 0;
	}
	if (!is_probe_or_candidate(packet, class))
		return;
	sender->unanswered++;
	sender->probe = (struct outstanding_probe){.active = true,
		.candidate = class == SEGMENT_UNDECIDABLE,
		.seq = packet->seq,
		.ack = packet->ack,
		.length = packet->length,
		.time_ns = time_ns,
		.frame = frame};
}

static void update_times(struct connection *connection, enum segment_class class, int64_t time_ns)
{
	connection->last_ns = time_ns;
	connection->has_time = true;
	if (class == SEGMENT_PROBE || class == SEGMENT_PROBE_ANSWER || class == SEGMENT_UNDECIDABLE)
		return;
	connection->last_real_ns = time_ns;
	connection->has_real_time = true;
}

static void describe(const struct connection *connection, const struct packet *packet,
	int64_t time_ns, int direction, struct tracked_segment *out)
{
	const struct side *sender = &connection->sides[direction];
	const struct side *receiver = &connection->sides[!direction];

	*out = (struct tracked_segment){.direction = direction,
		.snd_nxt = sender->has_nxt ? sender->snd_nxt : packet->seq,
		.rcv_nxt = receiver->has_nxt ? receiver->snd_nxt : packet->ack,
		.quiet_ns = connection->has_real_time ? time_ns - connection->last_real_ns : -1};
	out->class = keepalive_classify(connection, packet, time_ns, direction);
	if (out->class == SEGMENT_PROBE_ANSWER || out->class == SEGMENT_PROBE_RST) {
		out->answers_frame = receiver->probe.frame;
		out->answers_ns = receiver->probe.time_ns;
		out->joined_in_mid_idle = receiver->probe.candidate;
	}
	if (out->class == SEGMENT_PROBE)
		out->unanswered = sender->unanswered + 1;
}

void connection_track(struct connection *connection, const struct packet *packet, int64_t time_ns,
	uint64_t frame, int direction, struct tracked_segment *out)
{
	struct side *sender = &connection->sides[direction];
	struct side *receiver = &connection->sides[!direction];

	describe(connection, packet, time_ns, direction, out);
	if (out->class == SEGMENT_DUPLICATE)
		return;
	bool in_sequence = !sender->nxt_exact || packet->seq == sender->snd_nxt;
	bool ack_of_unsent = (packet->flags & SEGMENT_FLAG_ACK) != 0 && receiver->nxt_exact &&
			     sequence_after(packet->ack, receiver->snd_nxt);
	remember_packet(sender, packet, time_ns);
	update_sequence(sender, packet, out->class);
	update_acknowledged(sender, receiver, packet);
	update_owed(sender, receiver, packet, out->class, in_sequence, ack_of_unsent);
	update_probes(sender, receiver, packet, out->class, time_ns, frame);
	update_times(connection, out->class, time_ns);
	if ((packet->flags & SEGMENT_FLAG_RST) != 0) {
		connection->reset = true;
	} else {
		sender->window = packet->window;
		sender->has_window = true;
	}
	sender->seen = true;
}

const struct endpoint *connection_endpoint(const struct connection *connection, int direction)
{
	return &connection->ends[direction];
}

size_t connection_index(const struct connection *connection)
{
	return connection->index;
}
