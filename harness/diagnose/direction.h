/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_DIAGNOSE_DIRECTION_H
#define WIZHIL_DIAGNOSE_DIRECTION_H

#include "diagnose/diagnosis.h"
#include "diagnose/network.h"
#include "diagnose/sighting.h"
#include "wire/holes.h"

/* From the sightings of one connection to what one side's keep-alive did: pure. */

/* Room for the results of one side, used again for each connection.  All zero at first. */
struct direction_room {
	size_t probes_size, lookalikes_size, numbers_size;
	struct diagnosed_probe *probes;
	struct diagnosed_lookalike *lookalikes;
	int64_t *numbers; /* to find medians */
};

/* The sightings of a connection, and how it was left. */
struct uart_side;

struct sighted {
	const struct sighting *sightings;
	size_t count;
	int64_t real_ns[2];  /* of each side's last real packet */
	bool outstanding[2]; /* octets of each side were not acknowledged at the end */
	bool bad_checksums;  /* those of the device's probes count */
	bool bad_answers;    /* and those of the answers to them */
	int device_side;     /* where bad_answers */
	bool device_probes;  /* the device has sent a probe somewhere in the recording */
	const struct network *network;
	const struct holes *holes;    /* of the recording */
	const struct uart_side *uart; /* what the UART said of it; NULL: nothing is known */
	int64_t end_ns;		      /* of the recording's last packet */
};

/* Has an answer to a probe of that side a wrong checksum, so that it is none? */
static inline bool sighted_is_no_answer(
	const struct sighted *sighted, const struct sighting *sighting, int side)
{
	return sighted->bad_answers && side == sighted->device_side &&
	       sighting_direction(sighting) != side &&
	       (sighting->bits & SIGHTING_BAD_CHECKSUM) != 0 &&
	       (sighting->class == SEGMENT_PROBE_ANSWER || sighting->class == SEGMENT_PROBE_RST);
}

/* Fills direction, but for its endpoints, which are given, and findings; what it points to lies in
 * room.  -1 when out of memory. */
int direction_evaluate(const struct sighted *sighted, int side, struct direction_room *room,
	struct diagnosed_direction *direction);

void direction_room_free(struct direction_room *room);

#endif
