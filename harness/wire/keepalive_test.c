/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "core/units.h"
#include "wire/connection.h"

/* A conversation between the device (direction 0, first number 1000) and the peer (direction 1,
 * first number 5000).  Each test opens it or joins it, and then says segment by segment. */

enum { DEVICE, PEER };
enum {
	ACK = SEGMENT_FLAG_ACK,
	SYN = SEGMENT_FLAG_SYN,
	PSH = SEGMENT_FLAG_PSH,
	FIN = SEGMENT_FLAG_FIN,
	RST = SEGMENT_FLAG_RST
};

static struct connection *connection;
static int64_t now_ns;
static uint64_t frame;
static uint16_t next_id;
static struct tracked_segment tracked;

static void begin(void)
{
	connection = connection_new();
	now_ns = 1000 * NS_PER_S;
	frame = 0;
	next_id = 1;
}

static void end(void)
{
	connection_free(connection);
}

TestSuite(keepalive, .init = begin, .fini = end);

static struct packet segment(uint32_t seq, uint32_t ack, uint8_t flags, uint32_t length)
{
	return (struct packet){.kind = PACKET_TCP,
		.seq = seq,
		.ack = ack,
		.flags = flags,
		.length = length,
		.window = 1400,
		.window_scale = WINDOW_SCALE_NONE};
}

static enum segment_class track(int64_t after_ms, int from, struct packet packet)
{
	now_ns += after_ms * NS_PER_MS;
	packet.ip_id = next_id++;
	connection_track(connection, &packet, now_ns, ++frame, from, &tracked);
	return tracked.class;
}

static enum segment_class say(
	int64_t after_ms, int from, uint32_t seq, uint32_t ack, uint8_t flags, uint32_t length)
{
	return track(after_ms, from, segment(seq, ack, flags, length));
}

/* Three frames; then SND.NXT of the device is 1001, of the peer 5001. */
static void open_connection(void)
{
	cr_assert_eq(say(0, DEVICE, 1000, 0, SYN, 0), SEGMENT_SYN);
	cr_assert_eq(say(1, PEER, 5000, 1001, SYN | ACK, 0), SEGMENT_SYN);
	cr_assert_eq(say(1, DEVICE, 1001, 5001, ACK, 0), SEGMENT_OTHER);
}

Test(keepalive, a_probe_repeats_the_octet_before_snd_nxt_and_is_answered)
{
	open_connection();
	cr_assert_eq(say(75000, DEVICE, 1000, 5001, ACK, 0), SEGMENT_PROBE);
	cr_assert_eq(tracked.snd_nxt, 1001);
	cr_assert_eq(tracked.rcv_nxt, 5001);
	cr_assert_eq(tracked.quiet_ns, 75 * NS_PER_S);
	cr_assert_eq(say(1, PEER, 5001, 1001, ACK, 0), SEGMENT_PROBE_ANSWER);
	cr_assert_eq(tracked.answers_frame, 4);
	cr_assert_eq(tracked.answers_ns, 1075 * NS_PER_S + 2 * NS_PER_MS);
	cr_assert_eq(tracked.settles, SETTLES_NOTHING);
}

Test(keepalive, a_probe_may_carry_one_octet)
{
	open_connection();
	cr_assert_eq(say(75000, DEVICE, 1000, 5001, ACK, 1), SEGMENT_PROBE);
	cr_assert_eq(say(1, PEER, 5001, 1001, ACK, 0), SEGMENT_PROBE_ANSWER);
	cr_assert_eq(say(75000, DEVICE, 1000, 5001, ACK, 1), SEGMENT_PROBE);
	cr_assert_eq(tracked.snd_nxt, 1001);
}

Test(keepalive, probes_in_a_row_without_answer_are_counted)
{
	open_connection();
	for (uint32_t i = 1; i <= 8; i++) {
		cr_assert_eq(say(75000, DEVICE, 1000, 5001, ACK, 0), SEGMENT_PROBE);
		cr_assert_eq(tracked.unanswered, i);
	}
	cr_assert_eq(say(75000, DEVICE, 1001, 5001, RST | ACK, 0), SEGMENT_RST);
}

