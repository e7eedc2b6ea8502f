/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "judge/air.h"
#include "judge/expect.h"

/* What a monitor of the air makes of a frame that the wire does not show. */

static void add_air(struct timeline *t, struct event event)
{
	event.kind = EVENT_AIR;
	event.cid = event.step = -1;
	cr_assert_eq(timeline_add(t, &event), 0);
}

static void watch_air(struct timeline *t, double from_s, double to_s, int heard, int missed)
{
	add_air(t, (struct event){.t_ns = S(to_s),
			   .from_ns = S(from_s) + 1,
			   .connection = NO_CONNECTION,
			   .ok = true,
			   .air = {.kind = AIR_WATCHED, .heard = heard, .missed = missed}});
}

static void hear_lost_frame(struct timeline *t, int64_t t_ns, int size)
{
	add_air(t, (struct event){.t_ns = t_ns,
			   .connection = NO_CONNECTION,
			   .size = size,
			   .ok = true,
			   .air = {.kind = AIR_SENT, .tries = 1}});
}

/* Of a count of 3 the second probe is not in the capture, or was never sent: the wire is the same. */
static struct timeline *lacks_probe_2(void)
{
	return fake_timeline((struct fake_device){
		.silent_at_s = 5, .count = 3, .timeout_s = 300, .real = true, .lost_probe = 2});
}

/* When it was due. */
static int64_t due_2(struct timeline *t)
{
	return fake_find_role(t, ROLE_PROBE)->t_ns + S(75);
}

static struct verdict judged(struct timeline *t)
{
	const struct profile profile = profile_default();
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, &profile, gaps_of_75_s);
	JUDGE(&v, t, 0, &profile, probes, .count = 3);
	timeline_free(t);
	return v;
}

static bool says(const struct verdict *verdict, const char *words)
{
	for (size_t i = 0; i < verdict->check_count; i++)
		if (strstr(verdict->checks[i].text, words) != NULL)
			return true;
	return false;
}

Test(judge_air, without_a_monitor_a_missing_probe_may_have_been_lost)
{
	struct verdict v = judged(lacks_probe_2());

	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	cr_expect_not(says(&v, "monitor"));
}

Test(judge_air, a_probe_that_the_air_shows_was_sent_and_lost)
{
	struct timeline *t = lacks_probe_2();

	watch_air(t, 0, 900, 100, 0);
	hear_lost_frame(t, due_2(t) + S(0.3), 40);
	struct verdict v = judged(t);
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	cr_expect(says(&v, "sent, and lost behind it"));
}

Test(judge_air, a_probe_that_the_air_does_not_show_was_never_sent)
{
	struct timeline *t = lacks_probe_2();

	watch_air(t, 0, 900, 100, 0);
	struct verdict v = judged(t);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	cr_expect(says(&v, "never sent"));
	for (size_t i = 0; i < v.check_count; i++)
		cr_expect_eq(v.checks[i].outcome,
			strstr(v.checks[i].text, "gap 2") != NULL ? OUTCOME_PASS : OUTCOME_FAIL,
			"%s", v.checks[i].text);
}

Test(judge_air, a_frame_of_another_time_or_length_is_not_the_probe)
{
	static const struct {
		double late_s;
		int size;
		enum outcome outcome;
	} rows[] = {{0, 40, OUTCOME_INCONCLUSIVE}, {-1.9, 52, OUTCOME_INCONCLUSIVE},
		{0, 41, OUTCOME_INCONCLUSIVE}, {0, 0, OUTCOME_FAIL}, {9, 40, OUTCOME_FAIL},
		{-9, 40, OUTCOME_FAIL}, {0, 28, OUTCOME_FAIL}, {0, 540, OUTCOME_FAIL}};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct timeline *t = lacks_probe_2();
		watch_air(t, 0, 900, 100, 0);
		hear_lost_frame(t, due_2(t) + S(rows[i].late_s), rows[i].size);
		struct verdict v = judged(t);
		cr_expect_eq(v.outcome, rows[i].outcome, "row %zu: %s", i, v.text);
	}
}

Test(judge_air, a_monitor_that_did_not_hear_then_or_misses_frames_says_nothing)
{
	struct timeline *t = lacks_probe_2();
	const double due_s = (double)due_2(t) / 1e9;

	watch_air(t, 0, due_s - 1, 100, 0);
	watch_air(t, due_s + 1, 900, 100, 0);
	struct verdict unheard = judged(t);
	EXPECT_OUTCOME(unheard, OUTCOME_INCONCLUSIVE);
	cr_expect(says(&unheard, "the monitor did not hear the link all of that time"));
	t = lacks_probe_2();
	watch_air(t, 0, 900, 100, 2);
	struct verdict v = judged(t);
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	cr_expect(
		says(&v, "the monitor heard 100 of the module's frames in this run and missed 2"));
	t = lacks_probe_2();
	watch_air(t, 0, 900, 19, 0);
	v = judged(t);
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	cr_expect(says(&v, "too few to tell"));
}

