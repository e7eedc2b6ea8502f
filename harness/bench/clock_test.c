/* SPDX-License-Identifier: MIT */
#include "bench/clock.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

#include "core/units.h"

/* ---- a host whose clocks do what a test says ---- */

struct host {
	int64_t true_ns; /* since it was switched on, and while it is suspended or paused, too */
	int64_t raw_ns, mono_ns, wall_ns, boot_ns, rtc_ns;
	double slew; /* of the wall clock and of CLOCK_MONOTONIC */
	bool has_rtc;
	int64_t reading_ns; /* each reading takes so long */
};

/* 2026-01-01, half a second into one of the RTC's. */
#define WALL_AT_START (INT64_C(1767225600) * NS_PER_S)

static void pass(struct host *host, int64_t ns)
{
	const int64_t slewed_ns = ns + (int64_t)((double)ns * host->slew);

	host->true_ns += ns;
	host->raw_ns += ns;
	host->rtc_ns += ns;
	host->mono_ns += slewed_ns;
	host->boot_ns += slewed_ns;
	host->wall_ns += slewed_ns;
}

static int64_t read_host_clock(void *context, enum host_clock which)
{
	struct host *host = context;

	pass(host, host->reading_ns);
	switch (which) {
	case HOST_RAW:
		return host->raw_ns;
	case HOST_WALL:
		return host->wall_ns;
	case HOST_MONOTONIC:
		return host->mono_ns;
	case HOST_BOOT:
		return host->boot_ns;
	case HOST_RTC:
		return host->has_rtc ? host->rtc_ns / NS_PER_S * NS_PER_S : -1;
	}
	return -1;
}

static struct host new_host(void)
{
	return (struct host){.raw_ns = 1000 * NS_PER_S,
		.mono_ns = 999 * NS_PER_S,
		.boot_ns = 1500 * NS_PER_S,
		.wall_ns = WALL_AT_START,
		.rtc_ns = WALL_AT_START + NS_PER_S / 2,
		.has_rtc = true,
		.reading_ns = 50};
}

static struct clock start(struct host *host)
{
	struct clock clock;

	clock_start_by(&clock, read_host_clock, host);
	return clock;
}

/* Turns of 25 ms, each with a look at the RTC. */
static void turn_for(struct clock *clock, struct host *host, int64_t ns)
{
	for (const int64_t end = host->true_ns + ns; host->true_ns < end;) {
		pass(host, 25 * NS_PER_MS);
		clock_correlate(clock);
		clock_look_outside(clock);
	}
}

static int64_t present(const struct clock *clock, const struct host *host)
{
	return host->raw_ns - clock->start_ns;
}

struct stamping {
	int64_t worst_ns; /* error of a stamp */
	int64_t bound_ns; /* largest bound on it */
	int broken;	  /* stamps that are further away than their bound says */
};

/* A frame each 7 ms, in turns of 25 ms; every third time the frames are taken before the clocks
 * are correlated. */
static struct stamping stamp_for(struct clock *clock, struct host *host, int64_t ns)
{
	struct stamping stamping = {0};
	int64_t stamps[4], truth[4];
	int turn = 0;

	for (const int64_t end = host->true_ns + ns; host->true_ns < end; turn++) {
		for (int i = 0; i < 4; i++) {
			pass(host, 7 * NS_PER_MS);
			stamps[i] = host->wall_ns;
			truth[i] = present(clock, host);
		}
		if (turn % 3 > 0)
			clock_correlate(clock);
		for (int i = 0; i < 4; i++) {
			int64_t bound_ns;
			const int64_t t_ns = clock_from_capture(clock, stamps[i], &bound_ns);
			const int64_t error_ns = llabs(t_ns - truth[i]);
			stamping.broken += error_ns > bound_ns;
			if (error_ns > stamping.worst_ns)
				stamping.worst_ns = error_ns;
			if (bound_ns > stamping.bound_ns)
				stamping.bound_ns = bound_ns;
		}
	}
	return stamping;
}

