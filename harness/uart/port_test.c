/* SPDX-License-Identifier: MIT */
/* Both backends on a pty; libserialport is brought to it by serialport_shim_test.c. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "core/error.h"
#include "uart/port.h"
#include "uart/port_backend.h"
#include "uart/serialport_shim_test.h"

enum { LIMIT_MS = 20000 };

/* The module's end of the line, and how the port's end is opened. */
struct line {
	int master;
	char slave[64];
};

enum backend { SERIALPORT, PTY };

static enum backend both[] = {SERIALPORT, PTY};

#define EachBackend(name)                                                                          \
	ParameterizedTestParameters(port, name)                                                    \
	{                                                                                          \
		return cr_make_param_array(enum backend, both, 2);                                 \
	}                                                                                          \
	ParameterizedTest(enum backend *backend, port, name)

static struct line line_new(void)
{
	struct line line = {.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};
	struct termios raw;

	cr_assert_geq(line.master, 0);
	cr_assert_eq(grantpt(line.master) | unlockpt(line.master), 0);
	cr_assert_eq(ptsname_r(line.master, line.slave, sizeof line.slave), 0);
	cr_assert_eq(tcgetattr(line.master, &raw), 0);
	/* The worst that may be found: flags that libserialport leaves on. */
	cfmakeraw(&raw);
	raw.c_iflag |= IXON | IXOFF | IXANY;
	raw.c_cflag |= HUPCL;
	cr_assert_eq(tcsetattr(line.master, TCSANOW, &raw), 0);
	return line;
}

static struct port *open_line(const struct line *line, enum backend backend,
	struct port_settings settings, struct error *err)
{
	if (backend == SERIALPORT)
		return port_open(line->slave, &settings, err);
	int slave = open(line->slave, O_RDWR | O_NOCTTY);
	cr_assert_geq(slave, 0);
	return port_adopt(slave, &settings, err);
}

static struct port *must_open(
	const struct line *line, enum backend backend, int baud, enum flow_control flow)
{
	struct error err = {0};
	struct port *port =
		open_line(line, backend, (struct port_settings){.baud = baud, .flow = flow}, &err);

	cr_assert_not_null(port, "%s", err.text);
	return port;
}

static struct termios flags_of(const struct port *port)
{
	struct termios flags;

	cr_assert_eq(tcgetattr(port_descriptor(port), &flags), 0);
	return flags;
}

static void wait_for(int descriptor, short events)
{
	struct pollfd state = {.fd = descriptor, .events = events};

	cr_assert_eq(poll(&state, 1, LIMIT_MS), 1, "nothing happened");
}

/* Reads exactly size bytes from the module's end. */
static void read_master(const struct line *line, uint8_t *bytes, size_t size)
{
	for (size_t had = 0; had < size;) {
		wait_for(line->master, POLLIN);
		ssize_t count = read(line->master, bytes + had, size - had);
		cr_assert_gt(count, 0);
		had += (size_t)count;
	}
}

static void read_port(struct port *port, uint8_t *bytes, size_t size)
{
	struct error err = {0};

	for (size_t had = 0; had < size;) {
		wait_for(port_descriptor(port), POLLIN);
		ssize_t count = port_read(port, bytes + had, size - had, &err);
		cr_assert_geq(count, 0, "%s", err.text);
		had += (size_t)count;
	}
}

EachBackend(all_256_octets_pass_both_ways_and_are_counted)
{
	struct line line = line_new();
	struct port *port = must_open(&line, *backend, 115200, FLOW_NONE);
	uint8_t sent[256], got[256];

	for (int i = 0; i < 256; i++)
		sent[i] = (uint8_t)i;
	cr_assert_eq(port_write(port, sent, sizeof sent, NULL), 256);
	read_master(&line, got, sizeof got);
	cr_assert_arr_eq(got, sent, 256);
	cr_assert_eq(port_bytes_written(port), 256);

	cr_assert_eq(write(line.master, sent, sizeof sent), 256);
	read_port(port, got, sizeof got);
	cr_assert_arr_eq(got, sent, 256);
	cr_assert_eq(port_bytes_read(port), 256);
	port_close(port);
}

