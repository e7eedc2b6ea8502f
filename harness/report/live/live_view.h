/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_LIVE_VIEW_H
#define WIZHIL_REPORT_LIVE_VIEW_H

#include <jansson.h>
#include <stddef.h>

#include "report/model/run.h"
#include "timeline/watched.h"

/*
 * A run as a person sees it while it goes on: one line for each running case with device, CID, a
 * bar over its expected time, and its phase in words, and below them totals and the estimated end.
 * Everything in it was told by the bench (struct watched) or stands in the journal; that a probe is
 * due 75 s after the one before is what the vendor's page says.
 * Pure: it knows no terminal and no clock.
 */

enum { LIVE_LINE = 512, LIVE_LINES = 64 };

struct live_view;

/* The caller frees it; NULL when out of memory. */
struct live_view *live_view_new(void);
void live_view_free(struct live_view *view); /* NULL is fine */

/* Takes in what the bench tells, in its order. */
void live_view_watch(struct live_view *view, const struct watched *what);

/* Takes in an event of the journal, as run_live_read has it. */
void live_view_saw(struct live_view *view, const struct run *run, const struct run_case *test_case,
	const json_t *event);

/* What is known beside that. */
struct live_now {
	int64_t now_ns;	   /* on the bench's clock */
	double wall_s;	   /* since the run began */
	double left_s;	   /* estimated until its end; negative: not known */
	char ends[16];	   /* when that is, "23:45"; empty: not known */
	int rows, columns; /* of the terminal */
	int devices;	   /* of the bench: where room is short, the only one is not named */
	bool colour;
	const char *note; /* what is to be said in place of the estimated end; NULL: nothing */
};

/* The latest time that the bench told of; 0: none yet. */
int64_t live_view_time(const struct live_view *view);

/* Seconds that a case still needs by its estimate, of one that runs; -1: it does not run. */
double live_view_left_s(const struct live_view *view, const char *case_name, int64_t now_ns);

/* Seconds to the end of the running case that is the next to end by its estimate, and its name, which
 * holds until the view changes; -1: none runs. */
double live_view_next_end_s(const struct live_view *view, int64_t now_ns, const char **case_name);

/* The line of the totals, without colours: "34 of 161 ended: 33 passed, 1 failed; 16 running". */
void live_view_totals(const struct live_view *view, char *text, size_t size);

/* Writes the lines, none wider than the columns, fewer than the rows.  Returns how many.
 * widths: of each, in columns, without colours. */
size_t live_view_render(const struct live_view *view, const struct live_now *now,
	char lines[LIVE_LINES][LIVE_LINE], size_t widths[LIVE_LINES]);

#endif
