/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Criterion (its boxfort) goes on with the -1 of a fork that failed, and kills it: where a limit on
 * processes is met, that is every process of the user, and of root every one there is.  This comes
 * before the C library's.
 */
int kill(pid_t process, int number)
{
	if (process == -1) {
		errno = ESRCH;
		return -1;
	}
	return (int)syscall(SYS_kill, process, number);
}
