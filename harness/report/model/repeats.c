/* SPDX-License-Identifier: MIT */
#include "report/model/repeats.h"

#include <stdio.h>
#include <string.h>

#include "core/text_buffer.h"

static bool is_of(const struct run_case *test_case, const struct run_case *first)
{
	/* One that was not run has no device. */
	return test_case->repetition > 0 && strcmp(test_case->name, first->name) == 0 &&
	       (test_case->device[0] == '\0' || strcmp(test_case->device, first->device) == 0);
}

bool repeats_next(const struct run *run, size_t *from, struct repeats *repeats)
{
	size_t at = *from;

	while (at < run->case_count && run->cases[at].repetition == 0)
		at++;
	*repeats = (struct repeats){.cases = run->cases + at};
	size_t kinds = 0;
	for (; at < run->case_count && is_of(&run->cases[at], repeats->cases); at++) {
		size_t *of = &repeats->of[run->cases[at].outcome];
		kinds += *of == 0 && run->cases[at].outcome != OUTCOME_NOT_RUN;
		++*of;
		repeats->count++;
	}
	repeats->unstable = kinds > 1;
	*from = at;
	return repeats->count > 0;
}

const char *repeats_word(const struct repeats *repeats)
{
	size_t ran = repeats->count - repeats->of[OUTCOME_NOT_RUN];

	if (repeats->unstable)
		return "unstable";
	if (ran > 1)
		return "stable";
	return ran == 1 ? "ran once" : "not run";
}

void repeats_text(const struct repeats *repeats, char *text, size_t size)
{
	static const struct {
		enum outcome outcome;
		const char *word;
	} others[] = {{OUTCOME_MARGINAL, "marginal"}, {OUTCOME_FAIL, "failed"},
		{OUTCOME_INCONCLUSIVE, "inconclusive"}, {OUTCOME_ERROR, "in error"},
		{OUTCOME_NOT_RUN, "not run"}};
	struct text_buffer sentence = text_buffer(text, size);

	text_add(&sentence, "%zu of %zu passed", repeats->of[OUTCOME_PASS], repeats->count);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (repeats->of[others[i].outcome] > 0)
			text_add_item(&sentence, "%zu %s", repeats->of[others[i].outcome],
				others[i].word);
}

void repeats_legs(const struct repeats *repeats, struct legs *legs)
{
	(void)legs_of_cases(repeats->cases, repeats->count, legs);
}
