/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/error.h"
#include "uart/port_backend.h"

static ssize_t pty_read(struct port *port, void *bytes, size_t size)
{
	return read(port->descriptor, bytes, size);
}

static ssize_t pty_write(struct port *port, const void *bytes, size_t size)
{
	return write(port->descriptor, bytes, size);
}

static int pty_configure(struct port *port, const struct port_settings *settings, struct error *err)
{
	(void)port; /* termios is all that a pty has: port.c sees to it */
	(void)settings;
	(void)err;
	return 0;
}

static void pty_close(struct port *port)
{
	if (port->lock >= 0)
		ioctl(port->descriptor, TIOCNXCL);
	close(port->descriptor);
	if (port->lock >= 0)
		close(port->lock);
}

static const struct port_backend backend = {pty_read, pty_write, pty_configure, pty_close, NULL};

bool port_is_pty(const char *node)
{
	static const char folder[] = "/dev/pts/";

	return strncmp(node, folder, sizeof folder - 1) == 0;
}

int port_pty_open(struct port *port, const char *node, struct error *err)
{
	port->descriptor = open(node, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (port->descriptor < 0)
		return error_errno(err, ERROR_BENCH, "cannot open '%s'", port->path);
	port->backend = &backend;
	if (ioctl(port->descriptor, TIOCEXCL) == 0)
		return 0;
	(void)error_errno(err, ERROR_BENCH, "cannot lock '%s'", port->path);
	close(port->descriptor);
	return -1;
}

int port_pty_adopt(struct port *port, struct error *err)
{
	int status = fcntl(port->descriptor, F_GETFL);

	port->backend = &backend;
	if (ttyname_r(port->descriptor, port->path, sizeof port->path) != 0)
		snprintf(port->path, sizeof port->path, "descriptor %d", port->descriptor);
	if (status < 0 || !isatty(port->descriptor))
		return error_errno(err, ERROR_BENCH, "'%s' is not a terminal", port->path);
	if (fcntl(port->descriptor, F_SETFL, status | O_NONBLOCK) < 0 ||
		fcntl(port->descriptor, F_SETFD, FD_CLOEXEC) < 0)
		return error_errno(err, ERROR_BENCH, "cannot set '%s' to non-blocking", port->path);
	return 0;
}