/* ---- what is asked of the clock ---- */

Test(clock, stepped_time_stands_where_it_was_put)
{
	struct clock clock;
	struct clock_change change;
	int64_t error_ns = 1;

	clock_start(&clock, CLOCK_KIND_STEPPED);
	cr_expect_eq(clock_now(&clock), 0);
	clock.now_ns = 7;
	cr_expect_eq(clock_now(&clock), 7);
	cr_expect_eq(clock_from_capture(&clock, 123, &error_ns), 7);
	cr_expect_eq(error_ns, 0);
	/* 2000-01-01T00:00:00Z and what has passed since. */
	cr_expect_eq(clock_to_wall(&clock, 5), INT64_C(946684800000000005));
	clock_correlate(&clock);
	clock_look_outside(&clock);
	cr_expect_not(clock_changed(&clock, &change));
}

/* On this host: the stamp of a frame lies between two looks at the clock, but for its error. */
Test(clock, a_stamp_of_the_wall_clock_finds_its_place)
{
	struct clock clock;
	struct timespec now;
	int64_t error_ns;

	clock_start(&clock, CLOCK_KIND_REAL);
	const int64_t before_ns = clock_now(&clock);
	clock_gettime(CLOCK_REALTIME, &now);
	const int64_t after_ns = clock_now(&clock);
	const int64_t t_ns =
		clock_from_capture(&clock, (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec, &error_ns);
	cr_expect(before_ns >= 0 && error_ns >= 0);
	cr_expect_geq(t_ns, before_ns - error_ns);
	cr_expect_leq(t_ns, after_ns + error_ns);
}

Test(clock, stamps_of_a_quiet_host_are_good_to_a_microsecond)
{
	struct host host = new_host();
	struct clock clock = start(&host);
	struct clock_change change;

	const struct stamping stamping = stamp_for(&clock, &host, 300 * NS_PER_S);
	cr_expect_eq(stamping.broken, 0);
	cr_expect_lt(stamping.bound_ns, NS_PER_US);
	cr_expect_not(clock_changed(&clock, &change));
}

/* Rate of the slew, and what the wall clock moves in two turns of 28 ms. */
static const struct {
	double slew;
	int64_t moved_ns;
} slews[] = {{500e-6, 29 * NS_PER_US}, {-500e-6, 29 * NS_PER_US}, {0.08, 5 * NS_PER_MS},
	{-0.08, 5 * NS_PER_MS}, {0.1, 6 * NS_PER_MS}, {-0.1, 6 * NS_PER_MS}};

Test(clock, a_slew_that_begins_and_ends_is_held_by_the_bound_of_each_stamp)
{
	for (size_t i = 0; i < sizeof slews / sizeof *slews; i++) {
		struct host host = new_host();
		struct clock clock = start(&host);
		struct clock_change change;

		(void)stamp_for(&clock, &host, 10 * NS_PER_S);
		host.slew = slews[i].slew;
		const struct stamping during = stamp_for(&clock, &host, 40 * NS_PER_S);
		host.slew = 0;
		const struct stamping after = stamp_for(&clock, &host, 10 * NS_PER_S);
		cr_expect_eq(during.broken + after.broken, 0, "slew %g", slews[i].slew);
		cr_expect_leq(during.bound_ns, slews[i].moved_ns, "slew %g", slews[i].slew);
		/* As the run's clock goes on evenly, it is nobody's fault. */
		cr_expect_not(clock_changed(&clock, &change), "slew %g", slews[i].slew);
	}
}

Test(clock, the_time_of_the_run_is_not_slewed)
{
	struct host host = new_host();
	struct clock clock = start(&host);
	const int64_t begin_ns = clock_now(&clock);

	host.slew = 0.1;
	pass(&host, 75 * NS_PER_S);
	cr_expect_lt(llabs(clock_now(&clock) - begin_ns - 75 * NS_PER_S), NS_PER_US);
}

Test(clock, how_late_waits_end_is_remembered_for_half_a_minute)
{
	struct host host = new_host();
	struct clock clock = start(&host);

	cr_expect_eq(clock_late(&clock), 0);
	clock_note_late(&clock, 41 * NS_PER_MS);
	clock_note_late(&clock, NS_PER_MS);
	cr_expect_eq(clock_late(&clock), 41 * NS_PER_MS);
	for (int i = 0; i < 29; i++) {
		pass(&host, NS_PER_S);
		clock_note_late(&clock, NS_PER_MS);
	}
	cr_expect_eq(clock_late(&clock), 41 * NS_PER_MS);
	for (int i = 0; i < 40; i++) {
		pass(&host, NS_PER_S);
		clock_note_late(&clock, 2 * NS_PER_MS);
	}
	cr_expect_eq(clock_late(&clock), 2 * NS_PER_MS);
	/* A bench that was stopped says nothing of the host. */
	clock_note_late(&clock, 8 * NS_PER_S);
	cr_expect_eq(clock_late(&clock), 2 * NS_PER_MS);
}

Test(clock, a_step_is_told_once_with_its_size_and_when)
{
	static const int64_t steps[] = {
		3600 * NS_PER_S, -3600 * NS_PER_S, NS_PER_S, -NS_PER_S, 20 * NS_PER_MS};

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		struct host host = new_host();
		struct clock clock = start(&host);
		struct clock_change change;

		turn_for(&clock, &host, NS_PER_S);
		const int64_t before_ns = present(&clock, &host);
		host.wall_ns += steps[i];
		turn_for(&clock, &host, NS_PER_S);
		cr_assert(clock_changed(&clock, &change));
		cr_expect_lt(llabs(change.stepped_ns - steps[i]), NS_PER_US);
		cr_expect(change.suspended_ns == 0 && change.paused_ns == 0);
		cr_expect(change.from_ns <= before_ns && change.from_ns > before_ns - NS_PER_MS);
		/* Not again. */
		turn_for(&clock, &host, NS_PER_S);
		cr_expect_not(clock_changed(&clock, &change));
	}
}

