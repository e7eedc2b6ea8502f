/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_TIER_H
#define WIZHIL_CLI_TIER_H

#include <jansson.h>

struct error;

/*
 * Tiers of cases, by the time that they take on a healthy device.  Cases are entries of the list, see read_case_list().
 */

enum tier {
	TIER_QUICK,    /* below 400 s */
	TIER_STANDARD, /* below 1300 s */
	TIER_LONG,     /* more: on the real clock only when asked for */
	TIER_COUNT
};

enum tier case_tier(const json_t *entry);

/* "quick", "standard", "long". */
const char *tier_name(enum tier tier);

/* -1 with err set (ERROR_USAGE) when there is no such tier. */
int tier_parse(const char *name, enum tier *tier, struct error *err);

/* The cases of the tier and of those below it; the caller's reference. */
json_t *cases_up_to(const json_t *cases, enum tier tier);

#endif
