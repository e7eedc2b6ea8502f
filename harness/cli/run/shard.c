/* SPDX-License-Identifier: MIT */
#include "cli/run/shard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/run/run_command.h"
#include "cli/run/tier.h"
#include "core/digest.h"
#include "core/error.h"
#include "core/json_text.h"
#include "report/model/run.h"

int shard_parse(const char *text, int *index, int *count)
{
	char end;

	if (sscanf(text, "%3d/%3d%c", index, count, &end) != 2)
		return -1;
	return *index >= 1 && *index <= *count && *count <= SHARDS_MAX ? 0 : -1;
}

/* ---- the parts ---- */

static const char *name_of(const json_t *entry)
{
	return json_string_value(json_object_get(entry, "name"));
}

struct weighed {
	json_t *entry;
	size_t place; /* in the selection */
	double module_s;
	int part; /* from 0 */
};

static int heaviest_first(const void *a, const void *b)
{
	const struct weighed *left = a, *right = b;

	if (left->module_s < right->module_s || left->module_s > right->module_s)
		return left->module_s < right->module_s ? 1 : -1;
	return strcmp(name_of(left->entry), name_of(right->entry));
}

static int in_order(const void *a, const void *b)
{
	const struct weighed *left = a, *right = b;

	return (left->place > right->place) - (left->place < right->place);
}

static void distribute(struct weighed *cases, size_t count, int parts)
{
	double loads[SHARDS_MAX] = {0};

	qsort(cases, count, sizeof *cases, heaviest_first);
	for (size_t i = 0; i < count; i++) {
		int least = 0;
		for (int part = 1; part < parts; part++)
			if (loads[part] < loads[least])
				least = part;
		cases[i].part = least;
		loads[least] += cases[i].module_s;
	}
}

/* The names of each part, in the order of weight; and in *mine the entries of part 'index', in the
 * order of the selection. */
static json_t *split(const json_t *selected, int index, int count, json_t *mine)
{
	size_t size = json_array_size(selected);
	struct weighed *cases = calloc(size, sizeof *cases);
	json_t *parts = json_array();

	if (cases == NULL) {
		json_decref(parts);
		return NULL;
	}
	for (size_t i = 0; i < size; i++) {
		json_t *entry = json_array_get(selected, i);
		cases[i] = (struct weighed){.entry = entry,
			.place = i,
			.module_s = json_number_value(json_object_get(entry, "module_s"))};
	}
	distribute(cases, size, count);
	for (int part = 0; part < count; part++)
		json_array_append_new(parts, json_array());
	for (size_t i = 0; i < size; i++)
		json_array_append(json_array_get(parts, (size_t)cases[i].part),
			json_object_get(cases[i].entry, "name"));
	qsort(cases, size, sizeof *cases, in_order);
	for (size_t i = 0; i < size; i++)
		if (cases[i].part == index - 1)
			json_array_append(mine, cases[i].entry);
	free(cases);
	return parts;
}

/* ---- runs that left something ---- */

/* Calls 'take' with each run of --rest. */
static int for_each_rest(const struct run_arguments *arguments,
	void (*take)(const struct run *run, json_t *names), json_t *names, struct error *err)
{
	for (size_t i = 0; i < arguments->rest_count; i++) {
		struct run *run = run_read(arguments->rest[i], err);
		if (run == NULL)
			return -1;
		take(run, names);
		run_free(run);
	}
	return 0;
}

static void take_selection(const struct run *run, json_t *names)
{
	size_t part, index;
	json_t *of_part, *name;

	for (size_t i = 0; i < run->case_count; i++)
		if (!run->cases[i].of_run && !json_has_text(names, run->cases[i].name))
			json_array_append_new(names, json_text(run->cases[i].name));
	json_array_foreach(json_object_get(run->shard, "parts"), part, of_part)
	{
		json_array_foreach(of_part, index, name)
		{
			if (json_is_string(name) && !json_has_text(names, json_string_value(name)))
				json_array_append(names, name);
		}
	}
}

