/* SPDX-License-Identifier: MIT */
#include "cases/case.h"

/* What a probe looks like (RFC 9293 3.8.4, RFC 1122 4.2.3.6). */

CASE(format, probe_is_an_empty_or_one_octet_ack_before_snd_nxt, "KA-FMT-01")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 2, .timeout_s = 200);
	watch(&s, .until = TIME, .s = 500);

	const struct timeline *t = drive(&s);

	expect_probe_format(t, "a");
}

CASE(format, probe_after_data_both_ways, "KA-FMT-01")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 2, .timeout_s = 200);
	device_sends(&s, "a", .at_s = 1, .size = 100);
	peer_sends(&s, "a", .at_s = 2, .size = 700);
	device_sends(&s, "a", .at_s = 3, .size = 1);
	watch(&s, .until = TIME, .s = 500);

	const struct timeline *t = drive(&s);

	expect_probe_format(t, "a");
}
