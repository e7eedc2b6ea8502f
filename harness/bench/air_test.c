/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "bench/air.h"
#include "core/units.h"

/* A link: its module, its access point, and what was told of it. */
static const uint8_t module[6] = {2, 0xd0, 7, 0, 0, 1};
static const uint8_t access_point[6] = {2, 0xaa, 0, 0, 0, 9};
static const uint8_t stranger[6] = {2, 0xbb, 0, 0, 0, 5};

enum { CCMP = 24, PROBE = 40, SYN = 44 };

struct link {
	struct air air;
	uint16_t sequence;
	char heard[1024];
};

static void set_up(struct link *link)
{
	memset(link, 0, sizeof *link);
	air_init(&link->air);
	air_set_module(&link->air, module);
}

static int64_t at(double s)
{
	return (int64_t)(s * (double)NS_PER_S);
}

static void tell(void *context, const struct event *event)
{
	static const char *const words[] = {[AIR_WATCHED] = "watched",
		[AIR_SENT] = "sent",
		[AIR_UNDELIVERED] = "undelivered",
		[AIR_ASLEEP] = "asleep"};
	struct link *link = context;
	const size_t used = strlen(link->heard);
	char *text = link->heard + used;
	const size_t room = sizeof link->heard - used;
	const double t = (double)event->t_ns / 1e9, from = (double)event->from_ns / 1e9;

	cr_assert_eq(event->kind, EVENT_AIR);
	if (event->air.kind == AIR_WATCHED || event->air.kind == AIR_ASLEEP)
		snprintf(text, room, "%s %.1f..%.1f%s; ", words[event->air.kind], from, t,
			event->air.kind == AIR_WATCHED && !event->ok ? " deaf" : "");
	else
		snprintf(text, room, "%s %d at %.1f x%d%s; ", words[event->air.kind], event->size,
			t, event->air.tries, event->ok ? " acknowledged" : "");
}

static const char *decided(struct link *link, double now_s)
{
	link->heard[0] = '\0';
	air_decide(&link->air, at(now_s), tell, link);
	return link->heard;
}

static const char *spans(struct link *link, double from_s, double now_s)
{
	link->heard[0] = '\0';
	air_tell_spans(&link->air, at(from_s), at(now_s), tell, link);
	return link->heard;
}

static void hear(struct link *link, struct air_frame frame, double s)
{
	(void)air_take(&link->air, &frame, at(s), 0);
}

static void hear_ack(struct link *link, const uint8_t *receiver, double s)
{
	struct air_frame ack = {.kind = AIR_ACK};

	memcpy(ack.receiver, receiver, 6);
	hear(link, ack, s);
}

static struct air_frame data(const uint8_t *from, const uint8_t *to, uint32_t octets)
{
	struct air_frame frame = {.kind = AIR_DATA,
		.to_access_point = to == access_point,
		.from_access_point = from == access_point,
		.body = octets + CCMP};

	memcpy(frame.transmitter, from, 6);
	memcpy(frame.receiver, to, 6);
	return frame;
}

static void module_sends(struct link *link, uint32_t octets, double s)
{
	struct air_frame frame = data(module, access_point, octets);

	frame.sequence = ++link->sequence;
	hear(link, frame, s);
	hear_ack(link, module, s + 0.0001);
}

static void access_point_sends(struct link *link, uint32_t octets, double s, bool acknowledged)
{
	struct air_frame frame = data(access_point, module, octets);

	frame.sequence = ++link->sequence;
	hear(link, frame, s);
	if (acknowledged)
		hear_ack(link, access_point, s + 0.0001);
}

static void beacons(struct link *link, double from_s, double to_s)
{
	struct air_frame beacon = {.kind = AIR_BEACON};

	memcpy(beacon.transmitter, access_point, 6);
	for (double s = from_s; s < to_s; s += 0.1)
		hear(link, beacon, s);
}

Test(air, what_comes_to_the_wire_is_not_told)
{
	struct link link;

	set_up(&link);
	module_sends(&link, PROBE, 10);
	air_take_wire(&link.air, FROM_DEVICE, PROBE, at(10.001));
	air_take_wire(&link.air, FROM_PEER, PROBE, at(10.002));
	access_point_sends(&link, PROBE, 10.003, true);
	cr_assert_str_eq(decided(&link, 30), "");
	cr_assert_eq(link.air.heard, 1);
	cr_assert_eq(link.air.missed, 0);
	cr_assert_eq(link.air.pending_count, 0);
}

