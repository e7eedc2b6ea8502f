/* SPDX-License-Identifier: MIT */
#include "cli/run/case_filter.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "cli/output_folder.h"
#include "core/edit_distance.h"
#include "core/error.h"
#include "report/model/run.h"

/* ---- options ---- */

static void add_word(
	struct filter_words *words, char *value, const char *option, const struct argp_state *state)
{
	if (words->count == FILTER_WORDS)
		argp_error(state, "more than %d times %s", FILTER_WORDS, option);
	words->words[words->count++] = value;
}

bool case_filter_take(struct case_filter *filter, int key, char *value, struct argp_state *state)
{
	switch (key) {
	case 'f':
		add_word(&filter->globs, value, "--filter", state);
		return true;
	case OPTION_EXCLUDE:
		add_word(&filter->excluded, value, "--exclude", state);
		return true;
	case OPTION_REQUIREMENT:
		add_word(&filter->requirements, value, "--requirement", state);
		return true;
	case OPTION_LAST_FAILED:
		filter->failed_in = value == NULL ? "" : value;
		return true;
	default:
		return false;
	}
}

bool case_filter_is_given(const struct case_filter *filter)
{
	return filter->globs.count > 0 || filter->requirements.count > 0 ||
	       filter->failed_in != NULL;
}

/* ---- a word that matches nothing ---- */

static const char *name_of(const json_t *entry)
{
	return json_string_value(json_object_get(entry, "name"));
}

/* A word without wildcards is part of a name. */
static bool matches(const char *word, const char *name)
{
	return strpbrk(word, "*?[") == NULL ? strstr(name, word) != NULL
					    : fnmatch(word, name, 0) == 0;
}

/* The case whose name, or what stands behind its suite, begins most like the word; NULL: none is
 * like it. */
static const char *nearest(const json_t *list, const char *word)
{
	const size_t length = strlen(word);
	size_t least = length / 3 + 1, index;
	const char *found = NULL;
	json_t *entry;
	char begin[64];

	json_array_foreach(list, index, entry)
	{
		const char *name = name_of(entry), *slash = strchr(name, '/');
		const char *const parts[] = {name, slash == NULL ? name : slash + 1};
		for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
			snprintf(begin, sizeof begin, "%.*s", (int)length, parts[i]);
			const size_t distance = edit_distance(word, begin);
			if (distance >= least)
				continue;
			least = distance;
			found = name;
		}
	}
	return found;
}

static int no_match(const json_t *list, const char *word, struct error *err)
{
	const char *name = nearest(list, word);

	if (name != NULL)
		return error_set(err, ERROR_USAGE,
			"filter '%s' matches no case (did you mean '%s'? try: wizhil list)", word,
			name);
	return error_set(err, ERROR_USAGE,
		"filter '%s' matches no case (use a part of a name, or a glob over suite/case, as in 'dead_peer/*'; try: wizhil list)",
		word);
}

/* ---- the filters; each keeps some of the list, whose reference it takes ---- */

static bool holds(const json_t *list, const json_t *entry)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (json_array_get(list, i) == entry)
			return true;
	return false;
}

/* In the order of the words. */
static json_t *keep_matching(json_t *list, const struct filter_words *words, struct error *err)
{
	json_t *kept = json_array();
	size_t index;
	json_t *entry;
	int failed = 0;

	for (size_t i = 0; i < words->count && failed == 0; i++) {
		bool any = false;
		json_array_foreach(list, index, entry)
		{
			if (!matches(words->words[i], name_of(entry)))
				continue;
			any = true;
			if (!holds(kept, entry))
				json_array_append(kept, entry);
		}
		if (!any)
			failed = no_match(list, words->words[i], err);
	}
	json_decref(list);
	if (failed == 0)
		return kept;
	json_decref(kept);
	return NULL;
}

static json_t *leave_out(json_t *list, const struct filter_words *words, struct error *err)
{
	json_t *kept = json_array();
	size_t index;
	json_t *entry;

	json_array_foreach(list, index, entry)
	{
		bool excluded = false;
		for (size_t i = 0; i < words->count; i++)
			excluded |= matches(words->words[i], name_of(entry));
		if (!excluded)
			json_array_append(kept, entry);
	}
	json_decref(list);
	if (json_array_size(kept) > 0)
		return kept;
	error_set(err, ERROR_USAGE, "--exclude leaves no case");
	json_decref(kept);
	return NULL;
}

static bool covers(const json_t *entry, const char *glob)
{
	size_t index;
	json_t *id;

	json_array_foreach(json_object_get(entry, "requirements"), index, id)
	{
		if (fnmatch(glob, json_string_value(id), 0) == 0)
			return true;
	}
	return false;
}

static json_t *keep_covering(json_t *list, const struct filter_words *words, struct error *err)
{
	json_t *kept = json_array();
	const char *unknown = NULL;
	size_t index;
	json_t *entry;

	for (size_t i = 0; i < words->count; i++) {
		bool any = false;
		json_array_foreach(list, index, entry)
		{
			if (!covers(entry, words->words[i]))
				continue;
			any = true;
			if (!holds(kept, entry))
				json_array_append(kept, entry);
		}
		if (!any && unknown == NULL)
			unknown = words->words[i];
	}
	json_decref(list);
	if (unknown == NULL)
		return kept;
	error_set(err, ERROR_USAGE,
		"no selected case covers requirement '%s' (try: wizhil requirements)", unknown);
	json_decref(kept);
	return NULL;
}

static bool failed_in(const struct run *run, const char *name)
{
	for (size_t i = 0; i < run->case_count; i++)
		if (strcmp(run->cases[i].name, name) == 0 && run->cases[i].outcome == OUTCOME_FAIL)
			return true;
	return false;
}

static json_t *keep_failed(json_t *list, const char *folder, struct error *err)
{
	char latest[4096];
	struct run *run = NULL;
	json_t *kept = json_array();
	size_t index;
	json_t *entry;

	snprintf(latest, sizeof latest, "%s", folder);
	if (folder[0] != '\0' || latest_run(latest, sizeof latest, err) == 0)
		run = run_read(latest, err);
	json_array_foreach(list, index, entry)
	{
		if (run != NULL && failed_in(run, name_of(entry)))
			json_array_append(kept, entry);
	}
	json_decref(list);
	if (run != NULL && json_array_size(kept) == 0)
		error_set(err, ERROR_USAGE, "no selected case failed in '%s'", latest);
	run_free(run);
	if (json_array_size(kept) > 0)
		return kept;
	json_decref(kept);
	return NULL;
}

json_t *case_filter_apply(const struct case_filter *filter, json_t *list, struct error *err)
{
	json_t *kept = json_incref(list);

	if (filter->globs.count > 0)
		kept = keep_matching(kept, &filter->globs, err);
	if (kept != NULL && filter->requirements.count > 0)
		kept = keep_covering(kept, &filter->requirements, err);
	if (kept != NULL && filter->failed_in != NULL)
		kept = keep_failed(kept, filter->failed_in, err);
	if (kept != NULL && filter->excluded.count > 0)
		kept = leave_out(kept, &filter->excluded, err);
	return kept;
}
