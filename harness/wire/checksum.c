/* SPDX-License-Identifier: MIT */
#include "wire/checksum.h"

#include <string.h>

#include "wire/bytes.h"

/* One's complement addition is the same in both byte orders (RFC 1071, 2(B)), so whole host words
 * are added, 32 bits at a time into 64: no carry is lost below 2^32 words. */
uint64_t checksum_add(uint64_t sum, const uint8_t *bytes, size_t length)
{
	for (; length >= 4; bytes += 4, length -= 4) {
		uint32_t word;
		memcpy(&word, bytes, sizeof word);
		sum += word;
	}
	if (length > 0) {
		uint8_t last[4] = {0};
		uint32_t word;
		memcpy(last, bytes, length);
		memcpy(&word, last, sizeof word);
		sum += word;
	}
	return sum;
}

uint64_t checksum_add_pseudo_header(uint64_t sum, const uint8_t *source, const uint8_t *destination,
	size_t address_length, uint8_t protocol, uint32_t length)
{
	uint8_t rest[8] = {0};

	sum = checksum_add(sum, source, address_length);
	sum = checksum_add(sum, destination, address_length);
	write_be32(rest, length);
	rest[7] = protocol;
	return checksum_add(sum, rest, sizeof rest);
}

uint16_t checksum_finish(uint64_t sum)
{
	uint8_t bytes[2];

	while (sum > UINT16_MAX)
		sum = (sum >> 16) + (sum & UINT16_MAX);
	uint16_t folded = (uint16_t)~sum;
	memcpy(bytes, &folded, sizeof bytes);
	return read_be16(bytes);
}
