/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_SUMMARY_H
#define WIZHIL_REPORT_SUMMARY_H

#include <stdio.h>

#include "report/model/run.h"

/* Writes all that a person may want to know of a run, for 80 columns: what ran on what, a
 * line for each case with what was measured, or the decisive sentence where it did not pass,
 * findings, faults (each on one line, word for word) with the number of cases they took, the
 * totals, the timing models, and where the reports are.  The caller looks
 * at ferror(stream). */
void summary_write(const struct run *run, const char *run_folder, FILE *stream);

#endif
