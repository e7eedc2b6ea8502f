/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_MARKDOWN_H
#define WIZHIL_REPORT_MARKDOWN_H

#include <stdio.h>

#include "report/model/run.h"

/* Writes the run as GitHub's Markdown, for a step summary or a comment: the run in one sentence,
 * what did not pass with its reason, findings and faults, and the passed cases folded away.  The
 * caller looks at ferror(stream). */
void markdown_write(const struct run *run, FILE *stream);

#endif
