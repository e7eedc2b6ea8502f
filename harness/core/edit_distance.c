/* SPDX-License-Identifier: MIT */
#include "core/edit_distance.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST_NAME = 63, NEAR_ENOUGH = 2 };

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

struct suggestion suggest(const char *text, known_word *words, const void *context)
{
	struct suggestion suggestion = {""};
	size_t best = NEAR_ENOUGH + 1;
	const char *word;

	for (size_t i = 0; (word = words(context, i)) != NULL; i++) {
		const size_t distance = edit_distance(text, word);
		/* 'up' is not what one meant by 'on'. */
		if (distance >= best || distance >= strlen(word))
			continue;
		best = distance;
		snprintf(suggestion.text, sizeof suggestion.text, " (did you mean '%s'?)", word);
	}
	return suggestion;
}
