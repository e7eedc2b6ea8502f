/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_TAP_H
#define WIZHIL_REPORT_TAP_H

#include <stdio.h>

#include "report/model/run.h"

/* Writes the run as TAP 14 (testanything.org), a test point a case, with a YAML diagnostic block
 * for each that did not plainly pass.  Faults of the run are test point run/bench.  The caller
 * looks at ferror(stream). */
void tap_write(const struct run *run, FILE *stream);

/* The same while the run goes on: a test point as soon as its case has ended, the plan last. */
struct tap_stream;

/* Writes the head.  The caller keeps the stream, and frees what is returned; NULL: no memory. */
struct tap_stream *tap_begin(FILE *stream);
/* Writes the test point of a case that has ended; one that was written is not written again. */
void tap_case(struct tap_stream *tap, const struct run *run, const struct run_case *test_case);
/* Writes all test points that are left, faults and the plan.  The run is the one of the journal
 * whose events were followed, read to its end. */
void tap_end(struct tap_stream *tap, const struct run *run);
/* tap may be NULL. */
void tap_free(struct tap_stream *tap);

#endif
