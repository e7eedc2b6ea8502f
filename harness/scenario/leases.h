/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_SCENARIO_LEASES_H
#define WIZHIL_SCENARIO_LEASES_H

#include <stdbool.h>

#include "scenario/scenario.h"

/*
 * What a session does not share while it lasts, as follows from what its scenario does: CIDs
 * (scenario_cids()), a spare address (scenario_uses_spare_address()), the access point of all
 * devices (scenario_uses_access_point()), and of its module what is said here.
 */

/* Whom it bears beside itself on its module. */
enum sharing {
	SHARING_ANY,
	SHARING_LATER, /* nobody before second 0: its setup names CIDs that may be anybody's */
	SHARING_NONE   /* it takes all CIDs, or the UART; or it says so itself */
};
enum sharing scenario_sharing(const struct scenario *s);

/* Does the step name a CID whose connection is dead by then?  While such a step is to come nobody
 * else may open a connection, who might be given the number. */
bool step_names_dead_cid(const struct scenario *s, const struct step *step);
bool scenario_names_dead_cid(const struct scenario *s);

/* Does it open a connection after its setup, at a time that is its own? */
bool scenario_opens_later(const struct scenario *s);

#endif
