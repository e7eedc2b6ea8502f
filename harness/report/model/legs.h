/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_LEGS_H
#define WIZHIL_REPORT_LEGS_H

#include "judge/verdict.h"
#include "report/model/run.h"

/*
 * The measured legs of a case, over all drives of it that count in a run: its repetitions, and the
 * devices that it ran on.  A leg is the same leg when its id, requirement, connection and place among
 * those of one name agree.
 */

struct leg {
	struct leg_id id;
	char requirement[REQUIREMENT_ID];
	int connection, nth; /* nth: from 1, of those of one name in a verdict */
	size_t count;	     /* how often it was measured; 1 at least */
	int64_t least_ns, median_ns, most_ns, mean_ns;
	int64_t error_ns;	/* the largest of its measurements' */
	int64_t from_ns, to_ns; /* the expected window, of the last measurement */
	enum outcome worst;
};

struct legs {
	size_t count;
	struct leg *list;
};

/* The legs of all cases of that name, on that device or on any (NULL); the caller ends them by
 * legs_free().  -1 when out of memory. */
int legs_of(const struct run *run, const char *name, const char *device, struct legs *legs);
/* The same of these cases, all of one name; those that have no verdict have no legs. */
int legs_of_cases(const struct run_case *cases, size_t count, struct legs *legs);
void legs_free(struct legs *legs);

/* "first probe: 149.980 s to 150.021 s, median 150.002 s, in 5"; the second of its name is
 * "first probe (2)". */
void leg_spread_text(const struct leg *leg, char *text, size_t size);

/* How far the next measurement of the same device may lie off: the error of the measurement, and
 * the spread that was seen; what was measured once spreads as a device may by the default profile
 * (harness/README.md, "Time and tolerance": jitter + skew x length). */
int64_t leg_uncertainty(const struct leg *leg);

#endif
