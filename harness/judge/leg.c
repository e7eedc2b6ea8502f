/* SPDX-License-Identifier: MIT */
#include "judge/leg.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/names.h"

static const char *const kinds[LEG_KINDS] = {
	[LEG_NONE] = "none",
	[LEG_FIRST_PROBE] = "first probe",
	[LEG_GAP] = "gap",
	[LEG_DEATH] = "death",
	[LEG_LAST_PROBE_TO_DEATH] = "last probe to death",
	[LEG_WIRE_TO_NOTICE] = "wire to notice",
	[LEG_PEER_END_TO_NOTICE] = "peer's end to notice",
};

const char *leg_kind_name(enum leg_kind kind)
{
	return kinds[kind];
}

struct leg_name leg_name(struct leg_id leg)
{
	struct leg_name name;

	if (leg.number > 0)
		snprintf(name.text, sizeof name.text, "%s %d", kinds[leg.kind], leg.number);
	else
		snprintf(name.text, sizeof name.text, "%s", kinds[leg.kind]);
	return name;
}

bool leg_find(const char *name, struct leg_id *leg)
{
	const char *digits = name + strcspn(name, "0123456789");
	const long number = strtol(digits, NULL, 10);
	const int kind = names_find(NAMES(kinds), name);

	*leg = LEG_NTH_GAP(number > 0 && number < INT_MAX ? (int)number : 0);
	if (kind >= 0)
		*leg = (struct leg_id){(enum leg_kind)kind, 0};
	return strcmp(leg_name(*leg).text, name) == 0;
}

bool leg_is(struct leg_id leg, struct leg_id other)
{
	return leg.kind == other.kind && leg.number == other.number;
}

bool leg_ends_on_uart(enum leg_kind kind)
{
	switch (kind) {
	case LEG_WIRE_TO_NOTICE:
	case LEG_PEER_END_TO_NOTICE:
		return true;
	case LEG_NONE:
	case LEG_FIRST_PROBE:
	case LEG_GAP:
	case LEG_DEATH:
	case LEG_LAST_PROBE_TO_DEATH:
		break;
	}
	return false;
}
