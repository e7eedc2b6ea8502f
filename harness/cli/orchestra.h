/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_ORCHESTRA_H
#define WIZHIL_CLI_ORCHESTRA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/streams.h"
#include "core/error.h"

/* wizhil run: starts the bench and the Criterion runner, waits for both, composes the reports. */

enum { RUN_GLOBS = 64, RUN_SCENARIOS = 1024 };

struct run_arguments {
	int argc;
	char **argv; /* for the journal */
	const char *bench, *clock, *profile, *judge, *output, *jobs, *tap, *events;
	char *globs[RUN_GLOBS];
	size_t glob_count;
	char *scenarios[RUN_SCENARIOS]; /* scenario files: with no filter, these only */
	size_t scenario_count;
	uint64_t seed;
	bool no_rerun, require_all;
	enum told told;
};

/* 0 with *code set once there is a run; -1 with err set before that: nothing was touched. */
int orchestra_run(const struct run_arguments *arguments, enum exit_code *code, struct error *err);

#endif
