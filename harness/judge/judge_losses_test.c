/* SPDX-License-Identifier: MIT */
#include "judge/expect.h"

/* What a verdict tells of frames that were due, for the run to decide. */

static struct losses losses_of(struct timeline *t, const struct profile *profile)
{
	struct verdict v = verdict_new();

	judge_losses(&v, t, profile);
	expect_verdict(&v);
	timeline_free(t);
	return v.losses;
}

static struct losses losses_of_device(struct fake_device device)
{
	const struct profile profile = profile_default();

	device.real = true;
	return losses_of(fake_timeline(device), &profile);
}

/* How often the kth of a kind was due, and absent. */
static void expect_count(
	const struct losses *losses, enum loss_kind kind, int k, int due, int absent)
{
	int found_due = 0, found_absent = 0;

	for (size_t i = 0; i < losses->count; i++)
		if (losses->counts[i].kind == kind && losses->counts[i].k == k) {
			found_due += losses->counts[i].due;
			found_absent += losses->counts[i].absent;
		}
	cr_expect_eq(found_due, due, "%s %d: %d due, expected %d", loss_kind_name(kind), k,
		found_due, due);
	cr_expect_eq(found_absent, absent, "%s %d: %d absent, expected %d", loss_kind_name(kind), k,
		found_absent, absent);
}

Test(judge_losses, where_no_frame_can_be_lost_nothing_is_counted)
{
	const struct profile profile = profile_default();
	const struct losses losses =
		losses_of(fake_timeline((struct fake_device){.silent_at_s = 5}), &profile);

	cr_expect_eq(losses.count, 0);
	cr_expect_eq(losses.arrived, 0);
	cr_expect(losses.level == 0);
}

Test(judge_losses, a_lossy_air_counts_on_the_stepped_clock_too)
{
	struct profile profile = profile_default();

	profile.lossy_air = true;
	const struct losses losses =
		losses_of(fake_timeline((struct fake_device){.silent_at_s = 5}), &profile);
	cr_expect_eq(losses.level, LOSS_LEVEL);
	expect_count(&losses, LOSS_PROBE, 8, 1, 0);
}

Test(judge_losses, each_probe_of_a_silent_peer_was_due_and_seen)
{
	const struct losses losses = losses_of_device((struct fake_device){.silent_at_s = 5});

	for (int k = 1; k <= 8; k++)
		expect_count(&losses, LOSS_PROBE, k, 1, 0);
	expect_count(&losses, LOSS_PROBE, 9, 0, 0);
}

Test(judge_losses, a_probe_that_is_missing_is_absent_at_its_place)
{
	for (int lost = 1; lost <= 8; lost++) {
		const struct losses losses = losses_of_device(
			(struct fake_device){.silent_at_s = 5, .lost_probe = lost});
		for (int k = 1; k <= 8; k++)
			expect_count(&losses, LOSS_PROBE, k, 1, k == lost);
	}
}

Test(judge_losses, a_count_that_is_wrong_is_no_absence)
{
	const struct losses fewer =
		losses_of_device((struct fake_device){.silent_at_s = 5, .more_probes = -1});
	const struct losses more =
		losses_of_device((struct fake_device){.silent_at_s = 5, .more_probes = 1});

	for (int k = 1; k <= 8; k++) {
		expect_count(&fewer, LOSS_PROBE, k, 0, 0);
		expect_count(&more, LOSS_PROBE, k, 0, 0);
	}
}

Test(judge_losses, a_device_of_model_B_lacks_no_probe)
{
	for (int late = 0; late <= 1; late++) {
		const struct losses losses = losses_of_device((struct fake_device){
			.model = MODEL_B, .late = late != 0, .timeout_s = 900, .silent_at_s = 5});
		for (size_t i = 0; i < losses.count; i++)
			cr_expect_eq(losses.counts[i].absent, 0);
	}
}

Test(judge_losses, answers_that_began_an_idle_time_were_heard)
{
	const struct losses losses =
		losses_of_device((struct fake_device){.count = 1, .timeout_s = 75, .watch_s = 800});

	cr_expect_gt(losses.arrived, 0);
	cr_expect_eq(losses.lost, 0);
	bool heard = false;
	for (size_t i = 0; i < losses.count; i++) {
		heard |= losses.counts[i].kind == LOSS_ANSWER && losses.counts[i].due >= 5;
		cr_expect_eq(losses.counts[i].absent, 0);
	}
	cr_expect(heard);
}

Test(judge_losses, a_death_an_interval_behind_an_answered_probe_is_an_answer_unheard)
{
	struct fake_device device = {
		.real = true, .count = 1, .timeout_s = 75, .silent_at_s = 200, .then_s = 100};
	struct timeline *t = fake_timeline(device);
	const struct event *probe = NULL;

	/* The last probe, which nobody answered, was. */
	for (size_t i = 0; i < t->count; i++)
		if (t->events[i].kind == EVENT_SEGMENT && t->events[i].segment.role == ROLE_PROBE)
			probe = &t->events[i];
	cr_assert_not_null(probe);
	fake_segment(t, probe->t_ns + S(0.01), FROM_PEER, ROLE_PROBE_ANSWER, TCP_FLAG_ACK);
	const struct profile profile = profile_default();
	const struct losses losses = losses_of(t, &profile);
	int absent = 0;
	for (size_t i = 0; i < losses.count; i++)
		if (losses.counts[i].kind == LOSS_ANSWER)
			absent += losses.counts[i].absent;
	cr_expect_eq(absent, 1);
}

