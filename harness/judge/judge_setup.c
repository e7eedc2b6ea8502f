/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "judge/checks.h"
#include "core/text_buffer.h"
#include "judge/shortfall.h"
#include "uart/at_command.h"

/* What the device answers in the setup, and the CIDs it gives. */

/* Without brackets, and without blanks at the ends. */
static void plain_answer(const char *text, char *plain, size_t size)
{
	size_t used = 0;

	for (const char *p = text; *p != '\0' && used + 1 < size; p++)
		if (*p != '[' && *p != ']' && (used > 0 || !isspace((unsigned char)*p)))
			plain[used++] = *p;
	while (used > 0 && isspace((unsigned char)plain[used - 1]))
		used--;
	plain[used] = '\0';
}

static int nth_command(const struct scenario *scenario, int connection, int nth)
{
	for (int i = 0; i < scenario->step_count; i++) {
		const struct step *step = &scenario->steps[i];
		bool counts = step->connection == connection &&
			      (step->kind == STEP_OPTION || step->kind == STEP_COMMAND ||
				      step->kind == STEP_DEVICE_SENDS);
		if (counts && nth-- == 0)
			return i;
	}
	return -1;
}

/* What the device answered to the step: a response, or a fault where it said nothing; NULL. */
static const struct event *answer_to(const struct timeline *timeline, int step)
{
	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		bool silent = event->kind == EVENT_FAULT && event->fault == FAULT_SILENT_DEVICE;
		if ((event->kind == EVENT_RESPONSE || silent) && event->step == step)
			return event;
	}
	return NULL;
}

/* The timeout that a step asks for, when it is below the floor; else 0. */
static int timeout_below_floor(const struct history *history, const struct step *step)
{
	struct at_option option = step_option(step);
	bool below = step->kind == STEP_OPTION && option.name == AT_OPTION_TIMEOUT &&
		     option.value > 0 && option.value <= INT_MAX &&
		     option.value * NS_PER_S < history->plan.count * KEEPALIVE_INTERVAL_NS;

	return below ? (int)option.value : 0;
}

static const char *asked_text(const struct step *step)
{
	return step->kind == STEP_DEVICE_SENDS ? "ESC Z" : step->text;
}

/* The answer to a command, as two checks look at it. */
struct answer_case {
	const struct step *asked;   /* NULL: the scenario has no such command */
	const struct event *answer; /* NULL: it is not in the timeline */
};

/* Adds the check of what is there instead of an answer; false when there is one. */
static bool check_no_answer(struct subject *s, const struct answer_case *c, const char *expected)
{
	struct check check = check_new(s, OUTCOME_INCONCLUSIVE);
	struct span span = {0, TIME_NEVER};

	if (c->asked == NULL) {
		check.outcome = OUTCOME_ERROR;
		check_say(&check, "the scenario has no such command for '%s'", s->history->name);
		verdict_add(s->verdict, &check);
		return true;
	}
	if (c->answer == NULL) {
		check_say(&check, "the timeline has no answer to '%s'", asked_text(c->asked));
		check_settle(s, &check, CLAIM_UART, span);
		return true;
	}
	if (c->answer->kind != EVENT_FAULT)
		return false;
	check.outcome = OUTCOME_FAIL;
	check_say(&check, "the device gave no answer to '%s', expected %s", asked_text(c->asked),
		expected);
	span.from_ns = span.to_ns = c->answer->t_ns;
	check_settle(s, &check, CLAIM_SEEN, span);
	return true;
}

static struct answer_case answer_case(const struct subject *s)
{
	int step = nth_command(&s->timeline->scenario, s->connection, s->parameters->count);
	struct answer_case c = {.asked = NULL};

	if (step >= 0) {
		c.asked = &s->timeline->scenario.steps[step];
		c.answer = answer_to(s->timeline, step);
	}
	return c;
}

