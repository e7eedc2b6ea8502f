/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_COMPARE_H
#define WIZHIL_REPORT_COMPARE_H

#include <stdio.h>

#include "core/exit_code.h"
#include "report/model/legs.h"
#include "report/model/run.h"

/*
 * What a run shows that its baseline did not: case by case the verdict, the timing models, the legs
 * that moved by more than both uncertainties, and the facts (notices, answers) that changed.
 *
 * A regression is a failure that the baseline had not, or a timing model that is another one.  What
 * passed and has no verdict now (it was not run, or is inconclusive or in error) is no regression,
 * and no clearance either.  What else changed is shown and is none: no source says that it must
 * stay, and a profile can pin it.  A case that ran several times counts as its worst drive in each
 * run; where both runs drove each case on each device, on each of them.
 */

/* Of several legs of one kind, such as the gaps, the one that moved furthest. */
struct moved_leg {
	struct leg base, run;
	int64_t by_ns; /* of the means; positive: later, longer */
	int64_t uncertainty_ns;
	size_t more;			 /* others of its kind that moved by more than theirs */
	int64_t least_by_ns, most_by_ns; /* of all of the kind */
};

struct changed_fact {
	const struct fact *base, *run; /* belong to the runs */
};

struct case_change {
	const char *name;
	const char *device; /* compared on this one; NULL: on whichever the case ran */
	const struct run_case *base, *run; /* the worst drive; NULL: it was not selected there */
	bool worse;			   /* it fails, and had not, or by another timing model */
	bool better;
	bool unclear;	   /* it passed, and is inconclusive or in error now */
	bool unrun;	   /* it passed, and was not run or not selected now */
	bool other_models; /* no timing model explains both */
	size_t moved_count, fact_count;
	struct moved_leg *moved;
	struct changed_fact *facts;
};

struct comparison {
	const struct run *base, *run;
	bool partial; /* to be set: RUN is a part on purpose, what it did not run is no lack */
	const char *base_folder, *run_folder; /* to be set: where their evidence is; NULL: it is not
					       * shown */
	size_t compared;		      /* cases of both runs that ran in this one */
	size_t same;			      /* of these, without any change */
	size_t worse, better, unclear, unrun, only_base, only_run;
	bool other_models;		  /* of the runs as a whole */
	unsigned base_models, run_models; /* not excluded; 0: nothing speaks about models */
	size_t count;
	struct case_change *changes; /* worse first, then better, then the rest */
};

/* Compares; the runs must outlive the result, which the caller frees.  NULL when out of memory. */
struct comparison *compare_runs(const struct run *base, const struct run *run);

/* comparison may be NULL. */
void comparison_free(struct comparison *comparison);

/* EXIT_CODE_FIRMWARE on a regression, else EXIT_CODE_BENCH where one is unclear, else
 * EXIT_CODE_NOT_RUN where nothing was compared or one that passed was not run, else
 * EXIT_CODE_PASS. */
enum exit_code comparison_exit_code(const struct comparison *comparison);

/* "116 cases compared: 2 worse, 1 better, 3 changed, 110 the same; 5 that passed were not run". */
void comparison_headline(const struct comparison *comparison, char *text, size_t size);

/* What it comes to, in a few words: "No regression", "A regression: another timing model: A ->
 * B". */
void comparison_verdict(const struct comparison *comparison, char *text, size_t size);

/* Both, the verdict first. */
void comparison_sentence(const struct comparison *comparison, char *text, size_t size);

/* The device that a change is told of; empty where there is but one. */
const char *change_device(const struct comparison *comparison, const struct case_change *change);

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
