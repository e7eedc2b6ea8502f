/* SPDX-License-Identifier: MIT */
#include "report/report.h"

#include <fcntl.h>
#include <unistd.h>

#include "report/junit.h"
#include "report/run.h"
#include "report/summary.h"
#include "report/tap.h"

static void write_summary(const struct run *run, const char *run_folder, FILE *stream)
{
	summary_write(run, run_folder, stream, false);
}

static void write_junit(const struct run *run, const char *run_folder, FILE *stream)
{
	(void)run_folder;
	junit_write(run, stream);
}

static void write_tap(const struct run *run, const char *run_folder, FILE *stream)
{
	(void)run_folder;
	tap_write(run, stream);
}

static const struct {
	const char *name;
	void (*write)(const struct run *run, const char *run_folder, FILE *stream);
} forms[] = {
	{REPORT_JUNIT, write_junit},
	{REPORT_TAP, write_tap},
	{REPORT_SUMMARY, write_summary},
};

/* 0600, as all of a run folder: a report may tell of the bench's addresses. */
static FILE *open_new(const char *path)
{
	unlink(path);
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *stream = file < 0 ? NULL : fdopen(file, "w");

	if (stream == NULL && file >= 0)
		close(file);
	return stream;
}

static int write_form(const struct run *run, const char *run_folder, size_t form, struct error *err)
{
	char path[4096], temporary[4112];

	snprintf(path, sizeof path, "%s/%s", run_folder, forms[form].name);
	snprintf(temporary, sizeof temporary, "%s.part", path);
	FILE *stream = open_new(temporary);
	if (stream == NULL)
		return error_errno(err, ERROR_BENCH, "cannot write '%s'", temporary);
	forms[form].write(run, run_folder, stream);
	int failed = ferror(stream);
	failed |= fclose(stream);
	if (failed == 0 && rename(temporary, path) == 0)
		return 0;
	error_errno(err, ERROR_BENCH, "cannot write '%s'", path);
	unlink(temporary);
	return -1;
}

int report_compose(const char *run_folder, struct error *err, enum exit_code *code)
{
	struct run *run = run_read(run_folder, err);
	int failed = run == NULL ? -1 : 0;

	for (size_t i = 0; failed == 0 && i < sizeof forms / sizeof *forms; i++)
		failed = write_form(run, run_folder, i, err);
	if (failed == 0)
		*code = run_exit_code(run);
	run_free(run);
	return failed;
}

int report_print(const char *run_folder, FILE *stream, bool colour, struct error *err)
{
	struct run *run = run_read(run_folder, err);

	if (run == NULL)
		return -1;
	summary_write(run, run_folder, stream, colour);
	run_free(run);
	if (fflush(stream) != 0 || ferror(stream))
		return error_errno(err, ERROR_BENCH, "cannot print the summary");
	return 0;
}
