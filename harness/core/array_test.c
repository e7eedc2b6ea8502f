/* SPDX-License-Identifier: MIT */
#include "core/array.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>

struct numbers {
	int *values;
	size_t count;
};

static void add(struct numbers *numbers, int value)
{
	int *added = array_add(&numbers->values, &numbers->count, sizeof *numbers->values);

	cr_assert_not_null(added);
	cr_expect_eq(*added, 0, "a new element is zeroed");
	*added = value;
}

TestSuite(array);

Test(array, keeps_all_that_was_added_in_its_order)
{
	struct numbers numbers = {0};

	for (int i = 0; i < 1000; i++)
		add(&numbers, i + 1);
	cr_assert_eq(numbers.count, 1000);
	for (int i = 0; i < 1000; i++)
		cr_assert_eq(numbers.values[i], i + 1);
	free(numbers.values);
}

Test(array, may_be_made_shorter_and_grow_again)
{
	for (size_t shorter = 0; shorter <= 20; shorter++) {
		struct numbers numbers = {0};
		for (int i = 0; i < 20; i++)
			add(&numbers, i + 1);
		numbers.count = shorter;
		for (int i = 0; i < 40; i++)
			add(&numbers, 100 + i);
		cr_assert_eq(numbers.count, shorter + 40);
		for (size_t i = 0; i < numbers.count; i++)
			cr_assert_eq(numbers.values[i],
				i < shorter ? (int)i + 1 : 100 + (int)(i - shorter));
		free(numbers.values);
	}
}

Test(array, is_as_it_was_when_there_is_no_memory)
{
	struct numbers numbers = {0};
	size_t too_large = SIZE_MAX / 4 + 1;

	add(&numbers, 7);
	cr_expect_null(array_add(&numbers.values, &numbers.count, too_large));
	cr_expect_eq(numbers.count, 1);
	cr_expect_eq(numbers.values[0], 7);
	free(numbers.values);
}

Test(array, has_the_room_that_is_wanted_and_keeps_what_was_there)
{
	struct numbers numbers = {0};
	size_t room = 0;

	cr_assert_eq(array_reserve(&numbers.values, &room, 0, sizeof *numbers.values), 0);
	cr_expect_null(numbers.values, "nothing is wanted");
	cr_assert_eq(array_reserve(&numbers.values, &room, 3, sizeof *numbers.values), 0);
	cr_expect_eq(room, 3);
	for (int i = 0; i < 3; i++)
		numbers.values[i] = i;
	cr_assert_eq(array_reserve(&numbers.values, &room, 4, sizeof *numbers.values), 0);
	cr_expect_eq(room, 6, "it doubles");
	cr_assert_eq(array_reserve(&numbers.values, &room, 100, sizeof *numbers.values), 0);
	cr_expect_eq(room, 100);
	cr_assert_eq(array_reserve(&numbers.values, &room, 100, sizeof *numbers.values), 0);
	cr_expect_eq(room, 100);
	for (int i = 0; i < 3; i++)
		cr_expect_eq(numbers.values[i], i);
	cr_expect_eq(
		array_reserve(&numbers.values, &room, SIZE_MAX / 4, sizeof *numbers.values), -1);
	cr_expect_eq(room, 100);
	free(numbers.values);
}
