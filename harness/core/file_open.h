/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_FILE_OPEN_H
#define WIZHIL_CORE_FILE_OPEN_H

#include <stdio.h>

/* Files that nobody else may read, mode 0600, as all evidence.  NULL with errno set. */

/* A new one; EEXIST where there is a file, or a link, of that name. */
FILE *file_create(const char *path);

/* One that is empty then, whether it was there or not; no link is followed. */
FILE *file_replace(const char *path);

/* A stream of the descriptor, which it takes: it is closed when this fails. */
FILE *file_of(int descriptor, const char *mode);

#endif
