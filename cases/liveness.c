/* SPDX-License-Identifier: MIT */
#include "cases/case.h"

/* Peers that answer are not declared dead. */

CASE(liveness, answered_probes_keep_the_connection_for_ten_rounds, "KA-LIVE-01 KA-NOTICE-02")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 100);
	watch(&s, .until = TIME, .s = 1600);

	const struct timeline *t = drive(&s);

	expect_alive(t, "a", 10);
	expect_notice(t, "a", NEVER, ANY_CID);
}
