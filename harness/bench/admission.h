/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_ADMISSION_H
#define WIZHIL_BENCH_ADMISSION_H

#include "bench/state.h"

/* Who comes to a device, when, and to which. */

/* Once all devices are ready: drives the cases for which there is room, resets idle devices whose
 * leaked CIDs keep cases waiting, and sends cases home that no device can take any more. */
void admission_run(struct bench *bench);

#endif
