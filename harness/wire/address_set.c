/* SPDX-License-Identifier: MIT */
#include "wire/address_set.h"

#include <stdlib.h>
#include <string.h>

#include "core/array.h"

enum { FIRST_SLOTS = 256 };

static size_t hash_of(const uint8_t address[16])
{
	uint64_t halves[2];

	memcpy(halves, address, sizeof halves);
	uint64_t hash = (halves[0] ^ halves[0] >> 32) * UINT64_C(0x9e3779b97f4a7c15);
	hash = (hash ^ halves[1]) * UINT64_C(0xc2b2ae3d27d4eb4f);
	return (size_t)(hash ^ hash >> 32);
}

/* The slot of the address: a free one when it is new. */
static uint32_t *slot_of(const struct address_set *set, const uint8_t address[16])
{
	for (size_t at = hash_of(address);; at++) {
		uint32_t *slot = &set->slots[at & (set->slot_count - 1)];
		if (*slot == 0 || memcmp(set->addresses[*slot - 1], address, 16) == 0)
			return slot;
	}
}

/* Four fifths full, they double. */
static int grow_slots(struct address_set *set)
{
	if (set->count * 5 < set->slot_count * 4)
		return 0;
	uint32_t *old = set->slots;
	size_t slot_count = set->slot_count == 0 ? FIRST_SLOTS : set->slot_count * 2;
	uint32_t *slots = calloc(slot_count, sizeof *slots);
	if (slots == NULL)
		return -1;
	set->slots = slots;
	set->slot_count = slot_count;
	for (size_t i = 0; i < set->count; i++)
		*slot_of(set, set->addresses[i]) = (uint32_t)i + 1;
	free(old);
	return 0;
}

int address_set_add(struct address_set *set, const uint8_t address[16], uint32_t *number)
{
	if (grow_slots(set) != 0 || array_reserve(&set->addresses, &set->room, set->count + 1,
					    sizeof *set->addresses) != 0)
		return -1;
	uint32_t *slot = slot_of(set, address);
	if (*slot == 0) {
		memcpy(set->addresses[set->count++], address, 16);
		*slot = (uint32_t)set->count;
	}
	*number = *slot - 1;
	return 0;
}

void address_set_release(struct address_set *set)
{
	free(set->addresses);
	free(set->slots);
	*set = (struct address_set){.addresses = NULL};
}
