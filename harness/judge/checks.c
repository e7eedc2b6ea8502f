/* SPDX-License-Identifier: MIT */
#include "judge/checks.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/text_buffer.h"
#include "judge/air.h"
#include "judge/shortfall.h"

struct check check_new(const struct subject *s, enum outcome outcome)
{
	struct check check = {.outcome = outcome, .models = MODELS_ALL};

	snprintf(check.requirement, sizeof check.requirement, "%s", s->requirement);
	return check;
}

void check_say(struct check *check, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(check->text, sizeof check->text, format, arguments);
	va_end(arguments);
}

void check_say_more(struct check *check, const char *format, ...)
{
	struct text_buffer text = text_buffer_behind(check->text, sizeof check->text);
	va_list arguments;

	va_start(arguments, format);
	text_add_v(&text, format, arguments);
	va_end(arguments);
}

void check_tell_arp(struct check *check, const struct history *history, int64_t due_ns)
{
	const struct event *request =
		arp_request_between(history, due_ns - ARP_APART_NS, due_ns + ARP_APART_NS);

	if (request != NULL)
		check_say_more(check,
			"; the device sent an ARP request for the peer at %.1f s, where the probe was due",
			in_s(request->t_ns - history->start_ns));
}

void check_tell_air(struct check *check, const struct history *history, int64_t due_ns)
{
	char why[160];

	switch (air_sent_at(
		history, due_ns, leg_tolerance(history->profile, KEEPALIVE_INTERVAL_NS))) {
	case AIR_YES:
		check_say_more(check,
			"; the monitor heard it on the air at %.1f s: sent, and lost behind it",
			in_s(air_lost_frame(history, due_ns)->t_ns - history->start_ns));
		break;
	case AIR_NO:
		check_say_more(check, "; the monitor heard none on the air at %.1f s: never sent",
			in_s(due_ns - history->start_ns));
		break;
	case AIR_UNKNOWN:
		if (air_why_unknown(history, due_ns, why, sizeof why))
			check_say_more(check, "; %s", why);
		break;
	}
}

bool needs_excuse(const struct check *check, const struct history *history)
{
	return check->outcome == OUTCOME_FAIL ||
	       (check->outcome < OUTCOME_FAIL && check->models == MODEL_B &&
		       history->profile->lossy_air);
}

void check_excuse(struct check *check, const char *why)
{
	check->outcome = OUTCOME_INCONCLUSIVE;
	check->models = MODELS_ALL;
	check_say_more(check, "; %s", why);
}

void check_lost(struct check *check, const char *why)
{
	check_excuse(check, why);
	check->lost_frames = true;
}

void check_doubt(struct check *check, const struct history *history, const struct idle *silence)
{
	char why[128];

	if (check->outcome != OUTCOME_FAIL || silence->doubt == NULL)
		return;
	snprintf(why, sizeof why,
		silence->doubt->segment.role == ROLE_UNDECIDABLE
			? "a segment at %.1f s may be a probe or not"
			: "data that the device sent at %.1f s was never acknowledged, so retransmission governs and not keep-alive",
		in_s(silence->doubt->t_ns - history->start_ns));
	check_excuse(check, why);
}

void check_measure(struct check *check, struct leg_id leg, int64_t measured_ns, int64_t error_ns,
	struct window window)
{
	check->measured = true;
	check->leg = leg;
	check->measured_ns = measured_ns;
	check->error_ns = error_ns;
	check->from_ns = window.from_ns;
	check->to_ns = window.to_ns;
}

void check_begins(struct check *check, int64_t from_ns)
{
	check->placed = true;
	check->begin_ns = from_ns;
}

void check_expect(struct check *check, struct leg_id leg, int64_t from_ns, struct window window)
{
	check->leg = leg;
	check->from_ns = window.from_ns;
	check->to_ns = window.to_ns;
	check_begins(check, from_ns);
}

static bool concerns(const struct history *history, const struct event *event)
{
	return event->kind == EVENT_FAULT && event->fault != FAULT_NONE &&
	       (event->connection == NO_CONNECTION || event->connection == history->connection);
}

static bool touches(const struct event *event, struct span span)
{
	/* A module that is found silent may have been so since its last sign of life. */
	bool lasted = event->from_ns > 0 && event->from_ns < event->t_ns;
	int64_t from = lasted || event->fault == FAULT_CAPTURE_DROP ? event->from_ns : event->t_ns;

	/* What was not done then is missing ever after. */
	return (event->t_ns >= span.from_ns || event->fault == FAULT_NO_CONNECTION ||
		       event->fault == FAULT_LATE_STEP) &&
	       from <= span.to_ns;
}