/* The check of an answer that is there.  A device that clamps accepts what is below the floor. */
static void settle_answer(
	struct subject *s, const struct answer_case *c, bool right, const char *expected)
{
	struct check check = check_new(s, right ? OUTCOME_PASS : OUTCOME_FAIL);

	check_say(&check, "the device answered '%s' to '%s', expected %s", c->answer->text,
		asked_text(c->asked), expected);
	if (!right && strcmp(c->asked->text, AT_LEAVE_DATA_MODE) == 0) {
		const struct scenario *scenario = &s->timeline->scenario;
		check_say_more(&check, ": %s had not brought it into data mode",
			way_into_data_mode(scenario, (int)(c->asked - scenario->steps)));
	}
	if (right && !is_ok(c->answer) && timeout_below_floor(s->history, c->asked) > 0)
		check.models = MODELS_ALL & ~(unsigned)MODEL_E;
	check_settle(s, &check, CLAIM_UART, (struct span){c->answer->t_ns, c->answer->t_ns});
}

static void judge_answer(struct subject *s, const char *expected)
{
	struct answer_case c = answer_case(s);
	char wanted[EVENT_TEXT];

	snprintf(wanted, sizeof wanted, "'%s'", expected);
	if (!check_no_answer(s, &c, wanted))
		settle_answer(s, &c, event_is_answer(c.answer, expected), wanted);
}

/* The answer to the 'nth' (from 0) command for this connection of kind STEP_OPTION, STEP_COMMAND or
 * STEP_DEVICE_SENDS, in the order of the scenario's steps, was 'expected' ("OK", "ERROR: INVALID
 * INPUT"; compare without brackets and case). */
void check_answer(struct subject *s)
{
	judge_answer(s, s->parameters->answer);
}

/* It was OK. */
void check_accepted(struct subject *s)
{
	judge_answer(s, "OK");
}

/* It was an error, whichever one: which is characterised, not required (cases/DEVICE.md section
 * 2). */
void check_refused(struct subject *s)
{
	struct answer_case c = answer_case(s);

	if (!check_no_answer(s, &c, "an error"))
		settle_answer(s, &c, !is_ok(c.answer), "an error");
}

/* So soon after the refusal, it is the refusal that did it. */
#define TAKEN_DOWN_WITHIN_NS (30 * NS_PER_S)

/* The reboot or silence of the module before which the answer was the last that it said to anybody;
 * NULL. */
static const struct event *fell_after(const struct timeline *timeline, const struct event *answer)
{
	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		bool fell = event->kind == EVENT_FAULT &&
			    (event->fault == FAULT_REBOOT || event->fault == FAULT_SILENT_DEVICE);
		if (fell && event->from_ns > 0 && event->t_ns > answer->t_ns &&
			event->from_ns <= answer->t_ns + answer->error_ns &&
			event->t_ns - answer->t_ns <= TAKEN_DOWN_WITHIN_NS)
			return event;
	}
	return NULL;
}

/* Did the module say anything behind that answer, to this scenario or (a fault knows since when it
 * was silent) to another one? */
static bool spoke_since(const struct timeline *timeline, const struct event *answer)
{
	for (size_t i = (size_t)(answer - timeline->events) + 1; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind == EVENT_RESPONSE)
			return true;
		if (event->kind == EVENT_FAULT && event->fault == FAULT_SILENT_DEVICE &&
			event->from_ns > answer->t_ns + answer->error_ns)
			return true;
	}
	return false;
}

/* Where the nth command was refused: the module fell silent or rebooted within 30 s, and the
 * refusal was the last that it said, to this scenario or another one: fail.  Nothing was asked of
 * it since: inconclusive.  Not refused: no check. */
