/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_UART_PORT_BACKEND_H
#define WIZHIL_UART_PORT_BACKEND_H

#include <limits.h>
#include <libserialport.h>
#include <stdbool.h>

#include "uart/port.h"

struct error;

/* What port.c asks of a backend.  All calls are non-blocking. */
struct port_backend {
	/* As read(2) and write(2): -1 with errno set; 0 and EAGAIN both mean: nothing now. */
	ssize_t (*read)(struct port *port, void *bytes, size_t size);
	ssize_t (*write)(struct port *port, const void *bytes, size_t size);
	/* Sets the line; port.c sets what is left and reads it back.  -1 with err set. */
	int (*configure)(
		struct port *port, const struct port_settings *settings, struct error *err);
	void (*close)(struct port *port);
	/* The other end hung up: sets err to why, and returns -1.  NULL: an adapter was pulled out. */
	int (*gone)(struct port *port, struct error *err);
};

struct port {
	const struct port_backend *backend;
	char path[PATH_MAX];
	int descriptor;
	int lock; /* libserialport: a descriptor of our own that holds flock(); else -1 */
	struct sp_port *serial; /* libserialport; else NULL */
	pid_t child; /* of a command, the leader of its session; 0: none, or it has ended */
	int said;    /* of a command: a memory file, what it wrote to its standard error */
	struct port_settings settings;
	uint64_t read, written;
};

/* Opens and locks the device node port->path into the zeroed port; -1 with err set and nothing
 * left open. */
int port_serialport_open(struct port *port, struct error *err);

/* The pty slave port->descriptor; -1 with err set, the descriptor still open. */
int port_pty_adopt(struct port *port, struct error *err);

/* Makes the pty of a command, and starts the command on it once its line is set; -1 with err set, to
 * be followed by port_close(). */
int port_command_pty(struct port *port, struct error *err);
int port_command_start(struct port *port, const char *command, struct error *err);

/* Opens the pty slave 'node' for the locked port; -1 with err set and the lock still held.  For
 * what libserialport does not open: the far end of a network serial server, a virtual device. */
int port_pty_open(struct port *port, const char *node, struct error *err);
bool port_is_pty(const char *node);

/* Sets all flags of the terminal, reads them back, and complains of the first that was not kept. */
int port_line_set(const struct port *port, const struct port_settings *settings, struct error *err);

/* Whether the settings have a meaning; -1 with err (ERROR_USAGE) set. */
int port_line_check(const struct port_settings *settings, struct error *err);

/* Who else has the device node, by a lock or else open, as "'name' (pid 1)"; false when that cannot
 * be seen. */
bool port_holder(const char *node, char *text, size_t size);

/* The command that brings the octets of a port on the network; -1 with err set: it is none
 * (ERROR_USAGE), or the tool is not installed. */
int port_network_command(const char *path, char *command, size_t size, struct error *err);

#endif
