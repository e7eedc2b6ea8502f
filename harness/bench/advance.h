/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_ADVANCE_H
#define WIZHIL_BENCH_ADVANCE_H

#include "bench/state.h"

/* Stepped time: one message moves the devices on, and nobody goes on before it has read what the
 * counters say (core/step.h, harness/PLATFORM.md). */

int devices_advance(struct bench *bench, int64_t until_ns, struct error *err);
/* Takes the frames that the capture holds, on either clock. */
int device_take_frames(struct bench *bench, struct device *device, struct error *err);

#endif