EachBackend(a_read_of_nothing_returns_0_at_once)
{
	struct line line = line_new();
	struct port *port = must_open(&line, *backend, 115200, FLOW_NONE);
	uint8_t byte;

	cr_assert_eq(port_read(port, &byte, 1, NULL), 0);
	cr_assert_eq(port_bytes_read(port), 0);
	port_close(port);
}

EachBackend(a_full_line_takes_nothing_and_goes_on_when_it_is_read)
{
	struct line line = line_new();
	struct port *port = must_open(&line, *backend, 115200, FLOW_NONE);
	static uint8_t block[4096];
	ssize_t count;

	for (int turn = 0; (count = port_write(port, block, sizeof block, NULL)) > 0; turn++)
		cr_assert_lt(turn, 10000, "the pty is never full");
	cr_assert_eq(count, 0);
	cr_assert_gt(port_bytes_written(port), 0);
	for (uint64_t left = port_bytes_written(port); left > 0;) {
		size_t part = left < sizeof block ? (size_t)left : sizeof block;
		read_master(&line, block, part);
		left -= part;
	}
	wait_for(port_descriptor(port), POLLOUT);
	cr_assert_gt(port_write(port, block, 1, NULL), 0);
	port_close(port);
}

EachBackend(a_hang_up_is_an_error_that_names_the_port)
{
	struct line line = line_new();
	struct port *port = must_open(&line, *backend, 115200, FLOW_NONE);
	struct error err = {0};
	char expected[128];
	uint8_t byte = 'a';

	snprintf(expected, sizeof expected, "serial port '%s' disappeared", line.slave);
	close(line.master);
	wait_for(port_descriptor(port), POLLIN);
	cr_assert_eq(port_read(port, &byte, 1, &err), -1);
	cr_assert_eq(strncmp(err.text, expected, strlen(expected)), 0, "%s", err.text);
	err = (struct error){0};
	cr_assert_eq(port_write(port, &byte, 1, &err), -1);
	cr_assert_eq(strncmp(err.text, expected, strlen(expected)), 0, "%s", err.text);
	port_close(port);
}

EachBackend(without_flow_control_no_flow_flag_is_left_on)
{
	struct line line = line_new();
	struct port *port = must_open(&line, *backend, 115200, FLOW_NONE);
	struct termios flags = flags_of(port);

	cr_assert_eq(flags.c_iflag & (IXON | IXOFF | IXANY), 0);
	cr_assert_eq(flags.c_cflag & CRTSCTS, 0);
	port_close(port);
}

EachBackend(rts_cts_is_really_on)
{
	struct line line = line_new();
	struct port *port = must_open(&line, *backend, 115200, FLOW_RTS_CTS);
	struct termios flags = flags_of(port);

	cr_assert_neq(flags.c_cflag & CRTSCTS, 0);
	cr_assert_eq(flags.c_iflag & (IXON | IXOFF | IXANY), 0);
	port_close(port);
}

EachBackend(xon_xoff_is_on_both_ways_and_only_xon_goes_on)
{
	struct line line = line_new();
	struct port *port = must_open(&line, *backend, 115200, FLOW_XON_XOFF);
	struct termios flags = flags_of(port);

	cr_assert_eq(flags.c_iflag & (IXON | IXOFF | IXANY), IXON | IXOFF);
	cr_assert_eq(flags.c_cflag & CRTSCTS, 0);
	port_close(port);
}

EachBackend(flow_control_can_be_changed)
{
	struct line line = line_new();
	struct port *port = must_open(&line, *backend, 115200, FLOW_XON_XOFF);

	cr_assert_eq(port_set_flow(port, FLOW_RTS_CTS, NULL), 0);
	struct termios flags = flags_of(port);
	cr_assert_eq(flags.c_iflag & (IXON | IXOFF | IXANY), 0);
	cr_assert_neq(flags.c_cflag & CRTSCTS, 0);
	cr_assert_eq(port_set_flow(port, FLOW_NONE, NULL), 0);
	flags = flags_of(port);
	cr_assert_eq(flags.c_cflag & CRTSCTS, 0);
	port_close(port);
}