Test(keepalive, idle_time_runs_from_the_last_real_packet)
{
	open_connection();
	say(75000, DEVICE, 1000, 5001, ACK, 0);
	say(1, PEER, 5001, 1001, ACK, 0);
	cr_assert_eq(say(74999, DEVICE, 1000, 5001, ACK, 0), SEGMENT_PROBE);
	cr_assert_eq(tracked.quiet_ns, 150 * NS_PER_S);
	cr_assert_eq(tracked.unanswered, 1);
}

Test(keepalive, a_probe_right_behind_the_other_side_s_answer_is_a_probe)
{
	open_connection();
	cr_assert_eq(say(30000, PEER, 5000, 1001, ACK, 0), SEGMENT_PROBE);
	cr_assert_eq(say(1, DEVICE, 1001, 5001, ACK, 0), SEGMENT_PROBE_ANSWER);
	cr_assert_eq(say(10, DEVICE, 1000, 5001, ACK, 0), SEGMENT_PROBE);
}

Test(keepalive, crossing_probes_do_not_answer_each_other)
{
	open_connection();
	cr_assert_eq(say(30000, DEVICE, 1000, 5001, ACK, 0), SEGMENT_PROBE);
	cr_assert_eq(say(0, PEER, 5000, 1001, ACK, 0), SEGMENT_PROBE);
	cr_assert_eq(say(1, PEER, 5001, 1001, ACK, 0), SEGMENT_PROBE_ANSWER);
	cr_assert_eq(tracked.answers_frame, 4);
	cr_assert_eq(say(1, DEVICE, 1001, 5001, ACK, 0), SEGMENT_PROBE_ANSWER);
	cr_assert_eq(tracked.answers_frame, 5);
}

Test(keepalive, what_comes_right_behind_traffic_is_too_soon)
{
	open_connection();
	cr_assert_eq(say(399, DEVICE, 1000, 5001, ACK, 0), SEGMENT_TOO_SOON);
	cr_assert_eq(say(400, DEVICE, 1000, 5001, ACK, 0), SEGMENT_PROBE);
}

Test(keepalive, an_octet_not_acknowledged_yet_is_not_probed)
{
	open_connection();
	cr_assert_eq(say(10, DEVICE, 1001, 5001, ACK, 10), SEGMENT_DATA);
	cr_assert_eq(say(75000, DEVICE, 1010, 5001, ACK, 0), SEGMENT_UNACKNOWLEDGED);
	cr_assert_eq(say(1, PEER, 5001, 1011, ACK, 0), SEGMENT_OTHER);
	cr_assert_eq(say(75000, DEVICE, 1010, 5001, ACK, 0), SEGMENT_PROBE);
}

Test(keepalive, behind_its_own_fin_a_side_does_not_probe)
{
	open_connection();
	cr_assert_eq(say(10, DEVICE, 1001, 5001, ACK | FIN, 0), SEGMENT_FIN);
	cr_assert_eq(say(1, PEER, 5001, 1002, ACK, 0), SEGMENT_OTHER);
	cr_assert_eq(say(75000, DEVICE, 1001, 5001, ACK, 0), SEGMENT_AFTER_FIN);
	cr_assert_eq(say(75000, PEER, 5000, 1002, ACK, 0), SEGMENT_PROBE);
}

Test(keepalive, a_closed_window_makes_it_a_zero_window_probe)
{
	struct packet closed = segment(5001, 1001, ACK, 0);
	closed.window = 0;

	open_connection();
	cr_assert_eq(track(10, PEER, closed), SEGMENT_OTHER);
	cr_assert_eq(say(5000, DEVICE, 1000, 5001, ACK, 0), SEGMENT_ZERO_WINDOW_PROBE);
	cr_assert_eq(say(5000, DEVICE, 1001, 5001, ACK, 1), SEGMENT_ZERO_WINDOW_PROBE);
}

/* A sender without more to send has nothing to probe the window for. */
Test(keepalive, behind_a_closed_window_an_idle_sender_sends_keep_alive_probes)
{
	struct packet closed = segment(5001, 1001, ACK, 0);
	closed.window = 0;

	open_connection();
	cr_assert_eq(track(10, PEER, closed), SEGMENT_OTHER);
	cr_assert_eq(say(75000, DEVICE, 1000, 5001, ACK, 0), SEGMENT_PROBE);
	cr_assert_eq(track(1, PEER, closed), SEGMENT_PROBE_ANSWER);
	for (uint32_t i = 1; i <= 3; i++) {
		cr_assert_eq(say(75000, DEVICE, 1000, 5001, ACK, 0), SEGMENT_PROBE);
		cr_assert_eq(tracked.unanswered, i);
	}
}

