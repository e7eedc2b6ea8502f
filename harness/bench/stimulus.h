/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_STIMULUS_H
#define WIZHIL_BENCH_STIMULUS_H

#include "timeline/timeline.h"

/*
 * What came right before a device rebooted or fell silent: something that the bench did to it, or
 * that the device itself did for a connection.  Once is a coincidence, as with a low battery; the
 * case is run again alone, and when it happens again after the same, that has provoked it.
 */
struct stimulus {
	enum evidence_fault fault; /* what followed; FAULT_NONE: there is none */
	int64_t t_ns;		   /* when it was */
	int64_t delay_ns;	   /* from it to what followed, of a reboot; else 0 */
	char text[48];		   /* "'AT+NCLOSE'", "the RST of 'a'" */
	bool death;		   /* it is the RST by which the device ends a connection */
};

/* The last one in the timeline at or before sign_ns, the device's last sign of life, and not longer
 * than STIMULUS_S before it; followed_ns is when the trouble was seen. */
enum { STIMULUS_S = 10 };
struct stimulus stimulus_before(const struct timeline *timeline, enum evidence_fault fault,
	int64_t sign_ns, int64_t followed_ns);

/* The same trouble after the same; a reboot after the same time, too, to a second. */
bool stimulus_is_same(const struct stimulus *first, const struct stimulus *second);
/* The same, after the deaths of two connections. */
bool stimulus_is_same_death(const struct stimulus *first, const struct stimulus *second);

#endif
