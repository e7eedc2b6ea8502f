/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_LOST_H
#define WIZHIL_BENCH_LOST_H

#include "bench/state.h"

/* Devices that answer no more: what ended them, and what becomes of their sessions. */

/* The device's place in the bench. */
int device_index(const struct bench *bench, const struct device *device);
/* Are all devices brought up that have not been given up? */
bool devices_ready(const struct bench *bench);
/* The session that did something to the device last, at or before sign_ns, and what; NULL. */
struct session *device_last_doer(const struct bench *bench, const struct device *device,
	enum evidence_fault fault, int64_t sign_ns, struct stimulus *last);
/* Where a virtual device's process has ended, that is what the error becomes: what was seen of it
 * first may be its wire, its UART or its clock.  A crash is
 * the doing of who did something to it last, in whose timeline it is. */
void device_explain(struct bench *bench, const struct device *device, struct error *err);
/* The time that the process of a virtual device has computed; 0: it has none. */
int64_t device_computed_ns(const struct bench *bench, const struct device *device);
/* It did not come back from a step in which it computed for so long: an endless loop is a crash. */
void device_hangs(struct bench *bench, const struct device *device, int64_t computed_ns);
/* A device that cannot be used any more: its sessions end with a fault; the run goes on with the
 * others, and ends where there are none. */
void device_lost(struct bench *bench, struct device *device, const struct error *err);
/* Nothing is asked of the device any more; who waits for an answer of it gets none.  Sessions have
 * to be abandoned before, or they go on asking. */
void device_stop(struct bench *bench, int index);

#endif
