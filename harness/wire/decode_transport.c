/* SPDX-License-Identifier: MIT */
#include <netinet/in.h>
#include <string.h>

#include "wire/bytes.h"
#include "wire/checksum.h"
#include "wire/decode_layers.h"

enum {
	TCP_HEADER = 20,
	UDP_HEADER = 8,
	ICMP_HEADER = 8,
	TCP_OPTION_END = 0,
	TCP_OPTION_NOP = 1,
	TCP_OPTION_MSS = 2,
	TCP_OPTION_WINDOW_SCALE = 3,
	TCP_OPTION_SACK = 5,
	TCP_OPTION_TIMESTAMPS = 8
};

static void take_option(const uint8_t *option, size_t length, struct packet *packet)
{
	switch (option[0]) {
	case TCP_OPTION_MSS:
		if (length == 4)
			packet->mss = read_be16(option + 2);
		break;
	case TCP_OPTION_WINDOW_SCALE:
		if (length == 3)
			packet->window_scale = option[2];
		break;
	case TCP_OPTION_SACK:
		if (length >= 10) {
			packet->has_sack = true;
			packet->sack_left = read_be32(option + 2);
			packet->sack_right = read_be32(option + 6);
		}
		break;
	case TCP_OPTION_TIMESTAMPS:
		if (length == 10) {
			packet->has_timestamps = true;
			packet->ts_value = read_be32(option + 2);
			packet->ts_echo = read_be32(option + 6);
		}
		break;
	default:
		break;
	}
}

/* Options that contradict their length end the list: a receiver ignores the rest, so do we. */
static void decode_options(const uint8_t *option, size_t left, struct packet *packet)
{
	while (left > 0 && option[0] != TCP_OPTION_END) {
		size_t length = 1;
		if (packet->option_count < sizeof packet->option_kinds)
			packet->option_kinds[packet->option_count++] = option[0];
		if (option[0] != TCP_OPTION_NOP) {
			if (left < 2 || option[1] < 2 || option[1] > left)
				return;
			length = option[1];
			take_option(option, length, packet);
		}
		option += length;
		left -= length;
	}
}

static void take_payload(const struct slice *slice, size_t header, struct packet *packet)
{
	packet->length = (uint32_t)(slice->length - header);
	if (slice->captured > header) {
		packet->payload = slice->bytes + header;
		packet->captured_payload = (uint32_t)(slice->captured - header);
	}
}

static bool checksum_right(const struct slice *slice, uint8_t protocol, const struct packet *packet)
{
	size_t address_length = packet->source.family == 4 ? 4 : 16;
	uint64_t sum = checksum_add_pseudo_header(0, packet->source.address,
		packet->destination.address, address_length, protocol, (uint32_t)slice->length);

	return checksum_finish(checksum_add(sum, slice->bytes, slice->length)) == 0;
}

void decode_tcp(const struct slice *slice, struct packet *packet)
{
	const uint8_t *tcp = slice->bytes;

	if (slice->captured < TCP_HEADER) {
		packet->kind = slice->length < TCP_HEADER ? PACKET_MALFORMED : PACKET_OTHER;
		packet->cut = slice->length >= TCP_HEADER;
		return;
	}
	size_t header = (size_t)(tcp[12] >> 4) * 4;
	packet->source.port = read_be16(tcp);
	packet->destination.port = read_be16(tcp + 2);
	if (header < TCP_HEADER || header > slice->length) {
		packet->kind = PACKET_MALFORMED;
		return;
	}
	packet->kind = PACKET_TCP;
	packet->seq = read_be32(tcp + 4);
	packet->ack = read_be32(tcp + 8);
	packet->flags = tcp[13];
	packet->window = read_be16(tcp + 14);
	packet->checksum = read_be16(tcp + 16);
	packet->cut = header > slice->captured;
	size_t seen = header < slice->captured ? header : slice->captured;
	decode_options(tcp + TCP_HEADER, seen - TCP_HEADER, packet);
	take_payload(slice, header, packet);
	packet->checksum_known = slice->captured == slice->length && !slice->headers_only;
	if (packet->checksum_known)
		packet->tcp_checksum_ok = checksum_right(slice, IPPROTO_TCP, packet);
}

void decode_udp(const struct slice *slice, struct packet *packet)
{
	if (slice->captured < UDP_HEADER) {
		packet->kind = slice->length < UDP_HEADER ? PACKET_MALFORMED : PACKET_OTHER;
		packet->cut = slice->length >= UDP_HEADER;
		return;
	}
	packet->kind = PACKET_UDP;
	packet->source.port = read_be16(slice->bytes);
	packet->destination.port = read_be16(slice->bytes + 2);
	take_payload(slice, UDP_HEADER, packet);
}

/* Error messages quote the packet that drew them: RFC 792, RFC 4443 section 2.1. */
static bool quotes_packet(uint8_t protocol, uint8_t type)
{
	if (protocol == IPPROTO_ICMPV6)
		return type >= 1 && type <= 4;
	return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

static bool is_neighbour_discovery(uint8_t type)
{
	return type == ICMP6_NEIGHBOUR_SOLICITATION || type == ICMP6_NEIGHBOUR_ADVERTISEMENT;
}

static void take_target(const struct slice *slice, struct packet *packet)
{
	const size_t length = sizeof packet->icmp_target.address;

	if (slice->captured < ICMP_HEADER + length)
		return;
	packet->icmp_target.family = 6;
	memcpy(packet->icmp_target.address, slice->bytes + ICMP_HEADER, length);
}

void decode_icmp(const struct slice *slice, uint8_t protocol, struct packet *packet)
{
	if (slice->captured < ICMP_HEADER) {
		packet->kind = slice->length < ICMP_HEADER ? PACKET_MALFORMED : PACKET_OTHER;
		packet->cut = slice->length >= ICMP_HEADER;
		return;
	}
	packet->kind = PACKET_ICMP;
	packet->icmp_type = slice->bytes[0];
	packet->icmp_code = slice->bytes[1];
	if (protocol == IPPROTO_ICMPV6 && is_neighbour_discovery(packet->icmp_type))
		take_target(slice, packet);
	if (!quotes_packet(protocol, packet->icmp_type))
		return;
	struct slice quote = *slice;
	struct packet quoted = {0};
	(void)slice_advance(&quote, ICMP_HEADER);
	int inner = protocol == IPPROTO_ICMPV6 ? decode_ipv6(&quote, &quoted)
					       : decode_ipv4(&quote, &quoted);
	/* Routers quote as little as 8 octets behind the IP header: the ports and SEQ. */
	if (inner != IPPROTO_TCP || quote.captured < 8)
		return;
	packet->icmp_source = quoted.source;
	packet->icmp_destination = quoted.destination;
	packet->icmp_source.port = read_be16(quote.bytes);
	packet->icmp_destination.port = read_be16(quote.bytes + 2);
	packet->icmp_seq = read_be32(quote.bytes + 4);
	packet->icmp_header = quote.captured >= TCP_HEADER;
}