void check_answers_on(struct subject *s)
{
	struct answer_case c = answer_case(s);
	struct check check = check_new(s, OUTCOME_PASS);

	if (c.answer == NULL || c.answer->kind == EVENT_FAULT || is_ok(c.answer))
		return;
	const struct event *fall = fell_after(s->timeline, c.answer);
	struct span span = {c.answer->t_ns, c.answer->t_ns};
	check_say(&check, "the device refused '%s' and continued to work", asked_text(c.asked));
	if (fall != NULL) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check,
			"'%s' to '%s' was the last output of the module: it %s after it (%s)",
			c.answer->text, asked_text(c.asked),
			fall->fault == FAULT_REBOOT ? "rebooted" : "answered nothing", fall->text);
	} else if (!spoke_since(s->timeline, c.answer)) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "the device refused '%s' and sent nothing after it",
			asked_text(c.asked));
	}
	check_settle(s, &check, CLAIM_SEEN, span);
}

bool judge_accepted(const struct timeline *timeline, int connection, int nth)
{
	int step = nth_command(&timeline->scenario, connection, nth);
	const struct event *answer = step < 0 ? NULL : answer_to(timeline, step);

	return answer != NULL && answer->kind == EVENT_RESPONSE && is_ok(answer);
}

/* The answer to the nth command (see check_answer()); and, where it is an error, that the module
 * goes on (KA-CFG-21). */
void find_answer(struct subject *s)
{
	struct answer_case c = answer_case(s);
	struct fact fact = {.id = s->fact};

	/* No such step is a mistake in the case, silence a failure of the device. */
	if (check_no_answer(s, &c, "'an answer'"))
		return;
	plain_answer(c.answer->text, fact.text, sizeof fact.text);
	fact_settle(s, &fact, CLAIM_UART, (struct span){c.answer->t_ns, c.answer->t_ns});
	s->requirement = "KA-CFG-21";
	check_answers_on(s);
}

/* The answers to the nth command and all behind it: the code of each (cases/DEVICE.md 2), "?" for one in words
 * that no source knows. */
void find_answers(struct subject *s)
{
	struct fact fact = {.id = s->fact};
	struct text_buffer text = text_buffer(fact.text, sizeof fact.text);
	struct span span = {s->history->start_ns, s->history->start_ns};
	int step;

	for (int nth = s->parameters->count;
		(step = nth_command(&s->timeline->scenario, s->connection, nth)) >= 0; nth++) {
		const struct event *answer = answer_to(s->timeline, step);
		if (answer == NULL || answer->kind == EVENT_FAULT) {
			fact_unknown(s, GAP_unanswered);
			return;
		}
		text_add(&text, "%s", nth > s->parameters->count ? " " : "");
		if (answer->code >= 0 && answer->code < AT_CODE_OTHER)
			text_add(&text, "%d", (int)answer->code);
		else
			text_add(&text, "?");
		span.to_ns = answer->t_ns;
	}
	fact_settle(s, &fact, CLAIM_UART, span);
}

/* The last time the connection was to be opened: index of the first event that may answer it. */
static bool find_opening(const struct timeline *timeline, int connection, size_t *index, int *step)
{
	bool by_step = false;

	*index = 0;
	*step = -1;
	for (int i = 0; i < timeline->scenario.step_count; i++)
		by_step = by_step || (timeline->scenario.steps[i].kind == STEP_OPEN &&
					     timeline->scenario.steps[i].connection == connection);
	if (!by_step)
		return true;
	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind != EVENT_STEP || event->step < 0)
			continue;
		const struct step *done = &timeline->scenario.steps[event->step];
		if (done->kind == STEP_OPEN && done->connection == connection) {
			*index = i;
			*step = event->step;
		}
	}
	return *step >= 0;
}

static const struct event *find_opened(const struct timeline *timeline, int connection, size_t from)
{
	for (size_t i = from; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind == EVENT_OPENED && event->connection == connection)
			return event;
	}
	return NULL;
}

