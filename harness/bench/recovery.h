/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_RECOVERY_H
#define WIZHIL_BENCH_RECOVERY_H

#include "bench/state.h"

/* A device that fell silent, rebooted or lost its association while cases ran on it: their sessions
 * end, the one that provoked it is suspected, and the device is brought up again. */

void device_recover(
	struct bench *bench, struct device *device, enum fault_reason reason, const char *why);
/* The same for one that does not answer the command in progress. */
void device_recover_silent(struct bench *bench, struct device *device);
/* The same for what is noticed some time after it was; so nobody is suspected of it. */
void device_recover_unseen(
	struct bench *bench, struct device *device, enum fault_reason reason, const char *why);
/* Resets a device on which nothing runs: it holds CIDs that nobody has. */
void device_reset(struct bench *bench, int index, const char *why);

#endif
