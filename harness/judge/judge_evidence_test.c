/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "judge/expect.h"
#include "judge/models.h"

/* What the evidence does not carry is inconclusive, never an accusation. */

#define SILENT .silent_at_s = 5

static struct verdict death_with_fault(enum evidence_fault fault, double from_s, double to_s)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){SILENT, .more_probes = -1});
	struct verdict v = verdict_new();

	fake_fault(t, fault, S(from_s), S(to_s));
	JUDGE(&v, t, 0, &profile, death, .time_ns = S(600));
	timeline_free(t);
	return v;
}

static struct verdict count_with_fault(enum evidence_fault fault, double from_s, double to_s)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){SILENT});
	struct verdict v = verdict_new();

	fake_fault(t, fault, S(from_s), S(to_s));
	JUDGE(&v, t, 0, &profile, probes, .count = 8);
	timeline_free(t);
	return v;
}

Test(judge_evidence, a_module_found_silent_voids_what_came_after_its_last_sign_of_life)
{
	/* Silent from 5 s, death due at 1205 s; the lock-up is noticed long after that. */
	struct profile profile = profile_default();
	const struct fake_device never = {
		SILENT, .never_dies = true, .no_notice = true, .no_reset = true, .watch_s = 1900};

	for (int locked = 0; locked < 2; locked++) {
		struct timeline *t = fake_timeline(never);
		struct verdict v = verdict_new();
		fake_fault(t, FAULT_SILENT_DEVICE, locked ? S(300) : 0, S(1900));
		JUDGE(&v, t, 0, &profile, notice_once, .time_ns = S(5));
		timeline_free(t);
		EXPECT_OUTCOME(v, locked ? OUTCOME_INCONCLUSIVE : OUTCOME_FAIL);
	}
}

Test(judge_evidence, without_an_error_the_edge_of_the_window_still_passes)
{
	struct window w = {S(10), S(20)};

	cr_expect_eq(leg_outcome(S(10), 0, w), OUTCOME_PASS);
	cr_expect_eq(leg_outcome(S(20), 0, w), OUTCOME_PASS);
	cr_expect_eq(leg_outcome(S(20) + 1, 0, w), OUTCOME_FAIL);
	cr_expect_eq(leg_outcome(S(10) - 1, 0, w), OUTCOME_FAIL);
}

Test(judge_evidence, within_the_error_of_an_edge_it_is_marginal_inside_and_inconclusive_outside)
{
	struct window w = {S(10), S(20)};

	cr_expect_eq(leg_outcome(S(12), S(1), w), OUTCOME_PASS);
	cr_expect_eq(leg_outcome(S(11), S(1), w), OUTCOME_MARGINAL);
	cr_expect_eq(leg_outcome(S(10), S(1), w), OUTCOME_MARGINAL);
	cr_expect_eq(leg_outcome(S(9.5), S(1), w), OUTCOME_INCONCLUSIVE);
	cr_expect_eq(leg_outcome(S(21), S(1), w), OUTCOME_INCONCLUSIVE);
	cr_expect_eq(leg_outcome(S(21) + 1, S(1), w), OUTCOME_FAIL);
}

/* 2 s earlier at most, or 0.1 s later. */
Test(judge_evidence, what_can_only_have_come_earlier_is_no_edge_above)
{
	struct window w = {S(10), S(20)};

	cr_expect_eq(leg_outcome_between(S(19), S(2), S(0.1), w), OUTCOME_PASS);
	cr_expect_eq(leg_outcome_between(S(19.95), S(2), S(0.1), w), OUTCOME_MARGINAL);
	cr_expect_eq(leg_outcome_between(S(21), S(2), S(0.1), w), OUTCOME_INCONCLUSIVE);
	cr_expect_eq(leg_outcome_between(S(22.1), S(2), S(0.1), w), OUTCOME_FAIL);
	cr_expect_eq(leg_outcome_between(S(11), S(2), S(0.1), w), OUTCOME_MARGINAL);
	cr_expect_eq(leg_outcome_between(S(9.95), S(2), S(0.1), w), OUTCOME_INCONCLUSIVE);
	cr_expect_eq(leg_outcome_between(S(9), S(2), S(0.1), w), OUTCOME_FAIL);
}

