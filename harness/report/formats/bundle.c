/* SPDX-License-Identifier: MIT */
#include "report/formats/bundle.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/file_read.h"
#include "report/model/run.h"
#include "uart/at_command.h"
#include "uart/secrets.h"

struct bundle {
	struct archive *archive;
	const char *folder;
	const char *name; /* of the folder, without the way to it */
	const char *const *secrets;
	size_t secret_count;
	struct error *err;
};

/* ---- what must not leave ---- */

static const char hidden[] = "********";

/* Whether a command in the text, from its AT on, shows the argument that it should not. */
static bool shows_argument(const char *text, size_t length)
{
	size_t from = secrets_argument((const uint8_t *)text, length);

	return from < length &&
	       (length - from < strlen(hidden) || memcmp(text + from, hidden, strlen(hidden)) != 0);
}

static bool ends_line(char octet)
{
	return octet == '\n' || octet == '\r' || octet == '"' || octet == '\\' || octet == '<';
}

static size_t line_of(const char *text, const char *at)
{
	size_t line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

static int complain_of(const struct bundle *bundle, const char *path, size_t line)
{
	return error_set(bundle->err, ERROR_USAGE,
		"'%.300s' contains a passphrase in line %zu: no archive written (remove it, and report this as a bug)",
		path, line);
}

static int look_at(const struct bundle *bundle, const char *path, const char *text, size_t length)
{
	for (size_t i = 0; i < bundle->secret_count; i++) {
		const char *secret = bundle->secrets[i];
		const char *found =
			secret[0] == '\0' ? NULL : memmem(text, length, secret, strlen(secret));
		if (found != NULL)
			return complain_of(bundle, path, line_of(text, found));
	}
	for (size_t i = 0; i + 4 < length; i++) {
		size_t end = i;
		if (!at_begins_named(text + i))
			continue;
		while (end < length && !ends_line(text[end]))
			end++;
		if (shows_argument(text + i, end - i))
			return complain_of(bundle, path, line_of(text, text + i));
	}
	return 0;
}

/* ---- files ---- */

static int archive_trouble(const struct bundle *bundle)
{
	return error_set(bundle->err, ERROR_BENCH, "cannot write the archive: %s",
		archive_error_string(bundle->archive));
}

static int put_file(
	const struct bundle *bundle, const char *path, const char *inner, const struct stat *status)
{
	size_t length;
	int result = 0;
	char *text = file_read(path, SIZE_MAX - 2, &length, bundle->err);

	if (text == NULL)
		return -1;
	if (look_at(bundle, path, text, length) != 0) {
		free(text);
		return -1;
	}
	struct archive_entry *entry = archive_entry_new();
	archive_entry_set_pathname(entry, inner);
	archive_entry_set_size(entry, (la_int64_t)length);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0600);
	archive_entry_set_mtime(entry, status->st_mtime, 0);
	if (archive_write_header(bundle->archive, entry) != ARCHIVE_OK ||
		archive_write_data(bundle->archive, text, length) != (la_ssize_t)length)
		result = archive_trouble(bundle);
	archive_entry_free(entry);
	free(text);
	return result;
}

static int by_name(const FTSENT **entry, const FTSENT **other)
{
	return strcmp((*entry)->fts_name, (*other)->fts_name);
}

/* Regular files only: a link could lead out of the folder. */
static int put_folder(const struct bundle *bundle)
{
	char top[4096], inner[8192];
	char *const paths[] = {top, NULL};
	FTSENT *entry;
	int failed = 0;

	snprintf(top, sizeof top, "%s", bundle->folder);
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	if (walk == NULL)
		return error_errno(bundle->err, ERROR_BENCH, "cannot read '%.300s'", top);
	while (failed == 0 && (entry = fts_read(walk)) != NULL) {
		if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR) {
			errno = entry->fts_errno;
			failed = error_errno(
				bundle->err, ERROR_BENCH, "cannot read '%.300s'", entry->fts_path);
		}
		if (entry->fts_info != FTS_F)
			continue;
		snprintf(inner, sizeof inner, "%s%s", bundle->name,
			entry->fts_path + strlen(bundle->folder));
		failed = put_file(bundle, entry->fts_path, inner, entry->fts_statp);
	}
	fts_close(walk);
	return failed;
}

/* ---- the archive ---- */

static int add_filter(struct archive *archive, const char *output, struct error *err)
{
	static const struct ending {
		const char *text;
		int (*add)(struct archive *);
	} endings[] = {{".tar.zst", archive_write_add_filter_zstd},
		{".tar.xz", archive_write_add_filter_xz},
		{".tar.gz", archive_write_add_filter_gzip},
		{".tar", archive_write_add_filter_none}};

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		size_t length = strlen(endings[i].text);
		if (strlen(output) <= length ||
			strcmp(output + strlen(output) - length, endings[i].text) != 0)
			continue;
		if (endings[i].add(archive) != ARCHIVE_OK)
			return error_set(err, ERROR_BENCH, "cannot compress to '%s': %s",
				endings[i].text, archive_error_string(archive));
		return 0;
	}
	return error_set(err, ERROR_USAGE,
		"unknown archive type '%.300s' (use .tar.zst, .tar.xz, .tar.gz or .tar)", output);
}

static int write_archive(struct bundle *bundle, const char *output)
{
	bundle->archive = archive_write_new();
	if (bundle->archive == NULL)
		return error_set(bundle->err, ERROR_MEMORY, "out of memory");
	int failed = add_filter(bundle->archive, output, bundle->err);
	int file = failed != 0 ? -1 : open(output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0) {
		if (failed == 0)
			failed = error_errno(
				bundle->err, ERROR_USAGE, "cannot create '%.300s'", output);
		archive_write_free(bundle->archive);
		return failed;
	}
	if (archive_write_set_format_pax_restricted(bundle->archive) != ARCHIVE_OK ||
		archive_write_open_fd(bundle->archive, file) != ARCHIVE_OK)
		failed = archive_trouble(bundle);
	if (failed == 0)
		failed = put_folder(bundle);
	if (archive_write_close(bundle->archive) != ARCHIVE_OK && failed == 0)
		failed = archive_trouble(bundle);
	archive_write_free(bundle->archive);
	if (close(file) != 0 && failed == 0)
		failed = error_errno(bundle->err, ERROR_BENCH, "cannot write '%.300s'", output);
	if (failed != 0)
		unlink(output);
	return failed;
}

int bundle_write(const char *run_folder, const char *output, const char *const *secrets,
	size_t secret_count, struct error *err)
{
	char folder[4096];
	struct run *run = run_read(run_folder, err);

	if (run == NULL)
		return -1;
	run_free(run);
	snprintf(folder, sizeof folder, "%s", run_folder);
	for (size_t length = strlen(folder); length > 1 && folder[length - 1] == '/'; length--)
		folder[length - 1] = '\0';
	const char *slash = strrchr(folder, '/');
	struct bundle bundle = {.folder = folder,
		.name = slash == NULL ? folder : slash + 1,
		.secrets = secrets,
		.secret_count = secret_count,
		.err = err};
	return write_archive(&bundle, output);
}
