/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_DECODE_LAYERS_H
#define WIZHIL_WIRE_DECODE_LAYERS_H

#include "wire/decode.h"

/* Between the files of the decoder. */

/* What is left of a frame: 'captured' bytes are there, 'length' were on the wire. */
struct slice {
	const uint8_t *bytes;
	size_t captured;
	size_t length;
	bool headers_only; /* leave checksums alone */
};

/* Drops n bytes at the front; false when that many are not there. */
static inline bool slice_advance(struct slice *slice, size_t n)
{
	if (n > slice->captured)
		return false;
	slice->bytes += n;
	slice->captured -= n;
	slice->length -= n;
	return true;
}

/* Shortens the slice to length octets on the wire. */
static inline void slice_limit(struct slice *slice, size_t length)
{
	slice->length = length;
	if (slice->captured > length)
		slice->captured = length;
}

/* Strips the link layer, fills the MACs, and gives the EtherType of what is left.  0: no network
 * packet, with packet->cut when it was the capture that ended.  -1: unknown link type. */
int decode_link(int linktype, struct slice *slice, struct packet *packet, uint16_t *ethertype);

/* The same for the frames of Wi-Fi monitors, and of serial lines: 1, 0 when it was the capture that
 * ended. */
int decode_wifi(int linktype, struct slice *slice, struct packet *packet, uint16_t *ethertype);
int decode_serial(int linktype, struct slice *slice, uint16_t *ethertype);

/* A packet of an 802.11 frame that holds several; false when the capture ended. */
bool decode_subframe(
	struct slice *slice, const uint8_t *frame, struct packet *packet, uint16_t *ethertype);

/* What stands between link and network layer, in any order.  False when the frame ends in it. */
bool strip_tags(struct slice *slice, uint16_t *ethertype);

/* The EtherType of a PPP protocol; 0: it has none. */
uint16_t ppp_ethertype(uint16_t protocol);

/* Decodes the segment, datagram or message in an IP packet whose addresses are known. */
void decode_tcp(const struct slice *slice, struct packet *packet);
void decode_udp(const struct slice *slice, struct packet *packet);
void decode_icmp(const struct slice *slice, uint8_t protocol, struct packet *packet);

/* Strips an IP header (IPv6: with extension headers) and fills in what packet has of it.  Returns
 * the protocol of what is left, -1 when there is nothing to look into. */
int decode_ipv4(struct slice *slice, struct packet *packet);
int decode_ipv6(struct slice *slice, struct packet *packet);

#endif