Test(judge_evidence, a_probe_at_the_edge_of_its_window_is_marginal_on_the_real_clock)
{
	EXPECT_OUTCOME(verdict_of_first_probe(
			       (struct fake_device){SILENT, .real = true, .first_late_s = 0.6195}),
		OUTCOME_MARGINAL);
	EXPECT_OUTCOME(verdict_of_first_probe(
			       (struct fake_device){SILENT, .real = true, .first_late_s = 0.6205}),
		OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(verdict_of_first_probe(
			       (struct fake_device){SILENT, .real = true, .first_late_s = 0.63}),
		OUTCOME_FAIL);
}

Test(judge_evidence, a_watch_that_is_too_short_is_inconclusive)
{
	struct fake_device before_the_probe = {SILENT, .watch_s = 500};
	struct fake_device before_the_death = {SILENT, .watch_s = 1100};

	EXPECT_OUTCOME(verdict_of_first_probe(before_the_probe), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(verdict_of_count(before_the_probe), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(verdict_of_death(before_the_probe), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(verdict_of_notice(before_the_probe), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(verdict_of_first_probe(before_the_death), OUTCOME_PASS);
	EXPECT_OUTCOME(verdict_of_count(before_the_death), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(verdict_of_death(before_the_death), OUTCOME_INCONCLUSIVE);
}

Test(judge_evidence, a_watch_without_an_end_carries_no_absence)
{
	struct fake_device no_end = {SILENT, .no_watched = true, .no_probes = true};
	struct fake_device quiet = {.keepalive_off = true, .watch_s = 700, .no_watched = true};

	EXPECT_OUTCOME(verdict_of_first_probe(no_end), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(verdict_of_count(no_end), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(verdict_of_death(no_end), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(verdict_of_no_probes(quiet), OUTCOME_INCONCLUSIVE);
}

Test(judge_evidence, a_short_watch_after_the_death_carries_no_quiet)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){SILENT, .then_s = 10});
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, &profile, no_segment_after_death, .time_ns = S(160));
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	cr_expect(strstr(v.text, "watched 10.0 of 160.0 s") != NULL, "%s", v.text);
	timeline_free(t);
}

Test(judge_evidence, a_capture_drop_voids_a_count)
{
	EXPECT_OUTCOME(count_with_fault(FAULT_CAPTURE_DROP, 700, 701), OUTCOME_INCONCLUSIVE);
}

Test(judge_evidence, a_capture_drop_after_the_death_voids_no_count)
{
	EXPECT_OUTCOME(count_with_fault(FAULT_CAPTURE_DROP, 1210, 1220), OUTCOME_PASS);
}

Test(judge_evidence, a_capture_drop_takes_the_ground_from_an_accusation)
{
	EXPECT_OUTCOME(death_with_fault(FAULT_CAPTURE_DROP, 500, 700), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(death_with_fault(FAULT_CAPTURE_DROP, 1190, 1191), OUTCOME_FAIL);
}

Test(judge_evidence, a_step_that_was_late_takes_the_ground_from_an_accusation_and_from_no_pass)
{
	struct verdict v = death_with_fault(FAULT_LATE_STEP, 100, 106);

	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	cr_expect(strstr(v.text, "a step was late") != NULL, "%s", v.text);
	EXPECT_OUTCOME(death_with_fault(FAULT_LATE_STEP, 5000, 5006), OUTCOME_FAIL);
	EXPECT_OUTCOME(count_with_fault(FAULT_LATE_STEP, 100, 106), OUTCOME_PASS);
}

Test(judge_evidence, a_capture_drop_leaves_a_wrong_seq_that_was_seen)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){SILENT});
	struct verdict v = verdict_new();

	fake_find_role(t, ROLE_PROBE)->segment.seq = FAKE_SEQ;
	fake_fault(t, FAULT_CAPTURE_DROP, S(10), S(20));
	JUDGE(&v, t, 0, &profile, probe_format);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

Test(judge_evidence, a_reboot_a_lost_association_and_a_clock_step_void_the_legs_across_them)
{
	EXPECT_OUTCOME(death_with_fault(FAULT_REBOOT, 700, 700), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(death_with_fault(FAULT_DISASSOCIATED, 700, 700), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(death_with_fault(FAULT_CLOCK_STEP, 700, 700), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(count_with_fault(FAULT_REBOOT, 700, 700), OUTCOME_INCONCLUSIVE);
}

/* The notice comes 8 s late: by the device's fault, or since the bench was stopped for so long. */
static struct verdict late_notice(bool stopped)
{
	struct profile profile = profile_default();
	struct timeline *t =
		fake_timeline((struct fake_device){SILENT, .real = true, .notice_after_s = 8});
	struct verdict v = verdict_new();
	struct event *notice = fake_find(t, EVENT_NOTICE);

	if (stopped) {
		notice->error_ns += S(8);
		fake_fault(t, FAULT_STAMPS, notice->t_ns - S(8), notice->t_ns);
	}
	JUDGE(&v, t, 0, &profile, notice_once, .time_ns = S(5));
	timeline_free(t);
	return v;
}

Test(judge_evidence, a_bench_that_was_stopped_accuses_nobody_of_a_late_notice)
{
	const struct verdict v = late_notice(true);

	EXPECT_OUTCOME(late_notice(false), OUTCOME_FAIL);
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	cr_expect(strstr(v.text, "; at 1207.9 s ") != NULL, "%s", v.text);
}

Test(judge_evidence, uncertain_stamps_are_those_with_the_error_and_no_others)
{
	EXPECT_OUTCOME(death_with_fault(FAULT_STAMPS, 1120, 1128), OUTCOME_FAIL);
	EXPECT_OUTCOME(count_with_fault(FAULT_STAMPS, 700, 708), OUTCOME_PASS);
}

Test(judge_evidence, a_fault_of_the_bench_is_an_error)
{
	EXPECT_OUTCOME(death_with_fault(FAULT_BENCH, 6, 6), OUTCOME_ERROR);
}

Test(judge_evidence, one_missing_probe_is_inconclusive_on_the_real_clock)
{
	for (int lost = 1; lost <= 8; lost++) {
		struct fake_device device = {SILENT, .real = true, .lost_probe = lost};
		EXPECT_OUTCOME(verdict_of_count(device), OUTCOME_INCONCLUSIVE);
		EXPECT_OUTCOME(verdict_of_gaps(device),
			lost == 1 || lost == 8 ? OUTCOME_PASS : OUTCOME_INCONCLUSIVE);
		EXPECT_OUTCOME(verdict_of_first_probe(device),
			lost == 1 ? OUTCOME_INCONCLUSIVE : OUTCOME_PASS);
		EXPECT_OUTCOME(
			verdict_of_death(device), lost == 1 ? OUTCOME_INCONCLUSIVE : OUTCOME_PASS);
	}
}

Test(judge_evidence, the_only_probe_missing_is_inconclusive_on_the_real_clock)
{
	struct fake_device device = {
		SILENT, .count = 1, .timeout_s = 600, .real = true, .lost_probe = 1};

	EXPECT_OUTCOME(verdict_of_first_probe(device), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(verdict_of_count(device), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(verdict_of_death(device), OUTCOME_INCONCLUSIVE);
	device.real = false;
	EXPECT_OUTCOME(verdict_of_first_probe(device), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_count(device), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_death(device), OUTCOME_FAIL);
}

Test(judge_evidence, one_missing_probe_fails_on_the_stepped_clock)
{
	struct fake_device device = {SILENT, .lost_probe = 3};

	EXPECT_OUTCOME(verdict_of_count(device), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_gaps(device), OUTCOME_FAIL);
}

Test(judge_evidence, faults_stay_fails_on_the_real_clock)
{
	EXPECT_OUTCOME(
		verdict_of_count((struct fake_device){SILENT, .real = true, .more_probes = -1}),
		OUTCOME_FAIL);
	EXPECT_OUTCOME(
		verdict_of_count((struct fake_device){SILENT, .real = true, .more_probes = 1}),
		OUTCOME_FAIL);
	EXPECT_OUTCOME(
		verdict_of_death((struct fake_device){SILENT, .real = true, .more_probes = -1}),
		OUTCOME_FAIL);
	EXPECT_OUTCOME(
		verdict_of_gaps((struct fake_device){SILENT, .real = true, .interval_s = 60}),
		OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_first_probe(
			       (struct fake_device){SILENT, .real = true, .no_probes = true}),
		OUTCOME_FAIL);
}

Test(judge_evidence, a_death_that_one_lost_answer_explains_is_inconclusive_on_the_real_clock)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline(
		(struct fake_device){.count = 1, .timeout_s = 75, .watch_s = 300, .real = true});
	struct verdict v = verdict_new();

	/* The probe at 151 s was answered, the answer was lost, and 75 s later comes the RST. */
	int64_t probe = fake_find_role(t, ROLE_PROBE)->t_ns;
	while (t->count > 0 && t->events[t->count - 1].t_ns > probe + S(1))
		t->count--;
	fake_segment(t, probe + S(75), FROM_DEVICE, ROLE_RST, TCP_FLAG_RST);
	struct event watched = {.t_ns = S(300), .kind = EVENT_WATCHED, .connection = NO_CONNECTION};
	timeline_add(t, &watched);
	JUDGE(&v, t, 0, &profile, alive, .count = 1);
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	t->stepped = true;
	v = verdict_new();
	JUDGE(&v, t, 0, &profile, alive, .count = 1);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

/* A peer whose host was switched off at 300 s said so, and the device believed it. */
Test(judge_evidence, a_peer_that_ended_the_connection_itself_was_no_silent_one)
{
	const struct fake_device device = {.silent_at_s = 5, .no_probes = true, .watch_s = 1300};
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline(device);
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, &profile, death, .time_ns = S(600));
	JUDGE(&v, t, 0, &profile, probes, .count = 8);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	fake_segment(t, S(300), FROM_PEER, ROLE_RST, TCP_FLAG_RST);
	v = verdict_new();
	JUDGE(&v, t, 0, &profile, death, .time_ns = S(600));
	JUDGE(&v, t, 0, &profile, probes, .count = 8);
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	timeline_free(t);
}

/* The device gave up without a word, and the peer's next segment finds nobody. */
Test(judge_evidence, a_reset_that_a_later_segment_drew_is_none_at_the_death)
{
	struct profile profile = profile_default();
	struct timeline *t =
		fake_timeline((struct fake_device){.silent_at_s = 5, .no_reset = true});
	struct verdict v = verdict_new();
	const int64_t death = fake_find(t, EVENT_NOTICE)->t_ns;

	strcpy(profile.pins[FACT_rst_at_death], "false");
	fake_segment(t, death + S(10), FROM_PEER, ROLE_DATA, TCP_FLAG_ACK);
	fake_segment(t, death + S(10) + NS_PER_MS, FROM_DEVICE, ROLE_RST, TCP_FLAG_RST);
	JUDGE(&v, t, 0, &profile, death, .time_ns = S(600));
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	timeline_free(t);
}

Test(judge_evidence, a_listing_from_before_the_end_does_not_show_that_it_lives)
{
	struct profile profile = profile_default();
	struct timeline *t =
		fake_timeline((struct fake_device){.count = 1, .timeout_s = 75, .watch_s = 300});
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, &profile, alive, .count = 1);
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	fake_find(t, EVENT_LISTING)->t_ns = S(100);
	v = verdict_new();
	JUDGE(&v, t, 0, &profile, alive, .count = 1);
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	timeline_free(t);
}

Test(judge_evidence, a_death_that_takes_more_than_one_lost_answer_fails_on_the_real_clock)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){.watch_s = 700, .real = true});
	struct verdict v = verdict_new();

	fake_segment(t, fake_find_role(t, ROLE_PROBE)->t_ns + S(75), FROM_DEVICE, ROLE_RST,
		TCP_FLAG_RST);
	JUDGE(&v, t, 0, &profile, alive, .count = 1);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

Test(judge_evidence, of_a_notice_and_a_reset_at_one_time_the_reset_tells_it)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){SILENT, .no_reset = true});
	struct verdict v = verdict_new();

	struct event *notice = fake_find(t, EVENT_NOTICE);
	notice->from_ns = notice->t_ns;
	int64_t death = notice->t_ns;
	fake_segment(t, death, FROM_DEVICE, ROLE_RST, TCP_FLAG_RST);
	JUDGE(&v, t, 0, &profile, death, .time_ns = S(600));
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	timeline_free(t);
}

Test(judge_evidence, a_living_connection_without_a_listing_is_inconclusive)
{
	EXPECT_OUTCOME(
		verdict_of_alive((struct fake_device){.watch_s = 1300, .no_listing = true}, 2),
		OUTCOME_INCONCLUSIVE);
}

Test(judge_evidence, a_notice_that_waited_for_the_uart_is_measured_from_when_it_was_free)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){SILENT, .notice_after_s = 20});
	struct verdict v = verdict_new();

	struct event *notice = fake_find(t, EVENT_NOTICE);
	notice->from_ns = notice->t_ns - S(0.1);
	JUDGE(&v, t, 0, &profile, notice_once, .time_ns = S(1));
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	timeline_free(t);
}

