/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_RESUME_H
#define WIZHIL_CLI_RESUME_H

#include "cli/run/test_run.h"

struct error;

/* wizhil run --resume RUN: goes on with a run that was killed or interrupted.  Verdicts that were
 * reached are kept, what is missing is run, with the settings of the run. */

/* Opens the run's journal and takes its settings into the arguments, whose strings then belong to
 * test_run->was.  Sets test_run->folder, test_run->was and test_run->missing.  -1 with err set (ERROR_USAGE): nothing is
 * missing, the run still goes on, or something differs from what it was made with. */
int resume_begin(struct test_run *test_run, struct run_arguments *arguments, struct error *err);

/* The settings that the event of a run keeps for it. */
int resume_keep_settings(const struct test_run *test_run, json_t *event, struct error *err);

/* How many repetitions of the case have their verdicts. */
int resume_done(const struct test_run *test_run, const char *case_name);

/* Writes the event 'resume'. */
int resume_record(struct test_run *test_run, struct error *err);

#endif
