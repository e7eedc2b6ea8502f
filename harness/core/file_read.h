/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_FILE_READ_H
#define WIZHIL_CORE_FILE_READ_H

#include <stddef.h>

struct error;

/* All octets of a file of up to 'most', and a NUL behind them; the caller frees them.  NULL with err set: it
 * cannot be opened or read, or is larger (each of the kind ERROR_USAGE), or there is no memory. */
char *file_read(const char *path, size_t most, size_t *length, struct error *err);

#endif
