/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_CAUSES_H
#define WIZHIL_REPORT_CAUSES_H

#include <stdbool.h>
#include <stddef.h>

#include "report/model/run.h"

/*
 * Why cases of a run did not pass, as few causes as explain them: cases of one outcome whose
 * decisive checks speak for the same requirement are one cause if they measured the same kind of leg
 * at one ratio to what was expected, or at one offset from it; those that measured nothing, if their
 * sentences are the same but for numbers.  A guess for people, which changes no verdict.
 */

struct cause {
	enum outcome outcome;
	const char *requirement;	 /* may be empty */
	bool measured;			 /* text is of a leg; else the sentence of the instance */
	char text[400];			 /* what the cases have in common */
	const struct run_case *instance; /* the one to look at first */
	size_t count;
	const struct run_case **cases; /* in the order of the run */
};

struct causes {
	struct cause
		*list; /* failures first, then errors, inconclusive, marginal; most cases first */
	size_t count;
};

/* Of the cases that did not pass and are neither waived, nor cut off, nor not run.  They point into
 * the run.  None when out of memory. */
struct causes causes_of(const struct run *run);
/* The one that has the case; NULL: none has. */
const struct cause *cause_of(const struct causes *causes, const struct run_case *test_case);
void causes_free(struct causes *causes);

#endif
