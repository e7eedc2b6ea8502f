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

CASE(configuration, an_accepted_connection_has_keepalive_off_by_default, "KA-CFG-01")
{
	struct scenario s = tcp_server("server");

	option(&s, "server", "6", "4005", "1", "4");
	option(&s, "server", "6", "4001", "75", "4");
	watch(&s, .until = TIME, .s = 240);

	const struct timeline *t = drive(&s);

	expect_no_probes(t, "server");
}
