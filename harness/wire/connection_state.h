/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_CONNECTION_STATE_H
#define WIZHIL_WIRE_CONNECTION_STATE_H

#include "wire/connection.h"

/* What the tracker remembers of a connection.  For the tracker and the classifier only. */

/* Small, because a capture may have a million connections: flags are bits, and counters stop at
 * their end instead of wrapping. */

enum { RECENT_PACKETS = 4 };

/* What tells a packet that was captured twice. */
struct packet_mark {
	uint32_t digest; /* of its header and direction; 0: none */
	uint32_t time;	 /* of MARK_NS */
};
#define MARK_NS_SHIFT 20 /* times in units of 1.05 ms */
/* What a window may be scaled by at most (RFC 7323, 2.3), and what stands for no valid scale. */
enum { WINDOW_SCALE_MAX = 14, WINDOW_SCALE_BEYOND = 15 };
enum { ACKS_DUE_MAX = 15 };
enum { OCTET_SENT_ONCE = UINT16_MAX };

/* The latest probe of a side that has not been answered. */
struct outstanding_probe {
	int64_t time_ns;
	uint32_t seq, ack;
	uint32_t frame_low; /* the frame's number, 40 bits of it */
	uint8_t frame_high;
	bool active : 1;
	bool candidate : 1;    /* not known to be a probe: the connection was joined in mid-idle */
	bool spoken_since : 1; /* the other side sent something else meanwhile */
	bool octet : 1;	       /* its length is 1 */
	bool persists : 1;     /* its side has probed the closed window by persist */
	/* Of its side, whatever the probe: the octet before SND.NXT was data, pushed, and alone in
	 * its segment: how long after the time before it was sent last, of MARK_NS;
	 * OCTET_SENT_ONCE; 0: it was not. */
	uint16_t octet_gap;
};

/* One side, as sender. */
struct side {
	struct outstanding_probe probe;
	int64_t real_ns; /* of its last real packet; SEGMENT_NO_TIME */
	uint32_t isn;
	uint32_t snd_nxt;
	uint32_t ack;	     /* the highest sent: the other side's octets below it arrived here */
	uint32_t claim;	     /* has_claim, strays: up to here */
	uint16_t window;     /* the last sent, not scaled */
	uint16_t unanswered; /* probes in a row */
	uint8_t window_scale : 4; /* of its SYN; WINDOW_SCALE_BEYOND without a valid one */
	uint8_t acks_due : 4;	  /* segments of the other side that call for an ACK */
	uint8_t tally;		  /* of the table's user */
	uint8_t ttl;		  /* of its last real packet */
	bool seen : 1;
	bool has_isn : 1;
	bool has_ack : 1; /* ack and window hold something */
	bool fin : 1;
	bool has_nxt : 1;   /* snd_nxt holds something */
	bool nxt_exact : 1; /* and is SND.NXT; else the sender may have used one octet more */
	bool has_claim : 1; /* the other side acknowledged beyond snd_nxt */
	bool strays : 1;    /* its last segment lay far from all that was seen of it */
};

struct connection {
	struct side sides[2];
	struct packet_mark recent[RECENT_PACKETS];
	int64_t last_ns; /* of any packet */
	/* Of connections in a table.  The sender of direction 0, 1: an IPv4 address as it is, an
	 * IPv6 address as its place in the table. */
	uint32_t addresses[2];
	uint16_t ports[2];
	uint32_t index;
	/* Of the table's user: connection_mark(), connection_note(). */
	uint32_t mark_frame;
	uint16_t mark_file;
	uint8_t note;
	uint8_t six : 1; /* the addresses are IPv6 */
	uint8_t next_recent : 2;
	uint8_t last_real_side : 1;
	bool reset : 1;
	uint8_t last_side : 1; /* of the last packet */
	bool early_answer : 1; /* it answers a probe that was not captured before it */
	bool after_fin : 1;    /* it was like a probe, behind its sender's FIN */
};

/* Time of the last packet that is neither a probe nor its answer; SEGMENT_NO_TIME: there was none. */
static inline int64_t connection_last_real_ns(const struct connection *connection)
{
	return connection->sides[connection->last_real_side].real_ns;
}

/* Has the packet an IP identification?  0 is what stacks without one send (RFC 6864). */
static inline bool packet_is_identified(const struct packet *packet)
{
	return packet->ip_id != 0;
}

/* The octet_gap of an octet that is sent at time_ns; not 0, and at most a minute. */
static inline uint16_t connection_octet_gap(
	const struct connection *connection, int64_t time_ns, int direction)
{
	const int64_t gap = (time_ns - connection->sides[direction].real_ns) >> MARK_NS_SHIFT;

	return (uint16_t)(gap < 1 ? 1 : gap < OCTET_SENT_ONCE ? gap : OCTET_SENT_ONCE - 1);
}

/* Makes a connection of zeroes one of which nothing has been seen. */
void connection_init(struct connection *connection);

/* Octets of sequence space. */
static inline uint32_t sequence_length(const struct packet *packet)
{
	return packet->length + ((packet->flags & SEGMENT_FLAG_SYN) != 0) +
	       ((packet->flags & SEGMENT_FLAG_FIN) != 0);
}

/* True when a real packet passed less than KEEPALIVE_QUIET_NS before.  Stamps that jump back by
 * more than that say nothing. */
bool connection_is_busy(const struct connection *connection, int64_t time_ns);

/* True for a single octet of data, as a host that was given it sends it; no keep-alive pushes. */
static inline bool connection_is_pushed_octet(const struct packet *packet)
{
	return packet->length == 1 && (packet->flags & SEGMENT_FLAG_PSH) != 0;
}

/* What a packet says of the receiver's last candidate, see tracked_segment.settles. */
enum settlement keepalive_settles(const struct side *receiver, const struct packet *packet);

/* What a packet says of its sender's own candidates, see tracked_segment.settles_own. */
enum settlement keepalive_settles_own(const struct side *sender, const struct packet *packet);

/* True for a packet that may be a probe when its class does not tell. */
bool keepalive_is_candidate(
	const struct side *sender, const struct packet *packet, enum segment_class class);

/* True for what can be a probe by its form: ACK set, no SYN, FIN, RST, 0 or 1 octet. */
bool keepalive_has_form(const struct packet *packet);

/* The class of a packet that side 'direction' sends now, with its mark; changes nothing. */
enum segment_class keepalive_classify(const struct connection *connection,
	const struct packet *packet, struct packet_mark mark, int64_t time_ns, int direction);

#endif
