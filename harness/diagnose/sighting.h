/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_DIAGNOSE_SIGHTING_H
#define WIZHIL_DIAGNOSE_SIGHTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/keepalive.h"

struct error;

/*
 * What a capture shows of keep-alive, segment by segment: probes and what looks like one, answers,
 * and how the connection ended.  All else of a connection is forgotten when it has been tracked; of
 * real packets each sighting says how long before it each side sent its last one.
 *
 * They come in the order of the capture, all connections mixed, and are wanted connection by
 * connection, with more of them than memory should hold: the store writes them to a temporary file
 * without a name, in parts of neighbouring connections, and sorts one part at a time.
 */

enum sighting_flag {
	SIGHTING_DIRECTION = 1,	     /* sent by side 1 of the connection */
	SIGHTING_CANDIDATE = 2,	     /* it may be a probe, and a later one may settle it */
	SIGHTING_PROVES = 4,	     /* the other side's last candidate was a probe */
	SIGHTING_CLOSED = 8,	     /* it was a zero-window probe */
	SIGHTING_JOINED = 16,	     /* a probe that was a candidate: its idle time is not whole */
	SIGHTING_UNREACHABLE = 32,   /* an ICMP error about a segment of this side; length, flags,
				    * window: its type, code and router */
	SIGHTING_OUTSTANDING = 64,   /* and 128: before it, octets of side 0, of side 1 were not
				    * acknowledged */
	SIGHTING_MISSED = 256,	     /* the capture missed something right before it */
	SIGHTING_ANSWERED = 512,     /* the sighting before it is its answer */
	SIGHTING_OWN_PROBES = 1024,  /* its sender's candidates were probes */
	SIGHTING_OWN_ACKS = 2048,    /* they were none */
	SIGHTING_SAME_SEQ = 4096,    /* as the candidate before it */
	SIGHTING_HALF_CLOSED = 8192, /* it acknowledges the FIN that the other side has sent */
	SIGHTING_BAD_CHECKSUM = 16384
};

/* The ACK is the sender's latest once more: what the other side sent since did not get to it. */
enum { ACK_REPEATED = INT16_MIN };

struct sighting {
	int64_t time_ns;
	uint32_t connection; /* index in the table */
	uint32_t frame;	     /* from 1, in its file; 0: no packet, the recording ends */
	/* Since that side's last real packet, see sighting_real_ns(): 56 bits, in ns two years. */
	uint32_t since_low[2];
	int16_t seq_offset; /* SEQ - SND.NXT before it, as near as fits: -1 of a probe */
	int16_t ack_offset; /* ACK - RCV.NXT: 0 of a right one; ACK_REPEATED */
	uint16_t file;
	uint16_t window;
	uint16_t length; /* octets, at most 65535 */
	uint16_t since_middle[2];
	uint8_t since_high[2];
	uint8_t real_ttl[2]; /* its time to live */
	uint8_t class;	     /* enum segment_class */
	uint8_t flags;	     /* of TCP */
	uint8_t ttl;
	uint16_t bits; /* enum sighting_flag */
};

static inline bool sighting_outstanding(const struct sighting *sighting, int side)
{
	return (sighting->bits & (SIGHTING_OUTSTANDING << side)) != 0;
}

static inline int sighting_direction(const struct sighting *sighting)
{
	return sighting->bits & SIGHTING_DIRECTION;
}

/* Time of the last real packet of a side before the sighting; SEGMENT_NO_TIME: none was seen. */
int64_t sighting_real_ns(const struct sighting *sighting, int side);

/* Fills in what a sighting says of the last real packets of both sides. */
void sighting_set_real(
	struct sighting *sighting, const int64_t real_ns[2], const uint8_t real_ttl[2]);

struct sighting_store;

/* NULL when out of memory. */
struct sighting_store *sighting_store_new(void);

/* Keeps a copy.  -1 with err set when there is no memory, or no room for the temporary file. */
int sighting_store_add(
	struct sighting_store *store, const struct sighting *sighting, struct error *err);

/* The sightings of the connections one after the other, by their index; those of a connection in
 * the order in which they were added, candidates by what they turned out to be, valid until the
 * next call.  Returns how many there are, 0 at
 * the end, -1 with err set.  No more can be added after the first call. */
ptrdiff_t sighting_store_next(
	struct sighting_store *store, const struct sighting **sightings, struct error *err);

/* NULL is fine. */
void sighting_store_free(struct sighting_store *store);

#endif
