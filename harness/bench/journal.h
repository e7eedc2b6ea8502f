/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_JOURNAL_H
#define WIZHIL_BENCH_JOURNAL_H

#include "bench/state.h"

/* What the bench writes into the journal of the run, by the command's options->record. */

/* Writes an event, which it takes.  -1: it could not, which ends the run. */
int bench_record(struct bench *bench, json_t *event, bool force);
/* Writes down a trouble that does not end the run. */
void bench_record_fault(struct bench *bench, const struct error *err);
/* Writes down the first trouble that ends the run, in bench->fault.  The loop sees to the rest:
 * nobody is driven any more, and who waits is told. */
void bench_fault(struct bench *bench, const struct error *err);
/* Writes a step of a device's recovery. */
void bench_note_recovery(struct bench *bench, const struct device *device, const char *what);
/* Writes the first step of one whose cause is the device, or its access point: fault is a reboot, a
 * silence or a lost association. */
void bench_note_breakdown(struct bench *bench, const struct device *device,
	enum evidence_fault fault, const struct provocation *provocation, const char *what);
/* Writes what became of the host's time. */
/* The run goes on when it has ended. */
void bench_note_waiting(struct bench *bench, const char *text);
void bench_note_time(struct bench *bench, const char *what);
/* Writes how long the UART's way was found to be, where it was measured. */
void bench_note_uart(struct bench *bench, const struct device *device);

#endif
