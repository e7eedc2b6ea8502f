/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "judge/expect.h"
#include "judge/fake_device.h"

/* Options that come after the handshake, or in mid-idle: what the schedule is measured against. */

#define SILENT .count = 2, .timeout_s = 225, .silent_at_s = 20, .watch_s = 500

static struct verdict first_probe_of(struct timeline *timeline)
{
	struct profile profile = profile_default();
	struct verdict verdict = verdict_new();

	JUDGE(&verdict, timeline, 0, &profile, first_probe_on_schedule);
	timeline_free(timeline);
	return verdict;
}

/* The device was told, and answered. */
static void add_option(
	struct timeline *timeline, double at_s, const char *fields, const char *answer)
{
	struct event event = {.t_ns = S(at_s),
		.kind = EVENT_RESPONSE,
		.connection = 0,
		.generation = 1,
		.cid = FAKE_CID,
		.step = timeline->scenario.step_count};

	option_at(&timeline->scenario, "a", fields, .at_s = at_s);
	event_take_line(&event, answer);
	cr_assert_eq(timeline_add(timeline, &event), 0);
}

Test(judge_options, the_first_idle_time_may_count_from_the_options)
{
	struct verdict verdict = first_probe_of(fake_timeline(
		(struct fake_device){SILENT, .options_after_s = 6, .first_late_s = 6}));

	cr_expect_eq(verdict.outcome, OUTCOME_PASS, "%s", verdict.text);
}

Test(judge_options, the_first_idle_time_may_count_from_the_handshake)
{
	struct verdict verdict =
		first_probe_of(fake_timeline((struct fake_device){SILENT, .options_after_s = 6}));

	cr_expect_eq(verdict.outcome, OUTCOME_PASS, "%s", verdict.text);
}

Test(judge_options, the_first_probe_is_late_when_it_is_later_than_that)
{
	struct verdict verdict = first_probe_of(fake_timeline(
		(struct fake_device){SILENT, .options_after_s = 6, .first_late_s = 8}));

	cr_expect_eq(verdict.outcome, OUTCOME_FAIL, "%s", verdict.text);
}

Test(judge_options, an_idle_time_in_which_the_options_changed_is_not_looked_at)
{
	struct timeline *timeline = fake_timeline((struct fake_device){SILENT});

	fake_segment(timeline, S(10), FROM_PEER, ROLE_DATA, TCP_FLAG_ACK);
	add_option(timeline, 15, "6,4001,300,4", "OK");
	struct verdict verdict = first_probe_of(timeline);
	cr_expect_eq(verdict.outcome, OUTCOME_INCONCLUSIVE, "%s", verdict.text);
}

Test(judge_options, the_idle_time_after_a_change_goes_by_the_new_timeout)
{
	struct timeline *timeline = fake_timeline((struct fake_device){SILENT});

	add_option(timeline, 15, "6,4001,150,4", "OK");
	fake_segment(timeline, S(76.0001), FROM_PEER, ROLE_DATA, TCP_FLAG_ACK);
	struct verdict verdict = first_probe_of(timeline);
	cr_expect_eq(verdict.outcome, OUTCOME_PASS, "%s", verdict.text);
}

Test(judge_options, an_undocumented_option_counts_when_the_device_says_ok)
{
	struct timeline *timeline = fake_timeline((struct fake_device){SILENT});

	add_option(timeline, 1.0001, "6,4001,400,2", "OK");
	struct verdict verdict = first_probe_of(timeline);
	cr_expect_eq(verdict.outcome, OUTCOME_FAIL, "%s", verdict.text);
}

Test(judge_options, a_numeric_ok_is_one)
{
	struct timeline *timeline = fake_timeline((struct fake_device){SILENT});

	add_option(timeline, 1.0001, "6,4001,400,2", "0");
	struct verdict verdict = first_probe_of(timeline);
	cr_expect_eq(verdict.outcome, OUTCOME_FAIL, "%s", verdict.text);
}

Test(judge_options, an_undocumented_option_does_not_count_when_it_is_refused)
{
	struct timeline *timeline = fake_timeline((struct fake_device){SILENT});

	add_option(timeline, 1.0001, "6,4001,400,2", "ERROR: INVALID INPUT");
	struct verdict verdict = first_probe_of(timeline);
	cr_expect_eq(verdict.outcome, OUTCOME_PASS, "%s", verdict.text);
}

