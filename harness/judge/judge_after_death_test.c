/* SPDX-License-Identifier: MIT */
#include "judge/expect.h"

/* What has to hold behind a death, and behind a refusal: that the module goes on. */

/* A module that died at the end of its probes, with one more event of the device lane. */
static struct timeline *dead(void)
{
	return fake_timeline((struct fake_device){.silent_at_s = 5, .count = 1, .timeout_s = 75});
}

static int64_t death_ns(struct timeline *t)
{
	return fake_find_role(t, ROLE_RST)->t_ns;
}

#define JUDGED(t, call)                                                                            \
	struct profile profile = profile_default();                                                \
	struct verdict v = verdict_new();                                                          \
	call;                                                                                      \
	timeline_free(t);                                                                          \
	return v

/* ---- a late segment of the peer ---- */

static struct verdict late(struct timeline *t)
{
	JUDGED(t, JUDGE(&v, t, 0, &profile, late_segment_reset, .time_ns = S(2)));
}

Test(judge_after_death, a_late_segment_that_draws_rst_passes)
{
	struct timeline *t = dead();
	int64_t death = death_ns(t);

	fake_segment(t, death + S(5), FROM_PEER, ROLE_DATA, TCP_FLAG_ACK);
	fake_segment(t, death + S(5.001), FROM_DEVICE, ROLE_RST, TCP_FLAG_RST);
	EXPECT_OUTCOME(late(t), OUTCOME_PASS);
}

Test(judge_after_death, a_late_segment_that_draws_nothing_fails)
{
	struct timeline *t = dead();

	fake_segment(t, death_ns(t) + S(5), FROM_PEER, ROLE_DATA, TCP_FLAG_ACK);
	EXPECT_OUTCOME(late(t), OUTCOME_FAIL);
}

/* A notice a second ahead of the RST, which the access point hands on once more. */
Test(judge_after_death, a_copy_of_the_rst_behind_an_early_notice_is_none_of_the_devices_doing)
{
	struct profile profile = profile_default();
	struct verdict v = verdict_new();
	struct timeline *t = fake_timeline((struct fake_device){
		.count = 1, .timeout_s = 75, .silent_at_s = 2, .no_notice = true, .real = true});
	const struct event reset = *fake_find_role(t, ROLE_RST);
	struct event copy = reset;

	copy.t_ns += S(0.0005);
	timeline_add(t, &copy);
	fake_notice(t, reset.t_ns - S(1), 0, FAKE_CID, "DISCONNECT 3");
	JUDGE(&v, t, 0, &profile, no_segment_after_death, .time_ns = S(20));
	timeline_free(t);
	EXPECT_OUTCOME(v, OUTCOME_PASS);
}

/* What it rightly answers comes twice as well; on a bench that doubles nothing that is its
 * doing. */
Test(judge_after_death, a_copy_of_an_answer_behind_the_death_is_none_of_the_devices_doing)
{
	for (int lossy = 0; lossy < 2; lossy++) {
		struct timeline *t = dead();
		struct profile profile = profile_default();
		struct verdict v = verdict_new();
		int64_t late_ns = death_ns(t) + S(2);

		profile.lossy_air = lossy;
		fake_segment(t, late_ns, FROM_PEER, ROLE_FIN, TCP_FLAG_FIN | TCP_FLAG_ACK);
		fake_segment(t, late_ns + 1, FROM_DEVICE, ROLE_PLAIN, TCP_FLAG_ACK);
		fake_segment(t, late_ns + 2, FROM_DEVICE, ROLE_NOT_A_PROBE, TCP_FLAG_ACK);
		JUDGE(&v, t, 0, &profile, no_segment_after_death, .time_ns = S(20));
		timeline_free(t);
		EXPECT_OUTCOME(v, lossy ? OUTCOME_PASS : OUTCOME_FAIL);
	}
}

/* The listing says that the connection died between its last probe and then: 91 s, or 1. */
Test(judge_after_death, a_death_known_by_a_listing_alone_was_not_watched_for_long)
{
	struct profile profile = profile_default();
	struct verdict v = verdict_new();
	struct timeline *t = fake_timeline((struct fake_device){.count = 1,
		.timeout_s = 75,
		.silent_at_s = 2,
		.no_reset = true,
		.no_notice = true,
		.watch_s = 170});

	JUDGE(&v, t, 0, &profile, no_segment_after_death, .time_ns = S(60));
	timeline_free(t);
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
}

Test(judge_after_death, a_late_segment_at_the_end_of_the_watch_says_nothing)
{
	struct timeline *t = dead();

	fake_segment(t, death_ns(t) + S(29), FROM_PEER, ROLE_DATA, TCP_FLAG_ACK);
	EXPECT_OUTCOME(late(t), OUTCOME_INCONCLUSIVE);
}

Test(judge_after_death, without_a_late_segment_nothing_is_said)
{
	EXPECT_OUTCOME(late(dead()), OUTCOME_INCONCLUSIVE);
}

