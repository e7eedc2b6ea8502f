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

/* Does the caller ask for what model A says of the last received segment: T + N x I?  Then each
 * model has its own time; any other time holds for all. */
static bool is_schedule(const struct subject *s)
{
	return s->parameters->time_ns == s->history->plan.timeout_s * NS_PER_S +
						 s->history->plan.count * KEEPALIVE_INTERVAL_NS;
}

static struct death_leg leg_of(const struct subject *s, const struct prediction *p)
{
	const struct window expected = {s->parameters->time_ns, s->parameters->time_ns};

	if (s->parameters->after == LAST_RECEIVED_SEGMENT)
		return (struct death_leg){.exists = s->silence->anchor != NULL,
			.from = s->silence->anchor,
			.nominal = is_schedule(s) ? p->dead : expected};
	if (model_counts_from_probe(p->model))
		return (struct death_leg){.exists = s->silence->probe != NULL,
			.from = s->silence->probe,
			.nominal = expected};
	return (struct death_leg){.exists = s->silence->anchor != NULL,
		.from = s->silence->anchor,
		.nominal = p->dead};
}

static struct window death_window(const struct subject *s, const struct death_leg *leg)
{
	struct window window = leg->from == s->silence->anchor
				       ? idle_window(s->history, leg->from, leg->nominal)
				       : leg_window(s->history->profile, leg->nominal);

	window.to_ns += s->death->late_ns;
	return window;
}

/* B knows its death from the last received segment only, so its first probe has to fit as well:
 * else any device that gives up at T would pass for it. */
static bool first_probe_fits(const struct subject *s, const struct prediction *p)
{
	const struct idle *silence = s->silence;

	if (model_counts_from_probe(p->model) || s->parameters->after == LAST_RECEIVED_SEGMENT)
		return true;
	if (silence->probe == NULL)
		return !p->probes;
	return p->probes && silence->anchor != NULL &&
	       leg_outcome(silence->probe->t_ns - silence->anchor->t_ns,
		       leg_error(silence->anchor, silence->probe),
		       idle_window(s->history, silence->anchor, p->first)) < OUTCOME_FAIL;
}

static enum outcome dead_outcome(const struct subject *s, const struct prediction *p)
{
	struct death_leg leg = leg_of(s, p);

	if (!leg.exists || !first_probe_fits(s, p))
		return OUTCOME_FAIL;
	return leg_outcome(s->death->t_ns - leg.from->t_ns, s->death->error_ns + leg.from->error_ns,
		death_window(s, &leg));
}

static int64_t death_outside(const struct subject *s, const struct prediction *p)
{
	struct death_leg leg = leg_of(s, p);

	return leg.exists ? leg_outside(s->death->t_ns - leg.from->t_ns, death_window(s, &leg))
			  : TIME_NEVER;
}

/* By when a device of this model would have declared the death, or sent the probe it counts
 * from. */
static enum outcome alive_outcome(const struct subject *s, const struct prediction *p)
{
	const struct history *history = s->history;
	struct death_leg leg = leg_of(s, p);

	if (s->silence->anchor == NULL)
		return OUTCOME_INCONCLUSIVE;
	if (!leg.exists) {
		leg.from = s->silence->anchor;
		leg.nominal = p->first;
	}
	int64_t deadline = leg.from->t_ns + leg.from->error_ns + death_window(s, &leg).to_ns;
	if (!history->watched || history->watched_ns - history->watched_error_ns <= deadline)
		return OUTCOME_INCONCLUSIVE;
	return OUTCOME_FAIL;
}

/* Lost frames explain a death that seems intervals or an idle time early: the first probes, or the
 * answer before the silence; or the first probe was held back. */
