/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "uart/at_framer.h"

#define BYTES(literal) (const uint8_t *)(literal), sizeof(literal) - 1
#define ESC "\x1b"

enum { MOST_UNITS = 16 };

struct seen {
	int count;
	struct at_unit units[MOST_UNITS];
	uint8_t bytes[MOST_UNITS][AT_DATA_SIZE];
};

static void keep(const struct at_unit *unit, void *context)
{
	struct seen *seen = context;

	cr_assert_lt(seen->count, MOST_UNITS);
	if (unit->length > 0)
		memcpy(seen->bytes[seen->count], unit->bytes, unit->length);
	seen->units[seen->count++] = *unit;
}

static struct seen seen;
static struct at_framer framer;

static void read_all(const uint8_t *bytes, size_t size)
{
	seen.count = 0;
	at_framer_init(&framer);
	at_framer_feed(&framer, bytes, size, keep, &seen);
}

static void expect_unit(int index, enum at_unit_kind kind, const char *bytes)
{
	cr_assert_lt(index, seen.count);
	const struct at_unit *unit = &seen.units[index];
	cr_assert_eq(unit->kind, kind, "unit %d is of kind %d", index, unit->kind);
	cr_assert_eq(unit->length, strlen(bytes), "unit %d has %zu bytes", index, unit->length);
	cr_assert_arr_eq(seen.bytes[index], bytes, unit->length);
}

Test(at_framer, any_run_of_cr_and_lf_is_one_separator)
{
	read_all(BYTES("\r\n\r\r\none\r\ntwo\rthree\n\n"));
	cr_assert_eq(seen.count, 3);
	expect_unit(0, AT_UNIT_LINE, "one");
	expect_unit(1, AT_UNIT_LINE, "two");
	expect_unit(2, AT_UNIT_LINE, "three");
}

Test(at_framer, the_offset_counts_the_byte_that_completed_the_unit)
{
	read_all(BYTES("\r\none\r\n" ESC "Z10002hi" ESC "O"));
	cr_assert_eq(seen.count, 3);
	cr_assert_eq(seen.units[0].offset, 6);
	cr_assert_eq(seen.units[1].offset, 7 + 9);
	cr_assert_eq(seen.units[2].offset, 7 + 9 + 2);
}

Test(at_framer, a_bulk_frame_ends_where_its_length_says)
{
	read_all(BYTES(ESC "Zf0004" ESC "Eab" ESC "ZF0000" ESC "Z10001\n"));
	cr_assert_eq(seen.count, 3);
	expect_unit(0, AT_UNIT_BULK, ESC "Eab");
	expect_unit(1, AT_UNIT_BULK, "");
	expect_unit(2, AT_UNIT_BULK, "\n");
	cr_assert_eq(seen.units[0].cid, 15);
	cr_assert_eq(seen.units[1].cid, 15);
	cr_assert_eq(seen.units[2].cid, 1);
}

Test(at_framer, a_stream_frame_ends_at_esc_e_and_a_doubled_esc_is_one)
{
	read_all(BYTES(ESC "S3a" ESC ESC "b" ESC "cE" ESC "E"));
	cr_assert_eq(seen.count, 1);
	expect_unit(0, AT_UNIT_STREAM, "a" ESC "b" ESC "cE");
	cr_assert_eq(seen.units[0].cid, 3);
}

Test(at_framer, a_datagram_tells_its_sender)
{
	read_all(BYTES(ESC "y2192.0.2.17 40001\t0005hello"));
	cr_assert_eq(seen.count, 1);
	expect_unit(0, AT_UNIT_DATAGRAM, "hello");
	cr_assert_eq(seen.units[0].cid, 2);
	cr_assert_arr_eq(seen.units[0].address, "\xc0\x00\x02\x11", 4);
	cr_assert_eq(seen.units[0].port, 40001);
	cr_assert_eq(seen.units[0].header_length, 24);
}

Test(at_framer, an_esc_that_begins_no_frame_belongs_to_the_line)
{
	static const char *const lines[] = {ESC "x1", ESC "Zg0001", ESC "Z1000a", ESC "y1256.0.0.1",
		ESC "y11.2.3 ", ESC "y1.2.3.4 1\t", ESC "y01.2.3.4.5", ESC "y01.2.3.4 65536\t",
		ESC "y01.2.3.4 \t0001a", ESC "y01 2.3.4 5\t0001a", ESC "y00001.2.3.4 5\t0001a",
		ESC "y01.2.3.4 000005\t0001a", "x" ESC "E", ESC};
	char text[64];

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		snprintf(text, sizeof text, "%s\r\n", lines[i]);
		read_all((const uint8_t *)text, strlen(text));
		cr_assert_eq(seen.count, 1, "line %zu", i);
		expect_unit(0, AT_UNIT_LINE, lines[i]);
	}
}

