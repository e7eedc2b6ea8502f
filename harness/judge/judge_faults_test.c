/* SPDX-License-Identifier: MIT */
#include "judge/expect.h"

/* Faults of the firmware fail, each in the function that is made to find it. */

#define SILENT .silent_at_s = 5

Test(judge_faults, a_device_that_never_probes_fails)
{
	struct fake_device device = {SILENT, .no_probes = true};

	EXPECT_OUTCOME(verdict_of_first_probe(device), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_count(device), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_death(device), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_notice(device), OUTCOME_FAIL);
}

Test(judge_faults, a_device_with_count_1_that_never_probes_fails)
{
	struct fake_device device = {SILENT, .count = 1, .timeout_s = 75, .no_probes = true};

	EXPECT_OUTCOME(verdict_of_first_probe(device), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_count(device), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_death(device), OUTCOME_FAIL);
}

Test(judge_faults, an_interval_of_60_s_fails)
{
	struct fake_device device = {SILENT, .interval_s = 60};

	EXPECT_OUTCOME(verdict_of_gaps(device), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_death(device), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_first_probe(device), OUTCOME_PASS);
	EXPECT_OUTCOME(verdict_of_count(device), OUTCOME_PASS);
}

Test(judge_faults, a_probe_too_few_fails)
{
	struct fake_device device = {SILENT, .more_probes = -1};

	EXPECT_OUTCOME(verdict_of_count(device), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_death(device), OUTCOME_FAIL);
}

Test(judge_faults, a_probe_too_few_of_two_fails)
{
	struct fake_device device = {SILENT, .count = 2, .timeout_s = 150, .more_probes = -1};

	EXPECT_OUTCOME(verdict_of_all(device), OUTCOME_FAIL);
}

Test(judge_faults, a_probe_too_many_fails)
{
	struct fake_device device = {SILENT, .more_probes = 1};

	EXPECT_OUTCOME(verdict_of_count(device), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_death(device), OUTCOME_FAIL);
}

Test(judge_faults, a_probe_too_many_fails_with_count_1_too)
{
	struct fake_device device = {SILENT, .count = 1, .timeout_s = 75, .more_probes = 1};

	EXPECT_OUTCOME(verdict_of_count(device), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_death(device), OUTCOME_FAIL);
}

Test(judge_faults, probes_without_end_fail_as_soon_as_there_is_one_too_many)
{
	struct fake_device device = {SILENT, .more_probes = 9, .never_dies = true, .watch_s = 1202};

	EXPECT_OUTCOME(verdict_of_count(device), OUTCOME_FAIL);
}

Test(judge_faults, a_death_at_t_without_a_probe_fails)
{
	struct fake_device eight = {SILENT, .dies_at_s = 600};
	struct fake_device device = {SILENT, .count = 1, .timeout_s = 600, .dies_at_s = 600};

	EXPECT_OUTCOME(verdict_of_death(eight), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_count(eight), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_first_probe(eight), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_death(device), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_count(device), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_first_probe(device), OUTCOME_FAIL);
}

Test(judge_faults, a_device_that_never_declares_the_death_fails)
{
	struct fake_device device = {SILENT, .never_dies = true};
	struct verdict v = verdict_of_death(device);

	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_notice(device), OUTCOME_FAIL);
}

Test(judge_faults, a_death_that_is_not_reported_fails)
{
	struct fake_device device = {SILENT, .no_notice = true};

	EXPECT_OUTCOME(verdict_of_notice(device), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_death(device), OUTCOME_PASS);
}

Test(judge_faults, a_notice_with_another_cid_fails)
{
	struct fake_device device = {SILENT, .notice_cid = 7};

	EXPECT_OUTCOME(verdict_of_notice(device), OUTCOME_FAIL);
}

Test(judge_faults, two_notices_fail)
{
	struct fake_device device = {SILENT, .notices = 2};

	EXPECT_OUTCOME(verdict_of_notice(device), OUTCOME_FAIL);
}

Test(judge_faults, a_late_notice_fails)
{
	struct fake_device device = {SILENT, .notice_after_s = 5};

	EXPECT_OUTCOME(verdict_of_notice(device), OUTCOME_FAIL);
}

