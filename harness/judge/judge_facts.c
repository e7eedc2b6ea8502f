/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "judge/checks.h"

/* What a module turns out to do where no source says what it must. */

void fact_settle(struct subject *s, const struct fact *fact, enum claim claim, struct span span)
{
	const char *pin = profile_pin(s->profile, fact->id);
	struct check check = check_new(s, OUTCOME_PASS);

	if (pin == NULL) {
		check_say(&check, "recorded: %s is '%s'", fact_name(fact->id), fact->text);
	} else if (strcasecmp(pin, fact->text) == 0) {
		check_say(&check, "%s is '%s', as pinned by the profile", fact_name(fact->id), pin);
	} else {
		check.outcome = OUTCOME_FAIL;
		check_say(&check,
			"a change: the profile of firmware '%s' pins %s '%s', measured '%s' (%s)",
			s->profile->firmware, fact_name(fact->id), pin, fact->text,
			fact_what(fact->id));
	}
	enum outcome sound = sound_outcome(s->history, OUTCOME_PASS, claim, span);
	check_settle(s, &check, claim, span);
	if (sound == OUTCOME_PASS)
		verdict_add_fact(s->verdict, fact);
}

void fact_unknown_as(struct subject *s, enum gap_reason reason, const char *words)
{
	struct check check = check_new(s, OUTCOME_INCONCLUSIVE);
	struct fact_gap gap = {.id = s->fact, .reason = reason};

	check_say(&check, "%s is unknown: %s", fact_name(s->fact), words);
	check_settle(s, &check, CLAIM_SEEN,
		(struct span){s->history->watched_ns, s->history->watched_ns});
	/* Of a bench that failed nothing is known of the device, not even that. */
	if (check.outcome != OUTCOME_INCONCLUSIVE)
		return;
	snprintf(gap.text, sizeof gap.text, "%s", words);
	verdict_add_gap(s->verdict, &gap);
}

void fact_unknown(struct subject *s, enum gap_reason reason)
{
	fact_unknown_as(s, reason, gap_words(reason));
}

struct fact fact_of(enum fact_id id, const char *text)
{
	struct fact fact = {.id = id};

	snprintf(fact.text, sizeof fact.text, "%s", text);
	return fact;
}

struct fact fact_number(enum fact_id id, double value, double error)
{
	struct fact fact = {.id = id, .number = true, .value = value, .error = error};
	int digits = strcmp(fact_unit(id), "s") == 0 ? 3 : 1;

	snprintf(fact.text, sizeof fact.text, "%.*f +- %.*f %s", digits, value, digits, error,
		fact_unit(id));
	return fact;
}

/* By which line the end of the connection was told: FACT_notice_...  "none" needs the watch. */
void find_notice_line(struct subject *s)
{
	const struct history *history = s->history;
	const struct event *notice = NULL;
	int count = 0;

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *event = &s->timeline->events[i];
		/* Once the bench has taken the CID from the s->connection, the number tells. */
		bool own = history_owns(history, event) ||
			   (event->connection == NO_CONNECTION && event->cid >= 0 &&
				   event->cid == history->cid);
		if (!is_death_notice(event) || !own)
			continue;
		notice = event;
		count++;
	}
	size_t end = 0;
	bool ended = s->death->sign != SIGN_NONE || history_wire_end(history, &end) != NULL;
	if (!history->watched || !ended) {
		fact_unknown(s, ended ? GAP_watch_has_no_end : GAP_connection_did_not_end);
		return;
	}
	struct fact fact =
		fact_of(s->fact, count == 0			      ? "none"
				 : count > 1			      ? "several"
				 : notice->code == AT_CODE_DISCONNECT ? "disconnect"
								      : "socket-failure");
	fact_settle(s, &fact, CLAIM_UART,
		(struct span){s->timeline->events[history->begin].t_ns, history->watched_ns});
}

/* FACT_rst_at_death.  A connection that was not declared dead: inconclusive. */
void find_reset_at_death(struct subject *s)
{
	const struct history *history = s->history;
	const struct death *death = s->death;

	if (death->sign == SIGN_NONE || history_peer_end(history, death) != NULL) {
		fact_unknown(s, GAP_not_declared_dead);
		return;
	}
	bool sent = history_reset_at_death(history, death) != NULL;
	struct fact fact = fact_of(s->fact, sent ? "true" : "false");
	fact_settle(s, &fact, sent ? CLAIM_SEEN : CLAIM_ABSENCE,
		(struct span){death->t_ns - death->error_ns, history->watched_ns});
}

