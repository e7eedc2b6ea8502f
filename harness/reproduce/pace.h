/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPRODUCE_PACE_H
#define WIZHIL_REPRODUCE_PACE_H

#include "reproduce/plan.h"

/*
 * From the times of the capture to those of a device with these options.  Where its first probe comes
 * later than the one that was seen (no T below 75 s can be set), or the next one (75 s apart), all that
 * follows comes later by as much, and what lies between is stretched: so many probes come before a
 * step as came in the capture.  Pure.
 */

/* Moves the steps that have a time after second 0; returns by how much the last ones. */
int64_t pace_steps(const struct observed *observed, const struct plan *plan,
	const struct planned_keepalive *options, struct scenario *scenario);

#endif
