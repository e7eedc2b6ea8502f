/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/run/test_run.h"
#include "core/error.h"

/* An interrupt is passed on by the command alone: out of the terminal's foreground group, and deaf to
 * what a cancelled job sends to all processes. */
static void begin_child(const struct test_run *test_run, pid_t command)
{
	static const int deaf[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
	sigset_t none;

	for (size_t i = 0; i < sizeof deaf / sizeof *deaf; i++)
		signal(deaf[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* It may have died before that. */
	if (getppid() != command)
		_exit(127);
	close(test_run->signals);
}

int run_start_bench(struct test_run *test_run, struct error *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, test_run->control) != 0)
		return error_errno(err, ERROR_BENCH, "cannot create a socket pair");
	fflush(NULL);
	const pid_t command = getpid();
	test_run->bench = fork();
	if (test_run->bench < 0)
		return error_errno(err, ERROR_BENCH, "cannot start the bench");
	if (test_run->bench == 0) {
		struct error fault = {0};
		begin_child(test_run, command);
		close(test_run->control[0]);
		test_run->options.control = test_run->control[1];
		int failed = bench_run(&test_run->options, &fault);
		run_send_error(test_run);
		_exit(failed == 0 ? 0 : 1);
	}
	close(test_run->control[1]);
	close(test_run->options.listener);
	return 0;
}

/* device: the one that its cases are bound to; NULL: any. */
static void run_cases(const struct test_run *test_run, pid_t command,
	const struct bench_device *device, int output)
{
	const char *profile = test_run->profile;

	begin_child(test_run, command);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	if (device != NULL && test_run->arguments->profile == NULL)
		profile = device->profile == NULL ? "" : device->profile;
	setenv("WIZHIL_BENCH", test_run->socket_path, 1);
	setenv("WIZHIL_DEVICE", device == NULL ? "" : device->name, 1);
	setenv("WIZHIL_PROFILE", profile, 1);
	setenv("WIZHIL_SCENARIOS", test_run->scenarios, 1);
	if (test_run->arguments->jobs != NULL)
		setenv("WIZHIL_JOBS", test_run->arguments->jobs, 1);
	execl(test_run->cases_program, "wizhil-cases",
		test_run->arguments->forked ? "--forked" : "--selected", test_run->selection, NULL);
	_exit(127);
}

static void path_of_log(const struct test_run *test_run, char *path, size_t size)
{
	snprintf(path, size, "%s/runner.log", test_run->folder);
}

void run_last_log_line(const struct test_run *test_run, char *words, size_t size)
{
	char path[2100], line[256];

	words[0] = '\0';
	path_of_log(test_run, path, sizeof path);
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

int run_start_runners(struct test_run *test_run, struct error *err)
{
	char log[2100];
	int wanted = test_run->arguments->each ? (int)test_run->file.device_count : 1;

	path_of_log(test_run, log, sizeof log);
	int output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (output < 0)
		return error_errno(err, ERROR_BENCH, "cannot write '%s'", log);
	const pid_t command = getpid();
	for (int i = 0; i < wanted; i++) {
		pid_t runner = fork();
		if (runner == 0)
			run_cases(test_run, command,
				test_run->arguments->each ? &test_run->file.devices[i] : NULL,
				output);
		if (runner < 0) {
			(void)error_errno(err, ERROR_BENCH, "cannot start wizhil-cases");
			close(output);
			return -1;
		}
		test_run->runners[test_run->runner_count++] = runner;
	}
	close(output);
	return 0;
}

bool run_has_runners(const struct test_run *test_run)
{
	for (int i = 0; i < test_run->runner_count; i++)
		if (test_run->runners[i] > 0)
			return true;
	return false;
}
