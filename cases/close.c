/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

/* Alone: it is everybody's connections that end. */
CASE(close, of_all_ends_each_by_fin_and_frees_its_cid, "KA-CLOSE-03 KA-AFTER-02 KA-CFG-21")
{
	static const char *const names[] = {"idle", "probed", "served"};
	struct scenario s = tcp_client("idle");

	add_connection(&s, "probed", ROLE_TCP_CLIENT);
	add_connection(&s, "served", ROLE_TCP_SERVER);
	s.exclusive = true;
	keepalive(&s, "probed", .count = 1, .timeout_s = 75);
	device_sends(&s, "served", .at_s = 2, .size = 100);
	command_at(&s, "idle", "AT+NCLOSEALL", .at_s = 5);
	watch(&s, .until = TIME, .s = 15);

	const struct timeline *t = drive(&s);

	expect_accepted(t, "idle", .nth = 0, .requirement = "KA-CFG-21");
	for (int i = 0; i < 3; i++) {
		expect_closed_by_fin(t, names[i], .requirement = "KA-CLOSE-03");
		expect_cid_freed(t, names[i]);
	}
}
