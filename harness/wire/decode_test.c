/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <pcap/dlt.h>

#include "wire/bytes.h"
#include "wire/checksum.h"
#include "wire/wire_fixtures.h"

enum { ETHERNET = 14 };

static uint8_t frame[2048];
static struct packet packet;

static size_t build_plain(void)
{
	struct raw_tcp fields = plain_segment();

	return raw_tcp_build(frame, sizeof frame, &fields);
}

/* An IPv6 packet with a TCP header of 20 octets at 'at' in the frame; returns its end. */
static size_t put_ipv6_segment(
	size_t at, uint8_t next_header, const uint8_t *extension, size_t extension_length)
{
	uint8_t *ip = frame + at, *tcp = ip + 40 + extension_length;

	memset(ip, 0, 60 + extension_length);
	ip[0] = 0x60;
	write_be16(ip + 4, (uint16_t)(20 + extension_length));
	ip[6] = next_header;
	ip[7] = 61;
	ip[8] = 0x20;
	ip[23] = 1;
	ip[24] = 0x20;
	ip[39] = 2;
	if (extension_length > 0)
		memcpy(ip + 40, extension, extension_length);
	write_be16(tcp, 5555);
	write_be16(tcp + 2, 80);
	write_be32(tcp + 4, 77);
	tcp[12] = 5 << 4;
	tcp[13] = SEGMENT_FLAG_ACK;
	uint64_t sum = checksum_add_pseudo_header(0, ip + 8, ip + 24, 16, 6, 20);
	write_be16(tcp + 16, checksum_finish(checksum_add(sum, tcp, 20)));
	return at + 60 + extension_length;
}

Test(decode, a_tcp_segment_gives_all_its_fields)
{
	size_t length = build_plain();

	cr_assert_eq(packet_decode(DLT_EN10MB, frame, length, length, &packet), 0);
	cr_assert_eq(packet.kind, PACKET_TCP);
	cr_assert(packet.has_mac);
	cr_assert_eq(packet.source_mac[5], 10);
	cr_assert_eq(packet.destination_mac[5], 1);
	cr_assert_eq(packet.source.port, 1024);
	cr_assert_eq(packet.destination.port, 80);
	cr_assert_eq(packet.source.address[3], 10);
	cr_assert_eq(packet.seq, 1000);
	cr_assert_eq(packet.ack, 2000);
	cr_assert_eq(packet.flags, SEGMENT_FLAG_ACK | SEGMENT_FLAG_PSH);
	cr_assert_eq(packet.window, 1400);
	cr_assert_eq(packet.ttl, 100);
	cr_assert_eq(packet.ip_id, 7);
	cr_assert_eq(packet.length, 4);
	cr_assert_eq(packet.captured_payload, 4);
	cr_assert_eq(memcmp(packet.payload, "ping", 4), 0);
	cr_assert(packet.ip_checksum_ok && packet.checksum_known && packet.tcp_checksum_ok);
	cr_assert_not(packet.has_timestamps);
	cr_assert_eq(packet.window_scale, WINDOW_SCALE_NONE);
}

/* The frame with a VLAN tag, which is decoded step by step. */
static void tag(const uint8_t *plain, size_t length, uint8_t *tagged)
{
	static const uint8_t vlan[] = {0x81, 0, 0, 5};

	memcpy(tagged, plain, 12);
	memcpy(tagged + 12, vlan, sizeof vlan);
	memcpy(tagged + 12 + sizeof vlan, plain + 12, length - 12);
}

