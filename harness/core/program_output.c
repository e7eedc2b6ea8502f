/* SPDX-License-Identifier: MIT */
#include "core/program_output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"
#include "core/raw_clock.h"
#include "core/units.h"

static _Noreturn void run(char *const *words, int output, int descriptor)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(output, descriptor);
	execv(words[0], words);
	_exit(127);
}

static bool wait_until(int descriptor, int64_t end_ns)
{
	struct pollfd ready = {.fd = descriptor, .events = POLLIN};
	int64_t left_ns;

	while ((left_ns = end_ns - raw_clock_ns()) > 0)
		if (poll(&ready, 1, (int)(left_ns / NS_PER_MS) + 1) > 0)
			return true;
	return false;
}

/* Until it closes its output: 1; 0: it does not. */
static int read_all(int pipe, int64_t end_ns, char **text, size_t *length)
{
	enum { PIECE = 1 << 16 };

	for (;;) {
		char *more = realloc(*text, *length + PIECE + 1);
		if (more == NULL)
			return -1;
		*text = more;
		if (!wait_until(pipe, end_ns))
			return 0;
		const ssize_t got = read(pipe, *text + *length, PIECE);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		*length += (size_t)got;
		(*text)[*length] = '\0';
		if (got == 0)
			return 1;
	}
}

/* It may end later than its output. */
static int await_end(pid_t child, int64_t end_ns, int *status)
{
	const int ended = pidfd_open(child, 0);
	const bool in_time = ended >= 0 && wait_until(ended, end_ns);

	if (ended >= 0)
		close(ended);
	if (!in_time)
		kill(child, SIGKILL);
	while (waitpid(child, status, 0) < 0 && errno == EINTR) {
	}
	return in_time;
}

char *program_output(char *const *words, int descriptor, int limit_ms, size_t *length, int *status,
	struct error *err)
{
	const int64_t end_ns = raw_clock_ns() + limit_ms * NS_PER_MS;
	char *text = NULL;
	int ends[2];

	*length = 0;
	if (pipe2(ends, O_CLOEXEC) != 0) {
		(void)error_errno(err, ERROR_BENCH, "cannot create a pipe");
		return NULL;
	}
	const pid_t child = fork();
	if (child == 0)
		run(words, ends[1], descriptor);
	close(ends[1]);
	if (child < 0)
		(void)error_errno(err, ERROR_BENCH, "cannot start '%.200s'", words[0]);
	const int got = child < 0 ? -1 : read_all(ends[0], end_ns, &text, length);
	close(ends[0]);
	if (child > 0 && !await_end(child, got > 0 ? end_ns : 0, status))
		(void)(got < 0 ? error_set(err, ERROR_BENCH, "cannot read from '%.200s'", words[0])
			       : error_set(err, ERROR_BENCH,
					 "'%.200s' did not end within %g s and was killed",
					 words[0], limit_ms / 1e3));
	else if (got > 0)
		return text;
	free(text);
	return NULL;
}