/* ---- the module goes on ---- */

static void lane(struct timeline *t, int64_t t_ns, enum event_kind kind, enum evidence_fault fault,
	const char *text)
{
	struct event event = {.t_ns = t_ns,
		.kind = kind,
		.connection = NO_CONNECTION,
		.cid = -1,
		.step = -1,
		.fault = fault};

	event_take_line(&event, text);
	timeline_add(t, &event);
}

static struct verdict goes_on(struct timeline *t)
{
	JUDGED(t, JUDGE(&v, t, 0, &profile, module_goes_on));
}

Test(judge_after_death, a_module_that_answers_after_a_death_goes_on)
{
	struct timeline *t = dead();

	lane(t, death_ns(t) + S(10), EVENT_RESPONSE, FAULT_NONE, "OK");
	EXPECT_OUTCOME(goes_on(t), OUTCOME_PASS);
}

Test(judge_after_death, a_module_that_reboots_or_falls_silent_soon_after_a_death_fails)
{
	struct timeline *t = dead(), *u = dead();

	lane(t, death_ns(t) + S(10), EVENT_FAULT, FAULT_REBOOT, "banner");
	EXPECT_OUTCOME(goes_on(t), OUTCOME_FAIL);
	lane(u, death_ns(u) + S(10), EVENT_FAULT, FAULT_SILENT_DEVICE, "does not answer");
	EXPECT_OUTCOME(goes_on(u), OUTCOME_FAIL);
}

Test(judge_after_death, a_reboot_before_any_death_is_not_its_doing)
{
	struct timeline *t = dead();

	lane(t, S(40), EVENT_FAULT, FAULT_REBOOT, "banner");
	cr_expect_neq(goes_on(t).outcome, OUTCOME_FAIL);
}

Test(judge_after_death, where_no_command_was_given_after_the_death_nothing_is_said)
{
	EXPECT_OUTCOME(goes_on(dead()), OUTCOME_INCONCLUSIVE);
}

/* ---- the peer dials ---- */

/* A listener that the peer dials at 20 s; accepted so long after it, 0: never. */
static struct timeline *dial(double accepted_s, double watched_s)
{
	struct scenario s = scenario_new();
	struct event event = {.connection = 0, .generation = 1, .cid = 4, .step = 0};

	add_connection(&s, "server", ROLE_TCP_SERVER);
	peer_dials(&s, "server", .at_s = 20);
	watch(&s, .until = TIME, .s = 60);
	struct timeline *t = timeline_new("dialled", &s);
	lane(t, 0, EVENT_START, FAULT_NONE, "");
	event.t_ns = S(20);
	event.kind = EVENT_STEP;
	timeline_add(t, &event);
	event.t_ns = S(20 + accepted_s);
	event.kind = EVENT_OPENED;
	if (accepted_s > 0)
		timeline_add(t, &event);
	lane(t, S(watched_s), EVENT_WATCHED, FAULT_NONE, "");
	return t;
}

static struct verdict dialled(double accepted_s, double watched_s)
{
	struct timeline *t = dial(accepted_s, watched_s);

	JUDGED(t, JUDGE(&v, t, 0, &profile, dialled, .time_ns = S(10)));
}

Test(judge_after_death, a_peer_that_is_accepted_passes)
{
	EXPECT_OUTCOME(dialled(0.1, 60), OUTCOME_PASS);
}

Test(judge_after_death, a_peer_that_is_not_accepted_fails)
{
	EXPECT_OUTCOME(dialled(0, 60), OUTCOME_FAIL);
}

static struct verdict dialled_in_vain(enum fault_reason reason)
{
	struct timeline *t = dial(0, 60);
	struct event event = {.t_ns = S(25),
		.kind = EVENT_FAULT,
		.fault = fault_of_reason(reason),
		.reason = reason,
		.connection = 0,
		.step = -1};

	timeline_add(t, &event);
	JUDGED(t, JUDGE(&v, t, 0, &profile, dialled, .time_ns = S(10)));
}

Test(judge_after_death, a_module_that_tells_of_no_connection_fails_and_one_that_is_silent_does_not)
{
	EXPECT_OUTCOME(dialled_in_vain(REASON_NOT_ACCEPTED), OUTCOME_FAIL);
	EXPECT_OUTCOME(dialled_in_vain(REASON_NO_ANSWER), OUTCOME_INCONCLUSIVE);
}

static struct verdict dialled_in_lossy_air(void)
{
	struct timeline *t = dial(0, 60);
	struct profile profile = profile_default();
	struct verdict v = verdict_new();

	profile.lossy_air = true;
	JUDGE(&v, t, 0, &profile, dialled, .time_ns = S(10));
	timeline_free(t);
	return v;
}

Test(judge_after_death, where_frames_are_lost_a_peer_that_is_not_accepted_accuses_nobody)
{
	EXPECT_OUTCOME(dialled_in_lossy_air(), OUTCOME_INCONCLUSIVE);
}

