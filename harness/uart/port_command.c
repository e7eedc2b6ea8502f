/* SPDX-License-Identifier: MIT */
#include <errno.h>
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

#include "core/error.h"
#include "core/file_read.h"
#include "uart/port_backend.h"

/* A port that is a command on a pty of its own: ssh, socat, gensio. */

enum { END_TIMEOUT_MS = 2000 };

static ssize_t command_read(struct port *port, void *bytes, size_t size)
{
	return read(port->descriptor, bytes, size);
}

static ssize_t command_write(struct port *port, const void *bytes, size_t size)
{
	return write(port->descriptor, bytes, size);
}

/* The line has the speed that its other side gives it. */
static int command_configure(
	struct port *port, const struct port_settings *settings, struct error *err)
{
	(void)port;
	(void)settings;
	(void)err;
	return 0;
}

/* It is asked to end, for it may have to give a port back on another host, and then made to. */
static void end(struct port *port)
{
	struct pollfd ended = {.fd = pidfd_open(port->child, 0), .events = POLLIN};

	kill(-port->child, SIGTERM);
	if (ended.fd < 0 || poll(&ended, 1, END_TIMEOUT_MS) <= 0)
		kill(-port->child, SIGKILL);
	waitpid(port->child, NULL, 0);
	kill(-port->child, SIGKILL); /* what it started */
	if (ended.fd >= 0)
		close(ended.fd);
	port->child = 0;
}

static void command_close(struct port *port)
{
	close(port->descriptor);
	if (port->child > 0)
		end(port);
	close(port->said);
}

/* The last line that it wrote to its standard error, with ": " before it, or nothing. */
static void last_words(const struct port *port, char *text, size_t size)
{
	char line[300];

	file_last_line(port->said, line, sizeof line);
	snprintf(text, size, "%s%s", line[0] == '\0' ? "" : ": ", line);
}

static int command_gone(struct port *port, struct error *err)
{
	struct pollfd ended = {.fd = pidfd_open(port->child, 0), .events = POLLIN};
	char line[320];
	int status = 0;

	/* The end of its output comes a moment before its own. */
	if (ended.fd >= 0 && poll(&ended, 1, END_TIMEOUT_MS) > 0 &&
		waitpid(port->child, &status, WNOHANG) == port->child) {
		kill(-port->child, SIGKILL); /* what it started */
		port->child = 0;
	}
	if (ended.fd >= 0)
		close(ended.fd);
	last_words(port, line, sizeof line);
	if (port->child > 0)
		return error_set(
			err, ERROR_BENCH, "command '%.200s' closed its output%s", port->path, line);
	if (WIFSIGNALED(status))
		return error_set(err, ERROR_BENCH, "command '%.200s' was ended by signal %d%s",
			port->path, WTERMSIG(status), line);
	return error_set(err, ERROR_BENCH, "command '%.200s' exited with %d%s", port->path,
		WEXITSTATUS(status), line);
}

static const struct port_backend backend = {
	command_read, command_write, command_configure, command_close, command_gone};

/* In a session of its own, without a terminal to ask for a password on. */
static _Noreturn void run(const char *command, int terminal, int said, pid_t parent)
{
	static const int usual[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE};
	sigset_t none;

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127);
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		signal(usual[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(terminal, STDIN_FILENO);
	dup2(terminal, STDOUT_FILENO);
	dup2(said, STDERR_FILENO);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	execl("/bin/sh", "sh", "-c", command, NULL);
	_exit(127);
}

int port_command_pty(struct port *port, struct error *err)
{
	port->backend = &backend;
	port->said = memfd_create("port", MFD_CLOEXEC);
	port->descriptor = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (port->said >= 0 && port->descriptor >= 0 && grantpt(port->descriptor) == 0 &&
		unlockpt(port->descriptor) == 0)
		return 0;
	return error_errno(err, ERROR_BENCH, "cannot make a pty for '%.200s'", port->path);
}

int port_command_start(struct port *port, const char *command, struct error *err)
{
	char name[64] = "";
	const pid_t parent = getpid();
	int terminal = ptsname_r(port->descriptor, name, sizeof name) == 0
			       ? open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)
			       : -1;

	if (terminal < 0)
		return error_errno(err, ERROR_BENCH, "cannot open the pty of '%.200s'", port->path);
	port->child = fork();
	if (port->child == 0)
		run(command, terminal, port->said, parent);
	close(terminal);
	if (port->child > 0)
		return 0;
	port->child = 0;
	return error_errno(err, ERROR_BENCH, "cannot run '%.200s'", port->path);
}
