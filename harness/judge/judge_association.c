/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "judge/checks.h"

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

void judge_disassociation(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, int64_t within_ns)
{
	struct history history = history_of(timeline, connection, profile, GENERATION_LATEST);
	struct check check = check_new(requirement, OUTCOME_PASS);
	int64_t gone_ns = taken_away_ns(timeline);
	struct span span = {gone_ns, gone_ns + within_ns};
	int notices = 0;

	if (check_unknown(verdict, &history, requirement))
		return;
	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind == EVENT_NOTICE && event->t_ns >= gone_ns &&
			event->t_ns <= span.to_ns &&
			strcasestr(event->text, "Disassociation Event") != NULL)
			notices++;
	}
	if (gone_ns < 0) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "the access point did not go away");
	} else if (!check_unwatched(&check, &history, span, "no Disassociation Event so far")) {
		check.outcome = notices == 1 ? OUTCOME_PASS : OUTCOME_FAIL;
		check_say(&check,
			"%d Disassociation Events in %g s after the access point went away, "
			"expected one",
			notices, in_s(within_ns));
	}
	check_settle(verdict, &history, &check, CLAIM_UART, span);
}