static bool frames_lost(const struct subject *s)
{
	const struct history *history = s->history;
	const struct window window =
		held_back_window(history, leg_window_at(history->profile, s->parameters->time_ns));

	if (!frames_may_be_lost(history) || s->parameters->after != FIRST_UNANSWERED_PROBE ||
		s->silence->anchor == NULL)
		return false;
	if (only_probe_missing(history, s->silence))
		return true;
	const struct event *answered = last_answered_probe(history, s->silence);
	if (answered != NULL &&
		leg_outcome(s->death->t_ns - answered->t_ns,
			s->death->error_ns + answered->error_ns, window) < OUTCOME_FAIL)
		return true;
	if (s->silence->probe == NULL)
		return false;
	const int missing = first_probes_missing(history, s->silence);
	const int64_t leg = s->death->t_ns - s->silence->probe->t_ns;
	return leg_outcome(leg + missing * KEEPALIVE_INTERVAL_NS,
		       s->death->error_ns + s->silence->probe->error_ns, window) < OUTCOME_FAIL;
}

static void say_expected(struct check *check, const struct subject *s, const struct prediction *p)
{
	const struct planned_keepalive *plan = &s->history->plan;
	struct window nominal = leg_of(s, p).nominal;
	char text[64], models[64];

	window_text(s->history->profile, nominal, text, sizeof text);
	check_say_more(check, "; expected ");
	if (s->parameters->after == FIRST_UNANSWERED_PROBE && model_counts_from_probe(p->model) &&
		s->parameters->time_ns == plan->count * KEEPALIVE_INTERVAL_NS)
		check_say_more(check, "%d x 75 = ", plan->count);
	check_say_more(check, "%s", text);
	if (check->outcome != OUTCOME_FAIL && check->models != MODELS_ALL) {
		models_text(check->models, models, sizeof models);
		check_say_more(check, " (models %s)", models);
	}
}

static const char *reference_words(const struct subject *s, const struct event *from)
{
	return from == s->silence->probe ? "the first unanswered probe"
					 : "the last received segment";
}

static void say_dead(struct check *check, const struct subject *s, size_t best)
{
	const struct prediction *p = &s->history->predictions[best];
	struct death_leg leg = leg_of(s, p);

	if (!leg.exists) {
		if (s->silence->anchor == NULL)
			check_say(check, "declared dead (%s), without a segment to measure from",
				death_sign_name(s->death->sign));
		else
			check_say(check,
				"silent peer declared dead (%s) %.2f s after the last received segment without a probe",
				death_sign_name(s->death->sign),
				in_s(s->death->t_ns - s->silence->anchor->t_ns));
		return;
	}
	int64_t measured = s->death->t_ns - leg.from->t_ns;
	int64_t error = s->death->error_ns + leg.from->error_ns;
	char about[32] = "";
	/* A notice has waited for the answer of a command, nobody knows how long. */
	if (error >= 10 * NS_PER_MS)
		snprintf(about, sizeof about, " +- %.2f s", in_s(error));
	check_measure(check, LEG(LEG_DEATH), measured, error, death_window(s, &leg));
	check_begins(check, leg.from->t_ns);
	check_say(check, "silent peer declared dead (%s) %.2f s%s after %s",
		death_sign_name(s->death->sign), in_s(measured), about,
		reference_words(s, leg.from));
	say_expected(check, s, p);
}

static void say_alive(struct check *check, const struct subject *s, size_t best)
{
	const struct prediction *p = &s->history->predictions[best];
	struct death_leg leg = leg_of(s, p);
	const struct event *from = leg.exists ? leg.from : s->silence->anchor;
	int64_t watched = 0;

	if (from != NULL && s->history->watched)
		watched = s->history->watched_ns - from->t_ns;
	if (s->silence->probe == NULL && s->parameters->after == FIRST_UNANSWERED_PROBE)
		check_say(check,
			"no probe came and the silent peer was not declared dead: watched %.1f s after the last received segment",
			in_s(watched));
	else
		check_say(check, "silent peer was not declared dead: watched %.1f s after %s",
			in_s(watched), from == NULL ? "nothing" : reference_words(s, from));
	say_expected(check, s, p);
	if (leg.exists)
		check_expect(check, LEG(LEG_DEATH), leg.from->t_ns, death_window(s, &leg));
	else if (from != NULL && p->probes)
		check_expect(check, LEG(LEG_FIRST_PROBE), from->t_ns,
			idle_window(s->history, from, p->first));
}

