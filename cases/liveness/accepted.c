/* SPDX-License-Identifier: MIT */
#include "cases/setups.h"
#include "runner/case.h"

/* Connections that the module accepted as a server: their keep-alive is like any other's. */

CASE(liveness, an_accepted_connection_that_answers_lives, "KA-LIVE-01 KA-NOTICE-02")
{
	struct scenario s = server_that_probes(2, 160);
	watch(&s, .until = TIME, .s = 700);

	const struct timeline *t = drive(&s);

	expect_alive(t, "server", .rounds = 3);
	expect_no_notice(t, "server");
}
