/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_BUNDLE_H
#define WIZHIL_REPORT_BUNDLE_H

#include <stddef.h>

struct error;

/*
 * A run as one file, for a ticket: everything in its folder, evidence and manifest too, below the
 * folder's name.
 *
 * Transcripts and journals are written without secrets; before anything leaves the lab that is
 * looked at once more: no file may hold one of 'secrets', nor the argument of a command that takes
 * a passphrase (uart/secrets.h), as text or in a capture.
 */

/* Writes the archive to 'output', whose ending says how it is compressed: .tar.zst, .tar.xz,
 * .tar.gz or .tar; made anew, mode 0600, and removed again when something fails.  -1 with err set:
 * no run in the folder, another ending, a secret was found (file and line, never the secret), or
 * the file is there already (ERROR_USAGE); trouble with a file (ERROR_BENCH). */
int bundle_write(const char *run_folder, const char *output, const char *const *secrets,
	size_t secret_count, struct error *err);

#endif
