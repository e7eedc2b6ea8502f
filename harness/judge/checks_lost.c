/* SPDX-License-Identifier: MIT */
#include "judge/checks.h"

#include "judge/air.h"

/* What frames that were lost in the air, or never sent, explain. */

/* A monitor heard that no probe was sent then. */
static bool was_not_sent(const struct history *history, int64_t due_ns, int64_t error_ns)
{
	const int64_t tolerance = leg_tolerance(history->profile, KEEPALIVE_INTERVAL_NS);

	return air_sent_at(history, due_ns, error_ns + tolerance) == AIR_NO;
}

/* One of so many probes up to end_ns, each an interval before the next one. */
static bool one_was_not_sent(
	const struct history *history, int64_t end_ns, int64_t error_ns, int count)
{
	for (int i = 1; i <= count; i++)
		if (was_not_sent(history, end_ns - i * KEEPALIVE_INTERVAL_NS, error_ns))
			return true;
	return false;
}

/* The probe that left 'before_ns' before the death; NULL when the capture has none. */
static const struct event *probe_before(
	const struct history *history, const struct death *death, int64_t before_ns)
{
	struct window window =
		held_back_window(history, leg_window_at(history->profile, before_ns));

	window.to_ns += death->late_ns;
	for (size_t i = death->index; i-- > history->begin;) {
		const struct event *segment = history_segment(history, i);
		if (segment != NULL && is_probe(segment) &&
			leg_outcome(death->t_ns - segment->t_ns,
				death->error_ns + segment->error_ns, window) < OUTCOME_FAIL)
			return segment;
	}
	return NULL;
}

void check_tell_absent(
	struct check *check, const struct history *history, const struct death *death)
{
	for (int i = history->plan.count; i > 0; i--)
		if (probe_before(history, death, i * KEEPALIVE_INTERVAL_NS) == NULL) {
			check_tell_air(check, history, death->t_ns - i * KEEPALIVE_INTERVAL_NS);
			return;
		}
}

/* Did the peer send something in the interval that a probe began? */
static bool was_answered(const struct history *history, const struct event *probe)
{
	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment != NULL && from_peer(segment) && segment->t_ns >= probe->t_ns &&
			segment->t_ns < probe->t_ns + KEEPALIVE_INTERVAL_NS)
			return true;
	}
	return false;
}

/* Is there a probe less than an interval before the death?  Then it waited for no answer to that one,
 * whatever became of the others. */
static bool is_probing_at(const struct history *history, const struct death *death)
{
	const struct window interval =
		held_back_window(history, leg_window_at(history->profile, KEEPALIVE_INTERVAL_NS));

	for (size_t i = history->begin; i < death->index; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment != NULL && is_probe(segment) &&
			segment->t_ns - segment->error_ns >
				death->t_ns + death->error_ns - interval.from_ns)
			return true;
	}
	return false;
}

bool lost_frames_kill(const struct history *history, const struct death *death)
{
	const int count = history->plan.count;
	int lost = 0;

	if (!frames_may_be_lost(history) || is_probing_at(history, death))
		return false;
	for (int i = 1; i <= count; i++) {
		const int64_t before_ns = i * KEEPALIVE_INTERVAL_NS;
		const struct event *probe = probe_before(history, death, before_ns);
		if (probe == NULL &&
			(!probe_is_possible(history, death->t_ns + death->error_ns - before_ns) ||
				was_not_sent(history, death->t_ns - before_ns,
					death->error_ns + death->late_ns)))
			return false;
		lost += probe == NULL || was_answered(history, probe);
	}
	/* With a count of 1 the peer's answer may be lost on its side of the sniffer, too. */
	return (lost > 0 && lost <= frames_lost_at_most(history, count)) ||
	       (count == 1 && lost == 0);
}

/* The first probe stands where a model has it, behind a segment that was no answer to a probe, and the
 * death came too few intervals behind it: whatever was lost in between, it is too early. */
