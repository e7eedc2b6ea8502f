/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include <stdio.h>
#include <string.h>

#include "judge/checks.h"

/* When a silent peer is declared dead. */

/* One reading of a death: the leg that a prediction measures, and its nominal window. */
struct death_leg {
	bool exists; /* there is a segment to measure from */
	const struct event *from;
	struct window nominal;
};

struct death_case {
	struct history history;
	struct death death;
	struct idle silence;
	enum death_reference after;
	int64_t expected_ns;
};

/* Does the caller ask for what model A says of the last received segment: T + N x I?  Then each
 * model has its own time; any other time holds for all. */
static bool is_schedule(const struct death_case *c)
{
	return c->expected_ns ==
	       c->history.plan.timeout_s * NS_PER_S + c->history.plan.count * KEEPALIVE_INTERVAL_NS;
}

static struct death_leg leg_of(const struct death_case *c, const struct prediction *p)
{
	const struct window expected = {c->expected_ns, c->expected_ns};

	if (c->after == LAST_RECEIVED_SEGMENT)
		return (struct death_leg){.exists = c->silence.anchor != NULL,
			.from = c->silence.anchor,
			.nominal = is_schedule(c) ? p->dead : expected};
	if (model_counts_from_probe(p->model))
		return (struct death_leg){.exists = c->silence.probe != NULL,
			.from = c->silence.probe,
			.nominal = expected};
	return (struct death_leg){
		.exists = c->silence.anchor != NULL, .from = c->silence.anchor, .nominal = p->dead};
}

static struct window death_window(const struct death_case *c, const struct death_leg *leg)
{
	struct window window = leg->from == c->silence.anchor
				       ? idle_window(&c->history, leg->from, leg->nominal)
				       : leg_window(c->history.profile, leg->nominal);

	window.to_ns += c->death.late_ns;
	return window;
}

/* B knows its death from the last received segment only, so its first probe has to fit as well:
 * else any device that gives up at T would pass for it. */
static bool first_probe_fits(const struct death_case *c, const struct prediction *p)
{
	const struct idle *silence = &c->silence;

	if (model_counts_from_probe(p->model) || c->after == LAST_RECEIVED_SEGMENT)
		return true;
	if (silence->probe == NULL)
		return !p->probes;
	return p->probes && silence->anchor != NULL &&
	       leg_outcome(silence->probe->t_ns - silence->anchor->t_ns,
		       leg_error(silence->anchor, silence->probe),
		       idle_window(&c->history, silence->anchor, p->first)) < OUTCOME_FAIL;
}

static enum outcome dead_outcome(const struct death_case *c, const struct prediction *p)
{
	struct death_leg leg = leg_of(c, p);

	if (!leg.exists || !first_probe_fits(c, p))
		return OUTCOME_FAIL;
	return leg_outcome(c->death.t_ns - leg.from->t_ns, c->death.error_ns + leg.from->error_ns,
		death_window(c, &leg));
}

static int64_t death_outside(const struct death_case *c, const struct prediction *p)
{
	struct death_leg leg = leg_of(c, p);

	return leg.exists ? leg_outside(c->death.t_ns - leg.from->t_ns, death_window(c, &leg))
			  : TIME_NEVER;
}

/* By when a device of this model would have declared the death, or sent the probe it counts from.
 */
static enum outcome alive_outcome(const struct death_case *c, const struct prediction *p)
{
	const struct history *history = &c->history;
	struct death_leg leg = leg_of(c, p);

	if (c->silence.anchor == NULL)
		return OUTCOME_INCONCLUSIVE;
	if (!leg.exists) {
		leg.from = c->silence.anchor;
		leg.nominal = p->first;
	}
	int64_t deadline = leg.from->t_ns + leg.from->error_ns + death_window(c, &leg).to_ns;
	if (!history->watched || history->watched_ns - history->watched_error_ns <= deadline)
		return OUTCOME_INCONCLUSIVE;
	return OUTCOME_FAIL;
}

/* Lost frames explain a death that seems intervals or an idle time early: the first probes, or the
 * answer before the silence; or the first probe was held back. */
