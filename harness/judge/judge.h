/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_JUDGE_JUDGE_H
#define WIZHIL_JUDGE_JUDGE_H

#include "judge/profile.h"
#include "judge/subject.h"
#include "judge/verdict.h"
#include "scenario/expectation.h"
#include "timeline/timeline.h"

/*
 * The judge: pure functions from a timeline to checks.  No I/O, no clock, no globals.  All that is
 * to be known about time and tolerance lives here and in models.h, and nowhere else.
 *
 * An expectation of a connection (scenario/expectations.def) and a fact about it (judge/facts.def)
 * add one or more checks to the verdict, which speak for the requirement that they are given.
 *
 * Rules (harness/README.md, "Time and tolerance"):
 * - A leg lies in its window by more than the error: pass; within the error of an edge, inside:
 *   marginal; outside: inconclusive; outside by more than the error: fail.
 * - Counts are exact.  Absence and "exactly once" need the span watched (EVENT_WATCHED) and without
 *   capture drops, else inconclusive: "watched 0 of 160 s".
 * - A reboot, a lost association, a clock step void the legs across them: inconclusive.  A
 *   FAULT_BENCH in the span is an error.
 * - On the real clock a single missing probe whose neighbours stand on the grid, or a death that
 *   one lost answer explains, is inconclusive.  (On the stepped clock nothing is lost in the air
 *   unless the timeline shows it: exact.)
 * - Where a connection was opened again, the functions that look at a schedule or a death judge the
 *   latest generation to which the scenario did something (silence, reboot, reset, close), or the
 *   latest when it did nothing; alive, no probes, no notice and format judge the latest.
 * - What comes behind EVENT_WATCHED is the bench tidying up: only its listing counts.
 * - While the device's own data is outstanding no probe is expected (RFC 9293 MUST-26).
 * - Where the expected time depends on the timing model, the check holds when one of the models
 * that the profile allows explains it, and check.models says which do.
 */

/* The connection of the timeline (an index), worked out for the checks that go to the verdict. */
struct subject subject_of(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile);

/* Evaluates an expectation of the subject's connection. */
void judge_expectation(struct subject *s, const struct expectation *expectation);

/* Evaluates what holds for every connection of every scenario (judge/laws.c), and adds to the verdict
 * what does not: one check for each law and connection.  What the verdict accuses a connection of
 * already is not added, so that it comes behind the scenario's own expectations.  A law that holds,
 * and one that the evidence says nothing of, adds nothing. */
void judge_laws(
	struct verdict *verdict, const struct timeline *timeline, const struct profile *profile);

/* Adds a fact, and one check that speaks for the requirement: pass where the profile pins nothing
 * or the same, fail (a change) where it pins another value, inconclusive where the evidence does
 * not show it. */
void judge_fact(struct subject *s, enum fact_id id, const char *requirement,
	const struct expectation_parameters *parameters);

/* Was the connection's nth command (see check_answer()) accepted? */
bool judge_accepted(const struct timeline *timeline, int connection, int nth);

/* MUST-29: where N is 1 and one unanswered probe killed the connection, a finding, no check. */
void judge_configuration_finding(struct subject *s, const char *requirement);

/* A reboot or lock-up that came again after the same stimulus, a command that is never answered, and a
 * crash are failures, which name what it was. */
void judge_provoked(
	struct verdict *verdict, const struct timeline *timeline, const char *requirement);

/* Adds what the run decides of frames that are missing (judge/loss.h), of all connections of the
 * timeline.  Where no frame can be lost it adds nothing. */
void judge_losses(
	struct verdict *verdict, const struct timeline *timeline, const struct profile *profile);

/* One model holds for a device and a run: intersects the models of its passed and marginal
 * verdicts. Zero: fail.  NULL entries are skipped. */
unsigned judge_models_of_run(const struct verdict *const *verdicts, size_t count);

#endif
