/* SPDX-License-Identifier: MIT */
#include "core/raw_clock.h"

#include <time.h>

#include "core/units.h"

int64_t raw_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}
