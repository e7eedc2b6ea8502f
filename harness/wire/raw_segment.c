/* SPDX-License-Identifier: MIT */
#include "wire/raw_segment.h"

#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>

#include "wire/bytes.h"
#include "wire/checksum.h"

enum {
	ETHERNET_HEADER = 14,
	IPV4_HEADER = 20,
	TCP_HEADER = 20,
	TIMESTAMPS_OPTION = 12, /* with two NOPs in front (RFC 7323, appendix A) */
	ICMP_HEADER = 8,
	ICMP_QUOTED_OCTETS = 8,
	ICMP_UNREACHABLE = 3,
	DONT_FRAGMENT = 0x4000
};

static void put_ethernet(uint8_t *frame, const uint8_t *source, const uint8_t *destination)
{
	memcpy(frame, destination, 6);
	memcpy(frame + 6, source, 6);
	write_be16(frame + 12, ETHERTYPE_IP);
}

struct ipv4_fields {
	const struct endpoint *source, *destination;
	uint16_t id;
	uint8_t ttl, protocol;
	size_t length; /* behind the header */
};

static void put_ipv4(uint8_t *ip, const struct ipv4_fields *fields)
{
	memset(ip, 0, IPV4_HEADER);
	ip[0] = 0x45;
	write_be16(ip + 2, (uint16_t)(IPV4_HEADER + fields->length));
	write_be16(ip + 4, fields->id);
	write_be16(ip + 6, DONT_FRAGMENT);
	ip[8] = fields->ttl == 0 ? RAW_TTL : fields->ttl;
	ip[9] = fields->protocol;
	memcpy(ip + 12, fields->source->address, 4);
	memcpy(ip + 16, fields->destination->address, 4);
	write_be16(ip + 10, checksum_finish(checksum_add(0, ip, IPV4_HEADER)));
}

static size_t tcp_header_length(const struct raw_tcp *fields)
{
	return TCP_HEADER + (fields->has_timestamps ? (size_t)TIMESTAMPS_OPTION : 0);
}

static void put_tcp(uint8_t *tcp, const struct raw_tcp *fields)
{
	size_t header = tcp_header_length(fields);
	size_t total = header + fields->length;

	memset(tcp, 0, header);
	write_be16(tcp, fields->source.port);
	write_be16(tcp + 2, fields->destination.port);
	write_be32(tcp + 4, fields->seq);
	write_be32(tcp + 8, fields->ack);
	tcp[12] = (uint8_t)(header / 4 << 4);
	tcp[13] = fields->flags;
	write_be16(tcp + 14, fields->window);
	if (fields->has_timestamps) {
		static const uint8_t kind[] = {1, 1, 8, 10};
		memcpy(tcp + 20, kind, sizeof kind);
		write_be32(tcp + 24, fields->ts_value);
		write_be32(tcp + 28, fields->ts_echo);
	}
	if (fields->length > 0)
		memcpy(tcp + header, fields->payload, fields->length);
	uint64_t sum = checksum_add_pseudo_header(0, fields->source.address,
		fields->destination.address, 4, IPPROTO_TCP, (uint32_t)total);
	uint16_t checksum = checksum_finish(checksum_add(sum, tcp, total));
	/* 0x5555 changes the value in a way that one's complement cannot take for the same. */
	write_be16(tcp + 16, fields->bad_checksum ? (uint16_t)(checksum ^ 0x5555) : checksum);
}

/* The IP packet of the segment; it fits. */
static void put_ip_segment(uint8_t *ip, const struct raw_tcp *fields)
{
	put_ipv4(ip, &(struct ipv4_fields){.source = &fields->source,
			     .destination = &fields->destination,
			     .id = fields->ip_id,
			     .ttl = fields->ttl,
			     .protocol = IPPROTO_TCP,
			     .length = tcp_header_length(fields) + fields->length});
	if (fields->bad_ip_checksum)
		write_be16(ip + 10, (uint16_t)(read_be16(ip + 10) ^ 0x5555));
	put_tcp(ip + IPV4_HEADER, fields);
}

static size_t ip_length(const struct raw_tcp *fields)
{
	return IPV4_HEADER + tcp_header_length(fields) + fields->length;
}

size_t raw_tcp_build(uint8_t *frame, size_t size, const struct raw_tcp *fields)
{
	if (fields->source.family != 4 || fields->destination.family != 4 ||
		fields->length > UINT16_MAX || ip_length(fields) > UINT16_MAX ||
		ETHERNET_HEADER + ip_length(fields) > size)
		return 0;
	put_ethernet(frame, fields->source_mac, fields->destination_mac);
	put_ip_segment(frame + ETHERNET_HEADER, fields);
	return ETHERNET_HEADER + ip_length(fields);
}

size_t raw_icmp_unreachable_build(
	uint8_t *frame, size_t size, const struct raw_icmp_unreachable *fields)
{
	enum {
		QUOTE = IPV4_HEADER + ICMP_QUOTED_OCTETS,
		LENGTH = ETHERNET_HEADER + IPV4_HEADER + ICMP_HEADER + QUOTE
	};
	uint8_t segment[IPV4_HEADER + TCP_HEADER + TIMESTAMPS_OPTION];
	/* The payload is not quoted, but the IP header says how long the segment was. */
	struct raw_tcp headers = *fields->quoted;

	if (fields->sender.family != 4 || headers.source.family != 4 ||
		headers.destination.family != 4 || size < LENGTH)
		return 0;
	headers.length = 0;
	headers.payload = NULL;
	put_ip_segment(segment, &headers);
	put_ipv4(segment, &(struct ipv4_fields){.source = &headers.source,
				  .destination = &headers.destination,
				  .id = headers.ip_id,
				  .ttl = headers.ttl,
				  .protocol = IPPROTO_TCP,
				  .length = tcp_header_length(&headers) + fields->quoted->length});

	uint8_t *ip = frame + ETHERNET_HEADER, *icmp = ip + IPV4_HEADER;
	put_ethernet(frame, fields->source_mac, fields->destination_mac);
	put_ipv4(ip, &(struct ipv4_fields){.source = &fields->sender,
			     .destination = &headers.source,
			     .id = fields->ip_id,
			     .ttl = fields->ttl,
			     .protocol = IPPROTO_ICMP,
			     .length = ICMP_HEADER + QUOTE});
	memset(icmp, 0, ICMP_HEADER);
	icmp[0] = ICMP_UNREACHABLE;
	icmp[1] = fields->code;
	memcpy(icmp + ICMP_HEADER, segment, QUOTE);
	write_be16(icmp + 2, checksum_finish(checksum_add(0, icmp, ICMP_HEADER + QUOTE)));
	return LENGTH;
}

size_t raw_arp_request_build(uint8_t *frame, size_t size, const uint8_t source_mac[6],
	uint32_t source_be, uint32_t target_be)
{
	/* Ethernet, for IPv4, addresses of 6 and 4 octets, a request. */
	static const uint8_t what[] = {0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, 1};
	enum { LENGTH = 6 + 6 + sizeof what + 6 + 4 + 6 + 4 };

	if (size < LENGTH)
		return 0;
	memset(frame, 0xff, 6);
	memcpy(frame + 6, source_mac, 6);
	memcpy(frame + 12, what, sizeof what);
	uint8_t *addresses = frame + 12 + sizeof what;
	memcpy(addresses, source_mac, 6);
	memcpy(addresses + 6, &source_be, 4);
	memset(addresses + 10, 0, 6);
	memcpy(addresses + 16, &target_be, 4);
	return LENGTH;
}