Test(keepalive, persist_stays_persist_however_far_it_backs_off)
{
	struct packet closed = segment(5001, 1001, ACK, 0);
	closed.window = 0;

	open_connection();
	cr_assert_eq(track(10, PEER, closed), SEGMENT_OTHER);
	for (int64_t wait_ms = 30000; wait_ms <= 120000; wait_ms *= 2) {
		cr_assert_eq(say(wait_ms, DEVICE, 1000, 5001, ACK, 0), SEGMENT_ZERO_WINDOW_PROBE);
		cr_assert_eq(track(1, PEER, closed), SEGMENT_OTHER);
	}
	closed.window = 1400;
	cr_assert_eq(track(10, PEER, closed), SEGMENT_OTHER);
	cr_assert_eq(say(75000, DEVICE, 1000, 5001, ACK, 0), SEGMENT_PROBE);
}

Test(keepalive, with_data_outstanding_the_octet_before_it_probes_a_closed_window)
{
	struct packet closed = segment(5001, 1001, ACK, 0);

	for (uint16_t window = 0; window < 2; window++) {
		end();
		begin();
		open_connection();
		closed.window = window;
		cr_assert_eq(track(10, PEER, closed), SEGMENT_OTHER);
		say(10, DEVICE, 1001, 5001, ACK, 20);
		const enum segment_class class = say(5000, DEVICE, 1000, 5001, ACK, 0);
		cr_expect_eq(class == SEGMENT_ZERO_WINDOW_PROBE, window == 0);
	}
}

Test(keepalive, a_rst_that_a_probe_draws_names_the_probe)
{
	open_connection();
	say(75000, DEVICE, 1000, 5001, ACK, 0);
	say(75000, DEVICE, 1000, 5001, ACK, 0);
	cr_assert_eq(say(1, PEER, 5001, 0, RST, 0), SEGMENT_PROBE_RST);
	cr_assert_eq(tracked.answers_frame, 5);
}

Test(keepalive, a_rst_that_takes_its_number_from_the_probe_is_drawn_by_it_however_late)
{
	open_connection();
	say(75000, DEVICE, 1000, 5001, ACK, 0);
	cr_assert_eq(say(20000, PEER, 5001, 0, RST, 0), SEGMENT_PROBE_RST);
}

Test(keepalive, an_ack_with_a_wrong_number_of_its_own_is_no_answer)
{
	open_connection();
	say(75000, DEVICE, 1000, 5001, ACK, 0);
	cr_assert_eq(say(1, PEER, 4000, 1001, ACK, 0), SEGMENT_OTHER);
	cr_assert_eq(say(1, PEER, 5001, 1001, ACK, 0), SEGMENT_PROBE_ANSWER);
}

Test(keepalive, a_rst_with_ack_long_after_a_probe_is_not_drawn_by_it)
{
	open_connection();
	say(75000, DEVICE, 1000, 5001, ACK, 0);
	cr_assert_eq(say(20000, PEER, 5001, 1001, RST | ACK, 0), SEGMENT_RST);
}

Test(keepalive, a_late_answer_is_an_answer)
{
	open_connection();
	say(75000, DEVICE, 1000, 5001, ACK, 0);
	cr_assert_eq(say(60000, PEER, 5001, 1001, ACK, 0), SEGMENT_PROBE_ANSWER);
}

Test(keepalive, two_answers_to_two_probes_are_called_for)
{
	open_connection();
	say(1000, DEVICE, 1000, 5001, ACK, 0);
	say(1000, DEVICE, 1000, 5001, ACK, 0);
	cr_assert_eq(say(500, PEER, 5001, 1001, ACK, 0), SEGMENT_PROBE_ANSWER);
	cr_assert_eq(say(1000, PEER, 5001, 1001, ACK, 0), SEGMENT_OTHER);
}