Test(judge_options, the_first_idle_time_is_not_looked_at_where_what_was_set_up_changed_in_it)
{
	struct timeline *timeline = fake_timeline((struct fake_device){SILENT});

	/* The first is set up, the second changes it. */
	add_option(timeline, 1, "6,4001,225,4", "OK");
	add_option(timeline, 15, "6,4001,400,4", "OK");
	struct verdict verdict = first_probe_of(timeline);
	cr_expect_eq(verdict.outcome, OUTCOME_INCONCLUSIVE, "%s", verdict.text);
}

static struct verdict quiet_since_option(double at_s)
{
	struct profile profile = profile_default();
	struct verdict verdict = verdict_new();
	struct timeline *timeline = fake_timeline((struct fake_device){SILENT});

	add_option(timeline, at_s, "65535,8,0,4", "OK");
	JUDGE(&verdict, timeline, 0, &profile, no_probes_since_option);
	timeline_free(timeline);
	return verdict;
}

Test(judge_options, a_probe_after_keepalive_was_switched_off_fails)
{
	cr_expect_eq(quiet_since_option(230).outcome, OUTCOME_FAIL);
}

Test(judge_options, a_probe_before_keepalive_was_switched_off_is_right)
{
	struct verdict verdict = quiet_since_option(320);

	cr_expect_eq(verdict.outcome, OUTCOME_PASS, "%s", verdict.text);
}

Test(judge_options, an_option_that_was_not_answered_accuses_nobody_of_the_probes_before_it)
{
	struct profile profile = profile_default();
	struct verdict verdict = verdict_new();
	struct timeline *timeline = fake_timeline((struct fake_device){SILENT});

	option_at(&timeline->scenario, "a", "65535,8,0,4", .at_s = 480);
	JUDGE(&verdict, timeline, 0, &profile, no_probes_since_option);
	timeline_free(timeline);
	EXPECT_OUTCOME(verdict, OUTCOME_INCONCLUSIVE);
}

Test(judge_options, what_was_not_opened_again_is_not_judged_by_what_was_before)
{
	struct profile profile = profile_default();
	struct verdict verdict = verdict_new();
	struct timeline *timeline = fake_timeline((struct fake_device){SILENT});

	device_opens(&timeline->scenario, "a", .at_s = 490);
	JUDGE(&verdict, timeline, 0, &profile, no_probes);
	EXPECT_OUTCOME(verdict, OUTCOME_INCONCLUSIVE);
	/* Its count of two was that of the first one. */
	verdict = verdict_new();
	JUDGE(&verdict, timeline, 0, &profile, probes, .count = 3);
	EXPECT_OUTCOME(verdict, OUTCOME_FAIL);
	peer_falls_silent(&timeline->scenario, "a", .at_s = 495);
	verdict = verdict_new();
	JUDGE(&verdict, timeline, 0, &profile, probes, .count = 3);
	EXPECT_OUTCOME(verdict, OUTCOME_INCONCLUSIVE);
	timeline_free(timeline);
}

static struct verdict not_before(struct fake_device device)
{
	struct profile profile = profile_default();
	struct verdict verdict = verdict_new();
	struct timeline *timeline = fake_timeline(device);

	JUDGE(&verdict, timeline, 0, &profile, no_probe_within_two_hours);
	timeline_free(timeline);
	return verdict;
}

Test(judge_options, a_probe_before_the_timeout_of_any_model_fails)
{
	cr_expect_eq(not_before((struct fake_device){SILENT, .first_late_s = -160}).outcome,
		OUTCOME_FAIL);
}

Test(judge_options, a_probe_long_after_the_timeout_is_not_before_it)
{
	struct verdict verdict = not_before((struct fake_device){SILENT, .first_late_s = 100});

	cr_expect_eq(verdict.outcome, OUTCOME_PASS, "%s", verdict.text);
}

Test(judge_options, a_watch_shorter_than_the_timeout_says_nothing_about_it)
{
	struct verdict verdict =
		not_before((struct fake_device){.count = 2, .timeout_s = 225, .watch_s = 60});

	cr_expect_eq(verdict.outcome, OUTCOME_INCONCLUSIVE, "%s", verdict.text);
}

/* ---- a timeout that nobody set ---- */

static struct verdict count_where_no_timeout_was_set(struct fake_device device)
{
	struct timeline *timeline = fake_timeline(device);
	struct profile profile = profile_default();
	struct verdict verdict = verdict_new();

