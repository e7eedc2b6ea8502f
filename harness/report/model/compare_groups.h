/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_COMPARE_GROUPS_H
#define WIZHIL_REPORT_COMPARE_GROUPS_H

#include <stddef.h>

#include "report/model/compare.h"

/*
 * A comparison by its causes: changes of one kind that come from the same cause (report/model/causes.h),
 * or of which the same leg moved by the same, are one; and what else the two runs were told apart by.
 * For people: it changes no verdict.
 */

enum change_kind { CHANGE_WORSE, CHANGE_MODELS, CHANGE_UNCLEAR, CHANGE_BETTER, CHANGE_OTHER };

struct change_group {
	enum change_kind kind;
	const char *requirement; /* may be empty */
	char text[400];		 /* what they have in common; empty: see the first */
	size_t count;
	const struct case_change *
		*changes; /* as the comparison has them; the first is the one to look
					     * at first */
};

struct change_groups {
	size_t count;
	struct change_group *list; /* worse first; of one kind, most cases first */
};

/* Of what both runs have; they point into the comparison.  None when out of memory. */
struct change_groups change_groups_of(const struct comparison *comparison);
void change_groups_free(struct change_groups *groups);

/* "settings", and what they are in both runs.  The firmware has a place of its own wherever runs are compared. */
struct run_difference {
	const char *what;
	char base[400], run[400];
};

enum { RUN_DIFFERENCES = 6 };

/* In what the runs differ besides their results; returns how many there are. */
size_t run_differences(
	const struct run *base, const struct run *run, struct run_difference list[RUN_DIFFERENCES]);

#endif
