/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_CLOCK_H
#define WIZHIL_BENCH_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The bench's clock: ns since the start of the run.  Real: CLOCK_MONOTONIC, to which capture stamps
 * (CLOCK_REALTIME) are mapped by continuous correlation.  Stepped: the time that the devices
 * report.
 */
enum clock_kind { CLOCK_KIND_REAL, CLOCK_KIND_STEPPED };

struct clock {
	enum clock_kind kind;
	int64_t now_ns;	      /* stepped: the present; real: unused */
	int64_t start_ns;     /* CLOCK_MONOTONIC at the start of the run */
	int64_t offset_ns;    /* CLOCK_REALTIME - CLOCK_MONOTONIC, as last correlated */
	int64_t suspended_ns; /* CLOCK_BOOTTIME - CLOCK_MONOTONIC, as last seen */
	int64_t error_ns;     /* bound on the error of a mapped stamp */
};

void clock_start(struct clock *clock, enum clock_kind kind);

int64_t clock_now(const struct clock *clock);

/* CLOCK_MONOTONIC: for limits in wall time, whatever the clock of the run is. */
int64_t clock_monotonic_ns(void);

/* Correlates the clocks again.  Returns how far the wall clock stepped against the monotonic one,
 * or the machine slept, since the last call, in ns; 0 for less than CLOCK_STEP_NS. */
int64_t clock_correlate(struct clock *clock);
#define CLOCK_STEP_NS (5 * INT64_C(1000000))

/* A capture's stamp on the bench's clock. */
int64_t clock_from_capture(const struct clock *clock, int64_t realtime_ns);

/* The stamp for a capture file: the wall clock, or for stepped time an epoch of its own, so that
 * the same run gives the same bytes. */
int64_t clock_to_wall(const struct clock *clock, int64_t t_ns);

#endif