EachBackend(the_line_is_raw_8n1_and_dtr_stays_at_close)
{
	struct line line = line_new();
	struct port *port = must_open(&line, *backend, 0, FLOW_NONE);
	struct termios flags = flags_of(port);

	cr_assert_eq(flags.c_cflag & (CSIZE | CSTOPB | PARENB | HUPCL), CS8);
	cr_assert_eq(flags.c_lflag & (ICANON | ECHO | ISIG | IEXTEN), 0);
	cr_assert_eq(flags.c_iflag & (ICRNL | INLCR | IGNCR | ISTRIP | BRKINT), 0);
	cr_assert_eq(flags.c_oflag & OPOST, 0);
	cr_assert_eq(cfgetospeed(&flags), B115200);
	port_close(port);
}

EachBackend(each_baud_rate_of_the_module_can_be_set)
{
	static const struct {
		int baud;
		speed_t speed;
	} rates[] = {{9600, B9600}, {19200, B19200}, {38400, B38400}, {57600, B57600},
		{115200, B115200}, {230400, B230400}, {460800, B460800}, {921600, B921600}};
	struct line line = line_new();
	struct port *port = must_open(&line, *backend, 115200, FLOW_RTS_CTS);
	struct error err = {0};

	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
		cr_assert_eq(port_set_baud(port, rates[i].baud, &err), 0, "%s", err.text);
		struct termios flags = flags_of(port);
		cr_assert_eq(cfgetospeed(&flags), rates[i].speed);
		cr_assert_neq(flags.c_cflag & CRTSCTS, 0);
	}
	port_close(port);
}

EachBackend(a_wrong_baud_rate_is_the_users_error_and_changes_nothing)
{
	struct line line = line_new();
	struct error err = {0};

	cr_assert_null(open_line(&line, *backend, (struct port_settings){.baud = 115201}, &err));
	cr_assert_eq(err.kind, ERROR_USAGE);

	struct port *port = must_open(&line, *backend, 9600, FLOW_NONE);
	cr_assert_eq(port_set_baud(port, 12345, &err), -1);
	cr_assert_eq(err.kind, ERROR_USAGE);
	struct termios flags = flags_of(port);
	cr_assert_eq(cfgetospeed(&flags), B9600);
	port_close(port);
}

EachBackend(children_do_not_inherit_the_port)
{
	struct line line = line_new();
	struct port *port = must_open(&line, *backend, 115200, FLOW_NONE);

	cr_assert_neq(fcntl(port_descriptor(port), F_GETFD) & FD_CLOEXEC, 0);
	port_close(port);
}

EachBackend(a_port_can_be_opened_again_after_it_was_closed)
{
	struct line line = line_new();

	port_close(must_open(&line, *backend, 115200, FLOW_NONE));
	port_close(must_open(&line, *backend, 9600, FLOW_NONE));
}

static size_t open_descriptors(void)
{
	size_t count = 0;
	DIR *folder = opendir("/proc/self/fd");

	cr_assert_not_null(folder);
	while (readdir(folder) != NULL)
		count++;
	closedir(folder);
	return count;
}

/* libserialport 0.1.2 leaves the node open where it fails because of a lock. */
EachBackend(a_port_that_is_closed_leaves_nothing_open)
{
	struct line line = line_new();
	const size_t before = open_descriptors();

	port_close(must_open(&line, *backend, 9600, FLOW_NONE));
	cr_expect_eq(open_descriptors(), before);
}

Test(port, closing_no_port_is_fine)
{
	port_close(NULL);
}

Test(port, a_symbolic_link_is_followed_and_the_port_keeps_its_name)
{
	struct line line = line_new();
	char folder[] = "/tmp/wizhil-port-XXXXXX", link[64];
	struct error err = {0};

	cr_assert_not_null(mkdtemp(folder));
	snprintf(link, sizeof link, "%s/usb-FTDI-if00-port0", folder);
	cr_assert_eq(symlink(line.slave, link), 0);
	struct port *port = port_open(link, &(struct port_settings){.baud = 9600}, &err);
	unlink(link);
	rmdir(folder);
	cr_assert_not_null(port, "%s", err.text);
	cr_assert_str_eq(port_path(port), link);
	port_close(port);
}

Test(port, a_missing_port_is_named_with_a_remedy)
{
	struct error err = {0};

	cr_assert_null(port_open("/dev/ttyNONE7", &(struct port_settings){.baud = 9600}, &err));
	cr_assert_str_eq(err.text,
		"cannot open serial port '/dev/ttyNONE7' (is the adapter plugged in? see: ls -l "
		"/dev/serial/by-id): No such file or directory");
	cr_assert_eq(err.kind, ERROR_BENCH);
}