Test(judge_faults, probes_while_keepalive_is_off_fail)
{
	struct timeline *t =
		fake_timeline((struct fake_device){.keepalive_off = true, .watch_s = 700});
	struct profile profile = profile_default();
	struct verdict v = verdict_new();

	fake_segment(t, S(601), FROM_DEVICE, ROLE_PROBE, TCP_FLAG_ACK);
	JUDGE(&v, t, 0, &profile, no_probes);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

Test(judge_faults, a_quiet_connection_without_keepalive_passes)
{
	EXPECT_OUTCOME(
		verdict_of_no_probes((struct fake_device){.keepalive_off = true, .watch_s = 700}),
		OUTCOME_PASS);
}

Test(judge_faults, a_probe_with_seq_snd_nxt_fails)
{
	struct fake_device device = {.watch_s = 1400, .wrong_seq = true};
	struct verdict v = verdict_of_format(device);

	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	cr_expect(strstr(v.text, "probe 1 has SEQ = SND.NXT, expected SND.NXT - 1") != NULL, "%s",
		v.text);
	EXPECT_OUTCOME(verdict_of_count(device), OUTCOME_FAIL);
}

Test(judge_faults, a_cid_that_is_not_freed_fails)
{
	struct fake_device device = {SILENT, .leaks = true};

	EXPECT_OUTCOME(verdict_of_cid(device), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_notice(device), OUTCOME_PASS);
}

Test(judge_faults, a_first_probe_that_is_late_fails)
{
	EXPECT_OUTCOME(verdict_of_first_probe((struct fake_device){SILENT, .first_late_s = 2}),
		OUTCOME_FAIL);
}

Test(judge_faults, a_segment_after_the_death_fails)
{
	struct timeline *t = fake_timeline((struct fake_device){SILENT});
	struct profile profile = profile_default();
	struct verdict v = verdict_new();

	fake_segment(t, fake_find_role(t, ROLE_RST)->t_ns + S(10), FROM_DEVICE, ROLE_PROBE,
		TCP_FLAG_ACK);
	JUDGE(&v, t, 0, &profile, no_segment_after_death, .time_ns = S(20));
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

Test(judge_faults, a_living_connection_that_dies_fails)
{
	struct timeline *t = fake_timeline((struct fake_device){.watch_s = 1300});
	struct profile profile = profile_default();
	struct verdict v = verdict_new();

	fake_segment(t, S(1000), FROM_DEVICE, ROLE_RST, TCP_FLAG_RST);
	JUDGE(&v, t, 0, &profile, alive, .count = 1);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

Test(judge_faults, a_living_connection_passes)
{
	EXPECT_OUTCOME(verdict_of_alive((struct fake_device){.watch_s = 1300}, 2), OUTCOME_PASS);
}

Test(judge_faults, a_living_connection_that_nobody_probes_fails)
{
	EXPECT_OUTCOME(
		verdict_of_alive((struct fake_device){.watch_s = 1300, .no_probes = true}, 2),
		OUTCOME_FAIL);
}

static struct timeline_segment *probe_of(struct timeline *t)
{
	return &fake_find_role(t, ROLE_PROBE)->segment;
}

static enum outcome format_of(struct timeline *t)
{
	struct profile profile = profile_default();
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, &profile, probe_format);
	return v.outcome;
}

Test(judge_faults, each_mistake_in_a_probe_fails)
{
	struct timeline *t = fake_timeline((struct fake_device){SILENT});
	struct timeline_segment *probe = probe_of(t), right = *probe;

	cr_expect_eq(format_of(t), OUTCOME_PASS);
	probe->flags = TCP_FLAG_ACK | TCP_FLAG_PSH;
	probe->length = 1;
	cr_expect_eq(format_of(t), OUTCOME_PASS);
	*probe = right;
	probe->seq--;
	cr_expect_eq(format_of(t), OUTCOME_FAIL);
	*probe = right;
	probe->ack--;
	cr_expect_eq(format_of(t), OUTCOME_FAIL);
	*probe = right;
	probe->flags = 0;
	cr_expect_eq(format_of(t), OUTCOME_FAIL);
	probe->flags = TCP_FLAG_ACK | TCP_FLAG_URG;
	cr_expect_eq(format_of(t), OUTCOME_FAIL);
	*probe = right;
	probe->length = 2;
	cr_expect_eq(format_of(t), OUTCOME_FAIL);
	*probe = right;
	probe->checksum_ok = false;
	cr_expect_eq(format_of(t), OUTCOME_FAIL);
	timeline_free(t);
}

Test(judge_faults, a_second_notice_with_the_number_of_the_dead_connection_fails)
{
	struct timeline *t = fake_timeline((struct fake_device){SILENT});
	struct profile profile = profile_default();
	struct verdict v = verdict_new();

	fake_notice(t, fake_find_role(t, ROLE_RST)->t_ns + S(5), NO_CONNECTION, FAKE_CID,
		"DISCONNECT 3");
	JUDGE(&v, t, 0, &profile, notice_once, .time_ns = S(1));
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	cr_expect(strstr(v.text, "2 notices") != NULL, "%s", v.text);
	timeline_free(t);
}

/* Three of eight, in a capture that loses nothing. */
Test(judge_faults, probes_that_are_sent_twice_fail)
{
	struct timeline *t = fake_timeline((struct fake_device){SILENT});
	struct profile profile = profile_default();
	struct verdict v = verdict_new();

	for (int i = 0; i < 3; i++) {
		const int64_t again_ns = S(605 + 75 * i) + NS_PER_MS;
		fake_segment(t, again_ns, FROM_DEVICE, ROLE_NOT_A_PROBE, TCP_FLAG_ACK);
		for (size_t j = 0; j < t->count; j++)
			if (t->events[j].t_ns == again_ns)
				t->events[j].segment.seq = FAKE_SEQ - 1;
	}
	JUDGE(&v, t, 0, &profile, probes, .count = 8);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

/* What comes after a death is no part of the silence before it. */
Test(judge_faults, a_peer_that_speaks_after_the_death_changes_nothing)
{
	struct timeline *t = fake_timeline((struct fake_device){SILENT});
	struct profile profile = profile_default();
	struct verdict v = verdict_new();
	int64_t death = fake_find_role(t, ROLE_RST)->t_ns;

	fake_segment(t, death + S(10), FROM_PEER, ROLE_DATA, TCP_FLAG_ACK);
	fake_segment(t, death + S(10) + NS_PER_MS, FROM_DEVICE, ROLE_RST, TCP_FLAG_RST);
	JUDGE(&v, t, 0, &profile, death, .time_ns = S(600));
	JUDGE(&v, t, 0, &profile, probes, .count = 8);
	JUDGE(&v, t, 0, &profile, first_probe_on_schedule);
	JUDGE(&v, t, 0, &profile, notice_once, .time_ns = S(1));
	JUDGE(&v, t, 0, &profile, no_segment_after_death, .time_ns = S(20));
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	timeline_free(t);
}

Test(judge_faults, a_peer_that_speaks_after_a_death_without_rst_is_no_early_notice)
{
	struct timeline *t = fake_timeline((struct fake_device){SILENT, .no_reset = true});
	struct profile profile = profile_default();
	struct verdict v = verdict_new();
	int64_t death = fake_find(t, EVENT_NOTICE)->t_ns;

	fake_segment(t, death + S(10), FROM_PEER, ROLE_DATA, TCP_FLAG_ACK);
	fake_segment(t, death + S(10) + NS_PER_MS, FROM_DEVICE, ROLE_RST, TCP_FLAG_RST);
	JUDGE(&v, t, 0, &profile, notice_once, .time_ns = S(1));
	JUDGE(&v, t, 0, &profile, no_segment_after_death, .time_ns = S(20));
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	timeline_free(t);
}

/* The peer's FIN, the notice, and only then the device's acknowledgement and FIN. */
Test(judge_faults, an_orderly_close_is_no_segment_after_the_death)
{
	struct timeline *t = fake_timeline((struct fake_device){.watch_s = 100});
	struct profile profile = profile_default();
	struct verdict v = verdict_new();

	fake_segment(t, S(10), FROM_PEER, ROLE_FIN, TCP_FLAG_FIN | TCP_FLAG_ACK);
	fake_notice(t, S(10.001), 0, FAKE_CID, "DISCONNECT 3");
	fake_segment(t, S(10.002), FROM_DEVICE, ROLE_PLAIN, TCP_FLAG_ACK);
	fake_segment(t, S(10.003), FROM_DEVICE, ROLE_FIN, TCP_FLAG_FIN | TCP_FLAG_ACK);
	fake_segment(t, S(10.004), FROM_PEER, ROLE_PLAIN, TCP_FLAG_ACK);
	JUDGE(&v, t, 0, &profile, notice_once, .time_ns = S(1));
	JUDGE(&v, t, 0, &profile, no_segment_after_death, .time_ns = S(20));
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	timeline_free(t);
}

/* Two segments of the peer's cross the end, and the device's table has forgotten the connection by
 * the time they are there: each may draw one, and no more. */
static struct verdict verdict_of_crossing(int reactions)
{
	struct timeline *t = fake_timeline((struct fake_device){.watch_s = 100});
	struct profile profile = profile_default();
	struct verdict v = verdict_new();

	fake_segment(t, S(10), FROM_PEER, ROLE_FIN, TCP_FLAG_FIN | TCP_FLAG_ACK);
	fake_segment(t, S(10.002), FROM_DEVICE, ROLE_FIN, TCP_FLAG_FIN | TCP_FLAG_ACK);
	fake_segment(t, S(10.003), FROM_PEER, ROLE_PLAIN, TCP_FLAG_ACK);
	fake_segment(t, S(10.004), FROM_PEER, ROLE_PLAIN, TCP_FLAG_ACK);
	for (int i = 0; i < reactions; i++)
		fake_segment(t, S(10.3 + 0.1 * i), FROM_DEVICE, ROLE_RST, TCP_FLAG_RST);
	JUDGE(&v, t, 0, &profile, no_segment_after_death, .time_ns = S(20));
	timeline_free(t);
	return v;
}

Test(judge_faults, each_segment_that_crosses_the_end_may_draw_one)
{
	EXPECT_OUTCOME(verdict_of_crossing(2), OUTCOME_PASS);
	EXPECT_OUTCOME(verdict_of_crossing(4), OUTCOME_FAIL);
}

/* A connection closed by command at 10 s: OK, and at 85 s a probe or what was still to be sent. */
static struct verdict verdict_of_close(enum segment_role role)
{
	struct timeline *t = fake_timeline((struct fake_device){.watch_s = 100, .no_probes = true});
	struct profile profile = profile_default();
	struct verdict v = verdict_new();
	struct event answer = {.t_ns = S(10),
		.kind = EVENT_RESPONSE,
		.connection = 0,
		.generation = 1,
		.cid = FAKE_CID,
		.step = t->scenario.step_count,
		.text = "OK"};

	device_closes(&t->scenario, "a", .at_s = 10);
	cr_assert_eq(timeline_add(t, &answer), 0);
	fake_segment(t, S(85), FROM_DEVICE, role, TCP_FLAG_ACK);
	fake_segment(t, S(86), FROM_DEVICE, ROLE_FIN, TCP_FLAG_FIN | TCP_FLAG_ACK);
	JUDGE(&v, t, 0, &profile, no_segment_after_death, .time_ns = S(20));
	timeline_free(t);
	return v;
}

Test(judge_faults, a_probe_after_a_close_by_command_fails)
{
	EXPECT_OUTCOME(verdict_of_close(ROLE_PROBE), OUTCOME_FAIL);
}

Test(judge_faults, data_and_fin_after_a_close_by_command_do_not_fail)
{
	EXPECT_OUTCOME(verdict_of_close(ROLE_DATA), OUTCOME_PASS);
}

static struct verdict verdict_of_reboot(double noticed_s, double since_s)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){SILENT, .then_s = 10});
	struct verdict v = verdict_new();
	int64_t death_ns = fake_find_role(t, ROLE_RST)->t_ns;

	fake_fault(t, FAULT_REBOOT, death_ns + S(since_s), death_ns + S(noticed_s));
	JUDGE(&v, t, 0, &profile, module_goes_on);
	timeline_free(t);
	return v;
}

