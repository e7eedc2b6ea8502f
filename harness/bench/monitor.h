/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_MONITOR_H
#define WIZHIL_BENCH_MONITOR_H

#include "bench/air.h"
#include "bench/bench_file.h"
#include "bench/session.h"

struct bench;
struct capture;
struct error;

/*
 * The bench's monitor of the air: an interface in monitor mode, a second capture beside the wire's, on
 * the same clock.  It serves all devices of the bench.  What it cannot hear takes nothing from a run
 * but what it would have added: without it, or where it fails, the bench is as it was.
 */
struct monitor {
	struct capture *capture; /* NULL: the bench has none, or it failed */
	int link_type;
	uint64_t drops;	   /* of the capture, known so far */
	int64_t looked_ns; /* when they were last looked at */
	struct air *airs;  /* one for each device */
};

/* Opens it where the bench file has one.  -1 with err set: it cannot be opened, or is not in monitor
 * mode. */
int monitor_open(struct monitor *monitor, const struct bench_file *file, struct error *err);
void monitor_close(struct monitor *monitor);

/* The descriptor to wait for; -1: none. */
int monitor_descriptor(const struct monitor *monitor);

/* A frame of the device's wire. */
void monitor_take_wire(
	struct bench *bench, const struct device *device, const struct wire_frame *frame);

/* Takes what it heard, and tells the sessions what of it is decided by now. */
void monitor_run(struct bench *bench);

/* The session is over: when the air of its device was watched. */
void monitor_finish_session(struct bench *bench, struct session *session);

/* Journals what it heard of each device in the run. */
void monitor_note(struct bench *bench);

/* Whether it has heard the device, and its access point, since it was opened. */
bool monitor_hears(const struct bench *bench, const struct device *device, bool *access_point);

#endif
