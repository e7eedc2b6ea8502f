/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "wire/address_set.h"

Test(address_set, an_address_keeps_its_number_and_another_gets_the_next)
{
	struct address_set set = {.addresses = NULL};
	const uint32_t many = 10000;
	uint32_t number;

	for (int round = 0; round < 2; round++)
		for (uint32_t i = 0; i < many; i++) {
			const uint8_t address[16] = {
				0x20, 1, [8] = (uint8_t)(i >> 8), [15] = (uint8_t)i};
			cr_assert_eq(address_set_add(&set, address, &number), 0);
			cr_assert_eq(number, i);
			cr_assert_eq(set.addresses[number][15], (uint8_t)i);
		}
	cr_assert_eq(set.count, many);
	address_set_release(&set);
}
