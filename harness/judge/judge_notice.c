/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include <string.h>

#include "judge/checks.h"
#include "uart/at_command.h"

/* What the UART says when a connection ends. */

struct notices {
	const struct event *own; /* the first one */
	int own_count;
	const struct event *foreign; /* the first, after the death, that belongs to no connection */
	const struct event *early;   /* the same, before it */
};

/* A second notice comes when the bench has taken the CID from the connection: the number tells. */
static bool is_own(const struct history *history, const struct event *event)
{
	if (event->connection == NO_CONNECTION)
		return event->cid >= 0 && event->cid == history->cid;
	return history_owns(history, event) &&
	       (event->cid == history->cid || event->cid < 0 || history->cid < 0);
}

static struct notices find_notices(const struct history *history, size_t death_index)
{
	struct notices notices = {.own = NULL};

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *event = &history->timeline->events[i];
		if (!is_death_notice(event) || history_denies_notice(history, i))
			continue;
		if (is_own(history, event)) {
			notices.own = notices.own == NULL ? event : notices.own;
			notices.own_count++;
		} else if (event->connection != NO_CONNECTION && !history_owns(history, event)) {
			continue;
		} else if (i >= death_index) {
			notices.foreign = notices.foreign == NULL ? event : notices.foreign;
		} else {
			notices.early = notices.early == NULL ? event : notices.early;
		}
	}
	return notices;
}

/* Since when a command keeps the UART busy at the end of the watch; TIME_NEVER when none does. */
static int64_t busy_since(const struct history *history)
{
	const struct timeline *timeline = history->timeline;
	int64_t since = TIME_NEVER;

	for (size_t i = 0; i < history->end; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind == EVENT_COMMAND)
			since = event->t_ns;
		else if (event->kind == EVENT_RESPONSE ||
			 (event->kind == EVENT_FAULT && event->fault == FAULT_SILENT_DEVICE))
			since = TIME_NEVER;
	}
	return since;
}

/* By when a silent peer would have been declared dead by the slowest model that is allowed. */
static int64_t death_deadline(const struct history *history, const struct idle *silence)
{
	int64_t latest = 0;

	for (size_t i = 0; i < history->prediction_count; i++) {
		int64_t dead =
			idle_window(history, silence->anchor, history->predictions[i].dead).to_ns;
		latest = dead > latest ? dead : latest;
	}
	return silence->anchor->t_ns + silence->anchor->error_ns + latest;
}

struct notice_case {
	const struct subject *subject;
	const struct history *history; /* the subject's */
	const struct event *wire_end;  /* NULL */
	struct notices notices;
};

/* There is no notice at all.  Was one due, and would it have been seen? */
static struct span judge_missing(const struct notice_case *c, struct check *check)
{
	const struct history *history = c->history;
	const struct idle *silence = c->subject->silence;
	const struct death *death = c->subject->death;
	const int64_t within_ns = c->subject->parameters->time_ns;
	struct span span = {history->timeline->events[history->begin].t_ns, history->watched_ns};
	bool listed_gone = death->sign == SIGN_LISTING;

