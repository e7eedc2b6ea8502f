/* SPDX-License-Identifier: MIT */
#include "scenario/leases.h"

#include <string.h>

#include "uart/at_command.h"

/* An AT+SETSOCKOPT whose CID is not that of a connection of the scenario: as a number, or as what a
 * module may take for one. */
static bool names_any_cid(const struct step *step)
{
	return step->kind == STEP_COMMAND && at_command_verb(step->text, NULL) == AT_VERB_OPTION &&
	       strchr(step->text, ',') != NULL && strchr(step->text, '%') == NULL;
}

/* A module is deaf to all other commands while it dials somebody who is not there. */
static bool blocks_the_uart(const struct step *step)
{
	return step->kind == STEP_COMMAND && strstr(step->text, "%n") != NULL;
}

enum sharing scenario_sharing(const struct scenario *s)
{
	enum sharing sharing = SHARING_ANY;

	if (s->exclusive || scenario_cids(s) == SCENARIO_CONNECTIONS)
		return SHARING_NONE;
	for (int i = 0; i < s->step_count; i++) {
		const struct step *step = &s->steps[i];
		if (blocks_the_uart(step) || (names_any_cid(step) && step->anchor != ANCHOR_SETUP))
			return SHARING_NONE;
		if (names_any_cid(step))
			sharing = SHARING_LATER;
	}
	return sharing;
}

static bool opens(const struct step *step, int connection)
{
	return step->kind == STEP_OPEN && step->connection == connection;
}

bool step_names_dead_cid(const struct scenario *s, const struct step *step)
{
	const bool names = step->kind == STEP_OPTION || step->kind == STEP_CLOSE ||
			   step->kind == STEP_DEVICE_SENDS ||
			   (step->kind == STEP_COMMAND && strchr(step->text, '%') != NULL);

	if (!names || step->anchor != ANCHOR_DEATH || step->connection == NO_CONNECTION ||
		step->connection != step->anchor_connection)
		return false;
	/* Opened again before, it has a number of its own. */
	for (int i = 0; i < s->step_count; i++)
		if (opens(&s->steps[i], step->connection) && s->steps[i].anchor == ANCHOR_DEATH &&
			s->steps[i].at_ns <= step->at_ns)
			return false;
	return true;
}

bool scenario_names_dead_cid(const struct scenario *s)
{
	for (int i = 0; i < s->step_count; i++)
		if (step_names_dead_cid(s, &s->steps[i]))
			return true;
	return false;
}

bool scenario_opens_later(const struct scenario *s)
{
	for (int i = 0; i < s->step_count; i++)
		if (s->steps[i].kind == STEP_OPEN || s->steps[i].kind == STEP_PEER_DIALS)
			return true;
	return false;
}
