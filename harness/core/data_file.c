/* SPDX-License-Identifier: MIT */
#include "core/data_file.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"

int program_folder(char *folder, size_t size, struct error *err)
{
	ssize_t length = readlink("/proc/self/exe", folder, size - 1);

	if (length < 0)
		return error_errno(err, ERROR_BENCH, "cannot determine the path of this program");
	folder[length] = '\0';
	char *slash = strrchr(folder, '/');
	if (slash != NULL)
		*slash = '\0';
	return 0;
}

/* The path as it is without '..' and links, so that messages and journals name the file itself. */
static bool found(const char *place, const char *name, char *path, size_t size)
{
	char candidate[PATH_MAX], real[PATH_MAX];

	return (size_t)snprintf(candidate, sizeof candidate, "%s/%s", place, name) <
		       sizeof candidate &&
	       realpath(candidate, real) != NULL && (size_t)snprintf(path, size, "%s", real) < size;
}

int data_file_for(const char *folder, const char *name, char *path, size_t size, struct error *err)
{
	char installed[PATH_MAX], built[PATH_MAX];

	snprintf(installed, sizeof installed, "%s/../share/wizhil", folder);
	snprintf(built, sizeof built, "%s/share/wizhil", folder);
	if (found(installed, name, path, size) || found(built, name, path, size))
		return 0;
	return error_set(err, ERROR_BENCH,
		"cannot find '%s' below '%s' or '%s' (install wizhil again)", name, installed,
		built);
}

int data_file(const char *name, char *path, size_t size, struct error *err)
{
	char folder[PATH_MAX];

	if (program_folder(folder, sizeof folder, err) != 0)
		return -1;
	return data_file_for(folder, name, path, size, err);
}
