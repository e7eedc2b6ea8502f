/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "uart/port_backend.h"

/* The more, the more likely it is the one that keeps others out. */
enum claim { CLAIM_NONE, CLAIM_BEHIND, CLAIM_OPEN, CLAIM_LOCK };

static bool is_locked(const char *pid, const char *descriptor)
{
	char path[64], line[160];
	bool found = false;

	snprintf(path, sizeof path, "/proc/%.16s/fdinfo/%.16s", pid, descriptor);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return false;
	while (!found && fgets(line, sizeof line, file) != NULL)
		found = strncmp(line, "lock:", 5) == 0;
	fclose(file);
	return found;
}

/* What the process has of the node, as far as we may see.  A pty is open in the program behind it,
 * too, which has the other end. */
static enum claim claim_of(const char *pid, const char *node)
{
	char path[64], target[PATH_MAX];
	enum claim claim = CLAIM_NONE;
	bool is_behind = false;

	snprintf(path, sizeof path, "/proc/%.16s/fd", pid);
	DIR *folder = opendir(path);
	if (folder == NULL)
		return CLAIM_NONE;
	int descriptor = dirfd(folder);
	for (struct dirent *entry = readdir(folder);
		descriptor >= 0 && entry != NULL && claim != CLAIM_LOCK; entry = readdir(folder)) {
		ssize_t length = readlinkat(descriptor, entry->d_name, target, sizeof target - 1);
		if (length < 0)
			continue;
		target[length] = '\0';
		is_behind |= strcmp(target, "/dev/ptmx") == 0;
		if (strcmp(target, node) == 0)
			claim = is_locked(pid, entry->d_name) ? CLAIM_LOCK : CLAIM_OPEN;
	}
	closedir(folder);
	return claim == CLAIM_OPEN && is_behind ? CLAIM_BEHIND : claim;
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
	enum claim best = CLAIM_NONE;

	if (folder == NULL)
		return false;
	for (struct dirent *entry = readdir(folder); entry != NULL && best != CLAIM_LOCK;
		entry = readdir(folder)) {
		char name[32];
		if (!isdigit((unsigned char)entry->d_name[0]) || atoi(entry->d_name) == getpid())
			continue;
		enum claim claim = claim_of(entry->d_name, node);
		if (claim <= best)
			continue;
		best = claim;
		name_of(entry->d_name, name, sizeof name);
		snprintf(text, size, "'%s' (pid %.16s)", name, entry->d_name);
	}
	closedir(folder);
	return best != CLAIM_NONE;
}
