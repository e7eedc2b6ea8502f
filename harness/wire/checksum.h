/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_CHECKSUM_H
#define WIZHIL_WIRE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/*
 * The Internet checksum (RFC 1071).  Sums are in the byte order of the host and need not be folded
 * until the end; pieces before the last must have an even length.
 */

/* Adds length bytes to a sum; begin with 0. */
uint64_t checksum_add(uint64_t sum, const uint8_t *bytes, size_t length);

/* Adds the pseudo header of TCP, UDP or ICMPv6: two addresses of address_length octets (4 or
 * 16). */
uint64_t checksum_add_pseudo_header(uint64_t sum, const uint8_t *source, const uint8_t *destination,
	size_t address_length, uint8_t protocol, uint32_t length);

/* The value for the checksum field as its two bytes lie in the packet, read in network byte order;
 * 0 when the sum covered a packet whose checksum field is right. */
uint16_t checksum_finish(uint64_t sum);

#endif
