/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "uart/port_backend.h"

/* Whether the process has the node open, as far as we may see. */
static bool has_open(const char *pid, const char *node)
{
	char path[64], target[PATH_MAX];
	bool found = false;

	snprintf(path, sizeof path, "/proc/%.16s/fd", pid);
	DIR *folder = opendir(path);
	if (folder == NULL)
		return false;
	for (struct dirent *entry = readdir(folder); entry != NULL && !found;
		entry = readdir(folder)) {
		ssize_t length =
			readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);
		if (length < 0)
			continue;
		target[length] = '\0';
		found = strcmp(target, node) == 0;
	}
	closedir(folder);
	return found;
}

static void name_of(const char *pid, char *name, int size)
{
	char path[64];

	snprintf(name, (size_t)size, "?");
	snprintf(path, sizeof path, "/proc/%.16s/comm", pid);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return;
	if (fgets(name, size, file) != NULL)
		name[strcspn(name, "\n")] = '\0';
	fclose(file);
}

bool port_holder(const char *node, char *text, size_t size)
{
	DIR *folder = opendir("/proc");
	bool found = false;

	if (folder == NULL)
		return false;
	for (struct dirent *entry = readdir(folder); entry != NULL && !found;
		entry = readdir(folder)) {
		if (!isdigit((unsigned char)entry->d_name[0]) || atoi(entry->d_name) == getpid())
			continue;
		if (has_open(entry->d_name, node)) {
			char name[32];
			name_of(entry->d_name, name, sizeof name);
			snprintf(text, size, "'%s' (pid %.16s)", name, entry->d_name);
			found = true;
		}
	}
	closedir(folder);
	return found;
}
