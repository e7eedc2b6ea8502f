/* SPDX-License-Identifier: MIT */
#include "core/file_copy.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "core/error.h"
#include "core/file_open.h"

int file_copy(const char *from, const char *to, struct error *err)
{
	char octets[1 << 16];
	size_t got;
	int result = 0;
	FILE *source = fopen(from, "re");

	if (source == NULL)
		return error_errno(err, ERROR_USAGE, "cannot read '%.200s'", from);
	FILE *target = file_create(to);
	if (target == NULL) {
		result = error_errno(err, ERROR_BENCH, "cannot write '%.200s'", to);
		fclose(source);
		return result;
	}
	do {
		got = fread(octets, 1, sizeof octets, source);
		fwrite(octets, 1, got, target);
	} while (got == sizeof octets);
	if (ferror(source) != 0)
		result = error_errno(err, ERROR_USAGE, "cannot read '%.200s'", from);
	int failed = ferror(target);
	failed |= fclose(target);
	if (failed != 0 && result == 0)
		result = error_errno(err, ERROR_BENCH, "cannot write '%.200s'", to);
	fclose(source);
	if (result != 0)
		unlink(to);
	return result;
}
