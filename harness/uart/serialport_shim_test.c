/* SPDX-License-Identifier: MIT */
/*
 * Lets libserialport open a pty.  For test programs only: linked into the program itself, these
 * functions come before libc's for the shared libserialport as well, without LD_PRELOAD.  (The
 * linker exports them because the library asks for these names.)
 *
 * libserialport 0.1.1 fails on a pty for two reasons (harness/PLATFORM.md): it looks the port up
 * under /sys/class/tty, where no pty is, and it asks for the modem lines, which a pty does not
 * have. Everything that is not about these goes on to libc unchanged.
 */
#undef _FORTIFY_SOURCE /* else lstat, readlink may be inline functions */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

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
