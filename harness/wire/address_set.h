/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_ADDRESS_SET_H
#define WIZHIL_WIRE_ADDRESS_SET_H

#include <stddef.h>
#include <stdint.h>

/* IPv6 addresses by number: each is kept once, however many connections have it. */

struct address_set {
	uint8_t (*addresses)[16]; /* by number */
	size_t count, room;
	uint32_t *slots; /* a hash with open addressing: number + 1; 0: free */
	size_t slot_count;
};

/* The number of the address, which is added when it is new.  -1 when out of memory. */
int address_set_add(struct address_set *set, const uint8_t address[16], uint32_t *number);

void address_set_release(struct address_set *set);

#endif