Test(port, what_is_no_terminal_is_no_serial_port)
{
	struct error err = {0};

	cr_assert_null(port_open("/dev/null", &(struct port_settings){.baud = 9600}, &err));
	cr_assert_str_eq(err.text, "'/dev/null' is not a serial port");
	cr_assert_null(port_adopt(open("/dev/null", O_RDWR), &(struct port_settings){0}, &err));
	cr_assert_eq(err.kind, ERROR_BENCH);
}

Test(port, a_port_that_another_process_has_is_refused_and_the_process_named)
{
	struct line line = line_new();
	struct error err = {0};
	int ready[2];
	char byte, pid[32];

	cr_assert_eq(pipe(ready), 0);
	pid_t child = fork();
	cr_assert_geq(child, 0);
	if (child == 0) {
		struct port *port = port_open(line.slave, &(struct port_settings){0}, NULL);
		if (write(ready[1], port != NULL ? "y" : "n", 1) == 1)
			pause();
		_exit(1);
	}
	cr_assert_eq(read(ready[0], &byte, 1), 1);
	cr_assert_eq(byte, 'y');
	struct port *port = port_open(line.slave, &(struct port_settings){0}, &err);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	cr_assert_null(port);
	snprintf(pid, sizeof pid, "(pid %d)", (int)child);
	cr_assert_not_null(strstr(err.text, "is in use by '"), "%s", err.text);
	cr_assert_not_null(strstr(err.text, pid), "%s", err.text);
}

/* As the program behind a pty has it. */
Test(port, who_merely_has_the_node_open_is_not_named_for_who_locked_it)
{
	struct line line = line_new();
	int ready[2], locked = 0;
	char holder[64], pid[32];
	pid_t children[2];

	cr_assert_eq(pipe(ready), 0);
	for (int i = 0; i < 2; i++) {
		children[i] = fork();
		cr_assert_geq(children[i], 0);
		if (children[i] > 0)
			continue;
		int node = open(line.slave, O_RDWR | O_NOCTTY);
		if (node >= 0 && (i == 0 || flock(node, LOCK_EX) == 0) &&
			write(ready[1], "y", 1) == 1)
			pause();
		_exit(1);
	}
	for (char byte; locked < 2 && read(ready[0], &byte, 1) == 1;)
		locked++;
	bool found = port_holder(line.slave, holder, sizeof holder);
	for (int i = 0; i < 2; i++) {
		kill(children[i], SIGKILL);
		waitpid(children[i], NULL, 0);
	}
	cr_assert(found);
	snprintf(pid, sizeof pid, "(pid %d)", (int)children[1]);
	cr_assert_not_null(strstr(holder, pid), "%s", holder);
}

Test(port, a_port_that_this_process_has_is_refused)
{
	struct line line = line_new();
	struct port *first = must_open(&line, SERIALPORT, 0, FLOW_NONE);
	struct error err = {0};

	cr_assert_null(port_open(line.slave, &(struct port_settings){0}, &err));
	cr_assert_not_null(strstr(err.text, "is in use"), "%s", err.text);
	port_close(first);
}

Test(port, a_port_that_somebody_took_by_tiocexcl_is_refused_to_root_too)
{
	struct line line = line_new();
	int other = open(line.slave, O_RDWR | O_NOCTTY);
	struct error err = {0};

	cr_assert_eq(ioctl(other, TIOCEXCL), 0);
	cr_assert_null(port_open(line.slave, &(struct port_settings){0}, &err));
	cr_assert_not_null(strstr(err.text, "is in use"), "%s", err.text);
	close(other);
}

Test(port, a_port_that_somebody_took_by_flock_is_refused)
{
	struct line line = line_new();
	int other = open(line.slave, O_RDWR | O_NOCTTY);
	struct error err = {0};

	cr_assert_eq(flock(other, LOCK_EX), 0);
	cr_assert_null(port_open(line.slave, &(struct port_settings){0}, &err));
	cr_assert_not_null(strstr(err.text, "is in use"), "%s", err.text);
	close(other);
}

