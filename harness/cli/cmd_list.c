/* SPDX-License-Identifier: MIT */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/manual.h"

struct list_arguments {
	bool json;
	char *globs[64];
	size_t glob_count;
};

static const struct argp_option options[] = {
	{"json", 'j', NULL, 0, "as a JSON array: name, requirements, expected_s, exclusive", 0},
	{"filter", 'f', "GLOB", 0, "only cases whose suite/case matches; may be repeated", 0},
	{0},
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct list_arguments *arguments = state->input;

	if (key == 'j')
		arguments->json = true;
	else if (key == 'f' && arguments->glob_count < 64)
		arguments->globs[arguments->glob_count++] = value;
	else if (key == ARGP_KEY_ARG)
		argp_error(state, "unexpected argument '%s'", value);
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static void print_requirements(const json_t *list)
{
	size_t index;
	json_t *word;

	json_array_foreach(list, index, word)
		printf("%s%s", index > 0 ? " " : "", json_string_value(word));
}

static void print_table(const json_t *list)
{
	size_t index;
	json_t *entry;
	double total = 0;

	printf("%8s  %-9s  %-72s %s\n", "device s", "", "case", "requirements");
	json_array_foreach(list, index, entry)
	{
		double expected = json_number_value(json_object_get(entry, "expected_s"));
		total += expected;
		printf("%8.0f  %-9s  %-72s ", expected,
			json_is_true(json_object_get(entry, "exclusive")) ? "exclusive" : "",
			json_string_value(json_object_get(entry, "name")));
		print_requirements(json_object_get(entry, "requirements"));
		putchar('\n');
	}
	printf("%zu cases, %.0f device seconds one after the other\n", json_array_size(list),
		total);
}

int command_list(int argc, char **argv)
{
	static const struct argp parser = {options, parse, NULL,
		"Lists the cases: what each takes on a healthy device, whether it needs the device "
		"alone, and the requirements it speaks for (cases/requirements.yaml).",
		NULL, NULL, NULL};
	struct list_arguments arguments = {0};
	struct error err = {0};

	if (!command_parse(&parser, argc, argv, &arguments))
		return EXIT_CODE_PASS;
	json_t *all = read_case_list(&err);
	if (all == NULL)
		return complain(&err);
	json_t *list = filter_cases(all, arguments.globs, arguments.glob_count, &err);
	json_decref(all);
	if (list == NULL)
		return complain(&err);
	if (arguments.json) {
		json_dumpf(list, stdout, JSON_INDENT(1));
		putchar('\n');
	} else {
		print_table(list);
	}
	json_decref(list);
	return 0;
}
