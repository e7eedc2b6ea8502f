/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_SCENARIO_KEEPALIVE_INTERVAL_H
#define WIZHIL_SCENARIO_KEEPALIVE_INTERVAL_H

#include "core/units.h"

/* Between one unanswered probe and the next; no documented command sets it (V, 4.4BSD; see
 * cases/DEVICE.md section 5). */
enum { KEEPALIVE_INTERVAL_S = 75 };
#define KEEPALIVE_INTERVAL_NS (KEEPALIVE_INTERVAL_S * NS_PER_S)

#endif
