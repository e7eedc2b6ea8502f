/* SPDX-License-Identifier: MIT */
#include "wire/decode.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <pcap/dlt.h>
#include <stdio.h>
#include <string.h>

#include "wire/bytes.h"
#include "wire/checksum.h"
#include "wire/decode_layers.h"

enum { ARP_LENGTH = 28 };

/* ARP of IPv4 over Ethernet only (RFC 826). */
static void decode_arp(const struct slice *slice, struct packet *packet)
{
	static const uint8_t ethernet_ipv4[] = {0, 1, 0x08, 0, 6, 4};
	const uint8_t *arp = slice->bytes;

	if (slice->captured < ARP_LENGTH) {
		packet->kind = slice->length < ARP_LENGTH ? PACKET_MALFORMED : PACKET_OTHER;
		packet->cut = slice->length >= ARP_LENGTH;
		return;
	}
	if (memcmp(arp, ethernet_ipv4, sizeof ethernet_ipv4) != 0)
		return;
	packet->kind = PACKET_ARP;
	packet->arp_operation = read_be16(arp + 6);
	packet->source.family = packet->destination.family = 4;
	memcpy(packet->source.address, arp + 14, 4);
	memcpy(packet->destination.address, arp + 24, 4);
}

static void decode_network(uint16_t ethertype, struct slice *slice, struct packet *packet)
{
	int protocol;

	if (ethertype == ETHERTYPE_ARP) {
		decode_arp(slice, packet);
		return;
	}
	if (ethertype == ETHERTYPE_IP)
		protocol = decode_ipv4(slice, packet);
	else if (ethertype == ETHERTYPE_IPV6)
		protocol = decode_ipv6(slice, packet);
	else
		return;
	if (protocol == IPPROTO_TCP)
		decode_tcp(slice, packet);
	else if (protocol == IPPROTO_UDP)
		decode_udp(slice, packet);
	else if (protocol == (packet->source.family == 6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))
		decode_icmp(slice, (uint8_t)protocol, packet);
}

/* Nearly all frames, at once: IPv4 without options or fragments, in Ethernet without tags.  False:
 * it is another one, and nothing is filled in. */
static bool decode_usual(struct slice *slice, struct packet *packet)
{
	enum { ETHERNET = 14, IPV4 = 20 };
	static const uint8_t usual[] = {ETHERTYPE_IP >> 8, ETHERTYPE_IP & 0xff, 0x45};
	const uint8_t *frame = slice->bytes, *ip = frame + ETHERNET;

	if (slice->captured < ETHERNET + IPV4 || memcmp(frame + 12, usual, sizeof usual) != 0 ||
		ip[9] != IPPROTO_TCP || (read_be16(ip + 6) & 0x3fff) != 0)
		return false;
	const size_t total = read_be16(ip + 2);
	if (total < IPV4)
		return false;
	memcpy(packet->destination_mac, frame, sizeof packet->destination_mac);
	memcpy(packet->source_mac, frame + 6, sizeof packet->source_mac);
	packet->has_mac = packet->has_ip_id = true;
	packet->source.family = packet->destination.family = 4;
	memcpy(packet->source.address, ip + 12, 4);
	memcpy(packet->destination.address, ip + 16, 4);
	packet->ttl = ip[8];
	packet->tos = ip[1];
	packet->dont_fragment = (read_be16(ip + 6) & 0x4000) != 0;
	packet->too_short = total > slice->length - ETHERNET;
	packet->ip_id = read_be16(ip + 4);
	packet->ip_checksum_ok =
		slice->headers_only || checksum_finish(checksum_add(0, ip, IPV4)) == 0;
	(void)slice_advance(slice, ETHERNET);
	slice_limit(slice, total);
	(void)slice_advance(slice, IPV4);
	decode_tcp(slice, packet);
	return true;
}

static int decode(int linktype, struct slice *slice, struct packet *packet)
{
	uint16_t ethertype;

	/* Captures exist that say less than they hold. */
	if (slice->length < slice->captured)
		slice->length = slice->captured;
	/* By the library's function: see CMakeLists.txt. */
	memset(packet, 0, sizeof *packet);
	packet->window_scale = WINDOW_SCALE_NONE;
	if (linktype == DLT_EN10MB && decode_usual(slice, packet))
		return 0;
	if (decode_link(linktype, slice, packet, &ethertype) != 0)
		return -1;
	if (!packet->cut)
		decode_network(ethertype, slice, packet);
	return 0;
}

int packet_decode(int linktype, const uint8_t *bytes, size_t captured, size_t wire_length,
	struct packet *packet)
{
	struct slice slice = {bytes, captured, wire_length, false};

	return decode(linktype, &slice, packet);
}

int packet_decode_headers(int linktype, const uint8_t *bytes, size_t captured, size_t wire_length,
	struct packet *packet)
{
	struct slice slice = {bytes, captured, wire_length, true};

	return decode(linktype, &slice, packet);
}

void packet_decode_more(
	const uint8_t *bytes, size_t captured, size_t wire_length, struct packet *packet)
{
	struct slice slice = {
		bytes, captured, wire_length < captured ? captured : wire_length, true};
	const size_t at = packet->more;
	uint16_t ethertype = 0;

	memset(packet, 0, sizeof *packet);
	packet->window_scale = WINDOW_SCALE_NONE;
	(void)slice_advance(&slice, at);
	if (decode_subframe(&slice, bytes, packet, &ethertype))
		decode_network(ethertype, &slice, packet);
	else
		packet->cut = true;
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && a->family == b->family &&
	       memcmp(a->address, b->address, sizeof a->address) == 0;
}

char *endpoint_format_address(const struct endpoint *endpoint, char *text)
{
	(void)snprintf(text, ENDPOINT_TEXT, "none");
	if (endpoint->family != 0)
		(void)inet_ntop(endpoint->family == 6 ? AF_INET6 : AF_INET, endpoint->address, text,
			ENDPOINT_TEXT);
	return text;
}

char *endpoint_format(const struct endpoint *endpoint, char *text)
{
	char address[ENDPOINT_TEXT];

	(void)snprintf(text, ENDPOINT_TEXT, endpoint->family == 6 ? "[%s]:%u" : "%s:%u",
		endpoint_format_address(endpoint, address), (unsigned)endpoint->port);
	return text;
}

int packet_hops(int ttl)
{
	static const int begins[] = {32, 64, 128, 255};
	size_t i = 0;

	while (begins[i] < ttl)
		i++;
	return begins[i] - ttl;
}
