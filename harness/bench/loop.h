/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_LOOP_H
#define WIZHIL_BENCH_LOOP_H

#include "bench/state.h"

/* The event loop. */

/* Drives the cases until each has its verdict or is gone, or the bench is broken. */
void bench_loop(struct bench *bench);
/* Does what is due, and waits for what comes next. */
void bench_turn(struct bench *bench);
/* The first half of it, and the time until which the other waits; for who moves the time himself. */
void bench_run_due(struct bench *bench);
int64_t bench_next_deadline(struct bench *bench);

#endif
