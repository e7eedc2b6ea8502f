/* SPDX-License-Identifier: MIT */
#include "judge/expect.h"

/* When a notice came, and as what. */

static struct fake_device dying(double notice_after_s)
{
	return (struct fake_device){.count = 1,
		.timeout_s = 80,
		.silent_at_s = 2,
		.then_s = 60,
		.notice_after_s = notice_after_s};
}

static struct verdict delay(double notice_after_s)
{
	struct profile profile = profile_default();
	struct verdict verdict = verdict_new();
	struct timeline *timeline = fake_timeline(dying(notice_after_s));

	JUDGE(&verdict, timeline, 0, &profile, notice_soon, .time_ns = 5 * NS_PER_S);
	timeline_free(timeline);
	return verdict;
}

static struct verdict order(double notice_after_s)
{
	struct profile profile = profile_default();
	struct verdict verdict = verdict_new();
	struct timeline *timeline = fake_timeline(dying(notice_after_s));

	JUDGE(&verdict, timeline, 0, &profile, notice_after_the_end);
	timeline_free(timeline);
	return verdict;
}

Test(judge_notice, a_late_notice_breaks_the_delay_and_not_the_order)
{
	EXPECT_OUTCOME(delay(9), OUTCOME_FAIL);
	EXPECT_OUTCOME(order(9), OUTCOME_PASS);
}

Test(judge_notice, a_notice_at_once_breaks_neither)
{
	EXPECT_OUTCOME(delay(0.1), OUTCOME_PASS);
	EXPECT_OUTCOME(order(1), OUTCOME_PASS);
}

Test(judge_notice, a_notice_before_the_end_breaks_the_order)
{
	struct profile profile = profile_default();
	struct verdict verdict = verdict_new();
	struct timeline *timeline = fake_timeline(dying(0.1));

	fake_find(timeline, EVENT_NOTICE)->t_ns -= S(5);
	JUDGE(&verdict, timeline, 0, &profile, notice_after_the_end);
	timeline_free(timeline);
	EXPECT_OUTCOME(verdict, OUTCOME_FAIL);
}

static void command_before(struct timeline *t, const struct event *notice, const char *text)
{
	struct event event = {.t_ns = notice->t_ns - 1,
		.kind = EVENT_COMMAND,
		.connection = NO_CONNECTION,
		.step = -1};

	event.command = at_command_of(text);
	snprintf(event.text, sizeof event.text, "%s", text);
	cr_assert_eq(timeline_add(t, &event), 0);
}

static struct verdict numeric_after(bool as_number, const char *command)
{
	struct profile profile = profile_default();
	struct verdict verdict = verdict_new();
	struct timeline *timeline = fake_timeline(dying(0.1));

	fake_find(timeline, EVENT_NOTICE)->form = as_number ? AT_FORM_NUMERIC : AT_FORM_BRACKETED;
	if (command != NULL)
		command_before(timeline, fake_find(timeline, EVENT_NOTICE), command);
	JUDGE(&verdict, timeline, 0, &profile, notice_as_number);
	timeline_free(timeline);
	return verdict;
}

static struct verdict numeric(bool as_number)
{
	return numeric_after(as_number, NULL);
}

/* Neither RST nor notice: on the real clock, too, the listing and the deadline are enough. */
static enum outcome unsaid(double watch_s)
{
	struct fake_device device = dying(0);
	struct profile profile = profile_default();
	struct verdict verdict = verdict_new();

	device.real = device.no_reset = device.no_notice = true;
	device.watch_s = watch_s;
	struct timeline *timeline = fake_timeline(device);
	JUDGE(&verdict, timeline, 0, &profile, notice_once, .time_ns = 5 * NS_PER_S);
	timeline_free(timeline);
	return verdict.outcome;
}

Test(judge_notice, a_cid_that_is_gone_without_a_word_fails)
{
	cr_expect_eq(unsaid(400), OUTCOME_FAIL);
	cr_expect_eq(unsaid(100), OUTCOME_INCONCLUSIVE, "no death was due so far");
}

Test(judge_notice, a_notice_in_words_is_no_number)
{
	EXPECT_OUTCOME(numeric(true), OUTCOME_PASS);
	EXPECT_OUTCOME(numeric(false), OUTCOME_FAIL);
	EXPECT_OUTCOME(numeric_after(false, "ATV0"), OUTCOME_FAIL);
	EXPECT_OUTCOME(numeric_after(false, "ATV1"), OUTCOME_INCONCLUSIVE);
}

