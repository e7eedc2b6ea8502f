/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_REPEATS_H
#define WIZHIL_REPORT_REPEATS_H

#include "report/model/legs.h"
#include "report/model/run.h"

/* What a run with repetitions shows beyond the verdict of each: whether a case always came to the
 * same, and how far its legs spread.  Nothing here takes a failure back. */

enum { OUTCOMES = OUTCOME_ERROR + 1 };

/* All repetitions of one case on one device: they stand one behind the other in run->cases. */
struct repeats {
	const struct run_case *cases;
	size_t count;
	size_t of[OUTCOMES]; /* repetitions by outcome */
	bool unstable;	     /* those that ran did not all come to the same */
};

/* "unstable", "stable", or "ran once" ("not run") where there are no two to be held against each
 * other. */
const char *repeats_word(const struct repeats *repeats);

/* Finds the next repeated case from the place *from of run->cases on, and moves *from behind it.
 * False: there is none; never one in a run that does not repeat. */
bool repeats_next(const struct run *run, size_t *from, struct repeats *repeats);

/* "3 of 5 passed, 2 failed" */
void repeats_text(const struct repeats *repeats, char *text, size_t size);

/* The legs of its repetitions, in the order in which they were judged; none when out of memory. The
 * caller ends them by legs_free(). */
void repeats_legs(const struct repeats *repeats, struct legs *legs);

#endif
