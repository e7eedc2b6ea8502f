/* SPDX-License-Identifier: MIT */
#include "judge/expect.h"

/* Two things at one time, of which the evidence does not say what came first: that accuses
 * nobody. */

#define DYING .silent_at_s = 5, .count = 1, .timeout_s = 75

static struct verdict judged_reset(struct timeline *t)
{
	struct profile profile = profile_default();
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, &profile, reset_noticed, .time_ns = S(5));
	timeline_free(t);
	return v;
}

/* The peer's RST at 40 s, and a probe so much later, on the real clock. */
static struct timeline *probe_after_reset(double later_s)
{
	struct timeline *t = fake_timeline(
		(struct fake_device){.keepalive_off = true, .watch_s = 300, .real = true});
	struct event *listing = fake_find(t, EVENT_LISTING);

	listing->listed = false;
	fake_segment(t, S(40), FROM_PEER, ROLE_RST, TCP_FLAG_RST);
	fake_segment(t, S(40 + later_s), FROM_DEVICE, ROLE_PROBE, TCP_FLAG_ACK);
	fake_notice(t, S(40.1), 0, FAKE_CID, "ERROR: SOCKET FAILURE 3");
	for (size_t i = 0; i < t->count; i++)
		t->events[i].error_ns = NS_PER_MS;
	return t;
}

Test(judge_crossing, a_probe_that_crosses_the_peer_s_reset_is_none_after_it)
{
	EXPECT_OUTCOME(judged_reset(probe_after_reset(0.001)), OUTCOME_PASS);
	EXPECT_OUTCOME(judged_reset(probe_after_reset(0.05)), OUTCOME_FAIL);
}

static struct verdict judged(enum expectation_kind kind, struct timeline *t)
{
	struct profile profile = profile_default();
	struct verdict v = verdict_new();

	judge_as(&v, t, 0, &profile, kind, (struct expectation_parameters){0});
	timeline_free(t);
	return v;
}

/* The peer's probe 0.1 s before the device's first one; the device answers it so much later. */
static struct timeline *probes_of_both(double answered_s)
{
	struct timeline *t = fake_timeline(
		(struct fake_device){.count = 1, .timeout_s = 150, .watch_s = 290, .real = true});
	const int64_t probe_ns = fake_find_role(t, ROLE_PROBE)->t_ns;

	fake_segment(t, probe_ns - S(0.1), FROM_PEER, ROLE_PROBE, TCP_FLAG_ACK);
	fake_segment(
		t, probe_ns - S(0.1) + S(answered_s), FROM_DEVICE, ROLE_PROBE_ANSWER, TCP_FLAG_ACK);
	return t;
}

Test(judge_crossing, a_probe_sent_before_the_peer_s_probe_had_come_ends_the_idle_time_before_that)
{
	EXPECT_OUTCOME(judged(EXPECT_first_probe_on_schedule, probes_of_both(0.1001)),
		OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(judged(EXPECT_first_probe_on_schedule, probes_of_both(0.01)), OUTCOME_FAIL);
}

/* An octet of the peer's so long before the device's first probe, which does not acknowledge it. */
static struct timeline *octet_before_probe(double before_s)
{
	struct timeline *t =
		fake_timeline((struct fake_device){.count = 1, .timeout_s = 150, .watch_s = 290});
	const int64_t probe_ns = fake_find_role(t, ROLE_PROBE)->t_ns;

	fake_segment(t, probe_ns - S(before_s), FROM_PEER, ROLE_DATA, TCP_FLAG_ACK);
	for (size_t i = 0; i < t->count; i++) {
		struct event *event = &t->events[i];
		if (event->kind == EVENT_SEGMENT && event->segment.role == ROLE_DATA)
			event->segment.length = 1;
		if (event->kind == EVENT_SEGMENT && event->t_ns >= probe_ns)
			event->segment.rcv_nxt = FAKE_ACK + 1;
	}
	return t;
}

Test(judge_crossing, a_probe_that_crosses_data_is_that_of_the_idle_time_before)
{
	EXPECT_OUTCOME(judged(EXPECT_first_probe_on_schedule, octet_before_probe(0.3)),
		OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(
		judged(EXPECT_first_probe_on_schedule, octet_before_probe(1.5)), OUTCOME_FAIL);
	EXPECT_OUTCOME(judged(EXPECT_probe_format, octet_before_probe(0.3)), OUTCOME_PASS);
	EXPECT_OUTCOME(judged(EXPECT_probe_format, octet_before_probe(1.5)), OUTCOME_FAIL);
}

/* The notice of the peer's RST, stamped so much before it. */
static struct timeline *notice_before_reset(double before_s)
{
	struct timeline *t = fake_timeline(
		(struct fake_device){.keepalive_off = true, .watch_s = 300, .real = true});

	fake_segment(t, S(40), FROM_PEER, ROLE_RST, TCP_FLAG_RST);
	fake_notice(t, S(40 - before_s), 0, FAKE_CID, "ERROR: SOCKET FAILURE 3");
	for (size_t i = 0; i < t->count; i++)
		t->events[i].error_ns = NS_PER_MS;
	return t;
}

Test(judge_crossing, a_notice_stamped_just_before_the_peer_s_reset_is_of_it)
{
	const struct verdict v = judged_reset(notice_before_reset(0.001));

	cr_expect_lt((int)v.outcome, (int)OUTCOME_INCONCLUSIVE, "%s", v.text);
	EXPECT_OUTCOME(judged_reset(notice_before_reset(1)), OUTCOME_FAIL);
}

/* The RST at the death, and its copy so much later. */
static struct verdict quiet_after(bool real, double later_s)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){DYING, .real = real});
	struct verdict v = verdict_new();

	const struct event reset = *fake_find_role(t, ROLE_RST);
	fake_segment(t, reset.t_ns + S(later_s), FROM_DEVICE, ROLE_RST, reset.segment.flags);
	JUDGE(&v, t, 0, &profile, no_segment_after_death, .time_ns = S(20));
	timeline_free(t);
	return v;
}

