/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "uart/at_data_mode.h"

/* The bytes, those of lines in upper case; fed in pieces of 'piece'. */
static void expect_split(enum at_data_mode_state state, const char *said, const char *expected)
{
	for (size_t piece = 1; piece <= strlen(said); piece++) {
		enum at_data_mode_state now = state;
		char seen[128] = "";
		size_t used = 0;
		for (size_t from = 0; from < strlen(said); from += piece) {
			size_t size = strlen(said) - from < piece ? strlen(said) - from : piece;
			for (size_t done = 0; done < size;) {
				bool is_data;
				const uint8_t *at = (const uint8_t *)said + from + done;
				size_t length = at_data_mode_split(&now, at, size - done, &is_data);
				for (size_t i = 0; i < length; i++)
					seen[used++] = is_data ? 'd' : 'l';
				done += length;
			}
		}
		cr_expect_str_eq(seen, expected, "in pieces of %zu", piece);
	}
}

Test(at_data_mode, what_is_no_line_is_data)
{
	expect_split(AT_DATA_MODE_DATA, "abc[d]", "dddddd");
}

Test(at_data_mode, a_line_between_data_is_told_apart)
{
	expect_split(AT_DATA_MODE_DATA, "ab\r\n[OK]\r\ncd", "ddlllllllldd");
}

Test(at_data_mode, two_lines_have_no_data_in_between)
{
	expect_split(AT_DATA_MODE_DATA, "\r\n8 1\r\n\r\n8 2\r\nx", "lllllllllllllld");
}

Test(at_data_mode, the_rest_of_the_answer_that_began_it_is_no_data)
{
	expect_split(AT_DATA_MODE_BEHIND_ANSWER, "\nab", "ldd");
	expect_split(AT_DATA_MODE_BEHIND_ANSWER, "ab", "dd");
}
