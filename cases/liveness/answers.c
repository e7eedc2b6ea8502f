/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

/* What counts as an answer to a probe, and what does not. */

/* The peer is silent, and each probe draws the segment that the bench sends in its name. */
static struct scenario answered_by(const struct when *answer)
{
	struct scenario s = tcp_client("a");
	struct when each = *answer;

	keepalive(&s, "a", .count = 2, .timeout_s = 160);
	peer_falls_silent(&s, "a", .at_s = 5);
	each.on_probe = 1;
	each.every = true;
	act_with(&s, "a", STEP_PEER_SEGMENT, each);
	return s;
}

CASE(liveness, an_answer_with_a_bad_checksum_is_none, "KA-LIVE-05 KA-DEAD-01")
{
	struct scenario s = answered_by(&(struct when){.raw.bad_checksum = true});
	watch(&s, .until = DEATH, .s = 420, .then_s = 10);

	const struct timeline *t = drive(&s);

	expect_probes(t, "a", .count = 2, .requirement = "KA-LIVE-05");
	expect_death(t, "a", .after = FIRST_UNANSWERED_PROBE, .s = 150);
}

/* Neither an ACK nor a RST from another port or address of the peer's host is of the connection. */
CASE(liveness, a_segment_from_another_port_or_address_is_none_of_the_connection,
	"KA-LIVE-06 KA-DEAD-01")
{
	struct scenario s = tcp_client("port");

	add_connection(&s, "address", ROLE_TCP_CLIENT);
	keepalive(&s, "port", .count = 2, .timeout_s = 160);
	keepalive(&s, "address", .count = 2, .timeout_s = 160);
	for (int i = 0; i < 2; i++) {
		peer_sends_stray_reset(&s, "port", .at_s = 3 + 40 * i, .raw.other_port = true);
		peer_sends_stray_reset(
			&s, "address", .at_s = 3 + 40 * i, .raw.other_address = true);
	}
	peer_falls_silent(&s, "port", .at_s = 5);
	peer_falls_silent(&s, "address", .at_s = 5);
	peer_answers(&s, "port", .on_probe = 1, .every = true, .raw.other_port = true);
	peer_answers(&s, "address", .on_probe = 1, .every = true, .raw.other_address = true);
	watch(&s, .until = TIME, .s = 420);

	const struct timeline *t = drive(&s);

	expect_probes(t, "port", .count = 2, .requirement = "KA-LIVE-06");
	expect_death(t, "port", .after = FIRST_UNANSWERED_PROBE, .s = 150);
	expect_probes(t, "address", .count = 2, .requirement = "KA-LIVE-06");
	expect_death(t, "address", .after = FIRST_UNANSWERED_PROBE, .s = 150);
}

/* 4.4BSD begins a new idle time with any segment of the connection. */

struct wrong_row {
	enum fact_id fact;
	struct when answer;
};

static void check_wrong_numbers(const struct wrong_row *row)
{
	struct scenario s = answered_by(&row->answer);
	watch(&s, .until = TIME, .s = 430);

	const struct timeline *t = drive(&s);

	record(t, "a", row->fact);
}

#define WRONG_NUMBERS(name, fact_, ...)                                                            \
	CASE_ROW(liveness, name, "KA-LIVE-07", check_wrong_numbers,                                \
		&(struct wrong_row){.fact = (fact_), .answer = {__VA_ARGS__}})

WRONG_NUMBERS(whether_the_ack_of_the_octet_before_is_an_answer, FACT_answer_octet_before,
	.raw.ack_offset = -1)
WRONG_NUMBERS(whether_the_ack_of_octets_long_ago_is_an_answer, FACT_answer_long_ago,
	.raw.ack_offset = -100000)
WRONG_NUMBERS(whether_the_ack_of_octets_never_sent_is_an_answer, FACT_answer_never_sent,
	.raw.ack_offset = 1000)
WRONG_NUMBERS(whether_an_ack_below_the_window_is_an_answer, FACT_answer_below_window,
	.raw.seq_offset = -100000)
WRONG_NUMBERS(whether_an_ack_beyond_the_window_is_an_answer, FACT_answer_beyond_window,
	.raw.seq_offset = 1000000)

CASE(liveness, each_answer_three_times_is_one_answer, "KA-LIVE-08 KA-SCHED-01 KA-NOTICE-02")
{
	struct scenario s = answered_by(&(struct when){.raw.copies = 3});
	watch(&s, .until = TIME, .s = 520);

	const struct timeline *t = drive(&s);

	expect_alive(t, "a", .rounds = 2, .requirement = "KA-LIVE-08");
	expect_first_probe_on_schedule(t, "a");
	expect_no_notice(t, "a");
}

/* The second copy comes so late that it looks like an answer to a probe not yet sent: the peer stays
 * silent, and the next round has all its probes. */
CASE(liveness, a_duplicate_30_s_after_the_answer_does_not_answer_the_next_round,
	"KA-LIVE-08 KA-SCHED-01 KA-DEAD-01")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 2, .timeout_s = 160);
	peer_falls_silent(&s, "a", .at_s = 5);
	peer_answers(&s, "a", .on_probe = 1);
	peer_answers(&s, "a", .on_probe = 1, .at_s = 30);
	watch(&s, .until = TIME, .s = 660);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "a");
	expect_probes(t, "a", .count = 2, .requirement = "KA-LIVE-08");
	expect_death(t, "a", .after = FIRST_UNANSWERED_PROBE, .s = 150);
}
