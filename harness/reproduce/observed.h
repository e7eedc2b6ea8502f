/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPRODUCE_OBSERVED_H
#define WIZHIL_REPRODUCE_OBSERVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "timeline/timeline.h"
#include "wire/decode.h"

struct error;

/*
 * One connection of a capture, whole: every segment of it as an event of a timeline, by the same
 * tracker and classifier as on the live bench, so that the judge can look at it as well.
 *
 * Times are ns since the first packet of the recording, plus a second.
 */

/* An ICMP destination unreachable about a segment of the connection. */
struct observed_icmp {
	int64_t t_ns;
	uint64_t frame;
	int code;
	enum direction about; /* who had sent that segment */
};

/* Frames that the capture has not, of the connection or of everything. */
struct observed_gap {
	int64_t from_ns, to_ns;
};

enum { OBSERVED_ICMPS = 64, OBSERVED_GAPS = 256 };

struct observed {
	size_t number;		   /* of the connection, from 1 */
	struct endpoint ends[2];   /* of the sender of its first packet, and the other */
	enum direction first;	   /* which of them that sender is */
	struct timeline *timeline; /* EVENT_SEGMENT only, of connection 0, generation 1 */
	size_t icmp_count;
	struct observed_icmp icmps[OBSERVED_ICMPS];
	/* A hole of the recording ended what is reproduced (wire/holes.h): from, to; 0: none. */
	struct observed_gap hole;
	size_t gap_count;
	struct observed_gap gaps[OBSERVED_GAPS];
	/* A middlebox sends this side's probes, as diagnose/direction.c has it; -1: none. */
	int foreign;
	bool joined; /* the capture begins in an idle time of a side that probes */
	int likely;  /* probes that nothing proves, and that are taken for some; 0: none */
	int64_t begin_wall_ns; /* the first packet of the recording, since 1970 */
	int64_t end_ns;	       /* its last packet */
};

/* Reads connection 'number' of the recording (the files in time order), counted as wizhil diagnose
 * does: by appearance, from 1.  The sender of its first packet is taken for the device.  -1 with
 * err set (ERROR_USAGE: cannot be read, or no such connection).  The caller ends it with
 * observed_release(). */
int observed_read(const char *const *paths, size_t count, size_t number, struct observed *observed,
	struct error *err);
void observed_release(struct observed *observed);

/* What the peer sent and no device may heed becomes ROLE_STRAY: a wrong checksum, a RST outside the
 * window (RFC 9293 3.10.7.4).  Once it is known which end is the device. */
void observed_find_strays(struct observed *observed);

/* The device is the other end. */
void observed_turn(struct observed *observed);

/* The end that is the device, the one that is the peer. */
const struct endpoint *observed_end(const struct observed *observed, enum direction direction);

/* Is event i a keep-alive probe of this side, or one of a row of empty segments that nothing calls
 * for, an interval apart: what malformed probes look like? */
bool observed_is_probe(const struct observed *observed, size_t i, enum direction direction);

/* How many of them there are. */
int observed_probes(const struct observed *observed, enum direction direction);

/* The first event behind the handshake (SYN, SYN-ACK, ACK), where there is one, and by it what the
 * device is. */
size_t observed_first_event(const struct observed *observed, enum connection_role *role);

#endif
