/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

/* Connections that have to live for other reasons than an answered probe: data on its way, a closed
 * window, a peer that probes of its own accord, segments that are not the peer's. */

CASE(liveness, unacknowledged_data_is_retransmitted_and_not_probed, "KA-LIVE-09")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 2, .timeout_s = 160);
	peer_falls_silent(&s, "a", .at_s = 5);
	device_sends(&s, "a", .at_s = 6, .size = 100);
	watch(&s, .until = TIME, .s = 320);

	const struct timeline *t = drive(&s);

	expect_retransmission_and_no_probe(t, "a");
}

/* The data is sent when the round has begun: its retransmission takes over. */

struct mid_probing_row {
	int count, timeout_s;
	double watch_s;
	bool accepted;
};

static void check_mid_probing(const struct mid_probing_row *row)
{
	struct scenario s = row->accepted ? tcp_server("a") : tcp_client("a");

	keepalive(&s, "a", .count = row->count, .timeout_s = row->timeout_s);
	peer_falls_silent(&s, "a", .at_s = 5);
	device_sends(&s, "a", .on_probe = 1, .at_s = 10, .size = 100);
	watch(&s, .until = TIME, .s = row->watch_s);

	const struct timeline *t = drive(&s);

	expect_retransmission_and_no_probe(t, "a");
}

#define MID_PROBING(name, ...)                                                                     \
	CASE_ROW(liveness, name, "KA-LIVE-09", check_mid_probing,                                  \
		&(struct mid_probing_row){__VA_ARGS__})

MID_PROBING(data_sent_in_mid_probing_is_retransmitted_and_ends_the_probing, .count = 3,
	.timeout_s = 230, .watch_s = 520)
MID_PROBING(data_sent_after_the_first_of_8_probes_ends_the_probing, .count = 8, .timeout_s = 600,
	.watch_s = 1040, .accepted = true)
MID_PROBING(data_sent_after_two_hours_and_a_probe_ends_the_probing, .count = 16, .timeout_s = 7200,
	.watch_s = 7600)

/* Acknowledged late, the data begins an idle time, and probes come again. */
CASE(liveness, data_acknowledged_late_begins_an_idle_time, "KA-LIVE-09 KA-LIVE-01 KA-SCHED-01")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 2, .timeout_s = 160);
	peer_falls_silent(&s, "a", .at_s = 5);
	device_sends(&s, "a", .at_s = 6, .size = 100);
	peer_answers(&s, "a", .at_s = 46);
	peer_answers(&s, "a", .on_probe = 1, .every = true);
	watch(&s, .until = TIME, .s = 510);

	const struct timeline *t = drive(&s);

	expect_retransmission_and_no_probe(t, "a");
	expect_alive(t, "a", .rounds = 2);
	expect_first_probe_on_schedule(t, "a");
}

/* The peer closes its window, and the device has nothing for it: there is nothing to persist for, and
 * keep-alive goes on.  By every model the first probe comes more than a minute later: what comes
 * sooner is taken for persist's (wire/keepalive.h). */
CASE(liveness, a_closed_window_of_an_idle_peer_does_not_stop_keepalive,
	"KA-SCHED-01 KA-SCHED-03 KA-LIVE-01 KA-DEAD-01")
{
	struct scenario s = tcp_client("a");

	add_connection(&s, "lives", ROLE_TCP_CLIENT);
	keepalive(&s, "a", .count = 2, .timeout_s = 250);
	keepalive(&s, "lives", .count = 2, .timeout_s = 250);
	peer_answers(&s, "a", .at_s = 5, .raw.closed_window = true);
	peer_answers(&s, "lives", .at_s = 5, .raw.closed_window = true);
	peer_falls_silent(&s, "a", .at_s = 10);
	peer_falls_silent(&s, "lives", .at_s = 10);
	peer_answers(&s, "lives", .on_probe = 1, .every = true, .raw.closed_window = true);
	watch(&s, .until = DEATH, .of = "a", .then_s = 160);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "a");
	expect_probes(t, "a", .count = 2);
	expect_death(t, "a", .after = FIRST_UNANSWERED_PROBE, .s = 150);
	expect_alive(t, "lives", .rounds = 2);
}

/* The peer closes its window, and the device has data for it.  What probes the window is answered:
 * the window stays closed, for far longer than T + N x 75 s. */
CASE(liveness, a_closed_window_is_probed_and_does_not_end_the_connection, "KA-LIVE-10 KA-NOTICE-02")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 100);
	peer_falls_silent(&s, "a", .at_s = 5);
	peer_answers(&s, "a", .at_s = 6, .raw.closed_window = true);
	device_sends(&s, "a", .at_s = 10, .size = 500);
	peer_answers(&s, "a", .on_call = 1, .every = true, .raw.closed_window = true);
	watch(&s, .until = TIME, .s = 600);

	const struct timeline *t = drive(&s);

	expect_persist(t, "a");
	expect_no_notice(t, "a");
}

