/* SPDX-License-Identifier: MIT */
#include "judge/expect.h"

/* Datagrams of a UDP connection. */

enum { SENT = 5, SIZE = 20 };

static void add(struct timeline *timeline, enum event_kind kind, enum peer_act act, double at_s,
	int size, int step)
{
	const struct event event = {.t_ns = S(at_s),
		.kind = kind,
		.act = act,
		.connection = 0,
		.generation = 1,
		.cid = FAKE_CID,
		.step = step,
		.size = size,
		.text = "ESC O"};

	timeline_add(timeline, &event);
}

/* Both sides send five; so many come to the peer and to the UART, of such a size. */
static struct timeline *exchanged(int to_peer, int to_uart, int size)
{
	struct timeline *timeline = fake_timeline((struct fake_device){.watch_s = 60});

	timeline->scenario.connections[0].role = ROLE_UDP_CLIENT;
	for (int i = 0; i < SENT; i++) {
		const int step = timeline->scenario.step_count;
		device_sends(&timeline->scenario, "a", .at_s = 5 + i, .size = SIZE);
		peer_sends(&timeline->scenario, "a", .at_s = 5 + i, .size = SIZE);
		add(timeline, EVENT_STEP, ACT_NONE, 5 + i, 0, step);
		add(timeline, EVENT_STEP, ACT_NONE, 5 + i, 0, step + 1);
		add(timeline, EVENT_RESPONSE, ACT_NONE, 5 + i, 0, step);
		add(timeline, EVENT_PEER, ACT_SENT, 5 + i, SIZE, -1);
		if (i < to_peer)
			add(timeline, EVENT_PEER, ACT_RECEIVED, 5.1 + i, size, -1);
		if (i < to_uart)
			add(timeline, EVENT_DATA, ACT_NONE, 5.1 + i, size, -1);
	}
	return timeline;
}

static struct verdict judged(int to_peer, int to_uart, int size)
{
	const struct profile profile = profile_default();
	struct timeline *timeline = exchanged(to_peer, to_uart, size);
	struct verdict verdict = verdict_new();

	judge_as(&verdict, timeline, 0, &profile, EXPECT_datagrams_pass,
		(struct expectation_parameters){0});
	timeline_free(timeline);
	return verdict;
}

Test(judge_datagrams, some_of_them_are_enough)
{
	EXPECT_OUTCOME(judged(SENT, SENT, SIZE), OUTCOME_PASS);
	EXPECT_OUTCOME(judged(1, 1, SIZE), OUTCOME_PASS);
}

Test(judge_datagrams, none_in_one_direction_is_a_failure)
{
	EXPECT_OUTCOME(judged(0, SENT, SIZE), OUTCOME_FAIL);
	EXPECT_OUTCOME(judged(SENT, 0, SIZE), OUTCOME_FAIL);
}

/* The events of fake data say that their octets are not the next ones, and one came twice. */
Test(judge_datagrams, what_is_lost_or_comes_twice_breaks_no_law)
{
	const struct profile profile = profile_default();
	struct timeline *timeline = exchanged(SENT - 1, SENT, SIZE);
	struct verdict verdict = verdict_new();

	add(timeline, EVENT_DATA, ACT_NONE, 12, SIZE, -1);
	judge_laws(&verdict, timeline, &profile);
	cr_expect_eq(verdict.check_count, 0, "%s", verdict.text);
	timeline_free(timeline);
}

Test(judge_datagrams, another_size_is_a_failure)
{
	EXPECT_OUTCOME(judged(SENT, SENT, SIZE - 1), OUTCOME_FAIL);
}
