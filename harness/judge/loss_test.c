/* SPDX-License-Identifier: MIT */
#include "judge/loss.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "core/units.h"
#include "judge/verdict.h"

/* ---- probabilities ---- */

static void expect_near(double found, double expected)
{
	cr_expect(fabs(found - expected) <= 1e-9 * fabs(expected), "%.12g, expected %.12g", found,
		expected);
}

Test(loss, the_binomial_tail_has_its_exact_values)
{
	expect_near(binomial_tail(0, 10, 0.1), 1);
	expect_near(binomial_tail(3, 3, 0.01), 1e-6);
	expect_near(binomial_tail(1, 2, 0.5), 0.75);
	expect_near(binomial_tail(2, 4, 0.25), 67.0 / 256);
	expect_near(binomial_tail(21, 21, 0.1), 1e-21);
	expect_near(binomial_tail(4, 3, 0.5), 0);
	expect_near(binomial_tail(3, 3, 1), 1);
	expect_near(binomial_tail(1, 3, 0), 0);
}

Test(loss, the_tail_falls_with_more_absences_and_rises_with_the_loss)
{
	for (int k = 1; k < 30; k++) {
		cr_expect_gt(binomial_tail(k, 30, 0.1), binomial_tail(k + 1, 30, 0.1));
		cr_expect_lt(binomial_tail(k, 30, 0.1), binomial_tail(k, 30, 0.11));
		cr_expect_lt(binomial_tail(k, 30, 0.1), binomial_tail(k, 31, 0.1));
	}
}

Test(loss, the_bound_is_that_of_clopper_and_pearson_at_0_999)
{
	/* Without a loss: 1 - 0.001^(1/n). */
	expect_near(loss_bound((struct loss_estimate){412, 0}), 1 - pow(0.001, 1.0 / 412));
	expect_near(loss_bound((struct loss_estimate){1000, 0}), 1 - pow(0.001, 1.0 / 1000));
	/* Where it is p, so few losses or fewer have a probability of 0.001. */
	const double p = loss_bound((struct loss_estimate){100, 2});
	expect_near(
		pow(1 - p, 100) + 100 * p * pow(1 - p, 99) + 4950 * p * p * pow(1 - p, 98), 0.001);
}

Test(loss, the_bound_is_1_when_nothing_is_known_and_never_below_what_was_lost)
{
	expect_near(loss_bound((struct loss_estimate){0, 0}), 1);
	expect_near(loss_bound((struct loss_estimate){5, 5}), 1);
	for (int lost = 0; lost < 50; lost++) {
		const double bound = loss_bound((struct loss_estimate){50, lost});
		cr_expect_gt(bound, lost / 50.0);
		cr_expect_geq(bound, 1.0 / 50);
		cr_expect_geq(loss_bound((struct loss_estimate){50, lost + 1}), bound);
		cr_expect_lt(loss_bound((struct loss_estimate){500, lost}), bound);
	}
}

/* ---- runs ---- */

enum { CASES = 200 };

struct fake_run {
	struct verdict *verdicts; /* of CASES */
	struct loss_source sources[CASES];
	size_t count;
};

static struct fake_run run_new(void)
{
	struct fake_run run = {.verdicts = calloc(CASES, sizeof *run.verdicts)};

	cr_assert_not_null(run.verdicts);
	return run;
}

static struct verdict *add_case(struct fake_run *run, int arrived, int lost)
{
	struct verdict *v = &run->verdicts[run->count];

	*v = verdict_new();
	v->losses.level = LOSS_LEVEL;
	v->losses.arrived = arrived;
	v->losses.lost = lost;
	run->sources[run->count++].first = v;
	return v;
}

/* A check of the connection that a lost frame left inconclusive. */
static void excuse(struct verdict *v, int connection)
{
	struct check check = {.outcome = OUTCOME_INCONCLUSIVE,
		.models = MODELS_ALL,
		.connection = connection,
		.lost_frames = true};

	strcpy(check.requirement, "KA-SCHED-03");
	verdict_add(v, &check);
}

static void add_probe(struct verdict *v, int k, int of, bool absent, double at_s)
{
	losses_add(&v->losses, &(struct loss_count){.kind = LOSS_PROBE,
				       .k = k,
				       .of = of,
				       .due = 1,
				       .absent = absent,
				       .absent_ns = (int64_t)(at_s * 1e9)});
	if (absent)
		excuse(v, 0);
}

/* 'absent' of 'due' cases lack probe 3 of 3, 10 s apart; 'frames' others arrived. */
static struct fake_run third_probe_missing(int absent, int due, int frames, double apart_s)
{
	struct fake_run run = run_new();

	for (int i = 0; i < due; i++)
		add_probe(add_case(&run, frames / due, 0), 3, 3, i < absent, apart_s * i);
	return run;
}

static size_t judge(const struct fake_run *run, struct loss_finding findings[LOSS_KINDS])
{
	return losses_judge(run->sources, run->count, findings);
}

Test(loss, the_same_probe_missing_in_each_case_is_a_finding_that_says_so)
{
	struct loss_finding findings[LOSS_KINDS];
	struct fake_run run = third_probe_missing(21, 21, 420, 10);
	char text[200];

	cr_assert_eq(judge(&run, findings), 1);
	cr_expect_str_eq(findings[0].requirement, "KA-SCHED-03");
	cr_expect_eq(findings[0].absent, 21);
	cr_expect_eq(findings[0].others.frames, 420);
	loss_finding_text(&findings[0], text, sizeof text);
	cr_expect_str_eq(text,
		"probe 3 of 3 missing on 21 of 21 connections; 0 of 420 other frames "
		"lost; by chance below 1e-37");
	free(run.verdicts);
}

