/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_RUN_DATABASE_H
#define WIZHIL_REPORT_RUN_DATABASE_H

#include <stdio.h>

#include <jansson.h>

#include "report/model/run.h"

struct error;

/*
 * Runs kept over time, in an SQLite file: by firmware how many cases passed, and how each leg was
 * measured.  A leg is told by its distance from the middle of its window, so that legs of 75 s and
 * of 600 s can stand in one column; 'gap 3' and 'gap 4' are both 'gap'.
 */

struct run_database;

/* Opens the file, and makes it where there is none.  NULL with err set: it is no such file
 * (ERROR_USAGE), or cannot be opened (ERROR_BENCH).  The caller closes it. */
struct run_database *run_database_open(const char *path, struct error *err);

/* database may be NULL. */
void run_database_close(struct run_database *database);

/* Adds a run; one that is there already (the same start, bench, seed and wall time) stays as it is.
 * Returns 1: added, 0: it was there, -1 with err set. */
int run_database_add(struct run_database *database, const struct run *run, struct error *err);

/* All runs, the oldest first: [{"started", "firmware", "bench", "clock", "total", "passed",
 * "failed", "models": "A-tick", "legs": [{"leg": "gap", "count", "mean_s", "least_s",
 * "most_s", "window_s", "outside"}]}]; window_s: half of the narrowest window, 0: not known.  A new
 * reference; NULL with err set. */
json_t *run_database_trend(struct run_database *database, struct error *err);

/* What each case came to, by firmware and by how the runs were made (their note), the oldest first:
 * [{"firmware", "note", "case", "runs", "passed", "failed", "others"}]; drives, of which a repeated case has
 * several in a run; others: inconclusive or in error.  A case is unstable that both passed and did not.  A
 * new reference; NULL with err set. */
json_t *run_database_cases(struct run_database *database, struct error *err);

/* Before anything is run: can runs be added to the history in the file?  It is made if it is not there.
 * -1 with err set (ERROR_USAGE). */
int run_database_check(const char *path, struct error *err);

/* What wizhil run does at its end: adds the run in this folder to the history in the file, and
 * leaves the trend in the folder (RUN_TREND) for its report.  -1 with err set. */
int run_database_keep(const char *path, const char *run_folder, struct error *err);

/* A trend for people: a line for each run below its firmware, and of several one for all of them;
 * then the trend of each leg in the same way. */
void run_database_write(const json_t *trend, FILE *stream);

/* The cases that did not always pass, for people: first those that are unstable, with the share of
 * their drives that passed. */
void run_database_write_cases(const json_t *cases, FILE *stream);

#endif
