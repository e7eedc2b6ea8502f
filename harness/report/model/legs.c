/* SPDX-License-Identifier: MIT */
#include "report/model/legs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "judge/models.h"
#include "report/model/attempt.h"

static int nth_of(const struct verdict *verdict, size_t check)
{
	const struct check *wanted = &verdict->checks[check];
	int nth = 1;

	for (size_t i = 0; i < check; i++) {
		const struct check *other = &verdict->checks[i];
		if (other->measured && other->connection == wanted->connection &&
			leg_is(other->leg, wanted->leg) &&
			strcmp(other->requirement, wanted->requirement) == 0)
			nth++;
	}
	return nth;
}

static bool is_leg(const struct leg *leg, const struct check *check, int nth)
{
	return leg->nth == nth && leg->connection == check->connection &&
	       leg_is(leg->id, check->leg) && strcmp(leg->requirement, check->requirement) == 0;
}

static struct leg *find(const struct legs *legs, const struct check *check, int nth)
{
	for (size_t i = 0; i < legs->count; i++)
		if (is_leg(&legs->list[i], check, nth))
			return &legs->list[i];
	return NULL;
}

static int take(struct legs *legs, const struct check *check, int nth)
{
	struct leg *leg = find(legs, check, nth);

	if (leg == NULL) {
		leg = array_add(&legs->list, &legs->count, sizeof *legs->list);
		if (leg == NULL)
			return -1;
		leg->id = check->leg;
		snprintf(leg->requirement, sizeof leg->requirement, "%s", check->requirement);
		leg->connection = check->connection;
		leg->nth = nth;
		leg->least_ns = leg->most_ns = check->measured_ns;
		leg->worst = check->outcome;
	}
	leg->count++;
	leg->mean_ns += (check->measured_ns - leg->mean_ns) / (int64_t)leg->count;
	if (check->measured_ns < leg->least_ns)
		leg->least_ns = check->measured_ns;
	if (check->measured_ns > leg->most_ns)
		leg->most_ns = check->measured_ns;
	if (check->error_ns > leg->error_ns)
		leg->error_ns = check->error_ns;
	if (check->outcome > leg->worst)
		leg->worst = check->outcome;
	leg->from_ns = check->from_ns;
	leg->to_ns = check->to_ns;
	return 0;
}

/* Of which cases: those of that name and device, of any where NULL. */
struct chosen {
	const struct run_case *cases;
	size_t count;
	const char *name, *device;
};

/* NULL: it is none of them, or has no verdict. */
static const struct verdict *verdict_of(const struct chosen *chosen, size_t i)
{
	const struct run_case *test_case = &chosen->cases[i];

	if (test_case->first == NULL ||
		(chosen->name != NULL && !run_case_is(test_case, chosen->name, chosen->device)))
		return NULL;
	return &test_case->first->verdict;
}

static int by_size(const void *a, const void *b)
{
	const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static int find_median(const struct chosen *chosen, struct leg *leg)
{
	int64_t *measured = calloc(leg->count, sizeof *measured);
	size_t found = 0;

	if (measured == NULL)
		return -1;
	for (size_t i = 0; i < chosen->count; i++) {
		const struct verdict *verdict = verdict_of(chosen, i);
		for (size_t j = 0; verdict != NULL && j < verdict->check_count; j++) {
			const struct check *check = &verdict->checks[j];
			if (check->measured && found < leg->count &&
				is_leg(leg, check, nth_of(verdict, j)))
				measured[found++] = check->measured_ns;
		}
	}
	qsort(measured, found, sizeof *measured, by_size);
	leg->median_ns = measured[found / 2];
	free(measured);
	return 0;
}

static int gather(const struct chosen *chosen, struct legs *legs)
{
	int failed = 0;

	*legs = (struct legs){0};
	for (size_t i = 0; i < chosen->count; i++) {
		const struct verdict *verdict = verdict_of(chosen, i);
		for (size_t j = 0; verdict != NULL && j < verdict->check_count; j++)
			if (verdict->checks[j].measured)
				failed |= take(legs, &verdict->checks[j], nth_of(verdict, j));
	}
	for (size_t i = 0; failed == 0 && i < legs->count; i++)
		failed = find_median(chosen, &legs->list[i]);
	if (failed != 0)
		legs_free(legs);
	return failed;
}

int legs_of(const struct run *run, const char *name, const char *device, struct legs *legs)
{
	const struct chosen chosen = {run->cases, run->case_count, name, device};

	return gather(&chosen, legs);
}

int legs_of_cases(const struct run_case *cases, size_t count, struct legs *legs)
{
	const struct chosen chosen = {.cases = cases, .count = count};

	return gather(&chosen, legs);
}

void legs_free(struct legs *legs)
{
	free(legs->list);
	*legs = (struct legs){0};
}

int64_t leg_uncertainty(const struct leg *leg)
{
	struct profile profile = profile_default();

	if (leg->count > 1)
		return leg->error_ns + (leg->most_ns - leg->least_ns);
	return leg->error_ns + leg_tolerance(&profile, leg->mean_ns);
}

void leg_spread_text(const struct leg *leg, char *text, size_t size)
{
	char nth[16] = "";

	if (leg->nth > 1)
		snprintf(nth, sizeof nth, " (%d)", leg->nth);
	snprintf(text, size, "%s%s: %.3f s to %.3f s, median %.3f s, in %zu",
		leg_name(leg->id).text, nth, (double)leg->least_ns / 1e9,
		(double)leg->most_ns / 1e9, (double)leg->median_ns / 1e9, leg->count);
}
