/* SPDX-License-Identifier: MIT */
#include "bench/clock.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/raw_clock.h"
#include "core/units.h"

/* 2000-01-01T00:00:00Z: second 0 of stepped time in capture files. */
#define STEPPED_EPOCH_NS (INT64_C(946684800) * NS_PER_S)

/* The kernel slews by 10 % at most (adjtimex's tick), and by 500 ppm each for frequency and offset:
 * what is faster is a step, if it is more than this. */
#define SLEW_DIVISOR 9
#define STEP_NS (5 * NS_PER_MS)

/* How long it is remembered at least how late waits ended. */
#define REMEMBERED_NS (30 * NS_PER_S)

/* A pause is what the RTC ran ahead by more than this; it and the raw clock drift apart by less
 * than 500 ppm. */
#define PAUSE_NS (300 * NS_PER_MS)
#define RTC_DRIFT_DIVISOR 2000
#define RTC_FILE "/sys/class/rtc/rtc0/since_epoch"

static int64_t read_clock(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int64_t read_rtc(void)
{
	char digits[32] = "";
	int file = open(RTC_FILE, O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return -1;
	ssize_t got = read(file, digits, sizeof digits - 1);
	close(file);
	return got > 0 ? strtoll(digits, NULL, 10) * NS_PER_S : -1;
}

static int64_t read_host(void *context, enum host_clock which)
{
	(void)context;
	switch (which) {
	case HOST_RAW:
		return raw_clock_ns();
	case HOST_WALL:
		return read_clock(CLOCK_REALTIME);
	case HOST_MONOTONIC:
		return read_clock(CLOCK_MONOTONIC);
	case HOST_BOOT:
		return read_clock(CLOCK_BOOTTIME);
	case HOST_RTC:
		return read_rtc();
	}
	return -1;
}

/* A reading that is so good need not be bettered. */
#define GOOD_READING_NS 500

/* 'other' - 'base', and when. */
static struct correlation difference(
	const struct clock *clock, enum host_clock base, enum host_clock other)
{
	struct correlation best = {.error_ns = INT64_MAX};

	for (int i = 0; i < 4 && best.error_ns > GOOD_READING_NS; i++) {
		int64_t before = clock->read(clock->context, base);
		int64_t there = clock->read(clock->context, other);
		int64_t after = clock->read(clock->context, base);
		int64_t error = (after - before + 1) / 2;
		if (error >= best.error_ns)
			continue;
		best = (struct correlation){
			.raw_ns = before + (after - before) / 2, .error_ns = error};
		best.offset_ns = there - best.raw_ns;
	}
	return best;
}

static int64_t suspended(const struct clock *clock)
{
	return difference(clock, HOST_MONOTONIC, HOST_BOOT).offset_ns;
}

static void keep(struct clock *clock, struct correlation found)
{
	clock->newest = clock->count == 0 ? 0 : (clock->newest + 1) % CLOCK_CORRELATIONS;
	clock->correlations[clock->newest] = found;
	if (clock->count < CLOCK_CORRELATIONS)
		clock->count++;
}

/* The one that is 'back' before the newest. */
static const struct correlation *earlier(const struct clock *clock, int back)
{
	return &clock->correlations[(clock->newest + CLOCK_CORRELATIONS - back) %
				    CLOCK_CORRELATIONS];
}

/* Between what the RTC is ahead of the raw clock, as seen now.  False without an RTC. */
static bool read_rtc_bounds(const struct clock *clock, int64_t *low_ns, int64_t *high_ns)
{
	int64_t before = clock->read(clock->context, HOST_RAW);
	int64_t rtc = clock->read(clock->context, HOST_RTC);
	int64_t after = clock->read(clock->context, HOST_RAW);

	*low_ns = rtc - after;
	*high_ns = rtc + NS_PER_S - before;
	return rtc >= 0;
}

void clock_start_by(struct clock *clock, host_clock_fn *read, void *context)
{
	*clock = (struct clock){.kind = CLOCK_KIND_REAL, .read = read, .context = context};
	clock->start_ns = read(context, HOST_RAW);
	clock->suspended_ns = suspended(clock);
	clock->has_rtc = read_rtc_bounds(clock, &clock->rtc_low_ns, &clock->rtc_high_ns);
	clock->rtc_raw_ns = clock->start_ns;
	keep(clock, difference(clock, HOST_RAW, HOST_WALL));
}

void clock_start(struct clock *clock, enum clock_kind kind)
{
	if (kind == CLOCK_KIND_REAL)
		clock_start_by(clock, read_host, NULL);
	else
		*clock = (struct clock){.kind = kind};
}

int64_t clock_now(const struct clock *clock)
{
	if (clock->kind == CLOCK_KIND_STEPPED)
		return clock->now_ns;
	return clock->read(clock->context, HOST_RAW) - clock->start_ns;
}

/* Since when there is a change: since the earliest that was not yet asked for. */
static struct clock_change *change_since(struct clock *clock, int64_t raw_ns)
{
	struct clock_change *change = &clock->change;
	bool open = change->stepped_ns != 0 || change->suspended_ns != 0 || change->paused_ns != 0;

	if (!open || raw_ns - clock->start_ns < change->from_ns)
		change->from_ns = raw_ns - clock->start_ns;
	return change;
}

void clock_correlate(struct clock *clock)
{
	if (clock->kind == CLOCK_KIND_STEPPED)
		return;
	const struct correlation before = *earlier(clock, 0);
	const struct correlation found = difference(clock, HOST_RAW, HOST_WALL);
	const int64_t suspended_ns = suspended(clock);
	const int64_t slept = suspended_ns - clock->suspended_ns;
	const int64_t moved = found.offset_ns - before.offset_ns - slept;

	keep(clock, found);
	clock->suspended_ns = suspended_ns;
	clock->rtc_low_ns += slept;
	clock->rtc_high_ns += slept;
	if (llabs(slept) >= STEP_NS)
		change_since(clock, before.raw_ns)->suspended_ns += slept;
	if (llabs(moved) > (found.raw_ns - before.raw_ns) / SLEW_DIVISOR + STEP_NS)
		change_since(clock, before.raw_ns)->stepped_ns += moved;
}

void clock_look_outside(struct clock *clock)
{
	int64_t low = 0, high = 0;

	if (clock->kind == CLOCK_KIND_STEPPED || !clock->has_rtc ||
		!read_rtc_bounds(clock, &low, &high))
		return;
	const int64_t raw = clock->read(clock->context, HOST_RAW);
	const int64_t drift = (raw - clock->rtc_raw_ns) / RTC_DRIFT_DIVISOR;
	const int64_t lowest = clock->rtc_low_ns - drift, highest = clock->rtc_high_ns + drift;
	const bool paused = low > highest + PAUSE_NS;

	if (paused)
		change_since(clock, clock->rtc_raw_ns)->paused_ns +=
			(low + high) / 2 - (lowest + highest) / 2;
	/* An RTC that went back was set. */
	const bool other = low > highest || high < lowest;
	clock->rtc_low_ns = !other && lowest > low ? lowest : low;
	clock->rtc_high_ns = !other && highest < high ? highest : high;
	clock->rtc_raw_ns = raw;
}

void clock_note_late(struct clock *clock, int64_t late_ns)
{
	const int64_t now_ns = clock_now(clock);

	/* What is longer is told as such; the kernel's stamps are good. */
	if (late_ns > CLOCK_LATE_NS)
		return;
	if (now_ns - clock->late_from_ns > REMEMBERED_NS) {
		clock->late_ns[1] =
			now_ns - clock->late_from_ns > 2 * REMEMBERED_NS ? 0 : clock->late_ns[0];
		clock->late_ns[0] = 0;
		clock->late_from_ns = now_ns;
	}
	if (late_ns > clock->late_ns[0])
		clock->late_ns[0] = late_ns;
}

int64_t clock_late(const struct clock *clock)
{
	return clock->late_ns[0] > clock->late_ns[1] ? clock->late_ns[0] : clock->late_ns[1];
}

bool clock_changed(struct clock *clock, struct clock_change *change)
{
	*change = clock->change;
	clock->change = (struct clock_change){0};
	return change->stepped_ns != 0 || change->suspended_ns != 0 || change->paused_ns != 0;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Whether a stamp can be of the time between two correlations.  It is then between the two places
 * that their offsets give it, and where the wall clock was slewed evenly, in proportion. */
static bool between(const struct correlation *a, const struct correlation *b, int64_t stamp_ns,
	int64_t *raw_ns, int64_t *error_ns)
{
	const int64_t reading = most(a->error_ns, b->error_ns);
	const int64_t low = most(stamp_ns - most(a->offset_ns, b->offset_ns), a->raw_ns - reading);
	const int64_t high =
		least(stamp_ns - least(a->offset_ns, b->offset_ns), b->raw_ns + reading);
	const double wall = (double)(b->raw_ns + b->offset_ns - a->raw_ns - a->offset_ns);
	const double into = (double)(stamp_ns - a->raw_ns - a->offset_ns);
	const double part = wall > 0 ? into / wall : 0.5;

	if (low > high)
		return false;
	*raw_ns = a->raw_ns + (int64_t)((double)(b->raw_ns - a->raw_ns) * part);
	*raw_ns = least(most(*raw_ns, low), high);
	*error_ns = most(*raw_ns - low, high - *raw_ns) + reading;
	return true;
}

int64_t clock_from_capture(struct clock *clock, int64_t realtime_ns, int64_t *error_ns)
{
	int64_t raw = 0;

	*error_ns = 0;
	if (clock->kind == CLOCK_KIND_STEPPED)
		return clock->now_ns;
	const struct correlation *last = earlier(clock, 0);
	if (realtime_ns - last->offset_ns > last->raw_ns)
		clock_correlate(clock);
	for (int back = 0; back + 1 < clock->count; back++)
		if (between(earlier(clock, back + 1), earlier(clock, back), realtime_ns, &raw,
			    error_ns))
			return raw - clock->start_ns;
	/* The wall clock was set more than once meanwhile; a frame is taken when it has come. */
	raw = earlier(clock, 0)->raw_ns - clock->start_ns;
	*error_ns = (raw - clock->looked_ns + 1) / 2;
	return raw - *error_ns;
}

int64_t clock_to_wall(const struct clock *clock, int64_t t_ns)
{
	if (clock->kind == CLOCK_KIND_STEPPED)
		return STEPPED_EPOCH_NS + t_ns;
	return t_ns + clock->start_ns + earlier(clock, 0)->offset_ns;
}
