/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "judge/checks.h"
#include "uart/at_command.h"

/* Which of all timing models explains everything that the connections of one timeline did. */

/* A leg that was seen to its end, or that had not ended when the watch did. */
static bool leg_excludes(int64_t leg, int64_t error, bool seen, struct window window)
{
	if (seen)
		return leg_outcome(leg, error, window) == OUTCOME_FAIL;
	return leg - error > window.to_ns;
}

/* The answer to a timeout below the floor, where the connection was given one; NULL. */
static const struct event *answer_below_floor(
	const struct timeline *timeline, int connection, int *timeout_s)
{
	int count = scenario_keepalive(&timeline->scenario, connection).count;

	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind != EVENT_RESPONSE || event->step < 0 ||
			event->connection != connection)
			continue;
		const struct step *step = &timeline->scenario.steps[event->step];
		const struct at_option option = step_option(step);
		if (step->kind != STEP_OPTION || option.name != AT_OPTION_TIMEOUT ||
			option.value <= 0 || option.value > INT_MAX ||
			option.value * NS_PER_S >= count * KEEPALIVE_INTERVAL_NS)
			continue;
		*timeout_s = (int)option.value;
		return event;
	}
	return NULL;
}

/* The pairs whose legs tell the models apart. */
static const struct {
	int timeout_s, count;
	enum fact_id first_probe, death;
} pairs[] = {
	{600, 8, FACT_first_probe_600_8, FACT_death_600_8},
	{150, 2, FACT_first_probe_150_2, FACT_death_150_2},
	{100, 1, FACT_first_probe_100_1, FACT_death_100_1},
	{75, 1, FACT_first_probe_75_1, FACT_death_75_1},
};

static void record_leg(struct verdict *verdict, const struct history *history, enum fact_id id,
	int64_t anchor_ns, int64_t end_ns, int64_t error_ns)
{
	struct fact fact =
		fact_number(id, (double)(end_ns - anchor_ns) / 1e9, (double)error_ns / 1e9);
	struct span span = {anchor_ns, end_ns};

	if (sound_outcome(history, OUTCOME_PASS, CLAIM_ABSENCE, span) == OUTCOME_PASS)
		verdict_add_fact(verdict, &fact);
}

/* The measured legs of a connection that has one of the pairs. */
static void record_legs(
	struct verdict *verdict, const struct history *history, const struct death *death)
{
	struct idle silence = history_silence(history, death);

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs && silence.anchor != NULL; i++) {
		if (history->plan.timeout_s != pairs[i].timeout_s ||
			history->plan.count != pairs[i].count)
			continue;
		const int64_t anchor = silence.anchor->t_ns;
		if (silence.probe != NULL)
			record_leg(verdict, history, pairs[i].first_probe, anchor,
				silence.probe->t_ns, leg_error(silence.anchor, silence.probe));
		if (silence.dead)
			record_leg(verdict, history, pairs[i].death, anchor, silence.end_ns,
				silence.anchor->error_ns + silence.end_error_ns);
	}
}

/* What the last silence of a connection leaves of the models. */
static unsigned models_of_silence(const struct history *history, const struct death *death)
{
	struct idle silence = history_silence(history, death);
	unsigned models = 0;

	if (silence.anchor == NULL)
		return MODELS_ALL;
	const int64_t anchor = silence.anchor->t_ns;
	const int64_t end_error = silence.anchor->error_ns + silence.end_error_ns;
	for (size_t i = 0; i < history->prediction_count; i++) {
		const struct prediction *p = &history->predictions[i];
		struct window first = idle_window(history, silence.anchor, p->first);
		struct window dead = idle_death_window(history, &silence, p->dead);
		bool probed = silence.probe != NULL;
		int64_t leg = probed ? silence.probe->t_ns - anchor : silence.end_ns - anchor;
		int64_t error = probed ? leg_error(silence.anchor, silence.probe) : end_error;
		bool excluded =
			leg_excludes(silence.end_ns - anchor, end_error, silence.dead, dead);
		if (p->probes)
			excluded = excluded || (!probed && silence.dead) ||
				   leg_excludes(leg, error, probed, first);
		else
			excluded = excluded || probed;
		if (!excluded)
			models |= p->model;
	}
	return models;
}

/* Where between two ticks of 75 s a moment lies. */
static int64_t phase_of(int64_t ns)
{
	return (ns % KEEPALIVE_INTERVAL_NS + KEEPALIVE_INTERVAL_NS) % KEEPALIVE_INTERVAL_NS;
}

/* How far two phases are apart, on the circle. */
static int64_t phases_apart(int64_t a, int64_t b)
{
	int64_t apart = phase_of(a - b);

	return apart < KEEPALIVE_INTERVAL_NS - apart ? apart : KEEPALIVE_INTERVAL_NS - apart;
}

/* Idle times that begin at different phases: a tick that runs freely ends them all at one phase,
 * one that each segment restarts makes each of them a multiple of 75 s. */