Test(decode, whatever_is_usual_is_decoded_as_step_by_step)
{
	enum { ROUNDS = 200000, HEADERS = 60 };
	struct raw_tcp fields = plain_segment();
	uint8_t payload[40] = {0}, tagged[sizeof frame];
	struct packet other;
	unsigned usual = 0;

	fields.payload = payload;
	fields.length = sizeof payload;
	srand(1);
	for (int i = 0; i < ROUNDS; i++) {
		fields.has_timestamps = rand() % 2 == 0;
		size_t length = raw_tcp_build(frame, sizeof frame, &fields), whole = length;
		for (int change = rand() % 3; change > 0; change--)
			frame[ETHERNET + rand() % HEADERS] = (uint8_t)rand();
		if (rand() % 4 == 0)
			length = ETHERNET + (size_t)rand() % (length - ETHERNET);
		tag(frame, length, tagged);
		int (*decode)(int, const uint8_t *, size_t, size_t, struct packet *) =
			rand() % 2 == 0 ? packet_decode : packet_decode_headers;
		(void)decode(DLT_EN10MB, frame, length, whole, &packet);
		(void)decode(DLT_EN10MB, tagged, length + 4, whole + 4, &other);
		cr_assert_eq(packet.payload == NULL, other.payload == NULL);
		if (packet.payload != NULL)
			cr_assert_eq(packet.payload - frame, other.payload - tagged - 4);
		packet.payload = other.payload = NULL;
		cr_assert_arr_eq(&packet, &other, sizeof packet);
		usual += packet.kind == PACKET_TCP;
	}
	cr_assert_gt(usual, ROUNDS / 4);
}

Test(decode, an_ethernet_trailer_is_not_payload)
{
	struct raw_tcp fields = plain_segment();
	fields.length = 0;
	size_t length = raw_tcp_build(frame, sizeof frame, &fields);

	memset(frame + length, 0xee, 6);
	(void)packet_decode(DLT_EN10MB, frame, length + 6, length + 6, &packet);
	cr_assert_eq(packet.length, 0);
	cr_assert_null(packet.payload);
	cr_assert(packet.tcp_checksum_ok);
}

Test(decode, wrong_checksums_are_told_apart)
{
	struct raw_tcp fields = plain_segment();

	fields.bad_checksum = true;
	size_t length = raw_tcp_build(frame, sizeof frame, &fields);
	(void)packet_decode(DLT_EN10MB, frame, length, length, &packet);
	cr_assert(packet.checksum_known && packet.ip_checksum_ok);
	cr_assert_not(packet.tcp_checksum_ok);

	fields.bad_checksum = false;
	fields.bad_ip_checksum = true;
	length = raw_tcp_build(frame, sizeof frame, &fields);
	(void)packet_decode(DLT_EN10MB, frame, length, length, &packet);
	cr_assert(packet.tcp_checksum_ok);
	cr_assert_not(packet.ip_checksum_ok);
}

Test(decode, a_segment_cut_in_its_payload_keeps_its_length_and_has_no_known_checksum)
{
	size_t length = build_plain();

	(void)packet_decode(DLT_EN10MB, frame, length - 3, length, &packet);
	cr_assert_eq(packet.kind, PACKET_TCP);
	cr_assert_eq(packet.length, 4);
	cr_assert_eq(packet.captured_payload, 1);
	cr_assert_not(packet.checksum_known);
	cr_assert_not(packet.cut);
}

Test(decode, a_frame_cut_in_its_headers_is_other_and_not_malformed)
{
	size_t length = build_plain();

	for (size_t captured = 0; captured < ETHERNET + 20 + 20; captured++) {
		cr_assert_eq(packet_decode(DLT_EN10MB, frame, captured, length, &packet), 0);
		cr_assert_eq(packet.kind, PACKET_OTHER, "%zu", captured);
		cr_assert(packet.cut, "%zu", captured);
	}
}

Test(decode, a_header_longer_than_its_packet_is_malformed)
{
	size_t length = build_plain();

	frame[ETHERNET + 20 + 12] = 15 << 4;
	(void)packet_decode(DLT_EN10MB, frame, length, length, &packet);
	cr_assert_eq(packet.kind, PACKET_MALFORMED);

	(void)build_plain();
	write_be16(frame + ETHERNET + 2, 19);
	(void)packet_decode(DLT_EN10MB, frame, length, length, &packet);
	cr_assert_eq(packet.kind, PACKET_MALFORMED);
}

