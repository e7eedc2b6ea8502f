/* SPDX-License-Identifier: MIT */
#include "report/model/causes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "core/text_alike.h"
#include "core/units.h"
#include "report/model/attempt.h"

/* Measures this close are one: of a ratio, and of an offset. */
#define SAME_RATIO 0.004
#define SAME_OFFSET_NS (200 * NS_PER_MS)

/* A cause while its cases are collected. */
struct group {
	struct cause cause;
	const struct check
		*first; /* the measure of its first case; NULL: its sentence is the key */
	bool one_ratio, one_offset, one_measure;
};

static const struct check *decisive_check(const struct run_case *test_case)
{
	const struct attempt *attempts[] = {test_case->first, test_case->alone};

	for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
		for (size_t k = 0; attempts[i] != NULL && k < attempts[i]->verdict.check_count;
			k++) {
			const struct check *check = &attempts[i]->verdict.checks[k];
			if (check->outcome == test_case->outcome &&
				strcmp(check->requirement, test_case->requirement) == 0)
				return check;
		}
	return NULL;
}

/* With a window that begins at 0 the leg only had to come in time. */
static bool is_bounded_above(const struct check *check)
{
	return check->from_ns <= 0;
}

static int64_t expected_ns(const struct check *check)
{
	return is_bounded_above(check) ? check->to_ns
				       : check->from_ns + (check->to_ns - check->from_ns) / 2;
}

static double ratio_of(const struct check *check)
{
	const int64_t expected = expected_ns(check);

	return expected <= 0 ? 0 : (double)check->measured_ns / (double)expected;
}

static int64_t offset_of(const struct check *check)
{
	return check->measured_ns - expected_ns(check);
}

static bool is_measure(const struct check *check)
{
	return check != NULL && check->measured && check->leg.kind != LEG_NONE;
}

/* Cases of several connections say first which: "connection 'c1': ". */
static const char *without_connection(const char *text)
{
	static const char before[] = "connection '";
	const char *end =
		strncmp(text, before, sizeof before - 1) == 0 ? strstr(text, "': ") : NULL;

	return end == NULL ? text : end + 3;
}

/* Takes the case into the group, if it belongs there. */
static bool join(struct group *group, const struct run_case *test_case, const struct check *check)
{
	if (group->cause.outcome != test_case->outcome ||
		strcmp(group->cause.requirement, test_case->requirement) != 0)
		return false;
	if (!is_measure(check))
		return group->first == NULL &&
		       text_is_alike(without_connection(group->cause.instance->text),
			       without_connection(test_case->text));
	if (group->first == NULL || group->first->leg.kind != check->leg.kind ||
		is_bounded_above(group->first) != is_bounded_above(check))
		return false;
	const bool same_ratio = fabs(ratio_of(group->first) - ratio_of(check)) <= SAME_RATIO;
	const bool same_offset =
		llabs(offset_of(group->first) - offset_of(check)) <= SAME_OFFSET_NS;
	if (!is_bounded_above(check) && !(group->one_ratio && same_ratio) &&
		!(group->one_offset && same_offset))
		return false;
	group->one_ratio &= same_ratio;
	group->one_offset &= same_offset;
	group->one_measure &= same_ratio && same_offset;
	return true;
}

static int add(struct cause *cause, const struct run_case *test_case)
{
	const struct run_case **place =
		array_add(&cause->cases, &cause->count, sizeof *cause->cases);

	if (place == NULL)
		return -1;
	*place = test_case;
	return 0;
}

