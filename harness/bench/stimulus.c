/* SPDX-License-Identifier: MIT */
#include "bench/stimulus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* False: it is none, but something that was only seen. */
static bool describe(const struct timeline *timeline, const struct event *event, char text[48])
{
	const char *name = event->connection == NO_CONNECTION
				   ? ""
				   : timeline->scenario.connections[event->connection].name;

	if (event->kind == EVENT_COMMAND) {
		snprintf(text, 48, "'%.*s'", (int)strcspn(event->text, "=?"), event->text);
		return true;
	}
	if (event->kind == EVENT_STEP) {
		const struct step *step = &timeline->scenario.steps[event->step];
		if (step->kind == STEP_OPTION || step->kind == STEP_COMMAND ||
			step->kind == STEP_CLOSE || step->kind == STEP_OPEN)
			return false; /* its command has told it */
		snprintf(text, 48, "step %d on '%s'", event->step + 1, name);
		return true;
	}
	if (event->kind != EVENT_SEGMENT || event->segment.direction != FROM_DEVICE)
		return false;
	const char *what = event->segment.role == ROLE_RST     ? "the RST"
			   : event->segment.role == ROLE_FIN   ? "the FIN"
			   : event->segment.role == ROLE_PROBE ? "a probe"
							       : NULL;
	if (what != NULL)
		snprintf(text, 48, "%s of '%s'", what, name);
	return what != NULL;
}

struct stimulus stimulus_before(const struct timeline *timeline, enum evidence_fault fault,
	int64_t sign_ns, int64_t followed_ns)
{
	struct stimulus found = {.fault = FAULT_NONE};

	for (size_t i = timeline->count; i-- > 0;) {
		const struct event *event = &timeline->events[i];
		if (event->t_ns > sign_ns)
			continue;
		if (sign_ns - event->t_ns > STIMULUS_S * NS_PER_S)
			break;
		if (!describe(timeline, event, found.text))
			continue;
		found.fault = fault;
		found.t_ns = event->t_ns;
		found.death = event->kind == EVENT_SEGMENT && event->segment.role == ROLE_RST;
		found.delay_ns = fault == FAULT_REBOOT ? followed_ns - event->t_ns : 0;
		break;
	}
	return found;
}

static bool is_same_trouble(const struct stimulus *first, const struct stimulus *second)
{
	return first->fault != FAULT_NONE && first->fault == second->fault &&
	       llabs(first->delay_ns - second->delay_ns) <= NS_PER_S;
}

bool stimulus_is_same(const struct stimulus *first, const struct stimulus *second)
{
	return is_same_trouble(first, second) && strcmp(first->text, second->text) == 0;
}

bool stimulus_is_same_death(const struct stimulus *first, const struct stimulus *second)
{
	return is_same_trouble(first, second) && first->death && second->death;
}
