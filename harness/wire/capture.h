/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_CAPTURE_H
#define WIZHIL_WIRE_CAPTURE_H

#include <stddef.h>
#include <stdint.h>

struct error;

/*
 * Live capture of one interface: nanosecond stamps of CLOCK_REALTIME, each frame delivered at once,
 * never blocking.
 *
 * In immediate mode libpcap's ring has slots of one size, the snap length plus a header, and whole
 * slots to a page.  CAPTURE_SNAP_LENGTH holds any frame of a 1500-octet MTU with two VLAN tags, so
 * that checksums can be told, and still lets two slots share a page: 16,384 frames in 32 MB
 * (2048 octets would hold half of that, 256 octets 98,304 and no checksum of a data segment).
 */

enum { CAPTURE_SNAP_LENGTH = 1600, CAPTURE_BUFFER = 32 * 1024 * 1024 };

struct capture;

/* Opens the interface; filter is an expression of pcap-filter(7), or NULL for everything.  NULL
 * with err set when there is no such interface, it is down, the right is missing (CAP_NET_RAW), or
 * the filter is wrong.  The caller ends it with capture_close(). */
struct capture *capture_open(const char *interface, const char *filter, struct error *err);

/* For poll(): readable when capture_dispatch has something to deliver. */
int capture_descriptor(const struct capture *capture);

/* One frame: 'captured' bytes of the wire_length it has on the wire; bytes are valid only during
 * the call. */
typedef void capture_frame_fn(void *context, int64_t realtime_ns, const uint8_t *bytes,
	size_t captured, size_t wire_length);

/* Delivers all that is there, in order, and does not wait.  Returns the number of frames, -1 with
 * err set when the interface went down or away. */
int capture_dispatch(
	struct capture *capture, capture_frame_fn *frame, void *context, struct error *err);

/* Frames lost since the start because the ring was full.  -1 when the kernel does not say. */
int capture_drops(struct capture *capture, uint64_t *drops);

/* The DLT_* value for packet_decode. */
int capture_link_type(const struct capture *capture);

/* NULL is fine. */
void capture_close(struct capture *capture);

#endif