Test(judge_after_death, a_peer_that_dialled_at_the_end_of_the_watch_says_nothing)
{
	EXPECT_OUTCOME(dialled(0, 25), OUTCOME_INCONCLUSIVE);
}

/* ---- the number of the RST ---- */

static struct verdict reset_number(struct timeline *t, uint32_t off)
{
	fake_find_role(t, ROLE_RST)->segment.seq += off;
	JUDGED(t, JUDGE(&v, t, 0, &profile, reset_at_snd_nxt));
}

Test(judge_after_death, a_reset_at_snd_nxt_passes_and_another_one_fails)
{
	EXPECT_OUTCOME(reset_number(dead(), 0), OUTCOME_PASS);
	EXPECT_OUTCOME(reset_number(dead(), 100), OUTCOME_FAIL);
	EXPECT_OUTCOME(reset_number(dead(), UINT32_MAX), OUTCOME_FAIL);
}

Test(judge_after_death, no_reset_is_required)
{
	struct timeline *t = fake_timeline((struct fake_device){
		.silent_at_s = 5, .count = 1, .timeout_s = 75, .no_reset = true});
	struct profile profile = profile_default();
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, &profile, reset_at_snd_nxt);
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	timeline_free(t);
}

/* ---- after a refusal ---- */

/* The second command was refused at 2 s, another answered at next_s; the module fell silent at
 * fell_s, since since_s. */
static struct verdict refused(const char *answer, double next_s, double fell_s, double since_s)
{
	struct scenario s = tcp_client("a");
	struct event event = {.t_ns = S(2),
		.kind = EVENT_RESPONSE,
		.connection = 0,
		.generation = 1,
		.cid = FAKE_CID,
		.step = 0};

	option(&s, "a", "6", "4001", "599", "4");
	struct timeline *t = timeline_new("refused", &s);
	event_take_line(&event, answer);
	timeline_add(t, &event);
	if (next_s > 0) {
		event.t_ns = S(next_s);
		event.step = -1;
		timeline_add(t, &event);
	}
	if (fell_s > 0) {
		event = (struct event){.t_ns = S(fell_s),
			.kind = EVENT_FAULT,
			.fault = FAULT_SILENT_DEVICE,
			.from_ns = S(since_s),
			.connection = NO_CONNECTION,
			.step = -1};
		timeline_add(t, &event);
	}
	JUDGED(t, JUDGE(&v, t, 0, &profile, answers_on, .count = 0));
}

Test(judge_after_death, a_module_that_goes_on_after_a_refusal_passes)
{
	EXPECT_OUTCOME(refused("ERROR: INVALID INPUT", 3, 0, 0), OUTCOME_PASS);
}

Test(judge_after_death, a_refusal_after_which_nothing_was_asked_tells_nothing)
{
	EXPECT_OUTCOME(refused("ERROR: INVALID INPUT", 0, 0, 0), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(refused("ERROR: INVALID INPUT", 0, 60, 2), OUTCOME_INCONCLUSIVE);
}

Test(judge_after_death, a_refusal_that_was_the_last_word_fails)
{
	EXPECT_OUTCOME(refused("ERROR: INVALID INPUT", 0, 6, 2), OUTCOME_FAIL);
}

Test(judge_after_death, a_silence_after_later_words_or_much_later_is_not_the_refusals_doing)
{
	EXPECT_OUTCOME(refused("ERROR: INVALID INPUT", 0, 6, 3), OUTCOME_PASS);
	EXPECT_OUTCOME(refused("ERROR: INVALID INPUT", 3, 60, 3), OUTCOME_PASS);
}

Test(judge_after_death, what_was_not_refused_takes_nothing_down)
{
	cr_expect_eq(refused("OK", 0, 6, 2).check_count, 0);
}

/* ---- what a breakdown of the module's breaks ---- */

static void expect_broken(enum fault_reason reason, const char *requirement)
{
	struct timeline *t = fake_timeline((struct fake_device){.silent_at_s = 5});
	struct verdict v = verdict_new();
	const struct event fault = {.kind = EVENT_FAULT,
		.fault = FAULT_PROVOKED,
		.reason = reason,
		.connection = NO_CONNECTION,
		.step = -1,
		.t_ns = S(6),
		.text = "what it was"};

	timeline_add(t, &fault);
	judge_provoked(&v, t, "KA-DEAD-01");
	expect_verdict(&v);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	cr_expect_str_eq(v.requirement, requirement);
	cr_expect_str_eq(v.text, "what it was");
	timeline_free(t);
}

Test(judge_after_death, a_breakdown_breaks_what_its_reason_is_about)
{
	expect_broken(REASON_SAME_STIMULUS, "KA-DEAD-01");
	expect_broken(REASON_UNANSWERED, "KA-CFG-21");
	expect_broken(REASON_DENIES_ASSOCIATION, "KA-OPEN-02");
	expect_broken(REASON_PROGRAM_CRASHED, "KA-CFG-21");
}
