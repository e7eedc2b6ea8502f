/* SPDX-License-Identifier: MIT */
#include <netinet/in.h>
#include <string.h>

#include "wire/bytes.h"
#include "wire/checksum.h"
#include "wire/decode_layers.h"

enum {
	IPV4_HEADER = 20,
	IPV6_HEADER = 40,
	EXTENSIONS_MAX = 8,
	DONT_FRAGMENT = 0x4000,
	MORE_FRAGMENTS = 0x2000,
	FRAGMENT_OFFSET = 0x1fff
};

static int give_up(struct packet *packet, bool malformed)
{
	packet->kind = malformed ? PACKET_MALFORMED : PACKET_OTHER;
	packet->cut = !malformed;
	return -1;
}

int decode_ipv4(struct slice *slice, struct packet *packet)
{
	const uint8_t *ip = slice->bytes;

	if (slice->captured < IPV4_HEADER)
		return give_up(packet, slice->length < IPV4_HEADER);
	size_t header = (size_t)(ip[0] & 0x0f) * 4;
	size_t total = read_be16(ip + 2);
	/* A segment captured before segmentation offload has none. */
	if (total == 0)
		total = slice->length;
	if (ip[0] >> 4 != 4 || header < IPV4_HEADER || total < header)
		return give_up(packet, true);
	packet->source.family = packet->destination.family = 4;
	memcpy(packet->source.address, ip + 12, 4);
	memcpy(packet->destination.address, ip + 16, 4);
	packet->ttl = ip[8];
	packet->tos = ip[1];
	packet->dont_fragment = (read_be16(ip + 6) & DONT_FRAGMENT) != 0;
	packet->too_short = total > slice->length;
	packet->has_ip_id = true;
	packet->ip_id = read_be16(ip + 4);
	if (header > slice->captured)
		return give_up(packet, header > slice->length);
	packet->ip_checksum_ok =
		slice->headers_only || checksum_finish(checksum_add(0, ip, header)) == 0;
	slice_limit(slice, total);
	(void)slice_advance(slice, header);
	if ((read_be16(ip + 6) & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) != 0) {
		packet->fragment = true;
		return -1;
	}
	return ip[9];
}

/* Octets of the extension header at the front of the slice; 0: the header is no extension. */
static size_t extension_length(int protocol, const struct slice *slice)
{
	switch (protocol) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
	case IPPROTO_MH:
		return ((size_t)slice->bytes[1] + 1) * 8;
	case IPPROTO_AH:
		return ((size_t)slice->bytes[1] + 2) * 4;
	case IPPROTO_FRAGMENT:
		return 8;
	default:
		return 0;
	}
}

static bool is_extension(int protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING ||
	       protocol == IPPROTO_DSTOPTS || protocol == IPPROTO_MH || protocol == IPPROTO_AH ||
	       protocol == IPPROTO_FRAGMENT;
}

/* RFC 8200, section 4. */
static int skip_extensions(struct slice *slice, struct packet *packet, int protocol)
{
	for (int count = 0; is_extension(protocol); count++) {
		if (count == EXTENSIONS_MAX)
			return -1;
		if (slice->captured < 8)
			return give_up(packet, slice->length < 8);
		size_t length = extension_length(protocol, slice);
		if (length > slice->length)
			return give_up(packet, true);
		/* An atomic fragment (RFC 6946) is a whole packet. */
		if (protocol == IPPROTO_FRAGMENT && (read_be16(slice->bytes + 2) & 0xfff9) != 0) {
			packet->fragment = true;
			return -1;
		}
		protocol = slice->bytes[0];
		if (!slice_advance(slice, length))
			return give_up(packet, false);
	}
	return protocol;
}

int decode_ipv6(struct slice *slice, struct packet *packet)
{
	const uint8_t *ip = slice->bytes;

	if (slice->captured < IPV6_HEADER)
		return give_up(packet, slice->length < IPV6_HEADER);
	if (ip[0] >> 4 != 6)
		return give_up(packet, true);
	size_t length = read_be16(ip + 4);
	packet->source.family = packet->destination.family = 6;
	memcpy(packet->source.address, ip + 8, 16);
	memcpy(packet->destination.address, ip + 24, 16);
	packet->ttl = ip[7];
	packet->ip_checksum_ok = true;
	(void)slice_advance(slice, IPV6_HEADER);
	/* 0: a jumbogram, or a segment captured before segmentation offload. */
	if (length != 0)
		slice_limit(slice, length);
	return skip_extensions(slice, packet, ip[6]);
}
