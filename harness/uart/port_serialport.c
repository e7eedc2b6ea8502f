/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/error.h"
#include "uart/port_backend.h"

static int clamp(size_t size)
{
	return size > INT_MAX ? INT_MAX : (int)size;
}

/* libserialport answers 0 for "nothing now". */
static ssize_t serial_result(enum sp_return result)
{
	if (result >= 0)
		return result;
	errno = result == SP_ERR_FAIL ? sp_last_error_code() : EINVAL;
	return -1;
}

static ssize_t serial_read(struct port *port, void *bytes, size_t size)
{
	return serial_result(sp_nonblocking_read(port->serial, bytes, (size_t)clamp(size)));
}

static ssize_t serial_write(struct port *port, const void *bytes, size_t size)
{
	return serial_result(sp_nonblocking_write(port->serial, bytes, (size_t)clamp(size)));
}

static int serial_complain(
	const struct port *port, enum sp_return result, const char *what, struct error *err)
{
	switch (result) {
	case SP_ERR_MEM:
		return error_set(
			err, ERROR_MEMORY, "out of memory for serial port '%s'", port->path);
	case SP_ERR_FAIL:
		errno = sp_last_error_code();
		return error_errno(
			err, ERROR_BENCH, "cannot %s serial port '%s'", what, port->path);
	case SP_ERR_SUPP:
		return error_set(err, ERROR_BENCH,
			"cannot %s serial port '%s': its driver does not support that", what,
			port->path);
	case SP_ERR_ARG:
	case SP_OK:
		break;
	}
	return error_set(
		err, ERROR_BENCH, "cannot %s '%s': it is not a serial port", what, port->path);
}

static enum sp_return configure(
	struct sp_port *serial, const struct port_settings *settings, struct sp_port_config *config)
{
	static const enum sp_flowcontrol flow[] = {[FLOW_NONE] = SP_FLOWCONTROL_NONE,
		[FLOW_RTS_CTS] = SP_FLOWCONTROL_RTSCTS,
		[FLOW_XON_XOFF] = SP_FLOWCONTROL_XONXOFF};

	sp_set_config_baudrate(config, settings->baud);
	sp_set_config_bits(config, 8);
	sp_set_config_parity(config, SP_PARITY_NONE);
	sp_set_config_stopbits(config, 1);
	sp_set_config_flowcontrol(config, flow[settings->flow]);
	/* Both lines asserted: the module may listen to RTS whatever we think of CTS. */
	sp_set_config_dtr(config, SP_DTR_ON);
	if (settings->flow != FLOW_RTS_CTS)
		sp_set_config_rts(config, SP_RTS_ON);
	return sp_set_config(serial, config);
}

static int serial_configure(
	struct port *port, const struct port_settings *settings, struct error *err)
{
	struct sp_port_config *config = NULL;
	enum sp_return result = sp_new_config(&config);

	if (result == SP_OK) {
		result = configure(port->serial, settings, config);
		if (result != SP_OK)
			serial_complain(port, result, "set up", err);
		sp_free_config(config);
		return result == SP_OK ? 0 : -1;
	}
	return serial_complain(port, result, "set up", err);
}

static void serial_close(struct port *port)
{
	if (port->serial != NULL) {
		ioctl(port->descriptor, TIOCNXCL);
		sp_close(port->serial);
		sp_free_port(port->serial);
	}
	/* Last, as the lock is what tells others that the port is free. */
	close(port->lock);
}

static int complain_busy(const struct port *port, const char *node, struct error *err)
{
	char holder[64];

	if (port_holder(node, holder, sizeof holder))
		return error_set(err, ERROR_BENCH,
			"serial port '%s' is in use by %s (try: end that program, or use another port)",
			port->path, holder);
	return error_set(err, ERROR_BENCH,
		"serial port '%s' is in use by another program (try: sudo fuser -v %s)", port->path,
		node);
}