Test(air, a_frame_of_the_module_that_does_not_come_to_the_wire_was_sent_and_lost)
{
	struct link link;

	set_up(&link);
	module_sends(&link, PROBE, 10);
	air_take_wire(&link.air, FROM_DEVICE, PROBE, at(10.001));
	module_sends(&link, PROBE, 85);
	cr_assert_str_eq(decided(&link, 92), "");
	cr_assert_str_eq(decided(&link, 94), "sent 40 at 85.0 x1 acknowledged; ");
	cr_assert_str_eq(decided(&link, 120), "");
}

Test(air, the_order_in_which_the_captures_are_read_is_nothing)
{
	struct link link;

	set_up(&link);
	air_take_wire(&link.air, FROM_DEVICE, PROBE, at(10.001));
	access_point_sends(&link, PROBE, 10.003, true);
	module_sends(&link, PROBE, 10);
	air_take_wire(&link.air, FROM_PEER, PROBE, at(10.002));
	access_point_sends(&link, PROBE, 10.003, true);
	cr_assert_str_eq(decided(&link, 30), "");
}

Test(air, what_is_sent_again_is_one_frame)
{
	struct link link;
	struct air_frame frame = data(module, access_point, PROBE);

	set_up(&link);
	frame.sequence = 7;
	hear(&link, frame, 10);
	frame.retry = true;
	hear(&link, frame, 10.002);
	hear(&link, frame, 10.004);
	cr_assert_str_eq(decided(&link, 20), "sent 40 at 10.0 x3; ");
}

Test(air, lengths_tell_frames_apart)
{
	struct link link;

	set_up(&link);
	module_sends(&link, PROBE, 10);
	module_sends(&link, SYN, 10.001);
	air_take_wire(&link.air, FROM_DEVICE, SYN, at(10.002));
	cr_assert_str_eq(decided(&link, 20), "sent 40 at 10.0 x1 acknowledged; ");
}

Test(air, of_equal_frames_the_nearest_came_to_the_wire)
{
	struct link link;

	set_up(&link);
	module_sends(&link, PROBE, 10);
	module_sends(&link, PROBE, 10.5);
	air_take_wire(&link.air, FROM_DEVICE, PROBE, at(10.501));
	cr_assert_str_eq(decided(&link, 20), "sent 40 at 10.0 x1 acknowledged; ");
}

Test(air, a_frame_of_the_wire_that_is_not_on_the_air_was_missed_or_not_delivered)
{
	struct link link;

	set_up(&link);
	module_sends(&link, PROBE, 5);
	air_take_wire(&link.air, FROM_DEVICE, PROBE, at(5.001));
	access_point_sends(&link, SYN, 5.5, true);
	beacons(&link, 5.1, 20);
	air_take_wire(&link.air, FROM_DEVICE, PROBE, at(10));
	air_take_wire(&link.air, FROM_PEER, PROBE, at(10.001));
	cr_assert_str_eq(decided(&link, 20), "undelivered 40 at 10.0 x0; ");
	cr_assert_eq(link.air.heard, 1);
	cr_assert_eq(link.air.missed, 1);
}

Test(air, what_the_module_did_not_acknowledge_was_not_delivered)
{
	struct link link;

	set_up(&link);
	module_sends(&link, PROBE, 5);
	air_take_wire(&link.air, FROM_DEVICE, PROBE, at(5.001));
	air_take_wire(&link.air, FROM_PEER, SYN, at(5.4));
	access_point_sends(&link, SYN, 5.5, true);
	air_take_wire(&link.air, FROM_PEER, PROBE, at(10));
	access_point_sends(&link, PROBE, 10.001, false);
	/* What somebody else sends the access point is acknowledged, too. */
	hear(&link, data(access_point, stranger, PROBE), 10.002);
	hear_ack(&link, access_point, 10.0021);
	cr_assert_str_eq(decided(&link, 20), "undelivered 40 at 10.0 x1; ");
}

Test(air, where_no_acknowledgement_is_heard_their_want_says_nothing)
{
	struct link link;

	set_up(&link);
	module_sends(&link, PROBE, 5);
	air_take_wire(&link.air, FROM_DEVICE, PROBE, at(5.001));
	beacons(&link, 5.1, 30.05);
	air_take_wire(&link.air, FROM_PEER, PROBE, at(10));
	access_point_sends(&link, PROBE, 10.001, false);
	cr_assert_str_eq(decided(&link, 20), "");
	cr_assert_str_eq(spans(&link, 0, 38), "watched 5.1..30.0 deaf; ");
}

