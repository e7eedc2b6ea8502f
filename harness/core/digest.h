/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_DIGEST_H
#define WIZHIL_CORE_DIGEST_H

#include <stddef.h>

struct error;

enum { DIGEST_TEXT = 65 }; /* 64 hexadecimal digits and the end */

/* SHA-256 (FIPS 180-4, by nettle) of a file's content, in lower case.  -1 with err set
 * (ERROR_BENCH): it cannot be read. */
int digest_file(const char *path, char hex[DIGEST_TEXT], struct error *err);

/* The same of so many lines, each with a newline behind it. */
void digest_lines(const char *const *lines, size_t count, char hex[DIGEST_TEXT]);

#endif
