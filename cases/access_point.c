/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

CASE(access_point, its_loss_is_told_by_the_disassociation_event, "KA-DEAD-07 KA-DEAD-10 KA-OPEN-02")
{
	struct scenario s = tcp_client("a");
	/* Both are lost at once, and that is no surprise here. */
	add_connection(&s, "b", ROLE_TCP_CLIENT);
	keepalive(&s, "a", .count = 1, .timeout_s = 75);
	access_point_goes(&s, "a", .at_s = 10);
	command_at(&s, "b", "AT+NCTCP=%p,9", .at_s = 72);
	access_point_comes(&s, "a", .at_s = 75);
	watch(&s, .until = TIME, .s = 90);

	const struct timeline *t = drive(&s);

	expect_disassociation(t, "a", .within_s = 60);
	expect_cid_after_association_loss(t, "a");
	record_notice_association(t, "a");
	record_cid_after_loss(t, "a");
	/* In whatever words. */
	expect_refused(t, "b", .requirement = "KA-OPEN-02");
}

/* Lost, and associated again: what is opened then has its keep-alive like any other, and data goes
 * through.  The bench associates the module in between, without a reset. */
CASE(access_point, connections_after_its_return_are_kept_alive,
	"KA-DEAD-12 KA-DEAD-07 KA-DEAD-01 KA-NOTICE-01 KA-NOTICE-02 KA-LIVE-15")
{
	struct scenario lost = tcp_client("before");

	keepalive(&lost, "before", .count = 1, .timeout_s = 75);
	access_point_goes(&lost, "before", .at_s = 5);
	access_point_comes(&lost, "before", .at_s = 70);
	watch(&lost, .until = TIME, .s = 80);

	const struct timeline *gone = drive(&lost);

	/* Where it did not go, nothing below says anything of its return. */
	expect_disassociation(gone, "before", .within_s = 60);

	struct scenario s = tcp_client("silent");
	add_connection(&s, "server", ROLE_TCP_SERVER);
	keepalive(&s, "silent", .count = 1, .timeout_s = 75);
	keepalive(&s, "server", .count = 1, .timeout_s = 80);
	peer_sends(&s, "silent", .at_s = 1, .size = 100);
	peer_sends(&s, "server", .at_s = 1, .size = 100);
	peer_falls_silent(&s, "silent", .at_s = 2);
	watch(&s, .until = TIME, .s = 170);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "silent", .requirement = "KA-DEAD-12");
	expect_probes(t, "silent", .count = 1, .requirement = "KA-DEAD-12");
	expect_death(t, "silent", .after = FIRST_UNANSWERED_PROBE, .s = 75);
	expect_notice_once(t, "silent");
	expect_data_delivered(t, "silent");
	expect_alive(t, "server", .rounds = 1, .requirement = "KA-DEAD-12");
	expect_data_delivered(t, "server");
	expect_no_notice(t, "server");
}
