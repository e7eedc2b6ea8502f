/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_UNITS_H
#define WIZHIL_CORE_UNITS_H

#include <stdint.h>

/* Times are int64_t nanoseconds on one clock; names carry the unit where it is another. */
#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)

/* No such time: later than all others. */
#define TIME_NEVER INT64_MAX

#endif