Test(keepalive, probes_go_on_behind_data_with_the_new_number)
{
	open_connection();
	say(75000, DEVICE, 1000, 5001, ACK, 0);
	say(1, PEER, 5001, 1001, ACK, 0);
	cr_assert_eq(say(10000, PEER, 5001, 1001, ACK, 100), SEGMENT_DATA);
	cr_assert_eq(say(10, DEVICE, 1001, 5101, ACK, 0), SEGMENT_OTHER);
	cr_assert_eq(say(75000, DEVICE, 1000, 5101, ACK, 0), SEGMENT_PROBE);
	cr_assert_eq(tracked.quiet_ns, 75 * NS_PER_S);
	cr_assert_eq(tracked.rcv_nxt, 5101);
}

Test(keepalive, numbers_wrap)
{
	say(0, DEVICE, UINT32_MAX, 0, SYN, 0);
	say(1, PEER, UINT32_MAX - 1, 0, SYN | ACK, 0);
	say(1, DEVICE, 0, UINT32_MAX, ACK, 0);
	cr_assert_eq(say(75000, DEVICE, UINT32_MAX, UINT32_MAX, ACK, 0), SEGMENT_PROBE);
	cr_assert_eq(say(1, PEER, UINT32_MAX, 0, ACK, 0), SEGMENT_PROBE_ANSWER);
	cr_assert_eq(say(1, PEER, UINT32_MAX, 0, ACK, 10), SEGMENT_DATA);
	cr_assert_eq(say(1, DEVICE, 0, 9, ACK, 0), SEGMENT_OTHER);
	cr_assert_eq(say(75000, PEER, 8, 0, ACK, 0), SEGMENT_PROBE);
}

/* Malformed probes: the octet too far back, none at all, a wrong ACK. */
Test(keepalive, an_ack_that_nothing_called_for_is_unsolicited)
{
	static const uint32_t numbers[][2] = {
		{999, 5001}, {1001, 5001}, {1002, 5001}, {1001, 5000}, {1001, 5002}};

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		end();
		begin();
		open_connection();
		cr_assert_eq(say(75000, DEVICE, numbers[i][0], numbers[i][1], ACK, 0),
			SEGMENT_UNSOLICITED_ACK, "seq %u ack %u", numbers[i][0], numbers[i][1]);
		cr_assert_eq(say(75000, DEVICE, 1000, 5001, ACK, 0), SEGMENT_PROBE,
			"what a wrong segment says is not believed");
	}
}

Test(keepalive, an_octet_from_before_the_last_is_unsolicited)
{
	open_connection();
	say(10, DEVICE, 1001, 5001, ACK, 10);
	say(1, PEER, 5001, 1011, ACK, 0);
	cr_assert_eq(say(75000, DEVICE, 1009, 5001, ACK, 1), SEGMENT_UNSOLICITED_ACK);
}

Test(keepalive, an_ack_that_something_called_for_is_not_unsolicited)
{
	struct packet update = segment(1001, 5101, ACK, 0);
	update.window = 2800;

	open_connection();
	say(10, PEER, 5001, 1001, ACK, 100);
	cr_assert_eq(say(500, DEVICE, 1001, 5101, ACK, 0), SEGMENT_OTHER, "a late ACK of data");
	cr_assert_eq(track(5000, DEVICE, update), SEGMENT_OTHER, "a window update");
	say(1000, PEER, 4000, 1001, ACK, 0);
	update.window = 2800;
	cr_assert_eq(track(500, DEVICE, update), SEGMENT_OTHER, "an answer to a wrong SEQ");
	say(1000, PEER, 5101, 1005, ACK, 0);
	cr_assert_eq(track(500, DEVICE, update), SEGMENT_OTHER, "an answer to a wrong ACK");
	cr_assert_eq(track(5000, DEVICE, update), SEGMENT_UNSOLICITED_ACK);
}

Test(keepalive, retransmissions_are_told_from_new_data)
{
	open_connection();
	cr_assert_eq(say(10, DEVICE, 1001, 5001, ACK, 10), SEGMENT_DATA);
	cr_assert_eq(say(1000, DEVICE, 1001, 5001, ACK, 10), SEGMENT_RETRANSMISSION);
	cr_assert_eq(say(1000, DEVICE, 1001, 5001, ACK, 20), SEGMENT_DATA, "with new octets");
	cr_assert_eq(say(10, DEVICE, 1021, 5001, ACK, 1), SEGMENT_DATA);
}

