/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include "judge/air.h"
#include "judge/checks.h"

/* How many probes a silent peer draws. */

/* The count is exact once the death came, or once the next probe would have come. */
static enum outcome count_outcome(const struct history *history, const struct idle *silence,
	const struct prediction *p, int expected)
{
	int64_t due;

	if (silence->probes > expected)
		return OUTCOME_FAIL;
	if (silence->dead)
		return silence->probes == expected ? OUTCOME_PASS : OUTCOME_FAIL;
	if (silence->probes > 0)
		due = silence->last_probe->t_ns + silence->last_probe->error_ns +
		      (answers_may_be_unseen(history)
				      ? leg_window(history->profile, p->first)
				      : leg_window_at(history->profile, KEEPALIVE_INTERVAL_NS))
			      .to_ns;
	else if (silence->anchor != NULL && history->plan.timed)
		due = silence->anchor->t_ns + silence->anchor->error_ns +
		      idle_window(history, silence->anchor, p->probes ? p->first : p->dead).to_ns;
	else
		return OUTCOME_INCONCLUSIVE;
	if (!history->watched || silence->end_ns - silence->end_error_ns <= due)
		return OUTCOME_INCONCLUSIVE;
	return silence->probes == expected ? OUTCOME_PASS : OUTCOME_FAIL;
}

/* B sends one probe fewer in one of its readings, so its other legs have to fit as well: else a
 * device of model A that leaves a probe out would pass for it. */
static enum outcome budget_outcome(
	const struct history *history, const struct idle *silence, const struct prediction *p)
{
	enum outcome outcome = OUTCOME_PASS;

	if (silence->anchor == NULL)
		return OUTCOME_FAIL;
	/* The device's own timeout may be longer than two hours (KA-CFG-26): no leg to hold it to
	 * but the probing. */
	if (!history->plan.timed && silence->dead && silence->probe != NULL) {
		struct window probing =
			leg_window_at(history->profile, p->dead.to_ns - p->first.to_ns);
		probing.to_ns += silence->late_ns;
		return leg_outcome(silence->end_ns - silence->probe->t_ns,
			silence->probe->error_ns + silence->end_error_ns, probing);
	}
	if (!history->plan.timed)
		return OUTCOME_PASS;
	if (silence->probe != NULL) {
		int64_t leg = silence->probe->t_ns - silence->anchor->t_ns;
		outcome = p->probes ? leg_outcome(leg, leg_error(silence->anchor, silence->probe),
					      idle_window(history, silence->anchor, p->first))
				    : OUTCOME_FAIL;
	}
	struct window dead_by = idle_death_window(history, silence, p->dead);
	int64_t length = silence->end_ns - silence->anchor->t_ns;
	int64_t error = silence->anchor->error_ns + silence->end_error_ns;
	if (silence->dead) {
		enum outcome dead = leg_outcome(length, error, dead_by);
		outcome = dead > outcome ? dead : outcome;
	} else if (length - error > dead_by.to_ns) {
		outcome = OUTCOME_FAIL;
	}
	return outcome;
}

/* So many probes are missing in the leg, and it is right but for their intervals. */
static int missing_in(const struct history *history, int64_t leg, int64_t error, int64_t end_ns)
{
	const struct window interval =
		held_back_window(history, leg_window_at(history->profile, KEEPALIVE_INTERVAL_NS));

	return frames_missing(history, leg, error, interval, history->plan.count, end_ns);
}

/* The probe before the silence was answered, but the next one came an interval behind it: the
 * device did not hear the answer. */
static bool answer_unheard(const struct history *history, const struct idle *silence)
{
	const struct window interval =
		held_back_window(history, leg_window_at(history->profile, KEEPALIVE_INTERVAL_NS));
	const struct event *answered = last_answered_probe(history, silence);

	return answered != NULL &&
	       leg_outcome(silence->probe->t_ns - answered->t_ns,
		       leg_error(answered, silence->probe), interval) < OUTCOME_FAIL;
}

/* How many probes were due between the last one that was seen and the end of the watch, of a round
 * that has so many more.  0: it has been over for so long that the device is not dead. */
static int missing_at_the_end(const struct history *history, const struct idle *silence, int left)
{
	if (silence->dead || silence->last_probe == NULL)
		return 0;
	const int64_t rest = silence->end_ns - silence->last_probe->t_ns -
			     silence->last_probe->error_ns - silence->end_error_ns;
	for (int due = 0; due <= left; due++) {
		const int64_t next_ns = (due + 1) * KEEPALIVE_INTERVAL_NS;
		const struct window next = leg_window_at(history->profile, next_ns);
		if (rest <= held_back_window(history, next).to_ns)
			return due;
		if (air_sent_at(history, silence->last_probe->t_ns + next_ns,
			    silence->last_probe->error_ns +
				    leg_tolerance(history->profile, next_ns)) == AIR_NO)
			return 0;
	}
	return 0;
}

/* Lost frames explain probes too few: gaps of more than one interval, a watch that goes on behind the
 * last one, or the answer before the silence did not arrive. */
