/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPRODUCE_CHOOSE_H
#define WIZHIL_REPRODUCE_CHOOSE_H

#include "reproduce/plan.h"
#include "reproduce/reproduce.h"

/* What is expected of a device that goes through the plan, and what of it the capture breaks. */

/* Sets the watch and the expectations of the scenario, which has its setup and steps.  observed's
 * timeline gets the scenario and the events that a live one has besides segments.  Only options
 * that the request gives are held against the capture; others are read out of it.  -1 when out of
 * memory. */
int choose_expectations(struct observed *observed, const struct plan *plan,
	const struct reproduce_request *request, const struct planned_keepalive *options,
	struct reproduction *reproduction);

#endif
