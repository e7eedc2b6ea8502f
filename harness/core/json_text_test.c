/* SPDX-License-Identifier: MIT */
#include "core/json_text.h"

#include <criterion/criterion.h>

static void expect_text(const char *text, const char *expected)
{
	json_t *json = json_text(text);

	cr_assert_not_null(json);
	cr_expect_str_eq(json_string_value(json), expected);
	json_decref(json);
}

Test(json_text, keeps_utf8_as_it_is)
{
	expect_text("S2W \xc3\xa4 \xf0\x9f\x98\x80 \x1b\n", "S2W \xc3\xa4 \xf0\x9f\x98\x80 \x1b\n");
}

Test(json_text, writes_octets_that_are_no_utf8_as_hexadecimal)
{
	expect_text("a\xff"
		    "b\xc3(\x80",
		"a\\xffb\\xc3(\\x80");
}

Test(json_text, takes_no_half_character_at_the_end)
{
	expect_text("a\xe2\x82", "a\\xe2\\x82");
}

Test(json_text, takes_no_surrogate_and_no_overlong_form)
{
	expect_text("\xed\xa0\x80\xc0\xaf", "\\xed\\xa0\\x80\\xc0\\xaf");
}
