/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

/* Connections that the module accepted as a server: their keep-alive is like any other's. */

static struct scenario accepted(int count, int timeout_s)
{
	struct scenario s = tcp_server("server");

	keepalive(&s, "server", .count = count, .timeout_s = timeout_s);
	/* The options may have come in the idle time since the handshake: another one begins. */
	peer_sends(&s, "server", .at_s = 1, .size = 1);
	return s;
}

CASE(configuration, options_of_an_accepted_connection_take_effect, "KA-CFG-22 KA-DEAD-01")
{
	struct scenario s = accepted(2, 160);
	peer_falls_silent(&s, "server", .at_s = 2);
	watch(&s, .until = DEATH, .then_s = 10);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "server", .requirement = "KA-CFG-22");
	expect_probes(t, "server", .count = 2, .requirement = "KA-CFG-22");
	expect_death(t, "server", .after = FIRST_UNANSWERED_PROBE, .s = 150);
}

CASE(configuration, an_accepted_connection_has_keepalive_off_by_default, "KA-CFG-01")
{
	struct scenario s = tcp_server("server");

	option(&s, "server", "6", "4005", "1", "4");
	option(&s, "server", "6", "4001", "75", "4");
	watch(&s, .until = TIME, .s = 240);

	const struct timeline *t = drive(&s);

	expect_no_probes(t, "server");
}

CASE(schedule, an_accepted_connection_probes_on_schedule,
	"KA-SCHED-01 KA-SCHED-02 KA-SCHED-03 " SOUND_PROBES)
{
	struct scenario s = accepted(3, 240);
	peer_falls_silent(&s, "server", .at_s = 2);
	watch(&s, .until = DEATH, .then_s = 10);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "server");
	expect_gaps_of_75_s(t, "server");
	expect_probes(t, "server", .count = 3);
	expect_sound_probes(t, "server");
}

CASE(liveness, an_accepted_connection_that_answers_lives, "KA-LIVE-01 KA-NOTICE-02")
{
	struct scenario s = accepted(2, 160);
	watch(&s, .until = TIME, .s = 1250);

	const struct timeline *t = drive(&s);

	expect_alive(t, "server", .rounds = 5);
	expect_no_notice(t, "server");
}

CASE(dead_peer, an_accepted_connection_dies_and_is_told_of,
	"KA-DEAD-01 KA-DEAD-11 KA-NOTICE-01 KA-AFTER-01 KA-AFTER-02")
{
	struct scenario s = accepted(1, 80);
	peer_falls_silent(&s, "server", .at_s = 2);
	watch(&s, .until = DEATH, .then_s = 80);

	const struct timeline *t = drive(&s);

	expect_death(t, "server", .after = FIRST_UNANSWERED_PROBE, .s = 75);
	expect_notice_once(t, "server");
	expect_reset_at_snd_nxt(t, "server");
	expect_no_segment_after_death(t, "server", .for_s = 80);
	expect_cid_freed(t, "server");
}
