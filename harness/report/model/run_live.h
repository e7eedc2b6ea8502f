/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_RUN_LIVE_H
#define WIZHIL_REPORT_RUN_LIVE_H

#include <jansson.h>

#include "report/model/run.h"

struct error;

/* A run that still goes on, read as its journal grows: for what is told while it runs. */

struct run_live;

/* What is called for each event, once it is taken in: 'one' is the case it speaks of, with what the
 * case comes to so far; NULL: of none.  All pointers hold for the call only. */
typedef void run_live_saw(void *context, const struct run *run, const struct run_case *test_case,
	const json_t *event);

/* Opens the journal of a run.  The caller closes it.  NULL with err set. */
struct run_live *run_live_open(const char *run_folder, struct error *err);

/* Takes in the whole lines that were appended since.  -1 with err set. */
int run_live_read(struct run_live *live, run_live_saw *saw, void *context, struct error *err);

/* live may be NULL. */
void run_live_close(struct run_live *live);

#endif
