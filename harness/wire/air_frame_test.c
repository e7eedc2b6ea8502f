/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <pcap/dlt.h>
#include <string.h>

#include "wire/air_frame.h"

static const uint8_t module[6] = {2, 0xd0, 7, 0, 0, 1};
static const uint8_t access_point[6] = {2, 0xaa, 0, 0, 0, 9};

/* A frame behind a radiotap header whose flags are given. */
static size_t build(uint8_t *bytes, uint8_t flags, uint16_t control, const uint8_t *receiver,
	const uint8_t *transmitter, uint16_t sequence, size_t body)
{
	const uint8_t radiotap[] = {0, 0, 9, 0, 2, 0, 0, 0, flags};
	uint8_t *frame = bytes + sizeof radiotap;

	memset(bytes, 0, 256);
	memcpy(bytes, radiotap, sizeof radiotap);
	frame[0] = (uint8_t)control;
	frame[1] = (uint8_t)(control >> 8);
	memcpy(frame + 4, receiver, 6);
	memcpy(frame + 10, transmitter, 6);
	frame[22] = (uint8_t)(sequence << 4);
	frame[23] = (uint8_t)(sequence >> 4);
	return sizeof radiotap + 24 + body;
}

Test(air_frame, of_encrypted_data_the_link_is_read)
{
	uint8_t bytes[256];
	struct air_frame frame;
	/* Data to the access point, protected, once more, before sleep; with QoS. */
	const size_t length = build(bytes, 0, 0x5988, access_point, module, 0x123, 2 + 64);

	cr_assert(air_frame_read(DLT_IEEE802_11_RADIO, bytes, length, length, &frame));
	cr_assert_eq(frame.kind, AIR_DATA);
	cr_assert(frame.to_access_point && !frame.from_access_point);
	cr_assert(frame.retry && frame.asleep && !frame.fragment);
	cr_assert_eq(frame.sequence, 0x123);
	cr_assert_eq(frame.body, 64);
	cr_assert_eq(memcmp(frame.transmitter, module, 6), 0);
	cr_assert_eq(memcmp(frame.receiver, access_point, 6), 0);
}

Test(air_frame, the_check_sequence_at_its_end_is_no_part_of_its_body)
{
	enum { CHECKED = 0x10, DAMAGED = 0x40 };
	uint8_t bytes[256];
	struct air_frame frame;
	const size_t length = build(bytes, CHECKED, 0x4108, access_point, module, 1, 64 + 4);

	cr_assert(air_frame_read(DLT_IEEE802_11_RADIO, bytes, length, length, &frame));
	cr_assert_eq(frame.body, 64);
	build(bytes, CHECKED | DAMAGED, 0x4108, access_point, module, 1, 64 + 4);
	cr_assert_not(air_frame_read(DLT_IEEE802_11_RADIO, bytes, length, length, &frame));
}

Test(air_frame, beacons_and_acknowledgements_are_known)
{
	static const struct {
		uint16_t control;
		enum air_kind kind;
	} rows[] = {{0x0080, AIR_BEACON}, {0x00d4, AIR_ACK}, {0x0094, AIR_BLOCK_ACK},
		{0x1148, AIR_NULL}, {0x0040, AIR_OTHER}};
	uint8_t bytes[256];
	struct air_frame frame;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const size_t length = build(bytes, 0, rows[i].control, access_point, module, 1, 0);
		cr_assert(air_frame_read(DLT_IEEE802_11_RADIO, bytes, length, length, &frame));
		cr_expect_eq(frame.kind, rows[i].kind, "row %zu", i);
	}
}

Test(air_frame, several_packets_in_one_frame_are_told)
{
	enum { QOS = 9 + 24, A_MSDU = 0x80 };
	uint8_t bytes[256];
	struct air_frame frame;
	const size_t length = build(bytes, 0, 0x4188, access_point, module, 1, 2 + 200);

	cr_assert(air_frame_read(DLT_IEEE802_11_RADIO, bytes, length, length, &frame));
	cr_assert_not(frame.several);
	bytes[QOS] = A_MSDU;
	cr_assert(air_frame_read(DLT_IEEE802_11_RADIO, bytes, length, length, &frame));
	cr_assert(frame.several);
}

Test(air_frame, an_exchange_of_keys_is_told_apart)
{
	static const uint8_t snap[] = {0xaa, 0xaa, 3, 0, 0, 0, 0x88, 0x8e};
	uint8_t bytes[256];
	struct air_frame frame;
	const size_t length = build(bytes, 0, 0x0108, access_point, module, 1, 95);

	cr_assert(air_frame_read(DLT_IEEE802_11_RADIO, bytes, length, length, &frame));
	cr_assert_eq(frame.kind, AIR_DATA);
	memcpy(bytes + 9 + 24, snap, sizeof snap);
	cr_assert(air_frame_read(DLT_IEEE802_11_RADIO, bytes, length, length, &frame));
	cr_assert_eq(frame.kind, AIR_KEYS);
}

Test(air_frame, any_octets_are_survived)
{
	uint8_t bytes[256];
	struct air_frame frame;

	const size_t length = build(bytes, 0, 0x5988, access_point, module, 0x123, 66);
	for (size_t captured = 0; captured < 33; captured++)
		cr_expect_not(
			air_frame_read(DLT_IEEE802_11_RADIO, bytes, captured, length, &frame));
	cr_assert_not(air_frame_read(DLT_EN10MB, bytes, length, length, &frame));
	cr_assert(air_frame_link_type(DLT_IEEE802_11));
	cr_assert_not(air_frame_link_type(DLT_EN10MB));
}