static unsigned models_of_phases(
	const struct timeline *timeline, const struct profile *profile, unsigned models)
{
	int64_t begin[SCENARIO_CONNECTIONS], leg[SCENARIO_CONNECTIONS];
	bool apart = false, restarted = false, together = true;
	int count = 0;

	for (int c = 0; c < timeline->scenario.connection_count; c++) {
		int timeout_s = 0;
		if (answer_below_floor(timeline, c, &timeout_s) != NULL)
			continue;
		struct history history = history_of(timeline, c, profile, GENERATION_ACTED_ON);
		struct death death = history_death(&history);
		struct idle silence = history_silence(&history, &death);
		if (silence.anchor == NULL || silence.probe == NULL)
			continue;
		begin[count] = silence.anchor->t_ns;
		leg[count++] = silence.probe->t_ns - silence.anchor->t_ns;
	}
	const int64_t tolerance = 4 * leg_tolerance(profile, 2 * KEEPALIVE_INTERVAL_NS);
	for (int i = 1; i < count; i++) {
		if (phases_apart(begin[i], begin[0]) <= 2 * tolerance)
			continue;
		apart = true;
		if (phases_apart(leg[i], leg[0]) <= tolerance)
			restarted = true;
		if (phases_apart(begin[i] + leg[i], begin[0] + leg[0]) > tolerance)
			together = false;
	}
	if (restarted)
		models &= ~(unsigned)MODEL_A_FREE;
	else if (apart && together && (models & MODEL_A_FREE) != 0)
		models = MODEL_A_FREE;
	return models;
}

/* FACT_timing_model: what the first probes and deaths of all connections of the timeline leave of
 * all models, D among them.  Connections that fell silent at different phases tell a tick that runs
 * freely from one that each received segment restarts: with it their legs differ.  The legs of the
 * four pairs of T and N of cases/DEVICE.md section 5 are recorded as FACT_first_probe_... and
 * FACT_death_.... */
void find_timing_model(struct subject *s)
{
	struct profile open = *s->profile;
	struct check check = check_new(s, OUTCOME_PASS);
	struct fact fact = {.id = s->fact};
	unsigned models = MODELS_ALL;
	const char *pin = profile_pin(s->profile, s->fact);

	open.models = MODELS_ALL;
	for (int c = 0; c < s->timeline->scenario.connection_count; c++) {
		int timeout_s = 0;
		const struct event *below = answer_below_floor(s->timeline, c, &timeout_s);
		/* Only E and D take it; what it leads to is FACT_below_floor. */
		if (below != NULL)
			models &= is_ok(below) ? (unsigned)(MODEL_E | MODEL_D) : ~(unsigned)MODEL_E;
		if (below != NULL ? is_ok(below) : options_refused(s->timeline, c))
			continue;
		struct history history = history_of(s->timeline, c, &open, GENERATION_ACTED_ON);
		const struct death death = history_death(&history);
		models &= models_of_silence(&history, &death);
		record_legs(s->verdict, &history, &death);
	}
	models = models_of_phases(s->timeline, &open, models);
	const struct history *whole = s->history;
	models_text(models, fact.text, sizeof fact.text);
	if (models == 0) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "no timing model explains the behaviour of these connections");
	} else if (pin != NULL && (models & profile_models(s->profile)) == 0) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check,
			"a change: the profile of firmware '%s' pins timing_model '%s', measured '%s'",
			s->profile->firmware, pin, fact.text);
	} else {
		check.models = models;
		check_say(&check, "timing models not excluded by %d connections: %s",
			s->timeline->scenario.connection_count, fact.text);
	}
	struct span span = {0, whole->watched_ns};
	enum outcome sound = sound_outcome(whole, OUTCOME_PASS, CLAIM_ABSENCE, span);
	check_settle(s, &check, CLAIM_ABSENCE, span);
	if (sound == OUTCOME_PASS && models != 0)
		verdict_add_fact(s->verdict, &fact);
}

/* Which reading of an accepted timeout the first probe fits. */
static const char *reading_below_floor(
	const struct history *history, const struct idle *silence, int timeout_s)
{
	const int64_t interval = KEEPALIVE_INTERVAL_NS;
	const int64_t given = timeout_s * NS_PER_S;
	struct window as_given = leg_window(history->profile,
		(struct window){given, (given + interval - 1) / interval * interval});
	struct window clamped =
		leg_window_at(history->profile, history->plan.count * KEEPALIVE_INTERVAL_NS);
	int64_t watched = history->watched_ns - silence->anchor->t_ns;

	if (silence->probe == NULL)
		return watched > clamped.to_ns ? "ignored" : NULL;
	int64_t leg = silence->probe->t_ns - silence->anchor->t_ns;
	int64_t error = leg_error(silence->anchor, silence->probe);
	if (leg_outcome(leg, error, as_given) < OUTCOME_INCONCLUSIVE)
		return "as-given";
	return leg_outcome(leg, error, clamped) < OUTCOME_INCONCLUSIVE ? "clamped" : NULL;
}

/* FACT_below_floor: what became of a timeout below count x 75 s that the connection was given. */
void find_below_floor(struct subject *s)
{
	const struct history *history = s->history;
	const struct idle *silence = s->silence;
	struct span span = {0, history->watched_ns};
	int timeout_s = 0;
	const struct event *answer = answer_below_floor(s->timeline, s->connection, &timeout_s);
	const char *reading = answer == NULL   ? NULL
			      : !is_ok(answer) ? "refused"
			      : silence->anchor == NULL
				      ? NULL
				      : reading_below_floor(history, silence, timeout_s);

	if (reading == NULL) {
		fact_unknown(s, GAP_fits_no_reading);
		return;
	}
	struct fact fact = fact_of(s->fact, reading);
	fact_settle(s, &fact, CLAIM_LEG, span);
}
