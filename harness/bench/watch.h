/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_WATCH_H
#define WIZHIL_BENCH_WATCH_H

#include "bench/state.h"

/* Tells who watches of a session, if anybody does. */
void watch_session(
	const struct bench *bench, const struct session *session, enum watched_kind kind);
/* The same of an event that entered its timeline: the session host's 'added', of the bench. */
void watch_added(void *bench, const struct session *session, const struct event *event);

#endif
