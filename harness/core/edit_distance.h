/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_EDIT_DISTANCE_H
#define WIZHIL_CORE_EDIT_DISTANCE_H

#include <stddef.h>

/* How many octets must be inserted, deleted or replaced to make one word of the other
 * (Levenshtein's distance).  Of 'name' the first 63 octets count. */
size_t edit_distance(const char *word, const char *name);

#endif
