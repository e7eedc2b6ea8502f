/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_SESSION_STEPS_H
#define WIZHIL_BENCH_SESSION_STEPS_H

#include "bench/session.h"

/* The steps of a session's scenario. */

/* Carries the step out, or leaves it for later. */
void run_step(struct session *session, int index);
/* When the step is due; TIME_NEVER when nothing has told yet. */
int64_t step_time(struct session *session, int index);

#endif
