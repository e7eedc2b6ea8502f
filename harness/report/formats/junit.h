/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_JUNIT_H
#define WIZHIL_REPORT_JUNIT_H

#include <stdio.h>

#include "report/model/run.h"

/* Writes the run as JUnit XML (reports/schema/junit.xsd): a testsuite for each suite; fail becomes
 * failure, inconclusive and error become error, not run becomes skipped.  What is wrong with the
 * run as a whole stands in suite "run".  Times are seconds on the bench's clock.  attachments: the
 * folder of the run below that of the project, where GitLab shows the page: what did not pass has its
 * evidence there as an attachment; NULL: none.  The caller looks at ferror(stream). */
void junit_write(const struct run *run, const char *attachments, FILE *stream);

#endif
