/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

/* A silent peer is declared dead after count x interval: the owner's requirement. */

#define DEATH_REQUIREMENTS "KA-SCHED-03 KA-DEAD-01 KA-NOTICE-01 KA-AFTER-01 KA-AFTER-02"

CASE(dead_peer, count_8_is_declared_dead_600_s_after_the_first_unanswered_probe,
	DEATH_REQUIREMENTS " KA-SCHED-01 KA-SCHED-02 " SOUND_PROBES)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 8, .timeout_s = 600);
	peer_falls_silent(&s, "a", .at_s = 5);
	watch(&s, .until = DEATH, .then_s = 80);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "a");
	expect_probes(t, "a", .count = 8);
	expect_gaps_of_75_s(t, "a");
	expect_sound_probes(t, "a");
	expect_death(t, "a", .after = FIRST_UNANSWERED_PROBE, .s = 600);
	expect_notice_once(t, "a");
	expect_no_segment_after_death(t, "a", .for_s = 80);
	expect_cid_freed(t, "a");
}

CASE(dead_peer, count_1_is_declared_dead_75_s_after_its_only_probe, DEATH_REQUIREMENTS)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 75);
	peer_falls_silent(&s, "a", .at_s = 5);
	watch(&s, .until = DEATH, .then_s = 160);

	const struct timeline *t = drive(&s);

	expect_probes(t, "a", .count = 1);
	expect_death(t, "a", .after = FIRST_UNANSWERED_PROBE, .s = 75);
	expect_notice_once(t, "a");
	expect_no_segment_after_death(t, "a", .for_s = 160);
	expect_cid_freed(t, "a");
	note_count_of_one(t, "a");
}

/* Rounds of three probes, watched up to the last of them: so many that a real air, too, tells a probe
 * that is never sent from one that is lost.  What each anchors its idle time with is sent at another
 * time: one burst in the air takes a probe of one of them. */
CASE(dead_peer, count_3_sends_three_probes_on_each_of_six_connections, "KA-SCHED-01 KA-SCHED-02")
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f"};
	enum { CONNECTIONS = sizeof names / sizeof *names };
	struct scenario s = tcp_client(names[0]);

	for (int i = 1; i < CONNECTIONS; i++)
		add_connection(&s, names[i], ROLE_TCP_CLIENT);
	for (int i = 0; i < CONNECTIONS; i++) {
		keepalive(&s, names[i], .count = 3, .timeout_s = 225);
		peer_sends(&s, names[i], .at_s = 1 + 4 * i, .size = 1);
		peer_falls_silent(&s, names[i], .at_s = 2 + 4 * i);
	}
	watch(&s, .until = TIME, .s = 394);

	const struct timeline *t = drive(&s);

	for (int i = 0; i < CONNECTIONS; i++) {
		expect_first_probe_on_schedule(t, names[i]);
		expect_gaps_of_75_s(t, names[i]);
	}
}

/* 1 x 75 with the silence at other phases of a tick: the death does not depend on them. */

struct phase_row {
	double silent_at_s;
};

static void check_phase(const struct phase_row *row)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 75);
	peer_falls_silent(&s, "a", .at_s = row->silent_at_s);
	watch(&s, .until = DEATH, .then_s = 20);

	const struct timeline *t = drive(&s);

	expect_probes(t, "a", .count = 1);
	expect_death(t, "a", .after = FIRST_UNANSWERED_PROBE, .s = 75);
	expect_notice_once(t, "a");
}

#define PHASE(name, at)                                                                            \
	CASE_ROW(dead_peer, name, "KA-SCHED-03 KA-DEAD-01 KA-NOTICE-01", check_phase,              \
		&(struct phase_row){.silent_at_s = (at)})

PHASE(count_1_silent_from_the_start, 0)
PHASE(count_1_silent_after_10_s, 10)
PHASE(count_1_silent_after_20_s, 20)
PHASE(count_1_silent_after_30_s, 30)
PHASE(count_1_silent_after_40_s, 40)
PHASE(count_1_silent_after_50_s, 50)
PHASE(count_1_silent_after_60_s, 60)
PHASE(count_1_silent_after_70_s, 70)
PHASE(count_1_silent_after_74_s, 74)

CASE(dead_peer, a_rebooted_peer_is_noticed_at_the_first_probe, "KA-DEAD-02 KA-NOTICE-01")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 2, .timeout_s = 200);
	peer_reboots(&s, "a", .at_s = 5);
	watch(&s, .until = DEATH, .s = 320, .then_s = 80);

	const struct timeline *t = drive(&s);

	expect_reset_noticed(t, "a", .within_s = 5);
	expect_notice_once(t, "a");
}

CASE(dead_peer, of_two_connections_only_the_dead_one_is_reported,
	"KA-DEAD-01 KA-NOTICE-01 KA-NOTICE-02 KA-LIVE-01")
{
	struct scenario s = tcp_client("dead");

	add_connection(&s, "living", ROLE_TCP_CLIENT);
	keepalive(&s, "dead", .count = 1, .timeout_s = 100);
	keepalive(&s, "living", .count = 1, .timeout_s = 100);
	peer_falls_silent(&s, "dead", .at_s = 5);
	watch(&s, .until = DEATH, .of = "dead", .then_s = 160);

	const struct timeline *t = drive(&s);

	expect_death(t, "dead", .after = FIRST_UNANSWERED_PROBE, .s = 75);
	expect_notice_once(t, "dead");
	expect_alive(t, "living", .rounds = 1);
	expect_no_notice(t, "living");
}

/* The shortest pair: also what the real clock is proven with.  76 s for the one that answers: at
 * the floor model B would leave it no idle time at all.  On a busy UART it is set up a while after
 * the other. */
CASE(dead_peer, with_count_1_the_silent_one_dies_and_the_answering_one_lives,
	"KA-SCHED-03 KA-DEAD-01 KA-NOTICE-01 KA-NOTICE-02 KA-LIVE-01")
{
	struct scenario s = tcp_client("silent");

	add_connection(&s, "answering", ROLE_TCP_CLIENT);
	keepalive(&s, "silent", .count = 1, .timeout_s = 75);
	keepalive(&s, "answering", .count = 1, .timeout_s = 76);
	peer_falls_silent(&s, "silent", .at_s = 0);
	watch(&s, .until = DEATH, .of = "silent", .then_s = 40);

	const struct timeline *t = drive(&s);

	expect_probes(t, "silent", .count = 1);
	expect_death(t, "silent", .after = FIRST_UNANSWERED_PROBE, .s = 75);
	expect_notice_once(t, "silent");
	expect_alive(t, "answering", .rounds = 1);
	expect_no_notice(t, "answering");
}
