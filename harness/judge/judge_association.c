/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "judge/checks.h"
#include "uart/at_command.h"

/* When the bench took the access point away; -1: it did not. */
static int64_t taken_away_ns(const struct timeline *timeline)
{
	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind == EVENT_STEP && event->step >= 0 &&
			timeline->scenario.steps[event->step].kind == STEP_ACCESS_POINT_GOES)
			return event->t_ns;
	}
	return -1;
}

/* One Disassociation Event comes within within_ns after the bench took the access point away. */
void check_disassociation(struct subject *s)
{
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_PASS);
	int64_t gone_ns = taken_away_ns(s->timeline);
	struct span span = {gone_ns, gone_ns + s->parameters->time_ns};
	int notices = 0;

	for (size_t i = 0; i < s->timeline->count; i++) {
		const struct event *event = &s->timeline->events[i];
		if (event->kind == EVENT_NOTICE && event->t_ns >= gone_ns &&
			event->t_ns <= span.to_ns && event->code == AT_CODE_DISASSOCIATION_EVENT)
			notices++;
	}
	if (gone_ns < 0) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "the access point did not go away");
	} else if (!check_unwatched(&check, history, span, "no Disassociation Event yet")) {
		check.outcome = notices == 1 ? OUTCOME_PASS : OUTCOME_FAIL;
		check_say(&check,
			"%d Disassociation Events in %g s after the access point went away, expected one",
			notices, in_s(s->parameters->time_ns));
	}
	check_settle(s, &check, CLAIM_UART, span);
}

/* Says whether the connection's CID was free after the access point had gone, and how many notices
 * of its own came.  No source requires either. */
void check_cid_after_association_loss(struct subject *s)
{
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_PASS);
	const int64_t gone_ns = taken_away_ns(s->timeline);
	const struct event *listing = NULL;
	int notices = 0;

	for (size_t i = 0; gone_ns >= 0 && i < s->timeline->count; i++) {
		const struct event *event = &s->timeline->events[i];
		if (event->t_ns < gone_ns || !history_owns(history, event))
			continue;
		notices += is_death_notice(event);
		listing = event->kind == EVENT_LISTING ? event : listing;
	}
	struct span span = {gone_ns, history->watched_ns};
	if (listing == NULL) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, gone_ns < 0 ? "the access point did not go away"
					      : AT_LINE_LIST_CIDS
					  " was not answered after it went away");
	} else {
		check_say(&check,
			"after the access point went away the CID was %s, with %d notices for it",
			listing->listed ? "kept" : "free", notices);
	}
	/* The loss is what is looked at: it voids nothing here. */
	check_settle(s, &check, CLAIM_SEEN, span);
}
