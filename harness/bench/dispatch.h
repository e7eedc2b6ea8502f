/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_DISPATCH_H
#define WIZHIL_BENCH_DISPATCH_H

#include "bench/state.h"

/* What the devices say of their own accord finds its session here. */

/* Their context is the bench. */
extern const struct device_handlers dispatch_handlers;

#endif
