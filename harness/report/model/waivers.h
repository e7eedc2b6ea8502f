/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_WAIVERS_H
#define WIZHIL_REPORT_WAIVERS_H

#include <jansson.h>

#include "report/model/run.h"

struct error;

/*
 * Failures that somebody knows of and takes upon himself for a while.  The file:
 *
 *   waivers:
 *     - case: "dead_peer/count_1*"              # a glob over suite/case
 *       firmware: { from: 2.4.0, before: 2.5 }  # either may be absent; absent: any
 *       reason: one probe too few, mended in 2.5
 *       ticket: FW-1234
 *       expires: 2026-12-31                     # the last day on which it holds
 *
 * A waived failure stays a failure and is shown as one; it does not fail the run.  The day is that
 * on which the run started (UTC), so a report that is composed again says the same.
 */

/* Reads the file as it goes into the journal's event of the run: an array of {case, from, before,
 * reason, ticket, expires}; the caller's reference.  NULL with err set (ERROR_USAGE): wrong, or a
 * case that is none of 'cases' ([{name}], all that there are). */
json_t *waivers_read(const char *path, const json_t *cases, struct error *err);

/* Takes them from the journal into the run.  -1 when out of memory. */
int waivers_take(struct run *run, const json_t *waivers);

/* The waiver under which a failed case does not fail the run; NULL: none. */
const struct run_waiver *waiver_of(const struct run *run, const struct run_case *test_case);

/* Counts, once all cases are concluded, what each waiver names. */
void waivers_conclude(struct run *run);

/* What is wrong with a waiver, one sentence: it expired, or all that it names passed.  False:
 * nothing is. */
bool waiver_flagged(const struct run_waiver *waiver, char *text, size_t size);

/* "waived until 2026-12-31 (FW-1234): one probe too few" */
void waiver_text(const struct run_waiver *waiver, char *text, size_t size);

/* Compares the first version number (digits and dots) in the text with a version, as numbers part
 * by part.  Sets *order below, to, or above 0.  -1: there is none in the text. */
int version_compare(const char *text, const char *version, int *order);

#endif
