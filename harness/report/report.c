/* SPDX-License-Identifier: MIT */
#include "report/report.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "core/file_open.h"
#include "core/exit_code.h"
#include "core/text_buffer.h"
#include "report/text/annotations.h"
#include "report/text/short_summary.h"
#include "report/formats/csv.h"
#include "report/html/html.h"
#include "report/formats/judged_capture.h"
#include "report/formats/junit.h"
#include "report/formats/markdown.h"
#include "report/model/run.h"
#include "report/text/summary.h"
#include "report/formats/tap.h"

static void write_summary(const struct run *run, const char *run_folder, FILE *stream)
{
	summary_write(run, run_folder, stream);
}

/* In a job of GitLab, whose pages show files of the project's folder. */
static void write_junit(const struct run *run, const char *run_folder, FILE *stream)
{
	const char *project = getenv("CI_PROJECT_DIR");
	char *top = project == NULL ? NULL : realpath(project, NULL);
	char *folder = realpath(run_folder, NULL);
	const size_t length = top == NULL ? 0 : strlen(top);
	const bool below = top != NULL && folder != NULL && strncmp(folder, top, length) == 0 &&
			   folder[length] == '/';

	junit_write(run, below ? folder + length + 1 : NULL, stream);
	free(top);
	free(folder);
}

static void write_tap(const struct run *run, const char *run_folder, FILE *stream)
{
	(void)run_folder;
	tap_write(run, stream);
}

static void write_markdown(const struct run *run, const char *run_folder, FILE *stream)
{
	(void)run_folder;
	markdown_write(run, stream);
}

static void write_csv(const struct run *run, const char *run_folder, FILE *stream)
{
	(void)run_folder;
	csv_write(run, stream);
}

static const struct form {
	const char *format; /* of wizhil report --format */
	const char *name;   /* of the file in the run folder */
	void (*write)(const struct run *run, const char *run_folder, FILE *stream);
} forms[] = {
	{"text", REPORT_SUMMARY, write_summary},
	{"junit", REPORT_JUNIT, write_junit},
	{"tap", REPORT_TAP, write_tap},
	{"markdown", REPORT_MARKDOWN, write_markdown},
	{"csv", REPORT_CSV, write_csv},
	{"html", REPORT_HTML, html_write},
};

/* A report under another name first. */
struct draft {
	char path[4096], temporary[4112];
	FILE *stream;
};

static int draft_begin(
	struct draft *draft, const char *run_folder, const char *name, struct error *err)
{
	snprintf(draft->path, sizeof draft->path, "%s/%s", run_folder, name);
	snprintf(draft->temporary, sizeof draft->temporary, "%s.part", draft->path);
	unlink(draft->temporary);
	draft->stream = file_create(draft->temporary);
	return draft->stream != NULL
		       ? 0
		       : error_errno(err, ERROR_BENCH, "cannot write '%s'", draft->temporary);
}

static int draft_end(struct draft *draft, struct error *err)
{
	int failed = ferror(draft->stream);

	failed |= fclose(draft->stream);
	if (failed == 0 && rename(draft->temporary, draft->path) == 0)
		return 0;
	error_errno(err, ERROR_BENCH, "cannot write '%s'", draft->path);
	unlink(draft->temporary);
	return -1;
}

static int write_form(
	const struct run *run, const char *run_folder, const struct form *form, struct error *err)
{
	struct draft draft;

	if (draft_begin(&draft, run_folder, form->name, err) != 0)
		return -1;
	form->write(run, run_folder, draft.stream);
	return draft_end(&draft, err);
}

int report_write_qualification(const char *run_folder, const struct qualification *qualification,
	const char *profile, struct error *err)
{
	struct draft draft;

	if (draft_begin(&draft, run_folder, REPORT_QUALIFICATION_HTML, err) != 0)
		return -1;
	qualification->run->changes->run_folder = run_folder;
	qualification_write_html(qualification, profile, draft.stream);
	if (draft_end(&draft, err) != 0 ||
		draft_begin(&draft, run_folder, REPORT_QUALIFICATION_MARKDOWN, err) != 0)
		return -1;
	qualification_write_markdown(qualification, profile, draft.stream);
	return draft_end(&draft, err);
}

int report_comment_captures(const char *run_folder, struct error *err)
{
	struct run *run = run_read(run_folder, err);

	if (run == NULL)
		return -1;
	const int failed = judged_evidence_write(run, run_folder, err);
	run_free(run);
	return failed;
}

int report_compose(const char *run_folder, struct error *err, enum exit_code *code)
{
	struct run *run = run_read_with_baseline(run_folder, err);
	int failed = 0;

	if (run == NULL)
		return -1;
	/* The first trouble is told; for a smaller report there may be room yet. */
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (write_form(run, run_folder, &forms[i], failed == 0 ? err : NULL) != 0)
			failed = -1;
	*code = run_exit_code(run);
	run_free(run);
	return failed;
}

int report_print(const char *run_folder, enum report_detail detail, FILE *stream, bool colour,
	struct error *err)
{
	struct run *run = run_read_with_baseline(run_folder, err);

	if (run == NULL)
		return -1;
	if (detail == REPORT_ONE_LINE)
		short_summary_line(run, run_folder, stream);
	else
		short_summary_write(run, run_folder, stream, colour);
	run_free(run);
	if (fflush(stream) != 0 || ferror(stream))
		return error_errno(err, ERROR_BENCH, "cannot print the summary");
	return 0;
}

int report_annotate(const char *run_folder, FILE *stream, struct error *err)
{
	struct run *run = run_read_with_baseline(run_folder, err);

	if (run == NULL)
		return -1;
	annotations_write(run, stream);
	run_free(run);
	return 0;
}

bool report_is_derived(const char *name)
{
	if (strcmp(name, REPORT_QUALIFICATION_HTML) == 0 ||
		strcmp(name, REPORT_QUALIFICATION_MARKDOWN) == 0)
		return true;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (strcmp(forms[i].name, name) == 0)
			return true;
	return false;
}

const char *report_format(size_t index)
{
	return index < sizeof forms / sizeof *forms ? forms[index].format : NULL;
}

static const struct form *form_named(const char *format, struct error *err)
{
	char known[256];
	struct text_buffer list = text_buffer(known, sizeof known);

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		if (strcmp(forms[i].format, format) == 0)
			return &forms[i];
		text_add_item(&list, "%s", forms[i].format);
	}
	error_set(err, ERROR_USAGE, "unknown format '%s' (use one of: %s)", format, known);
	return NULL;
}

int report_write(const char *run_folder, const char *format, FILE *stream, struct error *err)
{
	const struct form *form = form_named(format, err);
	struct run *run = form == NULL ? NULL : run_read_with_baseline(run_folder, err);

	if (run == NULL)
		return -1;
	form->write(run, run_folder, stream);
	run_free(run);
	if (fflush(stream) != 0 || ferror(stream))
		return error_errno(err, ERROR_BENCH, "cannot write the report");
	return 0;
}

int report_append(const char *run_folder, const char *format, const char *path, struct error *err)
{
	FILE *stream = fopen(path, "ae");

	if (stream == NULL)
		return error_errno(err, ERROR_BENCH, "cannot append to '%s'", path);
	int failed = report_write(run_folder, format, stream, err);
	if (fclose(stream) != 0 && failed == 0)
		return error_errno(err, ERROR_BENCH, "cannot append to '%s'", path);
	return failed;
}
