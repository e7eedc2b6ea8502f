/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include "judge/checks.h"
#include "uart/at_command.h"

/* A peer that forgot the connection answers a probe with RST, or ends it of its own accord: that
 * ends it at once. */

struct reset_case {
	const struct history *history;
	uint8_t flags;		     /* what ends it: RST, or FIN as well */
	const struct event *probe;   /* the last before the end */
	const struct event *reset;   /* the RST or FIN */
	const struct event *again;   /* a probe after it; NULL */
	const struct event *notice;  /* after it; NULL */
	const struct event *listing; /* the last one; NULL */
	int resets;		     /* RSTs and FINs of the peer */
};

static const char *end_word(const struct event *end)
{
	return (end->segment.flags & TCP_FLAG_RST) != 0 ? "RST" : "FIN";
}

/* UART and wire are read apart: what is no further from the end than both stamps may be wrong can
 * have been before it as well as after it. */
static bool crosses(const struct event *event, const struct event *reset)
{
	const int64_t apart = event->t_ns - reset->t_ns;

	return (apart < 0 ? -apart : apart) <= leg_error(reset, event);
}

static void find_reset(struct reset_case *c)
{
	const struct history *history = c->history;
	const struct event *before = NULL; /* the last notice */

	for (size_t i = history->begin; i < history->timeline->count; i++) {
		const struct event *event = &history->timeline->events[i];
		if (!history_owns(history, event))
			continue;
		if (event->kind == EVENT_LISTING && c->reset != NULL)
			c->listing = event;
		if (i >= history->end)
			continue;
		if (is_death_notice(event) && c->reset == NULL)
			before = event;
		else if (is_death_notice(event) && c->notice == NULL)
			c->notice = event;
		if (event->kind != EVENT_SEGMENT)
			continue;
		if (is_probe(event)) {
			if (c->reset == NULL)
				c->probe = event;
			else if (c->again == NULL && !crosses(event, c->reset))
				c->again = event;
		}
		if (!from_peer(event) || (event->segment.flags & c->flags) == 0 ||
			event->segment.role == ROLE_STRAY)
			continue;
		if (c->reset == NULL && before != NULL && crosses(before, event))
			c->notice = before;
		/* A RST that a probe draws behind the FIN does not repeat it. */
		bool drawn = c->again != NULL && event->segment.role == ROLE_PROBE_RST &&
			     (c->reset->segment.flags & TCP_FLAG_RST) == 0;
		c->reset = c->reset == NULL ? event : c->reset;
		c->resets += !drawn;
	}
}

/* The peer sent no RST: because no probe asked for it? */
static void judge_no_reset(struct check *check, const struct subject *s, struct span *span)
{
	const struct history *history = s->history;
	const struct idle *silence = s->silence;
	int64_t latest = 0;

	check->outcome = OUTCOME_INCONCLUSIVE;
	if (silence->anchor == NULL || silence->probe != NULL) {
		check_say(check, "the peer sent no RST, although a probe came");
		return;
	}
	for (size_t i = 0; i < history->prediction_count; i++) {
		int64_t due =
			idle_window(history, silence->anchor, history->predictions[i].first).to_ns;
		latest = due > latest ? due : latest;
	}
	*span = (struct span){silence->anchor->t_ns,
		silence->anchor->t_ns + silence->anchor->error_ns + latest + 1};
	if (check_unwatched(check, history, *span, "no probe yet that could draw RST"))
		return;
	check->outcome = OUTCOME_FAIL;
	check_say(check,
		"no probe came that could draw RST: watched %.1f s after the last received segment",
		in_s(history->watched_ns - silence->anchor->t_ns));
	if (only_probe_missing(history, silence))
		check_lost(check, "the only one may have been lost in the air");
}

/* It acknowledged the end before until_ns, by more than within_ns: it was not lost. */
static bool was_heard(const struct reset_case *c, int64_t until_ns, int64_t within_ns)
{
	const struct event *heard = end_acknowledged(c->history, c->reset);

	return heard != NULL && until_ns - heard->t_ns - heard->error_ns >= within_ns;
}

