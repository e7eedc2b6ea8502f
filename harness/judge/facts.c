/* SPDX-License-Identifier: MIT */
#include "judge/facts.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *name, *what, *unit;
	const char *const *words;
} facts[FACT_COUNT] = {
#define FACT_WORDS(name, what, ...) {#name, what, NULL, (const char *const[]){__VA_ARGS__, NULL}},
#define FACT_ANSWER(name, what) {#name, what, NULL, NULL},
#define FACT_NUMBER(name, what, unit) {#name, what, unit, NULL},
#include "judge/facts.def"
};

const char *fact_name(enum fact_id id)
{
	return facts[id].name;
}

int fact_find(const char *name)
{
	for (int i = 0; i < FACT_COUNT; i++)
		if (strcmp(facts[i].name, name) == 0)
			return i;
	return -1;
}

const char *fact_what(enum fact_id id)
{
	return facts[id].what;
}

const char *const *fact_words(enum fact_id id)
{
	return facts[id].words;
}

const char *fact_unit(enum fact_id id)
{
	return facts[id].unit;
}
