/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_LIVE_H
#define WIZHIL_CLI_LIVE_H

#include <jansson.h>

#include "cli/run/estimate.h"
#include "report/model/run.h"
#include "timeline/watched.h"

struct error;

/* The live view (report/live/live_view.h) on the terminal of the standard error, redrawn in place: on
 * its second screen where it has one, so that nothing of the view is ever among its past lines. */

struct live;

/* May it be drawn there? */
bool live_can_be_drawn(void);

struct live_run {
	const json_t *cases; /* for the estimate (cli/run/estimate.h), not copied */
	int repeat;	     /* how often each is driven */
	int devices;
	struct estimated_bench bench;
	bool each;    /* all on each device; else the cases spread over them */
	bool stepped; /* device time is not that of the wall */
};

/* drawn: on the terminal; else nothing is drawn, and a line each minute says how far the run is.  The
 * caller frees it.  NULL with err set. */
struct live *live_new(const struct live_run *run, bool drawn, struct error *err);

/* Where the bench writes a struct watched at a time; it never blocks, and what finds no room is
 * lost.  To be used after a fork too. */
void live_tell(const struct live *live, const struct watched *what);
/* To be polled for reading. */
int live_descriptor(const struct live *live);

void live_saw(struct live *live, const struct run *run, const struct run_case *test_case,
	const json_t *event);

/* The time of the wall, so many seconds from now, by a format of strftime(). */
void live_wall_time(double in_s, const char *format, char text[16]);

/* Takes in what the bench told, and draws, a few times a second at most. */
void live_update(struct live *live);

/* Takes the view from the terminal, so that something else can be written there. */
void live_clear(struct live *live);

/* From now on the view says this in place of the estimated end; not copied. */
void live_note(struct live *live, const char *note);

/* Clears and frees; live may be NULL. */
void live_free(struct live *live);

#endif