static bool voids(const struct event *event, enum outcome outcome, enum claim claim)
{
	switch (event->fault) {
	case FAULT_CAPTURE_DROP:
		return claim == CLAIM_ABSENCE || (claim == CLAIM_LEG && outcome == OUTCOME_FAIL);
	case FAULT_NO_LINK:
		/* What the module says to a step that takes the link away is what is looked at. */
		if (event->reason == REASON_STATION_AWAY && claim == CLAIM_UART)
			return false;
		return claim != CLAIM_SEEN;
	case FAULT_CLOCK_STEP:
	case FAULT_REBOOT:
	case FAULT_DISASSOCIATED:
	case FAULT_SILENT_DEVICE:
	case FAULT_NO_CONNECTION:
		return claim != CLAIM_SEEN;
	case FAULT_LATE_STEP:
		return claim != CLAIM_SEEN && outcome == OUTCOME_FAIL;
	case FAULT_PROVOKED: /* comes with one of these */
	case FAULT_STAMPS:   /* is in the errors */
	case FAULT_NONE:
	case FAULT_BENCH:
		break;
	}
	return false;
}

static const char *fault_words(enum evidence_fault fault)
{
	switch (fault) {
	case FAULT_CAPTURE_DROP:
		return "the capture lost frames";
	case FAULT_CLOCK_STEP:
		return "the host's time jumped";
	case FAULT_STAMPS:
		return "stamps are uncertain";
	case FAULT_NO_LINK:
		return "the peer's interface had no link";
	case FAULT_REBOOT:
		return "the module rebooted";
	case FAULT_DISASSOCIATED:
		return "the module lost its association";
	case FAULT_SILENT_DEVICE:
		return "the module did not answer";
	case FAULT_NO_CONNECTION:
		return "the connection was not open";
	case FAULT_LATE_STEP:
		return "a step was late";
	case FAULT_BENCH:
		return "the bench failed";
	case FAULT_PROVOKED:
	case FAULT_NONE:
		break;
	}
	return "nothing";
}

static void blame(struct check *check, const struct history *history, const struct event *event,
	enum outcome outcome)
{
	char text[VERDICT_TEXT];

	memcpy(text, check->text, sizeof text);
	check->outcome = outcome;
	check->models = MODELS_ALL;
	check_say(check, "%.220s; but %s at %.1f s (%s)", text, fault_words(event->fault),
		in_s(event->t_ns - history->start_ns), event->text);
}

/* The fault that takes the ground from such an outcome, NULL when none does. */
static const struct event *voiding_fault(
	const struct history *history, enum outcome outcome, enum claim claim, struct span span)
{
	for (size_t i = history->faults_begin; i < history->faults_end; i++) {
		const struct event *event = &history->timeline->events[i];
		if (concerns(history, event) && touches(event, span) &&
			voids(event, outcome, claim))
			return event;
	}
	return NULL;
}

/* What the bench could not do: whatever comes of it says nothing of the device. */
static const struct event *bench_fault(const struct history *history, int64_t until_ns)
{
	for (size_t i = history->faults_begin; i < history->faults_end; i++) {
		const struct event *event = &history->timeline->events[i];
		if (concerns(history, event) && event->fault == FAULT_BENCH &&
			event->t_ns <= until_ns)
			return event;
	}
	return NULL;
}

/* A pass that needs a watch or a step which was not: says which in why.  What is claimed to have
 * happened once, or never, holds to the end of the watch that the scenario has. */
static bool lacks_ground(const struct history *history, enum outcome outcome, enum claim claim,
	struct span span, char *why, size_t size)
{
	if (outcome != OUTCOME_PASS && outcome != OUTCOME_MARGINAL)
		return false;
	const bool to_the_end = span.to_ns >= history->watched_ns - history->watched_error_ns;
	if ((claim == CLAIM_ABSENCE || claim == CLAIM_UART) && to_the_end &&
		watch_fell_short(history, why, size))
		return true;
	return step_fell_short(history, span.to_ns, why, size);
}

enum outcome sound_outcome(
	const struct history *history, enum outcome outcome, enum claim claim, struct span span)
{
	char why[VERDICT_TEXT];

	return voiding_fault(history, outcome, claim, span) != NULL ||
			       lacks_ground(history, outcome, claim, span, why, sizeof why)
		       ? OUTCOME_INCONCLUSIVE
		       : outcome;
}

