/* SPDX-License-Identifier: MIT */
#include "judge/expect.h"

/* The module is the access point, and its station was off its network. */

enum { COUNT = 2, TIMEOUT_S = 150 };

/* A step of the bench at this second after the start. */
static void put_step(struct timeline *t, enum step_kind kind, double at_s)
{
	struct scenario *s = &t->scenario;
	const struct event event = {.kind = EVENT_STEP,
		.connection = 0,
		.step = s->step_count,
		.t_ns = fake_find(t, EVENT_START)->t_ns + S(at_s)};

	s->steps[s->step_count++] = (struct step){.kind = kind, .at_ns = S(at_s)};
	timeline_add(t, &event);
}

/* One whose station left after 5 s, and of which nobody saw anything since. */
static struct timeline *left(double watch_s)
{
	struct timeline *t = fake_timeline((struct fake_device){.count = COUNT,
		.timeout_s = TIMEOUT_S,
		.silent_at_s = 5,
		.no_probes = true,
		.never_dies = true,
		.watch_s = watch_s});

	put_step(t, STEP_STATION_LEAVES, 5);
	return t;
}

static void tell(struct timeline *t, double at_s)
{
	fake_notice(t, fake_find(t, EVENT_START)->t_ns + S(at_s), 0, FAKE_CID, "DISCONNECT 3");
}

static void tell_all(struct timeline *t, double at_s)
{
	const struct event event = {.kind = EVENT_NOTICE,
		.connection = NO_CONNECTION,
		.step = -1,
		.cid = -1,
		.code = AT_CODE_DISASSOCIATION_EVENT,
		.t_ns = fake_find(t, EVENT_START)->t_ns + S(at_s),
		.text = "Disassociation Event"};

	timeline_add(t, &event);
}

#define JUDGED(t, kind)                                                                            \
	struct profile profile = profile_default();                                                \
	struct verdict v = verdict_new();                                                          \
	JUDGE(&v, t, 0, &profile, kind);                                                           \
	timeline_free(t);                                                                          \
	return v

static struct verdict told(struct timeline *t)
{
	JUDGED(t, lost_station_told);
}

static struct verdict back(struct timeline *t)
{
	JUDGED(t, back_in_time);
}

Test(judge_station, its_end_by_keep_alive_passes)
{
	struct timeline *t = left(400);

	tell(t, 305);
	EXPECT_OUTCOME(told(t), OUTCOME_PASS);
}

Test(judge_station, its_end_sooner_passes)
{
	struct timeline *t = left(400);

	tell(t, 15);
	EXPECT_OUTCOME(told(t), OUTCOME_PASS);
}

Test(judge_station, the_event_that_is_for_all_is_enough)
{
	struct timeline *t = left(400);

	tell_all(t, 15);
	EXPECT_OUTCOME(told(t), OUTCOME_PASS);
}

Test(judge_station, no_end_fails)
{
	EXPECT_OUTCOME(told(left(400)), OUTCOME_FAIL);
}

Test(judge_station, no_end_in_too_short_a_watch_is_inconclusive)
{
	EXPECT_OUTCOME(told(left(300)), OUTCOME_INCONCLUSIVE);
}

Test(judge_station, a_late_end_fails)
{
	struct timeline *t = left(500);

	tell(t, 400);
	EXPECT_OUTCOME(told(t), OUTCOME_FAIL);
}

Test(judge_station, an_end_that_is_told_twice_fails)
{
	struct timeline *t = left(400);

	tell(t, 15);
	tell(t, 305);
	EXPECT_OUTCOME(told(t), OUTCOME_FAIL);
}

Test(judge_station, a_link_that_was_down_meanwhile_unmakes_no_failure)
{
	struct timeline *t = left(400);

	const int64_t start_ns = fake_find(t, EVENT_START)->t_ns;
	const struct event away = {.kind = EVENT_FAULT,
		.connection = NO_CONNECTION,
		.step = -1,
		.fault = FAULT_NO_LINK,
		.reason = REASON_STATION_AWAY,
		.from_ns = start_ns + S(5),
		.t_ns = start_ns + S(400)};

	timeline_add(t, &away);
	EXPECT_OUTCOME(told(t), OUTCOME_FAIL);
}

Test(judge_station, of_one_that_did_not_leave_nothing_is_known)
{
	EXPECT_OUTCOME(
		told(fake_timeline((struct fake_device){.silent_at_s = 5})), OUTCOME_INCONCLUSIVE);
}

/* ---- it comes back ---- */

static struct timeline *returned(double watch_s)
{
	struct timeline *t = left(watch_s);

	put_step(t, STEP_STATION_JOINS, 100);
	return t;
}

static void probe(struct timeline *t, double at_s, bool answered)
{
	const int64_t start_ns = fake_find(t, EVENT_START)->t_ns;

	fake_segment(t, start_ns + S(at_s), FROM_DEVICE, ROLE_PROBE, TCP_FLAG_ACK);
	if (answered)
		fake_segment(
			t, start_ns + S(at_s + 0.01), FROM_PEER, ROLE_PROBE_ANSWER, TCP_FLAG_ACK);
}

Test(judge_station, one_that_answers_again_keeps_its_connection)
{
	struct timeline *t = returned(500);

	probe(t, 155, true);
	EXPECT_OUTCOME(back(t), OUTCOME_PASS);
}

Test(judge_station, one_that_was_ended_and_told_of_before_passes)
{
	struct timeline *t = returned(500);

	tell(t, 15);
	EXPECT_OUTCOME(back(t), OUTCOME_PASS);
}

Test(judge_station, one_that_is_never_probed_again_fails)
{
	EXPECT_OUTCOME(back(returned(500)), OUTCOME_FAIL);
}

Test(judge_station, one_that_is_ended_although_it_answers_fails)
{
	struct timeline *t = returned(500);

	probe(t, 155, true);
	tell(t, 305);
	EXPECT_OUTCOME(back(t), OUTCOME_FAIL);
}

Test(judge_station, a_watch_too_short_for_a_probe_is_inconclusive)
{
	EXPECT_OUTCOME(back(returned(200)), OUTCOME_INCONCLUSIVE);
}