Test(decode, a_frame_cut_in_a_pppoe_session_or_an_mpls_stack_is_cut)
{
	static const uint16_t types[] = {0x8864, 0x8847};

	for (size_t i = 0; i < 2; i++) {
		(void)build_plain();
		write_be16(frame + 12, types[i]);
		memset(frame + ETHERNET, 0, 40);
		for (size_t captured = ETHERNET; captured < ETHERNET + 12U; captured++) {
			(void)packet_decode(DLT_EN10MB, frame, captured, 60, &packet);
			cr_assert_eq(packet.kind, PACKET_OTHER);
			cr_assert(packet.cut || captured >= ETHERNET + 8U, "%zu", captured);
		}
	}
}

/* Puts what is tagged behind the Ethernet header; returns the length of the frame. */
static size_t insert_tag(size_t length, uint16_t ethertype, const uint8_t *tag, size_t size)
{
	memmove(frame + ETHERNET + size, frame + ETHERNET, length - ETHERNET);
	memcpy(frame + ETHERNET, tag, size);
	write_be16(frame + 12, ethertype);
	return length + size;
}

Test(decode, cisco_metadata_is_skipped)
{
	static const uint8_t metadata[] = {1, 1, 0, 1, 0, 16, 8, 0};
	const size_t length = insert_tag(build_plain(), 0x8909, metadata, sizeof metadata);

	(void)packet_decode(DLT_EN10MB, frame, length, length, &packet);
	cr_assert_eq(packet.kind, PACKET_TCP);
	cr_assert(packet.tcp_checksum_ok);
	(void)packet_decode(DLT_EN10MB, frame, ETHERNET + 5, length, &packet);
	cr_assert_eq(packet.kind, PACKET_OTHER);
}

Test(decode, vlan_tags_also_stacked_are_skipped)
{
	size_t length = build_plain();

	memmove(frame + 12 + 8, frame + 12, length - 12);
	write_be16(frame + 12, 0x88a8);
	write_be16(frame + 14, 5);
	write_be16(frame + 16, 0x8100);
	write_be16(frame + 18, 6);
	(void)packet_decode(DLT_EN10MB, frame, length + 8, length + 8, &packet);
	cr_assert_eq(packet.kind, PACKET_TCP);
	cr_assert_eq(packet.seq, 1000);
}

Test(decode, a_fragment_is_other)
{
	size_t length = build_plain();

	write_be16(frame + ETHERNET + 6, 0x2000);
	(void)packet_decode(DLT_EN10MB, frame, length, length, &packet);
	cr_assert_eq(packet.kind, PACKET_OTHER);
	cr_assert(packet.fragment);
}

Test(decode, total_length_0_of_segmentation_offload_means_the_frame_s)
{
	size_t length = build_plain();

	write_be16(frame + ETHERNET + 2, 0);
	(void)packet_decode(DLT_EN10MB, frame, length, length, &packet);
	cr_assert_eq(packet.kind, PACKET_TCP);
	cr_assert_eq(packet.length, 4);
}

Test(decode, other_link_types_lead_to_the_same_segment)
{
	static const struct {
		size_t header;
		int linktype;
		uint8_t bytes[20];
	} cases[] = {
		{16, DLT_LINUX_SLL, {0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 10, 0, 0, 0x08, 0}},
		{20, DLT_LINUX_SLL2,
			{0x08, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2, 0, 0, 0, 0, 10, 0, 0}},
		{4, DLT_NULL, {2, 0, 0, 0}},
		{4, DLT_NULL, {0, 0, 0, 2}},
		{4, DLT_LOOP, {0, 0, 0, 2}},
		{0, DLT_RAW, {0}},
		{0, DLT_IPV4, {0}},
		{0, 101, {0}},
	};
	size_t length = build_plain() - ETHERNET;
	uint8_t other[256];

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t header = cases[i].header;
		memcpy(other, cases[i].bytes, header);
		memcpy(other + header, frame + ETHERNET, length);
		cr_assert_eq(packet_decode(cases[i].linktype, other, header + length,
				     header + length, &packet),
			0);
		cr_assert_eq(packet.kind, PACKET_TCP, "link type %d", cases[i].linktype);
		cr_assert_eq(packet.seq, 1000);
		cr_assert_eq(packet.has_mac, header >= 16);
		if (packet.has_mac)
			cr_assert_eq(packet.source_mac[5], 10);
	}
}

