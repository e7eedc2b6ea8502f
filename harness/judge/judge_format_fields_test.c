/* SPDX-License-Identifier: MIT */
#include "judge/expect.h"

/* Fields of probes against the connection's other segments; the stream to the peer. */

static const struct fake_device silent = {
	.count = 2, .timeout_s = 225, .silent_at_s = 20, .watch_s = 500};

static struct verdict judged(enum expectation_kind kind, struct timeline *timeline)
{
	struct profile profile = profile_default();
	struct verdict verdict = verdict_new();

	judge_as(&verdict, timeline, 0, &profile, kind, (struct expectation_parameters){0});
	timeline_free(timeline);
	return verdict;
}

/* A silent peer's timeline with the device's plain ACK before the probes, all with one window and
 * time to live. */
static struct timeline *probed(void)
{
	struct timeline *timeline = fake_timeline(silent);

	fake_segment(timeline, S(1.5), FROM_DEVICE, ROLE_PLAIN, TCP_FLAG_ACK);
	for (size_t i = 0; i < timeline->count; i++) {
		timeline->events[i].segment.window = 4000;
		timeline->events[i].segment.ttl = 64;
		if (timeline->events[i].segment.role == ROLE_PROBE ||
			timeline->events[i].segment.role == ROLE_PLAIN)
			timeline->events[i].segment.ack = FAKE_ACK;
	}
	return timeline;
}

Test(judge_format_fields, healthy_probes_pass)
{
	EXPECT_OUTCOME(judged(EXPECT_probes_without_data, probed()), OUTCOME_PASS);
	EXPECT_OUTCOME(judged(EXPECT_window_not_shrunk, probed()), OUTCOME_PASS);
	EXPECT_OUTCOME(judged(EXPECT_own_time_to_live, probed()), OUTCOME_PASS);
	EXPECT_OUTCOME(judged(EXPECT_own_addresses_and_ports, probed()), OUTCOME_PASS);
}

Test(judge_format_fields, where_no_probe_came_nothing_is_known)
{
	struct fake_device device = silent;

	device.no_probes = true;
	EXPECT_OUTCOME(
		judged(EXPECT_own_time_to_live, fake_timeline(device)), OUTCOME_INCONCLUSIVE);
}

Test(judge_format_fields, one_octet_is_a_finding_and_two_are_a_failure)
{
	struct timeline *octet = probed(), *two = probed();

	fake_find_role(octet, ROLE_PROBE)->segment.length = 1;
	fake_find_role(two, ROLE_PROBE)->segment.length = 2;
	struct verdict verdict = judged(EXPECT_probes_without_data, octet);
	EXPECT_OUTCOME(verdict, OUTCOME_PASS);
	cr_expect_eq(verdict.finding_count, 1);
	EXPECT_OUTCOME(judged(EXPECT_probes_without_data, two), OUTCOME_FAIL);
}

Test(judge_format_fields, a_smaller_window_fails_where_nothing_more_was_acknowledged)
{
	struct timeline *same = probed(), *more = probed();

	fake_find_role(same, ROLE_PROBE)->segment.window = 3999;
	fake_find_role(more, ROLE_PROBE)->segment.window = 3999;
	fake_find_role(more, ROLE_PROBE)->segment.ack = FAKE_ACK + 1;
	EXPECT_OUTCOME(judged(EXPECT_window_not_shrunk, same), OUTCOME_FAIL);
	EXPECT_OUTCOME(judged(EXPECT_window_not_shrunk, more), OUTCOME_PASS);
}

Test(judge_format_fields, another_time_to_live_fails)
{
	struct timeline *timeline = probed();

	fake_find_role(timeline, ROLE_PROBE)->segment.ttl = 1;
	EXPECT_OUTCOME(judged(EXPECT_own_time_to_live, timeline), OUTCOME_FAIL);
}

Test(judge_format_fields, a_segment_with_another_port_fails)
{
	struct timeline *timeline = probed();

	fake_segment(timeline, S(200), FROM_DEVICE, ROLE_OTHER_TUPLE, TCP_FLAG_ACK);
	EXPECT_OUTCOME(judged(EXPECT_own_addresses_and_ports, timeline), OUTCOME_FAIL);
}

/* The device was given 10 octets and took them; the peer's application got so many. */
static struct timeline *sent_10(int received, bool ok)
{
	struct timeline *timeline = fake_timeline((struct fake_device){.watch_s = 100});
	struct event answer = {.t_ns = S(5),
		.kind = EVENT_RESPONSE,
		.connection = 0,
		.generation = 1,
		.cid = FAKE_CID,
		.step = timeline->scenario.step_count,
		.text = "ESC O"};
	struct event got = {.t_ns = S(6),
		.kind = EVENT_PEER,
		.connection = 0,
		.generation = 1,
		.cid = FAKE_CID,
		.step = -1,
		.size = received,
		.ok = ok,
		.act = ACT_RECEIVED};

	device_sends(&timeline->scenario, "a", .at_s = 5, .size = 10);
	timeline_add(timeline, &answer);
	fake_segment(timeline, S(5.1), FROM_DEVICE, ROLE_DATA, TCP_FLAG_ACK);
	fake_find_role(timeline, ROLE_DATA)->segment.length = 10;
	timeline_add(timeline, &got);
	return timeline;
}

Test(judge_format_fields, the_stream_is_intact_when_all_octets_arrive_as_they_were)
{
	EXPECT_OUTCOME(judged(EXPECT_stream_intact, sent_10(10, true)), OUTCOME_PASS);
	EXPECT_OUTCOME(judged(EXPECT_stream_intact, sent_10(10, false)), OUTCOME_FAIL);
	EXPECT_OUTCOME(judged(EXPECT_stream_intact, sent_10(9, true)), OUTCOME_FAIL);
	EXPECT_OUTCOME(judged(EXPECT_stream_intact, sent_10(11, true)), OUTCOME_FAIL);
}
