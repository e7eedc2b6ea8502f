/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/run/estimate.h"
#include "cli/run/run_command.h"
#include "cli/run/scenario_arguments.h"
#include "cli/run/shard.h"
#include "cli/run/tier.h"
#include "cli/run/within.h"
#include "core/error.h"
#include "core/json_text.h"
#include "report/model/run.h"
#include "report/text/headline.h"

/* Which cases a run has, and what it would take. */

/* Long cases have to be asked for on the real clock; the stepped one takes no time for them. */
static void leave_out_long(json_t **selected, json_t *left_out)
{
	json_t *within = cases_up_to(*selected, TIER_STANDARD);

	for (size_t i = 0; i < json_array_size(*selected); i++) {
		json_t *entry = json_array_get(*selected, i);
		if (case_tier(entry) == TIER_LONG)
			json_array_append(left_out, entry);
	}
	json_decref(*selected);
	*selected = within;
}

/* Those that the recorded run had. */
static json_t *recorded_cases(json_t *all, const char *run_folder, struct error *err)
{
	struct run *recorded = run_read(run_folder, err);
	json_t *cases = json_array();

	for (size_t i = 0; recorded != NULL && i < json_array_size(all); i++) {
		json_t *entry = json_array_get(all, i);
		const char *name = json_string_value(json_object_get(entry, "name"));
		bool found = false;
		for (size_t j = 0; j < recorded->case_count && !found; j++)
			found = strcmp(recorded->cases[j].name, name) == 0;
		if (found)
			json_array_append(cases, entry);
	}
	json_decref(all);
	if (recorded != NULL) {
		run_free(recorded);
		return cases;
	}
	json_decref(cases);
	return NULL;
}

/* Those of a client that vanishes need a module that is the access point: elsewhere they have to be
 * asked for, and say then why they are not run. */
static json_t *without_limited_ap(json_t *all)
{
	json_t *cases = json_array();

	for (size_t i = 0; i < json_array_size(all); i++)
		if (!json_is_true(json_object_get(json_array_get(all, i), "needs_limited_ap")))
			json_array_append(cases, json_array_get(all, i));
	json_decref(all);
	return cases;
}

/* The cases that the filters name, all where there is none (of a recorded run: all that it had);
 * none of them beside scenario files alone. */
static json_t *named_cases(
	const struct run_arguments *arguments, bool limited_ap, struct error *err)
{
	if (arguments->scenario_count > 0 && !case_filter_is_given(&arguments->filter) &&
		!arguments->as_recorded)
		return json_array();
	json_t *all = read_case_list(err);
	if (all == NULL)
		return NULL;
	if (arguments->as_recorded)
		return recorded_cases(all, arguments->judge, err);
	if (!limited_ap && !case_filter_is_given(&arguments->filter))
		all = without_limited_ap(all);
	json_t *wanted = arguments->rest_count > 0 && !case_filter_is_given(&arguments->filter)
				 ? shard_rest_cases(arguments, all, err)
				 : json_incref(all);
	json_t *named = wanted == NULL ? NULL : case_filter_apply(&arguments->filter, wanted, err);
	json_decref(wanted);
	json_decref(all);
	return named;
}

static bool is_covered(const json_t *cases, const char *requirement)
{
	for (size_t i = 0; i < json_array_size(cases); i++)
		if (json_has_text(
			    json_object_get(json_array_get(cases, i), "requirements"), requirement))
			return true;
	return false;
}

