/* SPDX-License-Identifier: MIT */
#include "wire/decode.h"

#include <pcap/dlt.h>
#include <string.h>

enum {
	ETHERTYPE_4 = 0x0800,
	ETHERTYPE_ARP_ = 0x0806,
	ETHERTYPE_VLAN_ = 0x8100,
	ETHERTYPE_QINQ = 0x88a8,
	ETHERTYPE_QINQ_OLD = 0x9100,
	ETHERTYPE_6 = 0x86dd,
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ICMP6 = 58
};

struct cursor {
	const uint8_t *bytes;
	size_t left; /* captured octets */
};

static uint16_t get16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t get32(const uint8_t *bytes)
{
	return (uint32_t)get16(bytes) << 16 | get16(bytes + 2);
}

static bool skip(struct cursor *cursor, size_t count)
{
	if (cursor->left < count)
		return false;
	cursor->bytes += count;
	cursor->left -= count;
	return true;
}

static uint32_t sum16(uint32_t sum, const uint8_t *bytes, size_t length)
{
	for (; length > 1; bytes += 2, length -= 2)
		sum += get16(bytes);
	if (length == 1)
		sum += (uint32_t)bytes[0] << 8;
	return sum;
}

static bool sum_is_right(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

static void decode_tcp_options(struct packet *packet, const uint8_t *options, size_t length)
{
	while (length > 0 && options[0] != 0) {
		if (options[0] == 1) {
			options++;
			length--;
			continue;
		}
		if (length < 2 || options[1] < 2 || options[1] > length)
			return;
		if (options[0] == 3 && options[1] == 3)
			packet->window_scale = options[2];
		if (options[0] == 5 && options[1] >= 10) {
			packet->has_sack = true;
			packet->sack_left = get32(options + 2);
			packet->sack_right = get32(options + 6);
		}
		length -= options[1];
		options += options[1];
	}
}

/* length: octets of the segment by the IP header; pseudo: the pseudo header's sum. */
static void decode_tcp(struct packet *packet, struct cursor cursor, size_t length, uint32_t pseudo)
{
	const uint8_t *tcp = cursor.bytes;

	packet->kind = PACKET_MALFORMED;
	if (cursor.left < 20 || length < 20)
		return;
	size_t header = (size_t)(tcp[12] >> 4) * 4;
	if (header < 20 || header > length)
		return;
	packet->kind = PACKET_TCP;
	packet->source.port = get16(tcp);
	packet->destination.port = get16(tcp + 2);
	packet->seq = get32(tcp + 4);
	packet->ack = get32(tcp + 8);
	packet->flags = tcp[13];
	packet->window = get16(tcp + 14);
	packet->length = (uint32_t)(length - header);
	size_t captured_header = cursor.left < header ? cursor.left : header;
	decode_tcp_options(packet, tcp + 20, captured_header - 20);
	if (cursor.left >= length) {
		packet->checksum_known = true;
		uint32_t sum = sum16(pseudo + (uint32_t)length + PROTOCOL_TCP, tcp, length);
		packet->tcp_checksum_ok = sum_is_right(sum);
	}
	if (packet->length > 0 && cursor.left > header) {
		packet->payload = tcp + header;
		packet->captured_payload = cursor.left - header;
		if (packet->captured_payload > packet->length)
			packet->captured_payload = packet->length;
	}
}

static void decode_transport(
	struct packet *packet, struct cursor cursor, int protocol, size_t length, uint32_t pseudo)
{
	if (protocol == PROTOCOL_TCP) {
		decode_tcp(packet, cursor, length, pseudo);
	} else if (protocol == PROTOCOL_UDP && cursor.left >= 8) {
		packet->kind = PACKET_UDP;
		packet->source.port = get16(cursor.bytes);
		packet->destination.port = get16(cursor.bytes + 2);
		packet->length = length >= 8 ? (uint32_t)(length - 8) : 0;
	} else if ((protocol == PROTOCOL_ICMP || protocol == PROTOCOL_ICMP6) && cursor.left >= 4) {
		packet->kind = PACKET_ICMP;
		packet->icmp_type = cursor.bytes[0];
		packet->icmp_code = cursor.bytes[1];
	}
}

static void decode_ipv4(struct packet *packet, struct cursor cursor)
{
	const uint8_t *ip = cursor.bytes;

	packet->kind = PACKET_MALFORMED;
	if (cursor.left < 20 || ip[0] >> 4 != 4)
		return;
	size_t header = (size_t)(ip[0] & 15) * 4;
	size_t total = get16(ip + 2);
	if (header < 20 || cursor.left < header)
		return;
	/* A length of 0 is what segmentation offload leaves in captures made on the sender. */
	if (total == 0)
		total = cursor.left;
	if (total < header)
		return;
	packet->kind = PACKET_OTHER;
	packet->ip_checksum_ok = sum_is_right(sum16(0, ip, header));
	packet->ip_id = get16(ip + 4);
	packet->ttl = ip[8];
	packet->source.family = packet->destination.family = 4;
	memcpy(packet->source.address, ip + 12, 4);
	memcpy(packet->destination.address, ip + 16, 4);
	if ((get16(ip + 6) & 0x3fff) != 0)
		return; /* a fragment */
	(void)skip(&cursor, header);
	decode_transport(packet, cursor, ip[9], total - header, sum16(0, ip + 12, 8));
}

static void decode_ipv6(struct packet *packet, struct cursor cursor)
{
	const uint8_t *ip = cursor.bytes;

	packet->kind = PACKET_MALFORMED;
	if (cursor.left < 40 || ip[0] >> 4 != 6)
		return;
	size_t length = get16(ip + 4);
	int next = ip[6];
	packet->kind = PACKET_OTHER;
	packet->ip_checksum_ok = true;
	packet->ttl = ip[7];
	packet->source.family = packet->destination.family = 6;
	memcpy(packet->source.address, ip + 8, 16);
	memcpy(packet->destination.address, ip + 24, 16);
	uint32_t pseudo = sum16(0, ip + 8, 32);
	(void)skip(&cursor, 40);
	if (length == 0)
		length = cursor.left;
	/* Hop-by-hop, routing, destination options. */
	for (int i = 0; i < 8 && (next == 0 || next == 43 || next == 60); i++) {
		if (cursor.left < 8)
			return;
		size_t extension = ((size_t)cursor.bytes[1] + 1) * 8;
		next = cursor.bytes[0];
		if (extension > length || !skip(&cursor, extension))
			return;
		length -= extension;
	}
	decode_transport(packet, cursor, next, length, pseudo);
}

static void decode_arp(struct packet *packet, struct cursor cursor)
{
	packet->kind = PACKET_MALFORMED;
	if (cursor.left < 28)
		return;
	packet->kind = PACKET_ARP;
	packet->arp_operation = get16(cursor.bytes + 6);
	packet->source.family = packet->destination.family = 4;
	memcpy(packet->source.address, cursor.bytes + 14, 4);
	memcpy(packet->destination.address, cursor.bytes + 24, 4);
}

static void decode_network(struct packet *packet, struct cursor cursor, unsigned type)
{
	while ((type == ETHERTYPE_VLAN_ || type == ETHERTYPE_QINQ || type == ETHERTYPE_QINQ_OLD) &&
		cursor.left >= 4) {
		type = get16(cursor.bytes + 2);
		(void)skip(&cursor, 4);
	}
	if (type == ETHERTYPE_4)
		decode_ipv4(packet, cursor);
	else if (type == ETHERTYPE_6)
		decode_ipv6(packet, cursor);
	else if (type == ETHERTYPE_ARP_)
		decode_arp(packet, cursor);
}

static void decode_by_version(struct packet *packet, struct cursor cursor)
{
	if (cursor.left > 0)
		decode_network(packet, cursor, cursor.bytes[0] >> 4 == 6 ? ETHERTYPE_6 : ETHERTYPE_4);
}

int packet_decode(int link_type, const uint8_t *bytes, size_t captured, size_t length,
	struct packet *packet)
{
	struct cursor cursor = {.bytes = bytes, .left = captured < length ? captured : length};

	*packet = (struct packet){.kind = PACKET_MALFORMED, .window_scale = 255};
	switch (link_type) {
	case DLT_EN10MB:
		if (cursor.left < 14)
			return 0;
		packet->kind = PACKET_OTHER;
		packet->has_mac = true;
		memcpy(packet->destination_mac, bytes, 6);
		memcpy(packet->source_mac, bytes + 6, 6);
		(void)skip(&cursor, 14);
		decode_network(packet, cursor, get16(bytes + 12));
		return 0;
	case DLT_LINUX_SLL:
		if (!skip(&cursor, 16))
			return 0;
		packet->kind = PACKET_OTHER;
		decode_network(packet, cursor, get16(bytes + 14));
		return 0;
	case DLT_LINUX_SLL2:
		if (!skip(&cursor, 20))
			return 0;
		packet->kind = PACKET_OTHER;
		decode_network(packet, cursor, get16(bytes));
		return 0;
	case DLT_NULL:
	case DLT_LOOP:
		if (!skip(&cursor, 4))
			return 0;
		packet->kind = PACKET_OTHER;
		decode_by_version(packet, cursor);
		return 0;
	case DLT_RAW:
	case 101: /* LINKTYPE_RAW as written in files */
		packet->kind = PACKET_OTHER;
		decode_by_version(packet, cursor);
		return 0;
	default:
		return -1;
	}
}
