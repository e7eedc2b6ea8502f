/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "judge/checks.h"
#include "judge/expect.h"

/* A bench of which the profile says that it loses frames: what these explain accuses nobody, and
 * what they do not explain is a fault as ever. */

#define SILENT .silent_at_s = 5

/* One late first probe is a lost ARP request, each of them is a fault. */
static struct verdict late_in_lossy_air(struct fake_device device, bool lossy)
{
	struct timeline *t = fake_timeline(device);
	struct profile profile = profile_default();
	struct verdict v = verdict_new();

	profile.lossy_air = lossy;
	profile.loss_percent = 0.1;
	JUDGE(&v, t, 0, &profile, first_probe_on_schedule);
	timeline_free(t);
	return v;
}

Test(judge_faults, a_first_probe_0_9_s_late_is_inconclusive_in_lossy_air_only)
{
	const struct fake_device once = {SILENT, .first_late_s = 0.9};

	EXPECT_OUTCOME(late_in_lossy_air(once, true), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(late_in_lossy_air(once, false), OUTCOME_FAIL);
}

Test(judge_faults, first_probes_that_are_all_late_or_later_than_that_fail_in_lossy_air)
{
	const struct fake_device each = {.watch_s = 7000, .first_late_s = 0.9};
	const struct fake_device later = {SILENT, .first_late_s = 2};

	EXPECT_OUTCOME(late_in_lossy_air(each, true), OUTCOME_FAIL);
	EXPECT_OUTCOME(late_in_lossy_air(later, true), OUTCOME_FAIL);
}

Test(judge_faults, a_first_probe_that_was_lost_and_the_next_one_held_back_are_inconclusive)
{
	const struct fake_device device = {
		SILENT, .count = 2, .timeout_s = 900, .first_late_s = 75.9, .more_probes = -1};

	EXPECT_OUTCOME(late_in_lossy_air(device, true), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(late_in_lossy_air(device, false), OUTCOME_FAIL);
}

static struct profile lossy_profile(void)
{
	struct profile profile = profile_default();

	profile.lossy_air = true;
	profile.loss_percent = 0.1; /* now and then one */
	return profile;
}

/* Judges the timeline once with each profile. */
#define EXPECT_IN_LOSSY_AIR_ONLY(t, call)                                                          \
	do {                                                                                       \
		struct profile profile = lossy_profile();                                          \
		struct verdict v = verdict_new();                                                  \
		call;                                                                              \
		EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);                                           \
		profile = profile_default();                                                       \
		v = verdict_new();                                                                 \
		call;                                                                              \
		EXPECT_OUTCOME(v, OUTCOME_FAIL);                                                   \
		timeline_free(t);                                                                  \
	} while (0)

/* The nth probe of the timeline, from 1. */
static struct event *nth_probe(struct timeline *t, int nth)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->events[i].kind == EVENT_SEGMENT && t->events[i].segment.role == ROLE_PROBE &&
			--nth == 0)
			return &t->events[i];
	return NULL;
}

/* A frame that the capture does not show. */
static void lose(struct timeline *t, const struct event *event)
{
	for (size_t i = (size_t)(event - t->events); i + 1 < t->count; i++)
		t->events[i] = t->events[i + 1];
	t->count--;
}

Test(judge_lossy, a_first_probe_that_was_held_back_makes_the_gap_and_the_death_shorter)
{
	struct timeline *t = fake_timeline((struct fake_device){SILENT});
	nth_probe(t, 1)->t_ns += S(1);
	EXPECT_IN_LOSSY_AIR_ONLY(t, JUDGE(&v, t, 0, &profile, gaps_of_75_s));

	t = fake_timeline((struct fake_device){SILENT});
	nth_probe(t, 1)->t_ns += S(1);
	EXPECT_IN_LOSSY_AIR_ONLY(t, JUDGE(&v, t, 0, &profile, death, .time_ns = S(600)));
}

