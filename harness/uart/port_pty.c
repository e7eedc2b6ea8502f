/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

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
	close(port->descriptor);
}

int port_pty_adopt(struct port *port, struct error *err)
{
	static const struct port_backend backend = {pty_read, pty_write, pty_configure, pty_close};
	int status = fcntl(port->descriptor, F_GETFL);

	port->backend = &backend;
	if (ttyname_r(port->descriptor, port->path, sizeof port->path) != 0)
		snprintf(port->path, sizeof port->path, "descriptor %d", port->descriptor);
	if (status < 0 || !isatty(port->descriptor))
		return error_errno(err, ERROR_BENCH, "'%s' is no terminal", port->path);
	if (fcntl(port->descriptor, F_SETFL, status | O_NONBLOCK) < 0 ||
		fcntl(port->descriptor, F_SETFD, FD_CLOEXEC) < 0)
		return error_errno(err, ERROR_BENCH, "cannot make '%s' non-blocking", port->path);
	return 0;
}
