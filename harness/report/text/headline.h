/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_HEADLINE_H
#define WIZHIL_REPORT_HEADLINE_H

#include <stddef.h>

#include "report/model/run.h"

/* The run in one sentence, for who reads no more: "2 of 31 cases failed on firmware 2.4.0". May
 * hold what a device said: write it by report/text/text.h. */
void headline_text(const struct run *run, char *text, size_t size);

/* What the virtual devices were made to do: "keepalive.interval_s=60, seed=7"; empty: nothing. */
void settings_text(const struct run *run, char *text, size_t size);

/* The file that was flashed before the cases; empty: none was. */
void flashed_text(const struct run *run, char *text, size_t size);

/* What a run without its long cases cannot have seen; empty: it has them. */
/* What the choice of a run with --within is worth, of run->unseen; empty: it has all. */
void within_text(const json_t *unseen, char *text, size_t size);
void unseen_text(const struct run *run, char *text, size_t size);

/* How exactly what a device says is stamped, where its round trips were measured. */
void uart_text(const struct run_device *device, char *text, size_t size);

/* What the monitor of the air heard of it, where there was one. */
bool air_was_monitored(const struct run_device *device);
void air_text(const struct run_device *device, char *text, size_t size);
#define PAUSES_UNSEEN "no RTC: a pause of a virtual machine is not detected"

/* Each firmware of the run's devices once: "2.4.0 + 2.5.0"; empty: none was told. */
void firmwares_text(const struct run *run, char *text, size_t size);

/* "31 cases: 29 passed, 2 failed" */
void totals_text(const struct run *run, char *text, size_t size);

#endif
