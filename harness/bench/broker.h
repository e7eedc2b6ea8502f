/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_BROKER_H
#define WIZHIL_BENCH_BROKER_H

#include "bench/state.h"

/* The workers of the cases: who they are, what they want driven, and what they judged. */

void broker_accept(struct bench *bench);
void broker_read_visitor(struct bench *bench, int index);
void broker_read_case(struct bench *bench, struct bench_case *test_case);
bool broker_settled(const struct bench *bench);
bool broker_finished(const struct bench *bench);
void broker_runner_ended(struct bench *bench);
/* The cases whose workers have not come are gone; whether there were any. */
bool broker_give_up_absent(struct bench *bench);
/* The same of those that came, and have not said what they want, or what they judged, for so long. */
void broker_give_up_silent(struct bench *bench, int64_t limit_ns);
/* It is the worker's turn now. */
void broker_await(struct bench *bench, struct bench_case *test_case);
void broker_refuse_waiting(struct bench *bench, const char *why);
/* Cases that wait are not run. */
void broker_interrupt(struct bench *bench);
/* Delivers the timelines of finished sessions. */
void broker_deliver(struct bench *bench);
/* Tells a worker that it does not get what it asked for. */
void broker_refuse(int socket, const char *why);
/* Its worker is sent home; no verdict will come. */
void broker_not_run(struct bench *bench, struct bench_case *test_case, const char *reason);
/* An event of a case for the journal; fields, as for json_pack, are added to it. */
json_t *broker_event(const char *kind, const struct bench_case *test_case, const char *fields, ...);

#endif
