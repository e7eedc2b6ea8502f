/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_LADDER_H
#define WIZHIL_BENCH_LADDER_H

#include "bench/bring_up.h"

/*
 * Making a silent device answer: a ladder of ever stronger means (harness/README.md), each
 * followed by two AT, since the first one after a boot may fail.  Each rung is in the journal.
 */

enum ladder_next {
	LADDER_ASK,  /* by AT, at once */
	LADDER_WAIT, /* ask at up->wait_until_ns */
	LADDER_OVER  /* there is no rung left: up->trouble says what was tried */
};

/* No answer to AT: the next try, speed or rung. */
enum ladder_next ladder_next(struct bring_up *up);
/* AT+RESET at once, though it answers. */
void ladder_restart(struct bring_up *up, const char *why);
/* The first AT is asked when it has had the time of a boot. */
void ladder_await_boot(struct bring_up *up);
/* AT was answered: by what it was asked before, it may be.  True: in a moment it is to be asked
 * again, when those answers have passed. */
bool ladder_settle(struct bring_up *up);
/* It answers: by which rung, and at which speed, goes into the journal. */
void ladder_done(struct bring_up *up);
/* True while the reset pin or the power is being worked. */
bool ladder_works(struct bring_up *up);

#endif