Test(air, of_equal_frames_none_counts_as_delivered_where_one_is_not)
{
	struct link link;

	set_up(&link);
	module_sends(&link, PROBE, 5);
	air_take_wire(&link.air, FROM_DEVICE, PROBE, at(5.001));
	air_take_wire(&link.air, FROM_PEER, PROBE, at(10));
	air_take_wire(&link.air, FROM_PEER, PROBE, at(10.5));
	access_point_sends(&link, PROBE, 10.6, true);
	cr_assert_str_eq(decided(&link, 30),
		"undelivered 40 at 10.0 x0; undelivered 40 at 10.5 x1 acknowledged; ");
}

Test(air, a_module_that_sleeps_gets_its_frames_later)
{
	struct link link;

	set_up(&link);
	module_sends(&link, PROBE, 5);
	air_take_wire(&link.air, FROM_DEVICE, PROBE, at(5.001));
	air_take_wire(&link.air, FROM_PEER, PROBE, at(10));
	air_take_wire(&link.air, FROM_PEER, PROBE, at(10.5));
	access_point_sends(&link, PROBE, 11.0, true);
	access_point_sends(&link, PROBE, 11.01, true);
	cr_assert_str_eq(decided(&link, 30), "");
}

Test(air, without_beacons_of_its_access_point_nothing_was_watched)
{
	struct link link;

	set_up(&link);
	beacons(&link, 0, 5); /* nobody knows yet that it is this one */
	cr_assert_str_eq(spans(&link, 0, 60), "");
	module_sends(&link, PROBE, 5);
	access_point_sends(&link, PROBE, 5.01, true);
	beacons(&link, 5.1, 20.05);
	beacons(&link, 30, 40.05);
	(void)decided(&link, 45);
	cr_assert_str_eq(spans(&link, 0, 60), "watched 5.1..20.0; watched 30.0..40.0; ");
	cr_assert_str_eq(spans(&link, 10, 40), "watched 10.0..20.0; watched 30.0..32.0; ");
}

Test(air, drops_of_its_own_void_the_time_since_the_last_look)
{
	struct link link;

	set_up(&link);
	module_sends(&link, PROBE, 5);
	access_point_sends(&link, PROBE, 5.01, true);
	beacons(&link, 5.1, 20);
	air_blind(&link.air, at(12), at(20));
	beacons(&link, 20, 30.05);
	cr_assert_str_eq(spans(&link, 0, 60), "watched 5.1..12.0; watched 20.0..30.0; ");
}

Test(air, what_the_length_does_not_tell_voids_its_time)
{
	struct link link;
	struct air_frame several = data(module, access_point, 200);

	set_up(&link);
	module_sends(&link, PROBE, 5);
	access_point_sends(&link, PROBE, 5.01, true);
	beacons(&link, 5.1, 20.05);
	several.several = true;
	hear(&link, several, 20.1);
	beacons(&link, 20.2, 30.05);
	cr_assert_str_eq(spans(&link, 0, 60), "watched 5.1..19.1; watched 20.2..30.0; ");
}

Test(air, a_sleep_is_told_of)
{
	struct link link;
	struct air_frame null = data(module, access_point, 0);

	set_up(&link);
	null.kind = AIR_NULL;
	null.asleep = true;
	hear(&link, null, 10);
	null.asleep = false;
	hear(&link, null, 40);
	null.asleep = true;
	hear(&link, null, 40.1);
	cr_assert_str_eq(spans(&link, 0, 60), "asleep 10.0..40.0; asleep 40.1..52.0; ");
}

Test(air, frames_of_others_are_none_of_its)
{
	struct link link;
	const struct air_frame foreign = data(stranger, access_point, PROBE);

	set_up(&link);
	cr_assert_not(air_take(&link.air, &foreign, at(5), 0));
	cr_assert_str_eq(decided(&link, 60), "");
}

Test(air, more_than_can_be_told_apart_ends_the_watch)
{
	struct link link;

	set_up(&link);
	module_sends(&link, PROBE, 5);
	beacons(&link, 5.1, 20);
	for (int i = 0; i < AIR_PENDING + 10; i++)
		module_sends(&link, PROBE, 20 + i * 0.001);
	beacons(&link, 21.1, 30.05);
	cr_assert_str_eq(spans(&link, 0, 60), "watched 5.1..13.0 deaf; watched 21.1..30.0 deaf; ");
}
