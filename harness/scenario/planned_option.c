/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <string.h>

#include "scenario/keepalive_interval.h"
#include "scenario/scenario.h"
#include "uart/at_command.h"

/* What the options of a scenario ask of a connection (cases/DEVICE.md section 5). */

enum { DEFAULT_COUNT = 8, DEFAULT_TIMEOUT_S = 7200, MOST = INT_MAX / KEEPALIVE_INTERVAL_S };

struct planned_keepalive planned_keepalive_default(void)
{
	return (struct planned_keepalive){
		.on = false, .count = DEFAULT_COUNT, .timeout_s = DEFAULT_TIMEOUT_S};
}

/* The text behind the CID; NULL when the step is no option for its connection's CID. */
static const char *option_text(const struct step *step)
{
	if (step->kind == STEP_OPTION)
		return step->text;
	if (step->kind != STEP_COMMAND || at_command_verb(step->text, NULL) != AT_VERB_OPTION)
		return NULL;
	const char *cid = strstr(step->text, "%d,");
	return cid == NULL ? NULL : cid + strlen("%d,");
}

struct at_option step_option(const struct step *step)
{
	const char *text = option_text(step);

	return at_option_read(text == NULL ? "" : text);
}

enum option_kind step_option_kind(const struct step *step)
{
	struct at_option option = step_option(step);
	bool on = option.name == AT_OPTION_KEEPALIVE;

	if (option.name == AT_OPTION_OTHER)
		return OPTION_NONE;
	bool in_range = option.value >= (on ? 0 : 1) && option.value <= (on ? 1 : MOST);
	return option.whole && in_range ? OPTION_DOCUMENTED : OPTION_OTHER;
}

static bool is_below_floor(
	const struct planned_keepalive *keepalive, const struct at_option *option)
{
	switch (option->name) {
	case AT_OPTION_COUNT:
		return option->value * KEEPALIVE_INTERVAL_S > keepalive->timeout_s;
	case AT_OPTION_TIMEOUT:
		return option->value < (long)keepalive->count * KEEPALIVE_INTERVAL_S;
	case AT_OPTION_OTHER:
	case AT_OPTION_KEEPALIVE:
		break;
	}
	return false;
}

bool planned_keepalive_refuses(const struct planned_keepalive *keepalive, const struct step *step)
{
	struct at_option option = step_option(step);

	return step_option_kind(step) == OPTION_DOCUMENTED && is_below_floor(keepalive, &option);
}

void planned_keepalive_apply(struct planned_keepalive *keepalive, const struct step *step)
{
	struct at_option option = step_option(step);

	if (option.value < 0 || option.value > MOST || is_below_floor(keepalive, &option))
		return;
	int value = (int)option.value;
	switch (option.name) {
	case AT_OPTION_OTHER:
		break;
	case AT_OPTION_KEEPALIVE:
		keepalive->on = value != 0;
		break;
	case AT_OPTION_COUNT:
		if (value > 0)
			keepalive->count = value;
		break;
	case AT_OPTION_TIMEOUT:
		keepalive->timeout_s = value;
		keepalive->timed = true;
		break;
	}
}
