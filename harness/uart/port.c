/* SPDX-License-Identifier: MIT */
#include "uart/port.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/error.h"
#include "uart/port_backend.h"

enum { DEFAULT_BAUD = 115200 };

static int apply(struct port *port, struct port_settings settings, struct error *err)
{
	if (port_line_check(&settings, err) < 0 ||
		port->backend->configure(port, &settings, err) < 0 ||
		port_line_set(port, &settings, err) < 0)
		return -1;
	port->settings = settings;
	return 0;
}

static struct port_settings with_defaults(const struct port_settings *settings)
{
	struct port_settings result = *settings;

	if (result.baud == 0)
		result.baud = DEFAULT_BAUD;
	return result;
}

static struct port *port_new(struct error *err)
{
	struct port *port = calloc(1, sizeof *port);

	if (port == NULL) {
		error_set(err, ERROR_MEMORY, "out of memory for a serial port");
		return NULL;
	}
	port->lock = port->descriptor = port->said = -1;
	return port;
}

struct port *port_open(const char *path, const struct port_settings *settings, struct error *err)
{
	struct port_settings wanted = with_defaults(settings);
	char command[512];

	if (port_is_of_network(path))
		return port_network_command(path, command, sizeof command, err) != 0
			       ? NULL
			       : port_open_command(command, settings, err);

	/* Before anything is touched. */
	if (port_line_check(&wanted, err) < 0)
		return NULL;
	struct port *port = port_new(err);
	if (port == NULL)
		return NULL;
	if ((size_t)snprintf(port->path, sizeof port->path, "%s", path) >= sizeof port->path) {
		error_set(err, ERROR_USAGE, "name of the serial port is too long");
		free(port);
		return NULL;
	}
	if (port_serialport_open(port, err) < 0) {
		free(port);
		return NULL;
	}
	if (apply(port, wanted, err) < 0) {
		port_close(port);
		return NULL;
	}
	return port;
}

struct port *port_open_command(
	const char *command, const struct port_settings *settings, struct error *err)
{
	struct port *port = port_new(err);

	if (port == NULL)
		return NULL;
	snprintf(port->path, sizeof port->path, "%s", command);
	if (port_command_pty(port, err) < 0 || apply(port, with_defaults(settings), err) < 0 ||
		port_command_start(port, command, err) < 0) {
		port_close(port);
		return NULL;
	}
	return port;
}

struct port *port_adopt(int descriptor, const struct port_settings *settings, struct error *err)
{
	struct port *port = port_new(err);

	if (port == NULL) {
		close(descriptor);
		return NULL;
	}
	port->descriptor = descriptor;
	if (port_pty_adopt(port, err) < 0 || apply(port, with_defaults(settings), err) < 0) {
		port_close(port);
		return NULL;
	}
	return port;
}

const char *port_path(const struct port *port)
{
	return port->path;
}

int port_descriptor(const struct port *port)
{
	return port->descriptor;
}

static bool hung_up(const struct port *port)
{
	struct pollfd state = {.fd = port->descriptor};

	return poll(&state, 1, 0) > 0 && (state.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

/* What a read or write that moved no byte means: 0: nothing now; -1 with err set. */
static int no_byte(struct port *port, ssize_t result, struct error *err)
{
	int reason = result < 0 ? errno : 0;

	const bool gone = hung_up(port) || reason == EIO || reason == ENXIO || reason == ENODEV;

	if (gone && port->backend->gone != NULL)
		return port->backend->gone(port, err);
	if (gone)
		return error_set(err, ERROR_BENCH,
			"serial port '%s' disappeared (is the adapter still plugged in?)",
			port->path);
	if (reason == 0 || reason == EAGAIN || reason == EWOULDBLOCK || reason == EINTR)
		return 0;
	errno = reason;
	return error_errno(err, ERROR_BENCH, "serial port '%s'", port->path);
}

ssize_t port_read(struct port *port, void *bytes, size_t size, struct error *err)
{
	ssize_t count = port->backend->read(port, bytes, size);

	if (count <= 0)
		return no_byte(port, count, err);
	port->read += (uint64_t)count;
	return count;
}

ssize_t port_write(struct port *port, const void *bytes, size_t size, struct error *err)
{
	ssize_t count = port->backend->write(port, bytes, size);

	if (count <= 0)
		return no_byte(port, count, err);
	port->written += (uint64_t)count;
	return count;
}

int port_set_baud(struct port *port, int baud, struct error *err)
{
	return apply(port, (struct port_settings){baud, port->settings.flow}, err);
}

int port_set_flow(struct port *port, enum flow_control flow, struct error *err)
{
	return apply(port, (struct port_settings){port->settings.baud, flow}, err);
}

uint64_t port_bytes_read(const struct port *port)
{
	return port->read;
}

uint64_t port_bytes_written(const struct port *port)
{
	return port->written;
}

void port_close(struct port *port)
{
	if (port == NULL)
		return;
	port->backend->close(port);
	free(port);
}
