/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_JUDGE_BREAKDOWN_H
#define WIZHIL_JUDGE_BREAKDOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "timeline/timeline.h"

/*
 * Reboots and silences of a device over a run.  One alone may be its power or its cable, and accuses
 * nobody; what comes again and again after the same stimulus, more often than that share of the
 * time explains, is provoked by it.
 */

struct breakdown {
	enum evidence_fault fault; /* FAULT_REBOOT, FAULT_SILENT_DEVICE */
	double t_s;
	const char *after; /* the stimulus; NULL: none */
	int times;	   /* of that stimulus, up to then */
	double delay_s;	   /* of a reboot, from the stimulus to it */
	double share;	   /* of the time up to then in which any would have come after it */
	bool shared;	   /* another device broke down at the same moment: the power of the rack */
};

struct breakdown_finding {
	enum evidence_fault fault;
	const char *after;
	bool death; /* the stimulus is the end of a connection by the device */
	int same, all, times;
	double chance;
};

/* Are those of one device, in the order of time, no chance?  The least probable stimulus. */
bool breakdowns_judge(const struct breakdown *breakdowns, size_t count, double level,
	struct breakdown_finding *finding);

/* "the module rebooted 6 of 6 times after the RST of a connection, of which there were 120; by
 * chance below 1e-8". */
void breakdown_finding_text(const struct breakdown_finding *finding, char *text, size_t size);

/* "the module rebooted at 300.0 s (once in the run, cause unknown)". */
void breakdowns_text(const struct breakdown *breakdowns, size_t count, char *text, size_t size);

#endif
