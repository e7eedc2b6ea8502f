/* SPDX-License-Identifier: MIT */
#include "cli/run/tier.h"

#include <string.h>

#include "core/error.h"

#define QUICK_S 400.0
#define STANDARD_S 1300.0

static const char *const names[TIER_COUNT] = {"quick", "standard", "long"};

static double number_of(const json_t *entry, const char *key)
{
	return json_number_value(json_object_get(entry, key));
}

enum tier case_tier(const json_t *entry)
{
	double expected_s = number_of(entry, "expected_s");

	if (expected_s < QUICK_S)
		return TIER_QUICK;
	return expected_s < STANDARD_S ? TIER_STANDARD : TIER_LONG;
}

const char *tier_name(enum tier tier)
{
	return names[tier];
}

int tier_parse(const char *name, enum tier *tier, struct error *err)
{
	for (int i = 0; i < TIER_COUNT; i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		*tier = (enum tier)i;
		return 0;
	}
	return error_set(err, ERROR_USAGE, "unknown tier '%s' (use quick, standard or long)", name);
}

json_t *cases_up_to(const json_t *cases, enum tier tier)
{
	json_t *within = json_array();

	for (size_t i = 0; i < json_array_size(cases); i++) {
		json_t *entry = json_array_get(cases, i);
		if (case_tier(entry) <= tier)
			json_array_append(within, entry);
	}
	return within;
}
