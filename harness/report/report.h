/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_REPORT_H
#define WIZHIL_REPORT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "core/error.h"

/* The reports of a run, in its folder; all derived from its journal (report/journal.h). */
#define REPORT_JUNIT "junit.xml"
#define REPORT_TAP "results.tap"
#define REPORT_SUMMARY "summary.txt"

/* Writes junit.xml, results.tap and summary.txt into the run's folder, each under another name
 * first, so that a report that is there is whole, and sets *code to the exit code of the run. Works
 * on a run that was killed, as far as its journal goes.  -1 with err set: the folder holds no run
 * (ERROR_USAGE), or a report cannot be written (ERROR_BENCH). */
int report_compose(const char *run_folder, struct error *err, enum exit_code *code);

/* Prints the summary for people; colour: with ANSI colours.  -1 with err set. */
int report_print(const char *run_folder, FILE *stream, bool colour, struct error *err);

#endif
