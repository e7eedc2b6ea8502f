/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include <stdio.h>
#include <stdlib.h>

#include "judge/air.h"
#include "judge/checks.h"

/* The schedule of the probes: when the first one comes, and the gaps between them. */

/* A probe that was held back comes late, and never early. */
static bool held_back(const struct history *history, int64_t leg, int64_t error, struct window w)
{
	const struct window late = {w.from_ns, held_back_window(history, w).to_ns};

	return leg_outcome(leg, error, late) < OUTCOME_FAIL;
}

/* State of the fit of first probes, one for each prediction. */
struct first_fit {
	struct fit fits[PREDICTIONS];
	int missing[PREDICTIONS]; /* first probes that a frame lost in the air explains */
	bool lost[PREDICTIONS];	  /* such a one, or a death that lost frames explain, was excused */
	int rounds;		  /* idle times with a probe */
	const struct event *tick; /* by A-free: the first one fell on a tick; NULL */
	int64_t off_ticks_ns;	  /* and the worst of the others so far off these ticks */
	/* The idle time that decided, for the text: the worst one of each prediction. */
	struct idle worst[PREDICTIONS];
};

static void note(const struct history *history, struct first_fit *first, size_t i,
	const struct idle *idle, enum outcome outcome)
{
	int64_t end = idle->probe != NULL ? idle->probe->t_ns : idle->end_ns;

	outcome =
		sound_outcome(history, outcome, CLAIM_LEG, (struct span){idle->anchor->t_ns, end});
	if (!first->fits[i].evaluated || outcome > first->fits[i].outcome)
		first->worst[i] = *idle;
	fit_note(&first->fits[i], outcome);
}

/* A tick that runs freely is one: by A-free all first probes stand on one grid of 75 s. */
static enum outcome fit_tick(
	const struct history *history, const struct idle *idle, struct first_fit *first)
{
	if (first->tick == NULL)
		first->tick = idle->probe;
	const int64_t apart = idle->probe->t_ns - first->tick->t_ns;
	const int64_t off = (apart + KEEPALIVE_INTERVAL_NS / 2) % KEEPALIVE_INTERVAL_NS -
			    KEEPALIVE_INTERVAL_NS / 2;
	const int64_t tolerance = leg_tolerance(history->profile, apart);

	if (llabs(off) > first->off_ticks_ns)
		first->off_ticks_ns = llabs(off);
	const struct window window = {-tolerance, tolerance};
	const int64_t error = leg_error(first->tick, idle->probe);
	const enum outcome outcome = leg_outcome(off, error, window);

	if (outcome == OUTCOME_FAIL &&
		leg_outcome(off, error, held_back_window(history, window)) < OUTCOME_FAIL)
		return OUTCOME_INCONCLUSIVE;
	return outcome;
}

/* The sniffer saw the answer that the idle time began with, the device did not: its next probe came
 * an interval behind the one before. */
static bool answer_missing(
	const struct history *history, const struct idle *idle, const struct prediction *p)
{
	return frames_may_be_lost(history) && p->count > 1 &&
	       idle->anchor->segment.role == ROLE_PROBE_ANSWER &&
	       leg_outcome(idle->probe->t_ns - idle->anchor->t_ns,
		       leg_error(idle->anchor, idle->probe),
		       held_back_window(history, leg_window_at(history->profile,
							 KEEPALIVE_INTERVAL_NS))) < OUTCOME_FAIL;
}

/* Where the profile says that frames are lost: the device did not hear the segment that the idle
 * time began with.  The probe is right by one that came before it, or so many intervals behind a
 * probe that was sent before it. */