/* It is probed once while it is closed, and open at the next probe: what waited goes through then,
 * all and once, and what comes back as well. */
CASE(liveness, data_goes_through_a_window_that_opens_again, "KA-FMT-03 KA-LIVE-01 KA-LIVE-15")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 100);
	peer_falls_silent(&s, "a", .at_s = 5);
	peer_answers(&s, "a", .at_s = 6, .raw.closed_window = true);
	device_sends(&s, "a", .at_s = 10, .size = 1400);
	peer_answers(&s, "a", .on_call = 1, .raw.closed_window = true);
	peer_speaks_again(&s, "a", .on_call = 1, .at_s = 0.5);
	peer_sends(&s, "a", .at_s = 180, .size = 1400);
	watch(&s, .until = TIME, .s = 195);

	const struct timeline *t = drive(&s);

	expect_stream_intact(t, "a");
	expect_data_delivered(t, "a");
	expect_alive(t, "a");
}

/* ---- the peer's own probes ---- */

struct peer_probe_row {
	int size; /* octets of garbage */
	bool with_data;
};

static void check_peer_probe(const struct peer_probe_row *row)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 2, .timeout_s = 200);
	if (row->with_data) {
		device_sends(&s, "a", .at_s = 5, .size = 300);
		peer_sends(&s, "a", .at_s = 6, .size = 700);
	}
	peer_probes(&s, "a", .at_s = 30, .size = row->size);
	peer_probes(&s, "a", .at_s = 100, .size = row->size);
	peer_probes(&s, "a", .at_s = 170, .size = row->size);
	watch(&s, .until = TIME, .s = 320);

	const struct timeline *t = drive(&s);

	expect_peer_probes_answered(t, "a");
	expect_nothing_else_delivered(t, "a");
	expect_alive(t, "a", .rounds = 0);
}

#define PEER_PROBE(name, ...)                                                                      \
	CASE_ROW(liveness, name, "KA-LIVE-01 KA-LIVE-11 KA-LIVE-14", check_peer_probe,             \
		&(struct peer_probe_row){__VA_ARGS__})

PEER_PROBE(an_empty_probe_of_the_peer_is_answered, .size = 0)
PEER_PROBE(a_probe_of_the_peer_with_a_garbage_octet_is_answered_and_not_delivered, .size = 1)
PEER_PROBE(an_empty_probe_of_the_peer_after_data_is_answered, .size = 0, .with_data = true)
PEER_PROBE(a_garbage_octet_after_data_is_answered_and_not_delivered, .size = 1, .with_data = true)

/* Without keep-alive of its own the device answers all the same. */
CASE(liveness, a_probe_of_the_peer_is_answered_without_keepalive, "KA-LIVE-11")
{
	struct scenario s = tcp_client("a");

	peer_probes(&s, "a", .at_s = 60);
	peer_probes(&s, "a", .at_s = 135);
	watch(&s, .until = TIME, .s = 200);

	const struct timeline *t = drive(&s);

	expect_peer_probes_answered(t, "a");
}

/* The peer hears nothing, but its own probes get through. */
CASE(liveness, a_probe_of_the_peer_is_answered_in_mid_probing, "KA-LIVE-11")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 3, .timeout_s = 230);
	peer_falls_silent(&s, "a", .at_s = 5);
	peer_probes(&s, "a", .on_probe = 1, .at_s = 30);
	watch(&s, .until = TIME, .s = 420);

	const struct timeline *t = drive(&s);

	expect_peer_probes_answered(t, "a");
}

/* ---- the peer's data ---- */

CASE(liveness, data_of_the_peer_arrives_under_the_cid_of_its_connection, "KA-LIVE-01 KA-LIVE-15")
{
	struct scenario s = tcp_client("a");

	add_connection(&s, "b", ROLE_TCP_CLIENT);
	keepalive(&s, "a", .count = 2, .timeout_s = 160);
	for (int i = 0; i < 4; i++) {
		peer_sends(&s, "a", .at_s = 10 + i, .size = 1 + 500 * i);
		peer_sends(&s, "b", .at_s = 10 + i, .size = 1400 - 300 * i);
	}
	peer_sends(&s, "a", .at_s = 200, .size = 700);
	watch(&s, .until = TIME, .s = 450);

	const struct timeline *t = drive(&s);

	expect_data_delivered(t, "a");
	expect_data_delivered(t, "b");
	expect_alive(t, "a", .rounds = 1);
}

