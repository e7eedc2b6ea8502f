/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_CAUGHT_H
#define WIZHIL_CLI_CAUGHT_H

#include <jansson.h>

struct error;
struct proof;

/*
 * Which case catches which known fault: written by 'wizhil prove --matrix', kept beside the faults, and
 * read by 'wizhil run --within'.
 *
 *   {"faults": [names], "cases": {name: [places in faults]}}
 *
 * A line for each case, which can be taken out by hand where the case is struck.
 */

/* Of a proof in which the whole suite ran on each fault; a case counts where it caught the fault with
 * each seed.  -1 with err set. */
int caught_write(const struct proof *proof, const char *path, struct error *err);

/* path NULL: the one that comes with the program.  The caller's reference; NULL with err set: there is
 * none, or it is not one. */
json_t *caught_read(const char *path, struct error *err);

#endif
