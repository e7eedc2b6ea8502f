/* SPDX-License-Identifier: MIT */
#include "judge/expect.h"

#include <string.h>

/* What holds for every segment, and the facts about what they look like. */

enum { DATA = 100 };

/* A living connection; the peer sends data at 10 s, which the device acknowledges so much later, 0: never. */
static struct timeline *with_data(double acknowledged_after_s)
{
	struct timeline *timeline = fake_timeline((struct fake_device){.watch_s = 60});

	fake_find_role(timeline, ROLE_PLAIN)->segment.ack = FAKE_ACK;
	for (size_t i = 0; i < timeline->count; i++)
		timeline->events[i].segment.window = 4000;
	fake_segment(timeline, S(10), FROM_PEER, ROLE_DATA, TCP_FLAG_ACK);
	fake_find_role(timeline, ROLE_DATA)->segment.seq = FAKE_ACK;
	fake_find_role(timeline, ROLE_DATA)->segment.length = DATA;
	if (acknowledged_after_s > 0) {
		fake_segment(timeline, S(10 + acknowledged_after_s), FROM_DEVICE, ROLE_FIN,
			TCP_FLAG_ACK);
		struct event *ack = fake_find_role(timeline, ROLE_FIN);
		ack->segment.role = ROLE_PLAIN;
		ack->segment.ack = FAKE_ACK + DATA;
	}
	return timeline;
}

static struct verdict judged(struct timeline *timeline, enum expectation_kind kind)
{
	const struct profile profile = profile_default();
	struct verdict verdict = verdict_new();

	judge_as(&verdict, timeline, 0, &profile, kind, (struct expectation_parameters){0});
	timeline_free(timeline);
	return verdict;
}

static struct timeline_segment *first_ack(struct timeline *timeline)
{
	return &fake_find_role(timeline, ROLE_PLAIN)->segment;
}

Test(judge_segments, sound_ones_pass)
{
	EXPECT_OUTCOME(judged(with_data(0.2), EXPECT_segments_sound), OUTCOME_PASS);
}

Test(judge_segments, each_wrong_field_fails)
{
	struct timeline *sum = with_data(0.2), *mac = with_data(0.2), *flags = with_data(0.2),
			*bare = with_data(0.2), *ack = with_data(0.2);

	first_ack(sum)->checksum_ok = false;
	first_ack(mac)->other_mac = true;
	first_ack(flags)->flags = TCP_FLAG_SYN | TCP_FLAG_FIN;
	first_ack(bare)->flags = TCP_FLAG_PSH;
	first_ack(bare)->length = DATA;
	first_ack(ack)->ack = FAKE_ACK + DATA;
	EXPECT_OUTCOME(judged(sum, EXPECT_segments_sound), OUTCOME_FAIL);
	EXPECT_OUTCOME(judged(mac, EXPECT_segments_sound), OUTCOME_FAIL);
	EXPECT_OUTCOME(judged(flags, EXPECT_segments_sound), OUTCOME_FAIL);
	EXPECT_OUTCOME(judged(bare, EXPECT_segments_sound), OUTCOME_FAIL);
	EXPECT_OUTCOME(judged(ack, EXPECT_segments_sound), OUTCOME_FAIL);
}

/* Data of the device at 20 s with a wrong checksum, which the peer acknowledges or not. */
static struct timeline *put_together(bool acknowledged)
{
	struct timeline *timeline = with_data(0.2);

	timeline->stepped = false;
	fake_segment(timeline, S(20), FROM_DEVICE, ROLE_DATA, TCP_FLAG_ACK);
	struct event *data = &timeline->events[0];
	for (size_t i = 0; i < timeline->count; i++)
		if (timeline->events[i].t_ns == S(20) && timeline->events[i].kind == EVENT_SEGMENT)
			data = &timeline->events[i];
	data->segment.length = DATA;
	data->segment.ack = FAKE_ACK + DATA;
	data->segment.checksum_ok = false;
	const uint32_t end = data->segment.seq + DATA;
	fake_segment(timeline, S(21), FROM_PEER, ROLE_PLAIN, TCP_FLAG_ACK);
	for (size_t i = 0; i < timeline->count; i++)
		if (timeline->events[i].t_ns == S(21) &&
			timeline->events[i].kind == EVENT_SEGMENT) {
			timeline->events[i].segment.seq = FAKE_ACK + DATA;
			timeline->events[i].segment.ack = acknowledged ? end : end - DATA;
		}
	return timeline;
}

Test(judge_segments, data_that_the_peer_acknowledged_was_put_together_behind_the_air)
{
	struct timeline *stepped = put_together(true);

	stepped->stepped = true;
	EXPECT_OUTCOME(judged(put_together(true), EXPECT_segments_sound), OUTCOME_PASS);
	EXPECT_OUTCOME(judged(put_together(false), EXPECT_segments_sound), OUTCOME_FAIL);
	EXPECT_OUTCOME(judged(stepped, EXPECT_segments_sound), OUTCOME_FAIL);
}

/* The peer's data at 10 s is not in the timeline, and the next segment of the peer counts behind it. */
Test(judge_segments, what_the_peer_must_have_sent_was_not_captured)
{
	struct timeline *missing = with_data(0.2), *invented = with_data(0.2);

	fake_segment(missing, S(20), FROM_PEER, ROLE_FIN, TCP_FLAG_ACK);
	fake_find_role(missing, ROLE_FIN)->segment.seq = FAKE_ACK + DATA;
	fake_find_role(missing, ROLE_FIN)->segment.role = ROLE_PLAIN;
	fake_find_role(missing, ROLE_DATA)->kind = EVENT_WATCHED;
	fake_find_role(invented, ROLE_DATA)->segment.length = 0;
	EXPECT_OUTCOME(judged(missing, EXPECT_segments_sound), OUTCOME_PASS);
	EXPECT_OUTCOME(judged(invented, EXPECT_segments_sound), OUTCOME_FAIL);
}

