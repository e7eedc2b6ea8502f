/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

CASE(access_point, its_loss_is_told_by_the_disassociation_event, "KA-DEAD-07 KA-DEAD-10")
{
	struct scenario s = tcp_client("a");
	/* Both are lost at once, and that is no surprise here. */
	add_connection(&s, "b", ROLE_TCP_CLIENT);
	keepalive(&s, "a", .count = 1, .timeout_s = 75);
	access_point_goes(&s, "a", .at_s = 10);
	access_point_comes(&s, "a", .at_s = 75);
	watch(&s, .until = TIME, .s = 90);

	const struct timeline *t = drive(&s);

	expect_disassociation(t, "a", .within_s = 60);
	expect_cid_after_association_loss(t, "a");
}
