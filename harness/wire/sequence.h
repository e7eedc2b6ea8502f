/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_SEQUENCE_H
#define WIZHIL_WIRE_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

/* Sequence numbers wrap: they compare by their difference modulo 2^32 (RFC 9293, section 3.4). */

static inline bool sequence_before(uint32_t a, uint32_t b)
{
	return a != b && b - a < UINT32_C(0x80000000);
}

static inline bool sequence_after(uint32_t a, uint32_t b)
{
	return sequence_before(b, a);
}

#endif
