/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_RERUNS_H
#define WIZHIL_BENCH_RERUNS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Which cases are run again alone.  A broken device fails in each of a hundred cases for the same
 * reason, and each of them again alone would take days and tell nothing new: only so many are, for
 * each cause (the violated requirement, or what befell the device) on each device.
 */

enum { RERUNS_OF_A_CAUSE = 3 };

struct rerun_count {
	char device[32], cause[32];
	int count;
};

struct reruns {
	struct rerun_count *list;
	size_t count, room;
};

/* Whether one more is run for this cause on this device, of most at most; it is counted then. */
bool reruns_take(struct reruns *reruns, const char *device, const char *cause, int most);
void reruns_free(struct reruns *reruns);

#endif
