/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_TAP_H
#define WIZHIL_REPORT_TAP_H

#include <stdio.h>

#include "report/run.h"

/* Writes the run as TAP 14 (testanything.org), a test point a case, with a YAML diagnostic block
 * for each that did not plainly pass.  Faults of the run are test point run/bench.  The caller
 * looks at ferror(stream). */
void tap_write(const struct run *run, FILE *stream);

#endif
