/* SPDX-License-Identifier: MIT */
/*
 * Lets libserialport open a pty.  For test programs only: linked into the program itself, these
 * functions come before libc's for the shared libserialport as well, without LD_PRELOAD.  (The
 * linker exports them because the library asks for these names.)
 *
 * libserialport 0.1.1 fails on a pty for two reasons (harness/PLATFORM.md): it looks the port up
 * under /sys/class/tty, where no pty is, and it asks for the modem lines, which a pty does not
 * have. Everything that is not about these goes on to libc unchanged, unless a test wants a driver or a
 * libserialport that fails (serialport_shim_test.h).
 */
#undef _FORTIFY_SOURCE /* else lstat, readlink may be inline functions */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "uart/serialport_shim_test.h"

/* termiox, which a serial driver refuses with EINVAL, and a pty with ENOTTY. */
enum { FIRST_TERMIOX = 0x5432, LAST_TERMIOX = 0x5435 };

enum {
	OUTPUT_LINES = TIOCM_DTR | TIOCM_RTS,
	INPUT_LINES = TIOCM_CTS | TIOCM_CAR | TIOCM_DSR /* of a module that is there and ready */
};

int __lxstat(int version, const char *path, struct stat *state);
ssize_t __readlink_chk(const char *path, char *target, size_t size, size_t buffer_size);

static int lines = OUTPUT_LINES;

static int is_pty_class(const char *path)
{
	static const char folder[] = "/sys/class/tty/pts/";

	return strncmp(path, folder, sizeof folder - 1) == 0;
}

static int modem_lines(unsigned long request, int *argument)
{
	switch (request) {
	case TIOCMGET:
		*argument = lines | INPUT_LINES;
		return 0;
	case TIOCMSET:
		lines = *argument & OUTPUT_LINES;
		return 0;
	case TIOCMBIS:
		lines |= *argument & OUTPUT_LINES;
		return 0;
	case TIOCMBIC:
		lines &= ~(*argument & OUTPUT_LINES);
		return 0;
	default:
		errno = request >= FIRST_TERMIOX && request <= LAST_TERMIOX ? EINVAL : ENOTTY;
		return -1;
	}
}

int ioctl(int descriptor, unsigned long request, ...)
{
	static int (*real)(int, unsigned long, ...);
	va_list arguments;

	va_start(arguments, request);
	void *argument = va_arg(arguments, void *);
	va_end(arguments);
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "ioctl");
	int result = real(descriptor, request, argument);
	if (result >= 0 || (errno != ENOTTY && errno != EINVAL) || !isatty(descriptor))
		return result;
	return modem_lines(request, argument);
}

/* The class entry of a real port is a symbolic link: so is this. */
int lstat(const char *restrict path, struct stat *restrict state)
{
	return fstatat(
		AT_FDCWD, is_pty_class(path) ? "/proc/self/exe" : path, state, AT_SYMLINK_NOFOLLOW);
}

int __lxstat(int version, const char *path, struct stat *state)
{
	(void)version;
	return lstat(path, state);
}

ssize_t readlink(const char *restrict path, char *restrict target, size_t size)
{
	static const char device[] = "../../devices/virtual/tty/pts";

	if (!is_pty_class(path))
		return readlinkat(AT_FDCWD, path, target, size);
	size_t length = sizeof device - 1 < size ? sizeof device - 1 : size;
	memcpy(target, device, length);
	return (ssize_t)length;
}

ssize_t __readlink_chk(const char *path, char *target, size_t size, size_t buffer_size)
{
	return readlink(path, target, size < buffer_size ? size : buffer_size);
}

/* ---- what fails ---- */

struct shim shim;

static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

int tcgetattr(int descriptor, struct termios *flags)
{
	int (*real)(int, struct termios *);

	*(void **)&real = next("tcgetattr");
	const int result = real(descriptor, flags);
	if (result == 0 && shim.was_set) {
		flags->c_iflag ^= shim.lost.c_iflag;
		flags->c_oflag ^= shim.lost.c_oflag;
		flags->c_cflag ^= shim.lost.c_cflag;
		flags->c_lflag ^= shim.lost.c_lflag;
		flags->c_cc[VMIN] ^= shim.lost.c_cc[VMIN];
		flags->c_cc[VTIME] ^= shim.lost.c_cc[VTIME];
	}
	return result;
}

int tcsetattr(int descriptor, int when, const struct termios *flags)
{
	int (*real)(int, int, const struct termios *);

	*(void **)&real = next("tcsetattr");
	shim.was_set = true;
	return real(descriptor, when, flags);
}

enum sp_return sp_set_config(struct sp_port *port, const struct sp_port_config *config)
{
	enum sp_return (*real)(struct sp_port *, const struct sp_port_config *);

	*(void **)&real = next("sp_set_config");
	sp_get_config_parity(config, &shim.parity);
	sp_get_config_bits(config, &shim.bits);
	sp_get_config_stopbits(config, &shim.stop_bits);
	sp_get_config_dtr(config, &shim.dtr);
	sp_get_config_rts(config, &shim.rts);
	if (shim.of_settings == SP_OK)
		return real(port, config);
	errno = EIO;
	return shim.of_settings;
}

enum sp_return sp_new_config(struct sp_port_config **config)
{
	enum sp_return (*real)(struct sp_port_config **);

	*(void **)&real = next("sp_new_config");
	return shim.of_new_settings == SP_OK ? real(config) : shim.of_new_settings;
}

/* As libserialport does from 0.1.2 on: it locks the node, and leaves it open where that fails. */
enum sp_return sp_open(struct sp_port *port, enum sp_mode mode)
{
	enum sp_return (*real)(struct sp_port *, enum sp_mode);
	int descriptor = -1;

	*(void **)&real = next("sp_open");
	if (shim.of_opening != SP_OK) {
		errno = EIO;
		return shim.of_opening;
	}
	const enum sp_return result = real(port, mode);
	if (result != SP_OK || shim.locks == LOCKS_NONE)
		return result;
	shim.opened++;
	sp_get_port_handle(port, &descriptor);
	if (shim.locks == LOCKS_NODE && flock(descriptor, LOCK_EX | LOCK_NB) == 0)
		return SP_OK;
	errno = EWOULDBLOCK;
	return SP_ERR_FAIL;
}