Test(judge_evidence, a_missing_notice_behind_a_command_in_progress_is_inconclusive)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){SILENT, .no_notice = true});
	struct event busy = {.t_ns = S(1000),
		.kind = EVENT_COMMAND,
		.connection = NO_CONNECTION,
		.cid = -1,
		.step = -1,
		.text = "AT+NCTCP=192.0.2.99,80"};
	struct verdict v = verdict_new();

	timeline_add(t, &busy);
	JUDGE(&v, t, 0, &profile, notice_once, .time_ns = S(1));
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	timeline_free(t);
}

Test(judge_evidence, a_device_that_gives_up_without_rst_is_dead_by_its_notice)
{
	struct fake_device device = {SILENT, .no_reset = true};

	EXPECT_OUTCOME(verdict_of_death(device), OUTCOME_PASS);
	EXPECT_OUTCOME(verdict_of_notice(device), OUTCOME_PASS);
	cr_expect(strstr(verdict_of_death(device).text, "notice on the UART") != NULL);
}

Test(judge_evidence, a_cid_that_is_gone_is_a_death_whose_time_is_not_known)
{
	EXPECT_OUTCOME(
		verdict_of_death((struct fake_device){SILENT, .no_reset = true, .no_notice = true}),
		OUTCOME_INCONCLUSIVE);
}