/* What the cases above the tier, or all that --within did not choose, would have seen. */
static json_t *unseen_by(const json_t *selected, const json_t *named, json_t *within)
{
	json_t *cases = json_array(), *requirements = json_array();
	double longest_s = 0;

	for (size_t i = 0; i < json_array_size(selected); i++) {
		const double expected_s = json_number_value(
			json_object_get(json_array_get(selected, i), "expected_s"));
		longest_s = expected_s > longest_s ? expected_s : longest_s;
	}
	for (size_t i = 0; i < json_array_size(named); i++) {
		json_t *entry = json_array_get(named, i);
		const json_t *of = json_object_get(entry, "requirements");
		if (case_tier(entry) == TIER_QUICK && within == NULL)
			continue;
		json_t *name = json_object_get(entry, "name");
		bool found = false;
		for (size_t j = 0; j < json_array_size(selected) && !found; j++)
			found = json_equal(
				name, json_object_get(json_array_get(selected, j), "name"));
		if (found)
			continue;
		json_array_append(cases, name);
		for (size_t j = 0; j < json_array_size(of); j++) {
			const char *requirement = json_string_value(json_array_get(of, j));
			if (!is_covered(selected, requirement) &&
				!json_has_text(requirements, requirement))
				json_array_append_new(requirements, json_string(requirement));
		}
	}
	json_t *unseen = json_pack("{s:O, s:f, s:O}", "cases", cases, "longest_s", longest_s,
		"requirements", requirements);
	const bool any = json_array_size(cases) > 0;
	if (within != NULL)
		json_object_set(unseen, "within", within);
	json_decref(cases);
	json_decref(requirements);
	if (any)
		return unseen;
	json_decref(unseen);
	return NULL;
}

static int nothing_left(const struct run_arguments *arguments, struct error *err)
{
	if (arguments->tier != NULL)
		return error_set(err, ERROR_USAGE, "no selected case has tier '%s' or below",
			arguments->tier);
	return error_set(err, ERROR_USAGE,
		"all selected cases are long, and long cases are only run with --tier long on the real clock");
}

int select_cases(const struct run_arguments *arguments, bool real_clock,
	struct estimated_bench bench, json_t **selected, json_t **left_out, json_t **shard,
	json_t **unseen, struct error *err)
{
	enum tier tier = TIER_LONG;
	json_t *within = NULL;

	if (arguments->tier != NULL && tier_parse(arguments->tier, &tier, err) != 0)
		return -1;
	json_t *named = named_cases(arguments, bench.limited_ap, err);
	if (named == NULL)
		return -1;
	*selected = cases_up_to(named, tier);
	*left_out = json_array();
	/* The runs of --rest were asked for what they selected. */
	if (arguments->tier == NULL && real_clock && arguments->rest_count == 0)
		leave_out_long(selected, *left_out);
	int failed = 0;
	if (arguments->within_s > 0 && json_array_size(*selected) > 0) {
		within = within_choose(selected, arguments->within_s,
			arguments->repeat > 0 ? arguments->repeat : 1, bench, err);
		failed = within == NULL ? -1 : 0;
	}
	*unseen = arguments->rest_count == 0 ? unseen_by(*selected, named, within) : NULL;
	json_decref(within);
	json_decref(named);
	/* A scenario file is asked for by its name, however long it is. */
	if (failed == 0)
		failed = scenario_arguments_list(
			arguments->scenarios, arguments->scenario_count, *selected, err);
	if (failed == 0 && json_array_size(*selected) == 0)
		failed = nothing_left(arguments, err);
	*shard = NULL;
	if (failed == 0 && (arguments->shard_count > 0 || arguments->rest_count > 0)) {
		*shard = shard_take(arguments, selected, err);
		failed = *shard == NULL ? -1 : 0;
	}
	if (failed == 0)
		return 0;
	json_decref(*selected);
	json_decref(*left_out);
	json_decref(*unseen);
	*selected = *left_out = *unseen = NULL;
	return -1;
}

static void print_tiers(const json_t *selected)
{
	for (int tier = 0; tier < TIER_COUNT; tier++) {
		size_t count = 0;
		double seconds = 0;
		for (size_t i = 0; i < json_array_size(selected); i++) {
			const json_t *entry = json_array_get(selected, i);
			if (case_tier(entry) != (enum tier)tier)
				continue;
			count++;
			seconds += json_number_value(json_object_get(entry, "cid_s"));
		}
		printf("%-9s %4zu cases, %8.0f CID-seconds\n", tier_name((enum tier)tier), count,
			seconds);
	}
}

