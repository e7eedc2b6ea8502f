/* SPDX-License-Identifier: MIT */
#include "judge/expect.h"

#include <stdio.h>
#include <string.h>

/* What a living connection does besides keep-alive. */

static struct timeline *quiet_timeline(void)
{
	return fake_timeline((struct fake_device){.keepalive_off = true, .watch_s = 300});
}

/* Adds a segment and returns it, to be made what it is to be. */
static struct timeline_segment *segment_at(
	struct timeline *t, double at_s, enum direction direction, enum segment_role role)
{
	fake_segment(t, S(at_s), direction, role, TCP_FLAG_ACK);
	for (size_t i = t->count; i-- > 0;)
		if (t->events[i].kind == EVENT_SEGMENT && t->events[i].t_ns == S(at_s))
			return &t->events[i].segment;
	return NULL;
}

static void device_data(struct timeline *t, double at_s, enum segment_role role)
{
	segment_at(t, at_s, FROM_DEVICE, role)->length = 100;
}

static struct verdict judged(enum expectation_kind kind, struct timeline *t)
{
	struct profile profile = profile_default();
	struct verdict v = verdict_new();

	judge_as(&v, t, 0, &profile, kind, (struct expectation_parameters){0});
	timeline_free(t);
	return v;
}

Test(judge_liveness, unacknowledged_data_that_is_retransmitted_passes)
{
	struct timeline *t = quiet_timeline();

	device_data(t, 10, ROLE_DATA);
	device_data(t, 13, ROLE_RETRANSMISSION);
	struct verdict v = judged(EXPECT_retransmission_and_no_probe, t);
	EXPECT_OUTCOME(v, OUTCOME_PASS);
}

Test(judge_liveness, unacknowledged_data_that_is_not_retransmitted_fails)
{
	struct timeline *t = quiet_timeline();

	device_data(t, 10, ROLE_DATA);
	struct verdict v = judged(EXPECT_retransmission_and_no_probe, t);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
}

Test(judge_liveness, a_probe_while_data_is_outstanding_fails)
{
	struct timeline *t = quiet_timeline();

	device_data(t, 10, ROLE_DATA);
	device_data(t, 13, ROLE_RETRANSMISSION);
	struct timeline_segment *probe = segment_at(t, 110, FROM_DEVICE, ROLE_NOT_A_PROBE);
	probe->snd_nxt = FAKE_SEQ + 100;
	probe->seq = probe->snd_nxt - 1;
	struct verdict v = judged(EXPECT_retransmission_and_no_probe, t);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
}

Test(judge_liveness, a_probe_after_the_data_was_acknowledged_passes)
{
	struct timeline *t = quiet_timeline();

	device_data(t, 10, ROLE_DATA);
	device_data(t, 13, ROLE_RETRANSMISSION);
	segment_at(t, 20, FROM_PEER, ROLE_PLAIN)->ack = FAKE_SEQ + 100;
	segment_at(t, 120, FROM_DEVICE, ROLE_PROBE);
	struct verdict v = judged(EXPECT_retransmission_and_no_probe, t);
	EXPECT_OUTCOME(v, OUTCOME_PASS);
}

Test(judge_liveness, without_unacknowledged_data_nothing_is_known_of_retransmission)
{
	struct timeline *t = quiet_timeline();

	device_data(t, 10, ROLE_DATA);
	segment_at(t, 10.1, FROM_PEER, ROLE_PLAIN)->ack = FAKE_SEQ + 100;
	struct verdict v = judged(EXPECT_retransmission_and_no_probe, t);
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
}

static struct timeline *closed_window_timeline(void)
{
	struct timeline *t = quiet_timeline();

	for (size_t i = 0; i < t->count; i++)
		t->events[i].segment.window = 1000;
	segment_at(t, 10, FROM_PEER, ROLE_PLAIN)->window = 0;
	return t;
}

Test(judge_liveness, a_closed_window_that_is_probed_passes)
{
	struct timeline *t = closed_window_timeline();

	segment_at(t, 15, FROM_DEVICE, ROLE_ZERO_WINDOW_PROBE);
	struct verdict v = judged(EXPECT_persist, t);
	EXPECT_OUTCOME(v, OUTCOME_PASS);
}

Test(judge_liveness, a_closed_window_that_is_not_probed_fails)
{
	struct verdict v = judged(EXPECT_persist, closed_window_timeline());

	EXPECT_OUTCOME(v, OUTCOME_FAIL);
}

Test(judge_liveness, a_death_behind_a_closed_window_fails)
{
	struct timeline *t = closed_window_timeline();

	segment_at(t, 15, FROM_DEVICE, ROLE_ZERO_WINDOW_PROBE);
	segment_at(t, 200, FROM_DEVICE, ROLE_RST)->flags = TCP_FLAG_RST;
	struct verdict v = judged(EXPECT_persist, t);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
}

