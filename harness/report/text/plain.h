/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_PLAIN_H
#define WIZHIL_REPORT_PLAIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "report/model/run.h"

/* A run that goes on, told in plain lines: for logs, and terminals that cannot do more.  A line for
 * each case that has ended; verbose: for devices, admissions and recoveries as well. */

struct plain {
	FILE *stream;
	bool verbose;
	size_t ended; /* cases that were told of; 0 at the beginning */
	struct reruns_seen reruns;
	bool timed;   /* each line begins with the time of the wall */
	char now[16]; /* which is set by whoever calls */
	bool silent;  /* what was told before a run is resumed is only counted */
};

/* Tells of an event, as run_live_read has it.  The caller looks at ferror(stream). */
void plain_tell(struct plain *plain, const struct run *run, const struct run_case *test_case,
	const json_t *event);

#endif
