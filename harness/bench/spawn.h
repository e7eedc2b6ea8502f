/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_SPAWN_H
#define WIZHIL_BENCH_SPAWN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "bench/bench_file.h"

struct error;

/* Starts a virtual device as a process of its own. */

struct spawn_request {
	const char *program;		  /* unless the entry names another */
	const struct bench_device *entry; /* its 'virtual' part is handed on as arguments */
	int tap;			  /* inherited; stays the caller's here */
	const uint8_t *mac;
	const char *const *sets; /* "name=value", behind those of the entry */
	size_t set_count;
	bool stepped;
	uint64_t seed; /* unless the bench file sets one */
};

struct spawned {
	pid_t child;
	int pty_slave; /* the caller's */
	int control;   /* the caller's: stepped clock; its end ends the device */
};

/* Asks the program whether it can be run with what the entry and the sets tell it.  -1 with err
 * set: it cannot, in its own words (ERROR_USAGE), or it cannot be asked (ERROR_BENCH). */
int spawn_check(const struct spawn_request *request, struct error *err);

int spawn_device(const struct spawn_request *request, struct spawned *spawned, struct error *err);

#endif
