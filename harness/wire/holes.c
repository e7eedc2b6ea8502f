/* SPDX-License-Identifier: MIT */
#include "wire/holes.h"

#include "core/units.h"

/* Shorter than any idle time that can be set. */
#define SHORTEST_NS (60 * NS_PER_S)
#define LONGEST_ALONE_NS (30 * HOLES_LONGEST_NS)
/* That so many slots are empty by chance. */
#define CHANCE 1e-6

enum { BUSY_MIN = HOLES_SLOTS / 2, PAIRS_MIN = 2 };

static void add(struct holes *holes, const struct hole *hole)
{
	if (holes->count < HOLES_MAX)
		holes->all[holes->count++] = *hole;
}

static unsigned busy(const uint64_t slots[HOLES_SLOTS], uint64_t *pairs)
{
	unsigned count = 0;

	*pairs = 0;
	for (size_t i = 0; i < HOLES_SLOTS; i++) {
		count += slots[i] != 0;
		*pairs |= slots[i];
	}
	return count;
}

/* That all slots of the candidate are empty, where so many of HOLES_SLOTS are not. */
static bool is_chance(int64_t length_ns, unsigned busy_slots)
{
	double chance = 1;

	for (int64_t i = 0; i < length_ns / HOLES_SLOT_NS && chance >= CHANCE; i++)
		chance *= 1 - (double)busy_slots / (double)HOLES_SLOTS;
	return chance >= CHANCE;
}

static void decide(struct holes *holes)
{
	uint64_t before_pairs, behind_pairs;
	const unsigned before = busy(holes->slots_before, &before_pairs);
	const unsigned behind = busy(holes->slots, &behind_pairs);
	const unsigned least = before < behind ? before : behind;
	const struct hole *candidate = &holes->candidate;

	if (holes->pending && least >= BUSY_MIN &&
		__builtin_popcountll(before_pairs & behind_pairs) >= PAIRS_MIN &&
		!is_chance(candidate->to_ns - candidate->from_ns, least))
		add(holes, candidate);
	holes->pending = false;
}

/* A silence begins another minute. */
static void begin_behind(struct holes *holes, int64_t time_ns)
{
	decide(holes);
	holes->pairs |= holes->slots[holes->slot];
	holes->candidate = holes->next;
	memcpy(holes->slots_before, holes->slots, sizeof holes->slots_before);
	memset(holes->slots, 0, sizeof holes->slots);
	holes->slot_ns = time_ns;
	holes->slots_behind = 0;
	holes->pending = true;
	const int64_t length_ns = holes->next.to_ns - holes->next.from_ns;
	const bool alone = __builtin_popcountll(holes->pairs) < PAIRS_MIN;
	if (length_ns < (alone ? LONGEST_ALONE_NS : HOLES_LONGEST_NS))
		return;
	holes->pending = false;
	add(holes, &holes->next);
}

static void next_slots(struct holes *holes, int64_t time_ns)
{
	while (time_ns - holes->slot_ns >= HOLES_SLOT_NS) {
		holes->pairs |= holes->slots[holes->slot];
		if (holes->pending && ++holes->slots_behind == HOLES_SLOTS)
			decide(holes);
		holes->slot = (holes->slot + 1) % HOLES_SLOTS;
		holes->slots[holes->slot] = 0;
		holes->slot_ns += HOLES_SLOT_NS;
	}
}

void holes_take_later(
	struct holes *holes, uint64_t pair, int64_t time_ns, uint32_t frame, uint16_t file)
{
	if (!holes->begun)
		holes->slot_ns = time_ns;
	holes->next.to_ns = time_ns;
	holes->next.to_frame = frame;
	holes->next.to_file = file;
	/* Stamps that go back say nothing. */
	if (time_ns - holes->slot_ns >= HOLES_SLOT_NS) {
		if (time_ns - holes->next.from_ns >= SHORTEST_NS)
			begin_behind(holes, time_ns);
		next_slots(holes, time_ns);
	}
	holes->slots[holes->slot] |= pair;
	if (holes->begun && time_ns < holes->next.from_ns)
		return;
	holes->begun = true;
	holes->next.from_ns = time_ns;
	holes->next.from_frame = frame;
	holes->next.from_file = file;
}

void holes_finish(struct holes *holes)
{
	decide(holes);
}

const struct hole *holes_between(const struct holes *holes, int64_t from_ns, int64_t to_ns)
{
	for (size_t i = 0; i < holes->count; i++)
		if (holes->all[i].from_ns < to_ns && holes->all[i].to_ns > from_ns)
			return &holes->all[i];
	return NULL;
}
