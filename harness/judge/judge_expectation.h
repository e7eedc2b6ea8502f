/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_JUDGE_JUDGE_EXPECTATION_H
#define WIZHIL_JUDGE_JUDGE_EXPECTATION_H

#include "judge/judge.h"
#include "scenario/expectation.h"

/* Evaluates one expectation on the timeline by the judge's function for it, and adds the checks to
 * the verdict.  As pure as these. */
void judge_expectation(struct verdict *verdict, const struct timeline *timeline,
	const struct profile *profile, const struct expectation *expectation);

#endif