Test(judge_segments, on_a_real_bench_something_else_may_hand_all_frames_on)
{
	struct timeline *all = with_data(0.2), *one = with_data(0.2);

	all->stepped = one->stepped = false;
	for (size_t i = 0; i < all->count; i++)
		all->events[i].segment.other_mac = true;
	first_ack(one)->other_mac = true;
	EXPECT_OUTCOME(judged(all, EXPECT_segments_sound), OUTCOME_PASS);
	EXPECT_OUTCOME(judged(one, EXPECT_segments_sound), OUTCOME_FAIL);
}

Test(judge_segments, data_is_acknowledged_in_time)
{
	EXPECT_OUTCOME(judged(with_data(0.4), EXPECT_data_acknowledged), OUTCOME_PASS);
	EXPECT_OUTCOME(judged(with_data(3), EXPECT_data_acknowledged), OUTCOME_FAIL);
	EXPECT_OUTCOME(judged(with_data(0), EXPECT_data_acknowledged), OUTCOME_FAIL);
}

Test(judge_segments, data_of_the_peer_may_have_no_checksum_yet)
{
	struct timeline *timeline = with_data(0.2);

	fake_find_role(timeline, ROLE_DATA)->segment.checksum_ok = false;
	EXPECT_OUTCOME(judged(timeline, EXPECT_data_acknowledged), OUTCOME_PASS);
}

Test(judge_segments, data_beyond_the_window_need_not_be_taken)
{
	struct timeline *timeline = with_data(0);

	first_ack(timeline)->window = DATA - 1;
	EXPECT_OUTCOME(judged(timeline, EXPECT_data_acknowledged), OUTCOME_INCONCLUSIVE);
}

static struct verdict recorded(struct timeline *timeline, enum fact_id id, const char *pin)
{
	struct profile profile = profile_default();
	struct verdict verdict = verdict_new();

	if (pin != NULL)
		strcpy(profile.pins[id], pin);
	record_as(&verdict, timeline, 0, &profile, id, (struct expectation_parameters){0});
	timeline_free(timeline);
	return verdict;
}

Test(judge_segments, the_form_of_a_syn_is_recorded_and_held_against_the_profile)
{
	struct timeline *timeline = with_data(0.2);

	fake_find_role(timeline, ROLE_SYN)->segment.ttl = 255;
	strcpy(fake_find_role(timeline, ROLE_SYN)->segment.options, "mss 1460");
	const struct verdict verdict =
		recorded(timeline, FACT_form_of_syn, "flags 0x02, ttl 255, window 4000, mss 1460");
	EXPECT_OUTCOME(verdict, OUTCOME_PASS);
	cr_expect_str_eq(verdict.facts[0].text, "flags 0x02, ttl 255, window 4000, mss 1460");
	EXPECT_OUTCOME(
		recorded(with_data(0.2), FACT_form_of_syn, "flags 0x02, ttl 255"), OUTCOME_FAIL);
	const struct verdict none = recorded(with_data(0.2), FACT_form_of_fin, NULL);
	cr_expect_eq(none.check_count, 0);
	cr_assert_eq(none.gap_count, 1);
	cr_expect_eq(none.gaps[0].reason, GAP_no_such_segment);
}

Test(judge_segments, what_a_profile_pins_of_forms_is_a_law)
{
	struct profile profile = profile_default();
	struct verdict verdict = verdict_new();
	struct timeline *timeline = with_data(0.2);

	strcpy(profile.pins[FACT_form_of_syn], "another");
	judge_laws(&verdict, timeline, &profile);
	EXPECT_OUTCOME(verdict, OUTCOME_FAIL);
	cr_expect_str_eq(verdict.requirement, "KA-CHAR-01");
	timeline_free(timeline);
}

Test(judge_segments, how_soon_data_is_acknowledged_is_a_word)
{
	cr_expect_str_eq(
		recorded(with_data(0.01), FACT_ack_of_data, NULL).facts[0].text, "at-once");
	cr_expect_str_eq(recorded(with_data(0.3), FACT_ack_of_data, NULL).facts[0].text, "delayed");
}

/* The same octets at these seconds. */
static struct verdict resent(const double *at_s, int count)
{
	struct timeline *timeline = fake_timeline((struct fake_device){.watch_s = 60});

	for (int i = 0; i < count; i++) {
		fake_segment(timeline, S(at_s[i]), FROM_DEVICE, ROLE_FIN, TCP_FLAG_ACK);
		struct event *event = fake_find_role(timeline, ROLE_FIN);
		event->segment.role = i == 0 ? ROLE_DATA : ROLE_RETRANSMISSION;
		event->segment.seq = FAKE_SEQ;
		event->segment.length = DATA;
	}
	return recorded(timeline, FACT_resent_after, NULL);
}

Test(judge_segments, how_retransmissions_grow_apart_is_a_word)
{
	cr_expect_str_eq(resent((const double[]){2, 3, 5, 9}, 4).facts[0].text, "doubled");
	cr_expect_str_eq(resent((const double[]){2, 5, 8, 11}, 4).facts[0].text, "constant");
	cr_expect_str_eq(resent((const double[]){2, 3, 8, 9}, 4).facts[0].text, "other");
	EXPECT_OUTCOME(resent((const double[]){2, 3}, 2), OUTCOME_INCONCLUSIVE);
}
