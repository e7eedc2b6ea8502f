/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_JUDGE_MODELS_H
#define WIZHIL_JUDGE_MODELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/units.h"
#include "judge/profile.h"
#include "judge/outcome.h"
#include "judge/timing_model.h"
#include "scenario/keepalive_interval.h"

/*
 * The timing models (cases/DEVICE.md section 5) and the windows in which a leg may lie.  Every
 * number that decides about time is here or in the profile.
 */

struct window {
	int64_t from_ns, to_ns;
};

/* What one model, in one reading, expects of a silent peer.  All are nominal times. */
struct prediction {
	enum timing_model model;
	bool probes;	     /* false: it leaves no room for a single one (B at the floor, N = 1) */
	bool no_idle;	     /* B at the floor: the budget leaves no idle time */
	struct window first; /* last received segment -> first probe */
	int count;	     /* unanswered probes */
	struct window dead;  /* last received segment -> death */
};

enum { PREDICTIONS = 8 };

/* What the models that the profile allows expect of count N and timeout T.  D is among them only
 * when the profile pins it: otherwise 'no probes at all' would always be explained.  Returns how
 * many there are; the simplest comes first. */
size_t models_predict(const struct profile *profile, int count, int timeout_s,
	struct prediction predictions[PREDICTIONS]);

/* A-tick, A-free, A, D, E declare death N x I after the first unanswered probe; B does not know
 * it. */
bool model_counts_from_probe(enum timing_model model);

/* How far from its nominal time a leg of this length may lie: jitter + skew x length. */
int64_t leg_tolerance(const struct profile *profile, int64_t nominal_ns);

/* The nominal window, widened by the tolerance at both ends. */
struct window leg_window(const struct profile *profile, struct window nominal);
struct window leg_window_at(const struct profile *profile, int64_t nominal_ns);

/* Inside by more than the error (without error: inside or on the edge): pass; inside within it:
 * marginal; outside within it: inconclusive; outside by more: fail. */
enum outcome leg_outcome(int64_t measured_ns, int64_t error_ns, struct window window);

/* The same where the truth may be so much earlier, and so much later, than what was measured: what is read
 * from a UART was there by then, and not before the last read that found nothing. */
enum outcome leg_outcome_between(
	int64_t measured_ns, int64_t early_ns, int64_t late_ns, struct window window);

/* How far the leg is from the window; 0 within it. */
int64_t leg_outside(int64_t measured_ns, struct window window);

#endif