Test(judge_lossy, two_probes_of_eight_may_be_lost)
{
	struct timeline *t = fake_timeline((struct fake_device){SILENT});
	lose(t, nth_probe(t, 6));
	lose(t, nth_probe(t, 3));
	EXPECT_IN_LOSSY_AIR_ONLY(t, JUDGE(&v, t, 0, &profile, probes, .count = 8));

	t = fake_timeline((struct fake_device){SILENT});
	lose(t, nth_probe(t, 3));
	lose(t, nth_probe(t, 3));
	EXPECT_IN_LOSSY_AIR_ONLY(t, JUDGE(&v, t, 0, &profile, gaps_of_75_s));
}

/* The last one of two, in a watch that ends before the death and after so many seconds of silence. */
static struct timeline *without_the_last_probe(double watched_s)
{
	struct timeline *t = fake_timeline((struct fake_device){
		SILENT, .count = 2, .timeout_s = 200, .never_dies = true, .watch_s = watched_s});

	lose(t, nth_probe(t, 2));
	return t;
}

Test(judge_lossy, the_last_probe_may_be_lost_in_a_watch_that_ends_before_the_death)
{
	struct timeline *t = without_the_last_probe(345);
	EXPECT_IN_LOSSY_AIR_ONLY(t, JUDGE(&v, t, 0, &profile, probes, .count = 2));
}

Test(judge_lossy, a_round_that_no_death_ended_was_not_lost)
{
	struct profile profile = lossy_profile();
	struct timeline *t = without_the_last_probe(500);
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, &profile, probes, .count = 2);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

