/* SPDX-License-Identifier: MIT */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
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

typedef pid_t fork_fn(void);

/* A worker stops itself before it begins, and would stay so for ever where the runner was killed in
 * between. */
pid_t fork(void)
{
	const pid_t runner = getpid();
	void *found = dlsym(RTLD_NEXT, "fork");
	fork_fn *real = NULL;

	if (found == NULL) {
		errno = ENOSYS;
		return -1;
	}
	memcpy(&real, &found, sizeof real);
	const pid_t process = real();
	if (process == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != runner)
			_exit(127);
	}
	return process;
}
