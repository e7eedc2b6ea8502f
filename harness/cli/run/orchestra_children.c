/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/run/orchestra_parts.h"
#include "core/error.h"

/* The broker's socket: a path of its own, short enough for any run folder. */
int orchestra_listen(struct orchestra *o, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(o->socket_folder, sizeof o->socket_folder, "/tmp/wizhil-XXXXXX");
	if (mkdtemp(o->socket_folder) == NULL)
		return error_errno(err, ERROR_BENCH, "cannot make a folder in /tmp");
	snprintf(o->socket_path, sizeof o->socket_path, "%s/broker", o->socket_folder);
	memcpy(address.sun_path, o->socket_path, strlen(o->socket_path) + 1);
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener < 0 ||
		bind(listener, (const struct sockaddr *)&address, sizeof address) != 0 ||
		chmod(o->socket_path, 0600) != 0 || listen(listener, 4096) != 0)
		return error_errno(err, ERROR_BENCH, "cannot listen on '%s'", o->socket_path);
	o->options.listener = listener;
	return 0;
}

/* Out of the terminal's foreground group: an interrupt is passed on by the command alone. */
static void begin_child(const struct orchestra *o)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(o->signals);
}

int orchestra_start_bench(struct orchestra *o, struct error *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, o->control) != 0)
		return error_errno(err, ERROR_BENCH, "cannot make a socket pair");
	fflush(NULL);
	o->bench = fork();
	if (o->bench < 0)
		return error_errno(err, ERROR_BENCH, "cannot start the bench");
	if (o->bench == 0) {
		struct error fault = {0};
		begin_child(o);
		close(o->control[0]);
		o->options.control = o->control[1];
		int failed = bench_run(&o->options, &fault);
		orchestra_tell_trouble(o);
		_exit(failed == 0 ? 0 : 1);
	}
	close(o->control[1]);
	close(o->options.listener);
	return 0;
}

void orchestra_tell_trouble(const struct orchestra *o)
{
	if (o->trouble.kind != ERROR_NONE)
		(void)send(
			o->control[1], &o->trouble, sizeof o->trouble, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void orchestra_hear_trouble(struct orchestra *o)
{
	struct error trouble;

	if (recv(o->control[0], &trouble, sizeof trouble, MSG_DONTWAIT) == sizeof trouble &&
		o->trouble.kind == ERROR_NONE)
		o->trouble = trouble;
}

/* device: the one that its cases are bound to; NULL: any. */
static void run_cases(const struct orchestra *o, const struct bench_device *device, int output)
{
	const char *profile = o->profile;

	begin_child(o);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	if (device != NULL && o->arguments->profile == NULL)
		profile = device->profile == NULL ? "" : device->profile;
	setenv("WIZHIL_BENCH", o->socket_path, 1);
	setenv("WIZHIL_DEVICE", device == NULL ? "" : device->name, 1);
	setenv("WIZHIL_PROFILE", profile, 1);
	setenv("WIZHIL_SCENARIOS", o->scenarios, 1);
	if (o->arguments->jobs != NULL)
		setenv("WIZHIL_JOBS", o->arguments->jobs, 1);
	execl(o->cases_program, "wizhil-cases", o->arguments->forked ? "--forked" : "--selected",
		o->selection, NULL);
	_exit(127);
}

static void path_of_log(const struct orchestra *o, char *path, size_t size)
{
	snprintf(path, size, "%s/runner.log", o->folder);
}

void orchestra_last_words(const struct orchestra *o, char *words, size_t size)
{
	char path[2100], line[256];

	words[0] = '\0';
	path_of_log(o, path, sizeof path);
	FILE *log = fopen(path, "re");
	if (log == NULL)
		return;
	while (fgets(line, sizeof line, log) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '\0')
			snprintf(words, size, "%s", line);
	}
	fclose(log);
}

int orchestra_start_runners(struct orchestra *o, struct error *err)
{
	char log[2100];
	int wanted = o->arguments->each ? (int)o->file.device_count : 1;

	path_of_log(o, log, sizeof log);
	int output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (output < 0)
		return error_errno(err, ERROR_BENCH, "cannot write '%s'", log);
	for (int i = 0; i < wanted; i++) {
		pid_t runner = fork();
		if (runner == 0)
			run_cases(o, o->arguments->each ? &o->file.devices[i] : NULL, output);
		if (runner < 0) {
			(void)error_errno(err, ERROR_BENCH, "cannot start wizhil-cases");
			close(output);
			return -1;
		}
		o->runners[o->runner_count++] = runner;
	}
	close(output);
	return 0;
}

bool orchestra_runs(const struct orchestra *o)
{
	for (int i = 0; i < o->runner_count; i++)
		if (o->runners[i] > 0)
			return true;
	return false;
}
