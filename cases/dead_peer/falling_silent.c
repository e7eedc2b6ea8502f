/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "runner/case.h"

/* The other ways to fall silent: later, after data, in the middle of a round, several at once. */

struct silent_row {
	int count, timeout_s;
	double silent_at_s;
};

static void check_silent(const struct silent_row *row)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = row->count, .timeout_s = row->timeout_s);
	peer_falls_silent(&s, "a", .at_s = row->silent_at_s);
	watch(&s, .until = DEATH, .then_s = 80);

	const struct timeline *t = drive(&s);

	expect_probes(t, "a", .count = row->count);
	expect_death(t, "a", .after = FIRST_UNANSWERED_PROBE, .s = 75.0 * row->count);
	expect_notice_after_the_end(t, "a");
	expect_notice_soon(t, "a");
	expect_notice_once(t, "a");
	expect_reset_at_snd_nxt(t, "a");
	expect_no_segment_after_death(t, "a", .for_s = 80);
	expect_cid_freed(t, "a");
}

#define SILENT(name, ...)                                                                          \
	CASE_ROW(dead_peer, name,                                                                  \
		"KA-SCHED-03 KA-DEAD-01 KA-DEAD-11 KA-NOTICE-01 KA-NOTICE-03 KA-NOTICE-04 "        \
		"KA-AFTER-01 KA-AFTER-02",                                                         \
		check_silent, &(struct silent_row){__VA_ARGS__})

SILENT(count_1_above_the_floor, .count = 1, .timeout_s = 130, .silent_at_s = 5)
SILENT(count_2_at_the_floor, .count = 2, .timeout_s = 150, .silent_at_s = 5)
SILENT(count_2_above_the_floor, .count = 2, .timeout_s = 260, .silent_at_s = 5)
SILENT(count_3_at_the_floor, .count = 3, .timeout_s = 225, .silent_at_s = 5)
SILENT(count_3_above_the_floor, .count = 3, .timeout_s = 310, .silent_at_s = 5)
SILENT(count_4_silent_from_the_start, .count = 4, .timeout_s = 320, .silent_at_s = 0)
SILENT(count_2_silent_after_some_answered_rounds, .count = 2, .timeout_s = 160, .silent_at_s = 700)
SILENT(count_2_silent_after_six_hours_of_answers, .count = 2, .timeout_s = 150,
	.silent_at_s = 21620)
/* More rounds than an octet counts. */
SILENT(silent_after_a_day_of_answers, .count = 2, .timeout_s = 160, .silent_at_s = 86420)
SILENT(count_8_silent_for_more_than_two_hours, .count = 8, .timeout_s = 7200, .silent_at_s = 5)
SILENT(of_16_probes_none_is_answered, .count = 16, .timeout_s = 1220, .silent_at_s = 0)

CASE(dead_peer, silent_after_data_both_ways,
	"KA-SCHED-03 KA-DEAD-01 KA-DEAD-11 KA-NOTICE-01 KA-AFTER-01")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 2, .timeout_s = 170);
	device_sends(&s, "a", .at_s = 20, .size = 1400);
	peer_sends(&s, "a", .at_s = 40, .size = 2800);
	peer_falls_silent(&s, "a", .at_s = 42);
	watch(&s, .until = DEATH, .then_s = 80);

	const struct timeline *t = drive(&s);

	expect_probes(t, "a", .count = 2);
	expect_death(t, "a", .after = FIRST_UNANSWERED_PROBE, .s = 150);
	expect_notice_once(t, "a");
	expect_reset_at_snd_nxt(t, "a");
	expect_no_segment_after_death(t, "a", .for_s = 80);
}

/* The peer answers one probe more, when others were lost already: what counts is the last round. */

struct again_row {
	int count, timeout_s;
	int answered; /* this probe of the first round */
	double late_s;
	double limit_s;
};

static void check_silent_again(const struct again_row *row)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = row->count, .timeout_s = row->timeout_s);
	peer_falls_silent(&s, "a", .at_s = 5);
	peer_answers(&s, "a", .on_probe = row->answered, .at_s = row->late_s);
	watch(&s, .until = DEATH, .s = row->limit_s, .then_s = 20);

	const struct timeline *t = drive(&s);

	expect_probes(t, "a", .count = row->count);
	expect_death(t, "a", .after = FIRST_UNANSWERED_PROBE, .s = 75.0 * row->count);
	expect_notice_once(t, "a");
}

#define AGAIN(name, ...)                                                                           \
	CASE_ROW(dead_peer, name, "KA-SCHED-03 KA-DEAD-01 KA-NOTICE-01", check_silent_again,       \
		&(struct again_row){__VA_ARGS__})

AGAIN(silent_again_after_the_second_probe_was_answered, .count = 2, .timeout_s = 160, .answered = 2,
	.limit_s = 780)
AGAIN(silent_again_after_a_late_answer, .count = 3, .timeout_s = 230, .answered = 2, .late_s = 50,
	.limit_s = 1050)
