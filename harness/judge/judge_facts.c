/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "judge/checks.h"

/* What a module turns out to do where no source says what it must. */

void fact_settle(struct verdict *verdict, const struct history *history, const char *requirement,
	const struct fact *fact, enum claim claim, struct span span)
{
	const char *pin = profile_pin(history->profile, fact->id);
	struct check check = check_new(requirement, OUTCOME_PASS);

	if (pin == NULL) {
		check_say(&check, "recorded: %s is '%s'", fact_name(fact->id), fact->text);
	} else if (strcasecmp(pin, fact->text) == 0) {
		check_say(&check, "%s is '%s', as the profile pins it", fact_name(fact->id), pin);
	} else {
		check.outcome = OUTCOME_FAIL;
		check_say(&check,
			"a change: the profile of firmware '%s' pins %s '%s', measured '%s' (%s)",
			history->profile->firmware, fact_name(fact->id), pin, fact->text,
			fact_what(fact->id));
	}
	enum outcome sound = sound_outcome(history, OUTCOME_PASS, claim, span);
	check_settle(verdict, history, &check, claim, span);
	if (sound == OUTCOME_PASS)
		verdict_add_fact(verdict, fact);
}

void fact_unknown(struct verdict *verdict, const struct history *history, const char *requirement,
	enum fact_id id, const char *why)
{
	struct check check = check_new(requirement, OUTCOME_INCONCLUSIVE);

