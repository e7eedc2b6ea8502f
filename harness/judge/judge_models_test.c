/* SPDX-License-Identifier: MIT */
#include "judge/expect.h"
#include "judge/models.h"

/* Healthy devices of every model pass, and the verdict says which model it was. */

Test(judge_models, a_8_x_75_device_of_model_a_passes)
{
	struct verdict v = verdict_of_all((struct fake_device){.silent_at_s = 5});

	EXPECT_OUTCOME(v, OUTCOME_PASS);
	EXPECT_MODELS(v, MODELS_A);
}

Test(judge_models, a_timeout_off_the_ticks_tells_model_a_from_a_tick)
{
	struct verdict v = verdict_of_all(
		(struct fake_device){.count = 1, .timeout_s = 100, .silent_at_s = 5});

	EXPECT_OUTCOME(v, OUTCOME_PASS);
	EXPECT_MODELS(v, MODEL_A | MODEL_A_FREE | MODEL_E);
}

Test(judge_models, a_device_of_model_a_tick_passes)
{
	struct verdict v = verdict_of_all((struct fake_device){
		.model = MODEL_A_TICK, .count = 1, .timeout_s = 100, .silent_at_s = 5});

	EXPECT_OUTCOME(v, OUTCOME_PASS);
	EXPECT_MODELS(v, MODEL_A_TICK | MODEL_A_FREE);
}

Test(judge_models, a_device_of_model_a_free_passes)
{
	struct verdict v = verdict_of_all(
		(struct fake_device){.model = MODEL_A_FREE, .phase_s = 40, .silent_at_s = 5});

	EXPECT_OUTCOME(v, OUTCOME_PASS);
	EXPECT_MODELS(v, MODEL_A_FREE);
}

Test(judge_models, a_device_of_model_b_that_probes_at_once_passes)
{
	struct verdict v = verdict_of_all((struct fake_device){
		.model = MODEL_B, .count = 2, .timeout_s = 250, .silent_at_s = 5});

	EXPECT_OUTCOME(v, OUTCOME_PASS);
	EXPECT_MODELS(v, MODEL_B);
}

Test(judge_models, a_device_of_model_b_at_the_floor_passes_with_a_probe_fewer_and_a_finding)
{
	struct verdict v = verdict_of_all(
		(struct fake_device){.model = MODEL_B, .late = true, .silent_at_s = 5});

	EXPECT_OUTCOME(v, OUTCOME_PASS);
	EXPECT_MODELS(v, MODEL_B);
	cr_expect_eq(v.finding_count, 1);
}

Test(judge_models, a_device_of_model_b_with_one_probe_at_the_floor_passes_without_a_probe)
{
	struct fake_device device = {
		.model = MODEL_B, .late = true, .count = 1, .timeout_s = 75, .silent_at_s = 5};

	struct verdict v = verdict_of_all(device);

	EXPECT_OUTCOME(v, OUTCOME_PASS);
	EXPECT_MODELS(v, MODEL_B);
	cr_expect_eq(v.finding_count, 1);
}

Test(judge_models, a_device_of_model_b_with_two_probes_at_the_floor_passes_with_one)
{
	struct verdict v = verdict_of_all((struct fake_device){
		.model = MODEL_B, .late = true, .count = 2, .timeout_s = 150, .silent_at_s = 5});

	EXPECT_OUTCOME(v, OUTCOME_PASS);
	EXPECT_MODELS(v, MODEL_B);
	cr_expect_eq(v.finding_count, 1);
}

Test(judge_models, an_ignored_timeout_is_no_excuse_unless_the_profile_pins_it)
{
	struct fake_device device = {.model = MODEL_D, .silent_at_s = 5, .watch_s = 1400};

	EXPECT_OUTCOME(verdict_of_first_probe(device), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_count(device), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_death(device), OUTCOME_FAIL);
}

