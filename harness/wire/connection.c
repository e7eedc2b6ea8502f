/* SPDX-License-Identifier: MIT */
#include "wire/connection.h"

#include <stdlib.h>

#include "core/units.h"

/* Sooner after real traffic than this a segment is an echo of that traffic, not of an idle timer:
 * delayed ACKs come within 0.2 s, retransmission timers begin at 0.2 to 0.3 s. */
#define IDLE_AT_LEAST_NS (400 * NS_PER_MS)

struct side {
	bool seen;
	uint32_t nxt;         /* SND.NXT */
	bool has_ack;
	uint32_t ack;         /* the last acknowledgement it sent */
	uint16_t window;
	bool fin;
	bool owes;            /* the other side said something since its last segment */
	bool probing;         /* a probe of it is unanswered */
	uint64_t probe_frame;
};

struct connection {
	struct side sides[2];
	int64_t last_real_ns; /* last packet that was no probe and no answer to one */
	bool any;
};

struct connection *connection_new(void)
{
	return calloc(1, sizeof(struct connection));
}

void connection_free(struct connection *connection)
{
	free(connection);
}

static bool after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

/* SEQ = SND.NXT - 1 and at most one octet: is it a keep-alive? */
static enum segment_class judge_candidate(const struct connection *connection,
	const struct side *me, const struct side *you, const struct packet *packet, int64_t time_ns)
{
	if (me->fin)
		return SEGMENT_AFTER_FIN;
	if (!you->has_ack || after(packet->seq + 1, you->ack))
		return you->has_ack ? SEGMENT_UNACKNOWLEDGED : SEGMENT_UNDECIDABLE;
	if (you->window == 0)
		return SEGMENT_ZERO_WINDOW_PROBE;
	if (time_ns - connection->last_real_ns < IDLE_AT_LEAST_NS)
		return SEGMENT_TOO_SOON;
	return SEGMENT_PROBE;
}

static enum segment_class judge_empty(const struct connection *connection, const struct side *me,
	const struct side *you, const struct packet *packet, int64_t time_ns)
{
	if (you->probing && packet->ack == you->nxt)
		return SEGMENT_PROBE_ANSWER;
	bool says_nothing_new =
		me->has_ack && me->ack == packet->ack && me->window == packet->window;
	if (!me->owes && says_nothing_new &&
		time_ns - connection->last_real_ns >= IDLE_AT_LEAST_NS)
		return SEGMENT_UNSOLICITED_ACK;
	return SEGMENT_OTHER;
}

static enum segment_class classify(const struct connection *connection, const struct packet *packet,
	int64_t time_ns, int direction)
{
	const struct side *me = &connection->sides[direction];
	const struct side *you = &connection->sides[!direction];
	bool octets = packet->length > 0;

	if ((packet->flags & SEGMENT_FLAG_RST) != 0)
		return you->probing ? SEGMENT_PROBE_RST : SEGMENT_RST;
	if ((packet->flags & SEGMENT_FLAG_SYN) != 0)
		return SEGMENT_SYN;
	if ((packet->flags & SEGMENT_FLAG_FIN) != 0)
		return SEGMENT_FIN;
	if ((packet->flags & SEGMENT_FLAG_ACK) != 0 && me->seen && packet->length <= 1 &&
		packet->seq + 1 == me->nxt)
		return judge_candidate(connection, me, you, packet, time_ns);
	if (!octets)
		return judge_empty(connection, me, you, packet, time_ns);
	if (packet->length == 1 && you->has_ack && you->window == 0)
		return SEGMENT_ZERO_WINDOW_PROBE;
	if (me->seen && !after(packet->seq + packet->length, me->nxt))
		return SEGMENT_RETRANSMISSION;
	return SEGMENT_DATA;
}

static void remember(struct connection *connection, const struct packet *packet, int64_t time_ns,
	int direction, enum segment_class class)
{
	struct side *me = &connection->sides[direction];
	struct side *you = &connection->sides[!direction];
	uint32_t end = packet->seq + packet->length;

	if ((packet->flags & (SEGMENT_FLAG_SYN | SEGMENT_FLAG_FIN)) != 0)
		end++;
	if (class == SEGMENT_SYN || !me->seen || after(end, me->nxt))
		me->nxt = end;
	me->seen = true;
	me->fin |= class == SEGMENT_FIN;
	if ((packet->flags & SEGMENT_FLAG_ACK) != 0) {
		me->has_ack = true;
		me->ack = packet->ack;
	}
	me->window = packet->window;
	me->owes = false;
	you->owes = class != SEGMENT_UNSOLICITED_ACK;
	/* Whatever the other side says shows that it lives: the probe is answered. */
	you->probing = false;
	if (class == SEGMENT_PROBE || class == SEGMENT_PROBE_ANSWER ||
		class == SEGMENT_UNSOLICITED_ACK)
		return;
	connection->last_real_ns = time_ns;
}

void connection_track(struct connection *connection, const struct packet *packet, int64_t time_ns,
	uint64_t frame, int direction, struct tracked_segment *tracked)
{
	struct side *me = &connection->sides[direction];
	struct side *you = &connection->sides[!direction];

	tracked->class = classify(connection, packet, time_ns, direction);
	tracked->snd_nxt = me->seen ? me->nxt : packet->seq;
	tracked->rcv_nxt = you->seen ? you->nxt : packet->ack;
	tracked->answers_frame = 0;
	if (tracked->class == SEGMENT_PROBE_ANSWER || tracked->class == SEGMENT_PROBE_RST)
		tracked->answers_frame = you->probe_frame;
	remember(connection, packet, time_ns, direction, tracked->class);
	if (tracked->class == SEGMENT_PROBE) {
		me->probing = true;
		me->probe_frame = frame;
	}
}
