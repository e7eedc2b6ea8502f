/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_SUMMARY_LINES_H
#define WIZHIL_REPORT_SUMMARY_LINES_H

#include <stdbool.h>
#include <stdio.h>

#include "report/model/run.h"

/* The lines that texts for people are made of: summary.c (every case), short_summary.c (what a person at
 * the terminal wants to know), plain.c and the live view. */

enum { SUMMARY_WIDTH = 80, SUMMARY_LABEL = 9, SUMMARY_TITLE = 16 };

#define SUMMARY_GREEN "\033[32m"
#define SUMMARY_RED "\033[1;31m"
#define SUMMARY_YELLOW "\033[33m"
#define SUMMARY_FAINT "\033[2m"
#define SUMMARY_PLAIN "\033[0m"

/* The first column of the head and the foot. */
void summary_label(FILE *stream, const char *word);
/* Text of a device, and a newline. */
void summary_line(FILE *stream, const char *text);

/* Text of a device behind the words before it; nothing where it is empty. */
void summary_part(FILE *stream, const char *before, const char *text);

/* A word for the outcome, and its colour. */
struct summary_style {
	const char *word, *colour;
};
struct summary_style summary_style_of(const struct run_case *test_case);

/* One line, or several where it did not pass.  folder: of the run, in front of the path of the
 * evidence, so that it can be pasted; empty: the path is relative to it. */
void summary_case(const struct run *run, const struct run_case *test_case, bool with_suite,
	const char *folder, FILE *stream, bool colour);
/* What is below its name: the sentence, what it did alone, and where the evidence is. */
void summary_reason(const struct run_case *test_case, const char *folder, FILE *stream);

/* What repeating showed; all: the spread of each leg, else which cases are unstable. */
void summary_repeats(const struct run *run, bool all, FILE *stream, bool colour);
/* When the run was resumed, and what had ended it. */
void summary_resumed(const struct run *run, FILE *stream);
/* The failures that each waiver takes upon itself, in a line. */
void summary_waived(const struct run *run, FILE *stream, bool colour);
/* Waivers that have something wrong with them. */
void summary_waivers(const struct run *run, FILE *stream, bool colour);
void summary_findings(const struct run *run, FILE *stream);
/* Each kind in a line with its number: alike but for names of cases and numbers. */
void summary_recoveries(const struct run *run, FILE *stream);
/* What was not run again alone since others were. */
void summary_reruns(const struct run *run, FILE *stream);
/* What became of the host's time: the first ones, and how many more. */
void summary_times(const struct run *run, FILE *stream);
void summary_faults(const struct run *run, FILE *stream, bool colour);
/* What the virtual devices were made to do; nothing where that is nothing. */
/* "not seen: ...", and with 'names' the cases that would have. */
void summary_unseen(const struct run *run, bool names, FILE *stream);
/* What was done to the devices before: flashed, set. */
void summary_settings(const struct run *run, FILE *stream);
/* Since the baseline, in one line; nothing where there is none. */
void summary_changes(const struct run *run, FILE *stream);
void summary_totals(const struct run *run, FILE *stream);
void summary_models(const struct run *run, FILE *stream);

#endif
