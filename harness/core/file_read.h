/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_FILE_READ_H
#define WIZHIL_CORE_FILE_READ_H

#include <stddef.h>

struct error;

/* All octets of a file of up to 'most', and a NUL behind them; the caller frees them.  NULL with err set: it
 * cannot be opened or read, or is larger (each of the kind ERROR_USAGE), or there is no memory. */
char *file_read(const char *path, size_t most, size_t *length, struct error *err);

/* The last line that is not empty among the last size - 1 octets of an open file, without its end;
 * empty where there is none.  size: 1 or more.  The place at which the file is read next may be
 * another afterwards. */
void file_last_line(int descriptor, char *text, size_t size);

#endif
