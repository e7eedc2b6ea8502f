/* SPDX-License-Identifier: MIT */
#include "core/text_alike.h"

#include <criterion/criterion.h>

Test(text_alike, sentences_that_differ_in_numbers_and_quotations_only)
{
	cr_expect(text_is_alike("gap 3 is 60.00 s", "gap 12 is 61.2 s"));
	cr_expect(text_is_alike("not associated after 'a/b'", "not associated after 'c/d 7'"));
	cr_expect(text_is_alike("still shows CID 1 after it", "still shows CID b after it"));
	cr_expect(text_is_alike("", ""));
}

Test(text_alike, not_those_that_differ_in_words)
{
	cr_expect_not(text_is_alike("gap 3 is 60 s", "gap 3 was 60 s"));
	cr_expect_not(text_is_alike("gap 3", "gap 3 s"));
	cr_expect_not(text_is_alike("after 'a'", "after 7"));
	cr_expect_not(text_is_alike("after 7", "after 'a'"));
	cr_expect_not(text_is_alike("no. 3", "no.3"));
	cr_expect_not(text_is_alike("CID b", "CID of a"));
	cr_expect_not(text_is_alike("an 'open quotation", "an 'other one"));
}
