/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_OUTPUT_FOLDER_H
#define WIZHIL_CLI_OUTPUT_FOLDER_H

#include <stddef.h>
#include <time.h>

struct error;

/* Makes the folder that a command writes its results to, for its owner only, and puts its path into
 * 'folder': 'wanted' (--output), which must not be there yet, or where that is NULL
 * reports/<prefix><date and time of 'now', UTC> of the present folder, with -2, -3 ... behind it
 * where that is taken.  -1 with err set (ERROR_USAGE). */
int output_folder_make(const char *wanted, const char *prefix, time_t now, char *folder,
	size_t size, struct error *err);

/* Where a run of that kind goes when nobody says: reports/<date and time>-<kind>, which is not made
 * yet.  -1 with err set (ERROR_USAGE). */
int output_folder_choose(const char *kind, char *folder, size_t size, struct error *err);

/* The latest run below reports/, by the names of the folders, which begin with the time.  -1 with err
 * set (ERROR_USAGE): there is none. */
int latest_run(char *folder, size_t size, struct error *err);

#endif
