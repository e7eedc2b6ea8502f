/* SPDX-License-Identifier: MIT */
#include "core/edit_distance.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(edit_distance);

Test(edit_distance, counts_what_is_inserted_deleted_and_replaced)
{
	cr_expect_eq(edit_distance("port", "port"), 0);
	cr_expect_eq(edit_distance("prt", "port"), 1);
	cr_expect_eq(edit_distance("ports", "port"), 1);
	cr_expect_eq(edit_distance("part", "port"), 1);
	cr_expect_eq(edit_distance("opt", "port"), 2);
	cr_expect_eq(edit_distance("kitten", "sitting"), 3);
}

Test(edit_distance, from_and_to_nothing_is_the_length)
{
	cr_expect_eq(edit_distance("", "port"), 4);
	cr_expect_eq(edit_distance("port", ""), 4);
	cr_expect_eq(edit_distance("", ""), 0);
}

Test(edit_distance, of_a_long_name_the_first_63_octets_count)
{
	char name[101];

	memset(name, 'a', 100);
	name[100] = '\0';
	cr_expect_eq(edit_distance("", name), 63);
	cr_expect_eq(edit_distance(name, "a"), 99);
}

static const char *word_of(const void *context, size_t i)
{
	return ((const char *const *)context)[i];
}

Test(edit_distance, suggests_the_nearest_word_within_two_edits)
{
	static const char *const words[] = {"port", "report", "on", NULL};
	static const struct {
		const char *text, *suggested;
	} cases[] = {
		{"prot", " (did you mean 'port'?)"},
		{"reports", " (did you mean 'report'?)"},
		{"up", ""},
		{"prxyt", ""},
		{"", ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		cr_expect_str_eq(suggest(cases[i].text, word_of, words).text, cases[i].suggested);
}