/* The ACK was seen here, and lost on its way to the sender. */
Test(keepalive, an_octet_of_data_that_is_sent_again_and_again_is_no_probe)
{
	open_connection();
	cr_assert_eq(say(10, DEVICE, 1001, 5001, ACK | PSH, 1), SEGMENT_DATA);
	cr_assert_eq(say(1, PEER, 5001, 1002, ACK, 0), SEGMENT_OTHER);
	for (int ms = 1000; ms <= 64000; ms *= 2)
		cr_assert_eq(say(ms, DEVICE, 1001, 5001, ACK | PSH, 1), SEGMENT_RETRANSMISSION);
	cr_assert_eq(say(75000, DEVICE, 1001, 5001, ACK, 1), SEGMENT_PROBE, "not pushed");
}

Test(keepalive, octets_that_keep_an_interval_are_probes)
{
	open_connection();
	say(10, DEVICE, 1001, 5001, ACK | PSH, 1);
	say(1, PEER, 5001, 1002, ACK, 0);
	cr_assert_eq(say(1000, DEVICE, 1001, 5001, ACK | PSH, 1), SEGMENT_RETRANSMISSION);
	for (int i = 0; i < 5; i++)
		cr_assert_eq(say(1000, DEVICE, 1001, 5001, ACK | PSH, 1), SEGMENT_PROBE);
}

Test(keepalive, an_octet_that_comes_again_later_than_any_retransmission_is_a_probe)
{
	open_connection();
	say(10, DEVICE, 1001, 5001, ACK | PSH, 1);
	say(1, PEER, 5001, 1002, ACK, 0);
	cr_assert_eq(say(10000, DEVICE, 1001, 5001, ACK | PSH, 1), SEGMENT_PROBE);
	cr_assert_eq(say(10000, DEVICE, 1001, 5001, ACK | PSH, 1), SEGMENT_PROBE);
}

Test(keepalive, a_packet_captured_twice_counts_once)
{
	struct packet probe = segment(1000, 5001, ACK, 0);

	open_connection();
	cr_assert_eq(track(75000, DEVICE, probe), SEGMENT_PROBE);
	next_id--;
	cr_assert_eq(track(5, DEVICE, probe), SEGMENT_DUPLICATE);
	cr_assert_eq(say(1, PEER, 5001, 1001, ACK, 0), SEGMENT_PROBE_ANSWER);
	next_id--;
	cr_assert_eq(say(1, PEER, 5001, 1001, ACK, 0), SEGMENT_DUPLICATE);
	cr_assert_eq(track(75000, DEVICE, probe), SEGMENT_PROBE);
	cr_assert_eq(tracked.unanswered, 1);
}

/* From two places of the network, without an IP identification (IPv6). */
Test(keepalive, no_probe_comes_again_as_soon_as_a_copy)
{
	struct packet probe = segment(1000, 5001, ACK, 0);

	open_connection();
	next_id = 0;
	cr_assert_eq(track(75000, DEVICE, probe), SEGMENT_PROBE);
	next_id = 0;
	cr_assert_eq(track(250, DEVICE, probe), SEGMENT_DUPLICATE);
	next_id = 0;
	cr_assert_eq(track(1000, DEVICE, probe), SEGMENT_PROBE);
}

Test(keepalive, a_probe_sent_twice_counts_twice)
{
	open_connection();
	cr_assert_eq(say(75000, DEVICE, 1000, 5001, ACK, 0), SEGMENT_PROBE);
	cr_assert_eq(say(5, DEVICE, 1000, 5001, ACK, 0), SEGMENT_PROBE);
	cr_assert_eq(tracked.unanswered, 2);
}

Test(keepalive, stamps_that_jump_back_do_not_make_a_probe_too_soon)
{
	open_connection();
	cr_assert_eq(say(-5000, DEVICE, 1000, 5001, ACK, 0), SEGMENT_PROBE);
	cr_assert_lt(tracked.quiet_ns, 0);
}

