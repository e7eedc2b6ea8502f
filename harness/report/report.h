/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_REPORT_H
#define WIZHIL_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/exit_code.h"
#include "report/model/qualification.h"

struct error;

/* The reports of a run, in its folder; all derived from its journal (report/formats/journal.h). */
#define REPORT_JUNIT "junit.xml"
#define REPORT_TAP "results.tap"
#define REPORT_SUMMARY "summary.txt"
#define REPORT_MARKDOWN "summary.md"
#define REPORT_CSV "legs.csv"
#define REPORT_HTML "index.html"
/* Of wizhil qualify (report/model/qualification.h). */
#define REPORT_QUALIFICATION_HTML "qualification.html"
#define REPORT_QUALIFICATION_MARKDOWN "qualification.md"

/* Writes what the judge says into the captures of the run's evidence, as comments of their packets
 * (report/formats/judged_capture.h): before the manifest vouches for them. */
int report_comment_captures(const char *run_folder, struct error *err);

/* Writes all of them into the run's folder, each under another name first, so that a report that is
 * there is whole, and sets *code to the exit code of the run.  Works on a run that was killed, as
 * far as its journal goes.  -1 with err set: the folder holds no run
 * (ERROR_USAGE), or a report cannot be written (ERROR_BENCH); *code is set then all the same, and
 * the reports that there is room for are written. */
int report_compose(const char *run_folder, struct error *err, enum exit_code *code);

/* Writes the page of a qualification into the run's folder, as HTML and Markdown; profile: name of a file
 * there, or NULL.  -1 with err set. */
int report_write_qualification(const char *run_folder, const struct qualification *qualification,
	const char *profile, struct error *err);

/* Is this file of a run folder one of the reports, composed from the journal? */
bool report_is_derived(const char *name);

/* The formats a report can be written in, by index: "text", "junit", ...; NULL behind the last. */
const char *report_format(size_t index);

/* Writes the report of that format.  -1 with err set: there is no such format (ERROR_USAGE), the
 * folder holds no run (ERROR_USAGE), it cannot be written (ERROR_BENCH). */
int report_write(const char *run_folder, const char *format, FILE *stream, struct error *err);

/* The same, at the end of a file, such as GitHub's step summary. */
int report_append(const char *run_folder, const char *format, const char *path, struct error *err);

/* Writes each cause (report/model/causes.h) as a workflow command of GitHub, which shows it as an annotation:
 * an error for failures, a warning for what could not be decided.  -1 with err set. */
int report_annotate(const char *run_folder, FILE *stream, struct error *err);

/* How much is printed: one line; or, short, what did not pass with its reason and the rest in
 * numbers.  The whole list is the format "text". */
enum report_detail { REPORT_ONE_LINE, REPORT_SHORT };

/* Prints for a person at a terminal; colour: with ANSI colours.  -1 with err set. */
int report_print(const char *run_folder, enum report_detail detail, FILE *stream, bool colour,
	struct error *err);

#endif