/* A device that gives up without a word on the wire, and reports it so long after. */
static struct fake_device quiet(double notice_after_s)
{
	struct fake_device device = dying(notice_after_s);

	device.no_reset = true;
	return device;
}

Test(judge_notice, where_the_notice_is_the_only_sign_it_may_follow_the_death)
{
	const double after_s[] = {0.1, 0.7, 4.9};

	for (size_t i = 0; i < sizeof after_s / sizeof *after_s; i++) {
		EXPECT_OUTCOME(verdict_of_death(quiet(after_s[i])), OUTCOME_PASS);
		EXPECT_OUTCOME(verdict_of_count(quiet(after_s[i])), OUTCOME_PASS);
		EXPECT_OUTCOME(verdict_of_first_probe(quiet(after_s[i])), OUTCOME_PASS);
		EXPECT_OUTCOME(verdict_of_gaps(quiet(after_s[i])), OUTCOME_PASS);
	}
	EXPECT_OUTCOME(verdict_of_death(quiet(6)), OUTCOME_FAIL);
}

Test(judge_notice, a_death_that_may_still_be_reported_is_none_that_did_not_come)
{
	/* The probe leaves at 82 s or at 152 s, by the model; the death follows 75 s later. */
	struct fake_device device = quiet(0.1);

	device.never_dies = device.no_notice = device.no_listing = true;
	device.watch_s = 159;
	EXPECT_OUTCOME(verdict_of_death(device), OUTCOME_INCONCLUSIVE);
	device.watch_s = 300;
	EXPECT_OUTCOME(verdict_of_death(device), OUTCOME_FAIL);
}

Test(judge_notice, a_reset_on_the_wire_is_as_late_as_it_is)
{
	struct fake_device device = dying(0.1);

	device.interval_s = 76;
	EXPECT_OUTCOME(verdict_of_death(device), OUTCOME_FAIL);
}

/* So late, on the real clock, and read so long after the look before. */
static struct verdict read_after(double notice_after_s, double away_s)
{
	struct fake_device device = dying(notice_after_s);
	struct verdict verdict = verdict_new();
	struct profile profile = profile_default();

	device.real = true;
	struct timeline *timeline = fake_timeline(device);
	fake_find(timeline, EVENT_NOTICE)->error_ns = S(away_s);
	JUDGE(&verdict, timeline, 0, &profile, notice_soon, .time_ns = 5 * NS_PER_S);
	timeline_free(timeline);
	return verdict;
}

Test(judge_notice, was_there_when_it_was_read_and_not_later)
{
	EXPECT_OUTCOME(read_after(4.9, 2), OUTCOME_PASS);
	EXPECT_OUTCOME(read_after(5.8, 2), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(read_after(8, 2), OUTCOME_FAIL);
}

/* ---- of a listener ---- */

static struct verdict told_of_listener(bool accepts_later)
{
	struct profile profile = profile_default();
	struct verdict verdict = verdict_new();
	struct timeline *timeline =
		fake_timeline((struct fake_device){.count = 2, .timeout_s = 150, .watch_s = 400});
	const struct event notice = {.t_ns = S(30),
		.kind = EVENT_NOTICE,
		.generation = 1,
		.cid = FAKE_CID + 1,
		.code = AT_CODE_DISCONNECT,
		.of_listener = true,
		.text = "DISCONNECT 4"};
	const struct event opened = {
		.t_ns = S(40), .kind = EVENT_OPENED, .generation = 2, .cid = FAKE_CID};

	timeline->scenario.connections[0].role = ROLE_TCP_SERVER;
	(void)timeline_add(timeline, &notice);
	if (accepts_later)
		(void)timeline_add(timeline, &opened);
	JUDGE(&verdict, timeline, 0, &profile, no_notice_while_alive);
	timeline_free(timeline);
	return verdict;
}

Test(judge_notice, a_listener_told_dead_that_accepts_later_is_alive)
{
	EXPECT_OUTCOME(told_of_listener(true), OUTCOME_FAIL);
	EXPECT_OUTCOME(told_of_listener(false), OUTCOME_PASS);
}