static bool is_raw_segment(const struct history *history, const struct event *event)
{
	return event->kind == EVENT_PEER && event->connection == history->connection &&
	       event->act == ACT_RAW_SEGMENT;
}

/* Did the bench send what the fact is about, and in time?  A segment that answers a probe is not
 * sent where no probe came.  An idle time needs nothing. */
static bool stimulus_sent(const struct history *history, const struct death *death, enum fact_id id)
{
	if (id == FACT_maxrt_idle)
		return true;
	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *event = &history->timeline->events[i];
		if (is_raw_segment(history, event))
			return death->sign == SIGN_NONE ||
			       event->t_ns <= death->t_ns + death->error_ns;
	}
	return false;
}

/* A fact of two words about a segment that the bench sends: the first one when the connection lives
 * at the end of the watch, the second one when the device gave it up. */
void find_fate(struct subject *s)
{
	const struct history *history = s->history;
	const struct death *death = s->death;

	if (!history->watched || !stimulus_sent(history, death, s->fact)) {
		fact_unknown(s, history->watched ? GAP_segment_not_sent : GAP_watch_has_no_end);
		return;
	}
	bool lives = death->sign == SIGN_NONE;
	struct fact fact = fact_of(s->fact, fact_words(s->fact)[lives ? 0 : 1]);
	fact_settle(s, &fact, CLAIM_ABSENCE,
		(struct span){s->timeline->events[history->begin].t_ns, history->watched_ns});
}

/* FACT_option_latency: from an option's command to its answer, the mean of all of the connection's,
 * without the way there and back where it was measured; the error holds their spread, and the way's. */
void find_option_latency(struct subject *s)
{
	const struct timeline *timeline = s->timeline;
	const struct history *history = s->history;
	const struct event *command = NULL;
	int64_t sum = 0, least = INT64_MAX, most = 0, error = 0;
	int count = 0;

	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind == EVENT_COMMAND)
			command = event;
		if (event->kind != EVENT_RESPONSE || event->step < 0 || command == NULL ||
			event->connection != s->connection ||
			timeline->scenario.steps[event->step].kind != STEP_OPTION)
			continue;
		int64_t took = event->t_ns - command->t_ns;
		sum += took;
		least = took < least ? took : least;
		most = took > most ? took : most;
		error = leg_error(command, event);
		command = NULL;
		count++;
	}
	if (count == 0) {
		fact_unknown(s, GAP_no_option_answered);
		return;
	}
	int64_t mean = sum / count;
	if (timeline->uart.count > 0) {
		mean = mean > timeline->uart.least_ns ? mean - timeline->uart.least_ns : 0;
		error = timeline->uart.most_ns - timeline->uart.least_ns;
	}
	struct fact fact = fact_number(
		s->fact, (double)mean / 1e6, ((double)(most - least) / 2 + (double)error) / 1e6);
	fact_settle(s, &fact, CLAIM_SEEN, (struct span){history->watched_ns, history->watched_ns});
}

/* How much the gaps between unanswered probes differ: what a tick or a busy module does to one
 * leg. */
static int64_t spread_of_gaps(const struct history *history, const struct idle *silence)
{
	int64_t before = silence->probe->t_ns, least = INT64_MAX, most = 0;

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL || !is_probe(segment) || segment->t_ns <= before ||
			segment->t_ns > silence->last_probe->t_ns)
			continue;
		int64_t gap = segment->t_ns - before;
		least = gap < least ? gap : least;
		most = gap > most ? gap : most;
		before = segment->t_ns;
	}
	return most - least;
}

