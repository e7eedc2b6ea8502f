/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_CONNECTION_H
#define WIZHIL_WIRE_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/decode.h"

/*
 * Tracks one TCP connection segment by segment and says what each segment is: the one place that
 * knows a keep-alive probe.  Streaming, of constant size, no I/O.
 *
 * A probe: ACK set, no SYN, FIN or RST, at most one octet, SEQ = SND.NXT - 1, that octet already
 * acknowledged by the other side, no FIN sent before, the other side's window not 0, and at least
 * 0.4 s after the last packet that was neither a probe nor the answer to one (RFC 9293 3.8.4,
 * RFC 1122 4.2.3.6).
 */

enum segment_class {
	SEGMENT_OTHER,            /* an ACK, a window update */
	SEGMENT_SYN,
	SEGMENT_FIN,
	SEGMENT_RST,
	SEGMENT_DATA,
	SEGMENT_RETRANSMISSION,
	SEGMENT_PROBE,
	SEGMENT_PROBE_ANSWER,     /* the ACK of the prober's SND.NXT while a probe is open */
	SEGMENT_PROBE_RST,        /* the RST that answers a probe */
	SEGMENT_UNSOLICITED_ACK,  /* an empty segment that nothing called for and that says nothing
				   * new: what a malformed probe looks like */
	SEGMENT_AFTER_FIN,        /* looks like a probe, but after the sender's own FIN */
	SEGMENT_UNACKNOWLEDGED,   /* looks like one, but the octet is still outstanding */
	SEGMENT_TOO_SOON,         /* looks like one, but too soon after traffic */
	SEGMENT_ZERO_WINDOW_PROBE,
	SEGMENT_DUPLICATE,
	SEGMENT_UNDECIDABLE
};

struct tracked_segment {
	enum segment_class class;
	uint64_t answers_frame; /* of an answer: the latest probe that it answers; else 0 */
	uint32_t snd_nxt;       /* the sender's before this segment; its own SEQ if it is the first */
	uint32_t rcv_nxt;       /* the other side's; the segment's ACK if nothing was seen of it */
};

struct connection;

/* NULL when out of memory. */
struct connection *connection_new(void);
void connection_free(struct connection *connection);

/* Takes the next segment (packet->kind PACKET_TCP) in the order of capture; direction is 0 or 1,
 * the same number for the same sender each time. */
void connection_track(struct connection *connection, const struct packet *packet, int64_t time_ns,
	uint64_t frame, int direction, struct tracked_segment *tracked);

#endif