	check_say(&check, "%s is not known: %s", fact_name(id), why);
	check_settle(verdict, history, &check, CLAIM_SEEN,
		(struct span){history->watched_ns, history->watched_ns});
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

void judge_notice_fact(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, enum fact_id id)
{
	struct history history = history_of(timeline, connection, profile, GENERATION_STIRRED);
	const struct event *notice = NULL;
	int count = 0;

	if (check_unknown(verdict, &history, requirement))
		return;
	for (size_t i = history.begin; i < history.end; i++) {
		const struct event *event = &timeline->events[i];
		/* Once the bench has taken the CID from the connection, the number tells. */
		bool own = history_owns(&history, event) ||
			   (event->connection == NO_CONNECTION && event->cid >= 0 &&
				   event->cid == history.cid);
		if (!is_death_notice(event) || !own)
			continue;
		notice = event;
		count++;
	}
	size_t end = 0;
	bool ended = history_death(&history).sign != SIGN_NONE ||
		     history_wire_end(&history, &end) != NULL;
	if (!history.watched || !ended) {
		fact_unknown(verdict, &history, requirement, id,
			ended ? "the watch has no end" : "the connection did not end");
		return;
	}
	struct fact fact = fact_of(id, count == 0			    ? "none"
				       : count > 1			    ? "several"
				       : notice->code == AT_CODE_DISCONNECT ? "disconnect"
									    : "socket-failure");
	fact_settle(verdict, &history, requirement, &fact, CLAIM_UART,
		(struct span){timeline->events[history.begin].t_ns, history.watched_ns});
}

void judge_reset_fact(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement)
{
	struct history history = history_of(timeline, connection, profile, GENERATION_STIRRED);
	struct death death = history_death(&history);

	if (check_unknown(verdict, &history, requirement))
		return;
	if (death.sign == SIGN_NONE || history_peer_end(&history, &death) != NULL) {
		fact_unknown(verdict, &history, requirement, FACT_rst_at_death,
			"the connection was not declared dead");
		return;
	}
	bool sent = history_reset_at_death(&history, &death) != NULL;
	struct fact fact = fact_of(FACT_rst_at_death, sent ? "true" : "false");
	fact_settle(verdict, &history, requirement, &fact, sent ? CLAIM_SEEN : CLAIM_ABSENCE,
		(struct span){death.t_ns - death.error_ns, history.watched_ns});
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

void judge_fate_fact(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, enum fact_id id)
{
	struct history history = history_of(timeline, connection, profile, GENERATION_LATEST);
	struct death death = history_death(&history);

	if (check_unknown(verdict, &history, requirement))
		return;
	if (!history.watched || !stimulus_sent(&history, &death, id)) {
		fact_unknown(verdict, &history, requirement, id,
			history.watched
				? "the segment in question was not sent to a living connection"
				: "the watch has no end");
		return;
	}
	bool lives = death.sign == SIGN_NONE;
	struct fact fact = fact_of(id, fact_words(id)[lives ? 0 : 1]);
	fact_settle(verdict, &history, requirement, &fact, CLAIM_ABSENCE,
		(struct span){timeline->events[history.begin].t_ns, history.watched_ns});
}

void judge_option_latency(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement)
{
	struct history history = history_of(timeline, connection, profile, GENERATION_LATEST);
	const struct event *command = NULL;
	int64_t sum = 0, least = INT64_MAX, most = 0, error = 0;
	int count = 0;

	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind == EVENT_COMMAND)
			command = event;
		if (event->kind != EVENT_RESPONSE || event->step < 0 || command == NULL ||
			event->connection != connection ||
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
		fact_unknown(verdict, &history, requirement, FACT_option_latency,
			"no option was answered");
		return;
	}
	struct fact fact = fact_number(FACT_option_latency, (double)sum / count / 1e6,
		((double)(most - least) / 2 + (double)error) / 1e6);
	fact_settle(verdict, &history, requirement, &fact, CLAIM_SEEN,
		(struct span){history.watched_ns, history.watched_ns});
}

/* How much the gaps between unanswered probes differ: what a tick or a busy module does to one leg.
 */
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

void judge_clock_skew(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement)
{
	struct history history = history_of(timeline, connection, profile, GENERATION_STIRRED);
	struct death death = history_death(&history);
	struct idle silence = history_silence(&history, &death);

	if (check_unknown(verdict, &history, requirement))
		return;
	if (silence.probes < 3) {
		fact_unknown(verdict, &history, requirement, FACT_clock_skew,
			"fewer than three unanswered probes");
		return;
	}
	double nominal = (double)(silence.probes - 1) * (double)KEEPALIVE_INTERVAL_NS;
	double measured = (double)(silence.last_probe->t_ns - silence.probe->t_ns);
	double error = (double)(leg_error(silence.probe, silence.last_probe) +
				spread_of_gaps(&history, &silence));
	struct fact fact =
		fact_number(FACT_clock_skew, (measured / nominal - 1) * 1e6, error / nominal * 1e6);
	fact_settle(verdict, &history, requirement, &fact, CLAIM_LEG,
		(struct span){silence.probe->t_ns, silence.last_probe->t_ns});
}

void judge_probing_fact(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, enum fact_id id)
{
	struct history history = history_of(timeline, connection, profile, GENERATION_LATEST);
	bool probes = false;

	if (check_unknown(verdict, &history, requirement))
		return;
	for (size_t i = history.begin; i < history.end; i++) {
		const struct event *segment = history_segment(&history, i);
		probes = probes || (segment != NULL && is_probe(segment));
	}
	if (!history.watched) {
		fact_unknown(verdict, &history, requirement, id, "the watch has no end");
		return;
	}
	struct fact fact = fact_of(id, fact_words(id)[probes ? 1 : 0]);
	fact_settle(verdict, &history, requirement, &fact, probes ? CLAIM_SEEN : CLAIM_ABSENCE,
		(struct span){timeline->events[history.begin].t_ns, history.watched_ns});
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

void judge_restart_fact(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, enum fact_id id)
{
	struct history history = history_of(timeline, connection, profile, GENERATION_LATEST);
	struct span span = {.from_ns = TIME_NEVER};
	int64_t gap_ns = 0;
	int within = 0, after = 0;

	if (check_unknown(verdict, &history, requirement))
		return;
	for (size_t i = history.begin; i < history.end; i++) {
		const struct event *event = &timeline->events[i];
		if (!may_restart(&history, event, id))
			continue;
		if (span.from_ns == TIME_NEVER)
			span.from_ns = event->t_ns;
		else if (event->t_ns - span.to_ns > gap_ns)
			gap_ns = event->t_ns - span.to_ns;
		span.to_ns = event->t_ns;
	}
	for (size_t i = history.begin; i < history.end; i++) {
		const struct event *segment = history_segment(&history, i);
		if (segment == NULL || !is_probe(segment) || segment->t_ns <= span.from_ns)
			continue;
		within += segment->t_ns < span.to_ns;
		after += segment->t_ns >= span.to_ns;
	}
	const char *why = span.from_ns == TIME_NEVER || !outlasts_idle_time(&history, span, gap_ns)
				  ? "it did not go on for longer than an idle time"
			  : within + after == 0 ? "no probe came when it was over either"
						: NULL;
	if (why != NULL) {
		fact_unknown(verdict, &history, requirement, id, why);
		return;
	}
	struct fact fact = fact_of(id, fact_words(id)[within == 0 ? 0 : 1]);
	fact_settle(verdict, &history, requirement, &fact, within == 0 ? CLAIM_ABSENCE : CLAIM_SEEN,
		span);
}

void judge_default_timeout_fact(struct verdict *verdict, const struct timeline *timeline,
	int connection, const struct profile *profile, const char *requirement)
{
	struct history history = history_of(timeline, connection, profile, GENERATION_LATEST);
	struct verdict first = verdict_new();

	judge_first_probe(&first, timeline, connection, profile, requirement);
	if (first.outcome != OUTCOME_PASS && first.outcome != OUTCOME_MARGINAL &&
		first.outcome != OUTCOME_FAIL) {
		fact_unknown(verdict, &history, requirement, FACT_default_timeout, first.text);
		return;
	}
	struct fact fact = fact_of(
		FACT_default_timeout, first.outcome == OUTCOME_FAIL ? "other" : "two-hours");
	fact_settle(verdict, &history, requirement, &fact, CLAIM_LEG,
		(struct span){timeline->events[history.begin].t_ns, history.watched_ns});
}
