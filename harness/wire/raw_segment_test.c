/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <pcap/dlt.h>

#include "core/error.h"
#include "wire/checksum.h"
#include "wire/wire_fixtures.h"

static uint8_t frame[2048];
static struct packet packet;

Test(raw_segment, timestamps_are_carried_in_an_option)
{
	struct raw_tcp fields = plain_segment();

	fields.has_timestamps = true;
	fields.ts_value = 5;
	fields.ts_echo = 6;
	size_t length = raw_tcp_build(frame, sizeof frame, &fields);
	(void)packet_decode(DLT_EN10MB, frame, length, length, &packet);
	cr_assert(packet.has_timestamps && packet.tcp_checksum_ok);
	cr_assert_eq(packet.ts_value, 5);
	cr_assert_eq(packet.ts_echo, 6);
	cr_assert_eq(packet.length, 4);
}

Test(raw_segment, a_frame_that_does_not_fit_is_not_built)
{
	struct raw_tcp fields = plain_segment();
	size_t length = raw_tcp_build(frame, sizeof frame, &fields);

	cr_assert_eq(length, 14 + 20 + 20 + 4);
	cr_assert_eq(raw_tcp_build(frame, length, &fields), length);
	cr_assert_eq(raw_tcp_build(frame, length - 1, &fields), 0);
}

Test(raw_segment, an_icmp_error_quotes_the_segment)
{
	struct raw_tcp quoted = plain_segment();
	struct raw_icmp_unreachable fields = {
		.sender = ipv4_endpoint(254, 0), .code = 1, .quoted = &quoted};

	size_t length = raw_icmp_unreachable_build(frame, sizeof frame, &fields);
	cr_assert_eq(length, 14 + 20 + 8 + 28);
	(void)packet_decode(DLT_EN10MB, frame, length, length, &packet);
	cr_assert_eq(packet.kind, PACKET_ICMP);
	cr_assert_eq(packet.icmp_type, 3);
	cr_assert_eq(packet.icmp_code, 1);
	cr_assert_eq(packet.source.address[3], 254);
	cr_assert_eq(packet.destination.address[3], 10);
	cr_assert_eq(packet.ttl, RAW_TTL);
	cr_assert(endpoint_equal(&packet.icmp_source, &quoted.source));
	cr_assert(endpoint_equal(&packet.icmp_destination, &quoted.destination));
	cr_assert_eq(packet.icmp_seq, 1000);
	cr_assert_eq(checksum_finish(checksum_add(0, frame + 34, length - 34)), 0);
	cr_assert_eq(checksum_finish(checksum_add(0, frame + 42, 20)), 0);
}

Test(raw_segment, an_interface_that_is_not_there_is_named)
{
	struct error err = {0};

	cr_assert_eq(raw_socket_open("nowhere0", &err), -1);
	cr_assert_str_eq(err.text, "cannot send frames on 'nowhere0': no such interface");
}

Test(raw_segment, an_arp_request_is_read_as_one)
{
	const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};
	const uint32_t source_be = htonl(0xc0000201), target_be = htonl(0xc000020a);

	const size_t length = raw_arp_request_build(frame, sizeof frame, mac, source_be, target_be);
	cr_assert_eq(length, 42);
	cr_assert_eq(packet_decode(DLT_EN10MB, frame, length, length, &packet), 0);
	cr_expect_eq(packet.kind, PACKET_ARP);
	cr_expect_eq(packet.arp_operation, 1);
	cr_expect_arr_eq(packet.source_mac, mac, 6);
	cr_expect_arr_eq(packet.source.address, &source_be, 4);
	cr_expect_arr_eq(packet.destination.address, &target_be, 4);
	cr_expect_eq(raw_arp_request_build(frame, 41, mac, source_be, target_be), 0);
}
