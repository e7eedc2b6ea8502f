/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_SCENARIO_TOLD_TEST_H
#define WIZHIL_SCENARIO_TOLD_TEST_H

#include "scenario/scenario_file.h"

/* The scenario as a file says it, and what is made of it, is what the running test's section of expected/SUITE.txt has
 * next; of one with an error that. */
void expect_scenario(const struct scenario_file *file);

#endif
