/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/run/test_run.h"

/* Whoever reads what the command writes may stop to read, and keeps it in a write then, in which it heeds
 * no signal: they are blocked.  A signal that waits so long, in looks of a second, is heeded here. */
enum { STUCK_LOOKS = 10, END_LOOKS = STUCK_LOOKS + 60 };

static const struct test_run *watched;
static volatile sig_atomic_t looks;

static bool is_asked_to_end(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 &&
	       (sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1 ||
		       sigismember(&pending, SIGQUIT) == 1 || sigismember(&pending, SIGHUP) == 1);
}

static bool has_bench(void)
{
	siginfo_t info = {0};

	return watched->bench > 0 &&
	       waitid(P_PID, (id_t)watched->bench, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == 0;
}

/* The bench finishes the evidence; the reports can be made of it. */
static void look(int signal)
{
	const int was = errno;
	const char order = ORDER_INTERRUPT;

	(void)signal;
	looks = is_asked_to_end() ? looks + 1 : 0;
	if (looks == STUCK_LOOKS && has_bench())
		(void)send(watched->control[0], &order, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (looks > STUCK_LOOKS && (looks > END_LOOKS || !has_bench())) {
		if (watched->bench > 0)
			kill(-watched->bench, SIGKILL);
		for (int i = 0; i < watched->runner_count; i++)
			if (watched->runners[i] > 0)
				kill(-watched->runners[i], SIGKILL);
		_exit(EXIT_CODE_INTERRUPTED);
	}
	alarm(1);
	errno = was;
}

void run_watch_writes(const struct test_run *test_run)
{
	struct sigaction action = {.sa_handler = look, .sa_flags = SA_RESTART};

	watched = test_run;
	looks = 0;
	sigaction(SIGALRM, &action, NULL);
	alarm(1);
}

void run_watch_no_writes(void)
{
	alarm(0);
}
