/* SPDX-License-Identifier: MIT */
#include <argp.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/terminal.h"
#include "core/data_file.h"
#include "core/error.h"
#include "core/exit_code.h"
#include "report/model/requirements.h"

/* cases/requirements.yaml against the list of cases. */

static bool names(const json_t *entry, const char *id)
{
	const json_t *list = json_object_get(entry, "requirements");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_string_value(json_array_get(list, i)), id) == 0)
			return true;
	return false;
}

/* The names of the cases that speak for it; a new reference. */
static json_t *speakers(const json_t *cases, const char *id)
{
	json_t *found = json_array();

	for (size_t i = 0; i < json_array_size(cases); i++) {
		const json_t *entry = json_array_get(cases, i);
		if (names(entry, id))
			json_array_append(found, json_object_get(entry, "name"));
	}
	return found;
}

/* "must" and "should" want a case; what is judged of the whole run has none of its own. */
static bool is_hole(const struct requirement *requirement, const json_t *found)
{
	return requirement->level <= REQUIREMENT_SHOULD && !requirement->of_run &&
	       json_array_size(found) == 0;
}

static json_t *matrix(const struct requirements *requirements, const json_t *cases)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < requirements->count; i++) {
		const struct requirement *r = &requirements->entries[i];
		json_t *found = speakers(cases, r->id);
		bool hole = is_hole(r, found);
		json_array_append_new(
			rows, json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:o}", "id", r->id, "text",
				      r->text, "source", r->source, "level",
				      requirement_level_name(r->level), "of_run", r->of_run, "hole",
				      hole, "cases", found));
	}
	return rows;
}

/* Says what does not fit together; how many there were. */
static int complain_of_mistakes(
	const struct requirements *requirements, const json_t *cases, const json_t *rows)
{
	int mistakes = 0;

	for (size_t i = 0; i < json_array_size(cases); i++) {
		const json_t *entry = json_array_get(cases, i);
		const json_t *list = json_object_get(entry, "requirements");
		for (size_t j = 0; j < json_array_size(list); j++) {
			const char *id = json_string_value(json_array_get(list, j));
			if (requirement_find(requirements, id) != NULL)
				continue;
			fprintf(stderr, "wizhil: case '%s' refers to unknown requirement '%s'\n",
				json_string_value(json_object_get(entry, "name")), id);
			mistakes++;
		}
	}
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		if (!json_is_true(json_object_get(row, "hole")))
			continue;
		fprintf(stderr, "wizhil: no case covers '%s' (%s)\n",
			json_string_value(json_object_get(row, "id")),
			json_string_value(json_object_get(row, "level")));
		mistakes++;
	}
	return mistakes;
}

static void print_matrix(const json_t *rows)
{
	size_t index, number;
	json_t *row, *name;

	json_array_foreach(rows, index, row)
	{
		const json_t *found = json_object_get(row, "cases");
		bool of_run = json_is_true(json_object_get(row, "of_run"));
		printf("%-12s %-13s %s\n%26s %s\n", json_string_value(json_object_get(row, "id")),
			json_string_value(json_object_get(row, "level")),
			json_string_value(json_object_get(row, "text")),
			"source:", json_string_value(json_object_get(row, "source")));
		json_array_foreach(found, number, name)
			printf("%26s %s\n", number == 0 ? "cases:" : "", json_string_value(name));
		if (json_array_size(found) == 0)
			printf("%26s %s\n",
				"cases:", of_run ? "all cases, at the end of the run" : "none");
	}
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	if (key == 'j')
		*(bool *)state->input = true;
	else if (key == ARGP_KEY_ARG)
		argp_error(state, "unexpected argument '%s'", value);
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

/* Where the page is that the sources name. */
static void print_page(void)
{
	char path[PATH_MAX];

	if (data_file("cases/DEVICE.md", path, sizeof path, NULL) == 0)
		printf("\n%s is '%s'\n", "DEVICE.md", path);
}

int command_requirements(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"json", 'j', NULL, 0, "print a JSON array: id, text, source, level, cases", 0},
		{0}};
	static const struct argp parser = {options, parse, NULL,
		"Lists the requirements that the suite checks, with their sources and the cases that cover them.  'DEVICE.md 5 (V)' is section 5, tag V, of the page on the module whose path is printed last.\v"
		"The exit code is 2 if a 'must' or 'should' has no case, or a case refers to an unknown requirement.",
		NULL, NULL, NULL};
	struct requirements requirements = {0};
	struct error err = {0};
	bool as_json = false;

	if (!command_parse(&parser, argc, argv, &as_json))
		return EXIT_CODE_PASS;
	if (requirements_read(&requirements, &err) != 0)
		return complain(&err);
	json_t *cases = read_case_list(&err);
	if (cases == NULL) {
		requirements_free(&requirements);
		return complain(&err);
	}
	json_t *rows = matrix(&requirements, cases);
	if (as_json) {
		json_dumpf(rows, stdout, JSON_INDENT(1));
		putchar('\n');
	} else {
		(void)terminal_fit();
		print_matrix(rows);
		print_page();
	}
	fflush(stdout);
	int mistakes = complain_of_mistakes(&requirements, cases, rows);
	json_decref(rows);
	json_decref(cases);
	requirements_free(&requirements);
	return mistakes == 0 ? EXIT_CODE_PASS : EXIT_CODE_USAGE;
}
