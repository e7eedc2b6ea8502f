/* SPDX-License-Identifier: MIT */
#include "report/text/text.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static char *put(enum text_form form, const char *text)
{
	char *all = NULL;
	size_t size;
	FILE *stream = open_memstream(&all, &size);

	text_put(stream, form, text);
	fclose(stream);
	return all;
}

Test(text, is_no_formula_in_a_spreadsheet)
{
	char *text = put(TEXT_CSV, "=cmd|'/C calc'!\"A0\"\n");

	cr_expect_str_eq(text, "'=cmd|'/C calc'!\"\"A0\"\" ");
	free(text);
}

Test(text, shows_what_is_no_utf8_as_hexadecimal)
{
	char *text = put(TEXT_LINE, "a\xff"
				    "b\xc3\xa4\xed\xa0\x80\xf0\x9f");

	cr_expect_str_eq(text, "a\\xffb\xc3\xa4\\xed\\xa0\\x80\\xf0\\x9f");
	free(text);
}

Test(text, takes_no_overlong_form_for_a_character)
{
	char *text = put(TEXT_LINE, "\xc0\xbc\xe0\x80\xbc");

	cr_expect_str_eq(text, "\\xc0\\xbc\\xe0\\x80\\xbc");
	free(text);
}

Test(text, shows_what_turns_the_direction_of_writing)
{
	char *text = put(TEXT_ATTRIBUTE, "\xe2\x80\xae<\t>");

	cr_expect_str_eq(text, "\\u{202e}&lt; &gt;");
	free(text);
}

Test(text, wraps_between_words_and_breaks_none)
{
	char *all = NULL;
	size_t size;
	FILE *stream = open_memstream(&all, &size);

	text_wrap(stream, "one two threefourfivesix seven", 2, 12);
	fclose(stream);
	cr_expect_str_eq(all, "one two\n  threefourfivesix\n  seven\n");
	free(all);
}