static bool dies_too_soon(const struct history *history, const struct death *death)
{
	const struct idle silence = history_silence(history, death);

	/* A capture that begins in mid-round has no segment that the idle time begins with. */
	if (!silence.dead || silence.probe == NULL || silence.anchor == NULL ||
		silence.anchor->segment.role == ROLE_PROBE_ANSWER ||
		options_changed_since(history, silence.anchor))
		return false;
	const int64_t first = silence.probe->t_ns - silence.anchor->t_ns;
	const int64_t rest = silence.end_ns - silence.probe->t_ns - silence.end_error_ns;
	bool on_time = false;
	for (size_t i = 0; i < history->prediction_count; i++) {
		const struct prediction *p = &history->predictions[i];
		if (p->probes &&
			leg_outcome(first, leg_error(silence.anchor, silence.probe),
				idle_window(history, silence.anchor, p->first)) < OUTCOME_FAIL) {
			if (!model_counts_from_probe(p->model))
				return false;
			on_time = true;
		}
	}
	const struct window due = held_back_window(history,
		leg_window_at(history->profile, (history->plan.count - 1) * KEEPALIVE_INTERVAL_NS));
	return on_time && rest <= due.to_ns;
}

bool lossy_air_kills(const struct history *history, const struct death *death)
{
	return !dies_too_soon(history, death) && history->profile->lossy_air &&
	       death->sign != SIGN_NONE && lost_frames_kill(history, death);
}

int frames_missing(const struct history *history, int64_t leg, int64_t error, struct window window,
	int most, int64_t end_ns)
{
	if (leg_outcome(leg, error, window) != OUTCOME_FAIL)
		return 0;
	for (int lost = 1; lost <= most && lost <= frames_lost_in_a_row(history); lost++)
		if (leg_outcome(leg - lost * KEEPALIVE_INTERVAL_NS, error, window) < OUTCOME_FAIL)
			return one_was_not_sent(history, end_ns, error, lost) ? 0 : lost;
	return 0;
}

bool answers_may_be_unseen(const struct history *history)
{
	return frames_may_be_lost(history) && !has_step(history, STEP_PEER_SILENT) &&
	       !has_step(history, STEP_PEER_REBOOTS);
}

int64_t unseen_ns(const struct history *history, int count)
{
	const int lost = frames_lost_in_a_row(history);

	return (lost < count ? lost : count) * KEEPALIVE_INTERVAL_NS;
}

int first_probes_missing(const struct history *history, const struct idle *idle)
{
	int fewest = 0;

	if (idle->anchor == NULL || idle->probe == NULL)
		return 0;
	int64_t leg = idle->probe->t_ns - idle->anchor->t_ns;
	int64_t error = leg_error(idle->anchor, idle->probe);
	for (size_t i = 0; i < history->prediction_count; i++) {
		struct window window =
			idle_window(history, idle->anchor, history->predictions[i].first);
		int lost;
		if (leg_outcome(leg, error, window) != OUTCOME_FAIL)
			return 0;
		lost = frames_missing(history, leg, error, window,
			history->plan.count - idle->probes, idle->probe->t_ns);
		if (lost > 0 && !probe_is_possible(
					history, idle->probe->t_ns - lost * KEEPALIVE_INTERVAL_NS))
			continue;
		fewest = lost > 0 && (fewest == 0 || lost < fewest) ? lost : fewest;
	}
	return fewest;
}

const struct event *last_answered_probe(const struct history *history, const struct idle *idle)
{
	/* In their order: a probe and its answer may have one stamp. */
	for (size_t i = (size_t)(idle->anchor - history->timeline->events); i-- > history->begin;) {
		const struct event *segment = history_segment(history, i);
		if (segment != NULL && is_probe(segment))
			return segment;
	}
	return NULL;
}

bool only_probe_missing(const struct history *history, const struct idle *idle)
{
	if (!frames_may_be_lost(history) || history->plan.count != 1 || idle->anchor == NULL ||
		idle->probe != NULL || !idle->dead)
		return false;
	if (!probe_is_possible(history, idle->end_ns + idle->end_error_ns - KEEPALIVE_INTERVAL_NS))
		return false;
	if (was_not_sent(history, idle->end_ns - KEEPALIVE_INTERVAL_NS,
		    idle->end_error_ns + idle->late_ns))
		return false;
	for (size_t i = 0; i < history->prediction_count; i++) {
		const struct prediction *p = &history->predictions[i];
		if (p->probes && leg_outcome(idle->end_ns - idle->anchor->t_ns,
					 idle->anchor->error_ns + idle->end_error_ns,
					 idle_death_window(history, idle, p->dead)) < OUTCOME_FAIL)
			return true;
	}
	return false;
}
