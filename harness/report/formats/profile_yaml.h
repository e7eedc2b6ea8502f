/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_PROFILE_YAML_H
#define WIZHIL_REPORT_PROFILE_YAML_H

#include <stdio.h>

#include "judge/profile.h"
#include "report/model/run.h"

struct error;

/*
 * The device profile that a run's facts make: what judge/profile.h reads.  A fact is pinned or
 * recorded only where a verdict of the run holds it; each names the timeline that it came from.
 * What no case found out, or what two cases found out differently, stays out, and a comment says
 * so.
 */

struct profile_counts {
	int pinned, measured;
	int unknown;	/* what would be pinned */
	int unmeasured; /* figures that there are not: a model without a probe has no first one;
			 * what segments look like that the module does not send; and what takes
			 * commands for the access point */
};

/* Writes the profile of the device that the run calls so; NULL: of its only one.  tolerances: of
 * the profile that the run was judged by, whose pins do not matter; folder: of the run, for whoever
 * looks for the evidence.  -1 with err set (ERROR_USAGE: no such device, or which of several;
 * ERROR_BENCH: the device told no version, nothing was found out, the stream cannot be written). */
int profile_yaml_write(const struct run *run, const char *device, const struct profile *tolerances,
	const char *folder, FILE *stream, struct profile_counts *counts, struct error *err);

/* The same into a file that must not be there yet: the profile is whole, or it is not there. */
int profile_yaml_save(const struct run *run, const char *device, const struct profile *tolerances,
	const char *folder, const char *path, struct profile_counts *counts, struct error *err);

#endif
