/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_PROGRAM_OUTPUT_H
#define WIZHIL_CORE_PROGRAM_OUTPUT_H

#include <stddef.h>

struct error;

/* Runs a program (words[0], a path; NULL behind the last word) to its end, and reads what it writes to
 * one of its descriptors; NUL behind it.  Owned by the caller.  NULL with err set where it cannot be
 * started, or has not ended within the limit: then it has been killed.  status: as of waitpid(); 127 is
 * an exit of a program that is none. */
char *program_output(char *const *words, int descriptor, int limit_ms, size_t *length, int *status,
	struct error *err);

#endif
