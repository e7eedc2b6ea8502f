/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_COMPARE_H
#define WIZHIL_REPORT_COMPARE_H

#include <stdio.h>

#include "report/legs.h"
#include "report/run.h"

/*
 * What a run shows that its baseline did not: case by case the verdict, the timing models, the legs
 * that moved by more than both uncertainties, and the facts (notices, answers) that changed.
 *
 * A regression is a verdict that is worse, or a timing model that is another one.  What else
 * changed is shown and is none: no source says that it must stay, and a profile can pin it.  A case
 * that ran several times counts as its worst drive in each run.
 */

struct moved_leg {
	struct leg base, run;
	int64_t by_ns; /* of the means; positive: later, longer */
	int64_t uncertainty_ns;
};

struct changed_fact {
	const struct fact *base, *run; /* belong to the runs */
};

struct case_change {
	const char *name;
	const struct run_case *base, *run; /* the worst drive; NULL: it was not selected there */
	bool worse, better;
	bool other_models; /* no timing model explains both */
	size_t moved_count, fact_count;
	struct moved_leg *moved;
	struct changed_fact *facts;
};

struct comparison {
	const struct run *base, *run;
	size_t compared; /* cases of both runs */
	size_t same;	 /* of these, without any change */
	size_t worse, better, only_base, only_run;
	bool other_models;		  /* of the runs as a whole */
	unsigned base_models, run_models; /* not excluded; 0: nothing speaks about models */
	size_t count;
	struct case_change *changes; /* worse first, then better, then the rest */
};

/* Compares; the runs must outlive the result, which the caller frees.  NULL when out of memory. */
struct comparison *compare_runs(const struct run *base, const struct run *run);

/* comparison may be NULL. */
void comparison_free(struct comparison *comparison);

/* EXIT_CODE_FIRMWARE on a regression, else EXIT_CODE_PASS. */
enum exit_code comparison_exit_code(const struct comparison *comparison);

/* "2 worse, 1 better, 3 changed, 110 the same of 116 cases". */
void comparison_headline(const struct comparison *comparison, char *text, size_t size);

/* What became of one leg or fact, in words: "first probe 600.0 s -> 675.0 s (+75.000 s, more than
 * the uncertainty of 1.240 s)". */
void moved_leg_text(const struct moved_leg *leg, char *text, size_t size);
void changed_fact_text(const struct changed_fact *fact, char *text, size_t size);

/* For a terminal of 80 columns, and for GitHub.  The caller looks at ferror(stream). */
void comparison_write_text(const struct comparison *comparison, FILE *stream, bool colour);
void comparison_write_markdown(const struct comparison *comparison, FILE *stream);
/* As a page of its own. */
void comparison_write_html(const struct comparison *comparison, FILE *stream);

#endif
