/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_PCAPNG_FORMAT_H
#define WIZHIL_WIRE_PCAPNG_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What a pcapng file is made of (draft-ietf-opsawg-pcapng), for those who write, read and copy one.  All
 * lengths are of octets. */
enum {
	PCAPNG_SECTION = 0x0a0d0d0a, /* the same in both byte orders */
	PCAPNG_INTERFACE = 1,
	PCAPNG_OLD_PACKET = 2,
	PCAPNG_SIMPLE_PACKET = 3,
	PCAPNG_PACKET = 6,
	PCAPNG_MAGIC = 0x1a2b3c4d, /* of a section: tells its byte order */
	PCAPNG_FRAME = 12,	   /* of each block: its type, and its length twice */
	PCAPNG_SECTION_LENGTH = 16,
	PCAPNG_INTERFACE_LENGTH = 8,
	PCAPNG_PACKET_LENGTH = 20, /* before the octets of the packet */
	PCAPNG_OPTION_END = 0,
	PCAPNG_OPTION_COMMENT = 1,
	PCAPNG_OPTION_NAME = 2,	       /* of an interface */
	PCAPNG_OPTION_APPLICATION = 4, /* of a section */
	PCAPNG_OPTION_RESOLUTION = 9,
	PCAPNG_OPTION_OFFSET = 14,
	PCAPNG_LINKTYPE_RAW = 101
};
/* A block that is longer is damage. */
#define PCAPNG_BLOCK_MAX (UINT32_C(16) << 20)

/* With what fills it up to four octets. */
static inline size_t pcapng_padded(size_t length)
{
	return (length + 3) / 4 * 4;
}

/* Numbers of a section, which may have the other byte order. */
static inline uint32_t pcapng_get32(const uint8_t *bytes, bool swapped)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof value);
	return swapped ? __builtin_bswap32(value) : value;
}

static inline uint16_t pcapng_get16(const uint8_t *bytes, bool swapped)
{
	uint16_t value;

	memcpy(&value, bytes, sizeof value);
	return swapped ? __builtin_bswap16(value) : value;
}

#endif
