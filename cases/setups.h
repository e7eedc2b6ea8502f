/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CASES_SETUPS_H
#define WIZHIL_CASES_SETUPS_H

#include "scenario/scenario.h"

/* How scenarios begin that cases of several suites share. */

/* The connection "server", which the module accepts, with keep-alive by count and timeout. */
struct scenario server_that_probes(int count, int timeout_s);

#endif
