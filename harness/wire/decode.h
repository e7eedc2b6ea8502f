/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_DECODE_H
#define WIZHIL_WIRE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Frames to packets.  Pure: any bytes are decoded or refused, nothing is read beyond them. */

struct endpoint {
	uint8_t address[16]; /* IPv4: the first four octets, in network order */
	uint8_t family;      /* 4, 6, or 0 */
	uint16_t port;
};

enum packet_kind {
	PACKET_OTHER,
	PACKET_ARP,
	PACKET_ICMP,
	PACKET_TCP,
	PACKET_UDP,
	PACKET_MALFORMED
};

/* TCP flags as on the wire. */
enum {
	SEGMENT_FLAG_FIN = 1,
	SEGMENT_FLAG_SYN = 2,
	SEGMENT_FLAG_RST = 4,
	SEGMENT_FLAG_PSH = 8,
	SEGMENT_FLAG_ACK = 16,
	SEGMENT_FLAG_URG = 32
};

struct packet {
	enum packet_kind kind;
	bool has_mac;
	uint8_t source_mac[6], destination_mac[6];
	struct endpoint source, destination; /* ARP: sender and target, without ports */
	uint8_t ttl;
	uint16_t ip_id;
	bool ip_checksum_ok;                 /* true for IPv6 */
	uint16_t arp_operation;
	uint8_t icmp_type, icmp_code;
	uint32_t seq, ack;
	uint8_t flags;
	uint16_t window;
	uint8_t window_scale;                /* of a SYN; 255: none */
	uint32_t length;                     /* payload octets by the IP header: trailers do not count */
	bool checksum_known;                 /* the whole segment was captured */
	bool tcp_checksum_ok;
	bool has_sack;
	uint32_t sack_left, sack_right;      /* the first block */
	const uint8_t *payload;              /* into the caller's bytes; NULL without any */
	size_t captured_payload;
};

/* Decodes one frame of a link type (DLT_EN10MB with VLAN tags, DLT_LINUX_SLL, DLT_LINUX_SLL2,
 * DLT_NULL, DLT_LOOP, DLT_RAW).  captured: octets at hand; length: octets on the wire.
 * Returns 0; -1 for an unknown link type.  What cannot be decoded is PACKET_MALFORMED or _OTHER. */
int packet_decode(int link_type, const uint8_t *bytes, size_t captured, size_t length,
	struct packet *packet);

#endif