static bool anchor_unheard(
	const struct history *history, const struct idle *idle, const struct prediction *p)
{
	int heard = 0;

	if (!history->profile->lossy_air)
		return false;
	for (size_t i = (size_t)(idle->anchor - history->timeline->events); i-- > history->begin;) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL || (!from_peer(segment) && !is_probe(segment)))
			continue;
		const struct window window =
			from_peer(segment) ? idle_window(history, segment, p->first)
					   : leg_window_at(history->profile, KEEPALIVE_INTERVAL_NS);
		const int64_t leg = idle->probe->t_ns - segment->t_ns;
		const int64_t error = leg_error(segment, idle->probe);
		const struct window held = held_back_window(history, window);
		if (leg_outcome(leg, error, held) < OUTCOME_FAIL ||
			frames_missing(history, leg, error, held, p->count, idle->probe->t_ns) > 0)
			return true;
		heard += from_peer(segment);
		if (heard > frames_lost_in_a_row(history))
			return false;
	}
	return false;
}

static bool may_be_missing(const struct history *history, struct first_fit *first, size_t i)
{
	return first->missing[i]++ < frames_lost_at_most(history, first->rounds);
}

static void fit_probe(
	const struct history *history, const struct idle *idle, size_t i, struct first_fit *first)
{
	const struct prediction *p = &history->predictions[i];
	struct window window = idle_window(history, idle->anchor, p->first);
	int64_t leg = idle->probe->t_ns - idle->anchor->t_ns;
	int64_t error = leg_error(idle->anchor, idle->probe);

	if (!p->probes) {
		note(history, first, i, idle, OUTCOME_FAIL);
	} else if (leg_outcome(leg, error, window) == OUTCOME_FAIL &&
		   (frames_missing(history, leg, error, held_back_window(history, window),
			    p->count - idle->probes, idle->probe->t_ns) > 0 ||
			   answer_missing(history, idle, p) || anchor_unheard(history, idle, p) ||
			   held_back(history, leg, error, window)) &&
		   may_be_missing(history, first, i)) {
		first->lost[i] = true;
		note(history, first, i, idle, OUTCOME_INCONCLUSIVE);
	} else {
		note(history, first, i, idle, leg_outcome(leg, error, window));
		if (p->model == MODEL_A_FREE)
			note(history, first, i, idle, fit_tick(history, idle, first));
	}
}

/* No probe in this idle time: was there room for one? */
static void fit_silence(const struct history *history, const struct death *death,
	const struct idle *idle, size_t i, struct first_fit *first)
{
	const struct prediction *p = &history->predictions[i];
	int64_t length = idle->end_ns - idle->anchor->t_ns;
	int64_t error = idle->anchor->error_ns + idle->end_error_ns;
	struct window dead = idle_death_window(history, idle, p->dead);
	struct window window = p->probes ? idle_window(history, idle->anchor, p->first) : dead;

	if (!p->probes && idle->dead) {
		note(history, first, i, idle, leg_outcome(length, error, dead));
		return;
	}
	const bool far = idle->dead || length - error > window.to_ns + unseen_ns(history, p->count);
	const bool late = far || length - error > window.to_ns;
	/* What a monitor of the air did not hear was not sent. */
	const bool never_sent =
		p->probes && air_sent_between(history, idle->anchor->t_ns + window.from_ns,
				     idle->anchor->t_ns + window.to_ns) == AIR_NO;
	const bool unheard = only_probe_missing(history, idle)
				     ? may_be_missing(history, first, i)
				     : idle->dead && lost_frames_kill(history, death);

	if (unheard || (late && !far && !never_sent && may_be_missing(history, first, i))) {
		first->lost[i] = true;
		note(history, first, i, idle, OUTCOME_INCONCLUSIVE);
	} else if (late) {
		note(history, first, i, idle, OUTCOME_FAIL);
	}
}

/* How many idle times with a probe there are. */
static int count_rounds(const struct history *history, const struct death *death)
{
	struct idle idle;
	size_t position = 0;
	int rounds = 0;

	while (next_idle(history, death, &position, &idle))
		rounds += idle.probe != NULL && !options_changed_since(history, idle.anchor);
	return rounds;
}

