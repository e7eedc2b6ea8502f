/* SPDX-License-Identifier: MIT */
#include "bench/clock.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

#include "core/units.h"

static int64_t read_realtime(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

Test(clock, stepped_time_stands_where_it_was_put)
{
	struct clock clock;

	clock_start(&clock, CLOCK_KIND_STEPPED);
	cr_expect_eq(clock_now(&clock), 0);
	clock.now_ns = 7;
	cr_expect_eq(clock_now(&clock), 7);
	cr_expect_eq(clock_from_capture(&clock, 123), 7);
	/* 2000-01-01T00:00:00Z and what has passed since. */
	cr_expect_eq(clock_to_wall(&clock, 5), INT64_C(946684800000000005));
	cr_expect_eq(clock_correlate(&clock), 0);
}

/* The stamp of a frame lies between two looks at the clock, but for the error of the correlation. */
Test(clock, a_stamp_of_the_wall_clock_finds_its_place)
{
	struct clock clock;

	clock_start(&clock, CLOCK_KIND_REAL);
	const int64_t before_ns = clock_now(&clock);
	const int64_t stamp_ns = read_realtime();
	const int64_t after_ns = clock_now(&clock);
	const int64_t t_ns = clock_from_capture(&clock, stamp_ns);
	cr_expect(before_ns >= 0 && clock.error_ns >= 0);
	/* 1 ms for a wall clock that is slewed meanwhile. */
	cr_expect_geq(t_ns, before_ns - clock.error_ns - NS_PER_MS);
	cr_expect_leq(t_ns, after_ns + clock.error_ns + NS_PER_MS);
	cr_expect_eq(clock_to_wall(&clock, t_ns), stamp_ns);
}

Test(clock, a_step_of_the_wall_clock_is_told_once)
{
	struct clock clock;

	clock_start(&clock, CLOCK_KIND_REAL);
	clock.offset_ns -= 3 * NS_PER_S;
	const int64_t stepped_ns = clock_correlate(&clock);
	cr_expect_lt(llabs(stepped_ns - 3 * NS_PER_S), NS_PER_S);
	/* Not again. */
	cr_expect_lt(llabs(clock_correlate(&clock)), NS_PER_S);
}

Test(clock, a_suspended_host_is_told_by_how_long_it_slept)
{
	struct clock clock;

	clock_start(&clock, CLOCK_KIND_REAL);
	/* The wall clock goes on meanwhile. */
	clock.suspended_ns -= 20 * NS_PER_S;
	clock.offset_ns -= 20 * NS_PER_S;
	const int64_t slept_ns = clock_correlate(&clock);
	cr_expect_lt(llabs(slept_ns - 20 * NS_PER_S), NS_PER_S);
	/* Not again. */
	cr_expect_lt(llabs(clock_correlate(&clock)), NS_PER_S);
}
