/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

/* What a probe looks like (RFC 9293 3.8.4, RFC 1122 4.2.3.6). */

/* A connection whose probes are looked at: idle from the start, or after octets were exchanged. */
struct format_row {
	int from_device, from_peer; /* octets, twice each */
	bool silent;		    /* the peer does not answer */
};

static struct scenario probed(const struct format_row *row)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 3, .timeout_s = 230);
	for (int i = 0; i < 2; i++) {
		if (row->from_device > 0)
			device_sends(&s, "a", .at_s = 1 + i, .size = row->from_device);
		if (row->from_peer > 0)
			peer_sends(&s, "a", .at_s = 1.5 + i, .size = row->from_peer);
	}
	if (row->silent)
		peer_falls_silent(&s, "a", .at_s = 9);
	watch(&s, .until = TIME, .s = 395);
	return s;
}

static void check_format(const struct format_row *row)
{
	struct scenario s = probed(row);

	const struct timeline *t = drive(&s);

	expect_probe_format(t, "a");
}

#define FORMAT(name, ...)                                                                          \
	CASE_ROW(format, name, "KA-FMT-01", check_format, &(struct format_row){__VA_ARGS__})

FORMAT(a_probe_is_an_empty_or_one_octet_ack_before_snd_nxt, .silent = false)
FORMAT(a_probe_after_data_from_the_device, .from_device = 700)
FORMAT(a_probe_after_data_from_the_peer, .from_peer = 700)
FORMAT(a_probe_after_data_both_ways, .from_device = 100, .from_peer = 1400)
FORMAT(a_probe_after_one_octet_each_way, .from_device = 1, .from_peer = 1)
FORMAT(each_probe_of_a_silent_peer, .from_device = 30, .from_peer = 20, .silent = true)

CASE(format, a_probe_carries_no_data, "KA-FMT-02")
{
	struct scenario s = probed(&(struct format_row){.silent = true});

	const struct timeline *t = drive(&s);

	expect_probes_without_data(t, "a");
}

CASE(format, a_probe_does_not_shrink_the_window, "KA-FMT-04")
{
	struct scenario s = probed(&(struct format_row){.from_device = 10});

	const struct timeline *t = drive(&s);

	expect_window_not_shrunk(t, "a");
}

/* The UART takes what the peer sent before the probe comes: the window is as open as before. */
CASE(format, a_probe_after_data_does_not_shrink_the_window, "KA-FMT-04")
{
	struct scenario s = probed(&(struct format_row){.from_peer = 1400, .silent = true});

	const struct timeline *t = drive(&s);

	expect_window_not_shrunk(t, "a");
}

CASE(format, a_probe_has_the_time_to_live_of_other_segments, "KA-FMT-05")
{
	struct scenario s = probed(&(struct format_row){.from_device = 10, .silent = true});

	const struct timeline *t = drive(&s);

	expect_own_time_to_live(t, "a");
}

CASE(format, a_probe_has_the_addresses_and_ports_of_its_connection, "KA-FMT-06")
{
	struct scenario s = tcp_client("a");
	add_connection(&s, "b", ROLE_TCP_CLIENT);

	keepalive(&s, "a", .count = 2, .timeout_s = 160);
	keepalive(&s, "b", .count = 1, .timeout_s = 110);
	watch(&s, .until = TIME, .s = 395);

	const struct timeline *t = drive(&s);

	expect_own_addresses_and_ports(t, "a");
	expect_own_addresses_and_ports(t, "b");
}

/* ---- the garbage octet ---- */

CASE(format, probes_deliver_nothing_to_the_peers_application, "KA-FMT-03")
{
	struct scenario s = probed(&(struct format_row){.silent = false});

	const struct timeline *t = drive(&s);

	expect_stream_intact(t, "a");
}

/* Data before, between, and after the probes arrives as it was sent. */
CASE(format, the_stream_to_the_peer_is_intact_around_probes, "KA-FMT-03")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 80);
	device_sends(&s, "a", .at_s = 2, .size = 300);
	device_sends(&s, "a", .at_s = 190, .size = 700);
	device_sends(&s, "a", .at_s = 380, .size = 1400);
	watch(&s, .until = TIME, .s = 395);

	const struct timeline *t = drive(&s);

	expect_stream_intact(t, "a");
}

CASE(format, the_stream_to_the_device_is_intact_around_probes, "KA-FMT-03 KA-LIVE-14 KA-LIVE-15")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 80);
	peer_sends(&s, "a", .at_s = 2, .size = 300);
	peer_sends(&s, "a", .at_s = 190, .size = 700);
	peer_sends(&s, "a", .at_s = 380, .size = 1400);
	watch(&s, .until = TIME, .s = 395);

	const struct timeline *t = drive(&s);

	expect_stream_intact(t, "a");
	expect_nothing_else_delivered(t, "a");
	expect_data_delivered(t, "a");
}

/* Probes before the peer's numbers wrap, with an ACK of 0, and behind it. */
CASE(format, a_probe_across_a_wrap_of_the_peers_sequence_numbers, "KA-FMT-01 KA-LIVE-01")
{
	struct scenario s = tcp_server("server");

	peer_wraps(&s, "server");
	keepalive(&s, "server", .count = 1, .timeout_s = 80);
	peer_sends(&s, "server", .at_s = 1, .size = 40);
	peer_sends(&s, "server", .at_s = 160, .size = PEER_WRAPS_AFTER - 40);
	peer_sends(&s, "server", .at_s = 320, .size = 50);
	watch(&s, .until = TIME, .s = 480);

	const struct timeline *t = drive(&s);

	expect_probe_format(t, "server");
	expect_alive(t, "server", .rounds = 3);
}
