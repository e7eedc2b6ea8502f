/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CASES_CASE_WORK_H
#define WIZHIL_CASES_CASE_WORK_H

#include <setjmp.h>

#include "core/error.h"
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
	jmp_buf ended; /* the bench cannot go on */
	struct error trouble;
};
extern struct case_work work;

/* The connection's index; NO_CONNECTION while describing, and for a name that is not there. */
int connection_of(const struct timeline *t, const char *name);

/* Runs a judge function on the named connection. */
#define JUDGE(function, name, ...)                                                                 \
	do {                                                                                       \
		int connection_ = connection_of(t, name);                                          \
		if (connection_ != NO_CONNECTION)                                                  \
			function(&work.verdict, t, connection_, &work.profile, __VA_ARGS__);       \
	} while (0)

static inline int64_t nanoseconds(double s)
{
	return (int64_t)(s * 1e9);
}

#endif