static void judge_end(struct check *check, const struct reset_case *c, int64_t within_ns)
{
	const struct history *history = c->history;
	struct window window = leg_window(history->profile, (struct window){0, within_ns});
	const struct event *sign = c->notice != NULL ? c->notice : c->listing;

	window.to_ns += round_trips_bound(&history->timeline->uart);
	if (c->notice == NULL && (c->listing == NULL || c->listing->listed)) {
		struct span span = {c->reset->t_ns, c->reset->t_ns + window.to_ns};
		if (check_unwatched(check, history, span, "the connection did not end yet"))
			return;
		check->outcome = c->listing != NULL ? OUTCOME_FAIL : OUTCOME_INCONCLUSIVE;
		check_say(check, "no notice in %.1f s after the peer's %s, and %s",
			in_s(history->watched_ns - c->reset->t_ns), end_word(c->reset),
			c->listing != NULL ? "the CID is still open"
					   : "no answer to " AT_LINE_LIST_CIDS);
		return;
	}
	int64_t from = c->reset->t_ns;
	if (sign->from_ns > from && sign->from_ns <= sign->t_ns && c->notice != NULL)
		from = sign->from_ns;
	int64_t leg = sign->t_ns - from;
	int64_t error = leg_error(c->reset, sign);
	check_measure(check, LEG(LEG_PEER_END_TO_NOTICE), leg, error, window);
	check_begins(check, from);
	check->outcome = leg_outcome(leg, error, window);
	/* A listing says that the connection was gone by then, not when it went. */
	if (c->notice == NULL && check->outcome == OUTCOME_FAIL)
		check->outcome = OUTCOME_INCONCLUSIVE;
	check_say(check, "%s %.3f s after the peer's %s; expected within %g s",
		c->notice != NULL ? "notice"
				  : "no notice, but the CID is gone from " AT_LINE_LIST_CIDS,
		in_s(leg), end_word(c->reset), in_s(within_ns));
}

static void judge_found_end(struct subject *s, struct reset_case *c)
{
	struct check check = check_new(s, OUTCOME_FAIL);
	struct span span = {c->reset->t_ns, c->history->watched_ns};

	if (c->again != NULL) {
		bool lost = (c->history->profile->lossy_air && !was_heard(c, c->again->t_ns, 0)) ||
			    (c->resets >= 2 &&
				    c->resets - 1 <= frames_lost_at_most(c->history, c->resets));
		check.outcome = lost ? OUTCOME_INCONCLUSIVE : OUTCOME_FAIL;
		check.lost_frames = lost;
		check_say(&check, "a probe came %.1f s after the peer's %s%s",
			in_s(c->again->t_ns - c->reset->t_ns), end_word(c->reset),
			lost ? "; a frame lost in the air explains it" : "");
		span.to_ns = c->again->t_ns;
		check_settle(s, &check, CLAIM_SEEN, span);
		return;
	}
	judge_end(&check, c, s->parameters->time_ns);
	if (check.outcome == OUTCOME_FAIL && c->history->profile->lossy_air &&
		!was_heard(c, c->notice != NULL ? c->notice->t_ns : c->history->watched_ns,
			s->parameters->time_ns + NS_PER_S))
		check_lost(&check, "it may have been lost in the air");
	check_settle(s, &check,
		check.measured && check.outcome == OUTCOME_FAIL ? CLAIM_LEG : CLAIM_ABSENCE, span);
}

/* The peer's RST in answer to the first probe ends the connection within within_ns (notice, or CID
 * gone), and no probe follows. */
void check_reset_noticed(struct subject *s)
{
	struct reset_case c = {.history = s->history, .flags = TCP_FLAG_RST};
	struct check check = check_new(s, OUTCOME_FAIL);

	struct span span = {s->timeline->events[c.history->begin].t_ns, c.history->watched_ns};
	find_reset(&c);
	if (c.reset != NULL) {
		judge_found_end(s, &c);
		return;
	}
	judge_no_reset(&check, s, &span);
	check_settle(s, &check, CLAIM_ABSENCE, span);
}

/* The same for a peer that ends the connection of its own accord, by FIN or RST. */
void check_peer_end_noticed(struct subject *s)
{
	struct reset_case c = {.history = s->history, .flags = TCP_FLAG_RST | TCP_FLAG_FIN};
	struct check check = check_new(s, OUTCOME_INCONCLUSIVE);

	find_reset(&c);
	if (c.reset != NULL) {
		judge_found_end(s, &c);
		return;
	}
	check_say(&check, "the peer did not close the connection");
	check_settle(s, &check, CLAIM_ABSENCE,
		(struct span){c.history->start_ns, c.history->watched_ns});
}
