/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_JUDGE_OUTCOME_H
#define WIZHIL_JUDGE_OUTCOME_H

/* What a check, a case, a run comes to. */

/* Worst last: the verdict of a case is the worst of its checks, except that a fail that stands on
 * sound evidence outweighs an inconclusive. */
enum outcome {
	OUTCOME_NOT_RUN,
	OUTCOME_PASS,
	OUTCOME_MARGINAL,
	OUTCOME_INCONCLUSIVE, /* the evidence does not carry a verdict */
	OUTCOME_FAIL,
	OUTCOME_ERROR /* the bench is broken, or nothing was evaluated */
};

/* "pass", "marginal", "fail", "inconclusive", "error", "not run". */
const char *outcome_name(enum outcome outcome);
/* -1 when there is no such name. */
int outcome_parse(const char *name, enum outcome *outcome);

#endif