Test(judge_faults, a_reboot_right_after_a_death_fails_and_one_that_may_be_older_does_not)
{
	EXPECT_OUTCOME(verdict_of_reboot(15, 0), OUTCOME_FAIL);
	EXPECT_OUTCOME(verdict_of_reboot(15, -100), OUTCOME_INCONCLUSIVE);
}

/* The only probe, which the peer would have answered with RST, was lost; or there was none. */
static enum outcome rst_that_no_probe_drew(bool lossy, bool dies)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){.silent_at_s = 5,
		.count = 1,
		.timeout_s = 75,
		.watch_s = 300,
		.dies_at_s = dies ? 150 : 0,
		.no_probes = true,
		.never_dies = !dies});
	struct verdict v = verdict_new();

	profile.lossy_air = lossy;
	JUDGE(&v, t, 0, &profile, reset_noticed, .time_ns = S(5));
	timeline_free(t);
	return v.outcome;
}

Test(judge_faults, a_lost_probe_explains_that_the_peer_sent_no_rst_where_the_device_gave_up)
{
	cr_expect_eq(rst_that_no_probe_drew(true, true), OUTCOME_INCONCLUSIVE);
	cr_expect_eq(rst_that_no_probe_drew(false, true), OUTCOME_FAIL);
	cr_expect_eq(rst_that_no_probe_drew(true, false), OUTCOME_FAIL);
}
