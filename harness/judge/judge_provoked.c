/* SPDX-License-Identifier: MIT */
#include "judge/checks.h"

void judge_provoked(
	struct verdict *verdict, const struct timeline *timeline, const char *requirement)
{
	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind != EVENT_FAULT || event->fault != FAULT_PROVOKED)
			continue;
		struct check check = check_new(requirement, OUTCOME_FAIL);
		check_say(&check, "%s", event->text);
		verdict_add(verdict, &check);
	}
}
