/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_SHORT_SUMMARY_H
#define WIZHIL_REPORT_SHORT_SUMMARY_H

#include <stdbool.h>
#include <stdio.h>

#include "report/model/run.h"

/* What a person at a terminal wants to know when a run has ended: what it ran on, each case that
 * did not plainly pass (the worst first, with its reason), the passes as numbers by suite,
 * findings, faults, totals, timing models, and where the rest is.  For 80 columns; the caller looks
 * at ferror(stream). */
void short_summary_write(const struct run *run, const char *run_folder, FILE *stream, bool colour);

/* All of it in one line. */
void short_summary_line(const struct run *run, const char *run_folder, FILE *stream);

#endif