/* What the peer sent was not acknowledged.  The ACK of a probe, which is outside its window, it
 * does not look at. */
static bool peer_awaits_ack(const struct history *history)
{
	const struct event *data = NULL;

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL)
			continue;
		if (from_peer(segment) && segment->segment.length > 0)
			data = segment;
		else if (!from_peer(segment) && data != NULL && !is_probe(segment) &&
			 (int32_t)(segment->segment.ack - data->segment.snd_nxt) >= 0)
			data = NULL;
	}
	return data != NULL;
}

/* The peer was to fall silent, and the bench waited in vain for it to have nothing
 * unacknowledged. */
static bool peer_never_silent(const struct history *history)
{
	const struct timeline *timeline = history->timeline;

	for (int i = 0; i < timeline->scenario.step_count; i++) {
		const struct step *step = &timeline->scenario.steps[i];
		bool done = step->kind != STEP_PEER_SILENT || step->anchor != ANCHOR_START ||
			    step->connection != history->connection ||
			    history->start_ns + step->at_ns >= history->watched_ns;
		for (size_t j = 0; j < timeline->count && !done; j++)
			done = timeline->events[j].kind == EVENT_STEP &&
			       timeline->events[j].step == i;
		if (!done)
			return true;
	}
	return false;
}

/* Where a lost frame excuses it, whether it was one of the peer's. */
static void tell_undelivered(struct check *check, const struct history *history, struct span span)
{
	const struct event *events = history->timeline->events;

	if (!check->lost_frames || check->outcome != OUTCOME_INCONCLUSIVE)
		return;
	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *lost = history_segment(history, i) != NULL &&
							   from_peer(&events[i]) &&
							   events[i].t_ns >= span.from_ns &&
							   events[i].t_ns <= span.to_ns
						   ? air_undelivered(history, &events[i])
						   : NULL;
		if (lost == NULL)
			continue;
		check_say_more(check, "; what the peer sent at %.1f s %s delivered on the air",
			in_s(events[i].t_ns - history->start_ns),
			lost->ok ? "may not have been" : "was not");
		return;
	}
}

/* One model holds for a device, see verdict_add(); but where frames are lost, legs that lack some
 * fit another one now and then. */
static void excuse_other_model(
	const struct verdict *verdict, const struct history *history, struct check *check)
{
	char models[64];

	if (!history->profile->lossy_air || check->outcome > OUTCOME_MARGINAL ||
		(verdict->models & check->models) != 0)
		return;
	models_text(check->models, models, sizeof models);
	check_say_more(check,
		"; only model %s explains it, and earlier measurements exclude this model", models);
	check_lost(check, "frames lost in the air may explain it");
}

/* Why a leg is not known better. */
static void explain_error(struct check *check, const struct history *history, struct span span)
{
	if (!check->measured ||
		(check->outcome != OUTCOME_MARGINAL && check->outcome != OUTCOME_INCONCLUSIVE))
		return;
	for (size_t i = history->faults_begin; i < history->faults_end; i++) {
		const struct event *event = &history->timeline->events[i];
		if (!concerns(history, event) || event->fault != FAULT_STAMPS ||
			!touches(event, span) || event->t_ns - event->from_ns > check->error_ns)
			continue;
		check_say_more(check, "; at %.1f s %s", in_s(event->t_ns - history->start_ns),
			event->text);
		return;
	}
}

void check_settle(struct subject *s, struct check *check, enum claim claim, struct span span)
{
	const struct history *history = s->history;
	const struct event *bench = bench_fault(history, span.to_ns);
	const struct event *fault = voiding_fault(history, check->outcome, claim, span);
	char why[VERDICT_TEXT];

	check->connection = history->connection;
	if (bench != NULL)
		blame(check, history, bench, OUTCOME_ERROR);
	else if (fault != NULL)
		blame(check, history, fault, OUTCOME_INCONCLUSIVE);
	else if (check->outcome == OUTCOME_FAIL && peer_never_silent(history) &&
		 peer_awaits_ack(history)) {
		check->outcome = OUTCOME_INCONCLUSIVE;
		check_say_more(check,
			"; but the peer did not fall silent: the data it had sent was not acknowledged");
	} else if (lacks_ground(history, check->outcome, claim, span, why, sizeof why) ||
		   (check->outcome == OUTCOME_FAIL &&
			   step_was_refused(history, span.to_ns, why, sizeof why))) {
		check_say_more(check, "; but %s", why);
		check->outcome = OUTCOME_INCONCLUSIVE;
		check->models = MODELS_ALL;
	}
	explain_error(check, history, span);
	tell_undelivered(check, history, span);
	excuse_other_model(s->verdict, history, check);
	verdict_add(s->verdict, check);
}

