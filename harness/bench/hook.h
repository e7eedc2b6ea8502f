/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_HOOK_H
#define WIZHIL_BENCH_HOOK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct error;

/*
 * A command of the bench file that touches the lab: the reset pin, the power, the access point.  It
 * runs beside the event loop, since a slow one must not delay what other devices are stamped with.
 * It finds WIZHIL_DEVICE and WIZHIL_PORT in its environment (and in WIZHIL_PIDS the processes of
 * devices that the bench started itself), but no passphrase, no input, and must end within
 * HOOK_TIMEOUT_S of wall time, or what its request says.  A passphrase in what it says is not
 * repeated.  It runs in a process group of its own, which is ended then, and when the bench ends,
 * however that ends.
 */

enum { HOOK_TIMEOUT_S = 60 };

struct bench_file;

struct hook {
	bool running;
	pid_t child;
	int ended;  /* pidfd, for poll(): readable when it has ended; -1 */
	int output; /* a memory file: what it wrote, for the message */
	int timeout_s;
	int64_t deadline_ns;	       /* by raw_clock_ns() */
	char name[32];		       /* "reset", "power": of the key in the bench file */
	const struct bench_file *file; /* whose passphrases its words do not show; NULL: none */
};

struct hook_request {
	const char *name;    /* "reset", "power": of the key in the bench file */
	const char *command; /* for /bin/sh */
	const char *device, *port;
	const char *firmware;	       /* its WIZHIL_FIRMWARE; NULL: it has none */
	int timeout_s;		       /* 0: HOOK_TIMEOUT_S */
	const struct bench_file *file; /* whose passphrases it does not get; NULL: none */
};

/* Starts the command by /bin/sh.  -1 with err set. */
int hook_start(struct hook *hook, const struct hook_request *request, struct error *err);

/* 1: it still runs.  0: it ended well.  -1 with err set: it failed (with its last line), or was
 * ended for taking too long.  Waits for it for wait_ms at most; -1: to its end or its deadline. */
int hook_finish(struct hook *hook, int wait_ms, struct error *err);

/* Ends it if it runs. */
void hook_cancel(struct hook *hook);

#endif