/* To the command that opens it, which stands behind its step and names none. */
static const struct event *answer_to_opening(
	const struct timeline *timeline, int connection, int step, size_t from)
{
	for (size_t i = from; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		bool silent = event->kind == EVENT_FAULT && event->fault == FAULT_SILENT_DEVICE;
		const bool its =
			event->step == step || (event->step < 0 && event->connection == connection);
		if ((event->kind == EVENT_RESPONSE || silent) && its)
			return event;
	}
	return NULL;
}

static void say_not_opened(
	struct check *check, const struct history *history, const struct event *answer)
{
	if (answer == NULL) {
		check_say(check, "'%s' got no CID, and no answer gives the reason", history->name);
		return;
	}
	check->outcome = OUTCOME_FAIL;
	check_say(check, "'%s' could not be opened: the device answered '%s'", history->name,
		answer->text);
}

/* The connection's last generation got a CID (STEP_OPEN after the death worked), and it is
 * 'cid_of's first one when cid_of is not NO_CONNECTION (another number is no failure, nothing says
 * which one a device takes: inconclusive, because the reuse that was wanted was not seen). */
void check_opened(struct subject *s)
{
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_INCONCLUSIVE);
	struct span span = {history->start_ns, TIME_NEVER};
	size_t index;
	int step;

	if (!find_opening(s->timeline, s->connection, &index, &step)) {
		check_say(&check, "the watch ended before '%s' was to be opened", history->name);
		check_settle(s, &check, CLAIM_UART, span);
		return;
	}
	const struct event *opened = find_opened(s->timeline, s->connection, index);
	const struct event *first = s->parameters->cid_of == NO_CONNECTION
					    ? NULL
					    : find_opened(s->timeline, s->parameters->cid_of, 0);
	const struct event *answer =
		step < 0 ? NULL : answer_to_opening(s->timeline, s->connection, step, index);
	if (opened == NULL) {
		say_not_opened(&check, history, answer);
	} else if (first != NULL && first->cid != opened->cid) {
		/* Nothing says which free number a device takes (I): it is no failure, but the case
		 * did not see what it wanted to see. */
		check_say(&check, "'%s' got CID %x, not the freed CID %x: no reuse observed",
			history->name, (unsigned)opened->cid, (unsigned)first->cid);
	} else {
		check.outcome = OUTCOME_PASS;
		check_say(&check, "'%s' got CID %x", history->name, (unsigned)opened->cid);
	}
	if (index < s->timeline->count)
		span.from_ns = s->timeline->events[index].t_ns;
	span.to_ns = opened != NULL   ? opened->t_ns
		     : answer != NULL ? answer->t_ns
				      : history->watched_ns;
	check_settle(s, &check, CLAIM_UART, span);
}

/* The end of the setup, where it came to nothing: this connection was not opened.  NULL: it came to
 * something, or what came to nothing has another cause before it. */
static const struct event *setup_ended_by(const struct timeline *timeline, int connection)
{
	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind == EVENT_START)
			return NULL;
		if (event->kind != EVENT_FAULT)
			continue;
		return event->connection == connection &&
				       (event->reason == REASON_NOT_ACCEPTED ||
					       event->reason == REASON_NOT_OPENED ||
					       event->reason == REASON_NONE_IN_USE)
			       ? event
			       : NULL;
	}
	return NULL;
}

/* An answer that comes sooner did not wait for the peer (RFC 6298: a SYN is sent again after 1 s). */
#define AT_ONCE_NS NS_PER_S

/* A refusal, and what the wire shows of the attempt. */
struct attempt {
	enum at_code code;
	int64_t answered_ns;
	const struct event *syn, *accepted,
		*reset; /* the device's SYN, the peer's, the device's RST */
	bool refused;	/* by the peer */
};

static struct attempt find_attempt(const struct timeline *timeline, const struct event *refused)
{
	struct attempt attempt = {.code = AT_CODE_NONE};

