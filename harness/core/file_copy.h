/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_FILE_COPY_H
#define WIZHIL_CORE_FILE_COPY_H

struct error;

/* Copies a file to a new one, of mode 0600 as all evidence.  -1 with err set: 'from' cannot be read
 * (ERROR_USAGE), 'to' cannot be written or is there already (ERROR_BENCH); what was begun is
 * removed again. */
int file_copy(const char *from, const char *to, struct error *err);

#endif
