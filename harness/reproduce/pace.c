/* SPDX-License-Identifier: MIT */
#include "reproduce/pace.h"

#include "scenario/keepalive_interval.h"

/* No stretch is worth it for less: a device's tick. */
#define PACE_SLACK_NS NS_PER_S

/* An idle time of the capture, or an interval between probes, and how long it takes a device. */
struct span {
	int64_t from_ns, to_ns, takes_ns;
};

struct walk {
	int64_t heard_ns; /* the last segment that is no probe of the device's */
	int64_t probe_ns; /* the last probe since; 0: none */
};

/* Does a span end with the event? */
static bool ends_span(const struct observed *observed, const struct planned_keepalive *options,
	size_t index, struct walk *w, struct span *span)
{
	const struct event *event = &observed->timeline->events[index];

	if (event->kind != EVENT_SEGMENT)
		return false;
	if (!observed_is_probe(observed, index, FROM_DEVICE)) {
		*w = (struct walk){.heard_ns = event->t_ns};
		return false;
	}
	*span = (struct span){.from_ns = w->probe_ns != 0 ? w->probe_ns : w->heard_ns,
		.to_ns = event->t_ns,
		.takes_ns =
			w->probe_ns != 0 ? KEEPALIVE_INTERVAL_NS : options->timeout_s * NS_PER_S};
	w->probe_ns = event->t_ns;
	return span->takes_ns > span->to_ns - span->from_ns + PACE_SLACK_NS;
}

/* By how much what happened then comes later. */
static int64_t delay_of(const struct observed *observed, const struct plan *plan,
	const struct planned_keepalive *options, int64_t t_ns)
{
	struct walk w = {.heard_ns = plan->start_ns};
	struct span span;
	int64_t delay_ns = 0;

	for (size_t i = plan->begin; i < observed->timeline->count; i++) {
		if (!ends_span(observed, options, i, &w, &span))
			continue;
		const int64_t seen_ns = span.to_ns - span.from_ns;
		if (t_ns <= span.from_ns)
			break;
		const double part =
			t_ns >= span.to_ns ? 1 : (double)(t_ns - span.from_ns) / (double)seen_ns;
		delay_ns += (int64_t)(part * (double)(span.takes_ns - seen_ns));
	}
	return delay_ns;
}

int64_t pace_steps(const struct observed *observed, const struct plan *plan,
	const struct planned_keepalive *options, struct scenario *scenario)
{
	int64_t last_ns = 0;

	for (int i = 0; i < scenario->step_count; i++) {
		struct step *step = &scenario->steps[i];
		if (step->anchor != ANCHOR_START)
			continue;
		const int64_t delay_ns =
			delay_of(observed, plan, options, plan->start_ns + step->at_ns);
		step->at_ns += delay_ns;
		if (delay_ns > last_ns)
			last_ns = delay_ns;
	}
	return last_ns;
}
