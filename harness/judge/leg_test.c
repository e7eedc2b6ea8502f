/* SPDX-License-Identifier: MIT */
#include "judge/leg.h"

#include <criterion/criterion.h>

Test(leg, has_a_name_that_leads_back_to_it)
{
	for (int kind = 0; kind < LEG_KINDS; kind++) {
		const struct leg_id leg = {(enum leg_kind)kind, kind == LEG_GAP ? 12 : 0};
		struct leg_id found;
		cr_expect(leg_find(leg_name(leg).text, &found), "%s", leg_name(leg).text);
		cr_expect(leg_is(leg, found), "%s", leg_name(leg).text);
	}
	cr_expect_str_eq(leg_name(LEG_NTH_GAP(12)).text, "gap 12");
}

Test(leg, is_not_another_one)
{
	const struct leg_id third = {LEG_GAP, 3};

	cr_expect_not(leg_is(third, LEG_NTH_GAP(4)));
	cr_expect_not(leg_is(third, (struct leg_id){LEG_DEATH, 3}));
}

Test(leg, is_not_found_by_a_name_that_nothing_has)
{
	static const char *const names[] = {"", "gap 0", "gap -1", "gap 03", "gap 3 ", "gap 3x",
		"deaths", "gap 99999999999999999999", "RST to end", "death 2"};
	struct leg_id leg;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		cr_expect_not(leg_find(names[i], &leg), "'%s'", names[i]);
}

Test(leg, ends_on_the_uart_if_a_notice_ends_it)
{
	cr_expect(leg_ends_on_uart(LEG_WIRE_TO_NOTICE));
	cr_expect(leg_ends_on_uart(LEG_PEER_END_TO_NOTICE));
	cr_expect_not(leg_ends_on_uart(LEG_DEATH));
	cr_expect_not(leg_ends_on_uart(LEG_LAST_PROBE_TO_DEATH));
}
