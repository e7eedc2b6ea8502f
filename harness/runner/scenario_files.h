/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CASES_SCENARIO_FILES_H
#define WIZHIL_CASES_SCENARIO_FILES_H

#include "runner/case.h"

struct error;

/* Scenario files (scenario/scenario_file.h) as cases.  Their names in the selection are
 * "scenario/NAME"; the files are WIZHIL_SCENARIOS/NAME.yaml, copies of what was handed to wizhil
 * run. */

#define SCENARIO_FILES_SUITE "scenario"

/* Where NAME begins in a line of the selection; 0 when it names no scenario file. */
int scenario_files_selected(const char *line);

/* Reads the file of that name, one in a worker, as a case.  -1 with err set. */
int scenario_files_entry(const char *name, struct case_entry *entry, struct error *err);

#endif
