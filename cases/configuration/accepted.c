/* SPDX-License-Identifier: MIT */
#include "cases/setups.h"
#include "runner/case.h"

/* Connections that the module accepted as a server: their keep-alive is like any other's. */

CASE(configuration, options_of_an_accepted_connection_take_effect, "KA-CFG-22 KA-DEAD-01")
{
	struct scenario s = server_that_probes(2, 160);
	peer_falls_silent(&s, "server", .at_s = 2);
	watch(&s, .until = DEATH, .then_s = 10);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "server", .requirement = "KA-CFG-22");
	expect_probes(t, "server", .count = 2, .requirement = "KA-CFG-22");
	expect_death(t, "server", .after = FIRST_UNANSWERED_PROBE, .s = 150);
}

/* The peer connects to two ports of the module from one of its own: the listener's port alone tells
 * the connections apart, of which the second one has keep-alive on. */
CASE(configuration, an_accepted_connection_has_keepalive_off_by_default,
	"KA-CFG-01 KA-LIVE-06 KA-LIVE-15 KA-SCHED-07")
{
	struct scenario s = tcp_server("server");

	add_connection(&s, "on", ROLE_TCP_SERVER);
	peer_port_of(&s, "on", "server");
	keepalive(&s, "on", .count = 1, .timeout_s = 110);
	peer_sends(&s, "on", .at_s = 1, .size = 30);
	peer_sends(&s, "server", .at_s = 40, .size = 40);
	option(&s, "server", "6", "4005", "1", "4");
	option(&s, "server", "6", "4001", "75", "4");
	watch(&s, .until = TIME, .s = 240);

	const struct timeline *t = drive(&s);

	expect_no_probes(t, "server");
	expect_data_delivered(t, "server");
	expect_data_delivered(t, "on");
	expect_first_probe_on_schedule(t, "on", .requirement = "KA-SCHED-07");
	expect_alive(t, "on", .rounds = 1, .requirement = "KA-LIVE-06");
}
