/* SPDX-License-Identifier: MIT */
#include "scenario/course.h"

#include <criterion/criterion.h>
#include <math.h>

static struct scenario silent(int count, int timeout_s, double at_s)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = count, .timeout_s = timeout_s);
	peer_falls_silent(&s, "a", .at_s = at_s);
	watch(&s, .until = DEATH, .then_s = 10);
	return s;
}

static double death_s(const struct scenario *s)
{
	return round((double)course_death(s, 0) / 1e6) / 1e3;
}

Test(course, a_silence_is_no_received_segment)
{
	struct scenario s = silent(1, 75, 74);

	cr_expect_eq(death_s(&s), 150);
	cr_expect_eq(scenario_expected(&s), 160 * NS_PER_S);
}

Test(course, the_idle_time_ends_with_a_tick)
{
	struct scenario s = silent(2, 160, 5);

	cr_expect_eq(death_s(&s), 225 + 150);
}

Test(course, an_answered_probe_begins_an_idle_time)
{
	struct scenario s = silent(1, 75, 100);

	cr_expect_eq(death_s(&s), 75 + 75 + 75);
}

Test(course, what_the_peer_does_at_a_probe_is_done_then)
{
	struct scenario answers = silent(2, 150, 5), reboots = silent(3, 225, 5);

	peer_answers(&answers, "a", .on_probe = 2, .at_s = 70);
	cr_expect_eq(death_s(&answers), 150 + 75 + 70 + 150 + 150);
	peer_reboots(&reboots, "a", .on_probe = 1, .at_s = 10);
	cr_expect_eq(death_s(&reboots), 225 + 75);
}

Test(course, what_is_not_documented_is_refused)
{
	struct scenario s = silent(1, 100, 5);

	option(&s, "a", "6", "4001", "300", "8");
	option(&s, "a", "6", "4001", "74", "4");
	cr_expect_eq(death_s(&s), 150 + 75);
}

Test(course, an_end_by_the_peer_is_one)
{
	struct scenario s = silent(3, 225, 5);

	peer_resets(&s, "a", .on_probe = 1, .at_s = 10);
	cr_expect_eq(death_s(&s), 225 + 10);
}

Test(course, of_what_nobody_can_say_the_limit_is_expected)
{
	struct scenario s = silent(1, 75, 5);

	device_sends(&s, "a", .at_s = 6, .size = 10);
	cr_expect_eq(course_death(&s, 0), COURSE_NEVER);
	cr_expect_eq(scenario_expected(&s), scenario_limit(&s) + 10 * NS_PER_S);
}

Test(course, without_keepalive_nothing_dies)
{
	struct scenario s = tcp_client("a");

	peer_falls_silent(&s, "a", .at_s = 5);
	cr_expect_eq(course_death(&s, 0), COURSE_NEVER);
}
