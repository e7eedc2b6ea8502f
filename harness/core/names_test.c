/* SPDX-License-Identifier: MIT */
#include "core/names.h"

#include <criterion/criterion.h>

static const char *const colours[] = {"red", "green", "blue"};

Test(names, each_leads_to_its_value)
{
	cr_expect_eq(names_find(NAMES(colours), "red"), 0);
	cr_expect_eq(names_find(NAMES(colours), "blue"), 2);
}

Test(names, one_that_is_not_there_leads_to_none)
{
	cr_expect_eq(names_find(NAMES(colours), "gre"), -1);
	cr_expect_eq(names_find(NAMES(colours), "greener"), -1);
	cr_expect_eq(names_find(NAMES(colours), ""), -1);
	cr_expect_eq(names_find(NAMES(colours), NULL), -1);
}