static bool frames_lost(const struct death_case *c)
{
	const struct history *history = &c->history;
	const struct window window =
		held_back_window(history, leg_window_at(history->profile, c->expected_ns));

	if (!frames_may_be_lost(history) || c->after != FIRST_UNANSWERED_PROBE ||
		c->silence.anchor == NULL)
		return false;
	if (only_probe_missing(history, &c->silence))
		return true;
	const struct event *answered = last_answered_probe(history, &c->silence);
	if (answered != NULL &&
		leg_outcome(c->death.t_ns - answered->t_ns, c->death.error_ns + answered->error_ns,
			window) < OUTCOME_FAIL)
		return true;
	if (c->silence.probe == NULL)
		return false;
	const int missing = first_probes_missing(history, &c->silence);
	const int64_t leg = c->death.t_ns - c->silence.probe->t_ns;
	return leg_outcome(leg + missing * KEEPALIVE_INTERVAL_NS,
		       c->death.error_ns + c->silence.probe->error_ns, window) < OUTCOME_FAIL;
}

static void say_expected(
	struct check *check, const struct death_case *c, const struct prediction *p)
{
	const struct planned_keepalive *plan = &c->history.plan;
	struct window nominal = leg_of(c, p).nominal;
	char text[64], models[64];

	window_text(c->history.profile, nominal, text, sizeof text);
	check_say_more(check, "; expected ");
	if (c->after == FIRST_UNANSWERED_PROBE && model_counts_from_probe(p->model) &&
		c->expected_ns == plan->count * KEEPALIVE_INTERVAL_NS)
		check_say_more(check, "%d x 75 = ", plan->count);
	check_say_more(check, "%s", text);
	if (check->outcome != OUTCOME_FAIL && check->models != MODELS_ALL) {
		models_text(check->models, models, sizeof models);
		check_say_more(check, " (models %s)", models);
	}
}

static const char *reference_words(const struct death_case *c, const struct event *from)
{
	return from == c->silence.probe ? "the first unanswered probe"
					: "the last received segment";
}

static void say_dead(struct check *check, const struct death_case *c, size_t best)
{
	const struct prediction *p = &c->history.predictions[best];
	struct death_leg leg = leg_of(c, p);

	if (!leg.exists) {
		if (c->silence.anchor == NULL)
			check_say(check, "declared dead (%s), with no segment to measure from",
				death_sign_name(c->death.sign));
		else
			check_say(check,
				"silent peer declared dead (%s) %.2f s after the last received "
				"segment "
				"without a probe",
				death_sign_name(c->death.sign),
				in_s(c->death.t_ns - c->silence.anchor->t_ns));
		return;
	}
	int64_t measured = c->death.t_ns - leg.from->t_ns;
	int64_t error = c->death.error_ns + leg.from->error_ns;
	char about[32] = "";
	/* A notice has waited for the answer of a command, nobody knows how long. */
	if (error >= 10 * NS_PER_MS)
		snprintf(about, sizeof about, " +- %.2f s", in_s(error));
	check_measure(check, "death", measured, error, death_window(c, &leg));
	check_begins(check, leg.from->t_ns);
	check_say(check, "silent peer declared dead (%s) %.2f s%s after %s",
		death_sign_name(c->death.sign), in_s(measured), about,
		reference_words(c, leg.from));
	say_expected(check, c, p);
}

static void say_alive(struct check *check, const struct death_case *c, size_t best)
{
	const struct prediction *p = &c->history.predictions[best];
	struct death_leg leg = leg_of(c, p);
	const struct event *from = leg.exists ? leg.from : c->silence.anchor;
	int64_t watched = 0;

	if (from != NULL && c->history.watched)
		watched = c->history.watched_ns - from->t_ns;
	if (c->silence.probe == NULL && c->after == FIRST_UNANSWERED_PROBE)
		check_say(check,
			"no probe came and the silent peer was not declared dead: watched %.1f s "
			"after "
			"the last received segment",
			in_s(watched));
	else
		check_say(check, "silent peer was not declared dead: watched %.1f s after %s",
			in_s(watched), from == NULL ? "nothing" : reference_words(c, from));
	say_expected(check, c, p);
	if (leg.exists)
		check_expect(check, "death", leg.from->t_ns, death_window(c, &leg));
	else if (from != NULL && p->probes)
		check_expect(
			check, "first probe", from->t_ns, idle_window(&c->history, from, p->first));
}