Test(judge_evidence, a_connection_that_was_never_seen_is_inconclusive)
{
	struct profile profile = profile_default();
	struct scenario s = tcp_client("a");
	struct timeline *t = timeline_new("empty", &s);
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, &profile, first_probe_on_schedule);
	JUDGE(&v, t, 0, &profile, probes, .count = 8);
	JUDGE(&v, t, 0, &profile, death, .time_ns = S(600));
	JUDGE(&v, t, 0, &profile, gaps_of_75_s);
	JUDGE(&v, t, 0, &profile, alive, .count = 1);
	JUDGE(&v, t, 0, &profile, notice_once, .time_ns = S(1));
	JUDGE(&v, t, 0, &profile, no_notice);
	JUDGE(&v, t, 0, &profile, no_probes);
	JUDGE(&v, t, 0, &profile, probe_format);
	JUDGE(&v, t, 0, &profile, reset_noticed, .time_ns = S(1));
	JUDGE(&v, t, 0, &profile, no_segment_after_death, .time_ns = S(1));
	JUDGE(&v, t, 0, &profile, cid_freed);
	JUDGE(&v, t, 0, &profile, opened, .cid_of = NO_CONNECTION);
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	for (size_t i = 0; i < v.check_count; i++)
		cr_expect_eq(v.checks[i].outcome, OUTCOME_INCONCLUSIVE, "%s", v.checks[i].text);
	timeline_free(t);
}

