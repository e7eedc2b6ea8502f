/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_SCENARIO_ARGUMENTS_H
#define WIZHIL_CLI_SCENARIO_ARGUMENTS_H

#include <glob.h>
#include <jansson.h>
#include <stddef.h>

#include "cli/run/run_command.h"

struct error;

/* Scenario files as arguments of wizhil run: each is one more case, "scenario/NAME". */

/* Reads all of them and appends their entries to the list of cases (see read_case_list).  -1 with
 * err set to what is wrong with the first wrong one (ERROR_USAGE); two of one name are wrong. */
int scenario_arguments_list(char *const *paths, size_t count, json_t *cases, struct error *err);

/* Copies them to FOLDER/scenarios/NAME.yaml, where the workers read them and a run keeps what it
 * was about. */
int scenario_arguments_keep(
	char *const *paths, size_t count, const char *folder, struct error *err);

/* What a run whose recording is judged again was about, where nothing else is asked for: the
 * scenario files that it kept.  The paths belong to kept, which the caller ends by globfree() in
 * any case. */
int scenario_arguments_recorded(struct run_arguments *arguments, glob_t *kept, struct error *err);

#endif