/* Last probe -> death: the last leg, on its own.  Where it is wrong, the death is wrong as well and
 * says so; here it is only measured. */
static void add_last_leg(
	struct verdict *verdict, const struct death_case *c, const char *requirement)
{
	struct check check = check_new(requirement, OUTCOME_PASS);
	struct window window = leg_window_at(c->history.profile, KEEPALIVE_INTERVAL_NS);

	if (c->silence.last_probe == NULL || c->death.sign == SIGN_LISTING)
		return;
	int64_t leg = c->death.t_ns - c->silence.last_probe->t_ns;
	int64_t error = c->death.error_ns + c->silence.last_probe->error_ns;
	check.outcome = leg_outcome(leg, error, window);
	if (check.outcome != OUTCOME_PASS)
		return;
	check_measure(&check, "last probe to death", leg, error, window);
	check_begins(&check, c->silence.last_probe->t_ns);
	check_say(&check, "death (%s) came %.2f s after the last probe; expected 75 s",
		death_sign_name(c->death.sign), in_s(leg));
	check_settle(verdict, &c->history, &check, CLAIM_LEG,
		(struct span){c->silence.last_probe->t_ns, c->death.t_ns});
}

static bool peer_is_gone_from(const struct history *history)
{
	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *event = &history->timeline->events[i];
		if (event->kind == EVENT_PEER && event->connection == history->connection &&
			event->act == ACT_GONE)
			return true;
	}
	return false;
}

/* Whether a device that gives up sends RST is I: it is a requirement only where the profile pins
 * it. */
static void add_reset_pin(
	struct verdict *verdict, const struct death_case *c, const char *requirement)
{
	const struct history *history = &c->history;
	const char *pin = profile_pin(history->profile, FACT_rst_at_death);
	struct check check = check_new(requirement, OUTCOME_PASS);

	if (pin == NULL)
		return;
	bool wanted = strcmp(pin, "true") == 0;
	bool sent = history_reset_at_death(history, &c->death) != NULL;
	/* Without its address nothing can be sent to a peer: the device asks for it in vain. */
	if (!sent && wanted && peer_is_gone_from(history))
		return;
	if (sent != wanted) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check,
			"a change: the profile of firmware '%s' pins rst_at_death '%s', measured "
			"'%s'",
			history->profile->firmware, pin, sent ? "true" : "false");
	} else {
		check_say(
			&check, "%s at the death, as the profile pins it", sent ? "RST" : "no RST");
	}
	check_settle(verdict, history, &check, sent ? CLAIM_SEEN : CLAIM_ABSENCE,
		(struct span){c->death.t_ns, history->watched_ns});
}

void judge_reset_sequence(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement)
{
	struct history history = history_of(timeline, connection, profile, GENERATION_STIRRED);
	struct death death = history_death(&history);
	struct check check = check_new(requirement, OUTCOME_PASS);

	if (check_unknown(verdict, &history, requirement))
		return;
	const struct event *end = history_reset_at_death(&history, &death);
	struct span span = {timeline->events[history.begin].t_ns, history.watched_ns};
	if (end != NULL) {
		const int32_t off = (int32_t)(end->segment.seq - end->segment.snd_nxt);
		check.outcome = off == 0 ? OUTCOME_PASS : OUTCOME_FAIL;
		check_say(&check,
			off == 0 ? "the RST at the death has SEQ = SND.NXT"
				 : "the RST at the death has SEQ = SND.NXT %+d, expected "
				   "SND.NXT: the peer does not act upon it",
			(int)off);
		check_settle(
			verdict, &history, &check, CLAIM_SEEN, (struct span){end->t_ns, end->t_ns});
		return;
	}
	check_say(&check, "no RST came at the death, and none is required");
	if (death.sign == SIGN_NONE) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "no death was seen, and no RST to look at");
	}
	check_settle(verdict, &history, &check, CLAIM_ABSENCE, span);
}

/* Since when the peer was told to be silent; TIME_NEVER when it was not, or spoke again. */
static int64_t told_silent_ns(const struct history *history)
{
	const struct timeline *timeline = history->timeline;
	int64_t since = TIME_NEVER;

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind != EVENT_STEP || event->step < 0 ||
			event->connection != history->connection)
			continue;
		if (timeline->scenario.steps[event->step].kind == STEP_PEER_SILENT)
			since = event->t_ns + event->error_ns;
		else if (timeline->scenario.steps[event->step].kind == STEP_PEER_SPEAKS)
			since = TIME_NEVER;
	}
	return since;
}

