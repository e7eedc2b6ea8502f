/* SPDX-License-Identifier: MIT */
#include "uart/transcript_read.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/units.h"

struct seen {
	int count;
	struct transcript_line last;
	uint8_t bytes[64];
};

static void see(const struct transcript_line *line, void *context)
{
	struct seen *seen = context;

	seen->count++;
	seen->last = *line;
	memcpy(seen->bytes, line->bytes, line->length < 64 ? line->length : 64);
}

static struct seen read_text(const char *text)
{
	struct seen seen = {0};

	transcript_read((const uint8_t *)text, strlen(text), see, &seen);
	return seen;
}

Test(transcript_read, a_line_has_time_direction_and_octets)
{
	struct seen seen = read_text("# a remark\n+ 12.345678 > AT\\r\nnothing of the kind\n");

	cr_assert_eq(seen.count, 1);
	cr_assert_eq(seen.last.t_ns, 12 * NS_PER_S + 345678 * NS_PER_US);
	cr_assert_eq(seen.last.direction, TO_MODULE);
	cr_assert_eq(seen.last.length, 3);
	cr_assert_eq(memcmp(seen.bytes, "AT\r", 3), 0);
	cr_assert_not(seen.last.is_frame);
}

Test(transcript_read, escapes_are_undone_and_frames_known)
{
	struct seen seen = read_text("+ 0.000001 < \\eZ0\\x00\\\\\n");

	cr_assert_eq(seen.count, 1);
	cr_assert_eq(seen.last.direction, FROM_MODULE);
	cr_assert(seen.last.is_frame);
	cr_assert_eq(seen.last.length, 5);
	cr_assert_eq(memcmp(seen.bytes, "\x1bZ0\0\\", 5), 0);
}

Test(transcript_read, the_first_line_that_is_no_remark_tells_a_transcript)
{
	static const char yes[] = "# a\n\n+ 1.000000 < [OK]\n",
			  no[] = "# a\n[OK]\n+ 1.000000 < x\n";

	cr_assert(transcript_is((const uint8_t *)yes, sizeof yes - 1));
	cr_assert_not(transcript_is((const uint8_t *)no, sizeof no - 1));
	cr_assert_not(transcript_is((const uint8_t *)"# a", 3));
}

Test(transcript_read, a_last_line_without_an_end_counts)
{
	cr_assert_eq(read_text("+ 1.000000 < a\n+ 2.000000 < b").count, 2);
}
