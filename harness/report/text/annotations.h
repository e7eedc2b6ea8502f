/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_ANNOTATIONS_H
#define WIZHIL_REPORT_ANNOTATIONS_H

#include <stdio.h>

struct run;

/* A line for each cause that GitHub's runner takes from a job's output ("workflow commands" of its
 * documentation) and shows on the page of the job: ::error for failures of the module, ::warning for what
 * is inconclusive or an error of the bench.  Marginal passes are not among them. */
void annotations_write(const struct run *run, FILE *stream);

#endif
