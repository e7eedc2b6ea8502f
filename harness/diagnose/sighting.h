/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_DIAGNOSE_SIGHTING_H
#define WIZHIL_DIAGNOSE_SIGHTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "wire/keepalive.h"

/*
 * What a capture shows of keep-alive, segment by segment: probes and what looks like one, answers,
 * and the edges of the idle times around them.  All else of a connection is forgotten when it has
 * been tracked.
 *
 * They come in the order of the capture, all connections mixed, and are wanted connection by
 * connection, with more of them than memory should hold: the store writes them to a temporary file
 * without a name, in parts of neighbouring connections, and sorts one part at a time.
 */

enum sighting_flag {
	SIGHTING_DIRECTION = 1, /* sent by side 1 of the connection */
	SIGHTING_ANCHOR = 2,	/* the last real packet of a side before an idle time; its numbers
				 * and frame are not known any more */
	SIGHTING_PROVES = 4,	/* an answer: the undecidable segment it answers was a probe */
	SIGHTING_BAD_CHECKSUM = 8, /* of IP or TCP, by octets that were all captured */
	SIGHTING_UNREACHABLE = 16  /* an ICMP error about a segment of this side; seq: its type and
				    * code */
};

struct sighting {
	int64_t time_ns;
	uint32_t connection;	   /* index in the table */
	uint32_t frame;		   /* from 1, in its file */
	uint32_t seq, ack;	   /* as on the wire */
	uint32_t snd_nxt, rcv_nxt; /* before it: what a probe's SEQ and ACK are measured against */
	uint16_t file;
	uint16_t window;
	uint16_t length; /* octets, at most 65535 */
	uint8_t class;	 /* enum segment_class */
	uint8_t flags;	 /* of TCP */
	uint8_t bits;	 /* enum sighting_flag */
	uint8_t ttl;
};

static inline int sighting_direction(const struct sighting *sighting)
{
	return sighting->bits & SIGHTING_DIRECTION;
}

struct sighting_store;

/* NULL when out of memory. */
struct sighting_store *sighting_store_new(void);

/* Keeps a copy.  -1 with err set when there is no memory, or no room for the temporary file. */
int sighting_store_add(
	struct sighting_store *store, const struct sighting *sighting, struct error *err);

/* The sightings of the connections one after the other, by their index; those of a connection in
 * the order in which they were added, valid until the next call.  Returns how many there are, 0 at
 * the end, -1 with err set.  No more can be added after the first call. */
ptrdiff_t sighting_store_next(
	struct sighting_store *store, const struct sighting **sightings, struct error *err);

/* NULL is fine. */
void sighting_store_free(struct sighting_store *store);

#endif