Test(at_framer, a_frame_can_begin_where_another_turned_out_to_be_none)
{
	read_all(BYTES(ESC "Z1" ESC "Z20001a" ESC ESC "F\r\n"));
	cr_assert_eq(seen.count, 3);
	expect_unit(0, AT_UNIT_BULK, "a");
	expect_unit(1, AT_UNIT_ESC_FAIL, "");
	expect_unit(2, AT_UNIT_LINE, ESC "Z1" ESC);
}

Test(at_framer, a_line_that_is_too_long_is_cut_and_marked)
{
	static uint8_t bytes[AT_LINE_SIZE + 1];

	memset(bytes, 'x', sizeof bytes);
	bytes[AT_LINE_SIZE - 1] = '\n'; /* the longest that fits */
	read_all(bytes, AT_LINE_SIZE);
	cr_assert_eq(seen.units[0].length, AT_LINE_SIZE - 1);
	cr_assert_not(seen.units[0].truncated);

	bytes[AT_LINE_SIZE - 1] = 'x';
	bytes[AT_LINE_SIZE] = '\n';
	read_all(bytes, sizeof bytes);
	cr_assert_eq(seen.units[0].length, AT_LINE_SIZE - 1);
	cr_assert(seen.units[0].truncated);

	at_framer_feed(&framer, BYTES("next\n"), keep, &seen);
	expect_unit(1, AT_UNIT_LINE, "next");
	cr_assert_not(seen.units[1].truncated);
}

Test(at_framer, a_stream_that_is_too_long_is_cut_and_marked)
{
	static uint8_t bytes[AT_DATA_SIZE + 6];

	memset(bytes, 'x', sizeof bytes);
	memcpy(bytes, ESC "S0", 3);
	memcpy(bytes + sizeof bytes - 2, ESC "E", 2);
	read_all(bytes, sizeof bytes);
	cr_assert_eq(seen.count, 1);
	cr_assert_eq(seen.units[0].length, AT_DATA_SIZE);
	cr_assert(seen.units[0].truncated);
}

Test(at_framer, the_longest_bulk_frame_fits)
{
	static uint8_t bytes[7 + 9999];

	memcpy(bytes, ESC "Z09999", 7);
	read_all(bytes, sizeof bytes);
	cr_assert_eq(seen.count, 1);
	cr_assert_eq(seen.units[0].length, 9999);
	cr_assert_not(seen.units[0].truncated);
}

Test(at_framer, nul_bytes_between_lines_are_noise_and_in_data_are_data)
{
	static const uint8_t bytes[] = "\0\r\n\0[O\0K]\r\n" ESC "Z10002\0a";

	read_all(bytes, sizeof bytes - 1);
	cr_assert_eq(seen.count, 2);
	expect_unit(0, AT_UNIT_LINE, "[OK]");
	cr_assert_eq(seen.units[1].length, 2);
	cr_assert_arr_eq(seen.bytes[1], "\0a", 2);
}

Test(at_framer, flushing_gives_up_a_frame_and_the_line_around_it)
{
	read_all(BYTES("[O" ESC "Z10008abc"));
	cr_assert_eq(seen.count, 0);
	at_framer_flush(&framer, keep, &seen);
	cr_assert_eq(seen.count, 2);
	expect_unit(0, AT_UNIT_BULK, "abc");
	expect_unit(1, AT_UNIT_LINE, "[O");
	cr_assert(seen.units[0].truncated && seen.units[1].truncated);

	at_framer_feed(&framer, BYTES("[OK]\n"), keep, &seen);
	expect_unit(2, AT_UNIT_LINE, "[OK]");
	cr_assert_eq(seen.units[2].offset, 17);
}

Test(at_framer, flushing_an_unfinished_header_gives_it_back_as_text)
{
	read_all(BYTES(ESC "y1192.0.2."));
	at_framer_flush(&framer, keep, &seen);
	cr_assert_eq(seen.count, 1);
	expect_unit(0, AT_UNIT_LINE, ESC "y1192.0.2.");
	at_framer_flush(&framer, keep, &seen);
	cr_assert_eq(seen.count, 1);
}