static struct first_fit fit_first_probes(
	const struct history *history, const struct death *death, int64_t *longest)
{
	/* Known from the start: two frames lost early in a long watch are no more than two late. */
	struct first_fit first = {.rounds = count_rounds(history, death)};
	struct idle idle;
	size_t position = 0;

	while (next_idle(history, death, &position, &idle)) {
		int64_t length = idle.end_ns - idle.anchor->t_ns;
		if (options_changed_since(history, idle.anchor))
			continue;
		if (length > *longest)
			*longest = length;
		for (size_t i = 0; i < history->prediction_count; i++) {
			if (idle.probe != NULL)
				fit_probe(history, &idle, i, &first);
			else
				fit_silence(history, death, &idle, i, &first);
		}
	}
	return first;
}

static int64_t first_outside(
	const struct history *history, const struct idle *idle, const struct prediction *p)
{
	if (idle->anchor == NULL || idle->probe == NULL)
		return 0;
	return p->probes ? leg_outside(idle->probe->t_ns - idle->anchor->t_ns,
				   idle_window(history, idle->anchor, p->first))
			 : TIME_NEVER;
}

/* The leg is right, and what is wrong is where it ends. */
static bool leg_is_off_ticks(const struct history *history, const struct first_fit *first, size_t i)
{
	const struct prediction *p = &history->predictions[i];

	return p->model == MODEL_A_FREE && first->off_ticks_ns > 0 &&
	       first_outside(history, &first->worst[i], p) == 0;
}

/* Of the probe that is missing: an interval before the one that came, or the death; or when it was
 * due. */
static void tell_air_of_first(struct check *check, const struct history *history,
	const struct idle *idle, const struct prediction *p)
{
	const struct window window = idle_window(history, idle->anchor, p->first);

	if (idle->probe == NULL && !idle->dead)
		check_tell_air(check, history, idle->anchor->t_ns + p->first.to_ns);
	else if (idle->probe == NULL)
		check_tell_air(check, history, idle->end_ns - KEEPALIVE_INTERVAL_NS);
	else if (idle->probe->t_ns - idle->anchor->t_ns > window.to_ns)
		check_tell_air(check, history, idle->probe->t_ns - KEEPALIVE_INTERVAL_NS);
}

static void say_first_probe(
	struct check *check, const struct history *history, size_t i, const struct first_fit *first)
{
	const struct prediction *p = &history->predictions[i];
	const struct idle *idle = &first->worst[i];
	char expected[64], models[64];
	int64_t end = idle->probe != NULL ? idle->probe->t_ns : idle->end_ns;
	int64_t length = end - idle->anchor->t_ns;

	window_text(history->profile, p->probes ? p->first : p->dead, expected, sizeof expected);
	models_text(check->models, models, sizeof models);
	if (idle->probe != NULL) {
		check_say(check, "first probe came %.2f s after the last received segment",
			in_s(length));
		check_measure(check, LEG(LEG_FIRST_PROBE), length,
			leg_error(idle->anchor, idle->probe),
			idle_window(history, idle->anchor, p->first));
		check_begins(check, idle->anchor->t_ns);
	} else if (idle->dead) {
		check_say(check,
			"declared dead %.2f s after the last received segment without a probe",
			in_s(length));
	} else {
		check_say(check, "no probe came in %.1f s after the last received segment",
			in_s(length));
		check_expect(check, LEG(LEG_FIRST_PROBE), idle->anchor->t_ns,
			idle_window(history, idle->anchor, p->probes ? p->first : p->dead));
	}
	if (check->outcome == OUTCOME_FAIL && leg_is_off_ticks(history, first, i))
		check_say_more(check, ", %.2f s off the 75 s ticks of the first one",
			in_s(first->off_ticks_ns));
	if (check->outcome == OUTCOME_FAIL)
		check_say_more(check, "; expected %s (T = %d s, N = %d), and no other model fits",
			expected, history->plan.timeout_s, history->plan.count);
	else
		check_say_more(check, "; expected %s (models %s)", expected, models);
	if (first->rounds > 1)
		check_say_more(check, ", in %d idle times", first->rounds);
	if (check->outcome == OUTCOME_INCONCLUSIVE && first->missing[i] > 0)
		check_say_more(check, "; a frame may have been lost in the air");
	if (check->outcome == OUTCOME_INCONCLUSIVE && p->probes)
		check_tell_arp(check, history, idle->anchor->t_ns + p->first.to_ns);
	if (check->outcome >= OUTCOME_INCONCLUSIVE && p->probes)
		tell_air_of_first(check, history, idle, p);
	check->lost_frames = check->outcome == OUTCOME_INCONCLUSIVE && first->lost[i];
}