Test(judge_evidence, too_few_answered_probes_in_a_short_watch_are_inconclusive)
{
	EXPECT_OUTCOME(
		verdict_of_alive((struct fake_device){.watch_s = 700}, 2), OUTCOME_INCONCLUSIVE);
}

/* The bench closes what is open, and the device says FIN: that is no death. */
Test(judge_evidence, what_comes_behind_the_watch_is_not_judged)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){.watch_s = 700});
	struct verdict v = verdict_new();
	int64_t end = fake_find(t, EVENT_WATCHED)->t_ns;

	fake_segment(t, end, FROM_DEVICE, ROLE_FIN, TCP_FLAG_FIN | TCP_FLAG_ACK);
	fake_notice(t, end + S(1), 0, FAKE_CID, "DISCONNECT 3");
	JUDGE(&v, t, 0, &profile, alive, .count = 1);
	JUDGE(&v, t, 0, &profile, no_notice);
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	timeline_free(t);
}

Test(judge_evidence, a_notice_that_waited_for_the_uart_does_not_tell_when_the_death_was)
{
	struct profile profile = profile_default();
	struct timeline *t =
		fake_timeline((struct fake_device){SILENT, .no_reset = true, .notice_after_s = 20});
	struct verdict v = verdict_new();

	struct event *notice = fake_find(t, EVENT_NOTICE);
	notice->from_ns = notice->t_ns;
	JUDGE(&v, t, 0, &profile, death, .time_ns = S(600));
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	timeline_free(t);
}

