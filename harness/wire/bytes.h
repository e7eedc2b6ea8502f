/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_BYTES_H
#define WIZHIL_WIRE_BYTES_H

#include <stdint.h>

/* Numbers in network byte order, at any alignment.  The caller has checked the room. */

static inline uint16_t read_be16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static inline uint32_t read_be32(const uint8_t *bytes)
{
	return (uint32_t)read_be16(bytes) << 16 | read_be16(bytes + 2);
}

static inline void write_be16(uint8_t *bytes, uint16_t value)
{
	bytes[0] = (uint8_t)(value >> 8);
	bytes[1] = (uint8_t)value;
}

static inline void write_be32(uint8_t *bytes, uint32_t value)
{
	write_be16(bytes, (uint16_t)(value >> 16));
	write_be16(bytes + 2, (uint16_t)value);
}

#endif