/* The first probe of each idle time that was long enough came when T says, by one of the models. */
void check_first_probe_on_schedule(struct subject *s)
{
	const struct history *history = s->history;
	const struct death *death = s->death;
	struct check check = check_new(s, OUTCOME_INCONCLUSIVE);
	int64_t longest = 0;

	struct span span = {s->timeline->events[history->begin].t_ns, history->watched_ns};
	struct first_fit first = fit_first_probes(history, death, &longest);
	for (size_t i = 0; i < history->prediction_count; i++)
		first.fits[i].outside_ns =
			leg_is_off_ticks(history, &first, i)
				? first.off_ticks_ns
				: first_outside(history, &first.worst[i], &history->predictions[i]);
	size_t best = fit_decide(&check, history, first.fits);
	if (!first.fits[best].evaluated) {
		check_say(&check,
			"no idle time after the options was long enough for a first probe: watched %.1f of %d s",
			in_s(longest), history->plan.timeout_s);
	} else {
		say_first_probe(&check, history, best, &first);
		const struct idle *worst = &first.worst[best];
		span.from_ns = worst->anchor->t_ns;
		span.to_ns = worst->probe != NULL ? worst->probe->t_ns : worst->end_ns;
	}
	check_settle(s, &check, CLAIM_LEG, span);
	check_add_no_idle_finding(s, &check);
}

/* There is no upper end.  Early is a probe, too, that is one of a round whose answer was lost. */
static enum outcome not_early(
	const struct history *history, const struct idle *idle, size_t i, struct first_fit *first)
{
	const struct prediction *p = &history->predictions[i];
	const struct window window = {
		idle_window(history, idle->anchor, p->first).from_ns, TIME_NEVER};
	const enum outcome outcome = leg_outcome(idle->probe->t_ns - idle->anchor->t_ns,
		leg_error(idle->anchor, idle->probe), window);

	if (outcome == OUTCOME_FAIL &&
		(answer_missing(history, idle, p) || anchor_unheard(history, idle, p)) &&
		may_be_missing(history, first, i))
		return OUTCOME_INCONCLUSIVE;
	return outcome;
}

/* No probe came earlier than T says, by one of the models; that none came is right as well.  For
 * the default timeout, which may be longer than the two hours that RFC 9293 MUST-28 asks for. */
void check_no_probe_within_two_hours(struct subject *s)
{
	const struct history *history = s->history;
	const struct death *death = s->death;
	struct check check = check_new(s, OUTCOME_PASS);
	struct idle idle;
	size_t position = 0;
	int64_t longest = 0;

	struct span span = {s->timeline->events[history->begin].t_ns, history->watched_ns};
	struct first_fit first = {.rounds = count_rounds(history, death)};
	while (next_idle(history, death, &position, &idle)) {
		int64_t end = idle.probe != NULL ? idle.probe->t_ns : idle.end_ns;
		if (end - idle.anchor->t_ns > longest)
			longest = end - idle.anchor->t_ns;
		for (size_t i = 0; i < history->prediction_count && idle.probe != NULL; i++)
			fit_note(&first.fits[i], not_early(history, &idle, i, &first));
	}
	/* Two hours are over for the quickest of the models when they are for all the others. */
	for (size_t i = 0; i < history->prediction_count; i++)
		if (longest >= history->predictions[i].first.from_ns)
			fit_note(&first.fits[i], OUTCOME_PASS);
	fit_decide(&check, history, first.fits);
	check_say(&check,
		"the longest time without a probe is %.1f s, expected %d s (adjusted by the timing model)",
		in_s(longest), history->plan.timeout_s);
	check_settle(s, &check, CLAIM_LEG, span);
}

/* The gap is an idle time of one of the models: its first probe was answered, and the answer is not
 * in the capture. */
