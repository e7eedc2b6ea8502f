/* SPDX-License-Identifier: MIT */
#include "report/formats/manifest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/digest.h"
#include "core/error.h"
#include "core/file_open.h"
#include "core/json_text.h"
#include "report/report.h"
#include "report/model/run.h"
#include "report/text/text.h"

static bool is_left_out(const char *path)
{
	return strcmp(path, MANIFEST_NAME) == 0 || strcmp(path, MANIFEST_NAME ".part") == 0 ||
	       report_is_derived(path);
}

static int add_file(const char *run_folder, const char *path, json_t *files, struct error *err)
{
	char whole[4096], hex[DIGEST_TEXT];
	struct stat status;

	snprintf(whole, sizeof whole, "%s/%s", run_folder, path);
	if (stat(whole, &status) != 0)
		return error_errno(err, ERROR_BENCH, "cannot read '%s'", whole);
	if (digest_file(whole, hex, err) != 0)
		return -1;
	return json_object_set_new(files, path,
		json_pack("{s:o, s:I, s:s}", "path", json_text(path), "size",
			(json_int_t)status.st_size, "sha256", hex));
}

/* Adds all files below a folder of the run ("", "evidence") to an object of path to entry. */
static int add_folder(const char *run_folder, const char *below, json_t *files, struct error *err)
{
	char path[4096];
	const struct dirent *entry;
	int failed = 0;

	snprintf(path, sizeof path, "%s/%s", run_folder, below);
	DIR *folder = opendir(path);
	if (folder == NULL)
		return error_errno(err, ERROR_USAGE, "cannot read '%s'", path);
	while (failed == 0 && (entry = readdir(folder)) != NULL) {
		struct stat status;
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s%s%s", below, below[0] == '\0' ? "" : "/",
			entry->d_name);
		if (is_left_out(path) ||
			fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (S_ISDIR(status.st_mode))
			failed = add_folder(run_folder, path, files, err);
		else if (S_ISREG(status.st_mode))
			failed = add_file(run_folder, path, files, err);
	}
	closedir(folder);
	return failed;
}

static json_t *files_of(const char *run_folder, struct error *err)
{
	json_t *files = json_object();

	if (add_folder(run_folder, "", files, err) == 0)
		return files;
	json_decref(files);
	return NULL;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The entries in the order of their paths. */
static json_t *sorted(json_t *files)
{
	size_t count = json_object_size(files), i = 0;
	const char **paths = calloc(count + 1, sizeof *paths);
	json_t *list = json_array(), *entry;
	const char *path;

	if (paths == NULL)
		return list;
	json_object_foreach(files, path, entry) paths[i++] = path;
	qsort(paths, count, sizeof *paths, by_path);
	for (i = 0; i < count; i++)
		json_array_append(list, json_object_get(files, paths[i]));
	free(paths);
	return list;
}

static json_t *manifest_of(const struct run *run, json_t *files)
{
	json_t *devices = json_array();

	for (size_t i = 0; i < run->device_count; i++)
		json_array_append_new(devices,
			json_pack("{s:o, s:o, s:o}", "name", json_text(run->devices[i].name),
				"firmware", json_text(run->devices[i].firmware), "mac",
				json_text(run->devices[i].mac)));
	return json_pack("{s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o}", "wizhil",
		json_text(run->version), "bench", json_text(run->bench), "profile",
		json_text(run->profile), "clock", json_text(run->clock), "seed",
		(json_int_t)run->seed, "started", json_text(run->started), "devices", devices,
		"files", sorted(files));
}

int manifest_write(const char *run_folder, struct error *err)
{
	char path[4096], part[4112];
	struct run *run = run_read(run_folder, err);
	json_t *files = run == NULL ? NULL : files_of(run_folder, err);
	json_t *manifest = files == NULL ? NULL : manifest_of(run, files);
	int failed = -1;

	snprintf(path, sizeof path, "%s/" MANIFEST_NAME, run_folder);
	snprintf(part, sizeof part, "%s.part", path);
	if (manifest != NULL) {
		unlink(part);
		FILE *file = file_create(part);
		failed = file == NULL || json_dumpf(manifest, file, JSON_INDENT(1)) != 0;
		if (file != NULL)
			failed |= fputc('\n', file) == EOF || fclose(file) != 0;
		if (failed || rename(part, path) != 0)
			failed = error_errno(err, ERROR_BENCH, "cannot write '%s'", path);
	}
	json_decref(manifest);
	json_decref(files);
	run_free(run);
	return failed;
}

static void tell(FILE *stream, const char *what, const char *path)
{
	fprintf(stream, "%-8s  ", what);
	text_put(stream, TEXT_LINE, path);
	fputc('\n', stream);
}

int manifest_verify(
	const char *run_folder, FILE *stream, size_t *files, size_t *differences, struct error *err)
{
	char path[4096];
	json_error_t trouble;
	size_t index;
	json_t *entry;
	const char *name;

	snprintf(path, sizeof path, "%s/" MANIFEST_NAME, run_folder);
	json_t *manifest = json_load_file(path, 0, &trouble);
	json_t *listed = json_object_get(manifest, "files");
	if (!json_is_array(listed)) {
		json_decref(manifest);
		return error_set(err, ERROR_USAGE,
			"'%s' is not a run manifest: %s (a killed run has none)", path,
			trouble.text[0] == '\0' ? "it lists no files" : trouble.text);
	}
	json_t *there = files_of(run_folder, err);
	*files = json_array_size(listed);
	*differences = 0;
	json_array_foreach(listed, index, entry)
	{
		name = json_string_value(json_object_get(entry, "path"));
		const json_t *now = name == NULL ? NULL : json_object_get(there, name);
		bool same = now != NULL && json_equal(entry, now) != 0;
		if (there != NULL && !same)
			tell(stream, now == NULL ? "missing" : "changed",
				name == NULL ? "?" : name);
		*differences += !same;
		if (now != NULL)
			json_object_del(there, name);
	}
	json_object_foreach(there, name, entry) tell(stream, "added", name);
	*differences += json_object_size(there);
	int result = there == NULL ? -1 : 0;
	json_decref(there);
	json_decref(manifest);
	return result;
}
