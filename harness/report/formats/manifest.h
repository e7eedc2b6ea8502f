/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_MANIFEST_H
#define WIZHIL_REPORT_MANIFEST_H

#include <stddef.h>
#include <stdio.h>

struct error;

#define MANIFEST_NAME "manifest.json"

/*
 * The manifest of a run: what it ran on and with, and the SHA-256 of each file that it left, so
 * that evidence which was changed, lost or added later is seen.  The reports are not among them:
 * they can be composed again from the rest.
 *
 *   {"wizhil": version, "bench", "profile", "clock", "seed", "started",
 *    "devices": [{"name", "firmware", "mac"}],
 *    "files": [{"path", "size", "sha256"}]}    by path
 */

/* Writes it, as the last file of a run.  -1 with err set. */
int manifest_write(const char *run_folder, struct error *err);

/* Holds the run's folder against its manifest, writes a line for each difference, and sets
 * *differences and *files to how many there are.  -1 with err set: there is no manifest, or none
 * that can be read (ERROR_USAGE), or a file cannot be read (ERROR_BENCH). */
int manifest_verify(const char *run_folder, FILE *stream, size_t *files, size_t *differences,
	struct error *err);

#endif
