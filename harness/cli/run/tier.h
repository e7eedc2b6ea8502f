/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_TIER_H
#define WIZHIL_CLI_TIER_H

#include <jansson.h>

struct error;

/*
 * Tiers of cases, by the time that they take on a healthy device, and what a run takes on the real
 * clock.  Cases are entries of the list, see read_case_list().
 */

enum tier {
	TIER_QUICK,    /* below 400 s */
	TIER_STANDARD, /* below 1300 s */
	TIER_LONG,     /* more: on the real clock only when asked for */
	TIER_COUNT
};

enum tier case_tier(const json_t *entry);

/* For how long the case keeps a module busy, in seconds: all of it where it runs alone, else its
 * share of 16 CIDs. */
double case_module_s(const json_t *entry);

/* "quick", "standard", "long". */
const char *tier_name(enum tier tier);

/* -1 with err set (ERROR_USAGE) when there is no such tier. */
int tier_parse(const char *name, enum tier *tier, struct error *err);

/* The cases of the tier and of those below it; the caller's reference. */
json_t *cases_up_to(const json_t *cases, enum tier tier);

/* What a run on the real clock takes, in seconds and without the device's bring-up: the cases that
 * share a device as the bench admits them, longest first on 16 CIDs each, then those that want it
 * alone, one after the other.  Each is driven 'repeat' times, again once it has ended; an entry
 * may say that so many are left of it ("drives"), and so many seconds of the one that runs
 * ("left_s"). */
struct estimate {
	double shared_s;    /* of the cases that share */
	double bound_s;	    /* the least that these can take: the longest, or CID-seconds / 16 */
	double exclusive_s; /* of the others */
	size_t exclusive;   /* how many these are */
};
/* -1 with err set when out of memory. */
int estimate_run(
	const json_t *cases, int repeat, int devices, struct estimate *estimate, struct error *err);

#endif
