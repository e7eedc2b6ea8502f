/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_STREAMS_H
#define WIZHIL_CLI_STREAMS_H

#include <stdbool.h>

#include <jansson.h>

#include "cli/run/live.h"
#include "timeline/watched.h"

struct error;

/* What wizhil run tells to people and other programs while it runs, all from the growing
 * journal. */

enum verbosity {
	VERBOSITY_QUIET,
	VERBOSITY_USUAL,
	VERBOSITY_VERBOSE
}; /* --quiet, nothing, --verbose */

struct streams_wanted {
	const char *tap;    /* where TAP 14 goes, "-" for the standard output; NULL: nowhere */
	const char *events; /* the same for the journal's lines */
	enum verbosity verbosity; /* to a person, on the standard error */
	bool resumed;		  /* nothing is told of what stands before the event 'resume' */
	bool long_run;	     /* on the real clock: a person waits, so each case that ends is told */
	struct live_run run; /* for the live view; without cases there shall be none */
};

struct streams;

/* The caller frees it, before run_folder.  NULL with err set. */
struct streams *streams_open(
	const char *run_folder, const struct streams_wanted *wanted, struct error *err);

/* What the bench tells of its sessions, for the live view: to be polled for reading, -1 where there
 * is no such view; and how it is told, after a fork too. */
int streams_descriptor(const struct streams *streams);
void streams_watch(const struct streams *streams, const struct watched *what);

/* Takes the live view from the terminal, so that something else can be written; it is drawn again
 * by streams_update. */
void streams_clear(struct streams *streams);

/* The standard output cannot be written, which is said already: no error of the run. */
void streams_forget_output(void);

/* Says it on the standard error, and from now on in the view, which would hide it; not copied. */
void streams_say(struct streams *streams, const char *text);

/* Tells what has come since. */
int streams_update(struct streams *streams, struct error *err);

/* Tells the rest of a run that has ended. */
int streams_end(struct streams *streams, struct error *err);

/* Cases that have failed so far and are not to be run again alone; not those that a waiver takes. */
size_t streams_failures(const struct streams *streams);

/* Appends the Markdown summary to the file that GITHUB_STEP_SUMMARY names, if it names one. */
int streams_step_summary(const char *run_folder, struct error *err);

/* streams may be NULL. */
void streams_free(struct streams *streams);

#endif
