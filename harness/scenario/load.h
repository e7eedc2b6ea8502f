/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_SCENARIO_LOAD_H
#define WIZHIL_SCENARIO_LOAD_H

#include <jansson.h>

#include "scenario/scenario.h"

/* What scenarios take of a module, one after the other, on a healthy device. */
struct scenario_load {
	int cids; /* of the largest */
	int commands;
	int drives;
	bool begins_alone;     /* on a module where nobody else is */
	bool needs_limited_ap; /* a module that is the access point */
	/* See leases.h. */
	bool access_point, spare_address, opens_later, names_dead_cid;
	/* From then on, in ns after the begin, nobody beside it opens a connection, until then; both 0:
	 * all may. */
	int64_t opens_held_ns, opens_free_ns;
	int64_t expected_ns;
	int64_t alone_ns;  /* of it: with nobody else on the module */
	int64_t cid_ns;	   /* CIDs x time */
	int64_t module_ns; /* for which a module is busy with it: alone, or its share of 16 CIDs */
};

void scenario_load_add(struct scenario_load *load, const struct scenario *s);

/* {expected_s, exclusive, cids, cid_s, alone_s, module_s, begins_alone, commands, access_point,
 * spare_address, opens_later, names_dead_cid, opens_held_s, opens_free_s,
 * needs_limited_ap}: what a list of cases says of it. */
json_t *scenario_load_json(const struct scenario_load *load);

#endif
