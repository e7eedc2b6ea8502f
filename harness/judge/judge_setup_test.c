/* SPDX-License-Identifier: MIT */
#include "judge/expect.h"

/* Setup, resets, and findings. */

static void answer(struct timeline *t, int step, const char *text)
{
	struct event event = {.t_ns = S(1.02),
		.kind = EVENT_RESPONSE,
		.connection = 0,
		.generation = 1,
		.cid = FAKE_CID,
		.step = step};

	event_take_line(&event, text);
	timeline_add(t, &event);
}

static struct verdict response(const char *found, const char *expected)
{
	struct profile profile = profile_default();
	struct scenario s = tcp_client("a");
	struct verdict v = verdict_new();

	option(&s, "a", "65535", "8", "1", "4");
	option(&s, "a", "6", "4001", "599", "4");
	struct timeline *t = timeline_new("setup", &s);
	answer(t, 0, "OK");
	answer(t, 1, found);
	struct expectation_parameters second = {.count = 1};
	snprintf(second.answer, sizeof second.answer, "%s", expected);
	judge_as(&v, t, 0, &profile, EXPECT_answer, second);
	timeline_free(t);
	return v;
}

Test(judge_setup, a_refusal_below_the_floor_passes_and_excludes_the_clamping_model)
{
	struct verdict v = response("[ERROR: INVALID INPUT]", "ERROR: INVALID INPUT");

	EXPECT_OUTCOME(v, OUTCOME_PASS);
	EXPECT_MODELS(v, MODELS_ALL & ~(unsigned)MODEL_E);
}

Test(judge_setup, another_answer_fails)
{
	EXPECT_OUTCOME(response("OK", "ERROR: INVALID INPUT"), OUTCOME_FAIL);
	EXPECT_OUTCOME(response("ERROR: INVALID CID", "ERROR: INVALID INPUT"), OUTCOME_FAIL);
}

Test(judge_setup, the_answer_is_compared_without_brackets_and_case)
{
	EXPECT_OUTCOME(response("[Ok]", "OK"), OUTCOME_PASS);
}

static struct verdict refusal(const char *found)
{
	struct profile profile = profile_default();
	struct scenario s = tcp_client("a");
	struct verdict v = verdict_new();

	option(&s, "a", "6", "4001", "599", "4");
	struct timeline *t = timeline_new("setup", &s);
	answer(t, 0, found);
	JUDGE(&v, t, 0, &profile, refused, .count = 0);
	timeline_free(t);
	return v;
}

Test(judge_setup, whichever_error_is_a_refusal)
{
	EXPECT_OUTCOME(refusal("[ERROR: INVALID INPUT]"), OUTCOME_PASS);
	EXPECT_OUTCOME(refusal("ERROR"), OUTCOME_PASS);
}

Test(judge_setup, ok_is_no_refusal)
{
	EXPECT_OUTCOME(refusal("[OK]"), OUTCOME_FAIL);
}

static struct timeline *rebooted_peer(bool noticed)
{
	struct timeline *t = fake_timeline((struct fake_device){.silent_at_s = 5, .watch_s = 700});
	int64_t rst = fake_find_role(t, ROLE_PROBE)->t_ns + NS_PER_MS;

	/* What follows the first probe is another story. */
	while (t->events[t->count - 1].t_ns > rst)
		t->count--;
	fake_segment(t, rst, FROM_PEER, ROLE_PROBE_RST, TCP_FLAG_RST);
	if (noticed)
		fake_notice(t, rst + NS_PER_MS, 0, FAKE_CID, "DISCONNECT 3");
	struct event watched = {.t_ns = S(701.1),
		.kind = EVENT_WATCHED,
		.connection = NO_CONNECTION,
		.cid = -1,
		.step = -1};
	timeline_add(t, &watched);
	struct event listing = {.t_ns = S(701.1),
		.kind = EVENT_LISTING,
		.generation = 1,
		.cid = FAKE_CID,
		.step = -1,
		.listed = !noticed};
	timeline_add(t, &listing);
	return t;
}

Test(judge_setup, a_reset_that_is_noticed_passes)
{
	struct profile profile = profile_default();
	struct timeline *t = rebooted_peer(true);
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, &profile, reset_noticed, .time_ns = S(1));
	JUDGE(&v, t, 0, &profile, notice_once, .time_ns = S(1));
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	timeline_free(t);
}

Test(judge_setup, a_reset_that_is_not_noticed_fails)
{
	struct profile profile = profile_default();
	struct timeline *t = rebooted_peer(false);
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, &profile, reset_noticed, .time_ns = S(1));
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

