/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_ADVANCE_H
#define WIZHIL_BENCH_ADVANCE_H

#include "bench/state.h"

/* Stepped time: one message moves the devices on, and nobody goes on before it has read what the
 * counters say (core/step.h, harness/PLATFORM.md). */

int devices_advance(struct bench *bench, int64_t until_ns, struct error *err);
/* Something was sent to it since it was last asked, or a command for it was run. */
bool device_has_input(const struct device *device);
/* Takes the frames that the capture holds, on either clock. */
int device_take_frames(struct bench *bench, struct device *device, struct error *err);

#endif
