/* SPDX-License-Identifier: MIT */
#include "bench/places.h"

#include "scenario/scenario.h"

struct claims claims_of(const struct scenario *scenario)
{
	return (struct claims){.sharing = scenario_sharing(scenario),
		.cids = scenario_cids(scenario),
		.access_point = scenario_breaks_link(scenario),
		.spare_address = scenario_uses_spare_address(scenario),
		.opens_later = scenario_opens_later(scenario),
		.names_dead_cid = scenario_names_dead_cid(scenario)};
}

void places_enter(struct places *places, int module, const struct claims *claims, bool bears_nobody)
{
	struct place *place = &places->at[module];

	places->sessions++;
	places->access_point |= claims->access_point;
	places->spares -= claims->spare_address;
	place->sessions++;
	place->opens_later |= claims->opens_later;
	place->names_dead_cid |= claims->names_dead_cid;
	place->room -= bears_nobody ? SCENARIO_CONNECTIONS : claims->cids;
}

bool places_have_room(const struct places *places, int module, const struct claims *claims)
{
	const struct place *place = &places->at[module];

	/* The access point is everybody's. */
	if (places->access_point || (claims->access_point && places->sessions > 0))
		return false;
	if (claims->spare_address && places->has_spares && places->spares <= 0)
		return false;
	return place->room >= claims->cids &&
	       (claims->sharing == SHARING_ANY || place->sessions == 0) &&
	       !(claims->opens_later && place->names_dead_cid) &&
	       !(claims->names_dead_cid && place->opens_later);
}

enum turn claims_turn(const struct claims *claims)
{
	if (claims->sharing == SHARING_LATER || claims->access_point)
		return TURN_FIRST;
	return claims->sharing == SHARING_NONE ? TURN_LAST : TURN_SHARED;
}
