/* SPDX-License-Identifier: MIT */
#include "cases/setups.h"
#include "runner/case.h"

/* Connections that the module accepted as a server: their keep-alive is like any other's. */

CASE(dead_peer, an_accepted_connection_dies_and_is_told_of,
	"KA-DEAD-01 KA-DEAD-11 KA-NOTICE-01 KA-AFTER-01 KA-AFTER-02")
{
	struct scenario s = server_that_probes(1, 80);
	peer_falls_silent(&s, "server", .at_s = 2);
	watch(&s, .until = DEATH, .then_s = 80);

	const struct timeline *t = drive(&s);

	expect_death(t, "server", .after = FIRST_UNANSWERED_PROBE, .s = 75);
	expect_notice_once(t, "server");
	expect_reset_at_snd_nxt(t, "server");
	expect_no_segment_after_death(t, "server", .for_s = 80);
	expect_cid_freed(t, "server");
}
