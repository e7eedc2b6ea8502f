/* SPDX-License-Identifier: MIT */
#include "report/model/waivers.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "report/model/attempt.h"

/* ---- versions ---- */

/* "APP VERSION=2.4.0; ...": the first number with a dot; a version of one part only when there is
 * nothing else. */
static const char *find_version(const char *text)
{
	const char *single = NULL;

	for (const char *c = text; *c != '\0';) {
		if (!isdigit((unsigned char)*c)) {
			c++;
			continue;
		}
		size_t digits = strspn(c, "0123456789");
		if (c[digits] == '.' && isdigit((unsigned char)c[digits + 1]))
			return c;
		if (single == NULL)
			single = c;
		c += digits;
	}
	return single;
}

/* The next part; 0 behind the last, so that 2.5 and 2.5.0 are the same. */
static unsigned long next_part(const char **version)
{
	char *end;

	if (!isdigit((unsigned char)**version))
		return 0;
	unsigned long part = strtoul(*version, &end, 10);
	*version = *end == '.' ? end + 1 : end;
	return part;
}

int version_compare(const char *text, const char *version, int *order)
{
	const char *left = find_version(text), *right = version;

	if (left == NULL)
		return -1;
	*order = 0;
	while (*order == 0 && (isdigit((unsigned char)*left) || isdigit((unsigned char)*right))) {
		unsigned long a = next_part(&left), b = next_part(&right);
		*order = (a > b) - (a < b);
	}
	return 0;
}

/* ---- the run ---- */

static const char *string_of(const json_t *entry, const char *key)
{
	const char *text = json_string_value(json_object_get(entry, key));

	return text == NULL ? "" : text;
}

int waivers_take(struct run *run, const json_t *waivers)
{
	size_t index;
	const json_t *entry;

	json_array_foreach(waivers, index, entry)
	{
		struct run_waiver *waiver =
			array_add(&run->waivers, &run->waiver_count, sizeof *run->waivers);
		if (waiver == NULL)
			return -1;
		waiver->cases = string_of(entry, "case");
		waiver->from = string_of(entry, "from");
		waiver->before = string_of(entry, "before");
		waiver->reason = string_of(entry, "reason");
		waiver->ticket = string_of(entry, "ticket");
		waiver->expires = string_of(entry, "expires");
		/* ISO 8601: the order of days is that of their texts. */
		waiver->expired = strncmp(run->started, waiver->expires, 10) > 0;
	}
	return 0;
}

static const char *firmware_of(const struct run *run, const struct run_case *test_case)
{
	const char *device =
		test_case->first != NULL ? test_case->first->device : test_case->device;

	for (size_t i = 0; i < run->device_count; i++)
		if (strcmp(run->devices[i].name, device) == 0 || run->device_count == 1)
			return run->devices[i].firmware;
	return "";
}

static bool names(
	const struct run *run, const struct run_waiver *waiver, const struct run_case *test_case)
{
	const char *firmware = firmware_of(run, test_case);
	int order = 0;

	if (fnmatch(waiver->cases, test_case->name, 0) != 0)
		return false;
	if (waiver->from[0] != '\0' &&
		(version_compare(firmware, waiver->from, &order) != 0 || order < 0))
		return false;
	return waiver->before[0] == '\0' ||
	       (version_compare(firmware, waiver->before, &order) == 0 && order < 0);
}

const struct run_waiver *waiver_of(const struct run *run, const struct run_case *test_case)
{
	for (size_t i = 0; test_case->outcome == OUTCOME_FAIL && i < run->waiver_count; i++)
		if (!run->waivers[i].expired && names(run, &run->waivers[i], test_case))
			return &run->waivers[i];
	return NULL;
}

void waivers_conclude(struct run *run)
{
	for (size_t i = 0; i < run->case_count; i++)
		run->cases[i].waiver = waiver_of(run, &run->cases[i]);
	for (size_t i = 0; i < run->waiver_count; i++) {
		struct run_waiver *waiver = &run->waivers[i];
		for (size_t k = 0; k < run->case_count; k++) {
			const struct run_case *test_case = &run->cases[k];
			if (!names(run, waiver, test_case))
				continue;
			waiver->failed += test_case->outcome == OUTCOME_FAIL;
			waiver->passed += test_case->outcome == OUTCOME_PASS ||
					  test_case->outcome == OUTCOME_MARGINAL;
			waiver->others += test_case->outcome != OUTCOME_FAIL &&
					  test_case->outcome != OUTCOME_PASS &&
					  test_case->outcome != OUTCOME_MARGINAL;
		}
	}
}

bool waiver_flagged(const struct run_waiver *waiver, char *text, size_t size)
{
	if (waiver->expired)
		snprintf(text, size,
			"the waiver for '%s' (%s) expired on %s and no longer covers %zu failure%s",
			waiver->cases, waiver->ticket, waiver->expires, waiver->failed,
			waiver->failed == 1 ? "" : "s");
	else if (waiver->passed > 0 && waiver->failed == 0 && waiver->others == 0)
		snprintf(text, size,
			"unexpected pass: all cases of the waiver for '%s' (%s) passed (%zu): remove the waiver",
			waiver->cases, waiver->ticket, waiver->passed);
	else
		return false;
	return true;
}

void waiver_text(const struct run_waiver *waiver, char *text, size_t size)
{
	snprintf(text, size, "waived until %s (%s): %s", waiver->expires, waiver->ticket,
		waiver->reason);
}