Test(port, an_open_port_keeps_out_those_who_know_no_flock)
{
	struct line line = line_new();
	struct port *port = must_open(&line, SERIALPORT, 0, FLOW_NONE);
	int exclusive = 0;

	cr_assert_eq(ioctl(port_descriptor(port), TIOCGEXCL, &exclusive), 0);
	cr_assert_eq(exclusive, 1);
	port_close(port);
}

Test(port, a_refused_port_keeps_the_settings_that_it_had)
{
	struct line line = line_new();
	struct port *first = must_open(&line, SERIALPORT, 9600, FLOW_XON_XOFF);

	cr_assert_null(port_open(line.slave, &(struct port_settings){.baud = 115200}, NULL));
	struct termios flags = flags_of(first);
	cr_assert_eq(cfgetospeed(&flags), B9600);
	cr_assert_eq(flags.c_iflag & (IXON | IXOFF), IXON | IXOFF);
	port_close(first);
}

/* ---- drivers and libraries that fail ---- */

Test(port, the_first_flag_that_the_driver_did_not_keep_is_named)
{
	static const struct {
		struct termios lost;
		const char *what;
	} rows[] = {
		{{.c_cflag = B9600 ^ B115200}, "the baud rate"},
		{{.c_cflag = CRTSCTS | HUPCL}, "RTS/CTS flow control"},
		{{.c_iflag = IXON}, "XON/XOFF flow control"},
		{{.c_iflag = IXOFF}, "XON/XOFF flow control"},
		{{.c_iflag = IXANY}, "XON/XOFF flow control"},
		{{.c_cflag = HUPCL}, "DTR on close"},
		{{.c_cflag = CS8 ^ CS7}, "8 data bits, no parity, 1 stop bit"},
		{{.c_cflag = CSTOPB}, "8 data bits, no parity, 1 stop bit"},
		{{.c_cflag = PARENB}, "8 data bits, no parity, 1 stop bit"},
		{{.c_cflag = PARODD}, "8 data bits, no parity, 1 stop bit"},
		{{.c_cflag = CREAD}, "8 data bits, no parity, 1 stop bit"},
		{{.c_cflag = CLOCAL}, "8 data bits, no parity, 1 stop bit"},
		{{.c_iflag = ICRNL}, "raw mode"},
		{{.c_oflag = OPOST}, "raw mode"},
		{{.c_lflag = ECHO}, "raw mode"},
		{{.c_cc = {[VMIN] = 1}}, "raw mode"},
		{{.c_cc = {[VTIME] = 1}}, "raw mode"},
	};
	char expected[256];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct line line = line_new();
		struct error err = {0};
		shim = (struct shim){.lost = rows[i].lost};
		struct port *port = open_line(&line, PTY, (struct port_settings){0}, &err);
		snprintf(expected, sizeof expected,
			"serial port '%s': the driver does not support %s (try: other settings, or another adapter)",
			line.slave, rows[i].what);
		cr_expect_null(port);
		cr_expect_str_eq(err.text, expected);
		cr_expect_eq(err.kind, ERROR_BENCH);
		close(line.master);
	}
}

Test(port, libserialport_is_asked_for_8n1_with_both_lines_asserted)
{
	struct line line = line_new();

	port_close(must_open(&line, SERIALPORT, 9600, FLOW_NONE));
	cr_expect_eq(shim.bits, 8);
	cr_expect_eq(shim.parity, SP_PARITY_NONE);
	cr_expect_eq(shim.stop_bits, 1);
	cr_expect_eq(shim.dtr, SP_DTR_ON);
	cr_expect_eq(shim.rts, SP_RTS_ON);
	port_close(must_open(&line, SERIALPORT, 9600, FLOW_RTS_CTS));
	cr_expect_eq(shim.rts, SP_RTS_FLOW_CONTROL, "the driver has RTS");
}