/* An answering device of count 2 whose answer to the last probe was lost: probes at 600 and 675 s,
 * the death at 750 s, as a silent peer leaves them; and the answer that the sniffer saw. */
static struct timeline *killed_by_a_lost_answer(bool answered)
{
	struct timeline *t =
		fake_timeline((struct fake_device){.count = 2, .timeout_s = 600, .silent_at_s = 5});
	const struct event *probe = fake_find_role(t, ROLE_PROBE);
	const int64_t second = probe->t_ns + S(75);

	if (answered)
		fake_segment(t, second + S(0.01), FROM_PEER, ROLE_PROBE_ANSWER, TCP_FLAG_ACK);
	return t;
}

Test(judge_evidence, a_death_that_one_lost_answer_explains_is_inconclusive_in_lossy_air)
{
	struct profile lossy = profile_default(), still = profile_default();
	struct timeline *t = killed_by_a_lost_answer(true);
	struct verdict v = verdict_new(), w = verdict_new();

	lossy.lossy_air = true;
	JUDGE(&v, t, 0, &lossy, alive, .count = 0);
	JUDGE(&w, t, 0, &still, alive, .count = 0);
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(w, OUTCOME_FAIL);
	timeline_free(t);
}

Test(judge_evidence, a_death_that_no_lost_frame_explains_fails_in_lossy_air_too)
{
	struct profile lossy = profile_default();
	struct timeline *t = killed_by_a_lost_answer(false);
	struct verdict v = verdict_new();

	lossy.lossy_air = true;
	JUDGE(&v, t, 0, &lossy, alive, .count = 0);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

Test(judge_evidence, a_notice_that_waited_a_moment_bounds_the_death_by_that_moment)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){SILENT, .no_reset = true});
	struct verdict v = verdict_new();

	struct event *notice = fake_find(t, EVENT_NOTICE);
	notice->from_ns = notice->t_ns;
	notice->busy_ns = notice->t_ns - S(0.03);
	JUDGE(&v, t, 0, &profile, death, .time_ns = S(600));
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	timeline_free(t);
}

static const struct check *check_of_leg(const struct verdict *verdict, struct leg_id leg)
{
	for (size_t i = 0; i < verdict->check_count; i++)
		if (leg_is(verdict->checks[i].leg, leg))
			return &verdict->checks[i];
	return NULL;
}