	/* A listing behind the watch says nothing of when: there it is the deadline that counts. */
	const bool in_watch = listed_gone && death->index < history->end;
	const struct event *end = c->wire_end != NULL ? c->wire_end
				  : in_watch	      ? death->event
						      : NULL;
	if (end != NULL) {
		span = (struct span){
			end->t_ns, end->t_ns + end->error_ns + within_ns +
					   round_trips_bound(&history->timeline->uart) +
					   leg_tolerance(history->profile, within_ns)};
	} else if (silence->anchor != NULL) {
		span = (struct span){
			silence->anchor->t_ns, death_deadline(history, silence) + within_ns};
	}
	if (end == NULL && silence->anchor == NULL) {
		check->outcome = OUTCOME_INCONCLUSIVE;
		check_say(check, "no notice, and no event that requires one was recorded");
		return span;
	}
	if (check_unwatched(check, history, span, "no notice yet"))
		return span;
	if (busy_since(history) <= span.to_ns) {
		check->outcome = OUTCOME_INCONCLUSIVE;
		check_say(check,
			"no notice, but a command was in progress on the UART from %.1f s on",
			in_s(busy_since(history) - history->start_ns));
		return span;
	}
	check->outcome = OUTCOME_FAIL;
	if (c->wire_end != NULL) {
		check_say(check, "no notice on the UART in %.1f s after the end on the wire (%s)",
			in_s(history->watched_ns - c->wire_end->t_ns),
			(c->wire_end->segment.flags & TCP_FLAG_RST) != 0 ? "RST" : "FIN");
		check_expect(check, LEG(LEG_WIRE_TO_NOTICE), c->wire_end->t_ns,
			(struct window){0, span.to_ns - span.from_ns});
	} else if (listed_gone)
		check_say(check,
			"no notice on the UART, although the CID is gone from " AT_LINE_LIST_CIDS);
	else
		check_say(check,
			"no notice on the UART in %.1f s after the last received segment, and no other sign of a death",
			in_s(history->watched_ns - silence->anchor->t_ns));
	if (end == NULL)
		check_doubt(check, history, silence);
	return span;
}

/* Did the peer speak between the notice and the end on the wire?  Then that end is an answer to it,
 * and not what the notice is about. */
static bool is_after_the_fact(const struct notice_case *c)
{
	const struct event *events = c->history->timeline->events;

	if (c->notices.own == NULL || c->notices.own > c->wire_end)
		return false;
	for (size_t i = (size_t)(c->notices.own - events); &events[i] <= c->wire_end; i++) {
		const struct event *segment = history_segment(c->history, i);
		if (segment != NULL && from_peer(segment))
			return true;
	}
	return false;
}

/* Had the device that long to tell of the end since it acknowledged it? */
static bool was_heard_in_time(const struct notice_case *c)
{
	const struct history *history = c->history;
	const struct event *heard = end_acknowledged(history, c->wire_end);
	const struct event *notice = c->notices.own;
	const int64_t until_ns = notice == NULL ? history->watched_ns - history->watched_error_ns
						: notice->t_ns - notice->error_ns;
	const int64_t within_ns = c->subject->parameters->time_ns;

	return heard != NULL && until_ns - heard->t_ns - heard->error_ns >
					within_ns + leg_tolerance(history->profile, within_ns) +
						round_trips_bound(&history->timeline->uart);
}

/* Where the profile says that frames are lost, the device may not have heard the end that the peer
 * sent. */
static void excuse_unheard_end(const struct notice_case *c, struct check *check)
{
	if (check->outcome != OUTCOME_FAIL || !c->history->profile->lossy_air ||
		c->wire_end == NULL || !from_peer(c->wire_end) || was_heard_in_time(c))
		return;
	check_lost(check, "it may have been lost in the air");
}

/* Where frames are lost, the end that the device sent may have waited for ARP, behind its
 * notice. */
static void excuse_held_back(const struct notice_case *c, struct check *check, int64_t leg,
	int64_t error, struct window window)
{
	if (check->outcome != OUTCOME_FAIL ||
		leg_outcome(leg, error, held_back_window(c->history, window)) == OUTCOME_FAIL)
		return;
	check_excuse(check, "a frame may have been held back in the air");
}

/* The notice came: with what delay after the end on the wire? */
static struct span judge_delay(const struct notice_case *c, struct check *check)
{
	const struct history *history = c->history;
	const struct event *notice = c->notices.own;
	struct span span = {notice->t_ns, notice->t_ns};

