/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_SESSION_RAW_H
#define WIZHIL_BENCH_SESSION_RAW_H

#include "bench/session.h"

struct error;

/*
 * Segments that the bench sends past the peer's TCP, in the peer's name (struct raw_plan): at their
 * stepped or real time, with the numbers that the peer would use.  The peer's kernel knows nothing
 * of them; where it must not answer as well, the case lets it fall silent first.
 */

/* Remembers what a raw segment of the flow needs: addresses, numbers, window.  Not of one that was
 * sent raw itself. */
void session_raw_follow(struct flow *flow, const struct packet *packet, bool from_device);

/* Sends what the step plans.  -1 with err set (ERROR_BENCH). */
int session_raw_send(
	struct session *session, struct flow *flow, const struct step *step, struct error *err);

/* The mark of a packet that the bench sent raw; NULL for those of the peer's kernel. */
const struct raw_mark *session_raw_find(const struct flow *flow, const struct packet *packet);

/* Counts the device's segments that call for an answer, and arms the steps that follow them. */
void session_raw_call(
	struct session *session, struct flow *flow, enum segment_class class, int64_t t_ns);
/* The peer has answered: the count begins anew. */
void session_raw_answered(struct flow *flow);

#endif
