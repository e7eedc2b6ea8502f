/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_DRIVES_H
#define WIZHIL_REPORT_DRIVES_H

#include <stdbool.h>
#include <stddef.h>

struct check;
struct error;
struct timeline;

/*
 * A case may drive its scenario several times, one behind the other: the evidence of each is a file
 * of its own, "NAME.timeline.jsonl", "NAME.2.timeline.jsonl" and so on, and an attempt has the
 * path of the last one.  All paths are relative to the folder of the run.
 */

/* How many drives there are up to this path, of which the first is there; 1 at least. */
int drives_of(const char *run_folder, const char *last_path);

/* The path of one of them, from 1, of the same kind of evidence as this one of the last. */
void drive_path(const char *last_path, int drives, int drive, char *path, size_t size);

/* The timeline at this path; the caller frees it.  NULL with err set: it cannot be read. */
struct timeline *drive_timeline(const char *run_folder, const char *path, struct error *err);

/* Is the leg of this drive: did it begin within its timeline?  A verdict has the checks of all. */
bool drive_has(const struct timeline *timeline, const struct check *check);

#endif