	if (c->wire_end == NULL) {
		check_say(check, "notice '%s', but no end on the wire to measure it from",
			notice->text);
		return span;
	}
	int64_t from = c->wire_end->t_ns;
	bool waited = notice->from_ns > from && notice->from_ns <= notice->t_ns;
	if (waited)
		from = notice->from_ns;
	int64_t leg = notice->t_ns - from;
	int64_t error = notice->error_ns + c->wire_end->error_ns;
	struct window window =
		leg_window(history->profile, (struct window){0, c->subject->parameters->time_ns});
	window.to_ns += round_trips_bound(&history->timeline->uart);
	check_measure(check, LEG(LEG_WIRE_TO_NOTICE), leg, error, window);
	check_begins(check, from);
	check->outcome = leg_outcome_between(leg, error, c->wire_end->error_ns, window);
	/* An adapter hands on at once at best: a notice with the end is not on an edge. */
	if (check->outcome == OUTCOME_INCONCLUSIVE && leg < 0)
		check->outcome = OUTCOME_MARGINAL;
	check_say(check, "the notice ('%s') %.3f s after %s; expected within %g s", notice->text,
		in_s(leg), waited ? "the UART was free for it" : "the end on the wire",
		in_s(c->subject->parameters->time_ns));
	excuse_held_back(c, check, leg, error, window);
	span.from_ns = c->wire_end->t_ns;
	return span;
}

/* The line that the profile pins for what ended the connection, AT_CODE_NONE where it pins none (the
 * lines are I in cases/DEVICE.md: recorded, unless they are pinned). */
static enum at_code pinned_code(const struct notice_case *c)
{
	enum fact_id what = FACT_notice_abort;

	if (c->wire_end != NULL && from_peer(c->wire_end))
		what = (c->wire_end->segment.flags & TCP_FLAG_RST) != 0 ? FACT_notice_rst
									: FACT_notice_fin;
	const char *pin = profile_pin(c->history->profile, what);
	if (pin == NULL)
		return AT_CODE_NONE;
	return strcmp(pin, "disconnect") == 0	    ? AT_CODE_DISCONNECT
	       : strcmp(pin, "socket-failure") == 0 ? AT_CODE_SOCKET_FAILURE
						    : AT_CODE_NONE;
}

static void say_foreign(struct check *check, const struct event *notice, int cid)
{
	if (notice->cid < 0)
		check_say(check, "the notice '%s' names no CID, expected CID %x", notice->text,
			(unsigned)cid);
	else
		check_say(check,
			"the notice '%s' names CID %x, which is no CID of the scenario; expected CID %x",
			notice->text, (unsigned)notice->cid, (unsigned)cid);
}

/* What a notice that was seen is enough to condemn. */
static bool judge_wrong(struct subject *s, const struct notice_case *c)
{
	struct check check = check_new(s, OUTCOME_FAIL);
	const struct notices *notices = &c->notices;
	const struct event *foreign = notices->foreign, *wrong = notices->own;
	const enum at_code pinned = pinned_code(c);

	if (foreign == NULL && notices->own == NULL)
		foreign = notices->early;
	if (notices->own_count > 1) {
		check_say(
			&check, "%d notices for one connection, expected one", notices->own_count);
	} else if (foreign != NULL) {
		say_foreign(&check, foreign, c->history->cid);
		wrong = foreign;
	} else if (wrong != NULL && pinned != AT_CODE_NONE && wrong->code != pinned) {
		check_say(&check, "the notice is '%s', the profile pins '%s'", wrong->text,
			at_code_text(pinned));
	} else {
		return false;
	}
	if (wrong == NULL) /* two of its own are not without one */
		return false;
	check_settle(s, &check, CLAIM_UART, (struct span){wrong->t_ns, wrong->t_ns});
	return true;
}

/* The connection's end, with what the UART said of it. */
static struct notice_case notice_case(const struct subject *s)
{
	const struct history *history = s->history;
	struct notice_case c = {.subject = s, .history = history};
	size_t end_index = 0;