Test(judge_evidence, the_last_leg_is_as_uncertain_as_both_its_ends)
{
	const struct verdict v = verdict_of_death((struct fake_device){SILENT, .real = true});
	const struct check *last = check_of_leg(&v, LEG(LEG_LAST_PROBE_TO_DEATH));

	cr_assert_not_null(last);
	cr_expect_eq(last->error_ns, 2 * NS_PER_MS);
}

/* Two listings about 75 s after the last probe: the CID is there in the first one only. */
Test(judge_evidence, a_listing_does_not_tell_the_last_leg)
{
	const struct profile profile = profile_default();
	struct timeline *t = fake_timeline(
		(struct fake_device){SILENT, .no_reset = true, .no_notice = true, .then_s = 0.05});
	struct verdict v = verdict_new();
	struct event listing = *fake_find(t, EVENT_LISTING);

	listing.t_ns -= S(0.1);
	listing.listed = true;
	cr_assert_eq(timeline_add(t, &listing), 0);
	JUDGE(&v, t, 0, &profile, death, .time_ns = S(600));
	cr_expect_null(check_of_leg(&v, LEG(LEG_LAST_PROBE_TO_DEATH)));
	timeline_free(t);
}

Test(judge_evidence, the_count_is_open_between_the_first_probe_and_the_second)
{
	EXPECT_OUTCOME(verdict_of_count((struct fake_device){SILENT, .watch_s = 640}),
		OUTCOME_INCONCLUSIVE);
}

/* No model lets the first probe be later than its own timeout, up to the next tick. */
Test(judge_evidence, a_peer_whose_reset_no_probe_drew_yet_accuses_nobody)
{
	const struct profile profile = profile_default();
	struct verdict v = verdict_new();
	struct timeline *t =
		fake_timeline((struct fake_device){SILENT, .no_probes = true, .watch_s = 500});

	JUDGE(&v, t, 0, &profile, reset_noticed, .time_ns = S(1));
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	timeline_free(t);

	v = verdict_new();
	t = fake_timeline((struct fake_device){SILENT, .no_probes = true, .watch_s = 700});
	JUDGE(&v, t, 0, &profile, reset_noticed, .time_ns = S(1));
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

/* The CID is gone from the listing behind the watch, and a probe came between them. */
Test(judge_evidence, a_probe_behind_the_watch_is_not_counted)
{
	const struct profile profile = profile_default();
	struct timeline *t = fake_timeline(
		(struct fake_device){SILENT, .no_reset = true, .no_notice = true, .watch_s = 1300});
	struct verdict v = verdict_new();

	fake_segment(t, fake_find(t, EVENT_WATCHED)->t_ns + NS_PER_MS / 2, FROM_DEVICE, ROLE_PROBE,
		TCP_FLAG_ACK);
	JUDGE(&v, t, 0, &profile, probes, .count = 8);
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	timeline_free(t);
}

/* ---- the link ---- */

static struct verdict quiet_without_link(double from_s, double to_s)
{
	struct profile profile = profile_default();
	struct timeline *t =
		fake_timeline((struct fake_device){.watch_s = 100, .keepalive_off = true});
	struct verdict v = verdict_new();

	fake_fault(t, FAULT_NO_LINK, S(from_s), S(to_s));
	JUDGE(&v, t, 0, &profile, no_probes);
	timeline_free(t);
	return v;
}

Test(judge_evidence, an_absence_without_link_is_none)
{
	EXPECT_OUTCOME(quiet_without_link(20, 26), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(quiet_without_link(0.1, 0.5), OUTCOME_PASS);
}

Test(judge_evidence, a_death_without_link_accuses_nobody)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline(
		(struct fake_device){.count = 1, .timeout_s = 75, .dies_at_s = 40, .watch_s = 200});
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, &profile, alive, .count = 1);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	fake_fault(t, FAULT_NO_LINK, S(20), S(30));
	v = verdict_new();
	JUDGE(&v, t, 0, &profile, alive, .count = 1);
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	timeline_free(t);
}