Test(port, what_libserialport_says_is_told_with_the_port)
{
	static const struct {
		struct shim shim;
		const char *expected;
		enum error_kind kind;
	} rows[] = {
		{{.of_settings = SP_ERR_SUPP},
			"cannot set up serial port '%s': its driver does not support that",
			ERROR_BENCH},
		{{.of_settings = SP_ERR_FAIL}, "cannot set up serial port '%s': Input/output error",
			ERROR_BENCH},
		{{.of_settings = SP_ERR_ARG}, "cannot set up '%s': it is not a serial port",
			ERROR_BENCH},
		{{.of_settings = SP_ERR_MEM}, "out of memory for serial port '%s'", ERROR_MEMORY},
		{{.of_new_settings = SP_ERR_MEM}, "out of memory for serial port '%s'",
			ERROR_MEMORY},
		{{.of_opening = SP_ERR_FAIL}, "cannot open serial port '%s': Input/output error",
			ERROR_BENCH},
	};
	char expected[256];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct line line = line_new();
		const size_t before = open_descriptors();
		struct error err = {0};
		shim = rows[i].shim;
		cr_expect_null(open_line(&line, SERIALPORT, (struct port_settings){0}, &err));
		snprintf(expected, sizeof expected, rows[i].expected, line.slave);
		cr_expect_str_eq(err.text, expected);
		cr_expect_eq(err.kind, rows[i].kind);
		cr_expect_eq(open_descriptors(), before, "row %zu", i);
		shim = (struct shim){0};
		port_close(must_open(&line, SERIALPORT, 0, FLOW_NONE));
		close(line.master);
	}
}

Test(port, a_libserialport_that_locks_the_node_itself_is_given_the_lock)
{
	struct line line = line_new();
	const size_t before = open_descriptors();

	shim.locks = LOCKS_NODE;
	struct port *port = must_open(&line, SERIALPORT, 9600, FLOW_NONE);
	cr_expect_eq(shim.opened, 2);
	int other = open(line.slave, O_RDWR | O_NOCTTY);
	if (other >= 0) { /* root */
		cr_expect_eq(flock(other, LOCK_EX | LOCK_NB), -1);
		close(other);
	}
	port_close(port);
	cr_expect_eq(open_descriptors(), before);
}

Test(port, who_was_faster_in_between_has_the_port)
{
	struct line line = line_new();
	const size_t before = open_descriptors();
	struct error err = {0};

	shim.locks = LOCKS_TOO_LATE;
	cr_assert_null(open_line(&line, SERIALPORT, (struct port_settings){0}, &err));
	cr_expect_not_null(strstr(err.text, "is in use"), "%s", err.text);
	cr_expect_eq(shim.opened, 2);
	cr_expect_eq(open_descriptors(), before);
}

Test(port, a_port_of_another_group_says_how_to_get_into_it)
{
	struct line line = line_new();
	struct error err = {0};
	char expected[256];

	cr_assert_eq(chmod(line.slave, 0), 0);
	if (geteuid() == 0)
		cr_assert_eq(seteuid(65534), 0);
	cr_assert_null(open_line(&line, SERIALPORT, (struct port_settings){0}, &err));
	snprintf(expected, sizeof expected,
		"cannot open serial port '%s' (try: sudo usermod -aG dialout $USER, and log in again): Permission denied",
		line.slave);
	cr_expect_str_eq(err.text, expected);
	cr_expect_eq(err.kind, ERROR_BENCH);
	/* The leak detector attaches to this process at its end. */
	if (getuid() == 0)
		cr_assert_eq(seteuid(0) | prctl(PR_SET_DUMPABLE, 1), 0);
}

Test(port, a_name_that_is_too_long_is_refused)
{
	char path[PATH_MAX + 1];
	struct error err = {0};

	memset(path, 'x', PATH_MAX);
	path[PATH_MAX] = '\0';
	cr_assert_null(port_open(path, &(struct port_settings){0}, &err));
	cr_expect_str_eq(err.text, "name of the serial port is too long");
	cr_expect_eq(err.kind, ERROR_USAGE);
	path[PATH_MAX - 1] = '\0'; /* the longest that fits is looked for */
	cr_assert_null(port_open(path, &(struct port_settings){0}, &err));
	cr_expect_neq(err.kind, ERROR_USAGE);
}

Test(port, an_unknown_flow_control_is_refused)
{
	struct line line = line_new();
	struct error err = {0};

	cr_assert_null(
		open_line(&line, PTY, (struct port_settings){.flow = (enum flow_control)3}, &err));
	cr_expect_str_eq(err.text, "unknown flow control 3");
	cr_expect_eq(err.kind, ERROR_USAGE);
}
