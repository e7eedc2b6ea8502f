/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_WIRE_WATCH_H
#define WIZHIL_BENCH_WIRE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "peer/link_watch.h"
#include "wire/capture.h"

struct error;

/*
 * How one device's wire is watched from the peer host, and where frames past the peer's TCP are put
 * on it.  Without a capture nothing is seen.
 */
struct wire_watch {
	struct capture *capture;	 /* NULL: none */
	struct link_watch link;		 /* of the interface; on the real clock */
	char interface[16];		 /* of the peer host, on which the device is reached */
	int raw_socket;			 /* see wire_watch_raw_socket(); -1 until then */
	uint64_t frames_from, frames_to; /* the device, seen so far */
	int64_t instant_ns;		 /* stepped: the device's present time, and what it had */
	uint64_t instant_frames;	 /* written at its beginning */
	uint64_t drops;			 /* of the capture, known so far */
	int64_t looked_ns;		 /* when they were last looked at */
};

void wire_watch_init(struct wire_watch *wire);
void wire_watch_close(struct wire_watch *wire);

/* Whether the capture has dropped frames since the last look; then *since_ns is when that was. */
bool wire_watch_dropped(struct wire_watch *wire, int64_t now_ns, int64_t *since_ns);

/* Nothing came from it until now: nothing was dropped either, and the link is as it was. */
void wire_watch_nothing(struct wire_watch *wire, int64_t now_ns);

/* Begins to watch the interface's link.  -1 with err set. */
int wire_watch_begin_link(struct wire_watch *wire, int64_t now_ns, struct error *err);

/* The DLT_* value of its frames. */
int wire_watch_link_type(const struct wire_watch *wire);

/* The socket for frames that the peer's TCP would not send, opened when it is asked for first; it
 * stays the wire's.  -1 with err set. */
int wire_watch_raw_socket(struct wire_watch *wire, struct error *err);

#endif
