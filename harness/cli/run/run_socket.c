/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/run/test_run.h"
#include "core/error.h"

/*
 * The folder of a run's sockets: the broker's, and Criterion's own.  It is locked as long as a process
 * of the run is there; one that nobody has locked was left by a run that was killed, and the next run
 * clears it away.
 */

static const char pattern[] = "wizhil-run-XXXXXX";

/* What Criterion puts there has the longest name. */
static bool is_short_enough(const char *base)
{
	const struct sockaddr_un address = {0};

	return strlen(base) + sizeof "/" + strlen(pattern) + sizeof "/criterion_4194304.sock" <=
	       sizeof address.sun_path;
}

/* The first of the folders for such things that can hold a socket. */
static const char *base_folder(void)
{
	const char *const candidates[] = {getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR")};

	for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
		struct stat status;
		const char *base = candidates[i];
		if (base != NULL && base[0] == '/' && is_short_enough(base) &&
			stat(base, &status) == 0 && S_ISDIR(status.st_mode) &&
			access(base, W_OK | X_OK) == 0)
			return base;
	}
	return "/tmp";
}

static void empty_folder(int folder)
{
	int copy = dup(folder);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	if (list == NULL) {
		if (copy >= 0)
			close(copy);
		return;
	}
	while ((entry = readdir(list)) != NULL)
		(void)unlinkat(folder, entry->d_name, 0);
	closedir(list);
}

static void clear_one(int base, const char *name)
{
	struct stat status;
	int folder = openat(base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (folder < 0)
		return;
	if (fstat(folder, &status) == 0 && status.st_uid == geteuid() &&
		flock(folder, LOCK_EX | LOCK_NB) == 0) {
		empty_folder(folder);
		(void)unlinkat(base, name, AT_REMOVEDIR);
	}
	close(folder);
}

/* What runs left that were killed. */
static void clear_left_folders(const char *path)
{
	const size_t prefix = strlen(pattern) - strlen("XXXXXX");
	DIR *list = opendir(path);
	const struct dirent *entry;

	while (list != NULL && (entry = readdir(list)) != NULL)
		if (strlen(entry->d_name) == strlen(pattern) &&
			strncmp(entry->d_name, pattern, prefix) == 0)
			clear_one(dirfd(list), entry->d_name);
	if (list != NULL)
		closedir(list);
}

/* What Criterion's workers share while they start (boxfort): named by the process. */
static void clear_left_maps(void)
{
	static const char prefix[] = "bxfi_";
	DIR *list = opendir("/dev/shm");
	const struct dirent *entry;
	struct stat status;

	while (list != NULL && (entry = readdir(list)) != NULL) {
		char *end;
		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
			continue;
		const long process = strtol(entry->d_name + strlen(prefix), &end, 10);
		if (*end == '\0' && process > 0 && kill((pid_t)process, 0) != 0 && errno == ESRCH &&
			fstatat(dirfd(list), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
			status.st_uid == geteuid())
			(void)unlinkat(dirfd(list), entry->d_name, 0);
	}
	if (list != NULL)
		closedir(list);
}

/* Another run may clear it away before it is locked: then it is made again. */
static int make_folder(struct test_run *test_run, const char *base, struct error *err)
{
	for (;;) {
		struct stat there, locked;
		snprintf(test_run->socket_folder, sizeof test_run->socket_folder, "%s/%s", base,
			pattern);
		if (mkdtemp(test_run->socket_folder) == NULL)
			return error_errno(
				err, ERROR_BENCH, "cannot create a folder in '%s'", base);
		int folder = open(
			test_run->socket_folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		test_run->socket_lock = folder;
		if (folder >= 0 && flock(folder, LOCK_EX | LOCK_NB) == 0 &&
			fstat(folder, &locked) == 0 && stat(test_run->socket_folder, &there) == 0 &&
			there.st_ino == locked.st_ino)
			return 0;
		const bool gone = folder < 0 ? errno == ENOENT : true;
		if (folder >= 0)
			close(folder);
		if (!gone)
			return error_errno(
				err, ERROR_BENCH, "cannot lock '%s'", test_run->socket_folder);
	}
}

int run_listen(struct test_run *test_run, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *base = base_folder();

	clear_left_folders(base);
	clear_left_maps();
	if (make_folder(test_run, base, err) != 0)
		return -1;
	snprintf(test_run->socket_path, sizeof test_run->socket_path, "%s/broker",
		test_run->socket_folder);
	memcpy(address.sun_path, test_run->socket_path, strlen(test_run->socket_path) + 1);
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener < 0 ||
		bind(listener, (const struct sockaddr *)&address, sizeof address) != 0 ||
		chmod(test_run->socket_path, 0600) != 0 || listen(listener, 4096) != 0)
		return error_errno(
			err, ERROR_BENCH, "cannot listen on '%s'", test_run->socket_path);
	test_run->options.listener = listener;
	return 0;
}

void run_remove_sockets(struct test_run *test_run)
{
	if (test_run->socket_path[0] == '\0')
		return;
	empty_folder(test_run->socket_lock);
	(void)rmdir(test_run->socket_folder);
	close(test_run->socket_lock);
}
