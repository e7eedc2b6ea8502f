/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "core/error.h"
#include "uart/port_backend.h"

/* The rates of the module (cases/DEVICE.md 1). */
static const struct {
	int baud;
	speed_t speed;
} rates[] = {{9600, B9600}, {19200, B19200}, {38400, B38400}, {57600, B57600}, {115200, B115200},
	{230400, B230400}, {460800, B460800}, {921600, B921600}};

static bool speed_of(int baud, speed_t *speed)
{
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++)
		if (rates[i].baud == baud) {
			*speed = rates[i].speed;
			return true;
		}
	return false;
}

int port_line_check(const struct port_settings *settings, struct error *err)
{
	speed_t speed;

	if (!speed_of(settings->baud, &speed))
		return error_set(err, ERROR_USAGE,
			"unsupported baud rate %d (use 9600, 19200, 38400, 57600, 115200, 230400, 460800 or 921600)",
			settings->baud);
	switch (settings->flow) {
	case FLOW_NONE:
	case FLOW_RTS_CTS:
	case FLOW_XON_XOFF:
		return 0;
	}
	return error_set(err, ERROR_USAGE, "unknown flow control %d", (int)settings->flow);
}

static void want(struct termios *line, const struct port_settings *settings, speed_t speed)
{
	cfmakeraw(line);
	line->c_iflag &=
		~(tcflag_t)(IXON | IXOFF | IXANY | INPCK | IGNPAR | IUCLC | IMAXBEL | IUTF8);
	line->c_cflag &= ~(tcflag_t)(HUPCL | CRTSCTS | CSTOPB | PARENB | PARODD | CSIZE);
	line->c_cflag |= CS8 | CREAD | CLOCAL;
	if (settings->flow == FLOW_RTS_CTS)
		line->c_cflag |= CRTSCTS;
	if (settings->flow == FLOW_XON_XOFF)
		line->c_iflag |= IXON | IXOFF;
	line->c_cc[VMIN] = 1; /* so that "nothing there" and "hung up" differ */
	line->c_cc[VTIME] = 0;
	cfsetispeed(line, speed);
	cfsetospeed(line, speed);
}

/* What of the line is not as wanted; NULL: nothing. */
static const char *difference(const struct termios *is, const struct termios *wanted)
{
	const tcflag_t line_flags = CSIZE | CSTOPB | PARENB | PARODD | CREAD | CLOCAL;

	if (cfgetospeed(is) != cfgetospeed(wanted) || cfgetispeed(is) != cfgetispeed(wanted))
		return "the baud rate";
	if (((is->c_cflag ^ wanted->c_cflag) & CRTSCTS) != 0)
		return "RTS/CTS flow control";
	if (((is->c_iflag ^ wanted->c_iflag) & (IXON | IXOFF | IXANY)) != 0)
		return "XON/XOFF flow control";
	if (((is->c_cflag ^ wanted->c_cflag) & HUPCL) != 0)
		return "DTR on close";
	if (((is->c_cflag ^ wanted->c_cflag) & line_flags) != 0)
		return "8 data bits, no parity, 1 stop bit";
	if (is->c_iflag != wanted->c_iflag || is->c_oflag != wanted->c_oflag ||
		is->c_lflag != wanted->c_lflag || is->c_cc[VMIN] != wanted->c_cc[VMIN] ||
		is->c_cc[VTIME] != wanted->c_cc[VTIME])
		return "raw mode";
	return NULL;
}

int port_line_set(const struct port *port, const struct port_settings *settings, struct error *err)
{
	struct termios wanted, is;
	speed_t speed;

	if (!speed_of(settings->baud, &speed))
		return port_line_check(settings, err);
	if (tcgetattr(port->descriptor, &wanted) < 0)
		return error_errno(err, ERROR_BENCH, "cannot read the settings of serial port '%s'",
			port->path);
	want(&wanted, settings, speed);
	if (tcsetattr(port->descriptor, TCSANOW, &wanted) < 0 ||
		tcgetattr(port->descriptor, &is) < 0)
		return error_errno(err, ERROR_BENCH,
			"cannot change the settings of serial port '%s'", port->path);
	/* tcsetattr() succeeds when any one of the changes could be made. */
	const char *lost = difference(&is, &wanted);
	if (lost != NULL)
		return error_set(err, ERROR_BENCH,
			"serial port '%s': the driver does not support %s (try: other settings, or another adapter)",
			port->path, lost);
	return 0;
}