Test(judge_losses, a_capture_that_dropped_frames_tells_nothing)
{
	struct timeline *t = fake_timeline(
		(struct fake_device){.real = true, .silent_at_s = 5, .lost_probe = 3});
	const struct profile profile = profile_default();

	fake_fault(t, FAULT_CAPTURE_DROP, S(700), S(900));
	const struct losses losses = losses_of(t, &profile);
	cr_expect_eq(losses.count, 0);
}

/* ---- no probe where the next of a round was due ---- */

Test(judge_losses, a_round_that_stops_before_its_count_fails_the_gaps)
{
	struct verdict whole = verdict_of_gaps((struct fake_device){
		.count = 3, .timeout_s = 225, .silent_at_s = 5, .watch_s = 394});
	struct verdict stops = verdict_of_gaps((struct fake_device){
		.count = 3, .timeout_s = 225, .silent_at_s = 5, .watch_s = 394, .lost_probe = 3});
	struct verdict lost = verdict_of_gaps((struct fake_device){.real = true,
		.count = 3,
		.timeout_s = 225,
		.silent_at_s = 5,
		.watch_s = 394,
		.lost_probe = 3});

	EXPECT_OUTCOME(whole, OUTCOME_PASS);
	EXPECT_OUTCOME(stops, OUTCOME_FAIL);
	EXPECT_OUTCOME(lost, OUTCOME_INCONCLUSIVE);
	cr_expect(lost.checks[lost.check_count - 1].lost_frames);
}

/* ---- JSON ---- */

Test(judge_losses, what_is_told_is_written_and_read_back)
{
	struct verdict v = verdict_new(), back = verdict_new();
	struct timeline *t = fake_timeline(
		(struct fake_device){.real = true, .silent_at_s = 5, .lost_probe = 3});
	const struct profile profile = profile_default();

	JUDGE(&v, t, 0, &profile, gaps_of_75_s);
	judge_losses(&v, t, &profile);
	expect_verdict(&v);
	timeline_free(t);
	json_t *json = verdict_to_json(&v);
	cr_assert_not_null(json);
	cr_assert_eq(verdict_from_json(json, &back), 0);
	json_decref(json);
	cr_expect_eq(back.losses.level, v.losses.level);
	cr_expect_eq(back.losses.arrived, v.losses.arrived);
	cr_expect_eq(back.losses.lost, v.losses.lost);
	cr_assert_eq(back.losses.count, v.losses.count);
	for (size_t i = 0; i < v.losses.count; i++) {
		cr_expect_eq(back.losses.counts[i].kind, v.losses.counts[i].kind);
		cr_expect_eq(back.losses.counts[i].k, v.losses.counts[i].k);
		cr_expect_eq(back.losses.counts[i].of, v.losses.counts[i].of);
		cr_expect_eq(back.losses.counts[i].due, v.losses.counts[i].due);
		cr_expect_eq(back.losses.counts[i].absent, v.losses.counts[i].absent);
		cr_expect_eq(back.losses.counts[i].absent_ns, v.losses.counts[i].absent_ns);
	}
	int excused = 0;
	for (size_t i = 0; i < back.check_count; i++)
		excused += back.checks[i].lost_frames;
	cr_expect_eq(excused, 1);
}

static int read_losses(const char *losses)
{
	struct verdict v = verdict_new(), back = verdict_new();
	json_t *json = verdict_to_json(&v);

	json_object_set_new(json, "losses", json_loads(losses, 0, NULL));
	const int result = verdict_from_json(json, &back);
	json_decref(json);
	return result;
}

#define LOSSES(place) "{\"level\":1e-6,\"arrived\":3,\"lost\":0,\"places\":[" place "]}"

Test(judge_losses, what_no_judge_wrote_is_refused)
{
	cr_expect_eq(read_losses(LOSSES("[\"probe\",3,3,0,1,1,7]")), 0);
	cr_expect_eq(read_losses(LOSSES("[\"frame\",3,3,0,1,1,7]")), -1);
	cr_expect_eq(read_losses(LOSSES("[\"probe\",3,3,16,1,1,7]")), -1);
	cr_expect_eq(read_losses(LOSSES("[\"probe\",3,3,0,1,2,7]")), -1);
	cr_expect_eq(read_losses(LOSSES("[\"probe\",3,3,0,1,-1,7]")), -1);
	cr_expect_eq(read_losses(LOSSES("[\"probe\",3,3,0]")), -1);
	cr_expect_eq(read_losses("{\"level\":1e-6,\"arrived\":-1,\"lost\":0,\"places\":[]}"), -1);
	cr_expect_eq(read_losses("{\"level\":1e-6,\"arrived\":1,\"lost\":0}"), -1);
}

/* T = 75, N = 1: model B sends no probe and is dead 75 s after the last received segment. */
Test(judge_losses, a_death_that_a_model_without_a_probe_explains_misses_none)
{
	const struct losses losses = losses_of_device((struct fake_device){
		.silent_at_s = 5, .count = 1, .timeout_s = 75, .no_probes = true, .dies_at_s = 75});

	expect_count(&losses, LOSS_PROBE, 1, 0, 0);
}
