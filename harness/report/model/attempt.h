/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_ATTEMPT_H
#define WIZHIL_REPORT_ATTEMPT_H

#include "judge/verdict.h"

/* One drive of a case with its verdict. */
struct attempt {
	const char *device;
	int concurrent; /* most cases that were on the device at the same time */
	const char *timeline, *pcapng, *transcript; /* relative to the run folder; may be empty */
	struct verdict verdict;
};

#endif