Test(judge_liveness, a_window_that_stays_open_says_nothing_of_persist)
{
	struct timeline *t = closed_window_timeline();

	for (size_t i = 0; i < t->count; i++)
		t->events[i].segment.window = 1000;
	struct verdict v = judged(EXPECT_persist, t);
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
}

static void peer_probe(struct timeline *t, double at_s)
{
	struct timeline_segment *probe = segment_at(t, at_s, FROM_PEER, ROLE_PROBE);

	probe->snd_nxt = FAKE_ACK;
	probe->seq = FAKE_ACK - 1;
}

static struct verdict judged_answers(struct timeline *t)
{
	struct profile profile = profile_default();
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, &profile, peer_probes_answered, .time_ns = S(2));
	timeline_free(t);
	return v;
}

Test(judge_liveness, probes_of_the_peer_that_are_answered_pass)
{
	struct timeline *t = quiet_timeline();

	peer_probe(t, 50);
	segment_at(t, 50.2, FROM_DEVICE, ROLE_PROBE_ANSWER);
	struct verdict v = judged_answers(t);
	EXPECT_OUTCOME(v, OUTCOME_PASS);
}

Test(judge_liveness, a_probe_of_the_peer_that_is_not_answered_fails)
{
	struct timeline *t = quiet_timeline();

	peer_probe(t, 50);
	segment_at(t, 50.2, FROM_DEVICE, ROLE_PROBE_ANSWER);
	peer_probe(t, 100);
	struct verdict v = judged_answers(t);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
}

Test(judge_liveness, a_probe_of_the_peer_at_the_end_of_the_watch_need_not_be_answered)
{
	struct timeline *t = quiet_timeline();

	peer_probe(t, 50);
	segment_at(t, 50.2, FROM_DEVICE, ROLE_PROBE_ANSWER);
	peer_probe(t, 299);
	struct verdict v = judged_answers(t);
	EXPECT_OUTCOME(v, OUTCOME_PASS);
}

Test(judge_liveness, an_answer_that_comes_late_fails)
{
	struct timeline *t = quiet_timeline();

	peer_probe(t, 50);
	segment_at(t, 53, FROM_DEVICE, ROLE_PROBE_ANSWER);
	struct verdict v = judged_answers(t);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
}

Test(judge_liveness, a_rst_is_no_answer_to_a_probe)
{
	struct timeline *t = quiet_timeline();

	peer_probe(t, 50);
	segment_at(t, 50.1, FROM_DEVICE, ROLE_RST)->flags = TCP_FLAG_RST;
	struct verdict v = judged_answers(t);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
}

Test(judge_liveness, one_unanswered_probe_of_the_peer_may_have_been_lost_on_the_real_clock)
{
	struct timeline *t = quiet_timeline();

	t->stepped = false;
	peer_probe(t, 50);
	struct verdict v = judged_answers(t);
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
}

static void add_event(struct timeline *t, enum event_kind kind, int size)
{
	struct event event = {.t_ns = S(50),
		.kind = kind,
		.act = kind == EVENT_PEER ? ACT_SENT : ACT_NONE,
		.connection = 0,
		.generation = 1,
		.cid = FAKE_CID,
		.step = -1,
		.size = size,
		.ok = true};

	cr_assert_eq(timeline_add(t, &event), 0);
}

Test(judge_liveness, octets_that_the_peer_sent_may_be_delivered)
{
	struct timeline *t = quiet_timeline();

	add_event(t, EVENT_PEER, 10);
	add_event(t, EVENT_DATA, 10);
	struct verdict v = judged(EXPECT_nothing_else_delivered, t);
	EXPECT_OUTCOME(v, OUTCOME_PASS);
}

Test(judge_liveness, an_octet_that_the_peer_did_not_send_as_data_fails)
{
	struct timeline *t = quiet_timeline();

	add_event(t, EVENT_PEER, 10);
	add_event(t, EVENT_DATA, 11);
	struct verdict v = judged(EXPECT_nothing_else_delivered, t);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
}

Test(judge_liveness, other_octets_than_the_peer_sent_fail)
{
	struct timeline *t = quiet_timeline();

	add_event(t, EVENT_PEER, 10);
	add_event(t, EVENT_DATA, 10);
	fake_find(t, EVENT_DATA)->ok = false;
	struct verdict v = judged(EXPECT_nothing_else_delivered, t);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
}

/* The peer sends size octets, and the device acknowledges them. */
static struct timeline *data_from_peer(int size)
{
	struct timeline *t = quiet_timeline();
	struct timeline_segment *data, *ack;

