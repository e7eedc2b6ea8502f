/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_SCENARIO_COURSE_H
#define WIZHIL_SCENARIO_COURSE_H

#include "scenario/scenario.h"

/*
 * How a scenario goes on a device that is as documented, by the slowest of the common timing models
 * (A-tick): for estimates only; no verdict comes from it.
 */

#define COURSE_NEVER INT64_MAX

/* When the connection dies, in ns after the start; COURSE_NEVER: it does not, or nobody can say. */
int64_t course_death(const struct scenario *s, int connection);

#endif
