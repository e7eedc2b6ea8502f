/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_KEEPALIVE_H
#define WIZHIL_WIRE_KEEPALIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/units.h"
#include "wire/decode.h"

/*
 * What a segment of a connection is, with an eye on keep-alive (RFC 1122 4.2.3.6, RFC 9293 3.8.4).
 *
 * A probe has ACK set and no SYN, FIN or RST, 0 or 1 octet, and SEQ = SND.NXT - 1, where SND.NXT is
 * the highest sequence number its sender has used, SYN and FIN included.  That octet has been
 * acknowledged, its sender has sent no FIN, the other side's window is not closed, and no real
 * packet has passed for KEEPALIVE_QUIET_NS.  Not real are probes and their answers, also an
 * unsolicited ACK of nothing new: it answers a probe that the capture missed, or has behind it.
 *
 * Behind a closed window an empty segment of that form is either: persist's, when its sender has more
 * to send (RFC 9293 3.8.6.1), or keep-alive's, when it has not (MUST-26 speaks of data).  Persist
 * begins after a retransmission time-out and backs off to a minute; what comes first after
 * KEEPALIVE_PERSIST_NS without any packet is keep-alive's.
 *
 * Of a connection joined in mid-idle SND.NXT is not known: the first probe looks like any ACK and
 * is SEGMENT_UNDECIDABLE.  Its answer proves it afterwards: tracked_segment.settles.  So it is with
 * an ACK beyond SND.NXT, behind a gap of the capture.  Where no answer comes the sender's own FIN or
 * RST tells: it has SND.NXT, one above the SEQ of a probe.
 */

enum segment_class {
	SEGMENT_OTHER, /* an ACK that something called for, a window update */
	SEGMENT_SYN,
	SEGMENT_FIN, /* with or without data */
	SEGMENT_RST,
	SEGMENT_DATA,
	SEGMENT_RETRANSMISSION,
	SEGMENT_PROBE,
	SEGMENT_PROBE_ANSWER,	 /* the ACK of SND.NXT that an outstanding probe drew */
	SEGMENT_PROBE_RST,	 /* the RST that it drew */
	SEGMENT_UNSOLICITED_ACK, /* nothing called for it and it tells nothing new: what a malformed
				  * probe looks like */
	SEGMENT_AFTER_FIN,	 /* like a probe, behind the sender's own FIN */
	SEGMENT_UNACKNOWLEDGED,	 /* like a probe, of an octet not yet acknowledged */
	SEGMENT_TOO_SOON,	 /* like a probe, right behind traffic */
	SEGMENT_ZERO_WINDOW_PROBE,
	SEGMENT_DUPLICATE,  /* the same packet, captured twice */
	SEGMENT_UNDECIDABLE /* the capture does not carry a decision */
};

/* How long no real packet may have passed before a probe.  No stack probes sooner; delayed ACKs and
 * retransmissions that look like a probe come sooner. */
#define KEEPALIVE_QUIET_NS (400 * NS_PER_MS)

/* By when a sender that has more to send has probed a closed window: a retransmission time-out is a
 * minute at most (RFC 6298 2.4, RFC 9293 SHLD-30). */
#define KEEPALIVE_PERSIST_NS (60 * NS_PER_S)

/* How much sooner than its probe an answer may have been captured, where each direction has a tap
 * of its own. */
#define KEEPALIVE_SWAPPED_NS (20 * NS_PER_MS)

#define SEGMENT_NO_TIME INT64_MIN

/* What a candidate has been: a segment that may be a probe, for all that was seen before it. */
enum settlement { SETTLES_NOTHING, SETTLES_PROBE, SETTLES_ZERO_WINDOW_PROBE, SETTLES_ACK };

struct tracked_segment {
	enum segment_class class;
	int direction;	    /* as given to connection_track */
	uint32_t snd_nxt;   /* the sender's SND.NXT before this segment; its SEQ when not known */
	uint32_t rcv_nxt;   /* the receiver's SND.NXT before it; its ACK when not known */
	bool repeats_ack;   /* its ACK is the sender's latest, and the receiver has sent more */
	int64_t quiet_ns;   /* since the last real packet of the connection, or -1: none was seen */
	int64_t real_ns[2]; /* time of the last real packet that side 0, 1 sent before this one;
			     * SEGMENT_NO_TIME: none was seen */
	uint8_t real_ttl[2]; /* its time to live */
	bool outstanding[2]; /* connection_outstanding() before this one */
	uint32_t unanswered; /* PROBE: number of probes in a row without an answer, this included */
	uint64_t answers_frame; /* PROBE_ANSWER, PROBE_RST: frame of the probe; else 0 */
	int64_t answers_ns;	/* and its time */
	bool missed; /* it goes on from octets of either side that were not seen before it */
	bool answered_before;	     /* the unsolicited ACK right before it is its answer */
	bool candidate;		     /* it may be a probe, and a later segment may settle it */
	enum settlement settles;     /* what the other side's last candidate has been */
	enum settlement settles_own; /* what the sender's own candidates have been */
	bool same_seq;		     /* UNDECIDABLE: its SEQ is that of the candidate before it */
	bool half_closed;	     /* the receiver has sent FIN, and this acknowledges it */
};

/* Name of the class for people and files: "probe", "answer", ... */
const char *segment_class_name(enum segment_class class);

#endif
