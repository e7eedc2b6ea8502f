/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_UNPLUGGED_H
#define WIZHIL_BENCH_UNPLUGGED_H

#include "bench/state.h"

/*
 * A serial port that goes away in mid-run, and comes back under its own name: an adapter that was
 * pulled out, a hub that lost its power.  Its descriptor is closed at once (with it open, the adapter
 * would come back as another node), the cases that ran on the device wait for it or for another one,
 * and it is brought up when it is back.
 */

/* A device is given up when its port stays away for so long. */
enum { UNPLUGGED_S = 600 };

/* Its port is gone; why: as the port said it. */
void device_unplugged(struct bench *bench, struct device *device, const struct error *why);

/* Looks whether ports are back. */
void unplugged_look(struct bench *bench);

/* When it looks next; TIME_NEVER while no port is away. */
int64_t unplugged_deadline(const struct bench *bench);

#endif
