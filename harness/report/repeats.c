/* SPDX-License-Identifier: MIT */
#include "report/repeats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPETITIONS = 1024 }; /* of which the median is taken */

static bool is_of(const struct run_case *one, const struct run_case *first)
{
	/* One that was not run has no device. */
	return one->repetition > 0 && strcmp(one->name, first->name) == 0 &&
	       (one->device[0] == '\0' || strcmp(one->device, first->device) == 0);
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

void repeats_text(const struct repeats *repeats, char *text, size_t size)
{
	static const struct {
		enum outcome outcome;
		const char *word;
	} others[] = {{OUTCOME_MARGINAL, "marginal"}, {OUTCOME_FAIL, "failed"},
		{OUTCOME_INCONCLUSIVE, "inconclusive"}, {OUTCOME_ERROR, "in error"},
		{OUTCOME_NOT_RUN, "not run"}};
	size_t used = (size_t)snprintf(
		text, size, "%zu of %zu passed", repeats->of[OUTCOME_PASS], repeats->count);

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (repeats->of[others[i].outcome] > 0 && used < size)
			used += (size_t)snprintf(text + used, size - used, ", %zu %s",
				repeats->of[others[i].outcome], others[i].word);
}

static int by_size(const void *a, const void *b)
{
	const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* A verdict may measure a leg of one name several times, once a connection: the nth of each
 * repetition belong together. */
static const struct check *nth_leg(const struct verdict *verdict, const char *leg, size_t nth)
{
	for (size_t i = 0; i < verdict->check_count; i++) {
		const struct check *check = &verdict->checks[i];
		if (check->measured && strcmp(check->leg, leg) == 0 && nth-- == 0)
			return check;
	}
	return NULL;
}

static struct leg_spread spread_of(
	const struct repeats *repeats, const struct check *of, size_t nth)
{
	int64_t measured[REPETITIONS] = {0};
	struct leg_spread spread = {.leg = of->leg, .from_ns = of->from_ns, .to_ns = of->to_ns};

	for (size_t i = 0; i < repeats->count && spread.count < REPETITIONS; i++) {
		const struct attempt *first = repeats->cases[i].first;
		const struct check *check =
			first == NULL ? NULL : nth_leg(&first->verdict, of->leg, nth);
		if (check == NULL)
			continue;
		measured[spread.count++] = check->measured_ns;
		if (check->error_ns > spread.error_ns)
			spread.error_ns = check->error_ns;
	}
	qsort(measured, spread.count, sizeof *measured, by_size);
	spread.least_ns = measured[0];
	spread.median_ns = measured[spread.count / 2];
	spread.most_ns = measured[spread.count - 1];
	return spread;
}

size_t repeats_spreads(const struct repeats *repeats, struct leg_spread spreads[REPEATED_LEGS])
{
	const struct attempt *widest = NULL;
	size_t count = 0;

	/* The legs of the repetition that measured most. */
	for (size_t i = 0; i < repeats->count; i++) {
		const struct attempt *first = repeats->cases[i].first;
		if (first != NULL && (widest == NULL || first->verdict.check_count >
								widest->verdict.check_count))
			widest = first;
	}
	for (size_t i = 0; widest != NULL && i < widest->verdict.check_count; i++) {
		const struct check *check = &widest->verdict.checks[i];
		size_t nth = 0;
		if (!check->measured || count == REPEATED_LEGS)
			continue;
		for (size_t k = 0; k < i; k++)
			nth += widest->verdict.checks[k].measured &&
			       strcmp(widest->verdict.checks[k].leg, check->leg) == 0;
		spreads[count++] = spread_of(repeats, check, nth);
	}
	return count;
}

void spread_text(const struct leg_spread *spread, char *text, size_t size)
{
	snprintf(text, size, "%s: %.3f s to %.3f s, median %.3f s, in %zu", spread->leg,
		(double)spread->least_ns / 1e9, (double)spread->most_ns / 1e9,
		(double)spread->median_ns / 1e9, spread->count);
}
