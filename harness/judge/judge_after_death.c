/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include <stdio.h>
#include <string.h>

#include "judge/checks.h"
#include "uart/at_command.h"

/* What has to hold once a connection is dead. */

/* A check that needs a death to look behind: says so when there was none. */
static bool no_death(struct subject *s, const struct death *death)
{
	struct check check = check_new(s, OUTCOME_INCONCLUSIVE);

	if (death->sign != SIGN_NONE)
		return false;
	check_say(&check, "no death was recorded, so nothing after it can be checked");
	check_settle(s, &check, CLAIM_ABSENCE,
		(struct span){s->timeline->events[s->history->begin].t_ns, s->history->watched_ns});
	return true;
}

/* A device without the connection answers what still comes with RST; a closing one acknowledges. */
static bool is_reaction(const struct event *segment, int unanswered)
{
	return unanswered > 0 && (segment->segment.flags & (TCP_FLAG_RST | TCP_FLAG_ACK)) != 0 &&
	       !is_probe(segment) && segment->segment.length == 0;
}

/* Was the last segment before event 'index' the peer's?  Then the device's answer is still due. */
static bool peer_spoke_last(const struct history *history, size_t index)
{
	for (size_t i = index; i-- > history->begin;) {
		const struct event *segment = history_segment(history, i);
		if (segment != NULL)
			return from_peer(segment);
	}
	return false;
}

/* The device's OK to the command that closes the connection, where it comes before any other sign
 * of the end. */
static void begin_at_close(const struct history *history, struct death *death)
{
	const struct timeline *timeline = history->timeline;

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *event = &timeline->events[i];
		if (death->sign != SIGN_NONE && event->t_ns >= death->t_ns - death->error_ns)
			return;
		if (event->kind != EVENT_RESPONSE || event->step < 0 ||
			!history_owns(history, event) ||
			timeline->scenario.steps[event->step].kind != STEP_CLOSE || !is_ok(event))
			continue;
		*death = (struct death){.sign = SIGN_CLOSED,
			.event = event,
			.index = i,
			.t_ns = event->t_ns,
			.error_ns = event->error_ns,
			.commanded = true};
		return;
	}
}

/* The first segment from the device after its death that nothing explains. */
static const struct event *segment_after_death(
	const struct history *history, const struct death *death)
{
	const uint8_t ends = TCP_FLAG_RST | TCP_FLAG_FIN;
	bool declared = death->sign == SIGN_RST || death->sign == SIGN_FIN;
	const struct event *end = death->event, *explained = death->event;
	/* Segments of the peer's that may still draw one each: several may be on their way. */
	int unanswered = peer_spoke_last(history, death->index);

	for (size_t i = death->index + 1; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL || segment == death->event || is_copy(history, segment, end) ||
			is_copy(history, segment, explained))
			continue;
		if (from_peer(segment)) {
			unanswered++;
			continue;
		}
		/* A notice may be a moment ahead of the RST or FIN that declares the death. */
		bool declares = !declared && (segment->segment.flags & ends) != 0;
		declared = declared || declares;
		end = declares ? segment : end;
		/* What was sent before a close is still delivered; then comes the FIN. */
		bool delivers = death->sign == SIGN_CLOSED && !declared && !is_probe(segment);
		if (!declares && !delivers && !is_reaction(segment, unanswered))
			return segment;
		explained = segment;
		unanswered -= !declares && unanswered > 0;
	}
	return NULL;
}

/* After the death no segment of the connection from the device (the RST that declares it aside),
 * for as long as was watched, at least for_ns. */
