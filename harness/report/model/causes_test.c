/* SPDX-License-Identifier: MIT */
#include "report/model/causes.h"

#include <criterion/criterion.h>
#include <string.h>

#include "report/model/attempt.h"
#include "report/model/written_run.h"

enum { CASES = 4 };

static const char *const names[CASES + 1] = {"s/one", "s/two", "s/three", "s/four", NULL};

/* A failure of a leg of this length, where 'expected_s' +- 0.5 s is right. */
static struct verdict off(enum leg_kind kind, double measured_s, double expected_s)
{
	struct verdict verdict = verdict_new();
	struct check check = {.requirement = "KA-DEAD-01",
		.outcome = OUTCOME_FAIL,
		.models = MODELS_ALL,
		.measured = true,
		.leg = {kind, 0},
		.measured_ns = (int64_t)(measured_s * 1e9),
		.from_ns = (int64_t)((expected_s - 0.5) * 1e9),
		.to_ns = (int64_t)((expected_s + 0.5) * 1e9)};

	snprintf(check.text, sizeof check.text, "%.2f s; expected %.0f s", measured_s, expected_s);
	verdict_add(&verdict, &check);
	return verdict;
}

static struct run *run_with(const struct verdict *verdicts, size_t count)
{
	struct written_run written = run_begin_with(false, names);

	for (size_t i = 0; i < count; i++)
		put_verdict(&written, names[i], &verdicts[i]);
	for (size_t i = count; i < CASES; i++) {
		struct verdict pass = passed();
		put_verdict(&written, names[i], &pass);
	}
	put_end(&written, 1);
	struct run *run = read_run(&written);
	run_remove(&written);
	return run;
}

Test(causes, of_a_run_that_passed_are_none)
{
	struct run *run = run_with(NULL, 0);
	struct causes causes = causes_of(run);

	cr_expect_eq(causes.count, 0);
	causes_free(&causes);
	run_free(run);
}

Test(causes, deaths_at_one_ratio_to_what_is_expected_have_one)
{
	const struct verdict verdicts[] = {
		off(LEG_DEATH, 60, 75), off(LEG_DEATH, 480.2, 600), off(LEG_DEATH, 180.1, 225)};
	struct run *run = run_with(verdicts, 3);
	struct causes causes = causes_of(run);

	cr_assert_eq(causes.count, 1);
	cr_expect_eq(causes.list[0].count, 3);
	cr_expect_str_eq(causes.list[0].requirement, "KA-DEAD-01");
	cr_expect_str_eq(causes.list[0].instance->name, "s/one");
	cr_expect_str_eq(
		causes.list[0].text, "death 60.00 s instead of 75 s (each at the ratio 0.800)");
	causes_free(&causes);
	run_free(run);
}

Test(causes, deaths_that_are_late_by_the_same_have_one)
{
	const struct verdict verdicts[] = {off(LEG_DEATH, 80, 75), off(LEG_DEATH, 605, 600)};
	struct run *run = run_with(verdicts, 2);
	struct causes causes = causes_of(run);

	cr_assert_eq(causes.count, 1);
	cr_expect_str_eq(
		causes.list[0].text, "death 80.00 s instead of 75 s (each off by +5.00 s)");
	causes_free(&causes);
	run_free(run);
}

Test(causes, what_fits_neither_is_another_one_and_that_with_most_cases_is_first)
{
	const struct verdict verdicts[] = {
		off(LEG_DEATH, 90, 75), off(LEG_DEATH, 480, 600), off(LEG_DEATH, 60, 75)};
	struct run *run = run_with(verdicts, 3);
	struct causes causes = causes_of(run);

	cr_assert_eq(causes.count, 2);
	cr_expect_eq(causes.list[0].count, 2);
	cr_expect_str_eq(causes.list[0].instance->name, "s/two");
	cr_expect_str_eq(
		causes.list[1].text, "death 90.00 s instead of 75 s (ratio 1.200, +15.00 s)");
	causes_free(&causes);
	run_free(run);
}

Test(causes, legs_of_two_kinds_have_two)
{
	const struct verdict verdicts[] = {off(LEG_DEATH, 60, 75), off(LEG_GAP, 60, 75)};
	struct run *run = run_with(verdicts, 2);
	struct causes causes = causes_of(run);

	cr_expect_eq(causes.count, 2);
	causes_free(&causes);
	run_free(run);
}

Test(causes, without_a_measure_are_told_by_their_words_but_for_numbers)
{
	struct verdict verdicts[3];

	for (int i = 0; i < 3; i++) {
		verdicts[i] = verdict_new();
		struct check check = {.requirement = "KA-NOTICE-01",
			.outcome = OUTCOME_FAIL,
			.models = MODELS_ALL};
		snprintf(check.text, sizeof check.text,
			i < 2 ? "no notice within %d s" : "%d notices", i + 5);
		verdict_add(&verdicts[i], &check);
	}
	struct run *run = run_with(verdicts, 3);
	struct causes causes = causes_of(run);

	cr_assert_eq(causes.count, 2);
	cr_expect_eq(causes.list[0].count, 2);
	cr_expect_str_eq(causes.list[0].text, "no notice within 5 s");
	causes_free(&causes);
	run_free(run);
}
