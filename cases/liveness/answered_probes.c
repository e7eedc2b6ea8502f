/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

/* Peers that answer are not declared dead, however few of their answers arrive in time. */

CASE(liveness, answered_probes_keep_the_connection_for_ten_rounds, "KA-LIVE-01 KA-NOTICE-02")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 100);
	watch(&s, .until = TIME, .s = 1600);

	const struct timeline *t = drive(&s);

	expect_alive(t, "a", .rounds = 10);
	expect_no_notice(t, "a");
}

/* The peer hears nothing any more; the bench answers in its name, and from 'speaks_s' after the
 * same probe on the peer does so again.  The answer begins an idle time, wherever it lies. */

struct late_row {
	double late_s;
};

static void check_late(const struct late_row *row)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 3, .timeout_s = 300);
	peer_falls_silent(&s, "a", .at_s = 5);
	peer_answers(&s, "a", .on_probe = 1, .at_s = row->late_s);
	peer_speaks_again(&s, "a", .on_probe = 1, .at_s = row->late_s + 20);
	watch(&s, .until = TIME, .s = 900);

	const struct timeline *t = drive(&s);

	expect_alive(t, "a", .rounds = 2, .requirement = "KA-LIVE-02");
	expect_first_probe_on_schedule(t, "a");
}

#define LATE(name, late)                                                                           \
	CASE_ROW(liveness, name, "KA-LIVE-02 KA-SCHED-01", check_late,                             \
		&(struct late_row){.late_s = (late)})

LATE(an_answer_40_s_late_ends_the_round, 40)
LATE(an_answer_just_before_the_next_probe_ends_the_round, 73)
LATE(an_answer_just_after_the_next_probe_ends_the_round, 77)
LATE(an_answer_between_the_second_and_the_third_probe_ends_the_round, 120)
LATE(an_answer_after_the_third_probe_ends_the_round, 170)

/* 'lost' probes of 'count' are left unanswered, the next one is answered, round after round. */

struct lost_row {
	int count, timeout_s, lost, rounds;
	double watch_s;
	bool accepted;
};

static void check_lost(const struct lost_row *row)
{
	struct scenario s = row->accepted ? tcp_server("a") : tcp_client("a");

	keepalive(&s, "a", .count = row->count, .timeout_s = row->timeout_s);
	peer_falls_silent(&s, "a", .at_s = 5);
	peer_answers(&s, "a", .on_probe = row->lost + 1, .every = true);
	watch(&s, .until = TIME, .s = row->watch_s);

	const struct timeline *t = drive(&s);

	expect_alive(t, "a", .rounds = row->rounds, .requirement = "KA-LIVE-03");
	expect_first_probe_on_schedule(t, "a");
	expect_gaps_of_75_s(t, "a");
	expect_no_notice(t, "a");
	expect_sound_probes(t, "a");
}

#define LOST(name, ...)                                                                            \
	CASE_ROW(liveness, name, "KA-LIVE-03 KA-SCHED-01 KA-SCHED-02 KA-NOTICE-02 " SOUND_PROBES,  \
		check_lost, &(struct lost_row){__VA_ARGS__})

LOST(of_2_probes_1_is_lost_again_and_again, .count = 2, .timeout_s = 160, .lost = 1, .rounds = 4,
	.watch_s = 1260)
LOST(of_3_probes_1_is_lost_again_and_again, .count = 3, .timeout_s = 230, .lost = 1, .rounds = 3,
	.watch_s = 1150)
LOST(of_3_probes_2_are_lost_again_and_again, .count = 3, .timeout_s = 230, .lost = 2, .rounds = 2,
	.watch_s = 930)
LOST(of_4_probes_3_are_lost_again_and_again, .count = 4, .timeout_s = 310, .lost = 3, .rounds = 2,
	.watch_s = 1230)
LOST(of_8_probes_4_are_lost, .count = 8, .timeout_s = 620, .lost = 4, .rounds = 1, .watch_s = 995)
LOST(of_8_probes_7_are_lost, .count = 8, .timeout_s = 620, .lost = 7, .rounds = 1, .watch_s = 1220)
LOST(of_8_probes_1_is_lost_10_times, .count = 8, .timeout_s = 620, .lost = 1, .rounds = 10,
	.watch_s = 7600, .accepted = true)
LOST(of_8_probes_7_are_lost_4_times, .count = 8, .timeout_s = 620, .lost = 7, .rounds = 4,
	.watch_s = 4900)
LOST(of_16_probes_15_are_lost_4_times, .count = 16, .timeout_s = 1230, .lost = 15, .rounds = 4,
	.watch_s = 9800)
LOST(of_3_probes_2_are_lost_40_times, .count = 3, .timeout_s = 230, .lost = 2, .rounds = 40,
	.watch_s = 18100)
LOST(of_3_probes_2_are_lost_after_two_hours_and_again, .count = 3, .timeout_s = 7200, .lost = 2,
	.rounds = 4, .watch_s = 29700)

/* The last probe is answered, when the death is already near. */

struct last_row {
	int count, timeout_s;
	double late_s;
	int rounds;
	double watch_s;
};

static void check_last(const struct last_row *row)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = row->count, .timeout_s = row->timeout_s);
	peer_falls_silent(&s, "a", .at_s = 5);
	peer_answers(&s, "a", .on_probe = row->count, .at_s = row->late_s, .every = true);
	watch(&s, .until = TIME, .s = row->watch_s);

	const struct timeline *t = drive(&s);

	expect_alive(t, "a", .rounds = row->rounds, .requirement = "KA-LIVE-04");
	expect_no_notice(t, "a");
}

#define LAST(name, ...)                                                                            \
	CASE_ROW(liveness, name, "KA-LIVE-04 KA-NOTICE-02", check_last,                            \
		&(struct last_row){__VA_ARGS__})

LAST(an_answer_20_s_after_the_only_probe_is_in_time, .count = 1, .timeout_s = 100, .late_s = 20,
	.rounds = 3, .watch_s = 620)
LAST(an_answer_70_s_after_the_only_probe_is_in_time, .count = 1, .timeout_s = 100, .late_s = 70,
	.rounds = 3, .watch_s = 750)
LAST(an_answer_70_s_after_the_last_of_2_probes_is_in_time, .count = 2, .timeout_s = 160,
	.late_s = 70, .rounds = 2, .watch_s = 830)
LAST(an_answer_70_s_after_the_last_of_8_probes_is_in_time, .count = 8, .timeout_s = 620,
	.late_s = 70, .rounds = 1, .watch_s = 1290)
