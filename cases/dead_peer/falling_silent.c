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

struct data_row {
	int from_device, from_peer; /* octets */
};

static void check_silent_after_data(const struct data_row *row)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 2, .timeout_s = 170);
	if (row->from_device > 0)
		device_sends(&s, "a", .at_s = 20, .size = row->from_device);
	if (row->from_peer > 0)
		peer_sends(&s, "a", .at_s = 40, .size = row->from_peer);
	peer_falls_silent(&s, "a", .at_s = 42);
	watch(&s, .until = DEATH, .then_s = 80);

	const struct timeline *t = drive(&s);

	expect_probes(t, "a", .count = 2);
	expect_death(t, "a", .after = FIRST_UNANSWERED_PROBE, .s = 150);
	expect_notice_once(t, "a");
	expect_reset_at_snd_nxt(t, "a");
	expect_no_segment_after_death(t, "a", .for_s = 80);
}

#define AFTER_DATA(name, ...)                                                                      \
	CASE_ROW(dead_peer, name, "KA-SCHED-03 KA-DEAD-01 KA-DEAD-11 KA-NOTICE-01 KA-AFTER-01",    \
		check_silent_after_data, &(struct data_row){__VA_ARGS__})

AFTER_DATA(silent_after_data_from_the_device, .from_device = 300)
AFTER_DATA(silent_after_data_from_the_peer, .from_peer = 900)
AFTER_DATA(silent_after_data_both_ways, .from_device = 1400, .from_peer = 2800)

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

/* Nobody has the peer's address any more.  In the second case the device has forgotten its hardware
 * address by the time of the first probe: the capture shows ARP requests and no probes, and the
 * death can be measured from the last received segment only. */

struct gone_row {
	int count, timeout_s;
};

static void check_gone(const struct gone_row *row)
{
	struct scenario s = tcp_client("a");

	at_spare_address(&s, "a");
	keepalive(&s, "a", .count = row->count, .timeout_s = row->timeout_s);
	peer_is_gone(&s, "a", .at_s = 5);
	watch(&s, .until = DEATH, .then_s = 20);

	const struct timeline *t = drive(&s);

	expect_death(t, "a", .after = LAST_RECEIVED_SEGMENT,
		.s = row->timeout_s + 75.0 * row->count, .requirement = "KA-DEAD-03");
	expect_notice_once(t, "a");
	expect_cid_freed(t, "a");
}

#define GONE(name, ...)                                                                            \
	CASE_ROW(dead_peer, name, "KA-DEAD-03 KA-NOTICE-01 KA-AFTER-02", check_gone,               \
		&(struct gone_row){__VA_ARGS__})

GONE(a_peer_host_that_is_gone_is_declared_dead, .count = 2, .timeout_s = 160)
GONE(a_peer_host_whose_hardware_address_is_forgotten_is_declared_dead, .count = 1, .timeout_s = 450)

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
