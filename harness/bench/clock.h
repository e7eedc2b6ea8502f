/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_CLOCK_H
#define WIZHIL_BENCH_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The bench's clock: ns since the start of the run.  Real: CLOCK_MONOTONIC_RAW, which nobody slews;
 * capture stamps (CLOCK_REALTIME) are mapped to it by correlation, each with a bound on its error
 * that holds while the wall clock is slewed or stepped.  Stepped: the time that the devices report.
 */
enum clock_kind { CLOCK_KIND_REAL, CLOCK_KIND_STEPPED };

/* The clocks of the host. */
enum host_clock {
	HOST_RAW,	/* CLOCK_MONOTONIC_RAW */
	HOST_WALL,	/* CLOCK_REALTIME */
	HOST_MONOTONIC, /* CLOCK_MONOTONIC: slewed as CLOCK_REALTIME is */
	HOST_BOOT,	/* CLOCK_BOOTTIME: the same, and goes on while the host is suspended */
	HOST_RTC	/* whole seconds; goes on while a virtual machine is paused */
};

/* Reads one of them, in ns; -1 where the host has none. */
typedef int64_t host_clock_fn(void *context, enum host_clock which);

/* What became of the host's time between from_ns and now. */
struct clock_change {
	int64_t from_ns;
	int64_t stepped_ns;   /* the wall clock was set by so much; 0: it was not */
	int64_t suspended_ns; /* the host was suspended for so long; 0: it was not */
	int64_t paused_ns;    /* the machine was paused for about so long; 0: it was not */
};

/* The wall clock against the raw one at one moment. */
struct correlation {
	int64_t raw_ns;
	int64_t offset_ns; /* wall clock - raw clock */
	int64_t error_ns;  /* of reading them */
};

/* A turn of the bench that begins so long after the one before is late. */
#define CLOCK_LATE_NS (250 * INT64_C(1000000))

enum { CLOCK_CORRELATIONS = 64 };

struct clock {
	enum clock_kind kind;
	int64_t now_ns; /* stepped: the present; real: unused */
	/* Real: */
	host_clock_fn *read;
	void *context;
	int64_t start_ns;				     /* raw clock at the start of the run */
	struct correlation correlations[CLOCK_CORRELATIONS]; /* the last ones, in a ring */
	int newest, count;
	int64_t suspended_ns; /* CLOCK_BOOTTIME - CLOCK_MONOTONIC, as last seen */
	bool has_rtc;
	int64_t rtc_low_ns, rtc_high_ns; /* RTC - raw clock lies between these, */
	int64_t rtc_raw_ns;		 /* as of the last look, at this time of the raw clock */
	struct clock_change change;	 /* not yet asked for */
	int64_t late_ns[2];   /* waits ended so late, at most: since late_from_ns, and in the */
	int64_t late_from_ns; /* time before */
	int64_t looked_ns;    /* all that had come until then was seen, on the bench's clock */
};

void clock_start(struct clock *clock, enum clock_kind kind);
/* The real clock by other readings than the host's. */
void clock_start_by(struct clock *clock, host_clock_fn *read, void *context);

int64_t clock_now(const struct clock *clock);

/* Correlates the clocks again: at each turn, and so often that their drift between two does not
 * matter.  Real only; on stepped time it does nothing. */
void clock_correlate(struct clock *clock);
/* Looks at the RTC as well: before what was measured is judged, and now and then. */
void clock_look_outside(struct clock *clock);
/* A wait of the bench ended so much later than it was to.  How late it was of late, at most, bounds
 * what the host's scheduling does to any stamp: half a minute is remembered. */
void clock_note_late(struct clock *clock, int64_t late_ns);
int64_t clock_late(const struct clock *clock);

/* Whether there was a change since the last call, and which. */
bool clock_changed(struct clock *clock, struct clock_change *change);

/* A capture's stamp on the bench's clock; the truth is within *error_ns of it.  Correlates again for
 * a stamp that is newer than the last correlation. */
int64_t clock_from_capture(struct clock *clock, int64_t realtime_ns, int64_t *error_ns);

/* The stamp for a capture file: the wall clock, or for stepped time an epoch of its own, so that
 * the same run gives the same bytes. */
int64_t clock_to_wall(const struct clock *clock, int64_t t_ns);

#endif