Test(keepalive, joined_in_mid_idle_a_probe_is_proven_by_its_answer)
{
	cr_assert_eq(say(0, DEVICE, 1000, 5001, ACK, 0), SEGMENT_UNDECIDABLE);
	cr_assert_eq(tracked.quiet_ns, -1);
	cr_assert_eq(say(1, PEER, 5001, 1001, ACK, 0), SEGMENT_PROBE_ANSWER);
	cr_assert_eq(tracked.settles, SETTLES_PROBE);
	cr_assert_eq(tracked.answers_frame, 1);
	cr_assert_eq(say(75000, DEVICE, 1000, 5001, ACK, 0), SEGMENT_PROBE);
}

Test(keepalive, joined_in_mid_idle_unanswered_probes_accuse_nobody)
{
	for (int i = 0; i < 5; i++)
		cr_assert_eq(say(75000, DEVICE, 1000, 5001, ACK, 0), SEGMENT_UNDECIDABLE);
	cr_assert_eq(say(1, PEER, 5001, 1001, ACK, 0), SEGMENT_PROBE_ANSWER);
	cr_assert_eq(tracked.answers_frame, 5);
}

Test(keepalive, joined_in_mid_idle_one_octet_needs_a_d_sack_of_it)
{
	struct packet answer = segment(5001, 1001, ACK, 0);
	answer.has_sack = true;
	answer.sack_left = 1000;
	answer.sack_right = 1001;

	cr_assert_eq(say(0, DEVICE, 1000, 5001, ACK, 1), SEGMENT_UNDECIDABLE);
	cr_assert_eq(track(1, PEER, answer), SEGMENT_PROBE_ANSWER);
	cr_assert_eq(tracked.settles, SETTLES_PROBE);

	static const struct {
		bool has_sack;
		uint32_t left, right;
	} others[] = {
		{false, 1000, 1001}, {true, 1000, 1002}, {true, 999, 1001}, {true, 1001, 1002}};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		end();
		begin();
		answer.has_sack = others[i].has_sack;
		answer.sack_left = others[i].left;
		answer.sack_right = others[i].right;
		cr_expect_eq(say(0, DEVICE, 1000, 5001, ACK, 1), SEGMENT_UNDECIDABLE);
		cr_expect_eq(track(1, PEER, answer), SEGMENT_OTHER, "%zu", i);
	}
}

Test(keepalive, joined_an_ack_followed_by_one_octet_of_data_is_no_probe)
{
	cr_assert_eq(say(0, DEVICE, 1000, 5001, ACK, 0), SEGMENT_UNDECIDABLE);
	cr_assert_eq(say(1000, PEER, 5001, 1000, ACK, 100), SEGMENT_DATA);
	cr_assert_eq(say(10, DEVICE, 1000, 5101, ACK, 1), SEGMENT_DATA);
	cr_assert_eq(say(1, PEER, 5101, 1001, ACK, 0), SEGMENT_OTHER);
}

Test(keepalive, joined_an_ack_followed_by_a_fin_is_no_probe)
{
	cr_assert_eq(say(0, DEVICE, 1000, 5001, ACK, 0), SEGMENT_UNDECIDABLE);
	cr_assert_eq(say(1000, DEVICE, 1000, 5001, ACK | FIN, 0), SEGMENT_FIN);
	cr_assert_eq(say(1, PEER, 5001, 1001, ACK, 0), SEGMENT_OTHER);
}

Test(keepalive, joined_an_ack_whose_octet_the_peer_has_not_is_no_probe)
{
	cr_assert_eq(say(0, DEVICE, 1000, 5001, ACK, 0), SEGMENT_UNDECIDABLE);
	cr_assert_eq(say(1, PEER, 5001, 1000, ACK, 0), SEGMENT_OTHER);
	cr_assert_eq(say(1, PEER, 5001, 1001, ACK, 0), SEGMENT_OTHER, "of data not captured");
}

Test(keepalive, of_one_captured_direction_nothing_is_decided)
{
	say(0, DEVICE, 900, 5001, ACK, 101);
	cr_assert_eq(say(75000, DEVICE, 1000, 5001, ACK, 0), SEGMENT_UNDECIDABLE);
}