/* Last probe -> death: the last leg, on its own.  Where it is wrong, the death is wrong as well and
 * says so; here it is only measured. */
static void add_last_leg(struct subject *s)
{
	struct check check = check_new(s, OUTCOME_PASS);
	struct window window = leg_window_at(s->history->profile, KEEPALIVE_INTERVAL_NS);

	if (s->silence->last_probe == NULL || s->death->sign == SIGN_LISTING)
		return;
	int64_t leg = s->death->t_ns - s->silence->last_probe->t_ns;
	int64_t error = s->death->error_ns + s->silence->last_probe->error_ns;
	check.outcome = leg_outcome(leg, error, window);
	if (check.outcome != OUTCOME_PASS)
		return;
	check_measure(&check, LEG(LEG_LAST_PROBE_TO_DEATH), leg, error, window);
	check_begins(&check, s->silence->last_probe->t_ns);
	check_say(&check, "death (%s) came %.2f s after the last probe; expected 75 s",
		death_sign_name(s->death->sign), in_s(leg));
	check_settle(
		s, &check, CLAIM_LEG, (struct span){s->silence->last_probe->t_ns, s->death->t_ns});
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
static void add_reset_pin(struct subject *s)
{
	const struct history *history = s->history;
	const char *pin = profile_pin(history->profile, FACT_rst_at_death);
	struct check check = check_new(s, OUTCOME_PASS);

	if (pin == NULL)
		return;
	bool wanted = strcmp(pin, "true") == 0;
	bool sent = history_reset_at_death(history, s->death) != NULL;
	/* Without its address nothing can be sent to a peer: the device asks for it in vain. */
	if (!sent && wanted && peer_is_gone_from(history))
		return;
	if (sent != wanted) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check,
			"a change: the profile of firmware '%s' pins rst_at_death '%s', measured '%s'",
			history->profile->firmware, pin, sent ? "true" : "false");
	} else {
		check_say(&check, "%s at the death, as pinned by the profile",
			sent ? "RST" : "no RST");
	}
	check_settle(s, &check, sent ? CLAIM_SEEN : CLAIM_ABSENCE,
		(struct span){s->death->t_ns, history->watched_ns});
}

/* Octets that the device was given for the connection and that the sniffer did not see. */
static int64_t unseen_octets(const struct history *history)
{
	const struct scenario *scenario = &history->timeline->scenario;
	int64_t unseen = 0;

	for (int i = 0; i < scenario->step_count; i++)
		if (scenario->steps[i].kind == STEP_DEVICE_SENDS &&
			scenario->steps[i].connection == history->connection &&
			scenario->steps[i].text[0] == '\0')
			unseen += scenario->steps[i].size;
	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment != NULL && !from_peer(segment) && segment->segment.role == ROLE_DATA)
			unseen -= segment->segment.length;
	}
	return unseen;
}

/* The RST by which the device tells the peer of the death, where it sends one (whether it does is
 * judge_reset_fact()'s), has SEQ = SND.NXT (RFC 9293 3.10.5): another one the peer must not act
 * upon (RFC 5961 3.2). */
void check_reset_at_snd_nxt(struct subject *s)
{
	const struct history *history = s->history;
	const struct death *death = s->death;
	struct check check = check_new(s, OUTCOME_PASS);

	const struct event *end = history_reset_at_death(history, death);
	struct span span = {s->timeline->events[history->begin].t_ns, history->watched_ns};
	if (end != NULL) {
		const int32_t off = (int32_t)(end->segment.seq - end->segment.snd_nxt);
		check.outcome = off == 0 ? OUTCOME_PASS : OUTCOME_FAIL;
		check_say(&check,
			off == 0
				? "the RST at the death has SEQ = SND.NXT"
				: "the RST at the death has SEQ = SND.NXT %+d, expected SND.NXT: the peer ignores it",
			(int)off);
		if (off > 0 && off == unseen_octets(history))
			check_excuse(&check, "its data may have been lost in the air");
		check_settle(s, &check, CLAIM_SEEN, (struct span){end->t_ns, end->t_ns});
		return;
	}
	check_say(&check, "no RST at the death, and none is required");
	if (death->sign == SIGN_NONE) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "no death was recorded, so no RST can be checked");
	}
	check_settle(s, &check, CLAIM_ABSENCE, span);
}

