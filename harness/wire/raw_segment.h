/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_RAW_SEGMENT_H
#define WIZHIL_WIRE_RAW_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/decode.h"

struct error;

/*
 * Frames that the peer host sends past its own TCP: late answers, segments with a wrong number or
 * checksum, ICMP errors.  IPv4 over Ethernet: the module knows nothing else.
 */

enum {
	RAW_FRAME_HEADERS = 14 + 20 + 20 + 12, /* Ethernet, IPv4, TCP, timestamps option */
	RAW_TTL = 64			       /* what ttl = 0 stands for */
};

struct raw_tcp {
	uint8_t source_mac[6], destination_mac[6];
	struct endpoint source, destination; /* family 4 */
	uint16_t ip_id; /* give each frame its own: without it copies look captured twice */
	uint8_t ttl;
	uint32_t seq, ack;
	uint8_t flags; /* enum segment_flag */
	uint16_t window;
	bool has_timestamps;
	uint32_t ts_value, ts_echo;
	const uint8_t *payload; /* may be NULL when length is 0 */
	size_t length;
	bool bad_checksum; /* of TCP */
	bool bad_ip_checksum;
};

/* Writes the frame and returns its length in bytes; 0 when size is too small for it or the ends are
 * not IPv4. */
size_t raw_tcp_build(uint8_t *frame, size_t size, const struct raw_tcp *fields);

/* ICMP destination unreachable (RFC 792) that quotes a segment: its IP header and 8 octets. */
struct raw_icmp_unreachable {
	uint8_t source_mac[6], destination_mac[6];
	struct endpoint sender; /* who says so: a router or the peer; its port does not matter */
	uint16_t ip_id;
	uint8_t ttl;
	uint8_t code; /* 0 net, 1 host, 2 protocol, 3 port, 4 fragmentation needed, ... */
	const struct raw_tcp *quoted; /* the segment, as the one who gets the message sent it */
};

/* As raw_tcp_build.  The message goes to quoted->source. */
size_t raw_icmp_unreachable_build(
	uint8_t *frame, size_t size, const struct raw_icmp_unreachable *fields);

/* An ARP request (RFC 826) for the hardware address of target, to all; as raw_tcp_build. */
size_t raw_arp_request_build(uint8_t *frame, size_t size, const uint8_t source_mac[6],
	uint32_t source_be, uint32_t target_be);

/* The hardware address of the interface.  -1 with err set. */
int raw_socket_mac(int fd, const char *interface, uint8_t mac[6], struct error *err);

/* A packet socket for sending only, on the interface.  -1 with err set; the caller closes it. */
int raw_socket_open(const char *interface, struct error *err);

/* Sends one frame; what it sends is seen by a capture on the interface.  -1 with err set. */
int raw_send(int fd, const uint8_t *frame, size_t length, struct error *err);

#endif
