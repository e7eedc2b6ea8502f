/* SPDX-License-Identifier: MIT */
#include "core/text_buffer.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(text_buffer);

Test(text_buffer, begins_empty_and_terminated)
{
	char text[8] = "rubbish";
	struct text_buffer buffer = text_buffer(text, sizeof text);

	cr_expect_str_eq(text, "");
	cr_expect_eq(buffer.length, 0);
	cr_expect_not(buffer.cut);
}

Test(text_buffer, adds_behind_what_is_there)
{
	char text[16];
	struct text_buffer buffer = text_buffer(text, sizeof text);

	text_add(&buffer, "%d", 75);
	text_add(&buffer, " %s", "s");
	cr_expect_str_eq(text, "75 s");
	cr_expect_eq(buffer.length, 4);
	cr_expect_not(buffer.cut);
}

Test(text_buffer, takes_what_just_fits_whole)
{
	char text[5];
	struct text_buffer buffer = text_buffer(text, sizeof text);

	text_add(&buffer, "abcd");
	cr_expect_str_eq(text, "abcd");
	cr_expect_not(buffer.cut);
	text_add(&buffer, "%s", "");
	cr_expect_not(buffer.cut);
}

Test(text_buffer, cuts_what_does_not_fit_says_so_and_adds_no_more)
{
	char memory[7] = "......";
	struct text_buffer buffer = text_buffer(memory, 5);

	text_add(&buffer, "abc");
	text_add(&buffer, "def");
	cr_expect_str_eq(memory, "abcd");
	cr_expect_eq(buffer.length, 4);
	cr_expect(buffer.cut);
	text_add(&buffer, "%s", "");
	text_add(&buffer, "g");
	cr_expect_str_eq(memory, "abcd");
	cr_expect_eq(memory[5], '.', "nothing is written behind the end");
}

Test(text_buffer, a_cut_text_stays_as_it_is_even_if_a_shorter_one_would_fit)
{
	char text[4];
	struct text_buffer buffer = text_buffer(text, sizeof text);

	text_add(&buffer, "abcdef");
	cr_expect_str_eq(text, "abc");
	text_add_item(&buffer, "x");
	cr_expect_str_eq(text, "abc");
}

Test(text_buffer, has_commas_between_the_items_of_a_list_only)
{
	char text[32];
	struct text_buffer buffer = text_buffer(text, sizeof text);

	text_add_item(&buffer, "A");
	cr_expect_str_eq(text, "A");
	text_add_item(&buffer, "A-%s", "tick");
	text_add_item(&buffer, "B");
	cr_expect_str_eq(text, "A, A-tick, B");
}

Test(text_buffer, goes_on_behind_a_text_that_is_there)
{
	char text[8] = "abc";
	struct text_buffer buffer = text_buffer_behind(text, sizeof text);

	text_add(&buffer, "de");
	cr_expect_str_eq(text, "abcde");
	cr_expect_eq(buffer.length, 5);
}

Test(text_buffer, what_is_too_long_keeps_both_its_ends)
{
	char text[16];

	text_fit(text, sizeof text, "it fits: 15 char");
	cr_expect_str_eq(text, "it fit...5 char");
	text_fit(text, sizeof text, "it fits: 15 cha");
	cr_expect_str_eq(text, "it fits: 15 cha");
	text_fit(text, sizeof text, "");
	cr_expect_str_eq(text, "");
}
