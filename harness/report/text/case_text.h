/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_CASE_TEXT_H
#define WIZHIL_REPORT_CASE_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "report/model/run.h"

struct error;

/* A case for the terminal: what it came to, each measured leg against its window, and its timeline
 * as lines of text, with 0 s where the scenario begins.  run_folder: where its evidence is.  -1 with
 * err set (ERROR_USAGE): there is a timeline, and it cannot be read. */
int case_text_write(const struct run *run, const struct run_case *test_case, const char *run_folder,
	FILE *stream, bool colour, struct error *err);

#endif