Test(judge_crossing, a_reset_that_was_captured_twice_is_nothing_after_the_death)
{
	EXPECT_OUTCOME(quiet_after(true, 0.01), OUTCOME_PASS);
	EXPECT_OUTCOME(quiet_after(true, 5), OUTCOME_FAIL);
	EXPECT_OUTCOME(quiet_after(false, 0.01), OUTCOME_FAIL);
}

/* AT+CID=? so long after the death still shows it. */
static struct verdict listed_after(double later_s)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){DYING});
	struct verdict v = verdict_new();
	struct event *listing = fake_find(t, EVENT_LISTING);

	listing->listed = true;
	listing->t_ns = fake_find_role(t, ROLE_RST)->t_ns + S(later_s);
	JUDGE(&v, t, 0, &profile, cid_freed);
	timeline_free(t);
	return v;
}

Test(judge_crossing, a_listing_on_its_way_at_the_death_says_nothing_of_what_is_free)
{
	EXPECT_OUTCOME(listed_after(0.1), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(listed_after(10), OUTCOME_FAIL);
}

/* The peer's RST, and the notice of it, which is stamped so much earlier. */
static struct verdict death_beside_a_reset(double earlier_s)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){
		DYING, .real = true, .never_dies = true, .no_listing = true, .watch_s = 300});
	struct verdict v = verdict_new();
	const int64_t at = fake_find(t, EVENT_START)->t_ns + S(50);

	fake_segment(t, at, FROM_PEER, ROLE_PLAIN, TCP_FLAG_RST);
	fake_notice(t, at - S(earlier_s), 0, FAKE_CID, "DISCONNECT 3");
	for (size_t i = 0; i < t->count; i++)
		if (t->events[i].kind == EVENT_SEGMENT || t->events[i].kind == EVENT_NOTICE)
			t->events[i].error_ns = NS_PER_MS;
	JUDGE(&v, t, 0, &profile, death, .time_ns = 75 * NS_PER_S);
	timeline_free(t);
	return v;
}

Test(judge_crossing, a_notice_stamped_just_before_the_peers_reset_is_of_that)
{
	EXPECT_OUTCOME(death_beside_a_reset(0.001), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(death_beside_a_reset(10), OUTCOME_FAIL);
}

/* The peer, told to be silent at 5 s, ends it so long after the start; a device that never dies
 * should have declared it dead 150 s after the handshake, the last that it received. */
static struct verdict death_before_a_late_reset(double ends_s, bool with_notice)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline(
		(struct fake_device){DYING, .real = true, .never_dies = true, .watch_s = 300});
	struct verdict v = verdict_new();
	struct event *listing = fake_find(t, EVENT_LISTING);
	struct event *step = fake_find(t, EVENT_STEP);

	cr_assert(step != NULL && listing != NULL);
	listing->listed = false;
	if (!with_notice)
		step->step = -1;
	fake_segment(t, fake_find(t, EVENT_START)->t_ns + S(ends_s), FROM_PEER, ROLE_PLAIN,
		TCP_FLAG_RST);
	JUDGE(&v, t, 0, &profile, death, .time_ns = 75 * NS_PER_S);
	timeline_free(t);
	return v;
}

Test(judge_crossing, a_device_that_was_overdue_when_the_peer_ended_it_fails)
{
	EXPECT_OUTCOME(death_before_a_late_reset(290, true), OUTCOME_FAIL);
}

Test(judge_crossing, a_peer_that_ended_it_before_any_model_would_accuses_nobody)
{
	EXPECT_OUTCOME(death_before_a_late_reset(140, true), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(death_before_a_late_reset(152, true), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(death_before_a_late_reset(290, false), OUTCOME_INCONCLUSIVE);
}

/* The peer's first probe is never answered, so nothing says that the device's own was under way. */
Test(judge_crossing, a_probe_after_the_peer_s_that_drew_no_answer_is_of_the_idle_time_behind_it)
{
	struct timeline *t = fake_timeline(
		(struct fake_device){.count = 1, .timeout_s = 150, .watch_s = 290, .real = true});

	fake_segment(t, fake_find_role(t, ROLE_PROBE)->t_ns - S(0.1), FROM_PEER, ROLE_PROBE,
		TCP_FLAG_ACK);
	fake_segment(t, S(200), FROM_PEER, ROLE_PROBE, TCP_FLAG_ACK);
	fake_segment(t, S(200.001), FROM_DEVICE, ROLE_PROBE_ANSWER, TCP_FLAG_ACK);
	EXPECT_OUTCOME(judged(EXPECT_first_probe_on_schedule, t), OUTCOME_FAIL);
}
