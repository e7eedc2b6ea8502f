/* SPDX-License-Identifier: MIT */
#include "cases/setups.h"
#include "runner/case.h"

/* Connections that the module accepted as a server: their keep-alive is like any other's. */

CASE(schedule, an_accepted_connection_probes_on_schedule,
	"KA-SCHED-01 KA-SCHED-02 KA-SCHED-03 " SOUND_PROBES)
{
	struct scenario s = server_that_probes(3, 240);
	peer_falls_silent(&s, "server", .at_s = 2);
	watch(&s, .until = DEATH, .then_s = 10);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "server");
	expect_gaps_of_75_s(t, "server");
	expect_probes(t, "server", .count = 3);
	expect_sound_probes(t, "server");
}
