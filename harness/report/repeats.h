/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_REPEATS_H
#define WIZHIL_REPORT_REPEATS_H

#include "report/run.h"

/* What a run with repetitions shows beyond the verdict of each: whether a case always came to the
 * same, and how far its legs spread.  Nothing here takes a failure back. */

enum { OUTCOMES = OUTCOME_ERROR + 1, REPEATED_LEGS = 64 };

/* All repetitions of one case on one device: they stand one behind the other in run->cases. */
struct repeats {
	const struct run_case *cases;
	size_t count;
	size_t of[OUTCOMES]; /* repetitions by outcome */
	bool unstable;	     /* those that ran did not all come to the same */
};

/* Finds the next repeated case from the place *from of run->cases on, and moves *from behind it.
 * False: there is none; never one in a run that does not repeat. */
bool repeats_next(const struct run *run, size_t *from, struct repeats *repeats);

/* "3 of 5 passed, 2 failed" */
void repeats_text(const struct repeats *repeats, char *text, size_t size);

/* One leg over the first attempts of the repetitions in which it was measured. */
struct leg_spread {
	const char *leg;
	size_t count;
	int64_t least_ns, median_ns, most_ns;
	int64_t from_ns, to_ns; /* the window that was expected first */
	int64_t error_ns;	/* the worst uncertainty */
};

/* Fills spreads[], in the order in which the legs were judged; how many there are, REPEATED_LEGS at
 * most. */
size_t repeats_spreads(const struct repeats *repeats, struct leg_spread spreads[REPEATED_LEGS]);

/* "first probe: 149.980 s to 150.021 s, median 150.002 s, in 5" */
void spread_text(const struct leg_spread *spread, char *text, size_t size);

#endif
