/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_WRITTEN_RUN_H
#define WIZHIL_REPORT_WRITTEN_RUN_H

#include <jansson.h>

#include "core/exit_code.h"
#include "judge/verdict.h"
#include "report/formats/journal.h"
#include "report/model/run.h"

/* Runs for the tests: a journal in a folder of its own, event by event as bench and command write
 * it.  Trouble of these functions fails the test. */

struct written_run {
	char folder[64];
	struct journal *journal;
};

/* Two cases are selected, schedule/one and schedule/two. */
struct written_run run_begin(void);
/* The same with these cases ("suite/case", NULL ends them). */
struct written_run run_begin_with(bool require_all, const char *const *cases);
/* The same with an empty journal. */
struct written_run run_begin_bare(void);
void run_remove(struct written_run *run);

void put_event(struct written_run *run, json_t *event); /* takes it */
void put_raw(struct written_run *run, const char *text);
/* Admitted at 1 s, the verdict at 76.25 s. */
void put_verdict(struct written_run *run, const char *name, const struct verdict *verdict);
/* The same on a device; else it is "left". */
void put_verdict_on(struct written_run *run, const char *device, const char *name,
	const struct verdict *verdict);
void put_alone(struct written_run *run, const char *name, const struct verdict *verdict);
void put_not_run(struct written_run *run, const char *name, const char *reason);
void put_error(struct written_run *run, const char *name, const char *text);
void put_fault(struct written_run *run, const char *text);
void put_end(struct written_run *run, int runner);
void put_interrupted_end(struct written_run *run);

/* A verdict with one check, of requirement KA-TIME-01, that measured leg "gap 3". */
struct verdict measured(enum outcome outcome, unsigned models, const char *text);
struct verdict passed(void);
struct verdict failed(const char *text);

/* Composes the reports; the exit code.  The summary is what the running test's section of expected/SUITE.txt has. */
enum exit_code composed(struct written_run *run);
/* The run as it is read; the caller frees it. */
struct run *read_run(const struct written_run *written);
/* What a file of the run folder holds; composed before.  The caller frees it. */
char *text_of(const struct written_run *run, const char *name);
/* The folder has another name each time; in the text it gets a fixed one. */
void name_folder(char *text, const char *folder);
/* Whether the file of the run folder holds the text. */
bool tells(const struct written_run *run, const char *name, const char *text);

/* A run with one of each outcome, a finding, a fault, and a second suite. */
struct written_run colourful_run(void);
/* Everything a device may have said, in every place where it may stand. */
struct written_run hostile_run(void);

#endif