Test(judge_setup, a_probe_after_the_peers_reset_fails)
{
	struct profile profile = profile_default();
	struct timeline *t = rebooted_peer(true);
	struct verdict v = verdict_new();

	fake_segment(t, S(690), FROM_DEVICE, ROLE_PROBE, TCP_FLAG_ACK);
	JUDGE(&v, t, 0, &profile, reset_noticed, .time_ns = S(1));
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

Test(judge_setup, a_connection_that_got_the_freed_cid_was_opened)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){.silent_at_s = 5});
	struct event opened = *fake_find(t, EVENT_OPENED);
	struct verdict v = verdict_new();

	add_connection(&t->scenario, "b", ROLE_TCP_CLIENT);
	opened.connection = 1;
	opened.t_ns = S(1210);
	timeline_add(t, &opened);
	JUDGE(&v, t, 1, &profile, opened, .cid_of = 0);
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	/* The number is in use again: the listing is about the other one. */
	fake_find(t, EVENT_LISTING)->listed = true;
	JUDGE(&v, t, 0, &profile, cid_freed);
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	timeline_free(t);
}

Test(judge_setup, a_connection_that_was_refused_a_cid_was_not_opened)
{
	struct profile profile = profile_default();
	struct scenario s = tcp_client("a");
	struct verdict v = verdict_new();

	device_opens(&s, "a", .at_s = 10);
	struct timeline *t = timeline_new("open", &s);
	struct event step = {.t_ns = S(1), .kind = EVENT_STEP, .cid = -1, .step = 0};
	timeline_add(t, &step);
	answer(t, 0, "ERROR: NO CID");
	/* As the bench writes it down: behind the step, and without its number. */
	fake_find(t, EVENT_RESPONSE)->step = -1;
	JUDGE(&v, t, 0, &profile, opened, .cid_of = NO_CONNECTION);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

Test(judge_setup, a_count_of_1_that_kills_is_a_finding_and_changes_nothing)
{
	struct timeline *t =
		fake_timeline((struct fake_device){.count = 1, .timeout_s = 75, .silent_at_s = 5});
	struct verdict v = verdict_new();

	struct profile profile = profile_default();
	struct subject s = subject_of(&v, t, 0, &profile);
	judge_configuration_finding(&s, "MUST-29");
	expect_verdict(&v);
	cr_expect_eq(v.finding_count, 1);
	cr_expect_eq(v.check_count, 0);
	timeline_free(t);
}

Test(judge_setup, a_death_before_the_connection_was_opened_again_is_judged)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){.silent_at_s = 5});
	struct event opened = *fake_find(t, EVENT_OPENED);
	struct verdict v = verdict_new();

	opened.generation = 2;
	opened.t_ns = S(1205);
	timeline_add(t, &opened);
	JUDGE(&v, t, 0, &profile, death, .time_ns = S(600));
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	timeline_free(t);
}

Test(judge_setup, a_notice_where_none_is_expected_fails)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){.silent_at_s = 5});
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, &profile, no_notice);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

Test(judge_setup, a_lost_reset_is_inconclusive_on_the_real_clock_and_fails_on_the_stepped_one)
{
	struct profile profile = profile_default();
	struct timeline *t = rebooted_peer(true);
	struct verdict v = verdict_new();
	int64_t first = fake_find_role(t, ROLE_PROBE_RST)->t_ns;

	fake_segment(t, first + S(75), FROM_DEVICE, ROLE_PROBE, TCP_FLAG_ACK);
	fake_segment(t, first + S(75) + NS_PER_MS, FROM_PEER, ROLE_PROBE_RST, TCP_FLAG_RST);
	t->stepped = false;
	JUDGE(&v, t, 0, &profile, reset_noticed, .time_ns = S(1));
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	t->stepped = true;
	v = verdict_new();
	JUDGE(&v, t, 0, &profile, reset_noticed, .time_ns = S(1));
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

Test(judge_setup, another_cid_than_the_freed_one_accuses_nobody)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){.silent_at_s = 5});
	struct event opened = *fake_find(t, EVENT_OPENED);
	struct verdict v = verdict_new();

	add_connection(&t->scenario, "b", ROLE_TCP_CLIENT);
	opened.connection = 1;
	opened.cid = FAKE_CID + 1;
	opened.t_ns = S(1210);
	timeline_add(t, &opened);
	JUDGE(&v, t, 1, &profile, opened, .cid_of = 0);
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	timeline_free(t);
}

