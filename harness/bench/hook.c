/* SPDX-License-Identifier: MIT */
#include "bench/hook.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/error.h"
#include "core/units.h"

static int64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void run_shell(
	const struct hook *hook, const char *command, const char *device, const char *port)
{
	int nothing = open("/dev/null", O_RDONLY);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	dup2(nothing, STDIN_FILENO);
	dup2(hook->output, STDOUT_FILENO);
	dup2(hook->output, STDERR_FILENO);
	setenv("WIZHIL_DEVICE", device, 1);
	setenv("WIZHIL_PORT", port, 1);
	execl("/bin/sh", "sh", "-c", command, NULL);
	_exit(127);
}

int hook_start(struct hook *hook, const char *name, const char *command, const char *device,
	const char *port, struct error *err)
{
	*hook = (struct hook){.ended = -1, .output = memfd_create("hook", MFD_CLOEXEC)};
	snprintf(hook->name, sizeof hook->name, "%s", name);
	if (hook->output < 0)
		return error_errno(err, ERROR_BENCH, "cannot run the %s command", name);
	hook->child = fork();
	if (hook->child == 0)
		run_shell(hook, command, device, port);
	/* Here too: it may have to be ended before it has come so far itself. */
	if (hook->child > 0)
		setpgid(hook->child, hook->child);
	hook->ended = hook->child < 0 ? -1 : pidfd_open(hook->child, 0);
	if (hook->ended < 0) {
		(void)error_errno(err, ERROR_BENCH, "cannot run the %s command", name);
		close(hook->output);
		return -1;
	}
	fcntl(hook->ended, F_SETFD, FD_CLOEXEC);
	hook->deadline_ns = monotonic_ns() + HOOK_TIMEOUT_S * NS_PER_S;
	hook->running = true;
	return 0;
}

/* The last line that it wrote, with ": " before it, or nothing. */
static void last_line(const struct hook *hook, char *text, size_t size)
{
	char tail[200];
	off_t end = lseek(hook->output, 0, SEEK_END);
	off_t from = end > (off_t)sizeof tail - 1 ? end - (off_t)sizeof tail + 1 : 0;
	ssize_t got = pread(hook->output, tail, sizeof tail - 1, from);

	text[0] = '\0';
	while (got > 0 && (tail[got - 1] == '\n' || tail[got - 1] == '\r'))
		got--;
	if (got <= 0)
		return;
	tail[got] = '\0';
	const char *line = strrchr(tail, '\n');
	snprintf(text, size, ": %s", line == NULL ? tail : line + 1);
}

static void release(struct hook *hook)
{
	close(hook->ended);
	close(hook->output);
	hook->running = false;
}

int hook_finish(struct hook *hook, int wait_ms, struct error *err)
{
	struct pollfd end = {.fd = hook->ended, .events = POLLIN};
	int64_t left_ms = (hook->deadline_ns - monotonic_ns()) / NS_PER_MS + 1;
	int status = 0;
	char line[200];

	if (!hook->running)
		return 0;
	if (wait_ms < 0 || wait_ms > left_ms)
		wait_ms = left_ms < 0 ? 0 : (int)left_ms;
	if (poll(&end, 1, wait_ms) == 0 && monotonic_ns() < hook->deadline_ns)
		return 1;
	if (waitpid(hook->child, &status, WNOHANG) == 0) {
		hook_cancel(hook);
		return error_set(err, ERROR_BENCH,
			"the %s command did not end within %d s and was ended", hook->name,
			HOOK_TIMEOUT_S);
	}
	last_line(hook, line, sizeof line);
	release(hook);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status))
		return error_set(err, ERROR_BENCH, "the %s command exited with %d%s", hook->name,
			WEXITSTATUS(status), line);
	return error_set(err, ERROR_BENCH, "the %s command was ended by signal %d%s", hook->name,
		WTERMSIG(status), line);
}

void hook_cancel(struct hook *hook)
{
	if (!hook->running)
		return;
	kill(-hook->child, SIGKILL);
	waitpid(hook->child, NULL, 0);
	release(hook);
}
