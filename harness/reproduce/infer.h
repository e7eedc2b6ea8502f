/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPRODUCE_INFER_H
#define WIZHIL_REPRODUCE_INFER_H

#include "reproduce/plan.h"

/* Which options explain the probes that were seen.  Pure. */

struct inferred {
	struct planned_keepalive options;
	char why[240]; /* one sentence for people */
	/* What probes were seen, and where no option of a WizFi210 gives that; empty: none were. */
	char seen[240];
};

/* T is the idle time before the first probe; N the number of probes before the device gave up, as
 * far as the vendor's floor (T >= N x 75 s) lets it be.  What was not seen is assumed, and 'why'
 * says so.  They are a reading, and no evidence against the device. */
struct inferred infer_options(const struct observed *observed, const struct plan *plan);

#endif
