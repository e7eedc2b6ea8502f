/* SPDX-License-Identifier: MIT */
#include "report/model/drives.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "judge/verdict.h"
#include "timeline/timeline.h"

/* Where ".50" is in "evidence/suite.case.50.alone.pcapng"; NULL: there is no number. */
static const char *number_in(const char *path)
{
	static const char *const endings[] = {".timeline.jsonl", ".pcapng", ".uart.txt"};
	size_t length = strlen(path);

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		const size_t ending = strlen(endings[i]);
		if (length > ending && strcmp(path + length - ending, endings[i]) == 0)
			length -= ending;
	}
	const size_t alone = strlen(".alone");
	if (length > alone && strncmp(path + length - alone, ".alone", alone) == 0)
		length -= alone;
	size_t from = length;
	while (from > 0 && isdigit((unsigned char)path[from - 1]))
		from--;
	return from > 0 && from < length && length - from < 6 && path[from - 1] == '.'
		       ? path + from - 1
		       : NULL;
}

void drive_path(const char *last_path, int drives, int drive, char *path, size_t size)
{
	const char *number = drives > 1 ? number_in(last_path) : NULL;

	if (number == NULL) {
		snprintf(path, size, "%s", last_path);
		return;
	}
	const char *rest = number + 1 + strspn(number + 1, "0123456789");
	if (drive > 1)
		snprintf(
			path, size, "%.*s.%d%s", (int)(number - last_path), last_path, drive, rest);
	else
		snprintf(path, size, "%.*s%s", (int)(number - last_path), last_path, rest);
}

int drives_of(const char *run_folder, const char *last_path)
{
	const char *number = number_in(last_path);
	const int drives = number == NULL ? 1 : atoi(number + 1);
	char path[512], full[4096];

	if (drives < 2)
		return 1;
	drive_path(last_path, drives, 1, path, sizeof path);
	snprintf(full, sizeof full, "%s/%s", run_folder, path);
	return access(full, F_OK) == 0 ? drives : 1;
}

struct timeline *drive_timeline(const char *run_folder, const char *path, struct error *err)
{
	char full[4096];

	snprintf(full, sizeof full, "%s/%s", run_folder, path);
	FILE *stream = fopen(full, "re");
	if (stream == NULL) {
		(void)error_errno(err, ERROR_USAGE, "cannot open '%s'", path);
		return NULL;
	}
	struct timeline *timeline = timeline_read(stream, err);
	fclose(stream);
	return timeline;
}

bool drive_has(const struct timeline *timeline, const struct check *check)
{
	return check->placed && timeline->count > 0 &&
	       check->begin_ns >= timeline->events[0].t_ns &&
	       check->begin_ns <= timeline->events[timeline->count - 1].t_ns;
}
