/* SPDX-License-Identifier: MIT */
#include "report/formats/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"

struct journal {
	int file;
	bool sync;
};

/* The name of a new file is on disk only when its folder is. */
static int sync_folder(const char *folder)
{
	int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (directory < 0)
		return -1;
	int failed = fsync(directory);
	close(directory);
	return failed;
}

/* Held as long as a process of the run has the journal open. */
static int lock(struct journal *journal, const char *path, struct error *err)
{
	if (flock(journal->file, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return error_set(err, ERROR_USAGE, "the run of '%s' is still active", path);
}

bool journal_is_active(const char *run_folder)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/" JOURNAL_NAME, run_folder);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	const bool active = file >= 0 && flock(file, LOCK_SH | LOCK_NB) != 0;
	if (file >= 0)
		close(file);
	return active;
}

/* mode: O_CREAT | O_EXCL, or 0 */
static struct journal *open_journal(
	const char *run_folder, int mode, bool sync, enum error_kind blame, struct error *err)
{
	char path[4096];

	if (snprintf(path, sizeof path, "%s/" JOURNAL_NAME, run_folder) >= (int)sizeof path) {
		error_set(err, ERROR_USAGE, "path of the run folder is too long");
		return NULL;
	}
	struct journal *journal = calloc(1, sizeof *journal);
	if (journal == NULL) {
		error_set(err, ERROR_MEMORY, "out of memory");
		return NULL;
	}
	journal->sync = sync;
	journal->file = open(path, O_RDWR | O_APPEND | O_CLOEXEC | mode, 0600);
	if (journal->file < 0 || (sync && sync_folder(run_folder) != 0))
		error_errno(err, blame, "cannot %s the journal '%s'", mode == 0 ? "open" : "make",
			path);
	else if (lock(journal, path, err) == 0)
		return journal;
	journal_close(journal);
	return NULL;
}

struct journal *journal_create(const char *run_folder, bool sync, struct error *err)
{
	return open_journal(run_folder, O_CREAT | O_EXCL, sync, ERROR_BENCH, err);
}

/* Where the last whole line ends. */
static off_t end_of_lines(int file, off_t size)
{
	char last;

	while (size > 0 && (pread(file, &last, 1, size - 1) != 1 || last != '\n'))
		size--;
	return size;
}

struct journal *journal_resume(const char *run_folder, bool sync, struct error *err)
{
	struct stat status;
	struct journal *journal = open_journal(run_folder, 0, sync, ERROR_USAGE, err);

	if (journal == NULL)
		return NULL;
	if (fstat(journal->file, &status) == 0) {
		off_t whole = end_of_lines(journal->file, status.st_size);
		if (whole == status.st_size || ftruncate(journal->file, whole) == 0)
			return journal;
	}
	error_errno(err, ERROR_BENCH, "cannot repair the journal of '%s'", run_folder);
	journal_close(journal);
	return NULL;
}

/* A writer that was killed, or a disk that was full, may have left half a line. */
static bool is_torn(int file)
{
	struct stat status;
	char last;

	return fstat(file, &status) == 0 && status.st_size > 0 &&
	       pread(file, &last, 1, status.st_size - 1) == 1 && last != '\n';
}

static int write_line(struct journal *journal, const char *text, struct error *err)
{
	size_t length = strlen(text);
	size_t size = 0;
	char *line = malloc(length + 2);
	ssize_t written;

	if (line == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	if (is_torn(journal->file))
		line[size++] = '\n';
	memcpy(line + size, text, length);
	size += length;
	line[size++] = '\n';
	do
		written = write(journal->file, line, size);
	while (written < 0 && errno == EINTR);
	free(line);
	if (written < 0)
		return error_errno(err, ERROR_BENCH, "cannot write the journal");
	if ((size_t)written != size)
		return error_set(err, ERROR_BENCH,
			"cannot write the journal: only a part of an event was written (is the disk full?)");
	return 0;
}

int journal_append(struct journal *journal, json_t *event, bool force_to_disk, struct error *err)
{
	if (event == NULL)
		return error_set(err, ERROR_BENCH,
			"cannot write the journal: cannot build an event (is all text made by json_text?)");
	char *text = json_dumps(event, JSON_COMPACT | JSON_REAL_PRECISION(12));
	json_decref(event);
	if (text == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	int failed = write_line(journal, text, err);
	free(text);
	if (failed == 0 && force_to_disk && journal->sync && fdatasync(journal->file) != 0)
		return error_errno(err, ERROR_BENCH, "cannot flush the journal to disk");
	return failed;
}

void journal_close(struct journal *journal)
{
	if (journal == NULL)
		return;
	if (journal->file >= 0)
		close(journal->file);
	free(journal);
}