static bool answer_unseen(const struct history *history, int64_t gap, int64_t error)
{
	for (size_t i = 0; answers_may_be_unseen(history) && i < history->prediction_count; i++) {
		const struct prediction *p = &history->predictions[i];
		if (p->probes &&
			leg_outcome(gap, error,
				held_back_window(history, leg_window(history->profile, p->first))) <
				OUTCOME_FAIL)
			return true;
	}
	return false;
}

/* A gap of two intervals, alone, may be a frame lost in the air; one that begins or ends with a
 * probe that was held back is shorter or longer by that. */
static enum outcome gap_outcome(const struct history *history, int64_t gap, int64_t error,
	struct window window, int64_t to_ns, int number, int *missing)
{
	const int frames = number > history->plan.count ? number : history->plan.count;
	const struct window held = held_back_window(history, window);
	enum outcome outcome = leg_outcome(gap, error, window);

	if (outcome != OUTCOME_FAIL)
		return outcome;
	const int lost = frames_missing(history, gap, error, held, history->plan.count, to_ns);
	if (lost == 0 && !answer_unseen(history, gap, error) &&
		leg_outcome(gap, error, held) == OUTCOME_FAIL)
		return OUTCOME_FAIL;
	/* A shorter gap follows a longer one, by the same frame that was held back. */
	*missing += lost > 0 ? lost : gap > window.to_ns;
	return *missing <= frames_lost_at_most(history, frames) ? OUTCOME_INCONCLUSIVE
								: OUTCOME_FAIL;
}

enum { GAPS_ADDED_APART = 16 };

static void add_gap(struct subject *s, const struct event *from, const struct event *to, int number,
	int *missing)
{
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_PASS);
	struct window window = leg_window_at(history->profile, KEEPALIVE_INTERVAL_NS);
	int64_t gap = to->t_ns - from->t_ns;
	int64_t error = leg_error(from, to);
	char expected[64];

	const int missing_before = *missing;
	check.outcome = gap_outcome(history, gap, error, window, to->t_ns, number, missing);
	check.lost_frames = check.outcome == OUTCOME_INCONCLUSIVE && *missing > missing_before;
	/* Many gaps that are all right are not worth a line each. */
	if (number > GAPS_ADDED_APART && check.outcome == OUTCOME_PASS)
		return;
	check_measure(&check, LEG_NTH_GAP(number), gap, error, window);
	check_begins(&check, from->t_ns);
	window_text(history->profile, (struct window){KEEPALIVE_INTERVAL_NS, KEEPALIVE_INTERVAL_NS},
		expected, sizeof expected);
	check_say(&check, "gap %d between unanswered probes is %.2f s; expected %s", number,
		in_s(gap), expected);
	if (check.outcome == OUTCOME_INCONCLUSIVE && gap > window.to_ns + error) {
		check_say_more(&check,
			gap - error > window.to_ns + history->held_back_ns
				? "; one probe may have been lost in the air"
				: "; the probe may have waited for the answer to an ARP request");
		check_tell_arp(&check, history, from->t_ns + KEEPALIVE_INTERVAL_NS);
	}
	if (check.outcome >= OUTCOME_INCONCLUSIVE && gap > window.to_ns + error)
		check_tell_air(&check, history, from->t_ns + KEEPALIVE_INTERVAL_NS);
	check_settle(s, &check, CLAIM_LEG, (struct span){from->t_ns, to->t_ns});
}

/* How many probes a round has by the fewest of the models that its first one fits; 0: by none. */
static int fewest_probes(const struct history *history, const struct idle *silence)
{
	int fewest = 0;

	for (size_t i = 0; i < history->prediction_count; i++) {
		const struct prediction *p = &history->predictions[i];
		if (p->probes && (fewest == 0 || p->count < fewest) &&
			leg_outcome(silence->probe->t_ns - silence->anchor->t_ns,
				leg_error(silence->anchor, silence->probe),
				idle_window(history, silence->anchor, p->first)) < OUTCOME_FAIL)
			fewest = p->count;
	}
	return fewest;
}

/* The watch ends before the death: was a probe due behind the last one?  (Where the death came, the
 * count and the death's own leg tell.) */