static bool frames_lost(const struct history *history, const struct death *death,
	const struct idle *silence, int count)
{
	const int missing = count - silence->probes;
	const struct event *before = NULL;
	int found = missing_at_the_end(history, silence, missing);

	if (only_probe_missing(history, silence) && count == 1)
		return true;
	if (silence->probe == NULL || silence->anchor == NULL || missing <= 0 ||
		missing > frames_lost_at_most(history, count))
		return false;
	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL || (death->sign != SIGN_NONE && i >= death->index) ||
			!is_probe(segment) || segment < silence->anchor)
			continue;
		if (before != NULL)
			found += missing_in(history, segment->t_ns - before->t_ns,
				leg_error(before, segment), segment->t_ns);
		before = segment;
	}
	found += first_probes_missing(history, silence);
	found += answer_unheard(history, silence);
	if (silence->dead)
		found += missing_in(history, silence->end_ns - silence->last_probe->t_ns,
			silence->last_probe->error_ns + silence->end_error_ns, silence->end_ns);
	return found == missing;
}

/* Where no timeout was set, the probe less that model B sends may be one that was lost. */
static bool one_may_be_lost(const struct history *history, const struct check *check, int count)
{
	return !history->plan.timed && check->outcome < OUTCOME_FAIL && check->models == MODEL_B &&
	       frames_lost_at_most(history, count) > 0;
}

/* Empty segments from the device in the silence that are no probes. */
static int malformed_probes(const struct history *history, const struct idle *silence)
{
	int count = 0;

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment != NULL && !from_peer(segment) &&
			segment->segment.role == ROLE_UNSOLICITED_ACK &&
			(silence->anchor == NULL || segment > silence->anchor))
			count++;
	}
	return count;
}

/* Copies of probes in the silence.  Where frames get lost in the air they are also sent twice
 * there: some may be its doing, most of them are the device's. */
static int repeated_probes(const struct history *history, const struct idle *silence)
{
	int repeated = 0;

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment != NULL && !from_peer(segment) &&
			segment->segment.role == ROLE_NOT_A_PROBE &&
			segment->segment.seq == segment->segment.snd_nxt - 1 &&
			silence->anchor != NULL && segment > silence->anchor)
			repeated++;
	}
	const int excused = frames_lost_at_most(history, silence->probes);
	if (excused > 0 && (2 * repeated <= silence->probes || repeated <= excused))
		return 0;
	return repeated;
}

static void say_count(
	struct check *check, const struct history *history, const struct idle *silence, int count)
{
	char models[64];
	int malformed = malformed_probes(history, silence);
	int64_t length = silence->anchor == NULL ? 0 : silence->end_ns - silence->anchor->t_ns;

	check_say(check, "%d probe%s after the last received segment, expected %d", silence->probes,
		silence->probes == 1 ? "" : "s", count);
	if (malformed > 0)
		check_say_more(check, "; %d empty segment%s instead, not valid as probe%s",
			malformed, malformed == 1 ? "" : "s", malformed == 1 ? "" : "s");
	if (silence->dead)
		check_say_more(check, "; declared dead after %.1f s", in_s(length));
	else
		check_say_more(check, "; watched for %.1f s", in_s(length < 0 ? 0 : length));
	if (check->outcome != OUTCOME_FAIL && check->models != MODELS_ALL) {
		models_text(check->models, models, sizeof models);
		check_say_more(check, " (models %s)", models);
	}
}

/* Exactly 'count' probes after the last segment from the peer, gaps apart; the rest of the schedule
 * is not looked at.  With death expected: counted up to the death.  Under B at the floor N - 1 are
 * right as well. */
void check_probes(struct subject *s)
{
	const struct history *history = s->history;
	const struct death *death = s->death;
	const struct idle *silence = s->silence;
	struct check check = check_new(s, OUTCOME_FAIL);
	struct fit fits[PREDICTIONS] = {0};

	bool changed = silence->anchor != NULL && options_changed_since(history, silence->anchor);
	for (size_t i = 0; i < history->prediction_count && !changed; i++) {
		const struct prediction *p = &history->predictions[i];
		int expected = s->parameters->count - history->plan.count + p->count;
		fit_note(&fits[i], count_outcome(history, silence, p, expected));
		if (!model_counts_from_probe(p->model))
			fit_note(&fits[i], budget_outcome(history, silence, p));
	}
	fit_decide(&check, history, fits);
	if (one_may_be_lost(history, &check, s->parameters->count) ||
		(needs_excuse(&check, history) &&
			(frames_lost(history, death, silence, s->parameters->count) ||
				(silence->probes < s->parameters->count &&
					lossy_air_kills(history, death))))) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check.models = MODELS_ALL;
		check.lost_frames = true;
	}
	const int repeated = repeated_probes(history, silence);
	if (repeated > 0)
		check.outcome = OUTCOME_FAIL;
	say_count(&check, history, silence, s->parameters->count);
	if (repeated > 0)
		check_say_more(&check, "; %d of them were repeated immediately", repeated);
	else
		check_doubt(&check, history, silence);
	const struct event *ended = history_peer_end(history, death);
	if (ended != NULL && silence->probes <= s->parameters->count && repeated == 0)
		check_peer_ended(&check, history, ended);
	if (changed)
		check_say_more(&check, "; the options were changed during this time");
	if (check.outcome == OUTCOME_INCONCLUSIVE && !history->plan.timed)
		check_say_more(&check, "; the device chooses when the first one is due");
	if (check.outcome >= OUTCOME_INCONCLUSIVE && silence->dead &&
		silence->probes < s->parameters->count)
		check_tell_absent(&check, history, death);
	int64_t from = silence->anchor == NULL ? s->timeline->events[history->begin].t_ns
					       : silence->anchor->t_ns;
	check_settle(s, &check, silence->probes > s->parameters->count ? CLAIM_LEG : CLAIM_ABSENCE,
		(struct span){from, silence->end_ns});
}
