/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_BRING_UP_H
#define WIZHIL_BENCH_BRING_UP_H

#include "bench/state.h"

/*
 * Bringing a device up: make it answer (bench/ladder.h), then one command after the other:
 * settings, version, association and address.
 */

void bring_up_begin(struct bench *bench, int index);
/* Sets it back to the beginning; bring_up_send() begins. */
void bring_up_prepare(struct bench *bench, int index);
/* After a case that had the device alone: it must answer, be associated and have no CID open; else
 * it is brought up anew. */
void bring_up_check(struct bench *bench, int index, const char *after);
/* Behind all cases: it must answer. */
void bring_up_check_last(struct bench *bench, int index);
/* A check that is going on found trouble of which the caller sees to the rest. */
void bring_up_end_check(struct bring_up *up);
/* Goes on where it has waited long enough. */
void bring_up_run(struct bench *bench, int index);
void bring_up_send(struct bring_up *up);
/* The device is lost, for what up->trouble says. */
void bring_up_give_up(struct bring_up *up);

#endif
