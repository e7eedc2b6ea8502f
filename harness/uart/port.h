/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_UART_PORT_H
#define WIZHIL_UART_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct error;

/*
 * A serial port: 8N1, raw, never blocking, ours alone.  Three backends behind one interface: a device
 * node by libserialport; the slave of a pty, inherited or named, whose other end is the virtual
 * device or a serial server on the network; and a command that brings the octets of a port
 * elsewhere.
 *
 * What libserialport leaves as it found it is set and read back here, at opening and after each
 * change: software flow control off unless asked for, CRTSCTS on where asked for, HUPCL off, so
 * that the module is not reset through DTR when the port is closed.  A driver that does not keep a
 * flag is an error, not a surprise in mid-run.
 *
 * A port never discards bytes: the byte counters are what the stepped clock stands on
 * (core/step.h).
 */

enum flow_control { FLOW_NONE, FLOW_RTS_CTS, FLOW_XON_XOFF };

struct port_settings {
	int baud; /* one of 9600 19200 38400 57600 115200 230400 460800 921600; 0: 115200 */
	enum flow_control flow;
};

struct port;

/* Is it rfc2217://HOST:PORT, a port of a serial server on the network? */
bool port_is_of_network(const char *path);

/* Opens a device node; path may be a symbolic link (/dev/serial/by-id/...); or, as port_open_command()
 * does, rfc2217://HOST:PORT by gensiot.  Takes it for this
 * process alone: flock() against those who heed it, TIOCEXCL against the others (root excepted).
 * NULL with err set: the path is missing, no serial port, not permitted, or in use (ERROR_BENCH),
 * or the settings are wrong (ERROR_USAGE).  The caller ends it with port_close(). */
struct port *port_open(const char *path, const struct port_settings *settings, struct error *err);

/* Runs the command by /bin/sh on a pty of its own, raw from the beginning, as standard input and
 * output; its speed and flow control are set on its other side.  It has no terminal to ask for a
 * password on.  port_close() ends it and what it started, and so does the end of this process.  What
 * it wrote to standard error last is in the error of a read or write once it has ended.  NULL with err
 * set (ERROR_BENCH). */
struct port *port_open_command(
	const char *command, const struct port_settings *settings, struct error *err);

/* Makes a port of an inherited descriptor of a pty slave, which belongs to the port from here on,
 * also when this fails.  Its open file description becomes non-blocking.  Nothing is locked: nobody
 * else knows of the pty.  NULL with err set. */
struct port *port_adopt(int descriptor, const struct port_settings *settings, struct error *err);

/* The path as it was given to port_open(), or the name of the pty slave. */
const char *port_path(const struct port *port);

/* For poll(); heed POLLHUP.  It stays the port's. */
int port_descriptor(const struct port *port);

/* Reads what is there, up to size bytes; never blocks.  0: nothing there now.  -1 with err set: the
 * other end hung up, the adapter was pulled out, or an error. */
ssize_t port_read(struct port *port, void *bytes, size_t size, struct error *err);

/* Hands over as many bytes as the port takes now, and returns how many: 0 to size.  Never blocks;
 * poll for POLLOUT and go on with the rest.  -1 with err set, as port_read(). */
ssize_t port_write(struct port *port, const void *bytes, size_t size, struct error *err);

/* Change one setting; takes effect at once, so wait until what was written has left the adapter.
 * -1 with err set when the value is none of the above (ERROR_USAGE) or the driver does not do
 * it. */
int port_set_baud(struct port *port, int baud, struct error *err);
int port_set_flow(struct port *port, enum flow_control flow, struct error *err);

/* Bytes since the port was opened, by port_read() and port_write(). */
uint64_t port_bytes_read(const struct port *port);
uint64_t port_bytes_written(const struct port *port);

/* Gives the port back, with DTR and RTS as they are.  NULL is fine. */
void port_close(struct port *port);

#endif
