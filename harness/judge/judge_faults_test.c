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
	judge_no_probes(&v, t, 0, &profile, "KA-OFF-01");
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
	judge_no_segment_after_death(&v, t, 0, &profile, "KA-DEAD-03", S(20));
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

Test(judge_faults, a_living_connection_that_dies_fails)
{
	struct timeline *t = fake_timeline((struct fake_device){.watch_s = 1300});
	struct profile profile = profile_default();
	struct verdict v = verdict_new();

	fake_segment(t, S(1000), FROM_DEVICE, ROLE_RST, TCP_FLAG_RST);
	judge_alive(&v, t, 0, &profile, "KA-LIVE-01", 1);
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