AGAIN(silent_again_after_an_answer_to_the_last_probe, .count = 3, .timeout_s = 230, .answered = 3,
	.late_s = 60, .limit_s = 1140)

/* One of 1, one of 2, one of 3 probes: each dies in its own time. */
CASE(dead_peer, three_connections_die_each_in_its_own_time,
	"KA-SCHED-03 KA-DEAD-01 KA-NOTICE-01 KA-AFTER-02")
{
	struct scenario s = tcp_client("c1");

	add_connection(&s, "c2", ROLE_TCP_CLIENT);
	add_connection(&s, "c3", ROLE_TCP_CLIENT);
	keepalive(&s, "c1", .count = 1, .timeout_s = 80);
	keepalive(&s, "c2", .count = 2, .timeout_s = 180);
	keepalive(&s, "c3", .count = 3, .timeout_s = 280);
	peer_falls_silent(&s, "c1", .at_s = 5);
	peer_falls_silent(&s, "c2", .at_s = 7);
	peer_falls_silent(&s, "c3", .at_s = 9);
	watch(&s, .until = DEATH, .of = "c3", .then_s = 20);

	const struct timeline *t = drive(&s);

	for (int count = 1; count <= 3; count++) {
		char name[4];
		snprintf(name, sizeof name, "c%d", count);
		expect_probes(t, name, .count = count);
		expect_death(t, name, .after = FIRST_UNANSWERED_PROBE, .s = 75.0 * count);
		expect_notice_once(t, name);
		expect_cid_freed(t, name);
	}
}

/* Nobody has the peer's address any more.  When the first probe of "forgotten" is due, so is its
 * hardware address: the capture shows ARP requests and no probes, and the death can be measured from
 * the last received segment only.  The two others are accepted on one port, from one port of the
 * peer: what tells the one whose peer is there from the one whose peer is gone is the address alone. */
CASE(dead_peer, a_peer_host_that_is_gone_is_declared_dead_and_no_other,
	"KA-DEAD-01 KA-DEAD-03 KA-NOTICE-01 KA-NOTICE-02 KA-AFTER-02 KA-LIVE-06 KA-LIVE-15")
{
	static const struct {
		const char *name;
		int count, timeout_s;
	} gone[] = {{"gone", 2, 160}, {"forgotten", 1, 450}};
	struct scenario s = scenario_new();

	for (int i = 0; i < 2; i++) {
		add_connection(&s, gone[i].name, ROLE_TCP_CLIENT);
		at_spare_address(&s, gone[i].name);
	}
	add_connection(&s, "there", ROLE_TCP_SERVER);
	add_connection(&s, "not there", ROLE_TCP_SERVER);
	at_spare_address(&s, "not there");
	share_end(&s, "not there", "there");
	peer_port_of(&s, "not there", "there");
	for (int i = 0; i < 2; i++)
		keepalive(&s, gone[i].name, .count = gone[i].count, .timeout_s = gone[i].timeout_s);
	keepalive(&s, "there", .count = 1, .timeout_s = 100);
	keepalive(&s, "not there", .count = 1, .timeout_s = 100);
	peer_sends(&s, "there", .at_s = 1, .size = 300);
	peer_sends(&s, "not there", .at_s = 2, .size = 400);
	peer_is_gone(&s, "gone", .at_s = 5);
	peer_is_gone(&s, "forgotten", .at_s = 5);
	peer_is_gone(&s, "not there", .at_s = 5);
	watch(&s, .until = DEATH, .of = "forgotten", .then_s = 20);

	const struct timeline *t = drive(&s);

	for (int i = 0; i < 2; i++) {
		expect_death(t, gone[i].name, .after = LAST_RECEIVED_SEGMENT,
			.s = gone[i].timeout_s + 75.0 * gone[i].count, .requirement = "KA-DEAD-03");
		expect_notice_once(t, gone[i].name);
		expect_cid_freed(t, gone[i].name);
	}
	expect_data_delivered(t, "there");
	expect_data_delivered(t, "not there");
	/* Its hardware address may be forgotten as well, when the probe is due. */
	expect_death(t, "not there", .after = LAST_RECEIVED_SEGMENT, .s = 100 + 75,
		.requirement = "KA-LIVE-06");
	expect_notice_once(t, "not there");
	expect_alive(t, "there", .rounds = 2, .requirement = "KA-LIVE-06");
	expect_no_notice(t, "there");
}

/* TCP_MAXRT governs data, keep-alive what is idle.  Which one ends the connection is recorded. */
CASE(dead_peer, when_unacknowledged_data_is_given_up, "KA-DEAD-08")
{
	struct scenario s = tcp_client("a");

	option(&s, "a", "6", "10", "100", "4");
	keepalive(&s, "a", .count = 2, .timeout_s = 160);
	peer_falls_silent(&s, "a", .at_s = 5);
	device_sends(&s, "a", .at_s = 6, .size = 50);
	watch(&s, .until = TIME, .s = 420);

	const struct timeline *t = drive(&s);

	record_maxrt(t, "a", .s = 100);
}
