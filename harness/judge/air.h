/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_JUDGE_AIR_H
#define WIZHIL_JUDGE_AIR_H

#include "judge/history.h"

/*
 * What a monitor of the air (EVENT_AIR) tells of a frame that the wire does not show.  Where there was
 * none, where it did not hear the link at that time, or misses the module's frames now and then, the
 * answer is unknown, and all is as without it.
 *
 * What is on the air is encrypted: a frame that may have been the one that is missing is taken for
 * it.  So "not sent" accuses, and "sent" only excuses.
 */

enum air_answer { AIR_UNKNOWN, AIR_NO, AIR_YES };

/* Did the device send a segment without data between the two times, as far as the wire does not show
 * it?  Either may be off by what a frame may be held back. */
enum air_answer air_sent_between(const struct history *history, int64_t from_ns, int64_t to_ns);

/* The same of a probe that was due then, give or take error_ns. */
enum air_answer air_sent_at(const struct history *history, int64_t due_ns, int64_t error_ns);

/* Says in words why a monitor that was there does not know; false: there was none. */
bool air_why_unknown(const struct history *history, int64_t due_ns, char *text, size_t size);

/* The frame of the device's that was lost nearest to that time; NULL. */
const struct event *air_lost_frame(const struct history *history, int64_t due_ns);

/* The record that this segment of the peer's was not delivered, or perhaps not; NULL. */
const struct event *air_undelivered(const struct history *history, const struct event *segment);

#endif
