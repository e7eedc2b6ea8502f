/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_RAW_CLOCK_H
#define WIZHIL_CORE_RAW_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC_RAW in ns, the clock of all durations: it is neither set nor slewed. */
int64_t raw_clock_ns(void);

#endif
