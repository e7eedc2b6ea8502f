/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_HTML_SECTIONS_H
#define WIZHIL_REPORT_HTML_SECTIONS_H

#include "report/model/compare.h"
#include "report/html/html.h"
#include "report/model/requirements.h"
#include "timeline/timeline.h"

/* The sections of the HTML report, one function each, in the order in which they stand. */

/* Gaps between unanswered probes, from all timelines of the run. */
struct gaps {
	size_t count;
	int64_t *ns;
};

void gaps_take(struct gaps *gaps, const struct timeline *timeline);

/* The first screen: the verdict in a sentence, counts, what was run on what, what failed. */
void html_write_summary(
	const struct run *run, const struct requirements *requirements, FILE *stream);

/* Each requirement with the cases that speak for it. */
void html_write_requirements(
	const struct run *run, const struct requirements *requirements, FILE *stream);

/* A row for each case: measured against expected. */
void html_write_table(const struct run *run, FILE *stream);

/* How the gaps are spread. */
void html_write_gaps(const struct run *run, const struct gaps *gaps, FILE *stream);

/* A case with its picture, its checks and its evidence; takes in its gaps. */
void html_write_case(const struct run *run, size_t place, const char *run_folder, bool open,
	struct gaps *gaps, FILE *stream);

/* What changed since a baseline; links: cases are on this page (as #c and their place in the
 * run). */
void html_write_changes(const struct comparison *changes, bool links, FILE *stream);

/* How a kind of leg went over the history, as a small picture; nothing where it has fewer than two runs
 * with it. */
void html_write_leg_trend(const json_t *trend, const char *leg, FILE *stream);

/* How the runs of the history went; trend: as run_database_trend() tells it. */
void html_write_trend(const json_t *trend, FILE *stream);

/* What repeating showed. */
void html_write_repeats(const struct run *run, FILE *stream);

/* What a case comes to: its outcome, or that its failure is waived. */
void html_case_badge(const struct run_case *test_case, FILE *stream);
const char *html_case_class(const struct run_case *test_case);

/* ' href="#suite/case"': a link to a case on this page; html_case_id() is where it leads. */
void html_case_link(const struct run *run, const struct run_case *test_case, FILE *stream);
void html_case_id(const struct run *run, const struct run_case *test_case, char *id, size_t size);

/* Suite and title of a case. */
void html_write_title(const struct run *run, const struct run_case *test_case, FILE *stream);

/* The places of the cases that count, in the order in which they are told: what is worst first.
 * The caller frees it; NULL when out of memory. */
size_t *html_order(const struct run *run, size_t *count);

/* The leg that a reader wants to see of a case: the one that decided, else the one that says most;
 * NULL: none was measured. */
const struct check *html_leg(const struct run_case *test_case);

/* How far inside its window a leg lies, in ns; negative: outside. */
int64_t html_margin(const struct check *check);

/* Window and measure of a leg as a small picture. */
void html_write_gauge(const struct check *check, FILE *stream);

#endif
