/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Criterion (its boxfort) goes on with the -1 of a fork that failed: it kills it, which where a
 * limit on processes is met is every process of the user, and of root every one there is; and waits
 * for it, which is for any other worker, and may be for ever.  This comes before the C library's:
 * the runner says why, and ends.
 */
int kill(pid_t process, int number)
{
	if (process == -1) {
		fprintf(stderr, "%s: cannot start a worker: %s\n", program_invocation_short_name,
			strerror(errno == 0 ? EAGAIN : errno));
		_exit(2);
	}
	return (int)syscall(SYS_kill, process, number);
}