Test(decode, an_unknown_link_type_is_refused)
{
	cr_assert_eq(packet_decode(DLT_BLUETOOTH_HCI_H4, frame, 100, 100, &packet), -1);
	cr_assert_eq(packet.kind, PACKET_OTHER);
	cr_assert_not(packet_link_type_known(DLT_BLUETOOTH_HCI_H4));
	cr_assert(packet_link_type_known(DLT_LINUX_SLL2));
}

Test(decode, ipv6_is_decoded_through_extension_headers)
{
	static const uint8_t options[] = {6, 0, 1, 4, 0, 0, 0, 0};
	char text[ENDPOINT_TEXT];

	size_t end = put_ipv6_segment(0, 0, options, sizeof options);
	(void)packet_decode(DLT_RAW, frame, end, end, &packet);
	cr_assert_eq(packet.kind, PACKET_TCP);
	cr_assert_eq(packet.ttl, 61);
	cr_assert_eq(packet.seq, 77);
	cr_assert_eq(packet.length, 0);
	cr_assert(packet.tcp_checksum_ok && packet.ip_checksum_ok);
	cr_assert_str_eq(endpoint_format(&packet.source, text), "[2000::1]:5555");
}

Test(decode, an_ipv6_fragment_is_other_but_an_atomic_one_is_whole)
{
	uint8_t fragment[] = {6, 0, 0, 1, 0, 0, 0, 9};

	size_t end = put_ipv6_segment(0, 44, fragment, sizeof fragment);
	(void)packet_decode(DLT_RAW, frame, end, end, &packet);
	cr_assert_eq(packet.kind, PACKET_OTHER);
	cr_assert(packet.fragment);

	fragment[3] = 0x06; /* reserved bits, to be ignored */
	end = put_ipv6_segment(0, 44, fragment, sizeof fragment);
	(void)packet_decode(DLT_RAW, frame, end, end, &packet);
	cr_assert_eq(packet.kind, PACKET_TCP);
}

Test(decode, an_arp_packet_gives_its_operation_and_addresses)
{
	static const uint8_t arp[] = {255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 10, 8, 6, 0, 1,
		8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 10, 192, 0, 2, 10, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1};

	(void)packet_decode(DLT_EN10MB, arp, sizeof arp, sizeof arp, &packet);
	cr_assert_eq(packet.kind, PACKET_ARP);
	cr_assert_eq(packet.arp_operation, 1);
	cr_assert_eq(packet.source.address[3], 10);
	cr_assert_eq(packet.destination.address[3], 1);
}

Test(decode, tcp_options_are_found_behind_others)
{
	static const uint8_t options[] = {2, 4, 5, 180, 3, 3, 7, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8,
		5, 10, 0, 0, 3, 231, 0, 0, 3, 232};
	struct raw_tcp fields = plain_segment();
	fields.payload = options;
	fields.length = sizeof options;

	size_t length = raw_tcp_build(frame, sizeof frame, &fields);
	frame[ETHERNET + 20 + 12] = (20 + sizeof options) / 4 << 4;
	(void)packet_decode(DLT_EN10MB, frame, length, length, &packet);
	cr_assert_eq(packet.length, 0);
	cr_assert_eq(packet.window_scale, 7);
	cr_assert(packet.has_timestamps);
	cr_assert_eq(packet.ts_value, 9);
	cr_assert_eq(packet.ts_echo, 8);
	cr_assert(packet.has_sack);
	cr_assert_eq(packet.sack_left, 999);
	cr_assert_eq(packet.sack_right, 1000);
}

Test(decode, an_option_longer_than_its_header_ends_the_list)
{
	static const uint8_t options[] = {5, 20, 0, 0, 0, 9, 0, 0, 0, 8, 0, 0};
	struct raw_tcp fields = plain_segment();
	fields.payload = options;
	fields.length = sizeof options;

	size_t length = raw_tcp_build(frame, sizeof frame, &fields);
	frame[ETHERNET + 20 + 12] = (20 + sizeof options) / 4 << 4;
	(void)packet_decode(DLT_EN10MB, frame, length, length, &packet);
	cr_assert_eq(packet.kind, PACKET_TCP);
	cr_assert_not(packet.has_sack);
}

