/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "runner/case.h"

/* What was set on a CID that is used again: each option apart.  All 16 CIDs are open, so that the
 * numbers which the new connections get are those of the dead ones; these all have had the same
 * options.  Before that there is none for a seventeenth. */

enum { FRESH = 13 }; /* that never die */

static void open_again(struct scenario *s, const char *name)
{
	keepalive(s, name, .count = 1, .timeout_s = 75);
	peer_falls_silent(s, name, .at_s = 2);
	device_opens(s, name, .after_death_of = name, .at_s = 5);
}

CASE(configuration, each_option_of_a_cid_that_is_used_again_is_forgotten,
	"KA-CFG-11 KA-AFTER-02 KA-OPEN-01")
{
	static const char *const reused[] = {"off", "no T"};
	struct scenario s = scenario_new();

	s.exclusive = true;
	for (int i = 0; i < 2; i++)
		add_connection(&s, reused[i], ROLE_TCP_CLIENT);
	for (int i = 0; i <= FRESH; i++) {
		char name[8];
		snprintf(name, sizeof name, "f%d", i);
		add_connection(&s, name, ROLE_TCP_CLIENT);
	}
	for (int i = 0; i < 2; i++)
		open_again(&s, reused[i]);
	command_at(&s, "f0", "AT+NCTCP=%p,9", .at_s = 5);
	option_at(&s, "off", "6,4005,1,4", .after_death_of = "off", .at_s = 8);
	option_at(&s, "off", "6,4001,80,4", .after_death_of = "off", .at_s = 9);
	option_at(&s, "no T", "6,4005,1,4", .after_death_of = "no T", .at_s = 8);
	option_at(&s, "no T", "65535,8,1,4", .after_death_of = "no T", .at_s = 9);
	watch(&s, .until = DEATH, .of = "no T", .then_s = 175);

	const struct timeline *t = drive(&s);

	/* In whatever words: those of the table are the vendor\'s. */
	expect_refused(t, "f0", .nth = 0, .requirement = "KA-OPEN-01");
	for (int i = 0; i < 2; i++)
		expect_opened(t, reused[i]);
	expect_no_probes(t, "off", .requirement = "KA-CFG-11");
	expect_no_probes(t, "no T", .requirement = "KA-CFG-11");
}
