/* SPDX-License-Identifier: MIT */
#include "core/edit_distance.h"

#include <string.h>

enum { LONGEST_NAME = 63 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t edit_distance(const char *word, const char *name)
{
	size_t row[LONGEST_NAME + 1];
	const size_t length = strnlen(name, LONGEST_NAME);

	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 0; word[i] != '\0'; i++) {
		size_t diagonal = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < length; j++) {
			size_t replaced = diagonal + (word[i] == name[j] ? 0 : 1);
			diagonal = row[j + 1];
			row[j + 1] = least(replaced, least(diagonal, row[j]) + 1);
		}
	}
	return row[length];
}