Test(decode, endpoints_are_equal_only_with_address_port_and_family)
{
	struct endpoint a = ipv4_endpoint(1, 80), b = ipv4_endpoint(1, 81),
			c = ipv4_endpoint(2, 80);
	struct endpoint six = a;
	char text[ENDPOINT_TEXT];
	six.family = 6;

	cr_assert(endpoint_equal(&a, &(struct endpoint){{192, 0, 2, 1}, 4, 80}));
	cr_assert_not(endpoint_equal(&a, &b) || endpoint_equal(&a, &c) || endpoint_equal(&a, &six));
	cr_assert_str_eq(endpoint_format(&a, text), "192.0.2.1:80");
}

/* An ICMP message of this type about the plain segment. */
static size_t build_icmp(uint8_t type)
{
	const struct raw_tcp quoted = plain_segment();
	const struct raw_icmp_unreachable fields = {
		.sender = ipv4_endpoint(7, 0), .ttl = 64, .code = 1, .quoted = &quoted};
	size_t length = raw_icmp_unreachable_build(frame, sizeof frame, &fields);

	frame[ETHERNET + 20] = type;
	return length;
}

Test(decode, icmp_errors_quote_the_segment_that_drew_them)
{
	for (uint8_t type = 0; type < 20; type++) {
		const bool quotes = type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
		const size_t length = build_icmp(type);

		cr_assert_eq(packet_decode_headers(DLT_EN10MB, frame, length, length, &packet), 0);
		cr_expect_eq(packet.kind, PACKET_ICMP);
		cr_expect_eq(packet.icmp_type, type);
		cr_expect_eq(packet.icmp_source.family != 0, quotes, "type %u", type);
		cr_expect(!quotes ||
			  (packet.icmp_source.port == 1024 && packet.icmp_destination.port == 80 &&
				  packet.icmp_seq == 1000));
		cr_expect_not(packet.icmp_header, "8 octets of it are quoted");
	}
}

Test(decode, an_icmp_error_may_quote_the_whole_header)
{
	uint8_t ip[64];
	const size_t length = build_plain() - ETHERNET, before = ETHERNET + 20 + 8;

	memcpy(ip, frame + ETHERNET, length);
	(void)build_icmp(3);
	memcpy(frame + before, ip, length);
	write_be16(frame + ETHERNET + 2, (uint16_t)(20 + 8 + length));
	(void)packet_decode_headers(DLT_EN10MB, frame, before + length, before + length, &packet);
	cr_assert_eq(packet.icmp_source.port, 1024);
	cr_assert(packet.icmp_header);
	(void)packet_decode_headers(DLT_EN10MB, frame, before + 39, before + length, &packet);
	cr_assert_not(packet.icmp_header);
}

Test(decode, an_icmp_message_that_was_cut_off_has_no_type)
{
	const size_t length = build_icmp(3);
	enum { HEADERS = ETHERNET + 20, ICMP_HEADER = 8 };

	cr_assert_eq(packet_decode_headers(
			     DLT_EN10MB, frame, HEADERS + ICMP_HEADER - 1, length, &packet),
		0);
	cr_expect_eq(packet.kind, PACKET_OTHER);
	cr_expect(packet.cut);
	cr_assert_eq(
		packet_decode_headers(DLT_EN10MB, frame, HEADERS + ICMP_HEADER, length, &packet),
		0);
	cr_expect_eq(packet.kind, PACKET_ICMP);
	write_be16(frame + ETHERNET + 2, 20 + ICMP_HEADER - 1);
	cr_assert_eq(packet_decode_headers(DLT_EN10MB, frame, length, length, &packet), 0);
	cr_expect_eq(packet.kind, PACKET_MALFORMED);
	cr_expect_not(packet.cut);
}
