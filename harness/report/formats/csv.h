/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_CSV_H
#define WIZHIL_REPORT_CSV_H

#include <stdio.h>

#include "report/model/run.h"

/* Writes each measured leg of the run, of all attempts, as a line of CSV (RFC 4180, with a header).
 * Times in seconds.  Fields that a device filled are quoted, and no spreadsheet takes them for a
 * formula.  The caller looks at ferror(stream). */
void csv_write(const struct run *run, FILE *stream);

#endif