static void print_alone(const json_t *selected)
{
	for (size_t i = 0; i < json_array_size(selected); i++) {
		const json_t *entry = json_array_get(selected, i);
		const double alone_s = json_number_value(json_object_get(entry, "alone_s"));
		if (alone_s > 0)
			printf("  %6.0f s  %s\n", alone_s,
				json_string_value(json_object_get(entry, "name")));
	}
}

/* How long the longest cases of a requirement take, one behind the other; so many of them at most. */
static double longest_of(const json_t *selected, const char *requirement, int most)
{
	double sum_s = 0, below_s = 1e18;

	while (most > 0) {
		double longest_s = 0;
		int alike = 0;
		for (size_t i = 0; i < json_array_size(selected); i++) {
			const json_t *entry = json_array_get(selected, i);
			const double s = json_number_value(json_object_get(entry, "expected_s"));
			if (s >= below_s || s < longest_s ||
				!json_has_text(json_object_get(entry, "requirements"), requirement))
				continue;
			alike = s > longest_s ? 1 : alike + 1;
			longest_s = s;
		}
		if (alike == 0)
			break;
		sum_s += longest_s * (alike < most ? alike : most);
		most -= alike;
		below_s = longest_s;
	}
	return sum_s;
}

/* What a healthy module does not need. */
static void print_reruns(const json_t *selected, int max_reruns)
{
	double least_s = 1e18, most_s = 0;

	for (size_t i = 0; i < json_array_size(selected); i++) {
		const json_t *of = json_object_get(json_array_get(selected, i), "requirements");
		for (size_t k = 0; k < json_array_size(of); k++) {
			const double s = longest_of(
				selected, json_string_value(json_array_get(of, k)), max_reruns);
			least_s = s < least_s ? s : least_s;
			most_s = s > most_s ? s : most_s;
		}
	}
	if (max_reruns > 0 && most_s > 0)
		printf("each violated requirement adds up to %d of its cases again alone: %.0f to %.0f s (--max-reruns)\n",
			max_reruns, least_s, most_s);
}

static void print_shard(const json_t *shard, size_t count)
{
	size_t whole = 0, index;
	json_t *part;

	json_array_foreach(json_object_get(shard, "parts"), index, part)
	{
		whole += json_array_size(part);
	}
	printf("shard %lld of %lld: %zu of %zu cases\n",
		json_integer_value(json_object_get(shard, "index")),
		json_integer_value(json_object_get(shard, "count")), count, whole);
}

int print_dry_run(const json_t *selected, const json_t *left_out, const json_t *shard,
	const json_t *unseen, int repeat, int max_reruns, struct estimated_bench bench,
	struct error *err)
{
	struct estimate estimate;
	char within[256];

	if (estimate_run(selected, repeat, bench, &estimate, err) != 0)
		return -1;
	within_text(unseen, within, sizeof within);
	if (within[0] != '\0')
		printf("%s\n", within);
	if (shard != NULL)
		print_shard(shard, json_array_size(selected));
	print_tiers(selected);
	if (json_array_size(left_out) > 0)
		printf("left out  %4zu long cases (try: --tier long)\n", json_array_size(left_out));
	if (repeat > 1)
		printf("each      %4d times\n", repeat);
	printf("on the real clock %.0f s on %d device%s (lower bound %.0f s: the longest case, or 1/16 device for each CID)\n",
		estimate.total_s, bench.devices, bench.devices == 1 ? "" : "s", estimate.bound_s);
	printf("  %6.0f s  of a device alone, for %zu cases:\n", estimate.alone_s, estimate.alone);
	print_alone(selected);
	print_reruns(selected, max_reruns);
	return 0;
}