Test(judge_lossy, three_probes_of_eight_are_not_lost_by_chance)
{
	struct profile profile = lossy_profile();
	struct timeline *t = fake_timeline((struct fake_device){SILENT});
	struct verdict v = verdict_new();

	lose(t, nth_probe(t, 7));
	lose(t, nth_probe(t, 5));
	lose(t, nth_probe(t, 3));
	JUDGE(&v, t, 0, &profile, probes, .count = 8);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

/* Of eight, at a loss of so many percent. */
static struct verdict lost_of_eight(double percent, int lost)
{
	struct profile profile = lossy_profile();
	struct timeline *t = fake_timeline((struct fake_device){SILENT});
	struct verdict v = verdict_new();

	profile.loss_percent = percent;
	for (int i = 0; i < lost; i++)
		lose(t, nth_probe(t, 7 - i));
	JUDGE(&v, t, 0, &profile, probes, .count = 8);
	timeline_free(t);
	return v;
}

Test(judge_lossy, so_many_may_be_lost_as_the_loss_that_the_profile_states_explains)
{
	EXPECT_OUTCOME(lost_of_eight(10, 5), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(lost_of_eight(1, 3), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(lost_of_eight(1, 6), OUTCOME_FAIL);
	EXPECT_OUTCOME(lost_of_eight(0.01, 2), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(lost_of_eight(0.01, 3), OUTCOME_FAIL);
}

Test(judge_lossy, an_air_of_which_nothing_is_told_may_lose_many)
{
	EXPECT_OUTCOME(lost_of_eight(profile_default().loss_percent, 5), OUTCOME_INCONCLUSIVE);
}

/* The device did not hear what the peer sent at 100 s: it probes by what came before. */
static struct timeline *unheard_data(void)
{
	struct timeline *t =
		fake_timeline((struct fake_device){SILENT, .count = 2, .timeout_s = 200});

	fake_segment(t, S(100), FROM_PEER, ROLE_DATA, TCP_FLAG_ACK);
	return t;
}

Test(judge_lossy, a_segment_that_the_device_did_not_hear_begins_no_idle_time)
{
	struct timeline *t = unheard_data();

	EXPECT_IN_LOSSY_AIR_ONLY(t, JUDGE(&v, t, 0, &profile, first_probe_on_schedule));
}

/* The peer answers the first probe, and the device, which did not hear it, goes on probing. */
Test(judge_lossy, a_probe_behind_an_answer_that_was_lost_is_not_early)
{
	struct timeline *t = fake_timeline((struct fake_device){SILENT, .timeout_s = 1200});

	fake_segment(
		t, nth_probe(t, 1)->t_ns + S(0.01), FROM_PEER, ROLE_PROBE_ANSWER, TCP_FLAG_ACK);
	EXPECT_IN_LOSSY_AIR_ONLY(t, JUDGE(&v, t, 0, &profile, no_probe_within_two_hours));
}

/* On the real clock one answer may be lost; a probe and its answer may have one stamp. */
Test(judge_lossy, an_answer_that_was_lost_leaves_a_probe_too_few)
{
	struct profile profile = profile_default();

	for (int i = 0; i < 4; i++) {
		struct timeline *t = fake_timeline(
			(struct fake_device){SILENT, .timeout_s = 700, .real = i < 2});
		struct verdict v = verdict_new();

		fake_segment(t, nth_probe(t, 1)->t_ns + i % 2 * NS_PER_MS, FROM_PEER,
			ROLE_PROBE_ANSWER, TCP_FLAG_ACK);
		JUDGE(&v, t, 0, &profile, probes, .count = 8);
		EXPECT_OUTCOME(v, i < 2 ? OUTCOME_INCONCLUSIVE : OUTCOME_FAIL);
		timeline_free(t);
	}
}

/* The module said so, and its RST waited for an ARP answer. */
static struct timeline *notice_first(void)
{
	struct timeline *t = fake_timeline((struct fake_device){SILENT});

	fake_find(t, EVENT_NOTICE)->t_ns -= S(0.8);
	return t;
}

Test(judge_lossy, a_notice_before_an_end_that_was_held_back_is_not_early)
{
	struct timeline *t = notice_first();
	EXPECT_IN_LOSSY_AIR_ONLY(t, JUDGE(&v, t, 0, &profile, notice_once, .time_ns = S(5)));

	t = notice_first();
	EXPECT_IN_LOSSY_AIR_ONLY(t, JUDGE(&v, t, 0, &profile, notice_after_the_end));
}

/* What it had sent was not acknowledged, so that it went on speaking: no silent peer was tried. */
Test(judge_lossy, a_peer_that_did_not_fall_silent_accuses_nobody)
{
	struct timeline *t = fake_timeline((struct fake_device){.watch_s = 900, .no_probes = true});
	struct profile profile = profile_default();
	struct verdict v = verdict_new();

	peer_falls_silent(&t->scenario, "a", .at_s = 5);
	JUDGE(&v, t, 0, &profile, first_probe_on_schedule);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);

	fake_segment(t, S(2), FROM_PEER, ROLE_DATA, TCP_FLAG_ACK);
	fake_find_role(t, ROLE_DATA)->segment.length = 10;
	fake_find_role(t, ROLE_DATA)->segment.snd_nxt = FAKE_ACK + 10;
	v = verdict_new();
	JUDGE(&v, t, 0, &profile, first_probe_on_schedule);
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	timeline_free(t);
}

Test(judge_lossy, an_end_of_the_peer_s_that_the_device_did_not_hear_is_told_later)
{
	struct timeline *t =
		fake_timeline((struct fake_device){SILENT, .count = 1, .timeout_s = 75});

	fake_segment(t, nth_probe(t, 1)->t_ns + S(1), FROM_PEER, ROLE_RST, TCP_FLAG_RST);
	EXPECT_IN_LOSSY_AIR_ONLY(t, JUDGE(&v, t, 0, &profile, notice_once, .time_ns = S(5)));
}

Test(judge_lossy, a_peer_whose_last_answers_were_lost_dies)
{
	struct timeline *t =
		fake_timeline((struct fake_device){SILENT, .count = 3, .timeout_s = 225});

	/* It answers the last probe, late. */
	fake_segment(t, nth_probe(t, 3)->t_ns + S(60), FROM_PEER, ROLE_PROBE_ANSWER, TCP_FLAG_ACK);
	EXPECT_IN_LOSSY_AIR_ONLY(t, JUDGE(&v, t, 0, &profile, probes, .count = 3));
}

Test(judge_lossy, an_ack_without_the_data_that_was_lost_is_no_wrong_one)
{
	struct timeline *t = fake_timeline((struct fake_device){SILENT});

	for (size_t i = 0; i < t->count; i++)
		if (t->events[i].kind == EVENT_SEGMENT && t->events[i].t_ns > S(100))
			t->events[i].segment.rcv_nxt += 40;
	EXPECT_IN_LOSSY_AIR_ONLY(t, JUDGE(&v, t, 0, &profile, probe_format));
}

Test(judge_lossy, a_last_probe_that_was_lost_is_not_missed_before_the_next_one_is_due)
{
	const struct fake_device device = {SILENT, .watch_s = 620, .no_probes = true};

	struct timeline *t = fake_timeline(device);
	EXPECT_IN_LOSSY_AIR_ONLY(t, JUDGE(&v, t, 0, &profile, first_probe_on_schedule));
}

Test(judge_lossy, probes_that_never_come_are_not_lost)
{
	struct profile profile = lossy_profile();
	struct timeline *t =
		fake_timeline((struct fake_device){SILENT, .watch_s = 900, .no_probes = true});
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, &profile, first_probe_on_schedule);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

Test(judge_lossy, an_interval_of_60_s_is_a_fault_there_too)
{
	struct profile profile = lossy_profile();
	struct timeline *t = fake_timeline((struct fake_device){SILENT, .interval_s = 60});
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, &profile, gaps_of_75_s);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

/* The acknowledgement of what it had sent was lost: it sends that again and again, and gives up by
 * its rules for data. */
static struct timeline *unacknowledged(bool asked)
{
	struct timeline *t = fake_timeline(
		(struct fake_device){SILENT, .no_probes = true, .dies_at_s = 60, .then_s = 900});

	if (asked)
		device_sends(&t->scenario, "a", .at_s = 4.9);
	for (int i = 0; i < 4; i++)
		fake_segment(t, S(6 + 3 * i), FROM_DEVICE, ROLE_RETRANSMISSION, TCP_FLAG_ACK);
	return t;
}

#define EXPECT_WHERE_ASKED_ONLY(call)                                                              \
	for (int asked = 0; asked < 2; asked++) {                                                  \
		struct timeline *t = unacknowledged(asked);                                        \
		struct profile profile = profile_default();                                        \
		struct verdict v = verdict_new();                                                  \
		call;                                                                              \
		EXPECT_OUTCOME(v, asked ? OUTCOME_INCONCLUSIVE : OUTCOME_FAIL);                    \
		timeline_free(t);                                                                  \
	}

Test(judge_lossy, data_that_is_never_acknowledged_is_no_idle_connection)
{
	EXPECT_WHERE_ASKED_ONLY(JUDGE(&v, t, 0, &profile, death, .time_ns = S(600)));
	EXPECT_WHERE_ASKED_ONLY(JUDGE(&v, t, 0, &profile, probes, .count = 8));
}

/* With TCP_MAXRT off it may never give up, and has nothing to tell. */
Test(judge_lossy, data_that_is_never_acknowledged_calls_for_no_notice_of_keep_alive)
{
	for (int asked = 0; asked < 2; asked++) {
		struct timeline *t = fake_timeline((struct fake_device){SILENT, .no_probes = true,
			.never_dies = true, .no_notice = true, .no_reset = true, .watch_s = 1900});
		struct profile profile = profile_default();
		struct verdict v = verdict_new();
		if (asked)
			device_sends(&t->scenario, "a", .at_s = 4.9);
		fake_segment(t, S(6), FROM_DEVICE, ROLE_RETRANSMISSION, TCP_FLAG_ACK);
		JUDGE(&v, t, 0, &profile, notice_once, .time_ns = S(5));
		EXPECT_OUTCOME(v, asked ? OUTCOME_INCONCLUSIVE : OUTCOME_FAIL);
		timeline_free(t);
	}
}

/* The first probe of a capture that misses what came before it. */
Test(judge_lossy, a_segment_that_may_be_a_probe_or_not_leaves_count_and_death_open)
{
	for (int open = 0; open < 2; open++) {
		struct timeline *t = fake_timeline((struct fake_device){SILENT});
		struct profile profile = profile_default();
		struct verdict count = verdict_new(), death = verdict_new();
		if (open)
			nth_probe(t, 1)->segment.role = ROLE_UNDECIDABLE;
		else
			lose(t, nth_probe(t, 1));
		JUDGE(&count, t, 0, &profile, probes, .count = 8);
		JUDGE(&death, t, 0, &profile, death, .time_ns = S(600));
		EXPECT_OUTCOME(count, open ? OUTCOME_INCONCLUSIVE : OUTCOME_FAIL);
		EXPECT_OUTCOME(death, open ? OUTCOME_INCONCLUSIVE : OUTCOME_FAIL);
		timeline_free(t);
	}
}

/* It crosses the data on its way, on a clock that stamps both alike: no probe of the silence. */
Test(judge_lossy, a_probe_that_crosses_what_the_peer_sends_does_not_come_again)
{
	for (int behind = 0; behind < 2; behind++) {
		struct timeline *t = fake_timeline((struct fake_device){SILENT});
		struct profile profile = profile_default();
		struct verdict v = verdict_new();
		const int64_t crossing_ns = S(4);

		for (int i = 0; i < 2; i++)
			if (i == behind)
				fake_segment(t, crossing_ns, FROM_DEVICE, ROLE_NOT_A_PROBE,
					TCP_FLAG_ACK);
			else
				fake_segment(t, crossing_ns, FROM_PEER, ROLE_PLAIN, TCP_FLAG_ACK);
		struct event *crossing = fake_find_role(t, ROLE_NOT_A_PROBE);
		crossing->segment.seq = crossing->segment.snd_nxt - 1;
		for (struct event *e = t->events; e < t->events + t->count; e++)
			if (e->t_ns > crossing_ns)
				e->t_ns += S(3);
		JUDGE(&v, t, 0, &profile, probes, .count = 8);
		EXPECT_OUTCOME(v, behind ? OUTCOME_FAIL : OUTCOME_PASS);
		timeline_free(t);
	}
}

/* A probe may carry an octet, and come twice in the air. */
Test(judge_lossy, a_copy_of_a_probe_with_an_octet_is_no_data)
{
	for (int lossy = 0; lossy < 3; lossy++) {
		struct timeline *t = fake_timeline((struct fake_device){SILENT});
		struct profile profile = lossy ? lossy_profile() : profile_default();
		struct verdict v = verdict_new();

		for (int i = 1; i <= 8; i++)
			nth_probe(t, i)->segment.length = 1;
		fake_segment(
			t, nth_probe(t, 5)->t_ns + 1, FROM_DEVICE, ROLE_NOT_A_PROBE, TCP_FLAG_ACK);
		struct event *copy = fake_find_role(t, ROLE_NOT_A_PROBE);
		copy->segment = nth_probe(t, 5)->segment;
		copy->segment.role = ROLE_NOT_A_PROBE;
		if (lossy == 2) /* behind its answer */
			fake_segment(t, nth_probe(t, 5)->t_ns, FROM_PEER, ROLE_PROBE_ANSWER,
				TCP_FLAG_ACK);
		JUDGE(&v, t, 0, &profile, probe_format);
		EXPECT_OUTCOME(v, lossy ? OUTCOME_PASS : OUTCOME_FAIL);
		timeline_free(t);
	}
}

/* Legs that lack frames fit another model now and then. */
Test(judge_lossy, two_models_are_of_one_device_where_frames_are_lost)
{
	struct timeline *a = fake_timeline((struct fake_device){SILENT, .timeout_s = 700});
	struct timeline *b =
		fake_timeline((struct fake_device){SILENT, .timeout_s = 700, .model = MODEL_B});

	EXPECT_IN_LOSSY_AIR_ONLY(b, {
		JUDGE(&v, a, 0, &profile, first_probe_on_schedule);
		EXPECT_OUTCOME(v, OUTCOME_PASS);
		JUDGE(&v, b, 0, &profile, first_probe_on_schedule);
	});
	timeline_free(a);
}

/* Two of three probes and a notice are seen, which comes 4 s after a RST that was lost. */
Test(judge_faults, a_late_notice_of_a_death_by_lost_frames_accuses_nobody_in_lossy_air)
{
	struct timeline *t = fake_timeline((struct fake_device){SILENT, .count = 3,
		.timeout_s = 225, .no_reset = true, .notice_after_s = 4, .lost_probe = 2});

	EXPECT_IN_LOSSY_AIR_ONLY(t, JUDGE(&v, t, 0, &profile, alive, .count = 0));
}

Test(judge_faults, the_only_probe_to_a_rebooted_peer_may_be_lost_in_lossy_air)
{
	struct timeline *t = fake_timeline(
		(struct fake_device){SILENT, .count = 1, .timeout_s = 90, .lost_probe = 1});

	EXPECT_IN_LOSSY_AIR_ONLY(t, JUDGE(&v, t, 0, &profile, reset_noticed, .time_ns = S(5)));
}

/* Model B has one probe less and an earlier death: it alone may stand for a lost frame. */
Test(judge_lossy, what_holds_by_model_b_alone_needs_an_excuse_where_frames_are_lost)
{
	const struct profile lossy = lossy_profile(), still = profile_default();
	const struct history air = {.profile = &lossy}, wire = {.profile = &still};
	const struct check by_b = {.outcome = OUTCOME_PASS, .models = MODEL_B};
	const struct check by_all = {.outcome = OUTCOME_PASS, .models = MODELS_ALL};
	const struct check failed = {.outcome = OUTCOME_FAIL, .models = MODELS_ALL};
	const struct check error = {.outcome = OUTCOME_ERROR, .models = MODEL_B};

	cr_expect(needs_excuse(&by_b, &air));
	cr_expect_not(needs_excuse(&by_b, &wire));
	cr_expect_not(needs_excuse(&by_all, &air));
	cr_expect(needs_excuse(&failed, &air));
	cr_expect(needs_excuse(&failed, &wire));
	cr_expect_not(needs_excuse(&error, &air), "no lost frame explains a broken bench");
}

/* Silent from 5 s on, count 1, and it dies 150 s after what it received last without a probe in the
 * capture; keep-alive was switched on so long before that. */
static struct verdict dead_after_switched_on(double on_for_s)
{
	struct timeline *t = fake_timeline((struct fake_device){SILENT, .real = true, .count = 1,
		.timeout_s = 75, .no_probes = true, .dies_at_s = 150});
	struct profile profile = profile_default();
	struct verdict v = verdict_new();
	const int64_t death_ns = fake_find_role(t, ROLE_RST)->t_ns;

	for (int i = 0; i < t->scenario.step_count; i++) {
		struct event step = {.t_ns = death_ns - S(on_for_s),
			.kind = EVENT_STEP,
			.connection = 0,
			.cid = -1,
			.step = i};
		if (t->scenario.steps[i].anchor == ANCHOR_SETUP)
			cr_assert_eq(timeline_add(t, &step), 0);
	}
	JUDGE(&v, t, 0, &profile, death, .after = FIRST_UNANSWERED_PROBE, .time_ns = S(75));
	timeline_free(t);
	return v;
}

Test(judge_lossy, a_probe_may_have_been_lost_since_keep_alive_is_on_and_not_before)
{
	EXPECT_OUTCOME(dead_after_switched_on(149), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(dead_after_switched_on(76), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(dead_after_switched_on(70), OUTCOME_FAIL);
	EXPECT_OUTCOME(dead_after_switched_on(0.3), OUTCOME_FAIL);
}

Test(judge_lossy, a_death_that_comes_too_soon_behind_a_first_probe_in_time_is_the_device_s)
{
	struct profile profile = lossy_profile();
	const struct fake_device device = {SILENT, .count = 3, .timeout_s = 400, .more_probes = -1};

	profile.loss_percent = 10;
	for (int i = 0; i < 2; i++) {
		struct timeline *t = fake_timeline(device);
		struct verdict v = verdict_new();
		if (i == 0)
			JUDGE(&v, t, 0, &profile, death, .time_ns = S(225));
		else
			JUDGE(&v, t, 0, &profile, probes, .count = 3);
		EXPECT_OUTCOME(v, OUTCOME_FAIL);
		timeline_free(t);
	}
}

Test(judge_lossy, a_probe_right_before_the_death_is_explained_by_no_loss)
{
	struct profile profile = lossy_profile();
	struct timeline *t =
		fake_timeline((struct fake_device){SILENT, .count = 2, .timeout_s = 400});
	struct verdict v = verdict_new();

	profile.loss_percent = 10;
	fake_segment(
		t, fake_find_role(t, ROLE_RST)->t_ns - S(1), FROM_DEVICE, ROLE_PROBE, TCP_FLAG_ACK);
	lose(t, nth_probe(t, 1));
	JUDGE(&v, t, 0, &profile, alive, .count = 1);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

/* ---- ARP ---- */

/* The device asks for the peer's hardware address. */
static void ask(struct timeline *t, int64_t t_ns)
{
	const struct event request = {.t_ns = t_ns,
		.error_ns = NS_PER_MS,
		.kind = EVENT_ARP,
		.connection = 0,
		.cid = -1,
		.step = -1};

	cr_assert_eq(timeline_add(t, &request), 0);
}

/* The second probe of three comes late, on the real clock; the device asked so long before it, or did
 * not (0). */
static struct verdict second_probe_late(double late_s, double asked_s)
{
	struct timeline *t = fake_timeline(
		(struct fake_device){SILENT, .real = true, .count = 3, .timeout_s = 225});
	struct profile profile = profile_default();
	struct verdict v = verdict_new();
	struct event *second = nth_probe(t, 2);

	second->t_ns += S(late_s);
	if (asked_s > 0)
		ask(t, second->t_ns - S(asked_s));
	JUDGE(&v, t, 0, &profile, gaps_of_75_s);
	timeline_free(t);
	return v;
}

Test(judge_arp, a_probe_that_waited_for_its_answer_is_not_late)
{
	EXPECT_OUTCOME(second_probe_late(0.9, 0.9), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(second_probe_late(0.9, 0.005), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(second_probe_late(0.9, 0), OUTCOME_FAIL);
}

Test(judge_arp, a_request_that_was_answered_at_once_excuses_no_probe_that_is_later)
{
	EXPECT_OUTCOME(second_probe_late(3, 0.005), OUTCOME_FAIL);
}

Test(judge_arp, a_probe_that_is_on_time_passes_whatever_was_asked)
{
	EXPECT_OUTCOME(second_probe_late(0, 0.005), OUTCOME_PASS);
}

Test(judge_arp, a_request_where_a_probe_was_due_is_told_and_no_evidence_that_it_was_not_sent)
{
	struct timeline *t = fake_timeline((struct fake_device){
		SILENT, .real = true, .count = 3, .timeout_s = 225, .lost_probe = 2});
	struct profile profile = profile_default();
	struct verdict v = verdict_new();

	ask(t, nth_probe(t, 1)->t_ns + S(75.01));
	JUDGE(&v, t, 0, &profile, gaps_of_75_s);
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	cr_expect_not_null(
		strstr(v.text, "the device sent an ARP request for the peer at"), "%s", v.text);
	judge_losses(&v, t, &profile);
	expect_verdict(&v);
	for (size_t i = 0; i < v.losses.count; i++)
		cr_expect_eq(v.losses.counts[i].absent, 0);
	timeline_free(t);
}

Test(judge_arp, where_nothing_is_lost_it_excuses_nothing)
{
	struct timeline *t =
		fake_timeline((struct fake_device){SILENT, .count = 3, .timeout_s = 225});
	struct profile profile = profile_default();
	struct verdict v = verdict_new();

	nth_probe(t, 2)->t_ns += S(0.9);
	ask(t, nth_probe(t, 2)->t_ns - S(0.9));
	JUDGE(&v, t, 0, &profile, gaps_of_75_s);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}