static int complain_open(const struct port *port, const char *node, struct error *err)
{
	const char *path = port->path;

	switch (errno) {
	case EBUSY: /* somebody's TIOCEXCL */
		return complain_busy(port, node, err);
	case EACCES:
	case EPERM:
		return error_errno(err, ERROR_BENCH,
			"cannot open serial port '%s' (try: sudo usermod -aG dialout $USER, and log in again)",
			path);
	case ENOENT:
	case ENXIO:
	case ENODEV:
		return error_errno(err, ERROR_BENCH,
			"cannot open serial port '%s' (is the adapter plugged in? see: ls -l /dev/serial/by-id)",
			path);
	default:
		return error_errno(err, ERROR_BENCH, "cannot open serial port '%s'", path);
	}
}

/* Takes the lock before libserialport opens the node, since its opening changes the settings of a
 * port that may be another's. */
static int take_lock(struct port *port, const char *node, struct error *err)
{
	int exclusive = 0;

	port->lock = open(node, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (port->lock < 0)
		return complain_open(port, node, err);
	if (!isatty(port->lock)) {
		error_set(err, ERROR_BENCH, "'%s' is not a serial port", port->path);
		goto fail;
	}
	/* Root is let in in spite of TIOCEXCL: ask. */
	if (flock(port->lock, LOCK_EX | LOCK_NB) < 0 ||
		(ioctl(port->lock, TIOCGEXCL, &exclusive) == 0 && exclusive != 0)) {
		complain_busy(port, node, err);
		goto fail;
	}
	return 0;
fail:
	close(port->lock);
	return -1;
}

static bool is_locked(enum sp_return result)
{
	return result == SP_ERR_FAIL && sp_last_error_code() == EWOULDBLOCK;
}

/* From 0.1.2 on, which calls itself 0.1.1, libserialport takes flock() itself before it changes a setting: it
 * fails while we have it, and leaves the node open.  Then the lock is handed over to it. */
static enum sp_return open_locked(struct port *port)
{
	enum sp_return result = sp_open(port->serial, SP_MODE_READ_WRITE);

	if (!is_locked(result))
		return result;
	sp_close(port->serial);
	flock(port->lock, LOCK_UN);
	result = sp_open(port->serial, SP_MODE_READ_WRITE);
	if (is_locked(result)) {
		sp_close(port->serial);
		errno = EWOULDBLOCK;
	}
	return result;
}

static int open_node(struct port *port, const char *node, struct error *err)
{
	enum sp_return result = sp_get_port_by_name(node, &port->serial);

	if (result != SP_OK && port_is_pty(node))
		return port_pty_open(port, node, err);
	if (result != SP_OK)
		return serial_complain(port, result, "find", err);
	result = open_locked(port);
	if (result != SP_OK) {
		if (is_locked(result)) /* somebody was faster */
			complain_busy(port, node, err);
		else
			serial_complain(port, result, "open", err);
		sp_free_port(port->serial);
		port->serial = NULL;
		return -1;
	}
	if (sp_get_port_handle(port->serial, &port->descriptor) != SP_OK ||
		fcntl(port->descriptor, F_SETFD, FD_CLOEXEC) < 0 ||
		ioctl(port->descriptor, TIOCEXCL) < 0)
		return error_errno(err, ERROR_BENCH, "cannot lock serial port '%s'", port->path);
	return 0;
}

int port_serialport_open(struct port *port, struct error *err)
{
	static const struct port_backend backend = {
		serial_read, serial_write, serial_configure, serial_close, NULL};
	char node[PATH_MAX]; /* libserialport takes no symbolic links */

	port->backend = &backend;
	if (realpath(port->path, node) == NULL)
		return complain_open(port, port->path, err);
	if (take_lock(port, node, err) < 0)
		return -1;
	if (open_node(port, node, err) < 0) {
		serial_close(port);
		return -1;
	}
	return 0;
}
