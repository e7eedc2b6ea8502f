/* SPDX-License-Identifier: MIT */
#include "bench/places.h"

#include <criterion/criterion.h>

static struct places two_modules(int spares)
{
	return (struct places){
		.at = {{.room = 16}, {.room = 16}}, .spares = spares, .has_spares = spares > 0};
}

Test(places, a_module_is_shared_as_long_as_it_has_cids)
{
	struct places places = two_modules(1);
	const struct claims ten = {.cids = 10}, six = {.cids = 6}, one = {.cids = 1};

	places_enter(&places, 0, &ten, false);
	cr_expect(places_have_room(&places, 0, &six));
	places_enter(&places, 0, &six, false);
	cr_expect_not(places_have_room(&places, 0, &one));
	cr_expect(places_have_room(&places, 1, &one));
}

Test(places, who_bears_nobody_has_the_module_alone)
{
	struct places places = two_modules(1);
	const struct claims one = {.cids = 1}, alone = {.cids = 1, .sharing = SHARING_NONE};

	places_enter(&places, 0, &alone, true);
	cr_expect_not(places_have_room(&places, 0, &one));
	places_enter(&places, 1, &one, false);
	cr_expect_not(places_have_room(&places, 1, &alone));
	cr_expect_eq(claims_turn(&alone), TURN_LAST);
	cr_expect_eq(claims_turn(&one), TURN_SHARED);
}

Test(places, who_begins_alone_waits_for_an_empty_module_and_is_first)
{
	struct places places = two_modules(1);
	const struct claims one = {.cids = 1}, later = {.cids = 1, .sharing = SHARING_LATER};

	places_enter(&places, 0, &one, false);
	cr_expect_not(places_have_room(&places, 0, &later));
	places_enter(&places, 1, &later, false);
	cr_expect(places_have_room(&places, 1, &one));
	cr_expect_eq(claims_turn(&later), TURN_FIRST);
}

Test(places, the_access_point_is_that_of_all_modules)
{
	struct places places = two_modules(1);
	const struct claims one = {.cids = 1},
			    access_point = {
				    .cids = 2, .sharing = SHARING_NONE, .access_point = true};

	cr_expect_eq(claims_turn(&access_point), TURN_FIRST);
	cr_expect(places_have_room(&places, 1, &access_point));
	places_enter(&places, 0, &one, false);
	cr_expect_not(places_have_room(&places, 1, &access_point));
	places = two_modules(1);
	places_enter(&places, 0, &access_point, true);
	cr_expect_not(places_have_room(&places, 1, &one));
}

Test(places, a_spare_address_is_one_session_s_on_all_modules)
{
	struct places places = two_modules(1), without = two_modules(0);
	const struct claims spare = {.cids = 1, .spare_address = true};

	places_enter(&places, 0, &spare, false);
	cr_expect_not(places_have_room(&places, 1, &spare));
	/* Where there is none the case says so itself. */
	cr_expect(places_have_room(&without, 1, &spare));
}

Test(places, who_opens_later_and_who_names_a_dead_cid_wait_for_each_other)
{
	struct places places = two_modules(1);
	const struct claims opens = {.cids = 1, .opens_later = true},
			    names = {.cids = 1, .names_dead_cid = true};

	places_enter(&places, 0, &opens, false);
	places_enter(&places, 1, &names, false);
	cr_expect_not(places_have_room(&places, 0, &names));
	cr_expect_not(places_have_room(&places, 1, &opens));
	cr_expect(places_have_room(&places, 0, &opens));
	cr_expect(places_have_room(&places, 1, &names));
}
