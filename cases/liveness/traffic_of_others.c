/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

/* What goes on beside an idle connection, and what went on before on it. */

/* Datagrams and segments from the same peer, each 20 s, in both directions: none of them is of the
 * connection that is silent. */
CASE(liveness, traffic_of_others_does_not_restart_an_idle_time,
	"KA-SCHED-01 KA-SCHED-02 KA-SCHED-03 KA-DEAD-01 KA-NOTICE-01 KA-LIVE-19")
{
	struct scenario s = tcp_client("a");

	add_connection(&s, "udp", ROLE_UDP_CLIENT);
	add_connection(&s, "busy", ROLE_TCP_CLIENT);
	keepalive(&s, "a", .count = 2, .timeout_s = 150);
	peer_falls_silent(&s, "a", .at_s = 2);
	for (int i = 0; i < 16; i++) {
		device_sends(&s, "udp", .at_s = 10 + 20 * i, .size = 20);
		peer_sends(&s, "udp", .at_s = 12 + 20 * i, .size = 30);
		device_sends(&s, "busy", .at_s = 15 + 20 * i, .size = 20);
		peer_sends(&s, "busy", .at_s = 20 + 20 * i, .size = 20);
	}
	watch(&s, .until = DEATH, .of = "a", .then_s = 10);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "a");
	expect_probes(t, "a", .count = 2);
	expect_gaps_of_75_s(t, "a");
	expect_death(t, "a", .after = FIRST_UNANSWERED_PROBE, .s = 150);
	expect_notice_once(t, "a");
	expect_datagrams_pass(t, "udp");
}

/* TCP_MAXRT is about data that is not acknowledged: this was, long before. */
CASE(liveness, data_that_was_acknowledged_does_not_time_out, "KA-LIVE-20 KA-NOTICE-02")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 2, .timeout_s = 150);
	option(&s, "a", "6", "10", "30", "4");
	device_sends(&s, "a", .at_s = 5, .size = 100);
	device_sends(&s, "a", .at_s = 20, .size = 1);
	watch(&s, .until = TIME, .s = 350);

	const struct timeline *t = drive(&s);

	expect_alive(t, "a", .rounds = 1, .requirement = "KA-LIVE-20");
	expect_no_notice(t, "a");
}