Test(clock, stamps_before_and_behind_a_step_find_their_place)
{
	static const int64_t steps[] = {3600 * NS_PER_S, -3600 * NS_PER_S, -NS_PER_S, NS_PER_S,
		4 * NS_PER_MS, -4 * NS_PER_MS, -12 * NS_PER_MS};

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		struct host host = new_host();
		struct clock clock = start(&host);
		int64_t error_ns;

		turn_for(&clock, &host, NS_PER_S);
		pass(&host, 10 * NS_PER_MS);
		const int64_t before = host.wall_ns, before_ns = present(&clock, &host);
		pass(&host, 2 * NS_PER_MS);
		host.wall_ns += steps[i];
		pass(&host, 3 * NS_PER_MS);
		const int64_t behind = host.wall_ns, behind_ns = present(&clock, &host);
		pass(&host, 10 * NS_PER_MS);
		clock_correlate(&clock);
		int64_t t_ns = clock_from_capture(&clock, before, &error_ns);
		cr_expect_leq(llabs(t_ns - before_ns), error_ns, "step %zu, before", i);
		cr_expect_lt(error_ns, 25 * NS_PER_MS, "step %zu", i);
		t_ns = clock_from_capture(&clock, behind, &error_ns);
		cr_expect_leq(llabs(t_ns - behind_ns), error_ns, "step %zu, behind", i);
		cr_expect_lt(error_ns, 25 * NS_PER_MS, "step %zu", i);
		const struct stamping after = stamp_for(&clock, &host, 10 * NS_PER_S);
		cr_expect_eq(after.broken, 0, "step %zu", i);
		cr_expect_lt(after.bound_ns, NS_PER_US, "step %zu", i);
	}
}

