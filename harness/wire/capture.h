/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_CAPTURE_H
#define WIZHIL_WIRE_CAPTURE_H

#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

/* Live capture by libpcap: nanoseconds, immediate mode, a ring that cannot overflow at this load. */

struct capture;

/* Opens the interface; filter in pcap-filter(7) language, or NULL.  The handle is non-blocking.
 * NULL with err set: no such interface, not permitted (with the remedy), a wrong filter. */
struct capture *capture_open(const char *interface, const char *filter, struct error *err);

/* For poll(); it stays the capture's. */
int capture_descriptor(const struct capture *capture);

/* A DLT_* number. */
int capture_link_type(const struct capture *capture);

/* One frame: CLOCK_REALTIME of its capture in ns, valid during the call only. */
typedef void capture_frame_fn(void *context, int64_t realtime_ns, const uint8_t *bytes,
	size_t captured, size_t length);

/* Hands over all that is there.  Returns how many; -1 with err set when the interface went away. */
int capture_dispatch(
	struct capture *capture, capture_frame_fn *take, void *context, struct error *err);

/* Frames lost since the start, by the ring or the interface.  -1 when it cannot be told. */
int capture_drops(struct capture *capture, uint64_t *drops);

/* NULL is fine. */
void capture_close(struct capture *capture);

#endif