	add_event(t, EVENT_PEER, size);
	data = segment_at(t, 100, FROM_PEER, ROLE_DATA);
	data->length = (uint16_t)size;
	const uint32_t end = data->seq + (uint32_t)size;
	ack = segment_at(t, 100.1, FROM_DEVICE, ROLE_PLAIN);
	ack->ack = end;
	return t;
}

Test(judge_liveness, data_that_arrives_as_it_was_sent_is_delivered)
{
	struct timeline *t = data_from_peer(10);

	add_event(t, EVENT_DATA, 4);
	add_event(t, EVENT_DATA, 6);
	EXPECT_OUTCOME(judged(EXPECT_data_delivered, t), OUTCOME_PASS);
}

Test(judge_liveness, data_that_is_acknowledged_and_not_delivered_fails)
{
	EXPECT_OUTCOME(judged(EXPECT_data_delivered, data_from_peer(10)), OUTCOME_FAIL);

	struct timeline *t = data_from_peer(10);
	add_event(t, EVENT_DATA, 9);
	EXPECT_OUTCOME(judged(EXPECT_data_delivered, t), OUTCOME_FAIL);
}

Test(judge_liveness, data_that_comes_twice_or_garbled_fails)
{
	struct timeline *t = data_from_peer(10);

	add_event(t, EVENT_DATA, 10);
	add_event(t, EVENT_DATA, 10);
	EXPECT_OUTCOME(judged(EXPECT_data_delivered, t), OUTCOME_FAIL);

	t = data_from_peer(10);
	add_event(t, EVENT_DATA, 10);
	fake_find(t, EVENT_DATA)->ok = false;
	EXPECT_OUTCOME(judged(EXPECT_data_delivered, t), OUTCOME_FAIL);
}

Test(judge_liveness, data_that_was_not_acknowledged_or_not_sent_says_nothing)
{
	struct timeline *t = quiet_timeline();

	EXPECT_OUTCOME(judged(EXPECT_data_delivered, t), OUTCOME_INCONCLUSIVE);
	t = quiet_timeline();
	add_event(t, EVENT_PEER, 10);
	segment_at(t, 100, FROM_PEER, ROLE_DATA)->length = 10;
	EXPECT_OUTCOME(judged(EXPECT_data_delivered, t), OUTCOME_INCONCLUSIVE);
}

/* Acknowledged so long before the end of the watch, or before the death. */
Test(judge_liveness, data_need_not_be_there_before_its_time)
{
	struct timeline *t = data_from_peer(10);

	fake_find(t, EVENT_WATCHED)->t_ns = S(104);
	EXPECT_OUTCOME(judged(EXPECT_data_delivered, t), OUTCOME_INCONCLUSIVE);
	t = data_from_peer(10);
	fake_segment(t, S(103), FROM_DEVICE, ROLE_RST, TCP_FLAG_RST);
	EXPECT_OUTCOME(judged(EXPECT_data_delivered, t), OUTCOME_INCONCLUSIVE);
	t = data_from_peer(10);
	fake_segment(t, S(110), FROM_DEVICE, ROLE_RST, TCP_FLAG_RST);
	EXPECT_OUTCOME(judged(EXPECT_data_delivered, t), OUTCOME_FAIL);
}

static struct verdict fate_of(struct fake_device device, double sent_at_s)
{
	struct profile profile = profile_default();
	struct verdict v = verdict_new();
	struct timeline *t = fake_timeline(device);

	struct event sent = {.t_ns = S(sent_at_s),
		.kind = EVENT_PEER,
		.act = ACT_RAW_SEGMENT,
		.generation = 1,
		.step = -1,
		.cid = -1};

	cr_assert(sent_at_s <= 0 || timeline_add(t, &sent) == 0);
	RECORD(&v, t, 0, &profile, icmp_port);
	timeline_free(t);
	return v;
}

Test(judge_liveness, the_fate_of_a_connection_is_recorded_and_never_fails)
{
	struct verdict lives = fate_of((struct fake_device){.watch_s = 900}, 10);
	struct verdict ends = fate_of((struct fake_device){.silent_at_s = 5}, 10);

	EXPECT_OUTCOME(lives, OUTCOME_PASS);
	EXPECT_OUTCOME(ends, OUTCOME_PASS);
	cr_expect_str_eq(lives.facts[0].text, "nothing");
	cr_expect_str_eq(ends.facts[0].text, "ends-connection");
}

Test(judge_liveness, what_was_not_sent_to_a_living_connection_tells_nothing)
{
	struct verdict never = fate_of((struct fake_device){.watch_s = 900}, 0);
	struct verdict late = fate_of((struct fake_device){.silent_at_s = 5, .then_s = 90}, 1260);

	EXPECT_OUTCOME(never, OUTCOME_INCONCLUSIVE);
	cr_expect_eq(never.fact_count, 0);
	EXPECT_OUTCOME(late, OUTCOME_INCONCLUSIVE);
	cr_expect_eq(late.fact_count, 0);
}

