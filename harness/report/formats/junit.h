/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_JUNIT_H
#define WIZHIL_REPORT_JUNIT_H

#include <stdio.h>

#include "report/model/run.h"

/* Writes the run as JUnit XML (reports/schema/junit.xsd): a testsuite for each suite; fail becomes
 * failure, inconclusive and error become error, not run becomes skipped.  What is wrong with the
 * run as a whole stands in suite "run".  Times are seconds on the bench's clock.  The caller looks
 * at ferror(stream). */
void junit_write(const struct run *run, FILE *stream);

#endif