	c.wire_end = history_wire_end(history, &end_index);
	c.notices = find_notices(history, c.wire_end != NULL ? end_index : history->begin);
	if (c.wire_end != NULL && is_after_the_fact(&c))
		c.wire_end = NULL;
	return c;
}

/* Exactly one notice (DISCONNECT or SOCKET FAILURE) with the connection's own CID, not before its
 * death on the wire, within within_ns of it (counted from when the UART was free), and none with a
 * CID that is none of the scenario's living connections'. */
void check_notice_once(struct subject *s)
{
	struct notice_case c = notice_case(s);
	struct check check = check_new(s, OUTCOME_PASS);
	struct span span;

	if (judge_wrong(s, &c))
		return;
	if (c.notices.own == NULL) {
		span = judge_missing(&c, &check);
		excuse_unheard_end(&c, &check);
		check_settle(s, &check, CLAIM_UART, span);
		return;
	}
	span = judge_delay(&c, &check);
	excuse_unheard_end(&c, &check);
	/* That there was no second one holds for what was watched. */
	if (check.outcome == OUTCOME_PASS || check.outcome == OUTCOME_MARGINAL)
		span.to_ns = c.history->watched_ns;
	check_settle(s, &check, CLAIM_UART, span);
}

/* The notice came within within_ns of the end on the wire, or of when the UART was free for it. */
void check_notice_soon(struct subject *s)
{
	struct notice_case c = notice_case(s);
	struct check check = check_new(s, OUTCOME_PASS);

	struct span span =
		c.notices.own == NULL ? judge_missing(&c, &check) : judge_delay(&c, &check);
	excuse_unheard_end(&c, &check);
	/* Too early is another s->requirement's. */
	if (check.outcome == OUTCOME_FAIL && check.measured && check.measured_ns < 0)
		check.outcome = OUTCOME_PASS;
	check_settle(s, &check, CLAIM_UART, span);
}

/* The notice did not come before the RST or FIN that ends the connection. */
void check_notice_after_the_end(struct subject *s)
{
	struct notice_case c = notice_case(s);
	struct check check = check_new(s, OUTCOME_PASS);

	const struct event *notice = c.notices.own;
	struct span span = {s->timeline->events[c.history->begin].t_ns, c.history->watched_ns};
	if (notice == NULL) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "no notice came whose time could be checked");
	} else if (c.wire_end == NULL) {
		check_say(&check, "a notice came, but no end on the wire to compare it with");
		span.to_ns = notice->t_ns;
	} else {
		int64_t leg = notice->t_ns - c.wire_end->t_ns;
		int64_t error = notice->error_ns + c.wire_end->error_ns;
		struct window window = leg_window(s->profile, (struct window){0, 0});
		/* How late it may be is another s->requirement's: far enough behind to be no edge. */
		window.to_ns = (leg > 0 ? 2 * leg : 0) + 2 * error + NS_PER_S;
		check.outcome = leg_outcome_between(leg, error, c.wire_end->error_ns, window);
		check_say(&check, "the notice ('%s') came %.3f s %s the end on the wire",
			notice->text, in_s(leg < 0 ? -leg : leg), leg < 0 ? "before" : "after");
		excuse_held_back(&c, &check, leg, error, window);
		span = (struct span){c.wire_end->t_ns, notice->t_ns};
		if (leg < 0)
			span = (struct span){notice->t_ns, c.wire_end->t_ns};
	}
	check_settle(s, &check, CLAIM_LEG, span);
}

/* Was the module told to answer in words again before the notice came? */
static bool is_in_words_again(const struct history *history, const struct event *notice)
{
	for (const struct event *event = notice; event-- > history->timeline->events;)
		if (event->kind == EVENT_COMMAND && event->command != AT_COMMAND_OTHER)
			return event->command == AT_COMMAND_VERBOSE;
	return false;
}

