/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CASES_SCENARIO_FILES_H
#define WIZHIL_CASES_SCENARIO_FILES_H

#include "runner/case.h"

/* Scenario files (scenario/scenario_file.h) as cases.  Their names in the selection are
 * "scenario/NAME"; the files are WIZHIL_SCENARIOS/NAME.yaml, copies of what was handed to wizhil
 * run. */

#define SCENARIO_FILES_SUITE "scenario"

/* Where NAME begins in a line of the selection; 0 when it names no scenario file. */
int scenario_files_selected(const char *line);

/* One expectation of a file, on the case's verdict. */
void expect_as_said(const struct timeline *t, const struct expectation *expectation);

#endif
