/* SPDX-License-Identifier: MIT */
#include "judge/models.h"

#define NS_OF(seconds) (NS_PER_S * (int64_t)(seconds))

static int64_t ticks_up(int64_t time_ns)
{
	return (time_ns + KEEPALIVE_INTERVAL_NS - 1) / KEEPALIVE_INTERVAL_NS *
	       KEEPALIVE_INTERVAL_NS;
}

/* Idle time, then N probes: all models but B. */
static struct prediction idle_then_probes(
	enum timing_model model, int count, int64_t from_ns, int64_t to_ns)
{
	int64_t probing = count * KEEPALIVE_INTERVAL_NS;

	return (struct prediction){.model = model,
		.probes = true,
		.first = {from_ns, to_ns},
		.count = count,
		.dead = {from_ns + probing, to_ns + probing}};
}

/* T is the whole budget.  'late': the first probe comes an interval into the probing. */
static struct prediction budget(int count, int64_t timeout_ns, bool late)
{
	int64_t idle = timeout_ns - count * KEEPALIVE_INTERVAL_NS;
	int64_t first = late ? idle + KEEPALIVE_INTERVAL_NS : idle;
	int probes = late ? count - 1 : count;

	return (struct prediction){.model = MODEL_B,
		.probes = probes > 0,
		.no_idle = idle == 0,
		.first = {first, first},
		.count = probes,
		.dead = {timeout_ns, timeout_ns}};
}

static bool allowed(const struct profile *profile, enum timing_model model)
{
	unsigned pinned = profile_models(profile);

	if (pinned != 0)
		return (pinned & model) != 0;
	return model != MODEL_D;
}

size_t models_predict(const struct profile *profile, int count, int timeout_s,
	struct prediction predictions[PREDICTIONS])
{
	const int64_t timeout = NS_OF(timeout_s);
	const int64_t floor = count * KEEPALIVE_INTERVAL_NS;
	const int64_t tick = ticks_up(timeout);
	const int64_t clamped = timeout < floor ? floor : timeout;
	const int64_t ignored = NS_OF(7200);
	size_t n = 0;

	if (allowed(profile, MODEL_A))
		predictions[n++] = idle_then_probes(MODEL_A, count, timeout, timeout);
	if (allowed(profile, MODEL_A_TICK))
		predictions[n++] = idle_then_probes(MODEL_A_TICK, count, tick, tick);
	if (allowed(profile, MODEL_A_FREE))
		predictions[n++] =
			idle_then_probes(MODEL_A_FREE, count, tick - KEEPALIVE_INTERVAL_NS, tick);
	/* Without idle time a probe 'at once' would be the answer to every segment: after I
	 * only. */
	if (allowed(profile, MODEL_B) && timeout > floor)
		predictions[n++] = budget(count, timeout, false);
	/* With N = 1, probing an interval late means no probe: conceded at the floor only, where B
	 * has no other way. */
	if (allowed(profile, MODEL_B) && timeout >= floor && (count > 1 || timeout == floor))
		predictions[n++] = budget(count, timeout, true);
	if (allowed(profile, MODEL_D))
		predictions[n++] = idle_then_probes(MODEL_D, count, ignored, ignored);
	if (allowed(profile, MODEL_E))
		predictions[n++] = idle_then_probes(MODEL_E, count, clamped, clamped);
	return n;
}

bool model_counts_from_probe(enum timing_model model)
{
	return model != MODEL_B;
}

int64_t leg_tolerance(const struct profile *profile, int64_t nominal_ns)
{
	const int64_t million = 1000000;

	return profile->jitter_ms * NS_PER_MS + nominal_ns / million * profile->skew_ppm;
}

struct window leg_window(const struct profile *profile, struct window nominal)
{
	return (struct window){nominal.from_ns - leg_tolerance(profile, nominal.from_ns),
		nominal.to_ns + leg_tolerance(profile, nominal.to_ns)};
}

struct window leg_window_at(const struct profile *profile, int64_t nominal_ns)
{
	return leg_window(profile, (struct window){nominal_ns, nominal_ns});
}

/* At one edge: so far inside of it, and so much of that uncertain. */
static enum outcome edge_outcome(int64_t inside_ns, int64_t error_ns)
{
	if (inside_ns > error_ns || (inside_ns == 0 && error_ns == 0))
		return OUTCOME_PASS;
	if (inside_ns >= 0)
		return OUTCOME_MARGINAL;
	return -inside_ns <= error_ns ? OUTCOME_INCONCLUSIVE : OUTCOME_FAIL;
}

/* What is outside of one edge comes back by the error to the other side. */
enum outcome leg_outcome_between(
	int64_t measured_ns, int64_t early_ns, int64_t late_ns, struct window window)
{
	const int64_t from_edge = measured_ns - window.from_ns;
	const int64_t to_edge = window.to_ns - measured_ns;
	const enum outcome from = edge_outcome(from_edge, from_edge >= 0 ? early_ns : late_ns);
	const enum outcome to = edge_outcome(to_edge, to_edge >= 0 ? late_ns : early_ns);

	return from > to ? from : to;
}

enum outcome leg_outcome(int64_t measured_ns, int64_t error_ns, struct window window)
{
	return leg_outcome_between(measured_ns, error_ns, error_ns, window);
}

int64_t leg_outside(int64_t measured_ns, struct window window)
{
	if (measured_ns < window.from_ns)
		return window.from_ns - measured_ns;
	return measured_ns > window.to_ns ? measured_ns - window.to_ns : 0;
}