Test(keepalive, probes_are_found_where_the_capture_missed_data)
{
	open_connection();
	say(1000, PEER, 5001, 1051, ACK, 0);
	cr_assert_eq(say(75000, DEVICE, 1050, 5001, ACK, 0), SEGMENT_PROBE);
	cr_assert_eq(say(1, PEER, 5001, 1051, ACK, 0), SEGMENT_PROBE_ANSWER);
}

Test(keepalive, a_wrong_ack_of_the_peer_does_not_move_snd_nxt)
{
	open_connection();
	say(1000, PEER, 5001, 1051, ACK, 0);
	cr_assert_eq(say(1, DEVICE, 1001, 5001, ACK, 0), SEGMENT_OTHER);
	cr_assert_eq(say(75000, DEVICE, 1000, 5001, ACK, 0), SEGMENT_PROBE);
}

Test(keepalive, a_segment_far_outside_the_window_does_not_move_snd_nxt)
{
	open_connection();
	say(1000, PEER, 5001 + 1000000, 1001, ACK, 4);
	cr_assert_eq(say(1, DEVICE, 1001, 5001, ACK, 0), SEGMENT_OTHER);
	cr_assert_eq(say(75000, DEVICE, 1000, 5001, ACK, 0), SEGMENT_PROBE);
	cr_assert_eq(tracked.rcv_nxt, 5001);
}

/* SND.NXT of the peer after a segment of its that ends so far behind what the device acknowledged. */
static uint32_t reached_by(uint32_t distance)
{
	say(1000, PEER, 5001 + distance - 4, 1001, ACK, 4);
	say(1, DEVICE, 1001, 5001, ACK, 0);
	return tracked.rcv_nxt;
}

static void open_scaled(uint8_t of_device, uint8_t of_peer)
{
	struct packet syn = segment(1000, 0, SYN, 0), answer = segment(5000, 1001, SYN | ACK, 0);

	syn.window_scale = of_device;
	answer.window_scale = of_peer;
	end();
	begin();
	track(0, DEVICE, syn);
	track(1, PEER, answer);
	say(1, DEVICE, 1001, 5001, ACK, 0);
}

Test(keepalive, twice_the_window_and_64_kib_are_far_outside_the_window)
{
	enum { SLACK = 65536, WINDOW = 1400 };
	static const struct {
		uint8_t of_device, of_peer;
		uint32_t limit;
	} cases[] = {{WINDOW_SCALE_NONE, WINDOW_SCALE_NONE, 2 * WINDOW + SLACK},
		{3, WINDOW_SCALE_NONE, 2 * WINDOW + SLACK},
		{WINDOW_SCALE_NONE, 3, 2 * WINDOW + SLACK}, {3, 0, (2 * WINDOW << 3) + SLACK},
		{14, 2, (2 * WINDOW << 14) + SLACK}, {15, 2, 2 * WINDOW + SLACK}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		open_scaled(cases[i].of_device, cases[i].of_peer);
		cr_expect_eq(reached_by(cases[i].limit), 5001 + cases[i].limit, "case %zu", i);
		open_scaled(cases[i].of_device, cases[i].of_peer);
		cr_expect_eq(reached_by(cases[i].limit + 1), 5001, "case %zu", i);
	}
}

Test(keepalive, a_syn_is_never_far_outside_the_window)
{
	open_connection();
	say(1000, PEER, 5001 + 1000000, 1001, SYN | ACK, 0);
	cr_assert_eq(say(1, DEVICE, 1001, 5001, ACK, 0), SEGMENT_OTHER);
	cr_assert_eq(tracked.rcv_nxt, 5001 + 1000000 + 1);
}

Test(keepalive, an_old_segment_does_not_close_the_window)
{
	struct packet old = segment(4990, 990, ACK, 0);
	old.window = 0;

	open_connection();
	say(10, PEER, 5001, 1001, ACK, 0);
	track(10, PEER, old);
	cr_assert_eq(say(75000, DEVICE, 1000, 5001, ACK, 0), SEGMENT_PROBE);
}

Test(keepalive, each_class_has_a_name)
{
	for (int class = SEGMENT_OTHER; class <= SEGMENT_UNDECIDABLE; class ++)
		cr_assert_gt(strlen(segment_class_name((enum segment_class) class)), 2);
	cr_assert_str_eq(segment_class_name(SEGMENT_PROBE), "probe");
}
