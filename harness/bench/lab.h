/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_LAB_H
#define WIZHIL_BENCH_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * What a bench has in common with other runs on the same host: the interface towards the access
 * point, and the spare addresses.  A run at work shares the interface with others; while it switches
 * the access point nobody else may be at work; and a spare address is one session's alone.
 *
 * The locks are names of abstract Unix sockets: they are known to the whole network namespace, which
 * the interface belongs to, and go with the process that has them, however it ends.
 */

/* Takes the name; a descriptor to be closed, or -1: somebody has it. */
int lab_take(const char *name);
/* Who has the name; 0: nobody. */
pid_t lab_holder(const char *name);

struct lab {
	char interface[16]; /* empty: of this run alone, as a virtual bench is */
	int working, alone; /* descriptors of the names; -1 */
	pid_t other;	    /* who was in the way last */
};

void lab_init(struct lab *lab, const char *interface);
/* To be at work beside others; false while one of them is alone. */
bool lab_work(struct lab *lab);
/* To be alone; false while others are at work. */
bool lab_work_alone(struct lab *lab);
/* Nothing is at work any more. */
void lab_rest(struct lab *lab);
/* The spare address for one session: a descriptor that is closed with it, or -1: another run has it.
 * Of a bench of this run alone it is of no meaning. */
int lab_take_address(struct lab *lab, uint32_t address_be);

#endif