/* FACT_clock_skew, from the gaps between unanswered probes; positive: the module is slow. */
void find_clock_skew(struct subject *s)
{
	const struct history *history = s->history;
	const struct idle *silence = s->silence;

	if (silence->probes < 3) {
		fact_unknown(s, GAP_too_few_probes);
		return;
	}
	double nominal = (double)(silence->probes - 1) * (double)KEEPALIVE_INTERVAL_NS;
	double measured = (double)(silence->last_probe->t_ns - silence->probe->t_ns);
	double error = (double)(leg_error(silence->probe, silence->last_probe) +
				spread_of_gaps(history, silence));
	struct fact fact =
		fact_number(s->fact, (measured / nominal - 1) * 1e6, error / nominal * 1e6);
	fact_settle(s, &fact, CLAIM_LEG,
		(struct span){silence->probe->t_ns, silence->last_probe->t_ns});
}

/* A fact of two words: the first one when no probe came, the second one when one did. */
void find_probing(struct subject *s)
{
	const struct history *history = s->history;
	bool probes = false;

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		probes = probes || (segment != NULL && is_probe(segment));
	}
	if (!history->watched) {
		fact_unknown(s, GAP_watch_has_no_end);
		return;
	}
	struct fact fact = fact_of(s->fact, fact_words(s->fact)[probes ? 1 : 0]);
	fact_settle(s, &fact, probes ? CLAIM_SEEN : CLAIM_ABSENCE,
		(struct span){s->timeline->events[history->begin].t_ns, history->watched_ns});
}

/* Is it what may restart the idle time? */
static bool may_restart(const struct history *history, const struct event *event, enum fact_id id)
{
	return id == FACT_option_restart ? is_option_answer(history, event) && is_ok(event)
					 : is_raw_segment(history, event);
}

/* Longer than an idle time, and without a gap of one, by every model? */
static bool outlasts_idle_time(const struct history *history, struct span span, int64_t gap_ns)
{
	for (size_t i = 0; i < history->prediction_count; i++) {
		const struct window idle =
			leg_window(history->profile, history->predictions[i].first);
		if (span.to_ns - span.from_ns <= idle.to_ns || gap_ns >= idle.from_ns)
			return false;
	}
	return true;
}

/* FACT_peer_probe, FACT_option_restart: whether probes came while the peer probed, or options were
 * accepted, again and again for longer than an idle time.  Where none came then, one that comes
 * later has to show that the module probes at all. */
void find_restart(struct subject *s)
{
	const struct history *history = s->history;
	struct span span = {.from_ns = TIME_NEVER};
	int64_t gap_ns = 0;
	int within = 0, after = 0;

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *event = &s->timeline->events[i];
		if (!may_restart(history, event, s->fact))
			continue;
		if (span.from_ns == TIME_NEVER)
			span.from_ns = event->t_ns;
		else if (event->t_ns - span.to_ns > gap_ns)
			gap_ns = event->t_ns - span.to_ns;
		span.to_ns = event->t_ns;
	}
	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL || !is_probe(segment) || segment->t_ns <= span.from_ns)
			continue;
		within += segment->t_ns < span.to_ns;
		after += segment->t_ns >= span.to_ns;
	}
	const enum gap_reason why =
		span.from_ns == TIME_NEVER || !outlasts_idle_time(history, span, gap_ns)
			? GAP_shorter_than_idle_time
		: within + after == 0 ? GAP_no_probe_afterwards
				      : GAP_NONE;
	if (why != GAP_NONE) {
		fact_unknown(s, why);
		return;
	}
	struct fact fact = fact_of(s->fact, fact_words(s->fact)[within == 0 ? 0 : 1]);
	fact_settle(s, &fact, within == 0 ? CLAIM_ABSENCE : CLAIM_SEEN, span);
}

/* FACT_default_timeout: whether the first probe came when a T of two hours says. */
void find_default_timeout(struct subject *s)
{
	struct verdict first = verdict_new();
	struct subject probing = *s;

	probing.verdict = &first;
	subject_look_at(&probing, GENERATION_ACTED_ON);
	check_first_probe_on_schedule(&probing);
	if (first.outcome != OUTCOME_PASS && first.outcome != OUTCOME_MARGINAL &&
		first.outcome != OUTCOME_FAIL) {
		fact_unknown_as(s, GAP_first_probe_unjudged, first.text);
		return;
	}
	struct fact fact = fact_of(s->fact, first.outcome == OUTCOME_FAIL ? "other" : "two-hours");
	fact_settle(s, &fact, CLAIM_LEG,
		(struct span){s->timeline->events[s->history->begin].t_ns, s->history->watched_ns});
}
