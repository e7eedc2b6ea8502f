/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_ADMISSION_H
#define WIZHIL_BENCH_ADMISSION_H

#include "bench/state.h"

/* Who comes to a device, when, and to which. */

void admission_run(struct bench *bench);
/* Cases that no device can take any more are not run. */
void admission_send_home(struct bench *bench);
/* Resets idle devices whose leaked CIDs keep cases waiting. */
void admission_reset_leaking(struct bench *bench);

#endif