/* The notice came as a number (ATV0). */
void check_notice_as_number(struct subject *s)
{
	struct notice_case c = notice_case(s);
	struct check check = check_new(s, OUTCOME_PASS);

	const struct event *notice = c.notices.own;
	struct span span = {s->timeline->events[c.history->begin].t_ns, c.history->watched_ns};
	if (notice == NULL) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "no notice came that could be numeric");
	} else if (is_in_words_again(c.history, notice)) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "no notice came while answers were numeric");
	} else {
		const bool numeric = notice->form == AT_FORM_NUMERIC;
		span.from_ns = span.to_ns = notice->t_ns;
		check.outcome = numeric ? OUTCOME_PASS : OUTCOME_FAIL;
		check_say(&check, "the notice ('%s') came %s, expected a number", notice->text,
			numeric ? "as a number" : "in words");
	}
	check_settle(s, &check, CLAIM_UART, span);
}

/* No notice for this connection in the whole watch. */
void check_no_notice(struct subject *s)
{
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_PASS);

	struct span span = {s->timeline->events[history->begin].t_ns, history->watched_ns};
	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *event = &s->timeline->events[i];
		if (!is_death_notice(event) || !history_owns(history, event))
			continue;
		const struct death *death = s->death;
		check.outcome = OUTCOME_FAIL;
		check_say(&check, "notice '%s' came at %.1f s, expected none", event->text,
			in_s(event->t_ns - history->start_ns));
		if (lost_frames_kill(history, death))
			check_lost(&check, "frames lost in the air explain the death");
		span.to_ns = event->t_ns;
		check_settle(s, &check, CLAIM_UART, span);
		return;
	}
	/* The claim is about what was watched, however long, to the end of its own error. */
	span.to_ns -= history->watched_error_ns;
	if (!check_unwatched(&check, history, span, "no notice yet"))
		check_say(&check, "no notice in %.1f s", in_s(history->watched_ns - span.from_ns));
	check_settle(s, &check, CLAIM_UART, span);
}

/* The connection whose listener it shares, or itself. */
static int listener_of(const struct scenario *scenario, int connection)
{
	const int shares = scenario->connections[connection].shares;

	return shares > 0 ? shares - 1 : connection;
}

/* A notice that names the listener of the connection, which accepts one after that; NULL. */
static const struct event *listener_told_dead(const struct history *history)
{
	const struct timeline *timeline = history->timeline;
	const struct event *notice = NULL;

	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind == EVENT_NOTICE && event->of_listener &&
			event->connection == history->connection && notice == NULL)
			notice = event;
		if (notice != NULL && event->kind == EVENT_OPENED &&
			listener_of(&timeline->scenario, event->connection) ==
				listener_of(&timeline->scenario, history->connection))
			return notice;
	}
	return NULL;
}

/* No notice came for the connection while the wire shows it alive, and none of the listener that
 * accepts others after it.  A claim of what was seen: what came later cannot be missing. */
void check_no_notice_while_alive(struct subject *s)
{
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_PASS);
	struct span span = {s->timeline->events[history->begin].t_ns, history->watched_ns};

	check_say(&check, "no notice while the wire shows the connection alive");
	const struct event *listener = listener_told_dead(history);
	if (listener != NULL) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check,
			"the notice '%s' came at %.1f s, but the listener with CID %x accepted a connection later",
			listener->text, in_s(listener->t_ns - history->start_ns),
			(unsigned)listener->cid);
		span.from_ns = span.to_ns = listener->t_ns;
	}
	for (size_t i = history->begin; i < history->end && listener == NULL; i++) {
		const struct event *event = &s->timeline->events[i];
		if (!history_denies_notice(history, i))
			continue;
		check.outcome = OUTCOME_FAIL;
		check_say(&check,
			"the notice '%s' came at %.1f s, but wire or list show CID %x alive later",
			event->text, in_s(event->t_ns - history->start_ns), (unsigned)history->cid);
		span.from_ns = span.to_ns = event->t_ns;
		break;
	}
	check_settle(s, &check, CLAIM_UART, span);
}