static void write_text(struct group *group)
{
	struct cause *cause = &group->cause;
	const struct check *check = group->first;
	char legs[64], common[80] = "";

	cause->measured = check != NULL;
	if (check == NULL) {
		snprintf(cause->text, sizeof cause->text, "%s", cause->instance->text);
		return;
	}
	snprintf(legs, sizeof legs, "%s", leg_kind_name(check->leg.kind));
	const double measured_s = (double)check->measured_ns / 1e9;
	const double expected_s = (double)expected_ns(check) / 1e9;
	const double offset_s = (double)offset_of(check) / 1e9;
	if (is_bounded_above(check)) {
		snprintf(cause->text, sizeof cause->text, "%s %.2f s instead of at most %.2f s",
			legs, measured_s, expected_s);
		return;
	}
	if (cause->count == 1 || group->one_measure)
		snprintf(common, sizeof common, "(ratio %.3f, %+.2f s)", ratio_of(check), offset_s);
	else if (group->one_ratio)
		snprintf(common, sizeof common, "(each at the ratio %.3f)", ratio_of(check));
	else
		snprintf(common, sizeof common, "(each off by %+.2f s)", offset_s);
	snprintf(cause->text, sizeof cause->text, "%s %.2f s instead of %.*f s %s", legs,
		measured_s, expected_ns(check) % NS_PER_S == 0 ? 0 : 2, expected_s, common);
}

static bool is_asked_for(const struct run_case *test_case)
{
	return test_case->cut_off == NOT_CUT_OFF && run_counts(test_case) &&
	       test_case->waiver == NULL && test_case->outcome != OUTCOME_PASS &&
	       test_case->outcome != OUTCOME_NOT_RUN;
}

static int rank_of(enum outcome outcome)
{
	static const int ranks[] = {[OUTCOME_NOT_RUN] = 9,
		[OUTCOME_PASS] = 9,
		[OUTCOME_MARGINAL] = 3,
		[OUTCOME_INCONCLUSIVE] = 2,
		[OUTCOME_FAIL] = 0,
		[OUTCOME_ERROR] = 1};

	return ranks[outcome];
}

static int worst_first(const void *a, const void *b)
{
	const struct cause *left = a, *right = b;

	if (left->outcome != right->outcome)
		return rank_of(left->outcome) - rank_of(right->outcome);
	if (left->count != right->count)
		return left->count < right->count ? 1 : -1;
	return (left->instance > right->instance) - (left->instance < right->instance);
}

static int collect(const struct run *run, struct group **groups, size_t *count)
{
	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *test_case = &run->cases[i];
		const struct check *check = decisive_check(test_case);
		struct group *group = NULL;
		if (!is_asked_for(test_case))
			continue;
		for (size_t k = 0; k < *count && group == NULL; k++)
			if (join(&(*groups)[k], test_case, check))
				group = &(*groups)[k];
		if (group == NULL) {
			group = array_add(groups, count, sizeof **groups);
			if (group == NULL)
				return -1;
			*group = (struct group){.cause = {.outcome = test_case->outcome,
							.requirement = test_case->requirement,
							.instance = test_case},
				.first = is_measure(check) ? check : NULL,
				.one_ratio = true,
				.one_offset = true,
				.one_measure = true};
		}
		if (add(&group->cause, test_case) != 0)
			return -1;
	}
	return 0;
}

struct causes causes_of(const struct run *run)
{
	struct causes causes = {0};
	struct group *groups = NULL;
	size_t count = 0;
	int failed = collect(run, &groups, &count);

	causes.list = failed == 0 ? calloc(count + 1, sizeof *causes.list) : NULL;
	for (size_t i = 0; i < count; i++) {
		write_text(&groups[i]);
		if (causes.list != NULL)
			causes.list[causes.count++] = groups[i].cause;
		else
			free(groups[i].cause.cases);
	}
	free(groups);
	if (causes.count > 1)
		qsort(causes.list, causes.count, sizeof *causes.list, worst_first);
	return causes;
}

const struct cause *cause_of(const struct causes *causes, const struct run_case *test_case)
{
	for (size_t i = 0; i < causes->count; i++)
		for (size_t k = 0; k < causes->list[i].count; k++)
			if (causes->list[i].cases[k] == test_case)
				return &causes->list[i];
	return NULL;
}

void causes_free(struct causes *causes)
{
	for (size_t i = 0; i < causes->count; i++)
		free(causes->list[i].cases);
	free(causes->list);
	*causes = (struct causes){0};
}
