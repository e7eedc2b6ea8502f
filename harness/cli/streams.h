/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_STREAMS_H
#define WIZHIL_CLI_STREAMS_H

#include <stdbool.h>

#include "core/error.h"

/* What wizhil run tells to other programs while it runs, all from the growing journal. */

struct streams;

/* tap: where TAP 14 goes, "-" for the standard output; NULL: nowhere.  The caller frees it.  NULL
 * with err set. */
struct streams *streams_open(const char *run_folder, const char *tap, struct error *err);

/* Tells what has come since. */
int streams_update(struct streams *streams, struct error *err);

/* Tells the rest of a run that has ended. */
int streams_end(struct streams *streams, struct error *err);

/* Appends the Markdown summary to the file that GITHUB_STEP_SUMMARY names, if it names one. */
int streams_step_summary(const char *run_folder, struct error *err);

/* streams may be NULL. */
void streams_free(struct streams *streams);

#endif
