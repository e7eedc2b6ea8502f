/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_DEVICES_H
#define WIZHIL_BENCH_DEVICES_H

#include "bench/state.h"

/* The bench's devices: opened, with their wire, and closed. */

/* Where the run was interrupted while firmware was written, there are none. */
int devices_open(struct bench *bench, struct error *err);
/* The two parts of it: the network, and one device, which begins to be brought up. */
int devices_open_network(struct bench *bench, struct error *err);
int device_open(struct bench *bench, int index, struct error *err);
/* The session host's 'open_port'. */
struct port *device_open_port(void *bench, const struct bench_device *entry, struct error *err);
void devices_close(struct bench *bench);

#endif
