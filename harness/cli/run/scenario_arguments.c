/* SPDX-License-Identifier: MIT */
#include "cli/run/scenario_arguments.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/error.h"
#include "core/file_copy.h"
#include "report/model/requirements.h"
#include "scenario/load.h"
#include "scenario/scenario_file.h"

static json_t *words_of(char *text)
{
	json_t *list = json_array();
	char *rest = NULL;

	for (char *word = strtok_r(text, " ", &rest); word != NULL;
		word = strtok_r(NULL, " ", &rest))
		json_array_append_new(list, json_string(word));
	return list;
}

/* The path of the entry with that name; NULL when there is none. */
static const char *path_of(const json_t *cases, const char *name)
{
	size_t index;
	json_t *entry;

	json_array_foreach(cases, index,
		entry) if (strcmp(json_string_value(json_object_get(entry, "name")), name) ==
			   0) return json_string_value(json_object_get(entry, "file"));
	return NULL;
}

/* Each expectation speaks for a requirement that there is. */
static int check_requirements(const char *path, const struct scenario_file *file,
	const struct requirements *requirements, struct error *err)
{
	for (int i = 0; i < file->expectation_count; i++) {
		const char *id = file->expectations[i].requirement;
		if (requirement_find(requirements, id) == NULL)
			return error_set(err, ERROR_USAGE,
				"%.200s: expectation %d has the unknown requirement '%s' (try: wizhil requirements)",
				path, i + 1, id);
	}
	return 0;
}

static int list_files(char *const *paths, size_t count, const struct requirements *known,
	json_t *cases, struct error *err)
{
	static struct scenario_file file;
	static char requirements[SCENARIO_REQUIREMENTS];
	char name[96];

	for (size_t i = 0; i < count; i++) {
		if (scenario_file_read(paths[i], &file, err) != 0 ||
			check_requirements(paths[i], &file, known, err) != 0)
			return -1;
		snprintf(name, sizeof name, "scenario/%s", file.name);
		const char *other = path_of(cases, name);
		if (other != NULL)
			return error_set(err, ERROR_USAGE,
				"'%.200s' and '%.200s' have the same name '%s' (change the key 'scenario' of one of them)",
				other, paths[i], file.name);
		struct scenario_load load = {0};
		scenario_load_add(&load, &file.scenario);
		json_t *entry = json_pack("{s:s, s:o, s:s}", "name", name, "requirements",
			words_of(scenario_file_requirements(&file, requirements)), "file",
			paths[i]);
		if (entry == NULL ||
			json_object_update_new(entry, scenario_load_json(&load)) != 0 ||
			json_array_append_new(cases, entry) != 0)
			return error_set(err, ERROR_MEMORY,
				"out of memory, or the path '%.200s' is not valid UTF-8", paths[i]);
	}
	return 0;
}

int scenario_arguments_list(char *const *paths, size_t count, json_t *cases, struct error *err)
{
	struct requirements known;

	if (count == 0)
		return 0;
	if (requirements_read(&known, err) != 0)
		return -1;
	int result = list_files(paths, count, &known, cases, err);
	requirements_free(&known);
	return result;
}

int scenario_arguments_keep(char *const *paths, size_t count, const char *folder, struct error *err)
{
	static struct scenario_file file;
	char path[4096];

	snprintf(path, sizeof path, "%s/scenarios", folder);
	if (count > 0 && mkdir(path, 0700) != 0)
		return error_errno(err, ERROR_BENCH, "cannot create '%.200s'", path);
	for (size_t i = 0; i < count; i++) {
		if (scenario_file_read(paths[i], &file, err) != 0)
			return -1;
		snprintf(path, sizeof path, "%s/scenarios/%s.yaml", folder, file.name);
		if (file_copy(paths[i], path, err) != 0)
			return -1;
	}
	return 0;
}

int scenario_arguments_recorded(struct run_arguments *arguments, glob_t *kept, struct error *err)
{
	char pattern[4096];

	if (arguments->judge == NULL || arguments->scenario_count > 0 ||
		case_filter_is_given(&arguments->filter))
		return 0;
	arguments->as_recorded = true;
	snprintf(pattern, sizeof pattern, "%s/scenarios/*.yaml", arguments->judge);
	int result = glob(pattern, 0, NULL, kept);
	if (result == GLOB_NOMATCH)
		return 0;
	if (result != 0 || kept->gl_pathc > RUN_SCENARIOS)
		return error_set(err, ERROR_USAGE, "cannot read the scenario files in '%.200s'",
			arguments->judge);
	arguments->scenario_count = kept->gl_pathc;
	memcpy(arguments->scenarios, kept->gl_pathv, kept->gl_pathc * sizeof *kept->gl_pathv);
	return 0;
}
