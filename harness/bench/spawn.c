/* SPDX-License-Identifier: MIT */
#include "bench/spawn.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include "core/error.h"
#include "core/exit_code.h"
#include "core/program_output.h"

enum { ARGUMENTS = 512 };

struct arguments {
	int count;
	char *list[ARGUMENTS];
};

static void add(struct arguments *arguments, const char *word)
{
	if (arguments->count < ARGUMENTS - 1)
		arguments->list[arguments->count++] = strdup(word);
}

static void release(struct arguments *arguments)
{
	for (int i = 0; i < arguments->count; i++)
		free(arguments->list[i]);
	arguments->count = 0;
}

static void add_pair(struct arguments *arguments, const char *option, const char *value)
{
	add(arguments, option);
	add(arguments, value);
}

static void add_number(struct arguments *arguments, const char *option, unsigned long long value)
{
	char text[24];

	snprintf(text, sizeof text, "%llu", value);
	add_pair(arguments, option, text);
}

/* A pty in raw mode before the first byte; one slave stays open for life (harness/PLATFORM.md,
 * rule 3). */
static int open_pty(int *master, int *slave, struct error *err)
{
	struct termios raw;

	*master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*master < 0 || grantpt(*master) != 0 || unlockpt(*master) != 0)
		return error_errno(err, ERROR_BENCH, "cannot create a pty");
	const char *name = ptsname(*master);
	*slave = name == NULL ? -1 : open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*slave < 0 || tcgetattr(*slave, &raw) != 0)
		return error_errno(err, ERROR_BENCH, "cannot open the slave of the pty");
	cfmakeraw(&raw);
	if (tcsetattr(*slave, TCSANOW, &raw) != 0)
		return error_errno(err, ERROR_BENCH, "cannot set the pty raw");
	return 0;
}

static const char *program_of(const struct spawn_request *request)
{
	const char *program = request->entry->virtual_device.program;

	return program != NULL ? program : request->program;
}

static void device_arguments(
	struct arguments *arguments, const struct spawn_request *request, int master, int control)
{
	const struct bench_virtual *settings = &request->entry->virtual_device;
	char mac[18];

	snprintf(mac, sizeof mac, "%02x:%02x:%02x:%02x:%02x:%02x", request->mac[0], request->mac[1],
		request->mac[2], request->mac[3], request->mac[4], request->mac[5]);
	add(arguments, program_of(request));
	add_number(arguments, "--tty-fd", (unsigned)master);
	add_number(arguments, "--tap-fd", (unsigned)request->tap);
	add_number(arguments, "--control-fd", (unsigned)control);
	add_pair(arguments, "--clock", request->stepped ? "stepped" : "real");
	add_pair(arguments, "--mac", mac);
	add_number(arguments, "--seed", settings->has_seed ? settings->seed : request->seed);
	if (settings->profile != NULL)
		add_pair(arguments, "--profile", settings->profile);
	if (settings->pid_file != NULL)
		add_pair(arguments, "--pid-file", settings->pid_file);
	if (settings->log != NULL)
		add_pair(arguments, "--log", settings->log);
	for (size_t i = 0; i < settings->fault_count; i++)
		add_pair(arguments, "--fault", settings->faults[i]);
	for (size_t i = 0; i < settings->set_count; i++)
		add_pair(arguments, "--set", settings->sets[i]);
	for (size_t i = 0; i < request->set_count; i++)
		add_pair(arguments, "--set", request->sets[i]);
}

/* What it has to say takes it no time. */
enum { CHECK_LIMIT_MS = 60000 };

/* Its first line, without the program's name in front. */
static const char *message_of(char *said)
{
	said[strcspn(said, "\n")] = '\0';
	const char *colon = strstr(said, ": ");
	return colon == NULL ? said : colon + 2;
}

int spawn_check(const struct spawn_request *request, struct error *err)
{
	struct arguments arguments = {0};
	size_t length;
	int status = 0, result = 0;

	device_arguments(&arguments, request, 0, 0);
	add(&arguments, "--check");
	char *said = program_output(
		arguments.list, STDERR_FILENO, CHECK_LIMIT_MS, &length, &status, err);
	release(&arguments);
	if (said == NULL)
		return error_context(err, "virtual device '%s'", request->entry->name);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_CODE_USAGE)
		result = error_set(err, ERROR_USAGE, "virtual device '%s': %s",
			request->entry->name, message_of(said));
	else if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_CODE_PASS)
		result = error_set(err, ERROR_BENCH, "cannot run the virtual device '%s'",
			program_of(request));
	free(said);
	return result;
}

int spawn_device(const struct spawn_request *request, struct spawned *spawned, struct error *err)
{
	struct arguments arguments = {0};
	int controls[2] = {-1, -1};
	int master = -1;

	spawned->pty_slave = -1;
	if (access(program_of(request), X_OK) != 0)
		return error_errno(err, ERROR_BENCH, "cannot run the virtual device '%s'",
			program_of(request));
	if (open_pty(&master, &spawned->pty_slave, err) != 0)
		goto fail;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, controls) != 0) {
		error_errno(err, ERROR_BENCH, "cannot create a socket pair");
		goto fail;
	}
	device_arguments(&arguments, request, master, controls[1]);
	spawned->child = fork();
	if (spawned->child < 0) {
		error_errno(err, ERROR_BENCH, "cannot start the virtual device");
		goto fail;
	}
	if (spawned->child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fcntl(master, F_SETFD, 0);
		fcntl(request->tap, F_SETFD, 0);
		fcntl(controls[1], F_SETFD, 0);
		execv(arguments.list[0], arguments.list);
		_exit(127);
	}
	release(&arguments);
	close(master);
	close(controls[1]);
	spawned->control = controls[0];
	return 0;
fail:
	release(&arguments);
	if (master >= 0)
		close(master);
	if (spawned->pty_slave >= 0)
		close(spawned->pty_slave);
	if (controls[0] >= 0) {
		close(controls[0]);
		close(controls[1]);
	}
	return -1;
}