Test(judge_air, a_drop_of_the_sniffer_still_excuses)
{
	struct timeline *t = lacks_probe_2();

	watch_air(t, 0, 900, 100, 0);
	fake_fault(t, FAULT_CAPTURE_DROP, due_2(t) - S(1), due_2(t) + S(1));
	EXPECT_OUTCOME(judged(t), OUTCOME_INCONCLUSIVE);
}

Test(judge_air, an_only_probe_that_was_never_sent_fails)
{
	const struct profile profile = profile_default();
	const struct fake_device device = {
		.silent_at_s = 5, .count = 1, .timeout_s = 75, .real = true, .lost_probe = 1};

	for (int watched = 0; watched < 2; watched++) {
		struct timeline *t = fake_timeline(device);
		struct verdict v = verdict_new();
		if (watched)
			watch_air(t, 0, 900, 100, 0);
		JUDGE(&v, t, 0, &profile, first_probe_on_schedule);
		JUDGE(&v, t, 0, &profile, probes, .count = 1);
		cr_expect_eq(
			v.outcome, watched ? OUTCOME_FAIL : OUTCOME_INCONCLUSIVE, "%s", v.text);
		timeline_free(t);
	}
}

Test(judge_air, a_healthy_device_that_is_watched_passes)
{
	const struct profile profile = profile_default();
	struct timeline *t = fake_timeline(
		(struct fake_device){.silent_at_s = 5, .count = 3, .timeout_s = 300, .real = true});
	struct verdict v = verdict_new();

	watch_air(t, 0, 900, 100, 0);
	JUDGE(&v, t, 0, &profile, gaps_of_75_s);
	JUDGE(&v, t, 0, &profile, probes, .count = 3);
	JUDGE(&v, t, 0, &profile, first_probe_on_schedule);
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	timeline_free(t);
}

Test(judge_air, what_is_known_to_be_lost_counts_as_lost_and_not_as_absent)
{
	const struct profile profile = profile_default();
	struct timeline *t = lacks_probe_2();
	struct verdict v = verdict_new();

	watch_air(t, 0, 900, 100, 0);
	hear_lost_frame(t, due_2(t), 40);
	judge_losses(&v, t, &profile);
	cr_expect_eq(v.losses.lost, 1);
	for (size_t i = 0; i < v.losses.count; i++)
		cr_expect_eq(v.losses.counts[i].absent, 0);
	timeline_free(t);
}

/* The probe was answered, and 75 s later the device gave the connection up. */
static struct timeline *died_after_an_answer(void)
{
	struct timeline *t = fake_timeline(
		(struct fake_device){.count = 1, .timeout_s = 75, .watch_s = 300, .real = true});
	const int64_t probe = fake_find_role(t, ROLE_PROBE)->t_ns;
	const struct event watched = {
		.t_ns = S(300), .kind = EVENT_WATCHED, .connection = NO_CONNECTION};

	while (t->count > 0 && t->events[t->count - 1].t_ns > probe + S(1))
		t->count--;
	fake_segment(t, probe + S(75), FROM_DEVICE, ROLE_RST, TCP_FLAG_RST);
	timeline_add(t, &watched);
	return t;
}

Test(judge_air, an_answer_that_was_not_delivered_is_named)
{
	static const char *const words[] = {"was not delivered", "may not have been delivered"};
	const struct profile profile = profile_default();

	for (int perhaps = 0; perhaps < 2; perhaps++) {
		struct timeline *t = died_after_an_answer();
		struct verdict v = verdict_new();
		const struct event *answer = fake_find_role(t, ROLE_PROBE_ANSWER);
		cr_assert_not_null(answer);
		add_air(t,
			(struct event){.t_ns = answer->t_ns,
				.connection = answer->connection,
				.generation = answer->generation,
				.size = 40,
				.ok = perhaps != 0,
				.air = {.kind = AIR_UNDELIVERED, .frame = answer->segment.frame}});
		JUDGE(&v, t, 0, &profile, alive, .count = 1);
		EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
		cr_expect(says(&v, words[perhaps]), "%s", v.text);
		timeline_free(t);
	}
}

Test(judge_air, that_an_answer_was_delivered_accuses_nobody)
{
	const struct profile profile = profile_default();
	struct timeline *t = died_after_an_answer();
	struct verdict v = verdict_new();

	watch_air(t, 0, 300, 100, 0);
	JUDGE(&v, t, 0, &profile, alive, .count = 1);
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	timeline_free(t);
}
