/* SPDX-License-Identifier: MIT */
#include "core/data_file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"

int program_folder(char *folder, size_t size, struct error *err)
{
	ssize_t length = readlink("/proc/self/exe", folder, size - 1);

	if (length < 0)
		return error_errno(err, ERROR_BENCH, "cannot find the path of this program");
	folder[length] = '\0';
	char *slash = strrchr(folder, '/');
	if (slash != NULL)
		*slash = '\0';
	return 0;
}

int data_file_for(const char *folder, const char *sources, const char *name, char *path,
	size_t size, struct error *err)
{
	if ((size_t)snprintf(path, size, "%s/../share/wizhil/%s", folder, name) < size &&
		access(path, F_OK) == 0)
		return 0;
	if ((size_t)snprintf(path, size, "%s/%s", sources, name) < size && access(path, F_OK) == 0)
		return 0;
	return error_set(err, ERROR_BENCH,
		"cannot find '%s', neither below '%s/../share/wizhil' nor below '%s' (install "
		"wizhil again)",
		name, folder, sources);
}

int data_file(const char *name, char *path, size_t size, struct error *err)
{
	char folder[PATH_MAX];

	if (program_folder(folder, sizeof folder, err) != 0)
		return -1;
	return data_file_for(folder, WIZHIL_SOURCE, name, path, size, err);
}