bool check_unknown(struct subject *s)
{
	struct check check = check_new(s, OUTCOME_INCONCLUSIVE);

	if (s->history->known)
		return false;
	check_say(&check, "no segment or event of connection '%s' was recorded", s->history->name);
	check_settle(s, &check, CLAIM_ABSENCE, (struct span){0, TIME_NEVER});
	return true;
}

bool check_unwatched(
	struct check *check, const struct history *history, struct span span, const char *what)
{
	if (history->watched && history->watched_ns - history->watched_error_ns >= span.to_ns)
		return false;
	int64_t watched = history->watched ? history->watched_ns - span.from_ns : 0;
	check->outcome = OUTCOME_INCONCLUSIVE;
	check->models = MODELS_ALL;
	check_say(check, "%s: watched %.1f of %.1f s", what, in_s(watched < 0 ? 0 : watched),
		in_s(span.to_ns - span.from_ns));
	return true;
}

void check_add_no_idle_finding(struct subject *s, const struct check *check)
{
	const struct planned_keepalive *plan = &s->history->plan;
	struct finding finding = {.severity = SEVERITY_NOTE};

	if (check->models != MODEL_B ||
		plan->timeout_s * NS_PER_S != plan->count * KEEPALIVE_INTERVAL_NS)
		return;
	snprintf(finding.requirement, sizeof finding.requirement, "%s", check->requirement);
	snprintf(finding.text, sizeof finding.text,
		"under model B a timeout at the floor (T = %d s, N = %d) leaves no idle time",
		plan->timeout_s, plan->count);
	verdict_add_finding(s->verdict, &finding);
}

const struct event *end_acknowledged(const struct history *history, const struct event *end)
{
	const uint32_t behind = end->segment.seq + end->segment.length + 1;

	if ((end->segment.flags & TCP_FLAG_FIN) == 0)
		return NULL;
	return history_acknowledgement(history, (size_t)(end - history->timeline->events), behind);
}

void check_peer_ended(struct check *check, const struct history *history, const struct event *end)
{
	check->outcome = OUTCOME_INCONCLUSIVE;
	check->models = MODELS_ALL;
	check_say(check,
		"the peer closed the connection (%s) at %.1f s, so it was not silent until the end",
		(end->segment.flags & TCP_FLAG_RST) != 0 ? "RST" : "FIN",
		in_s(end->t_ns - history->start_ns));
}

double in_s(int64_t ns)
{
	return (double)ns / (double)NS_PER_S;
}

void window_text(const struct profile *profile, struct window nominal, char *text, size_t size)
{
	double tolerance = in_s(leg_tolerance(profile, nominal.to_ns));

	if (nominal.from_ns == nominal.to_ns)
		snprintf(text, size, "%g s +- %.2f s", in_s(nominal.to_ns), tolerance);
	else
		snprintf(text, size, "%g..%g s +- %.2f s", in_s(nominal.from_ns),
			in_s(nominal.to_ns), tolerance);
}

void fit_note(struct fit *fit, enum outcome outcome)
{
	if (!fit->evaluated || outcome > fit->outcome)
		fit->outcome = outcome;
	fit->evaluated = true;
}

size_t fit_decide(
	struct check *check, const struct history *history, const struct fit fits[PREDICTIONS])
{
	size_t best = 0;

	/* A profile may pin a model that says nothing of such a T and N: that accuses nobody. */
	check->outcome = history->prediction_count == 0 ? OUTCOME_INCONCLUSIVE : OUTCOME_FAIL;
	check->models = 0;
	for (size_t i = 0; i < history->prediction_count; i++) {
		enum outcome outcome = fits[i].evaluated ? fits[i].outcome : OUTCOME_INCONCLUSIVE;
		if (outcome != OUTCOME_FAIL)
			check->models |= history->predictions[i].model;
		if (outcome < check->outcome ||
			(outcome == check->outcome && fits[i].outside_ns < fits[best].outside_ns)) {
			check->outcome = outcome;
			best = i;
		}
	}
	return best;
}