Test(loss, two_absences_accuse_nobody_however_many_frames_arrived)
{
	struct loss_finding findings[LOSS_KINDS];
	struct fake_run run = third_probe_missing(2, 2, 2000000, 10);

	cr_expect_eq(judge(&run, findings), 0);
	free(run.verdicts);
}

Test(loss, absences_accuse_nobody_where_few_frames_bound_the_loss)
{
	struct loss_finding findings[LOSS_KINDS];
	struct fake_run few = third_probe_missing(3, 3, 60, 10);
	struct fake_run many = third_probe_missing(3, 3, 1020, 10);

	cr_expect_eq(judge(&few, findings), 0);
	cr_expect_eq(judge(&many, findings), 1);
	free(few.verdicts);
	free(many.verdicts);
}

Test(loss, absences_of_one_burst_count_once)
{
	struct loss_finding findings[LOSS_KINDS];
	struct fake_run run = third_probe_missing(21, 21, 2100, 0.1);

	cr_expect_eq(judge(&run, findings), 0);
	free(run.verdicts);
}

Test(loss, losses_elsewhere_explain_absences)
{
	struct loss_finding findings[LOSS_KINDS];
	struct fake_run run = third_probe_missing(8, 21, 420, 10);

	cr_expect_eq(judge(&run, findings), 1);
	run.verdicts[0].losses.lost = 40;
	cr_expect_eq(judge(&run, findings), 0);
	free(run.verdicts);
}

Test(loss, an_absence_that_left_no_check_inconclusive_accuses_nobody)
{
	struct loss_finding findings[LOSS_KINDS];
	struct fake_run run = third_probe_missing(21, 21, 420, 10);

	for (size_t i = 0; i < run.count; i++)
		run.verdicts[i].checks[0].lost_frames = false;
	cr_expect_eq(judge(&run, findings), 0);
	free(run.verdicts);
}

Test(loss, a_run_alone_adds_opportunities_and_no_absence)
{
	struct loss_finding findings[LOSS_KINDS];
	struct fake_run run = third_probe_missing(4, 4, 420, 10);

	for (size_t i = 0; i < run.count; i++)
		run.sources[i].alone = run.sources[i].first;
	cr_assert_eq(judge(&run, findings), 1);
	cr_expect_eq(findings[0].absent, 4);
	cr_expect_eq(findings[0].due, 4);
	free(run.verdicts);
}

Test(loss, the_level_of_the_profile_decides)
{
	struct loss_finding findings[LOSS_KINDS];
	struct fake_run run = third_probe_missing(4, 4, 420, 10);

	for (size_t i = 0; i < run.count; i++)
		run.verdicts[i].losses.level = 1e-9;
	cr_expect_eq(judge(&run, findings), 0);
	free(run.verdicts);
}

Test(loss, a_case_of_another_absence_is_not_told_of_it)
{
	struct loss_finding findings[LOSS_KINDS];
	struct fake_run run = third_probe_missing(21, 21, 420, 10);
	struct verdict *other = add_case(&run, 10, 0);

	add_probe(other, 1, 2, true, 5000);
	cr_assert_eq(judge(&run, findings), 1);
	cr_expect(loss_finding_is_about(&findings[0], &run.verdicts[0]));
	cr_expect_not(loss_finding_is_about(&findings[0], other));
	free(run.verdicts);
}

/* ---- healthy runs ---- */

static uint64_t state;

static bool is_lost(double loss)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (double)(state >> 11) / 9007199254740992.0 < loss;
}

/* A case as the quick tier has them: a few frames of known fate, a round of 1, 2 or 3 probes, and
 * where it is answered the answer.  Each absence is as bad as can be: it leaves a check
 * inconclusive. */
static void add_healthy_case(struct fake_run *run, double loss, int i)
{
	struct verdict *v = add_case(run, 0, 0);
	const int of = i % 10 == 0 ? 3 : i % 10 == 1 ? 2 : 1;

	for (int frame = 0; frame < 5; frame++) {
		if (is_lost(loss))
			v->losses.lost++;
		else
			v->losses.arrived++;
	}
	for (int k = 1; k <= of; k++)
		add_probe(v, k, of, is_lost(loss), 100.0 * i + 75 * k);
	if (i % 4 == 0) {
		struct loss_count answer = {
			.kind = LOSS_ANSWER, .k = 1, .of = of, .due = 1, .absent = is_lost(loss)};
		answer.absent_ns = (100 * i + 80) * NS_PER_S;
		losses_add(&v->losses, &answer);
		if (answer.absent != 0)
			excuse(v, 0);
	}
}

static int accused_of_1000(double loss)
{
	struct loss_finding findings[LOSS_KINDS];
	int accused = 0;

	for (int seed = 1; seed <= 1000; seed++) {
		struct fake_run run = run_new();
		state = (uint64_t)seed * 1000003u + (uint64_t)(loss * 1000);
		for (int i = 0; i < 160; i++)
			add_healthy_case(&run, loss, i);
		accused += judge(&run, findings) > 0;
		free(run.verdicts);
	}
	return accused;
}

Test(loss, of_1000_healthy_runs_none_is_accused_at_1_percent)
{
	cr_expect_eq(accused_of_1000(0.01), 0);
}

Test(loss, of_1000_healthy_runs_none_is_accused_at_3_percent)
{
	cr_expect_eq(accused_of_1000(0.03), 0);
}

Test(loss, of_1000_healthy_runs_none_is_accused_at_10_percent)
{
	cr_expect_eq(accused_of_1000(0.1), 0);
}
