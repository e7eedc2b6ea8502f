/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_SCENARIO_KEEPALIVE_INTERVAL_H
#define WIZHIL_SCENARIO_KEEPALIVE_INTERVAL_H

#include <stdbool.h>

#include "core/units.h"

/* Between one unanswered probe and the next; no documented command sets it (V, 4.4BSD; see
 * cases/DEVICE.md section 5). */
enum { KEEPALIVE_INTERVAL_S = 75 };
#define KEEPALIVE_INTERVAL_NS (KEEPALIVE_INTERVAL_S * NS_PER_S)

/* Would the timeout (s) and the count that were given be valid the other way round, and only so
 * (timeout >= count x 75 s)? */
static inline bool planned_keepalive_swapped(int timeout_s, int count)
{
	return timeout_s / KEEPALIVE_INTERVAL_S < count && timeout_s >= 1 &&
	       count / KEEPALIVE_INTERVAL_S >= timeout_s;
}

#endif
