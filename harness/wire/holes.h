/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_HOLES_H
#define WIZHIL_WIRE_HOLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/units.h"
#include "wire/decode.h"

/*
 * Spans of a recording in which nothing at all was captured although the network was not silent: a
 * capture that was stopped, files that were put together, a clock that was set.  What is absent in
 * one is no evidence.
 *
 * A connection that is alone in its capture may be idle for as long as it likes.  So a hole is told
 * by others: before and behind it, within a minute of each, at least two pairs of hosts spoke so
 * steadily that a silence of all of them is not chance; or by its length: a day, where others have
 * spoken before it at all, and a month where none has.
 */

#define HOLES_LONGEST_NS (INT64_C(24) * 3600 * NS_PER_S)

struct hole {
	int64_t from_ns, to_ns;	       /* of the packets before and behind it */
	uint32_t from_frame, to_frame; /* and where they are */
	uint16_t from_file, to_file;
};

enum { HOLES_MAX = 64, HOLES_SLOTS = 12 };

struct holes {
	size_t count; /* in the order of time; of more than fit the later ones are lost */
	struct hole all[HOLES_MAX];
	/* The recording so far. */
	bool begun;
	struct hole next; /* from: its latest packet */
	uint64_t pairs;	  /* of hosts that spoke */
	/* Which of them did in the latest slots of time; the current one begins at
	 * slot_ns. */
	uint64_t slots[HOLES_SLOTS];
	unsigned slot;
	int64_t slot_ns;
	/* A silence that may be a hole, when what comes behind it has been seen. */
	bool pending;
	struct hole candidate;
	unsigned slots_behind;
	uint64_t slots_before[HOLES_SLOTS];
};

#define HOLES_SLOT_NS (5 * NS_PER_S)

/* The bit of a pair of hosts, whichever of them sends. */
static inline uint64_t holes_pair(const struct packet *packet)
{
	const uint8_t *source = packet->source.address, *destination = packet->destination.address;
	uint32_t words[4] = {0};

	if (packet->source.family == 0) {
		source = packet->source_mac + 2;
		destination = packet->destination_mac + 2;
	} else if (packet->source.family == 6) {
		memcpy(&words[2], source + 12, sizeof words[2]);
		memcpy(&words[3], destination + 12, sizeof words[3]);
	}
	memcpy(&words[0], source, sizeof words[0]);
	memcpy(&words[1], destination, sizeof words[1]);
	return UINT64_C(1) << (((words[0] ^ words[1]) + (words[2] ^ words[3]) * 31) *
				       UINT32_C(2654435761) >>
			       26);
}

/* What holes_take() leaves to it: the first packet of a slot, and stamps that go back. */
void holes_take_later(
	struct holes *holes, uint64_t pair, int64_t time_ns, uint32_t frame, uint16_t file);

/* The next packet of the recording, of any kind.  All zero at first. */
static inline void holes_take(struct holes *holes, const struct packet *packet, int64_t time_ns,
	uint32_t frame, uint16_t file)
{
	const uint64_t pair = holes_pair(packet);

	if (!holes->begun || time_ns < holes->next.from_ns ||
		time_ns - holes->slot_ns >= HOLES_SLOT_NS) {
		holes_take_later(holes, pair, time_ns, frame, file);
		return;
	}
	holes->slots[holes->slot] |= pair;
	holes->next.from_ns = time_ns;
	holes->next.from_frame = frame;
	holes->next.from_file = file;
}

/* When the recording has been read. */
void holes_finish(struct holes *holes);

/* The first hole that overlaps what lies between; NULL: there is none. */
const struct hole *holes_between(const struct holes *holes, int64_t from_ns, int64_t to_ns);

#endif