/* The peer ended the connection: was the device overdue by then, whatever the model?  Only the
 * silence that it was told counts, for an answer before that may not be in the capture. */
static void judge_peer_ended(struct verdict *verdict, const struct death_case *whole,
	const char *requirement, const struct event *ended)
{
	struct death_case c = *whole;
	struct history *history = &c.history;
	struct check check = check_new(requirement, OUTCOME_INCONCLUSIVE);
	struct fit fits[PREDICTIONS] = {0};
	size_t best = 0;

	history->end = (size_t)(ended - history->timeline->events);
	history->watched_ns = ended->t_ns;
	history->watched_error_ns = ended->error_ns;
	c.death = (struct death){.sign = SIGN_NONE};
	c.silence = history_silence(history, &c.death);
	const struct event *anchor = c.silence.anchor;
	const int64_t told_ns = told_silent_ns(history);
	history->watched =
		anchor != NULL && told_ns != TIME_NEVER && !options_changed_since(history, anchor);
	if (history->watched) {
		if (told_ns > anchor->t_ns)
			history->watched_ns -= told_ns - anchor->t_ns;
		for (size_t i = 0; i < history->prediction_count; i++)
			fit_note(&fits[i], alive_outcome(&c, &history->predictions[i]));
		best = fit_decide(&check, history, fits);
	}
	if (check.outcome == OUTCOME_FAIL) {
		say_alive(&check, &c, best);
		check_say_more(&check, "; then the peer ended the connection");
	} else {
		check_peer_ended(&check, history, ended);
	}
	check_settle(verdict, history, &check, CLAIM_ABSENCE,
		(struct span){anchor == NULL ? history->start_ns : anchor->t_ns, ended->t_ns});
}

void judge_death(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, enum death_reference after,
	int64_t expected_ns)
{
	struct death_case c = {
		.history = history_of(timeline, connection, profile, GENERATION_STIRRED),
		.after = after,
		.expected_ns = expected_ns};
	struct check check = check_new(requirement, OUTCOME_FAIL);
	struct fit fits[PREDICTIONS] = {0};

	if (check_unknown(verdict, &c.history, requirement))
		return;
	c.death = history_death(&c.history);
	c.silence = history_silence(&c.history, &c.death);
	const struct event *ended = history_peer_end(&c.history, &c.death);
	if (ended != NULL) {
		judge_peer_ended(verdict, &c, requirement, ended);
		return;
	}
	bool dead = c.death.sign != SIGN_NONE;
	bool changed =
		c.silence.anchor != NULL && options_changed_since(&c.history, c.silence.anchor);
	for (size_t i = 0; i < c.history.prediction_count && !changed; i++) {
		const struct prediction *p = &c.history.predictions[i];
		fit_note(&fits[i], dead ? dead_outcome(&c, p) : alive_outcome(&c, p));
		fits[i].outside_ns = dead ? death_outside(&c, p) : 0;
	}
	size_t best = fit_decide(&check, &c.history, fits);
	if (dead)
		say_dead(&check, &c, best);
	else
		say_alive(&check, &c, best);
	if (dead && needs_excuse(&check, &c.history) &&
		(frames_lost(&c) || lossy_air_kills(&c.history, &c.death)))
		check_excuse(&check, "frames lost in the air explain it");
	check_doubt(&check, &c.history, &c.silence);
	if (dead && c.death.commanded) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check.models = MODELS_ALL;
		check_say(&check, "the scenario closed the connection before it was declared dead");
	}
	if (changed)
		check_say_more(&check, "; the options were changed meanwhile");
	struct span span = {c.silence.anchor == NULL ? timeline->events[c.history.begin].t_ns
						     : c.silence.anchor->t_ns,
		dead ? c.death.t_ns : c.history.watched_ns};
	check_settle(verdict, &c.history, &check, dead ? CLAIM_LEG : CLAIM_ABSENCE, span);
	if (dead)
		add_last_leg(verdict, &c, requirement);
	if (dead && !c.death.commanded)
		add_reset_pin(verdict, &c, requirement);
	check_add_no_idle_finding(verdict, &c.history, &check);
}