void check_no_segment_after_death(struct subject *s)
{
	const struct history *history = s->history;
	struct death from_close = *s->death;
	const struct death *death = &from_close;
	struct check check = check_new(s, OUTCOME_PASS);

	begin_at_close(history, &from_close);
	if (no_death(s, death))
		return;
	const struct event *segment = segment_after_death(history, death);
	struct span span = {death->t_ns, death->t_ns + s->parameters->time_ns};
	if (segment != NULL) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check, "a segment (%s) came from the device %.2f s after its death (%s)",
			segment_role_name(segment->segment.role), in_s(segment->t_ns - death->t_ns),
			death_sign_name(death->sign));
		check_settle(s, &check, CLAIM_SEEN, span);
		return;
	}
	/* The watch is timed by the bench, the death by its sign: they differ by the tolerance.  A
	 * sign that only bounds the time of the death makes the watch shorter, not longer. */
	int64_t watched = history->watched_ns - death->t_ns;
	int64_t slack = leg_tolerance(s->profile, s->parameters->time_ns) +
			history->watched_error_ns + death->event->error_ns;
	if (!history->watched || watched + slack < s->parameters->time_ns) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "no segment after the death (%s) yet: watched %.1f of %.1f s",
			death_sign_name(death->sign), history->watched ? in_s(watched) : 0.0,
			in_s(s->parameters->time_ns));
	} else {
		span.to_ns = history->watched_ns;
		check_say(&check, "no segment from the device in %.1f s after its death (%s)",
			in_s(watched), death_sign_name(death->sign));
	}
	check_settle(s, &check, CLAIM_ABSENCE, span);
}

/* The connection that was given this one's CID after event 'index'; NULL when none was. */
static const struct event *cid_given_again(const struct history *history, size_t index)
{
	for (size_t i = index + 1; i < history->timeline->count; i++) {
		const struct event *event = &history->timeline->events[i];
		if (event->kind == EVENT_OPENED && event->cid == history->cid)
			return event;
	}
	return NULL;
}

/* After the death the CID is in no listing any more (at least one listing is needed). */
void check_cid_freed(struct subject *s)
{
	const struct history *history = s->history;
	const struct death *death = s->death;
	struct check check = check_new(s, OUTCOME_INCONCLUSIVE);
	const struct event *listing = NULL;

	if (no_death(s, death))
		return;
	struct span span = {death->t_ns, death->t_ns};
	const struct event *again = cid_given_again(history, death->index);
	for (size_t i = death->index; i < s->timeline->count; i++) {
		const struct event *event = &s->timeline->events[i];
		if (event->kind != EVENT_LISTING || !history_owns(history, event))
			continue;
		/* It may have been on its way when the s->connection died. */
		if (event->listed && event->t_ns <= death->t_ns + death->error_ns + NS_PER_S)
			continue;
		if (listing == NULL || event->listed)
			listing = event;
	}
	if (again != NULL) {
		check.outcome = OUTCOME_PASS;
		check_say(&check,
			"CID %x was assigned to the next connection %.1f s after the death",
			(unsigned)history->cid, in_s(again->t_ns - death->t_ns));
	} else if (listing == NULL) {
		check_say(&check, "no answer to " AT_LINE_LIST_CIDS " after the death");
	} else if (listing->listed) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check,
			AT_LINE_LIST_CIDS " still shows CID %x %.1f s after the death (%s)",
			(unsigned)history->cid, in_s(listing->t_ns - death->t_ns),
			death_sign_name(death->sign));
	} else {
		check.outcome = OUTCOME_PASS;
		check_say(&check, AT_LINE_LIST_CIDS " no longer shows CID %x after the death",
			(unsigned)history->cid);
	}
	if (listing != NULL)
		span.to_ns = listing->t_ns;
	check_settle(s, &check, CLAIM_UART, span);
}

void judge_configuration_finding(struct subject *s, const char *requirement)
{
	const struct idle *silence = &s->generations[GENERATION_ACTED_ON].silence;
	struct finding finding = {.severity = SEVERITY_WARNING};

	if (s->generations[GENERATION_ACTED_ON].history.plan.count != 1 || silence->probes != 1 ||
		!silence->dead)
		return;
	snprintf(finding.requirement, sizeof finding.requirement, "%s", requirement);
	snprintf(finding.text, sizeof finding.text,
		"with a count of 1 a single unanswered probe ended the connection after %.1f s: one lost frame is enough, and RFC 9293 MUST-29 forbids this",
		in_s(silence->end_ns - silence->probe->t_ns));
	verdict_add_finding(s->verdict, &finding);
}

