/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "uart/at_codec.h"

#define BYTES(literal) (const uint8_t *)(literal), sizeof(literal) - 1
#define ESC "\x1b"

static void keep_data(const struct at_unit *unit, void *context)
{
	struct at_unit *kept = context;

	*kept = *unit;
}

Test(at_encode, a_bulk_frame_has_a_hex_cid_and_four_digits_of_length)
{
	uint8_t out[AT_FRAME_MAX];

	cr_assert_eq(at_encode_data(11, BYTES("hello"), out), 12);
	cr_assert_arr_eq(out, ESC "Zb0005hello", 12);
}

Test(at_encode, a_bulk_frame_holds_at_most_1400_octets)
{
	static uint8_t out[AT_FRAME_MAX], data[AT_BULK_MAX + 1];

	cr_assert_eq(at_encode_data(0, data, 1400, out), 1407);
	cr_assert_arr_eq(out, ESC "Z01400", 7);
	cr_assert_eq(at_encode_data(0, data, 1401, out), 0);
	cr_assert_eq(at_encode_data(0, data, 0, out), 7);
	cr_assert_arr_eq(out, ESC "Z00000", 7);
}

Test(at_encode, a_cid_beyond_15_is_refused)
{
	uint8_t out[AT_FRAME_MAX];

	cr_assert_eq(at_encode_data(16, BYTES("a"), out), 0);
	cr_assert_eq(at_encode_data(-1, BYTES("a"), out), 0);
	cr_assert_eq(at_encode_stream(16, BYTES("a"), out, sizeof out), 0);
}

Test(at_encode, a_stream_frame_doubles_esc)
{
	uint8_t out[16];

	cr_assert_eq(at_encode_stream(2, BYTES("a" ESC "b"), out, sizeof out), 9);
	cr_assert_arr_eq(out, ESC "S2a" ESC ESC "b" ESC "E", 9);
}

Test(at_encode, a_stream_frame_that_does_not_fit_is_refused)
{
	uint8_t out[9];

	cr_assert_eq(at_encode_stream(2, BYTES("a" ESC "b"), out, 9), 9);
	cr_assert_eq(at_encode_stream(2, BYTES("a" ESC "b"), out, 8), 0);
	cr_assert_eq(at_encode_stream(2, BYTES("a"), out, 4), 0);
}

Test(at_encode, each_octet_survives_both_frames)
{
	static uint8_t data[256], out[AT_FRAME_MAX];
	static struct at_framer framer;
	struct at_unit unit = {.length = 0};

	for (int i = 0; i < 256; i++)
		data[i] = (uint8_t)i;
	at_framer_init(&framer);
	size_t size = at_encode_data(7, data, sizeof data, out);
	at_framer_feed(&framer, out, size, keep_data, &unit);
	cr_assert_eq(unit.length, 256);
	cr_assert_arr_eq(unit.bytes, data, 256);

	size = at_encode_stream(7, data, sizeof data, out, sizeof out);
	at_framer_feed(&framer, out, size, keep_data, &unit);
	cr_assert_eq(unit.kind, AT_UNIT_STREAM);
	cr_assert_eq(unit.length, 256);
	cr_assert_arr_eq(unit.bytes, data, 256);
}
