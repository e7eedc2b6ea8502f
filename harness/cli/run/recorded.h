/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_RECORDED_H
#define WIZHIL_CLI_RECORDED_H

#include <jansson.h>

struct test_run;
struct error;

/* --judge: what a recorded run knows beside its timelines.  It comes to the new run as it was: the
 * devices and what they did behind the cases, the faults of the bench, which device each case had, and
 * what was not run.  Only verdicts are made anew. */

/* Reads the run, of which test_run keeps what the arguments do not say: repetitions, and the profile.
 * -1 with err set. */
int recorded_take(struct test_run *test_run, struct error *err);

/* What the bench is told of its cases, behind recorded_take(). */
int recorded_list(struct test_run *test_run, struct error *err);

/* What it ran on, into the new run's own event. */
void recorded_describe(const struct test_run *test_run, json_t *event);

/* Into the new journal, before a case is judged. */
int recorded_pass_on(struct test_run *test_run, struct error *err);

void recorded_free(struct test_run *test_run);

#endif
