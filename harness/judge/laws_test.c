/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "judge/expect.h"

/* What holds for every connection. */

static struct verdict laws_of(struct fake_device device)
{
	const struct profile profile = profile_default();
	struct timeline *t = fake_timeline(device);
	struct verdict v = verdict_new();

	judge_laws(&v, t, &profile);
	expect_verdict(&v);
	timeline_free(t);
	return v;
}

static const struct fake_device healthy = {.count = 3, .timeout_s = 225, .silent_at_s = 5};

Test(laws, that_hold_add_nothing)
{
	struct verdict v = laws_of(healthy);

	cr_expect_eq(v.check_count, 0);
}

Test(laws, that_the_evidence_says_nothing_of_add_nothing)
{
	struct fake_device device = healthy;

	device.no_watched = device.no_listing = device.no_probes = true;
	cr_expect_eq(laws_of(device).check_count, 0);
}

Test(laws, a_wrong_probe_is_one_failure)
{
	struct fake_device device = healthy;

	device.wrong_seq = true;
	struct verdict v = laws_of(device);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	cr_expect_eq(v.check_count, 1);
	cr_expect_str_eq(v.requirement, "KA-FMT-01");
}

Test(laws, several_gaps_are_one_failure_with_their_number)
{
	struct fake_device device = healthy;

	device.interval_s = 60;
	struct verdict v = laws_of(device);
	cr_expect_eq(v.check_count, 1);
	cr_expect_str_eq(v.requirement, "KA-SCHED-02");
	cr_expect(strstr(v.text, "gap 1 ") != NULL && strstr(v.text, "(and 1 more)") != NULL, "%s",
		v.text);
}

Test(laws, a_leaked_cid_is_a_failure)
{
	struct fake_device device = healthy;

	device.leaks = true;
	cr_expect_str_eq(laws_of(device).requirement, "KA-AFTER-02");
}

Test(laws, what_the_scenario_accuses_of_already_is_not_added)
{
	const struct profile profile = profile_default();
	struct fake_device device = healthy;
	struct verdict v = verdict_new();

	device.interval_s = 60;
	struct timeline *t = fake_timeline(device);
	JUDGE(&v, t, 0, &profile, gaps_of_75_s);
	const size_t own = v.check_count;
	judge_laws(&v, t, &profile);
	expect_verdict(&v);
	cr_expect_eq(v.check_count, own);
	timeline_free(t);
}

/* Two notices, the first of which comes between the probes. */
static struct timeline *notice_too_soon(void)
{
	struct fake_device device = healthy;

	device.notices = 2;
	struct timeline *t = fake_timeline(device);
	fake_find(t, EVENT_NOTICE)->t_ns = fake_find_role(t, ROLE_PROBE)->t_ns + S(10);
	return t;
}

Test(laws, a_notice_that_the_wire_denies_is_a_failure)
{
	const struct profile profile = profile_default();
	struct timeline *t = notice_too_soon();
	struct verdict v = verdict_new();

	judge_laws(&v, t, &profile);
	expect_verdict(&v);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	cr_expect_eq(v.check_count, 1);
	cr_expect_str_eq(v.requirement, "KA-NOTICE-02");
	timeline_free(t);
}

Test(laws, a_notice_that_the_wire_denies_is_no_death)
{
	const struct profile profile = profile_default();
	struct timeline *t = notice_too_soon();
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, &profile, probes, .count = 3);
	JUDGE(&v, t, 0, &profile, notice_once);
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	timeline_free(t);
}

/* ---- causes ---- */

/* The peer answers the probe at 225 s, with a SEQ so far off, and the device gives up so long after. */
static struct timeline *deaf(double dies_after_s, bool real, uint32_t seq_off)
{
	struct timeline *t = fake_timeline((struct fake_device){.count = 3,
		.timeout_s = 225,
		.silent_at_s = 230,
		.watch_s = 440,
		.no_listing = true,
		.real = real});
	struct event *answer = fake_find_role(t, ROLE_PROBE_ANSWER);

	answer->segment.seq += seq_off;
	fake_segment(t, answer->t_ns + (int64_t)(dies_after_s * NS_PER_S), FROM_DEVICE, ROLE_RST,
		TCP_FLAG_RST | TCP_FLAG_ACK);
	return t;
}

static bool accuses_of(const struct verdict *verdict, const char *requirement)
{
	for (size_t i = 0; i < verdict->check_count; i++)
		if (verdict->checks[i].outcome == OUTCOME_FAIL &&
			strcmp(verdict->checks[i].requirement, requirement) == 0)
			return true;
	return false;
}

static bool dies_after_an_answer(double after_s, bool real, uint32_t seq_off)
{
	const struct profile profile = profile_default();
	struct timeline *t = deaf(after_s, real, seq_off);
	struct verdict v = verdict_new();

	judge_laws(&v, t, &profile);
	expect_verdict(&v);
	timeline_free(t);
	return accuses_of(&v, "KA-LIVE-01");
}

Test(laws, a_death_after_an_answer_is_one_sooner_than_any_model_has_it)
{
	cr_expect(dies_after_an_answer(75, false, 0));
	cr_expect_not(dies_after_an_answer(225, false, 0));
	/* Lost in the air, where frames are. */
	cr_expect_not(dies_after_an_answer(75, true, 0));
	/* Whether it is one when it is out of sequence, no source says. */
	cr_expect_not(dies_after_an_answer(75, false, 1000000));
}

Test(laws, a_cause_is_named_before_what_comes_of_it)
{
	const struct profile profile = profile_default();
	struct timeline *t = deaf(75, false, 0);
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, &profile, probes, .count = 3);
	cr_assert_str_eq(v.requirement, "KA-SCHED-03", "%s", v.text);
	judge_laws(&v, t, &profile);
	expect_verdict(&v);
	cr_expect_str_eq(v.requirement, "KA-LIVE-01", "%s", v.text);
	timeline_free(t);
}

Test(laws, a_notice_of_what_the_device_lists_as_open_is_of_another_connection)
{
	const struct profile profile = profile_default();
	struct fake_device device = healthy;
	device.never_dies = device.no_probes = true;
	device.watch_s = 100;
	struct timeline *t = fake_timeline(device);
	struct verdict v = verdict_new();

	fake_notice(t, 20 * NS_PER_S, 0, FAKE_CID, "ERROR: SOCKET FAILURE 3");
	judge_laws(&v, t, &profile);
	expect_verdict(&v);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	cr_expect_str_eq(v.requirement, "KA-NOTICE-02", "%s", v.text);
	timeline_free(t);
}