Test(judge_liveness, a_stray_segment_is_no_sign_of_life)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){.silent_at_s = 5});
	struct verdict v = verdict_new();

	segment_at(t, 620, FROM_PEER, ROLE_STRAY);
	JUDGE(&v, t, 0, &profile, death, .time_ns = S(600));
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	timeline_free(t);
}

Test(judge_liveness, a_segment_that_counts_is_a_sign_of_life)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){.silent_at_s = 5});
	struct verdict v = verdict_new();

	segment_at(t, 620, FROM_PEER, ROLE_PLAIN);
	JUDGE(&v, t, 0, &profile, death, .time_ns = S(600));
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	timeline_free(t);
}

/* ---- ends that the peer tells of ---- */

static struct verdict judged_end(struct timeline *t)
{
	struct profile profile = profile_default();
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, &profile, peer_end_noticed, .time_ns = S(5));
	timeline_free(t);
	return v;
}

static struct timeline *ended_timeline(double fin_at_s)
{
	struct timeline *t = fake_timeline((struct fake_device){.watch_s = 500});

	segment_at(t, fin_at_s, FROM_PEER, ROLE_FIN)->flags = TCP_FLAG_FIN | TCP_FLAG_ACK;
	return t;
}

Test(judge_liveness, a_fin_that_is_noticed_passes)
{
	struct timeline *t = ended_timeline(100);

	fake_notice(t, S(100.1), 0, FAKE_CID, "DISCONNECT 3");
	struct verdict v = judged_end(t);
	EXPECT_OUTCOME(v, OUTCOME_PASS);
}

Test(judge_liveness, a_fin_that_is_not_noticed_fails)
{
	struct verdict v = judged_end(ended_timeline(100));

	EXPECT_OUTCOME(v, OUTCOME_FAIL);
}

Test(judge_liveness, a_probe_after_the_fin_fails)
{
	struct timeline *t = ended_timeline(100);

	fake_notice(t, S(100.1), 0, FAKE_CID, "DISCONNECT 3");
	segment_at(t, 150, FROM_DEVICE, ROLE_PROBE);
	struct verdict v = judged_end(t);
	EXPECT_OUTCOME(v, OUTCOME_FAIL);
}

Test(judge_liveness, without_an_end_by_the_peer_nothing_is_known_of_its_notice)
{
	struct verdict v = judged_end(fake_timeline((struct fake_device){.watch_s = 500}));

	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
}

/* ---- TCP_MAXRT ---- */

static const char *maxrt_word(double died_at_s)
{
	static struct verdict v;
	struct profile profile = profile_default();
	struct timeline *t = quiet_timeline();

	device_data(t, 10, ROLE_DATA);
	device_data(t, 13, ROLE_RETRANSMISSION);
	if (died_at_s > 0) {
		fake_notice(t, S(died_at_s), 0, FAKE_CID, "ERROR: SOCKET FAILURE 3");
		fake_find(t, EVENT_LISTING)->listed = false;
	}
	v = verdict_new();
	RECORD(&v, t, 0, &profile, maxrt, .time_ns = S(60));
	timeline_free(t);
	return v.fact_count == 0 ? "unknown" : v.facts[0].text;
}

Test(judge_liveness, when_unacknowledged_data_is_given_up_is_a_fact)
{
	cr_expect_str_eq(maxrt_word(70), "in-time");
	cr_expect_str_eq(maxrt_word(40), "earlier");
	cr_expect_str_eq(maxrt_word(200), "later");
	cr_expect_str_eq(maxrt_word(0), "never");
}

/* ---- what is data ---- */

Test(judge_liveness, what_probes_a_closed_window_has_an_octet)
{
	struct timeline *t = closed_window_timeline();

	device_data(t, 15, ROLE_DATA);
	fake_find_role(t, ROLE_DATA)->segment.length = 1;
	EXPECT_OUTCOME(judged(EXPECT_persist, t), OUTCOME_PASS);

	/* A FIN that is sent again has none. */
	t = closed_window_timeline();
	device_data(t, 15, ROLE_RETRANSMISSION);
	fake_find_role(t, ROLE_RETRANSMISSION)->segment.length = 0;
	EXPECT_OUTCOME(judged(EXPECT_persist, t), OUTCOME_FAIL);
}

Test(judge_liveness, the_octet_of_a_probe_is_no_data)
{
	struct timeline *t = closed_window_timeline();

	segment_at(t, 15, FROM_DEVICE, ROLE_PROBE)->length = 1;
	EXPECT_OUTCOME(judged(EXPECT_persist, t), OUTCOME_FAIL);
}