/* A segment that the peer sent after the death drew RST within within_ns (RFC 9293 3.10.7.1). */
void check_late_segment_reset(struct subject *s)
{
	const struct history *history = s->history;
	const struct death *death = s->death;
	struct check check = check_new(s, OUTCOME_INCONCLUSIVE);
	const struct event *late = NULL, *reset = NULL;

	if (no_death(s, death))
		return;
	for (size_t i = death->index + 1; i < history->end && reset == NULL; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL || segment->t_ns <= death->t_ns + death->error_ns)
			continue;
		if (from_peer(segment) && (segment->segment.flags & TCP_FLAG_RST) == 0)
			late = late == NULL ? segment : late;
		else if (!from_peer(segment) && late != NULL &&
			 (segment->segment.flags & TCP_FLAG_RST) != 0)
			reset = segment;
	}
	struct span span = {death->t_ns, history->watched_ns};
	if (late == NULL) {
		check_say(&check, "the peer sent nothing after the death");
	} else if (reset != NULL) {
		check.outcome = OUTCOME_PASS;
		span = (struct span){late->t_ns, reset->t_ns};
		check_say(&check, "a segment of the peer %.1f s after the death drew RST",
			in_s(late->t_ns - death->t_ns));
	} else {
		span = (struct span){late->t_ns, late->t_ns + s->parameters->time_ns};
		if (!check_unwatched(&check, history, span, "no RST yet")) {
			/* One frame may be lost in the air. */
			check.outcome =
				frames_may_be_lost(history) ? OUTCOME_INCONCLUSIVE : OUTCOME_FAIL;
			check.lost_frames = frames_may_be_lost(history);
			check_say(&check,
				"a segment of the peer %.1f s after the death drew no RST in %.1f s",
				in_s(late->t_ns - death->t_ns), in_s(s->parameters->time_ns));
		}
	}
	check_settle(s, &check, CLAIM_ABSENCE, span);
}

/* So soon after an end, it is the end that did it. */
#define CAUSED_WITHIN_NS (30 * NS_PER_S)

/* Did something end, by keep-alive or by AT+NCLOSE, not long before event 'index'? */
static bool ended_before(const struct timeline *timeline, size_t index, int64_t within_ns)
{
	for (size_t i = index; i-- > 0;) {
		const struct event *event = &timeline->events[i];
		if (timeline->events[index].t_ns - event->t_ns > within_ns)
			return false;
		if (is_death_notice(event))
			return true;
		if (event->kind == EVENT_STEP && event->step >= 0 &&
			timeline->scenario.steps[event->step].kind == STEP_CLOSE)
			return true;
		if (event->kind == EVENT_SEGMENT && !from_peer(event) &&
			(event->segment.flags & TCP_FLAG_RST) != 0)
			return true;
	}
	return false;
}

/* After connections ended, the module answers commands, and did not reboot soon after an end.  Of
 * all connections of the scenario. */
void check_module_goes_on(struct subject *s)
{
	const struct timeline *timeline = s->timeline;
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_PASS);
	const struct event *answer = NULL;

	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		bool gone = event->kind == EVENT_FAULT &&
			    (event->fault == FAULT_REBOOT || event->fault == FAULT_SILENT_DEVICE);
		/* A reboot that was noticed later may have been before the end. */
		bool when = event->fault != FAULT_REBOOT || event->from_ns <= 0 ||
			    event->t_ns - event->from_ns <= CAUSED_WITHIN_NS;
		if (gone && when && ended_before(timeline, i, CAUSED_WITHIN_NS)) {
			check.outcome = OUTCOME_FAIL;
			check_say(&check,
				"after the end of connections the module %s at %.1f s (%s)",
				event->fault == FAULT_REBOOT ? "rebooted" : "did not answer",
				in_s(event->t_ns - history->start_ns), event->text);
			check_settle(
				s, &check, CLAIM_SEEN, (struct span){event->t_ns, event->t_ns});
			return;
		}
		if (event->kind == EVENT_RESPONSE && ended_before(timeline, i, TIME_NEVER))
			answer = event;
	}
	struct span span = {timeline->events[history->begin].t_ns, history->watched_ns};
	if (answer == NULL) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "no connection ended, or no command was sent after it");
	} else {
		check_say(&check,
			"after the end of connections the module answers ('%s') and did not reboot",
			answer->text);
	}
	check_settle(s, &check, CLAIM_UART, span);
}