	for (int i = 0; i < timeline->scenario.step_count; i++)
		if (strncmp(timeline->scenario.steps[i].text, "6,4001", 6) == 0)
			snprintf(timeline->scenario.steps[i].text, SCENARIO_TEXT, "6,10,100,4");
	JUDGE(&verdict, timeline, 0, &profile, probes, .count = 8);
	timeline_free(timeline);
	return verdict;
}

Test(judge_options, the_count_holds_whatever_the_default_timeout_is)
{
	struct fake_device device = {.timeout_s = 9000, .silent_at_s = 20};

	EXPECT_OUTCOME(count_where_no_timeout_was_set(device), OUTCOME_PASS);
	device.more_probes = 1;
	EXPECT_OUTCOME(count_where_no_timeout_was_set(device), OUTCOME_FAIL);
	device.model = MODEL_B;
	device.late = true;
	device.more_probes = 0;
	EXPECT_OUTCOME(count_where_no_timeout_was_set(device), OUTCOME_PASS);
}

/* The notice is the only sign of the death, and may follow it by 5 s: that excludes no model. */
Test(judge_options, a_late_notice_of_the_death_leaves_model_b_where_no_timeout_was_set)
{
	struct verdict verdict =
		count_where_no_timeout_was_set((struct fake_device){.model = MODEL_B,
			.timeout_s = 7200,
			.silent_at_s = 20,
			.no_reset = true,
			.notice_after_s = 4});

	EXPECT_OUTCOME(verdict, OUTCOME_PASS);
	cr_expect_neq(verdict.models & MODEL_B, 0);
}

/* How long the probing takes is known by the death only. */
Test(judge_options, without_a_death_the_count_excludes_no_model_where_no_timeout_was_set)
{
	struct verdict verdict = count_where_no_timeout_was_set((struct fake_device){
		.timeout_s = 1000, .silent_at_s = 20, .never_dies = true, .watch_s = 2500});

	EXPECT_OUTCOME(verdict, OUTCOME_PASS);
	cr_expect_neq(verdict.models & MODEL_B, 0);
}

Test(judge_options, a_lost_probe_is_no_probe_less_of_model_b)
{
	EXPECT_OUTCOME(
		count_where_no_timeout_was_set((struct fake_device){
			.timeout_s = 7200, .silent_at_s = 20, .real = true, .lost_probe = 1}),
		OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(
		count_where_no_timeout_was_set((struct fake_device){
			.timeout_s = 7200, .silent_at_s = 20, .real = true, .lost_probe = 4}),
		OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(count_where_no_timeout_was_set((struct fake_device){
			       .timeout_s = 7200, .silent_at_s = 20, .lost_probe = 4}),
		OUTCOME_FAIL);
}

Test(judge_options, no_probe_yet_accuses_nobody_whose_default_timeout_may_be_longer)
{
	EXPECT_OUTCOME(count_where_no_timeout_was_set((struct fake_device){
			       .timeout_s = 90000, .silent_at_s = 20, .watch_s = 15000}),
		OUTCOME_INCONCLUSIVE);
}

/* The recipe of the fake device has three options. */
enum { BEHIND_THE_RECIPE = 3 };

Test(judge_options, answers_are_told_by_their_codes)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){SILENT});
	struct verdict v = verdict_new();

	add_option(t, 30, "7,8,1,4", "[ERROR: INVALID INPUT]");
	add_option(t, 31, "65535,8,1,4", "[OK]");
	add_option(t, 32, "65535,8,2,4", "[ERROR: BAD WEATHER]");
	RECORD(&v, t, 0, &profile, answers_to_commands, .count = BEHIND_THE_RECIPE);
	cr_assert_eq(v.fact_count, 1);
	cr_expect_str_eq(v.facts[0].text, "2 0 ?");
	timeline_free(t);
}

Test(judge_options, answers_of_which_one_is_missing_are_unknown)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){SILENT});
	struct verdict v = verdict_new();

	add_option(t, 30, "7,8,1,4", "[OK]");
	option_at(&t->scenario, "a", "65535,8,1,4", .at_s = 31);
	RECORD(&v, t, 0, &profile, answers_to_commands, .count = BEHIND_THE_RECIPE);
	cr_expect_eq(v.fact_count, 0);
	cr_expect_eq(v.gap_count, 1);
	timeline_free(t);
}
