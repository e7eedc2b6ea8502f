/* SPDX-License-Identifier: MIT */
#include "judge/expect.h"

/* How either side closes a connection. */

static struct timeline *idle(void)
{
	return fake_timeline((struct fake_device){.watch_s = 100, .no_probes = true});
}

/* ---- AT+NCLOSE at 10 s ---- */

static struct timeline *closed_by_command(void)
{
	struct timeline *t = idle();
	struct event step = {
		.t_ns = S(10), .kind = EVENT_STEP, .connection = 0, .step = t->scenario.step_count};

	device_closes(&t->scenario, "a", .at_s = 10);
	cr_assert_eq(timeline_add(t, &step), 0);
	return t;
}

static struct verdict verdict_of_close(struct timeline *t, const struct profile *profile)
{
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, profile, closed_by_fin, .time_ns = S(10));
	timeline_free(t);
	return v;
}

Test(judge_close, a_fin_passes)
{
	struct profile profile = profile_default();
	struct timeline *t = closed_by_command();

	fake_segment(t, S(10.01), FROM_DEVICE, ROLE_FIN, TCP_FLAG_FIN | TCP_FLAG_ACK);
	/* What the peer still sent draws RST: that is none of the close. */
	fake_segment(t, S(10.02), FROM_DEVICE, ROLE_RST, TCP_FLAG_RST);
	EXPECT_OUTCOME(verdict_of_close(t, &profile), OUTCOME_PASS);
}

Test(judge_close, a_rst_instead_fails)
{
	struct profile profile = profile_default();
	struct timeline *t = closed_by_command();

	fake_segment(t, S(10.01), FROM_DEVICE, ROLE_RST, TCP_FLAG_RST | TCP_FLAG_ACK);
	EXPECT_OUTCOME(verdict_of_close(t, &profile), OUTCOME_FAIL);
}

Test(judge_close, nothing_at_all_fails)
{
	struct profile profile = profile_default();

	EXPECT_OUTCOME(verdict_of_close(closed_by_command(), &profile), OUTCOME_FAIL);
}

Test(judge_close, nothing_at_all_accuses_nobody_where_frames_are_lost)
{
	struct profile profile = profile_default();

	profile.lossy_air = true;
	EXPECT_OUTCOME(verdict_of_close(closed_by_command(), &profile), OUTCOME_INCONCLUSIVE);
}

Test(judge_close, one_that_the_peer_ended_first_is_inconclusive)
{
	struct profile profile = profile_default();
	struct timeline *t = closed_by_command();

	fake_segment(t, S(10.01), FROM_PEER, ROLE_RST, TCP_FLAG_RST);
	fake_segment(t, S(10.02), FROM_DEVICE, ROLE_RST, TCP_FLAG_RST);
	EXPECT_OUTCOME(verdict_of_close(t, &profile), OUTCOME_INCONCLUSIVE);
}

Test(judge_close, one_that_the_device_had_ended_before_is_inconclusive)
{
	struct profile profile = profile_default();
	struct timeline *t = closed_by_command();

	fake_segment(t, S(9.5), FROM_DEVICE, ROLE_FIN, TCP_FLAG_FIN | TCP_FLAG_ACK);
	EXPECT_OUTCOME(verdict_of_close(t, &profile), OUTCOME_INCONCLUSIVE);
}

Test(judge_close, one_that_was_not_closed_is_inconclusive)
{
	struct profile profile = profile_default();

	EXPECT_OUTCOME(verdict_of_close(idle(), &profile), OUTCOME_INCONCLUSIVE);
}

/* ---- the peer's FIN at 10 s ---- */

static struct timeline *closed_by_peer(void)
{
	struct timeline *t = idle();

	fake_segment(t, S(10), FROM_PEER, ROLE_FIN, TCP_FLAG_FIN | TCP_FLAG_ACK);
	return t;
}

/* The device's segment, which acknowledges so many of the octets, and the FIN, of the peer. */
static void acknowledge(struct timeline *t, double at_s, uint8_t flags, uint32_t octets)
{
	fake_segment(t, S(at_s), FROM_DEVICE, ROLE_PLAIN, flags);
	for (size_t i = 0; i < t->count; i++)
		if (t->events[i].kind == EVENT_SEGMENT && t->events[i].t_ns == S(at_s))
			t->events[i].segment.ack = FAKE_SEQ + octets;
}

static struct verdict verdict_of_fin(struct timeline *t)
{
	struct profile profile = profile_default();
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, &profile, fin_answered, .time_ns = S(10));
	timeline_free(t);
	return v;
}

Test(judge_close, an_ack_and_a_fin_of_its_own_pass)
{
	struct timeline *t = closed_by_peer();

	acknowledge(t, 10.01, TCP_FLAG_ACK, 1);
	fake_notice(t, S(10.02), 0, FAKE_CID, "DISCONNECT 3");
	acknowledge(t, 10.03, TCP_FLAG_FIN | TCP_FLAG_ACK, 1);
	EXPECT_OUTCOME(verdict_of_fin(t), OUTCOME_PASS);
}

Test(judge_close, a_fin_that_is_not_acknowledged_fails)
{
	struct timeline *t = closed_by_peer();

	/* Of what came before it. */
	acknowledge(t, 10.01, TCP_FLAG_ACK, 0);
	fake_notice(t, S(10.02), 0, FAKE_CID, "DISCONNECT 3");
	EXPECT_OUTCOME(verdict_of_fin(t), OUTCOME_FAIL);
}

Test(judge_close, a_side_that_stays_open_after_the_notice_fails)
{
	struct timeline *t = closed_by_peer();

	acknowledge(t, 10.01, TCP_FLAG_ACK, 1);
	fake_notice(t, S(10.02), 0, FAKE_CID, "DISCONNECT 3");
	EXPECT_OUTCOME(verdict_of_fin(t), OUTCOME_FAIL);
}

Test(judge_close, a_side_that_nobody_was_told_of_may_stay_open)
{
	struct timeline *t = closed_by_peer();

	acknowledge(t, 10.01, TCP_FLAG_ACK, 1);
	EXPECT_OUTCOME(verdict_of_fin(t), OUTCOME_INCONCLUSIVE);
}

Test(judge_close, without_a_fin_of_the_peers_it_is_inconclusive)
{
	EXPECT_OUTCOME(verdict_of_fin(idle()), OUTCOME_INCONCLUSIVE);
}