Test(judge_models, two_legs_that_no_one_model_explains_fail_together)
{
	struct verdict v = verdict_new();
	struct check a = {.outcome = OUTCOME_PASS, .models = MODELS_A, .text = "first probe"};
	struct check b = {.outcome = OUTCOME_PASS, .models = MODEL_B, .text = "death"};

	verdict_add(&v, &a);
	verdict_add(&v, &b);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	EXPECT_MODELS(v, MODELS_A);
}

Test(judge_models, idle_times_that_follow_different_models_fail)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline(
		(struct fake_device){.count = 2, .timeout_s = 250, .silent_at_s = 300});
	struct verdict v = verdict_new();

	/* The answered round fits A; what follows its answer is moved to where B would have it. */
	struct event *probe = fake_find_role(t, ROLE_PROBE);
	for (struct event *e = probe + 2; e < t->events + t->count; e++)
		e->t_ns -= S(150);
	JUDGE(&v, t, 0, &profile, first_probe_on_schedule);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

Test(judge_models, the_models_of_a_run_are_those_that_all_passed_verdicts_leave)
{
	struct verdict a = {.outcome = OUTCOME_PASS, .models = MODEL_A | MODEL_A_TICK};
	struct verdict b = {.outcome = OUTCOME_PASS, .models = MODEL_A_TICK | MODEL_A_FREE};
	struct verdict failed = {.outcome = OUTCOME_FAIL, .models = MODEL_B};
	const struct verdict *verdicts[] = {&a, &failed, NULL, &b};

	cr_expect_eq(judge_models_of_run(verdicts, 4), MODEL_A_TICK);
}

Test(judge_models, without_idle_time_model_b_does_not_probe_at_once)
{
	struct profile profile = profile_default();
	struct prediction predictions[PREDICTIONS];
	size_t count = models_predict(&profile, 8, 600, predictions);

	for (size_t i = 0; i < count; i++)
		cr_expect(predictions[i].first.to_ns >= S(75), "%s",
			timing_model_name(predictions[i].model));
}

Test(judge_models, a_pinned_model_is_the_only_one_that_explains)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){.silent_at_s = 5});
	struct verdict v = verdict_new();

	profile.models = MODEL_A;
	JUDGE(&v, t, 0, &profile, first_probe_on_schedule);
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	EXPECT_MODELS(v, MODEL_A);
	v = verdict_new();
	profile.models = MODEL_B;
	JUDGE(&v, t, 0, &profile, first_probe_on_schedule);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

Test(judge_models, an_ignored_timeout_passes_where_the_profile_pins_it)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline(
		(struct fake_device){.model = MODEL_D, .silent_at_s = 5, .watch_s = 8000});
	struct verdict v = verdict_new();

	profile.models = MODEL_D;
	JUDGE(&v, t, 0, &profile, first_probe_on_schedule);
	JUDGE(&v, t, 0, &profile, death, .time_ns = S(600));
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	EXPECT_MODELS(v, MODEL_D);
	timeline_free(t);
}

Test(judge_models, what_the_profile_pins_of_the_end_is_a_requirement)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){.silent_at_s = 5});
	struct verdict v = verdict_new();

	strcpy(profile.pins[FACT_notice_abort], "socket-failure");
	strcpy(profile.pins[FACT_rst_at_death], "true");
	JUDGE(&v, t, 0, &profile, notice_once, .time_ns = S(1));
	JUDGE(&v, t, 0, &profile, death, .time_ns = S(600));
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	v = verdict_new();
	strcpy(profile.pins[FACT_notice_abort], "disconnect");
	JUDGE(&v, t, 0, &profile, notice_once, .time_ns = S(1));
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	v = verdict_new();
	strcpy(profile.pins[FACT_rst_at_death], "false");
	JUDGE(&v, t, 0, &profile, death, .time_ns = S(600));
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

