/* SPDX-License-Identifier: MIT */
#include "judge/facts.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *name, *what, *unit;
	const char *const *words;
	const char *requirement;
	enum fact_method method;
} facts[FACT_COUNT] = {
#define FACT_WORDS(name, method, requirement, what, ...)                                           \
	{#name, what, NULL, (const char *const[]){__VA_ARGS__, NULL}, requirement, METHOD_##method},
#define FACT_ANSWER(name, method, requirement, what)                                               \
	{#name, what, NULL, NULL, requirement, METHOD_##method},
#define FACT_NUMBER(name, method, requirement, what, unit)                                         \
	{#name, what, unit, NULL, requirement, METHOD_##method},
#define FACT_METHOD(method, generation)
#include "judge/facts.def"
};

static const struct {
	const char *name, *words;
} gaps[GAP_REASONS] = {
	{"none", ""},
#define GAP(name, words) {#name, words},
#include "judge/gaps.def"
};

const char *gap_name(enum gap_reason reason)
{
	return gaps[reason].name;
}

int gap_find(const char *name)
{
	for (int i = 0; i < GAP_REASONS; i++)
		if (strcmp(gaps[i].name, name) == 0)
			return i;
	return -1;
}

const char *gap_words(enum gap_reason reason)
{
	return gaps[reason].words;
}

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

enum fact_method fact_method(enum fact_id id)
{
	return facts[id].method;
}

const char *fact_requirement(enum fact_id id)
{
	return facts[id].requirement;
}
