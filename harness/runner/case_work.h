/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CASES_CASE_WORK_H
#define WIZHIL_CASES_CASE_WORK_H

#include <setjmp.h>

#include "core/error.h"
#include "judge/judge.h"
#include "runner/case.h"

/* What a case's worker, the expectations, and the records share. */

enum { DRIVES = 64 };

/* One case at a time in a process: a worker runs one, the lister one after the other. */
struct case_work {
	const struct case_entry *entry;
	bool describing;
	struct case_plan plan;
	int socket;
	bool alone;
	struct profile profile;
	struct verdict verdict;
	struct timeline *timelines[DRIVES];
	int drives;
	const struct timeline *judged; /* whose subjects these are; NULL: none are made */
	bool has_subject[SCENARIO_CONNECTIONS];
	struct subject subjects[SCENARIO_CONNECTIONS];
	jmp_buf ended; /* the bench cannot go on */
	struct error trouble;
};
extern struct case_work work;

/* The connection's index; NO_CONNECTION while describing, and for a name that is not there. */
int connection_of(const struct timeline *t, const char *name);

/* The connection, worked out for its checks: once for all of them. */
struct subject *subject_for(const struct timeline *t, int connection);

static inline int64_t nanoseconds(double s)
{
	return (int64_t)(s * 1e9);
}

#endif
