/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_RUN_PARTS_H
#define WIZHIL_REPORT_RUN_PARTS_H

#include "report/run.h"

/* The insides of run.h, shared by run.c (reading) and run_result.c (what it comes to). */

/* What takes the verdict from a case when the user wants the run to end. */
extern const char run_interrupted[];

/* Adds a zeroed element to an array and returns it; NULL when out of memory. */
void *run_grow(void *array_pointer, size_t *count, size_t size);

/* Notes a fault, once each text; the text is copied.  -1 when out of memory. */
int run_add_fault(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A new case; name and device are not copied.  NULL when out of memory. */
struct run_case *run_add_case(
	struct run *run, const char *name, const char *device, int repetition);

/* The case that an event speaks of: of that name, device (empty: not said) and repetition, a new
 * one where there is none.  NULL when out of memory. */
struct run_case *run_case_of(struct run *run, const char *name, const char *device, int repetition);

/* The device of that name, a new one where there is none; the name is not copied. */
struct run_device *run_device_named(struct run *run, const char *name);

/* Decides outcomes, models, findings and faults once all events are in.  -1 when out of memory. */
int run_conclude(struct run *run);

#endif