Test(judge_models, a_pinned_rst_cannot_be_sent_to_a_peer_whose_address_is_gone)
{
	struct profile profile = profile_default();
	struct event gone = {.t_ns = S(6),
		.kind = EVENT_PEER,
		.act = ACT_GONE,
		.generation = 1,
		.cid = -1,
		.step = -1};
	struct verdict v = verdict_new();
	struct timeline *t =
		fake_timeline((struct fake_device){.silent_at_s = 5, .no_reset = true});

	strcpy(profile.pins[FACT_rst_at_death], "true");
	cr_assert_eq(timeline_add(t, &gone), 0);
	JUDGE(&v, t, 0, &profile, death, .after = LAST_RECEIVED_SEGMENT, .time_ns = S(1200));
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	timeline_free(t);
}

static struct verdict death_after_last_segment(struct fake_device device, double seconds)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline(device);
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, &profile, death, .after = LAST_RECEIVED_SEGMENT, .time_ns = S(seconds));
	timeline_free(t);
	return v;
}

Test(judge_models, a_death_by_the_schedule_after_the_last_received_segment_is_each_models_own)
{
	struct fake_device device = {.count = 1, .timeout_s = 100, .silent_at_s = 5};

	EXPECT_OUTCOME(death_after_last_segment(device, 175), OUTCOME_PASS);
	device.model = MODEL_A_TICK;
	EXPECT_OUTCOME(death_after_last_segment(device, 175), OUTCOME_PASS);
	EXPECT_MODELS(death_after_last_segment(device, 175), MODEL_A_TICK | MODEL_A_FREE);
	device.more_probes = 1;
	EXPECT_OUTCOME(death_after_last_segment(device, 175), OUTCOME_FAIL);
}

Test(judge_models, a_death_at_another_time_after_the_last_received_segment_holds_for_all)
{
	struct fake_device device = {.silent_at_s = 5, .dies_at_s = 300};

	EXPECT_OUTCOME(death_after_last_segment(device, 300), OUTCOME_PASS);
	EXPECT_OUTCOME(death_after_last_segment(device, 310), OUTCOME_FAIL);
}

Test(judge_models, gaps_are_between_unanswered_probes_only)
{
	EXPECT_OUTCOME(verdict_of_gaps((struct fake_device){.silent_at_s = 650}), OUTCOME_PASS);
}

/* First probes of an answering device at these times after its first second. */
static struct verdict verdict_of_first_probes(const double *at_s, int count)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){
		.count = 1, .timeout_s = 300, .no_probes = true, .watch_s = 2000});
	struct verdict v = verdict_new();
	const int64_t begin = fake_find(t, EVENT_START)->t_ns;

	for (int i = 0; i < count; i++) {
		fake_segment(t, begin + S(at_s[i]), FROM_DEVICE, ROLE_PROBE, TCP_FLAG_ACK);
		fake_segment(
			t, begin + S(at_s[i] + 0.001), FROM_PEER, ROLE_PROBE_ANSWER, TCP_FLAG_ACK);
	}
	JUDGE(&v, t, 0, &profile, first_probe_on_schedule);
	timeline_free(t);
	return v;
}

Test(judge_models, ticks_that_run_freely_are_one_grid)
{
	const double on_one_grid[] = {260, 560, 860, 1160, 1460, 1760};
	const double on_none[] = {260, 545, 842, 1130, 1410, 1701, 1996};
	struct verdict on_grid = verdict_of_first_probes(on_one_grid, 6);
	struct verdict none = verdict_of_first_probes(on_none, 7);

	EXPECT_OUTCOME(on_grid, OUTCOME_PASS);
	EXPECT_MODELS(on_grid, MODEL_A_FREE);
	EXPECT_OUTCOME(none, OUTCOME_FAIL);
}

Test(judge_models, first_probes_that_stand_on_no_grid_are_said_to)
{
	const double off_by_3_s[] = {260, 560, 857};
	struct verdict v = verdict_of_first_probes(off_by_3_s, 3);

	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	cr_expect_not_null(strstr(v.text, "3.00 s off the 75 s ticks"), "%s", v.text);
}