/* The peer dialled the module's listener (STEP_PEER_DIALS) and was accepted within within_ns. */
void check_dialled(struct subject *s)
{
	const struct timeline *timeline = s->timeline;
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_INCONCLUSIVE);
	const struct event *dialled = NULL, *opened = NULL, *refused = NULL;

	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->connection != s->connection)
			continue;
		/* The setup waits for what is accepted, and says so when nothing was. */
		if (event->kind == EVENT_FAULT && event->reason == REASON_NOT_ACCEPTED)
			refused = event;
		if (event->kind == EVENT_STEP && event->step >= 0 &&
			timeline->scenario.steps[event->step].kind == STEP_PEER_DIALS) {
			dialled = event;
			opened = NULL;
		}
		if (event->kind == EVENT_OPENED && dialled != NULL)
			opened = event;
	}
	struct span span = {history->start_ns, history->watched_ns};
	if (refused != NULL) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check, "%.200s", refused->text);
	} else if (dialled == NULL) {
		check_say(&check, "the watch ended before the peer was due to connect");
	} else if (opened != NULL) {
		check.outcome = OUTCOME_PASS;
		span = (struct span){dialled->t_ns, opened->t_ns};
		check_say(&check, "the peer connected and was accepted as CID %x after %.2f s",
			(unsigned)opened->cid, in_s(opened->t_ns - dialled->t_ns));
	} else {
		span = (struct span){dialled->t_ns, dialled->t_ns + s->parameters->time_ns};
		if (!check_unwatched(&check, history, span, "not accepted yet")) {
			check.outcome = OUTCOME_FAIL;
			check_say(&check, "the peer connected and was not accepted in %.1f s",
				in_s(s->parameters->time_ns));
		}
	}
	if (check.outcome == OUTCOME_FAIL && s->profile->lossy_air)
		check_lost(&check, "its SYN or the answer may have been lost in the air");
	check_settle(s, &check, refused != NULL ? CLAIM_SEEN : CLAIM_UART, span);
}

/* ---- the module breaks down again ---- */

/* Was it the RST of a device that ends a connection which came last before it?  Acknowledgements
 * between are nothing that the module could break down at. */
static bool is_of_a_death(const struct timeline *timeline, const struct event *fault)
{
	bool death = false;

	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		const bool sent =
			event->kind == EVENT_SEGMENT && event->segment.direction == FROM_DEVICE;
		if (event->t_ns > fault->t_ns)
			continue;
		if (sent && event->segment.role == ROLE_RST)
			death = true;
		else if (event->kind == EVENT_COMMAND || (sent && is_probe(event)))
			death = false;
	}
	return death;
}

/* What a breakdown of the module's breaks; a requirement of the case's, where nothing is known. */
static const char *broken_by(
	const struct timeline *timeline, const struct event *fault, const char *of_case)
{
	if (fault->reason == REASON_DENIES_ASSOCIATION)
		return "KA-OPEN-02";
	if (fault->reason == REASON_UNANSWERED)
		return "KA-CFG-21";
	if (is_of_a_death(timeline, fault))
		return "KA-AFTER-08";
	return fault->reason == REASON_PROGRAM_CRASHED ? "KA-CFG-21" : of_case;
}

void judge_provoked(
	struct verdict *verdict, const struct timeline *timeline, const char *requirement)
{
	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind != EVENT_FAULT || event->fault != FAULT_PROVOKED)
			continue;
		struct check check = {.outcome = OUTCOME_FAIL, .models = MODELS_ALL};
		snprintf(check.requirement, sizeof check.requirement, "%s",
			broken_by(timeline, event, requirement));
		check_say(&check, "%s", event->text);
		verdict_add(verdict, &check);
	}
}
