/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_RIG_TEST_H
#define WIZHIL_BENCH_RIG_TEST_H

#include "bench/bench.h"
#include "core/error.h"

/*
 * Whole runs: a network namespace, TAPs, and fake_module_test.py as the device, a process of its own.
 * The bench is this process, the workers of the cases are children of it.
 */

enum { DEVICES = 2, CASES = 2 };

struct rig {
	char folder[40];
	struct bench_file file;
	struct bench_device devices[DEVICES];
	const char *sets[DEVICES][2];
	struct bench_options options;
	struct listed_case cases[CASES];
	struct scenario scenario;
	int orders; /* the command's end of the control socket */
	struct error err;
	char journal[1 << 15];
	char said[4096]; /* by bench_check, a line each */
	char watched[1 << 15];
};

extern struct rig rig;

/* Whether this system lets a test have a network of its own. */
bool has_network(void);
/* For each test's beginning and end: one virtual device, two cases, a folder of its own. */
void rig_begin(void);
void rig_end(void);
/* New sockets for another run of the same test. */
void rig_open_sockets(void);
/* A setting of the fake module, NAME=VALUE. */
void device_is(int index, const char *set);
/* Runs the bench with its workers; what came of the workers: the greatest of their exit codes, which
 * are what each was told to do next, or 10 for an error. */
int run(int expected);
bool journalled(const char *what);
/* The content of a file of the run's folder, until the next call. */
const char *read_file(const char *name);

#endif
