/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

/* The module is the access point (AT+WM=2), and the peer host its station: a client that vanishes
 * there.  While it is away nobody sees the wire, so what counts is what the module says. */

CASE(station, a_client_that_is_gone_for_good_is_told_and_its_cid_freed,
	"KA-AP-01 KA-AP-03 KA-AFTER-02 KA-LIVE-15")
{
	struct scenario s = tcp_client("client");

	add_connection(&s, "server", ROLE_TCP_SERVER);
	keepalive(&s, "client", .count = 2, .timeout_s = 150);
	keepalive(&s, "server", .count = 3, .timeout_s = 225);
	peer_sends(&s, "client", .at_s = 1, .size = 100);
	peer_sends(&s, "server", .at_s = 1, .size = 100);
	station_leaves(&s, "client", .at_s = 5);
	watch(&s, .until = TIME, .s = 500);

	const struct timeline *t = drive(&s);

	expect_data_delivered(t, "client");
	expect_lost_station_told(t, "client");
	expect_lost_station_fate(t, "client");
	expect_cid_freed(t, "client");
	expect_lost_station_told(t, "server");
	expect_cid_freed(t, "server");
}

/* Before the first of all models gives it up: B, 300 s after what it received last. */
CASE(station, one_that_is_back_in_time_keeps_its_connections, "KA-AP-02")
{
	struct scenario s = tcp_client("client");

	add_connection(&s, "server", ROLE_TCP_SERVER);
	keepalive(&s, "client", .count = 4, .timeout_s = 300);
	keepalive(&s, "server", .count = 4, .timeout_s = 300);
	station_leaves(&s, "client", .at_s = 5);
	station_joins(&s, "client", .at_s = 200);
	watch(&s, .until = TIME, .s = 700);

	const struct timeline *t = drive(&s);

	expect_back_in_time(t, "client");
	expect_back_in_time(t, "server");
}

/* What is opened then has its keep-alive like any other, and data goes through. */
CASE(station, connections_after_its_return_are_kept_alive,
	"KA-AP-04 KA-AP-01 KA-DEAD-01 KA-NOTICE-01 KA-NOTICE-02 KA-LIVE-15")
{
	struct scenario lost = tcp_client("before");

	keepalive(&lost, "before", .count = 1, .timeout_s = 75);
	station_leaves(&lost, "before", .at_s = 5);
	station_joins(&lost, "before", .at_s = 250);
	watch(&lost, .until = TIME, .s = 270);

	const struct timeline *gone = drive(&lost);

	/* Where it did not go, nothing below says anything of its return. */
	expect_lost_station_told(gone, "before");

	struct scenario s = tcp_client("silent");
	add_connection(&s, "server", ROLE_TCP_SERVER);
	keepalive(&s, "silent", .count = 1, .timeout_s = 75);
	keepalive(&s, "server", .count = 1, .timeout_s = 80);
	peer_sends(&s, "silent", .at_s = 1, .size = 100);
	peer_sends(&s, "server", .at_s = 1, .size = 100);
	peer_falls_silent(&s, "silent", .at_s = 2);
	watch(&s, .until = TIME, .s = 170);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "silent", .requirement = "KA-AP-04");
	expect_probes(t, "silent", .count = 1, .requirement = "KA-AP-04");
	expect_death(t, "silent", .after = FIRST_UNANSWERED_PROBE, .s = 75);
	expect_notice_once(t, "silent");
	expect_data_delivered(t, "silent");
	expect_alive(t, "server", .rounds = 1, .requirement = "KA-AP-04");
	expect_data_delivered(t, "server");
	expect_no_notice(t, "server");
}
