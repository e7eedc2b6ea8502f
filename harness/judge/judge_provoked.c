/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "judge/checks.h"
#include "judge/judge.h"

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

void judge_provoked(
	struct verdict *verdict, const struct timeline *timeline, const char *requirement)
{
	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind != EVENT_FAULT || event->fault != FAULT_PROVOKED)
			continue;
		struct check check = {.outcome = OUTCOME_FAIL, .models = MODELS_ALL};
		snprintf(check.requirement, sizeof check.requirement, "%s",
			is_of_a_death(timeline, event) ? "KA-AFTER-08" : requirement);
		check_say(&check, "%s", event->text);
		verdict_add(verdict, &check);
	}
}
