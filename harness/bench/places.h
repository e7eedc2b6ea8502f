/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_PLACES_H
#define WIZHIL_BENCH_PLACES_H

#include <stdbool.h>

#include "scenario/leases.h"

/*
 * Who may come to a module beside whom, and in which turn: the rules alone, without modules and their
 * time, for the bench (bench/admission.h) and for the estimate of a run (cli/run/estimate.h).
 */

/* As many modules as a run, or the shards of one, may have. */
enum { PLACES = 256 };

/* What a session does not share, see scenario/leases.h. */
struct claims {
	enum sharing sharing;
	int cids;
	bool access_point, spare_address, opens_later, names_dead_cid;
};
struct claims claims_of(const struct scenario *scenario);

/* What is free of a module, and who is there. */
struct place {
	int room; /* CIDs; 0 or less while somebody has it alone */
	int sessions;
	bool opens_later, names_dead_cid; /* somebody does */
};

struct places {
	struct place at[PLACES];
	int sessions; /* on all of them */
	int spares;   /* free addresses; what needs one goes anywhere where there are none at all */
	bool has_spares;
	bool access_point; /* it is in use */
};

/* A session is on the module; bears_nobody: beside itself, now. */
void places_enter(
	struct places *places, int module, const struct claims *claims, bool bears_nobody);

/* Is there room for one more, who gets on with all who are there?  Who opens connections at times of
 * its own, and who must not be opened beside at some time, wait for each other. */
bool places_have_room(const struct places *places, int module, const struct claims *claims);

/* Who is admitted before whom.  What wants a module alone waits until nobody waits who can share it.
 * What begins alone and shares then, and what works the access point of all, is first: nobody is
 * there yet. */
enum turn { TURN_FIRST, TURN_SHARED, TURN_LAST, TURNS };
enum turn claims_turn(const struct claims *claims);

#endif
