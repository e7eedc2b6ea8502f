/* SPDX-License-Identifier: MIT */
#include "cli/output_folder.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "report/formats/journal.h"

enum { IN_ONE_SECOND = 1000 };

static int make_wanted(const char *folder, struct error *err)
{
	if (mkdir(folder, 0700) == 0)
		return 0;
	if (errno == EEXIST)
		return error_set(err, ERROR_USAGE,
			"output folder '%s' already exists and is not overwritten (try: another --output)",
			folder);
	return error_errno(err, ERROR_USAGE, "cannot create output folder '%s'", folder);
}

static int make_reports(time_t now, char *stamp, size_t size, struct error *err)
{
	struct tm utc;

	if (mkdir("reports", 0777) != 0 && errno != EEXIST)
		return error_errno(
			err, ERROR_USAGE, "cannot create folder 'reports' in the current folder");
	gmtime_r(&now, &utc);
	strftime(stamp, size, "%Y%m%d-%H%M%S", &utc);
	return 0;
}

int output_folder_make(const char *wanted, const char *prefix, time_t now, char *folder,
	size_t size, struct error *err)
{
	char stamp[32];

	if (wanted != NULL) {
		snprintf(folder, size, "%s", wanted);
		return make_wanted(folder, err);
	}
	if (make_reports(now, stamp, sizeof stamp, err) != 0)
		return -1;
	for (int i = 1; i < IN_ONE_SECOND; i++) {
		snprintf(folder, size, i == 1 ? "reports/%s%s" : "reports/%s%s-%d", prefix, stamp,
			i);
		if (mkdir(folder, 0700) == 0)
			return 0;
		if (errno != EEXIST)
			break;
	}
	return error_errno(err, ERROR_USAGE, "cannot create a folder below 'reports'");
}

int output_folder_choose(const char *kind, char *folder, size_t size, struct error *err)
{
	char stamp[32];

	if (make_reports(time(NULL), stamp, sizeof stamp, err) != 0)
		return -1;
	for (int i = 1; i < IN_ONE_SECOND; i++) {
		snprintf(folder, size, i == 1 ? "reports/%s-%s" : "reports/%s-%s-%d", stamp, kind,
			i);
		if (access(folder, F_OK) != 0)
			return 0;
	}
	return error_set(err, ERROR_USAGE, "cannot create a folder below 'reports'");
}

int latest_run(char *folder, size_t size, struct error *err)
{
	glob_t runs;
	int found = glob("reports/[0-9]*/" JOURNAL_NAME, 0, NULL, &runs);

	if (found == 0) {
		const char *journal = runs.gl_pathv[runs.gl_pathc - 1];
		snprintf(folder, size, "%.*s", (int)(strrchr(journal, '/') - journal), journal);
	}
	globfree(&runs);
	return found == 0 ? 0
			  : error_set(err, ERROR_USAGE,
				    "there is no run below reports/ (name the folder of one)");
}
