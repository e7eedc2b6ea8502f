/* SPDX-License-Identifier: MIT */
#include "wire/holes.h"

#include <criterion/criterion.h>

#include "wire/wire_fixtures.h"

#define S(seconds) ((int64_t)(1e9 * (seconds)))

static struct holes holes;
static uint32_t frame;

/* A host with that last octet speaks to another one. */
static void speak(double s, uint8_t host)
{
	const struct packet packet = {
		.source = ipv4_endpoint(host, 0), .destination = ipv4_endpoint(200, 0)};

	holes_take(&holes, &packet, S(s), ++frame, 0);
}

/* Every so many seconds, each of so many hosts. */
static void chat(double from_s, double to_s, double each_s, uint8_t hosts)
{
	for (double s = from_s; s < to_s; s += each_s)
		for (uint8_t host = 0; host < hosts; host++)
			speak(s, host);
}

static size_t found(void)
{
	holes_finish(&holes);
	return holes.count;
}

Test(holes, a_silence_of_all_who_spoke_steadily_before_and_behind_it_is_one)
{
	chat(100, 200, 4, 2);
	chat(400, 500, 4, 2);
	cr_assert_eq(found(), 1);
	cr_expect_eq(holes.all[0].from_ns, S(196));
	cr_expect_eq(holes.all[0].to_ns, S(400));
	cr_expect_eq(holes.all[0].from_frame, 50);
	cr_expect_eq(holes.all[0].to_frame, 51);
	cr_expect_not_null(holes_between(&holes, S(300), S(301)));
	cr_expect_not_null(holes_between(&holes, S(100), S(197)));
	cr_expect_null(holes_between(&holes, S(100), S(196)));
	cr_expect_null(holes_between(&holes, S(400), S(500)));
}

Test(holes, of_a_connection_that_is_alone_no_silence_is_one)
{
	chat(100, 200, 4, 1);
	chat(400, 500, 4, 1);
	cr_expect_eq(found(), 0);
}

Test(holes, others_that_spoke_on_one_side_of_it_only_say_nothing)
{
	chat(100, 200, 4, 8);
	speak(400, 0);
	chat(500, 600, 4, 8);
	cr_expect_eq(found(), 0);
}

Test(holes, neither_do_others_that_speak_now_and_then)
{
	chat(0, 600, 50, 8);
	chat(900, 1500, 50, 8);
	cr_expect_eq(found(), 0);
}

Test(holes, what_may_be_chance_is_none)
{
	chat(100, 200, 9, 8);
	chat(261, 400, 9, 8);
	cr_expect_eq(found(), 0, "a minute, of hosts that speak in every second slot");
	chat(1000, 1100, 9, 8);
	cr_expect_eq(found(), 1, "ten minutes");
}

Test(holes, a_day_is_one_where_others_spoke_and_a_month_where_none_did)
{
	const double day = 24 * 3600;

	speak(0, 1);
	speak(30 * day - 1, 1);
	cr_expect_eq(holes.count, 0);
	speak(60 * day, 1);
	cr_expect_eq(holes.count, 1);
	speak(60 * day + 1, 2);
	speak(61 * day, 1);
	cr_expect_eq(holes.count, 1);
	speak(62 * day, 1);
	cr_expect_eq(holes.count, 2);
}

Test(holes, stamps_that_go_back_begin_none)
{
	chat(100, 200, 4, 4);
	chat(20, 120, 4, 4);
	chat(200, 300, 4, 4);
	cr_expect_eq(found(), 0);
}