/* Since when the scenario has the peer silent; TIME_NEVER when it was not, or spoke again. */
static int64_t fell_silent_ns(const struct history *history)
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
static void judge_peer_ended(const struct subject *whole, const struct event *ended)
{
	struct subject s = *whole;
	struct history history = *whole->history;
	const struct death none = {.sign = SIGN_NONE};
	struct check check = check_new(&s, OUTCOME_INCONCLUSIVE);
	struct fit fits[PREDICTIONS] = {0};
	size_t best = 0;

	history.end = (size_t)(ended - history.timeline->events);
	history.watched_ns = ended->t_ns;
	history.watched_error_ns = ended->error_ns;
	const struct idle silence = history_silence(&history, &none);
	const struct event *anchor = silence.anchor;
	const int64_t silent_ns = fell_silent_ns(&history);
	history.watched = anchor != NULL && silent_ns != TIME_NEVER &&
			  !options_changed_since(&history, anchor);
	s.history = &history;
	s.death = &none;
	s.silence = &silence;
	if (history.watched) {
		if (silent_ns > anchor->t_ns)
			history.watched_ns -= silent_ns - anchor->t_ns;
		for (size_t i = 0; i < history.prediction_count; i++)
			fit_note(&fits[i], alive_outcome(&s, &history.predictions[i]));
		best = fit_decide(&check, &history, fits);
	}
	if (check.outcome == OUTCOME_FAIL) {
		say_alive(&check, &s, best);
		check_say_more(&check, "; then the peer closed the connection");
	} else {
		check_peer_ended(&check, &history, ended);
	}
	check_settle(&s, &check, CLAIM_ABSENCE,
		(struct span){anchor == NULL ? history.start_ns : anchor->t_ns, ended->t_ns});
}

/* The silent peer is declared dead seconds after 'the first unanswered probe' (the owner's
 * requirement: count x interval), under B T after the last received segment.  No death within the
 * watch: fail.  Death is the earliest of RST or FIN from the device, the UART notice, the CID gone
 * from AT+CID=?. */
void check_death(struct subject *s)
{
	struct check check = check_new(s, OUTCOME_FAIL);
	struct fit fits[PREDICTIONS] = {0};

	const struct event *ended = history_peer_end(s->history, s->death);
	if (ended != NULL) {
		judge_peer_ended(s, ended);
		return;
	}
	bool dead = s->death->sign != SIGN_NONE;
	bool changed =
		s->silence->anchor != NULL && options_changed_since(s->history, s->silence->anchor);
	for (size_t i = 0; i < s->history->prediction_count && !changed; i++) {
		const struct prediction *p = &s->history->predictions[i];
		fit_note(&fits[i], dead ? dead_outcome(s, p) : alive_outcome(s, p));
		fits[i].outside_ns = dead ? death_outside(s, p) : 0;
	}
	size_t best = fit_decide(&check, s->history, fits);
	if (dead)
		say_dead(&check, s, best);
	else
		say_alive(&check, s, best);
	if (dead && needs_excuse(&check, s->history) &&
		(frames_lost(s) || lossy_air_kills(s->history, s->death)))
		check_lost(&check, "frames lost in the air explain it");
	check_doubt(&check, s->history, s->silence);
	if (dead && s->death->commanded) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check.models = MODELS_ALL;
		check_say(&check, "the scenario closed the connection before it was declared dead");
	}
	if (changed)
		check_say_more(&check, "; the options were changed during this time");
	struct span span = {s->silence->anchor == NULL ? s->timeline->events[s->history->begin].t_ns
						       : s->silence->anchor->t_ns,
		dead ? s->death->t_ns : s->history->watched_ns};
	check_settle(s, &check, dead ? CLAIM_LEG : CLAIM_ABSENCE, span);
	if (dead)
		add_last_leg(s);
	if (dead && !s->death->commanded)
		add_reset_pin(s);
	check_add_no_idle_finding(s, &check);
}