Test(judge_setup, no_notice_in_a_watch_whose_end_has_an_error_passes)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){.silent_at_s = 5,
		.no_notice = true,
		.no_reset = true,
		.never_dies = true,
		.real = true});
	struct verdict v = verdict_new();

	fake_find(t, EVENT_WATCHED)->error_ns = 50 * NS_PER_MS;
	JUDGE(&v, t, 0, &profile, no_notice);
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	timeline_free(t);
}

/* A setup that came to nothing: the command that opens drew this answer, 2 s after its SYN, or so long. */
static struct verdict refused_after(
	enum at_code code, enum fault_reason reason, bool syn_seen, double answered_s)
{
	const struct profile profile = profile_default();
	const struct scenario scenario = tcp_client("a");
	struct timeline *t = timeline_new("x/y", &scenario);
	struct verdict v = verdict_new();
	struct event event = {.t_ns = S(1 + answered_s),
		.kind = EVENT_RESPONSE,
		.generation = 1,
		.step = -1,
		.code = code};

	if (syn_seen)
		fake_segment(t, S(1), FROM_DEVICE, ROLE_SYN, TCP_FLAG_SYN);
	timeline_add(t, &event);
	event = (struct event){.kind = EVENT_FAULT,
		.fault = FAULT_NO_CONNECTION,
		.reason = reason,
		.generation = 1,
		.step = -1,
		.t_ns = S(1 + answered_s)};
	timeline_add(t, &event);
	JUDGE(&v, t, 0, &profile, connects);
	timeline_free(t);
	return v;
}

static struct verdict unopened(enum at_code code, enum fault_reason reason, bool syn_seen)
{
	return refused_after(code, reason, syn_seen, 2);
}

/* The peer's SYN came so long after the device's, and drew a RST. */
static enum outcome reset_after(double accepted_s)
{
	const struct profile profile = profile_default();
	const struct scenario scenario = tcp_client("a");
	struct timeline *t = timeline_new("x/y", &scenario);
	struct verdict v = verdict_new();
	struct event event = {.t_ns = S(10),
		.kind = EVENT_RESPONSE,
		.generation = 1,
		.step = -1,
		.code = AT_CODE_SOCKET_FAILURE};

	fake_segment(t, S(1), FROM_DEVICE, ROLE_SYN, TCP_FLAG_SYN);
	fake_segment(t, S(1 + accepted_s), FROM_PEER, ROLE_SYN, TCP_FLAG_SYN | TCP_FLAG_ACK);
	fake_segment(t, S(1 + accepted_s), FROM_DEVICE, ROLE_RST, TCP_FLAG_RST | TCP_FLAG_ACK);
	timeline_add(t, &event);
	event.kind = EVENT_FAULT;
	event.fault = FAULT_NO_CONNECTION;
	event.reason = REASON_NOT_OPENED;
	timeline_add(t, &event);
	JUDGE(&v, t, 0, &profile, connects);
	timeline_free(t);
	return v.outcome;
}

Test(judge_setup, a_refusal_of_what_the_peer_had_accepted_at_once_fails)
{
	cr_expect_eq(reset_after(0.01), OUTCOME_FAIL);
	cr_expect_eq(reset_after(5), OUTCOME_INCONCLUSIVE);
}

Test(judge_setup, a_refusal_that_does_not_wait_for_the_peer_fails)
{
	EXPECT_OUTCOME(
		refused_after(AT_CODE_SOCKET_FAILURE, REASON_NOT_OPENED, true, 0.01), OUTCOME_FAIL);
}

Test(judge_setup, a_refusal_without_a_syn_and_without_a_reason_fails)
{
	EXPECT_OUTCOME(unopened(AT_CODE_SOCKET_FAILURE, REASON_NOT_OPENED, false), OUTCOME_FAIL);
	EXPECT_OUTCOME(unopened(AT_CODE_OK, REASON_NOT_ACCEPTED, false), OUTCOME_FAIL);
	EXPECT_OUTCOME(unopened(AT_CODE_NO_CID, REASON_NONE_IN_USE, false), OUTCOME_FAIL);
}

Test(judge_setup, a_refusal_for_which_there_may_be_a_reason_accuses_nobody)
{
	EXPECT_OUTCOME(
		unopened(AT_CODE_SOCKET_FAILURE, REASON_NOT_OPENED, true), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(unopened(AT_CODE_NO_CID, REASON_NOT_OPENED, false), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(
		unopened(AT_CODE_INVALID_INPUT, REASON_NOT_OPENED, false), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(
		unopened(AT_CODE_SOCKET_FAILURE, REASON_NO_ANSWER, false), OUTCOME_INCONCLUSIVE);
}
