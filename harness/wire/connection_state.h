/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_CONNECTION_STATE_H
#define WIZHIL_WIRE_CONNECTION_STATE_H

#include "wire/connection.h"

/* What the tracker remembers of a connection.  For the tracker and the classifier only. */

enum { RECENT_PACKETS = 4 };

/* What tells a packet that was captured twice. */
struct packet_mark {
	int64_t time_ns;
	uint32_t seq, ack, length;
	uint16_t ip_id, checksum, window;
	uint8_t flags;
	bool used;
};

/* The latest probe of a side that has not been answered. */
struct outstanding_probe {
	bool active;
	bool candidate;	   /* not known to be a probe: the connection was joined in mid-idle */
	bool spoken_since; /* the other side sent something else meanwhile */
	uint32_t seq, ack, length;
	int64_t time_ns;
	uint64_t frame;
};

/* One side, as sender. */
struct side {
	bool seen;
	bool has_isn;
	bool has_ack; /* ack and window hold something */
	bool fin;
	bool has_nxt;	/* snd_nxt holds something */
	bool nxt_exact; /* and is SND.NXT; else the sender may have used one octet more */
	uint32_t isn;
	uint32_t snd_nxt;
	uint32_t ack;	      /* the highest sent: the other side's octets below it arrived here */
	bool has_claim;	      /* the other side acknowledged beyond snd_nxt: */
	uint32_t claim;	      /* up to here */
	uint8_t window_scale; /* of its SYN; WINDOW_SCALE_NONE without */
	uint16_t window;      /* the last sent, not scaled */
	uint32_t owed;	      /* segments of the other side that call for an ACK */
	uint32_t unanswered;  /* probes in a row */
	int64_t real_ns;      /* of its last real packet; SEGMENT_NO_TIME */
	uint8_t ttl;	      /* of the same */
	struct outstanding_probe probe;
	struct packet_mark recent[RECENT_PACKETS];
	unsigned next_recent;
};

struct connection {
	struct side sides[2];
	bool has_time;
	bool has_real_time;
	bool reset;
	int64_t last_ns;      /* of any packet */
	int64_t last_real_ns; /* of one that is neither a probe nor its answer */
	/* Of connections in a table. */
	struct endpoint ends[2]; /* the sender of direction 0, 1 */
	size_t index;
	uint8_t note;		 /* of the table's user */
	struct connection *next; /* of the same hash */
};

/* Octets of sequence space. */
static inline uint32_t sequence_length(const struct packet *packet)
{
	return packet->length + ((packet->flags & SEGMENT_FLAG_SYN) != 0) +
	       ((packet->flags & SEGMENT_FLAG_FIN) != 0);
}

/* True when a real packet passed less than KEEPALIVE_QUIET_NS before.  Stamps that jump back by
 * more than that say nothing. */
bool connection_is_busy(const struct connection *connection, int64_t time_ns);

/* True for what can be a probe by its form: ACK set, no SYN, FIN, RST, 0 or 1 octet. */
bool keepalive_has_form(const struct packet *packet);

/* The class of a packet that side 'direction' sends now; changes nothing. */
enum segment_class keepalive_classify(const struct connection *connection,
	const struct packet *packet, int64_t time_ns, int direction);

#endif