Test(clock, a_stamp_between_two_steps_is_of_the_time_since_the_last_look)
{
	struct host host = new_host();
	struct clock clock = start(&host);
	int64_t error_ns;

	turn_for(&clock, &host, NS_PER_S);
	clock.looked_ns = present(&clock, &host);
	host.wall_ns += 60 * NS_PER_S;
	pass(&host, 5 * NS_PER_MS);
	const int64_t stamp = host.wall_ns, truth_ns = present(&clock, &host);
	pass(&host, 5 * NS_PER_MS);
	host.wall_ns -= 60 * NS_PER_S;
	pass(&host, 5 * NS_PER_MS);
	clock_correlate(&clock);
	const int64_t t_ns = clock_from_capture(&clock, stamp, &error_ns);
	cr_expect_leq(llabs(t_ns - truth_ns), error_ns);
	cr_expect_lt(error_ns, 25 * NS_PER_MS);
}

Test(clock, a_suspended_host_is_told_by_how_long_it_slept)
{
	struct host host = new_host();
	struct clock clock = start(&host);
	struct clock_change change;

	turn_for(&clock, &host, 3 * NS_PER_S);
	host.wall_ns += 20 * NS_PER_S;
	host.boot_ns += 20 * NS_PER_S;
	host.rtc_ns += 20 * NS_PER_S;
	turn_for(&clock, &host, 3 * NS_PER_S);
	cr_assert(clock_changed(&clock, &change));
	cr_expect_lt(llabs(change.suspended_ns - 20 * NS_PER_S), NS_PER_US);
	cr_expect(change.stepped_ns == 0 && change.paused_ns == 0);
	/* Not again. */
	turn_for(&clock, &host, 3 * NS_PER_S);
	cr_expect_not(clock_changed(&clock, &change));
}

/* All clocks of a machine that is paused stand still, but the RTC's. */
Test(clock, a_paused_machine_is_told_by_its_rtc)
{
	static const int64_t pauses[] = {30 * NS_PER_S, 7 * NS_PER_S, 2 * NS_PER_S};

	for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++) {
		struct host host = new_host();
		struct clock clock = start(&host);
		struct clock_change change;

		turn_for(&clock, &host, 3 * NS_PER_S);
		const int64_t before_ns = present(&clock, &host);
		host.rtc_ns += pauses[i];
		/* The first look behind it tells. */
		turn_for(&clock, &host, 25 * NS_PER_MS);
		cr_assert(clock_changed(&clock, &change), "pause %zu", i);
		cr_expect_leq(llabs(change.paused_ns - pauses[i]), NS_PER_S, "pause %zu", i);
		cr_expect(change.stepped_ns == 0 && change.suspended_ns == 0);
		cr_expect_leq(change.from_ns, before_ns);
		/* Not again. */
		turn_for(&clock, &host, 3 * NS_PER_S);
		cr_expect_not(clock_changed(&clock, &change), "pause %zu", i);
	}
}

Test(clock, an_rtc_that_drifts_or_is_set_back_is_no_pause)
{
	struct host host = new_host();
	struct clock clock = start(&host);
	struct clock_change change;

	for (int i = 0; i < 3600; i++) {
		turn_for(&clock, &host, NS_PER_S);
		host.rtc_ns += 100 * NS_PER_US;
	}
	host.rtc_ns -= 5 * NS_PER_S;
	turn_for(&clock, &host, 5 * NS_PER_S);
	cr_expect_not(clock_changed(&clock, &change));
}

Test(clock, without_an_rtc_a_pause_is_not_seen_and_nothing_is_claimed)
{
	struct host host = new_host();
	struct clock_change change;

	host.has_rtc = false;
	struct clock clock = start(&host);
	turn_for(&clock, &host, 3 * NS_PER_S);
	cr_expect_not(clock.has_rtc);
	cr_expect_not(clock_changed(&clock, &change));
}
