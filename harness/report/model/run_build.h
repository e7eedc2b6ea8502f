/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_RUN_BUILD_H
#define WIZHIL_REPORT_RUN_BUILD_H

#include "report/model/run.h"

/*
 * How a run is put together of the events of its journal, for run.c, which reads a whole journal,
 * and run_live.c, which takes in the events as they come:
 *
 *   run.c	  what each event adds
 *   run_build.c	  its cases, devices and faults
 *   run_result.c  what cases and run come to
 */

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

/* An empty run; the caller frees it.  NULL when out of memory. */
struct run *run_new(void);

/* An event, and the case it speaks of; NULL: none. */
struct run_event {
	const json_t *event;
	struct run_case *of;
};

/* Takes in a line of the journal, its number from 1, and tells what it was.  -1 when out of
 * memory. */
int run_take_line(
	struct run *run, const char *line, size_t length, size_t number, struct run_event *taken);

/* Decides what a case comes to by what is known so far. */
void run_conclude_case(const struct run *run, struct run_case *test_case);

/* Decides outcomes, models, findings and faults once all events are in.  -1 when out of memory. */
int run_conclude(struct run *run);

#endif
