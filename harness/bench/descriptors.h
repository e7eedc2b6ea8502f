/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_DESCRIPTORS_H
#define WIZHIL_BENCH_DESCRIPTORS_H

#include <stddef.h>

struct error;

/* How many files a bench has open at most: each case's worker, three for a session's evidence, the
 * peers' sockets, and what a device needs. */
size_t descriptors_needed(size_t cases, size_t devices);

/* Raises the soft limit of open files as far as that takes.  -1 with err set (ERROR_USAGE): the hard
 * limit is lower. */
int descriptors_reserve(size_t cases, size_t devices, struct error *err);

#endif
