/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

/* What comes between, right before and right behind the probes of a round, other than an answer. */

/* The peer, silent so far, sends data, and is silent again: that ends the round, and the next one has
 * its full idle time and its full count. */
static void data_in_a_round(struct scenario *s, const char *name, double after_probe_s)
{
	peer_falls_silent(s, name, .at_s = 5);
	peer_speaks_again(s, name, .on_probe = 1, .at_s = after_probe_s - 0.1);
	peer_sends(s, name, .on_probe = 1, .at_s = after_probe_s, .size = 60);
	peer_falls_silent(s, name, .on_probe = 1, .at_s = after_probe_s + 2);
}

/* The same with data of the device's, which the peer acknowledges. */
static void data_sent_in_a_round(struct scenario *s, const char *name, double after_probe_s)
{
	peer_falls_silent(s, name, .at_s = 5);
	peer_speaks_again(s, name, .on_probe = 1, .at_s = after_probe_s - 0.1);
	device_sends(s, name, .on_probe = 1, .at_s = after_probe_s, .size = 60);
	peer_falls_silent(s, name, .on_probe = 1, .at_s = after_probe_s + 10);
}

static void expect_a_round_of_its_own(const struct timeline *t, const char *name, int count)
{
	expect_first_probe_on_schedule(t, name, .requirement = "KA-LIVE-16");
	expect_probes(t, name, .count = count, .requirement = "KA-LIVE-16");
	expect_death(t, name, .after = FIRST_UNANSWERED_PROBE, .s = 75.0 * count);
}

CASE(liveness, data_in_mid_probing_ends_the_round, "KA-LIVE-15 KA-LIVE-16 KA-LIVE-17 KA-DEAD-01")
{
	struct scenario s = tcp_client("mid");
	add_connection(&s, "behind", ROLE_TCP_CLIENT);
	add_connection(&s, "sent", ROLE_TCP_CLIENT);

	keepalive(&s, "mid", .count = 1, .timeout_s = 100);
	keepalive(&s, "behind", .count = 1, .timeout_s = 100);
	keepalive(&s, "sent", .count = 1, .timeout_s = 100);
	data_in_a_round(&s, "mid", 30);
	data_in_a_round(&s, "behind", 0.4);
	data_sent_in_a_round(&s, "sent", 30);
	watch(&s, .until = TIME, .s = 420);

	const struct timeline *t = drive(&s);

	expect_data_delivered(t, "mid");
	expect_a_round_of_its_own(t, "mid", 1);
	expect_data_delivered(t, "behind");
	expect_a_round_of_its_own(t, "behind", 1);
	expect_stream_intact(t, "sent", .requirement = "KA-LIVE-17");
	expect_a_round_of_its_own(t, "sent", 1);
}

/* The second probe is due 75 s after the first one. */
CASE(liveness, data_of_the_peer_right_before_a_probe_ends_the_round,
	"KA-LIVE-15 KA-LIVE-16 KA-DEAD-01")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 2, .timeout_s = 150);
	data_in_a_round(&s, "a", 74.4);
	watch(&s, .until = TIME, .s = 560);

	const struct timeline *t = drive(&s);

	expect_data_delivered(t, "a");
	expect_a_round_of_its_own(t, "a", 2);
}

/* The data is on its way when every idle time ends, by whatever model, and is acknowledged within
 * the 100 s that a stack goes on retransmitting at least (RFC 1122 4.2.3.5): that begins another
 * idle time, and probes come. */
CASE(liveness, an_idle_time_that_ends_while_data_is_outstanding_is_not_the_last,
	"KA-LIVE-01 KA-LIVE-09 KA-LIVE-15 KA-SCHED-01")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 100);
	peer_sends(&s, "a", .at_s = 1, .size = 1400);
	peer_falls_silent(&s, "a", .at_s = 72);
	device_sends(&s, "a", .at_s = 74, .size = 100);
	peer_answers(&s, "a", .at_s = 155);
	peer_answers(&s, "a", .on_probe = 1, .every = true);
	watch(&s, .until = TIME, .s = 475);

	const struct timeline *t = drive(&s);

	expect_data_delivered(t, "a");
	expect_retransmission_and_no_probe(t, "a");
	expect_alive(t, "a", .rounds = 2);
	expect_first_probe_on_schedule(t, "a");
}
