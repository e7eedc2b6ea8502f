/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_EDIT_DISTANCE_H
#define WIZHIL_CORE_EDIT_DISTANCE_H

#include <stddef.h>

/* How many octets must be inserted, deleted or replaced to make one word of the other
 * (Levenshtein's distance).  Of 'name' the first 63 octets count. */
size_t edit_distance(const char *word, const char *name);

/* " (did you mean 'port'?)" when one of the words is within two edits of the text, or "".  words()
 * gives the i-th word, NULL behind the last. */
typedef const char *known_word(const void *context, size_t i);
struct suggestion {
	char text[96];
};
struct suggestion suggest(const char *text, known_word *words, const void *context);

#endif