	for (const struct event *event = timeline->events; event < refused; event++) {
		if (event->connection != refused->connection)
			continue;
		if (event->kind == EVENT_RESPONSE) {
			attempt.code = event->code;
			attempt.answered_ns = event->t_ns + event->error_ns;
		}
		if (event->kind != EVENT_SEGMENT)
			continue;
		const bool rst = (event->segment.flags & TCP_FLAG_RST) != 0;
		attempt.refused |= rst && from_peer(event);
		if (rst && !from_peer(event))
			attempt.reset = event;
		else if (from_peer(event) && attempt.accepted == NULL)
			attempt.accepted = event;
		else if (!from_peer(event) && attempt.syn == NULL)
			attempt.syn = event;
	}
	return attempt;
}

/* Why the refusal of the command that opens the connection has no reason: NULL, where it may have one.  No
 * CID and no association are reasons; INVALID INPUT may be a line of which the UART lost an octet. */
static const char *baseless(const struct timeline *timeline, const struct event *refused)
{
	const struct attempt attempt = find_attempt(timeline, refused);

	if ((attempt.code != AT_CODE_ERROR && attempt.code != AT_CODE_SOCKET_FAILURE &&
		    attempt.code != AT_CODE_NOT_SUPPORTED && attempt.code != AT_CODE_OTHER) ||
		attempt.refused)
		return NULL;
	if (attempt.syn == NULL)
		return attempt.accepted == NULL ? "no SYN came" : NULL;
	if (attempt.accepted == NULL)
		return attempt.answered_ns - attempt.syn->t_ns < AT_ONCE_NS
			       ? "the answer of the peer was not awaited"
			       : NULL;
	/* Its RST shows that it was reached by the peer's SYN. */
	return attempt.reset != NULL && attempt.accepted->t_ns - attempt.syn->t_ns < AT_ONCE_NS
		       ? "the peer had accepted it at once"
		       : NULL;
}

/* AT+NCTCP leads to a SYN, and a listener whose AT+NSTCP was answered OK accepts who dials it.  Of
 * the connection's first opening, in the setup. */
void check_connects(struct subject *s)
{
	const struct timeline *timeline = s->timeline;
	const struct event *refused = setup_ended_by(timeline, s->connection);
	struct check check = check_new(s, OUTCOME_INCONCLUSIVE);
	struct span span = {s->history->start_ns, s->history->start_ns};

	if (refused != NULL && refused->reason == REASON_NOT_ACCEPTED) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check, "%.200s, though AT+NSTCP was answered OK", refused->text);
	} else if (refused != NULL && refused->reason == REASON_NONE_IN_USE) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check, "%.200s", refused->text);
	} else if (refused != NULL && baseless(timeline, refused) != NULL) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check, "%.200s, and %s", refused->text, baseless(timeline, refused));
	} else if (find_opened(timeline, s->connection, 0) != NULL) {
		check.outcome = OUTCOME_PASS;
		check_say(&check, "'%s' was opened", s->history->name);
	} else {
		check_say(&check, "'%s' was not opened", s->history->name);
	}
	/* Of what AT+NAUTO and ATA do, nothing says that a module has to do it. */
	if (check.outcome == OUTCOME_FAIL &&
		timeline->scenario.connections[s->connection].data_mode)
		check.outcome = OUTCOME_INCONCLUSIVE;
	if (check.outcome == OUTCOME_FAIL && s->profile->lossy_air)
		check_excuse(&check, "frames may have been lost in the air");
	check_settle(s, &check, CLAIM_SEEN, span);
}

unsigned judge_models_of_run(const struct verdict *const *verdicts, size_t count)
{
	unsigned models = MODELS_ALL;

	for (size_t i = 0; i < count; i++)
		if (verdicts[i] != NULL && (verdicts[i]->outcome == OUTCOME_PASS ||
						   verdicts[i]->outcome == OUTCOME_MARGINAL))
			models &= verdicts[i]->models;
	return models;
}
