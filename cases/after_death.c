/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "cases/case.h"

/* What a dead connection leaves behind. */

/* All 16 CIDs are open, one dies: the only number that a new connection can get is the dead one's.
 */
CASE(after_death, the_dead_cid_can_be_used_again, "KA-AFTER-02")
{
	struct scenario s = tcp_client("dead");

	for (int i = 1; i < 16; i++) {
		char name[8];
		snprintf(name, sizeof name, "c%d", i);
		add_connection(&s, name, ROLE_TCP_CLIENT);
	}
	s.exclusive = true;
	keepalive(&s, "dead", .count = 1, .timeout_s = 100);
	peer_falls_silent(&s, "dead", .at_s = 5);
	device_opens(&s, "dead", .after_death_of = "dead", .at_s = 10);
	watch(&s, .until = DEATH, .of = "dead", .then_s = 30);

	const struct timeline *t = drive(&s);

	expect_opened(t, "dead", "dead");
}