static bool add_gap_without_end(struct subject *s, int number, int *missing)
{
	const struct history *history = s->history;
	const struct idle *silence = s->silence;
	struct check check = check_new(s, OUTCOME_FAIL);
	const struct window window = leg_window_at(history->profile, KEEPALIVE_INTERVAL_NS);

	if (silence->dead || silence->anchor == NULL || silence->probe == NULL ||
		silence->doubt != NULL || !history->watched || !history->plan.timed ||
		!has_step(history, STEP_PEER_SILENT) ||
		history_peer_end(history, s->death) != NULL ||
		options_changed_since(history, silence->anchor))
		return false;
	const int64_t probing = silence->last_probe->t_ns - silence->probe->t_ns;
	const int k = 1 + (int)((probing + KEEPALIVE_INTERVAL_NS / 2) / KEEPALIVE_INTERVAL_NS);
	const int count = fewest_probes(history, silence);
	const int64_t watched = silence->end_ns - silence->last_probe->t_ns;
	const int64_t error = silence->end_error_ns + silence->last_probe->error_ns;
	if (k >= count || watched - error <= window.to_ns)
		return false;
	*missing += (int)((watched - error) / KEEPALIVE_INTERVAL_NS);
	check_expect(&check, LEG_NTH_GAP(number), silence->last_probe->t_ns, window);
	check_say(&check, "no probe came in %.1f s after probe %d of %d; expected one after 75 s",
		in_s(watched), k, count);
	const int64_t due_ns = silence->last_probe->t_ns + KEEPALIVE_INTERVAL_NS;
	if (*missing <= frames_lost_at_most(history, count) &&
		air_sent_at(history, due_ns,
			leg_tolerance(history->profile, KEEPALIVE_INTERVAL_NS)) != AIR_NO)
		check_lost(&check, "one probe may have been lost in the air");
	check_tell_arp(&check, history, due_ns);
	check_tell_air(&check, history, due_ns);
	check_settle(s, &check, CLAIM_ABSENCE,
		(struct span){silence->last_probe->t_ns, silence->end_ns});
	return true;
}

/* There are no two unanswered probes in a row: rightly so by a model that sends one or none? */
static void judge_no_gap(struct subject *s)
{
	const struct history *history = s->history;
	const struct idle *silence = s->silence;
	struct check check = check_new(s, OUTCOME_INCONCLUSIVE);
	unsigned models = 0;

	for (size_t i = 0; i < history->prediction_count; i++) {
		const struct prediction *p = &history->predictions[i];
		if (p->count <= 1 && silence->probes == p->count && silence->dead &&
			silence->anchor != NULL &&
			leg_outcome(silence->end_ns - silence->anchor->t_ns,
				silence->anchor->error_ns + silence->end_error_ns,
				idle_death_window(history, silence, p->dead)) < OUTCOME_FAIL)
			models |= p->model;
	}
	if (models != 0) {
		check.outcome = OUTCOME_PASS;
		check.models = models;
		check_say(&check, "%d probe%s before the death leaves no gap to measure",
			silence->probes, silence->probes == 1 ? "" : "s");
	} else {
		check_say(&check, "no two consecutive probes were unanswered: no gap to measure");
	}
	check_settle(s, &check, CLAIM_LEG,
		(struct span){history->timeline->events[history->begin].t_ns, history->watched_ns});
}

/* Each gap between one unanswered probe and the next is the interval of 75 s. */
void check_gaps_of_75_s(struct subject *s)
{
	const struct history *history = s->history;
	const struct death *death = s->death;
	const struct event *before = NULL;
	int gaps = 0, missing = 0;

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (death->sign != SIGN_NONE && i >= death->index)
			break;
		if (segment == NULL)
			continue;
		if (from_peer(segment))
			before = NULL;
		if (!is_probe(segment))
			continue;
		if (before != NULL)
			add_gap(s, before, segment, ++gaps, &missing);
		before = segment;
	}
	if (!add_gap_without_end(s, gaps + 1, &missing) && gaps == 0)
		judge_no_gap(s);
}
