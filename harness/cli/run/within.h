/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_WITHIN_H
#define WIZHIL_CLI_WITHIN_H

#include <jansson.h>

#include "cli/run/estimate.h"

struct error;

/*
 * run --within: of the cases those that catch most of the known faults (cli/prove/caught.h) in a time
 * of the bench, as cli/run/estimate.h has it.  The next case is always the one with the most
 * detections for the time that it keeps a module busy; a fault that is caught already counts for a
 * half, a quarter, and so on: what is caught twice is more likely a kind that is caught.  A case that the
 * matrix does not know, a new one, counts as one fault.
 */

/* "30m", "1h30m", "90s": seconds; 0: it is none of that, or nothing. */
double within_parse(const char *text);

/* Leaves of the selected cases those that fit, in their order, and returns what the event of the run
 * says of them: {limit_s, estimated_s, cases, of, caught, known, unseen_percent, new}; the caller's
 * reference.  unseen_percent is measured: nine tenths of the faults choose, of the last tenth is counted
 * what the choice catches, ten times.  NULL with err set: nothing fits, or the matrix cannot be read. */
json_t *within_choose(json_t **selected, double limit_s, int repeat, struct estimated_bench bench,
	struct error *err);

#endif
