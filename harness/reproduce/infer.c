/* SPDX-License-Identifier: MIT */
#include "reproduce/infer.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/text_buffer.h"
#include "scenario/keepalive_interval.h"

enum { USUAL_COUNT = 8 };

/* Keep-alive of a peer that has sent FIN is no traffic. */
static bool is_heard(const struct timeline_segment *segment)
{
	return segment->direction == FROM_PEER && segment->role != ROLE_STRAY &&
	       segment->role != ROLE_NOT_A_PROBE;
}

/* From the peer's last segment to the first probe, of the last idle time that has one; 0: none has.
 * *row: the probes of that idle time. */
static int64_t last_idle(const struct observed *observed, const struct plan *plan, int *row)
{
	const struct timeline *timeline = observed->timeline;
	int64_t anchor_ns = plan->start_ns;
	int64_t idle_ns = 0;
	int in_a_row = 0;

	for (size_t i = plan->begin; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (plan->gave_up_ns != 0 && event->t_ns > plan->gave_up_ns)
			break;
		if (is_heard(&event->segment)) {
			anchor_ns = event->t_ns;
			in_a_row = 0;
		} else if (observed_is_probe(observed, i, FROM_DEVICE)) {
			if (in_a_row++ == 0)
				idle_ns = event->t_ns - anchor_ns;
			*row = in_a_row;
		}
	}
	return idle_ns;
}

static int in_seconds(int64_t ns)
{
	return (int)((ns + NS_PER_S / 2) / NS_PER_S);
}

/* Did the device stop probing by itself?  Then the row is whole. */
static bool is_whole(const struct observed *observed, const struct plan *plan)
{
	const struct timeline *timeline = observed->timeline;
	const int64_t last_ns = timeline->events[timeline->count - 1].t_ns;

	if (plan->gave_up_ns != 0)
		return true;
	return plan->ending == ENDING_SILENT && plan->unanswered > 0 &&
	       observed->end_ns - last_ns > (int64_t)2 * KEEPALIVE_INTERVAL_S * NS_PER_S;
}

/* Of the device's probes. */
struct probe_times {
	int count;
	uint64_t first, last; /* frames */
	int64_t interval_ns; /* between unanswered ones, the shortest: the others may miss one; 0: none */
};

static struct probe_times times_of(const struct observed *observed, const struct plan *plan)
{
	const struct timeline *timeline = observed->timeline;
	struct probe_times times = {.count = 0};
	const struct event *before = NULL;

	for (size_t i = plan->begin; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (is_heard(&event->segment))
			before = NULL;
		if (!observed_is_probe(observed, i, FROM_DEVICE))
			continue;
		const int64_t gap_ns = before != NULL ? event->t_ns - before->t_ns : 0;
		if (gap_ns > 0 && (times.interval_ns == 0 || gap_ns < times.interval_ns))
			times.interval_ns = gap_ns;
		if (times.count++ == 0)
			times.first = event->segment.frame;
		times.last = event->segment.frame;
		before = event;
	}
	return times;
}

static void say_seen(
	const struct observed *observed, const struct plan *plan, char *text, size_t size)
{
	const struct probe_times times = times_of(observed, plan);
	struct text_buffer seen = text_buffer_behind(text, size);
	const double interval_s = (double)times.interval_ns / (double)NS_PER_S;

	if (times.count == 0)
		return;
	text_add(&seen, "%d probe%s, frame%s %llu", times.count, times.count == 1 ? "" : "s",
		times.count == 1 ? "" : "s", (unsigned long long)times.first);
	if (times.count > 1)
		text_add(&seen, " to %llu", (unsigned long long)times.last);
	if (times.interval_ns == 0)
		return;
	text_add(&seen, "; unanswered ones came %.2f s apart", interval_s);
	if (llabs(times.interval_ns - KEEPALIVE_INTERVAL_NS) > NS_PER_S)
		text_add(&seen,
			", but a WizFi210 cannot be told an interval: it sends them %d s apart",
			KEEPALIVE_INTERVAL_S);
}

static struct inferred infer(const struct observed *observed, const struct plan *plan)
{
	struct inferred inferred = {.options = {.on = true}};
	struct planned_keepalive *options = &inferred.options;
	int row = 0;
	int64_t idle_ns = last_idle(observed, plan, &row);

	if (observed->joined && row > 0 && idle_ns == 0) {
		options->count = row > USUAL_COUNT ? row : USUAL_COUNT;
		options->timeout_s = options->count * KEEPALIVE_INTERVAL_S;
		snprintf(inferred.why, sizeof inferred.why,
			"assumed: the capture begins after the idle time, so its %d probes do not show them (try: --options T,N)",
			row);
		return inferred;
	}
	if (idle_ns == 0) {
		options->count = USUAL_COUNT;
		options->timeout_s = USUAL_COUNT * KEEPALIVE_INTERVAL_S;
		snprintf(inferred.why, sizeof inferred.why,
			"assumed: the capture has no probe to derive them from (try: --options T,N)");
		return inferred;
	}
	options->timeout_s = in_seconds(idle_ns);
	if (options->timeout_s < KEEPALIVE_INTERVAL_S)
		options->timeout_s = KEEPALIVE_INTERVAL_S;
	int most = options->timeout_s / KEEPALIVE_INTERVAL_S;
	bool whole = is_whole(observed, plan);
	options->count = whole ? row : row > USUAL_COUNT ? row : USUAL_COUNT;
	if (options->count > most)
		options->count = most;
	if (in_seconds(idle_ns) < KEEPALIVE_INTERVAL_S)
		snprintf(inferred.why, sizeof inferred.why,
			"a first probe came after %.1f s, but a WizFi210 refuses T below 75 s",
			(double)idle_ns / (double)NS_PER_S);
	else if (!whole)
		snprintf(inferred.why, sizeof inferred.why,
			"T is the %.1f s before a first probe; N is assumed, because the capture does not show it",
			(double)idle_ns / (double)NS_PER_S);
	else if (row > most)
		snprintf(inferred.why, sizeof inferred.why,
			"T is the %.1f s before the first probe; %d probes came, but T limits N to %d (T >= N x 75 s)",
			(double)idle_ns / (double)NS_PER_S, row, most);
	else
		snprintf(inferred.why, sizeof inferred.why,
			"T is the %.1f s before the first probe, N the %d probes before the end",
			(double)idle_ns / (double)NS_PER_S, row);
	return inferred;
}

/* It has to live through as many unanswered probes as it did. */
static void let_survive(const struct plan *plan, struct inferred *inferred)
{
	struct planned_keepalive *options = &inferred->options;
	struct text_buffer why = text_buffer_behind(inferred->why, sizeof inferred->why);

	if (plan->ending == ENDING_SILENT || plan->ending == ENDING_NOTHING ||
		plan->survived <= options->count)
		return;
	options->count = plan->survived;
	if (options->timeout_s < options->count * KEEPALIVE_INTERVAL_S)
		options->timeout_s = options->count * KEEPALIVE_INTERVAL_S;
	text_add(&why, "; raised to %d x 75 s, because only probe %d in a row was answered",
		options->count, options->count);
}

struct inferred infer_options(const struct observed *observed, const struct plan *plan)
{
	struct inferred inferred = infer(observed, plan);

	let_survive(plan, &inferred);
	say_seen(observed, plan, inferred.seen, sizeof inferred.seen);
	return inferred;
}