CASE(liveness, data_of_the_peer_arrives_from_an_accepted_connection, "KA-LIVE-15 KA-OPEN-03")
{
	struct scenario s = tcp_server("server");

	peer_sends(&s, "server", .at_s = 5, .size = 3000);
	peer_sends(&s, "server", .at_s = 6, .size = 1);
	watch(&s, .until = TIME, .s = 30);

	const struct timeline *t = drive(&s);

	expect_data_delivered(t, "server");
	expect_connects(t, "server");
}

/* It is not lost because the UART is busy with the answer of a command. */
CASE(liveness, data_of_the_peer_arrives_while_commands_run, "KA-LIVE-15")
{
	struct scenario s = tcp_client("a");

	for (int i = 0; i < 8; i++) {
		option_at(&s, "a", "65535,8,0,4", .at_s = 10 + i);
		peer_sends(&s, "a", .at_s = 10 + i, .size = 100);
	}
	watch(&s, .until = TIME, .s = 30);

	const struct timeline *t = drive(&s);

	expect_data_delivered(t, "a");
}

/* Alone: a module that takes such a frame for something else is not to hit the connections of other
 * cases.  What becomes of the octets of one whose CID is no digit nobody says: read as a line they
 * draw an error of their own.  Data of the peer arrives in the frames of AT+BDATA=0 as well. */
CASE(liveness, data_frames_that_are_empty_or_of_no_cid_do_no_harm,
	"KA-CFG-21 KA-CHAR-01 KA-LIVE-01 KA-LIVE-15 KA-LIVE-17")
{
	enum { EMPTY, WRONG, LINE_END, ASKED };
	struct scenario s = tcp_client("first");

	add_connection(&s, "a", ROLE_TCP_CLIENT);
	s.exclusive = true;
	device_sends(&s, "a", .at_s = 1, .text = "%");
	device_sends(&s, "a", .at_s = 2, .text = "g", .size = 5);
	command_at(&s, "a", "AT", .at_s = 4);
	command_at(&s, "a", "AT", .at_s = 5);
	device_sends(&s, "a", .at_s = 6, .size = 100);
	device_sends(&s, "first", .at_s = 7, .size = 100);
	peer_sends(&s, "a", .at_s = 8, .size = 100);
	peer_sends(&s, "first", .at_s = 9, .size = 100);
	command_at(&s, "a", "AT+BDATA=0", .at_s = 12);
	peer_sends(&s, "a", .at_s = 13, .size = 700);
	peer_sends(&s, "first", .at_s = 14, .size = 1);
	command_at(&s, "a", "AT+BDATA=1", .at_s = 15);
	watch(&s, .until = TIME, .s = 20);

	const struct timeline *t = drive(&s);

	record_empty_frame(t, "a", .nth = EMPTY);
	record_wrong_frame(t, "a", .nth = WRONG);
	expect_accepted(t, "a", .nth = ASKED, .requirement = "KA-CFG-21");
	expect_stream_intact(t, "a", .requirement = "KA-LIVE-17");
	expect_stream_intact(t, "first", .requirement = "KA-LIVE-17");
	expect_data_delivered(t, "a");
	expect_data_delivered(t, "first");
	expect_alive(t, "first");
	expect_alive(t, "a");
}

/* ---- segments that the peer did not send ---- */

struct stray_reset_row {
	int seq_offset;
};

static void check_stray_reset(const struct stray_reset_row *row)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 2, .timeout_s = 200);
	peer_sends_stray_reset(&s, "a", .at_s = 20, .raw.seq_offset = row->seq_offset);
	peer_sends_stray_reset(&s, "a", .at_s = 50, .raw.seq_offset = row->seq_offset);
	watch(&s, .until = TIME, .s = 350);

	const struct timeline *t = drive(&s);

	expect_alive(t, "a", .rounds = 1, .requirement = "KA-LIVE-12");
	expect_no_notice(t, "a");
}

#define STRAY_RESET(name, offset)                                                                  \
	CASE_ROW(liveness, name, "KA-LIVE-12 KA-NOTICE-02", check_stray_reset,                     \
		&(struct stray_reset_row){.seq_offset = (offset)})

STRAY_RESET(a_rst_far_below_the_window_does_not_end_the_connection, -200000)
STRAY_RESET(a_rst_far_beyond_the_window_does_not_end_the_connection, 2000000)

CASE(liveness, what_a_rst_within_the_window_does, "KA-LIVE-13")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 2, .timeout_s = 200);
	peer_sends_stray_reset(&s, "a", .at_s = 20, .raw.seq_offset = 100);
	watch(&s, .until = TIME, .s = 60);

	const struct timeline *t = drive(&s);

	record_reset_in_window(t, "a");
}
