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
#include <unistd.h>

#include "bench/bench_file.h"
#include "bench/clock.h"
#include "core/error.h"
#include "core/file_read.h"
#include "core/raw_clock.h"
#include "core/units.h"
#include "uart/secrets.h"

/* The shell: with the environment of the bench, but for what is secret. */
static _Noreturn void run_shell(const struct hook *hook, const struct hook_request *request)
{
	static const int usual[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
	int nothing = open("/dev/null", O_RDONLY);

	if (nothing >= 0)
		dup2(nothing, STDIN_FILENO);
	dup2(hook->output, STDOUT_FILENO);
	dup2(hook->output, STDERR_FILENO);
	/* The bench is deaf to an interrupt, which is the command's; what it runs is as usual. */
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		signal(usual[i], SIG_DFL);
	setenv("WIZHIL_DEVICE", request->device, 1);
	setenv("WIZHIL_PORT", request->port, 1);
	if (request->firmware != NULL)
		setenv("WIZHIL_FIRMWARE", request->firmware, 1);
	for (size_t i = 0; request->file != NULL && i < request->file->device_count; i++)
		if (request->file->devices[i].wifi.passphrase_env != NULL)
			unsetenv(request->file->devices[i].wifi.passphrase_env);
	execl("/bin/sh", "sh", "-c", request->command, NULL);
	_exit(127);
}

/* Ends as the shell ended. */
static _Noreturn void end_as(int status)
{
	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	signal(WTERMSIG(status), SIG_DFL);
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	raise(WTERMSIG(status));
	_exit(128 + WTERMSIG(status));
}

/* The leader of the process group: it waits for the shell, and for the end of the bench, with which
 * the whole group ends. */
static _Noreturn void lead(const struct hook *hook, const struct hook_request *request, pid_t bench)
{
	sigset_t awaited, none;
	int status = 0;

	setpgid(0, 0);
	sigemptyset(&awaited);
	sigaddset(&awaited, SIGCHLD);
	sigaddset(&awaited, SIGUSR1);
	sigemptyset(&none);
	sigprocmask(SIG_BLOCK, &awaited, NULL);
	signal(SIGCHLD, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGUSR1);
	pid_t shell = getppid() == bench ? fork() : -1;
	if (shell < 0)
		_exit(127);
	if (shell == 0) {
		sigprocmask(SIG_SETMASK, &none, NULL);
		run_shell(hook, request);
	}
	/* What the bench has open it does not keep open. */
	close_range(STDERR_FILENO + 1, ~0U, 0);
	for (;;) {
		int got = 0;
		if (waitpid(shell, &status, WNOHANG) == shell)
			end_as(status);
		(void)sigwait(&awaited, &got);
		if (got == SIGUSR1)
			kill(0, SIGKILL);
	}
}

int hook_start(struct hook *hook, const struct hook_request *request, struct error *err)
{
	const pid_t bench = getpid();

	*hook = (struct hook){
		.ended = -1, .output = memfd_create("hook", MFD_CLOEXEC), .file = request->file};
	snprintf(hook->name, sizeof hook->name, "%s", request->name);
	if (hook->output < 0)
		return error_errno(err, ERROR_BENCH, "cannot run the %s command", hook->name);
	hook->child = fork();
	if (hook->child == 0)
		lead(hook, request, bench);
	/* Here too: it may have to be ended before it has come so far itself. */
	if (hook->child > 0)
		setpgid(hook->child, hook->child);
	hook->ended = hook->child < 0 ? -1 : pidfd_open(hook->child, 0);
	if (hook->ended < 0) {
		(void)error_errno(err, ERROR_BENCH, "cannot run the %s command", hook->name);
		close(hook->output);
		return -1;
	}
	fcntl(hook->ended, F_SETFD, FD_CLOEXEC);
	hook->timeout_s = request->timeout_s == 0 ? HOOK_TIMEOUT_S : request->timeout_s;
	hook->deadline_ns = raw_clock_ns() + hook->timeout_s * NS_PER_S;
	hook->running = true;
	return 0;
}

/* It may have the passphrase from elsewhere, and say it. */
static void redact(const struct hook *hook, char *line)
{
	struct secrets *secrets = secrets_new();
	const size_t length = strlen(line);
	bool hidden[200];

	for (size_t i = 0; hook->file != NULL && i < hook->file->device_count; i++) {
		char *secret = NULL;
		if (secrets != NULL &&
			bench_file_secret(&hook->file->devices[i].wifi, &secret, NULL) == 0 &&
			secret != NULL)
			(void)secrets_add(secrets, (const uint8_t *)secret, strlen(secret));
		if (secret != NULL)
			explicit_bzero(secret, strlen(secret));
		free(secret);
	}
	secrets_mark_line(secrets, (const uint8_t *)line, length, hidden);
	for (size_t i = 0; i < length; i++)
		if (hidden[i])
			line[i] = '*';
	secrets_free(secrets);
}

/* The last line that it wrote, with ": " before it, or nothing. */
static void last_words(const struct hook *hook, char *text, size_t size)
{
	char line[200];

	file_last_line(hook->output, line, sizeof line);
	redact(hook, line);
	snprintf(text, size, "%s%s", line[0] == '\0' ? "" : ": ", line);
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
	int64_t left_ms = (hook->deadline_ns - raw_clock_ns()) / NS_PER_MS + 1;
	int status = 0;
	char line[200];

	if (!hook->running)
		return 0;
	if (wait_ms < 0 || wait_ms > left_ms)
		wait_ms = left_ms < 0 ? 0 : (int)left_ms;
	if (poll(&end, 1, wait_ms) == 0 && raw_clock_ns() < hook->deadline_ns)
		return 1;
	if (waitpid(hook->child, &status, WNOHANG) == 0) {
		hook_cancel(hook);
		return error_set(err, ERROR_BENCH,
			"the %s command did not finish within %d s and was killed", hook->name,
			hook->timeout_s);
	}
	last_words(hook, line, sizeof line);
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
