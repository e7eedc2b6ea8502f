/* SPDX-License-Identifier: MIT */
#include "bench/clock.h"

#include <stdlib.h>
#include <time.h>

#include "core/units.h"

/* 2000-01-01T00:00:00Z: second 0 of stepped time in capture files. */
#define STEPPED_EPOCH_NS (INT64_C(946684800) * NS_PER_S)

static int64_t read_clock(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* Difference of two clocks, and half of the time that reading them took. */
static int64_t difference(clockid_t id, int64_t *error_ns)
{
	int64_t best = 0;

	*error_ns = INT64_MAX;
	for (int i = 0; i < 4; i++) {
		int64_t before = read_clock(CLOCK_MONOTONIC);
		int64_t other = read_clock(id);
		int64_t after = read_clock(CLOCK_MONOTONIC);
		if ((after - before) / 2 >= *error_ns)
			continue;
		*error_ns = (after - before) / 2;
		best = other - (before + after) / 2;
	}
	return best;
}

void clock_start(struct clock *clock, enum clock_kind kind)
{
	int64_t ignored;

	*clock = (struct clock){.kind = kind};
	clock->start_ns = read_clock(CLOCK_MONOTONIC);
	clock->offset_ns = difference(CLOCK_REALTIME, &clock->error_ns);
	clock->suspended_ns = difference(CLOCK_BOOTTIME, &ignored);
}

int64_t clock_monotonic_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_now(const struct clock *clock)
{
	if (clock->kind == CLOCK_KIND_STEPPED)
		return clock->now_ns;
	return read_clock(CLOCK_MONOTONIC) - clock->start_ns;
}

int64_t clock_correlate(struct clock *clock)
{
	int64_t ignored;

	if (clock->kind == CLOCK_KIND_STEPPED)
		return 0;
	int64_t offset = difference(CLOCK_REALTIME, &clock->error_ns);
	int64_t suspended = difference(CLOCK_BOOTTIME, &ignored);
	int64_t slept = suspended - clock->suspended_ns;
	int64_t stepped = offset - clock->offset_ns - slept;
	clock->offset_ns = offset;
	clock->suspended_ns = suspended;
	if (llabs(slept) >= CLOCK_STEP_NS)
		return slept;
	return llabs(stepped) >= CLOCK_STEP_NS ? stepped : 0;
}

int64_t clock_from_capture(const struct clock *clock, int64_t realtime_ns)
{
	if (clock->kind == CLOCK_KIND_STEPPED)
		return clock->now_ns;
	return realtime_ns - clock->offset_ns - clock->start_ns;
}

int64_t clock_to_wall(const struct clock *clock, int64_t t_ns)
{
	if (clock->kind == CLOCK_KIND_STEPPED)
		return STEPPED_EPOCH_NS + t_ns;
	return t_ns + clock->start_ns + clock->offset_ns;
}
