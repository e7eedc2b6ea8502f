/* SPDX-License-Identifier: MIT */
#include "core/file_open.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

FILE *file_of(int descriptor, const char *mode)
{
	FILE *stream = descriptor < 0 ? NULL : fdopen(descriptor, mode);
	const int why = errno;

	if (stream == NULL && descriptor >= 0) {
		/* cppcheck-suppress doubleFree ; fdopen() that fails leaves it open */
		close(descriptor);
		errno = why;
	}
	return stream;
}

FILE *file_create(const char *path)
{
	return file_of(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), "w");
}

FILE *file_replace(const char *path)
{
	int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	/* One that was there already may have been open to others. */
	if (descriptor >= 0 && fchmod(descriptor, 0600) != 0) {
		const int why = errno;
		close(descriptor);
		errno = why;
		return NULL;
	}
	return file_of(descriptor, "w");
}