json_t *shard_rest_cases(
	const struct run_arguments *arguments, const json_t *list, struct error *err)
{
	json_t *names = json_array(), *cases = json_array();
	size_t index;
	json_t *entry;

	int failed = for_each_rest(arguments, take_selection, names, err);
	json_array_foreach(list, index, entry)
	{
		if (json_has_text(names, name_of(entry)))
			json_array_append(cases, entry);
	}
	json_decref(names);
	if (failed == 0)
		return cases;
	json_decref(cases);
	return NULL;
}

/* A case that ran several times, or on several devices, is reached when all of them are. */
static void take_reached(const struct run *run, json_t *names)
{
	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *test_case = &run->cases[i];
		bool reached = !test_case->of_run && !json_has_text(names, test_case->name);
		for (size_t j = 0; j < run->case_count && reached; j++)
			reached = strcmp(run->cases[j].name, test_case->name) != 0 ||
				  run_case_is_reached(&run->cases[j]);
		if (reached)
			json_array_append_new(names, json_text(test_case->name));
	}
}

static json_t *without_reached(
	const struct run_arguments *arguments, const json_t *mine, struct error *err)
{
	json_t *names = json_array(), *left = json_array();
	size_t index;
	json_t *entry;

	int failed = for_each_rest(arguments, take_reached, names, err);
	json_array_foreach(mine, index, entry)
	{
		if (!json_has_text(names, name_of(entry)))
			json_array_append(left, entry);
	}
	json_decref(names);
	if (failed == 0 && json_array_size(left) == 0)
		failed = error_set(err, ERROR_USAGE,
			"nothing is left to run: each case has a verdict in the runs of --rest");
	if (failed == 0)
		return left;
	json_decref(left);
	return NULL;
}

/* ---- what the run says of it ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Of the names in alphabetical order, a line each: the same however the selection is split. */
static int digest_of(const json_t *selected, char hex[DIGEST_TEXT])
{
	size_t size = json_array_size(selected);
	const char **names = calloc(size, sizeof *names);

	if (names == NULL)
		return -1;
	for (size_t i = 0; i < size; i++)
		names[i] = name_of(json_array_get(selected, i));
	qsort(names, size, sizeof *names, by_name);
	digest_lines(names, size, hex);
	free(names);
	return 0;
}

static json_t *describe(const struct run_arguments *arguments, const json_t *whole, json_t *parts)
{
	char hex[DIGEST_TEXT];
	json_t *rest = json_array();
	bool is_shard = arguments->shard_count > 0;

	for (size_t i = 0; i < arguments->rest_count; i++)
		json_array_append_new(rest, json_text(arguments->rest[i]));
	if (digest_of(whole, hex) != 0) {
		json_decref(rest);
		return NULL;
	}
	json_t *shard = json_pack("{s:i, s:i, s:s, s:O}", "index",
		is_shard ? arguments->shard_index : 1, "count",
		is_shard ? arguments->shard_count : 1, "selection_sha256", hex, "parts", parts);
	if (arguments->rest_count > 0)
		json_object_set(shard, "rest_of", rest);
	json_decref(rest);
	return shard;
}

json_t *shard_take(const struct run_arguments *arguments, json_t **selected, struct error *err)
{
	const bool is_shard = arguments->shard_count > 0;
	const size_t size = json_array_size(*selected);

	if (is_shard && size < (size_t)arguments->shard_count) {
		error_set(err, ERROR_USAGE,
			"%d shards are more than the %zu selected cases (try: --shard 1/%zu)",
			arguments->shard_count, size, size);
		return NULL;
	}
	json_t *mine = json_array();
	json_t *parts = split(*selected, is_shard ? arguments->shard_index : 1,
		is_shard ? arguments->shard_count : 1, mine);
	json_t *shard = parts == NULL ? NULL : describe(arguments, *selected, parts);
	json_decref(parts);
	if (shard == NULL)
		error_set(err, ERROR_MEMORY, "out of memory");
	json_t *left = shard == NULL		   ? NULL
		       : arguments->rest_count > 0 ? without_reached(arguments, mine, err)
						   : json_incref(mine);
	json_decref(mine);
	if (left == NULL) {
		json_decref(shard);
		return NULL;
	}
	json_decref(*selected);
	*selected = left;
	return shard;
}
