/* SPDX-License-Identifier: MIT */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/run/case_filter.h"
#include "cli/run/tier.h"
#include "cli/terminal.h"
#include "core/error.h"
#include "core/exit_code.h"

struct list_arguments {
	bool json;
	const char *tier;
	struct case_filter filter;
};

static const struct argp_option options[] = {
	{"json", 'j', NULL, 0,
		"print a JSON array: name, tier, requirements, expected_s, exclusive, cids, cid_s",
		0},
	{"tier", 'T', "TIER", 0, "only cases up to this tier: quick, standard or long", 0},
	CASE_FILTER_OPTIONS,
	{0},
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct list_arguments *arguments = state->input;

	if (case_filter_take(&arguments->filter, key, value, state))
		return 0;
	if (key == 'j')
		arguments->json = true;
	else if (key == 'T')
		arguments->tier = value;
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

/* For a terminal of so many columns: the names below their suites, and the requirements behind them
 * where there is room. */
static void print_for_people(const json_t *list, size_t columns)
{
	size_t index, longest = 0;
	json_t *entry;
	double total = 0;
	char suite[96] = "";

	json_array_foreach(list, index, entry)
	{
		const char *name = json_string_value(json_object_get(entry, "name"));
		const char *slash = strrchr(name, '/');
		const size_t length = strlen(slash == NULL ? name : slash + 1);
		longest = length > longest ? length : longest;
	}
	const bool room = columns >= longest + 40;
	printf("device s tier     case%s\n", room ? ", requirements" : "");
	json_array_foreach(list, index, entry)
	{
		const char *name = json_string_value(json_object_get(entry, "name"));
		const char *slash = strrchr(name, '/');
		const size_t of_suite = slash == NULL ? 0 : (size_t)(slash - name);
		const double expected = json_number_value(json_object_get(entry, "expected_s"));
		total += expected;
		if (strlen(suite) != of_suite || strncmp(suite, name, of_suite) != 0) {
			snprintf(suite, sizeof suite, "%.*s", (int)of_suite, name);
			printf("\n%s\n", suite);
		}
		printf("%7.0f %-8s%c %-*s", expected,
			json_string_value(json_object_get(entry, "tier")),
			json_is_true(json_object_get(entry, "exclusive")) ? '*' : ' ',
			room ? (int)longest : 0, slash == NULL ? name : slash + 1);
		if (room) {
			fputs("  ", stdout);
			print_requirements(json_object_get(entry, "requirements"));
		}
		putchar('\n');
	}
	printf("\n%zu cases, %.0f device seconds in sequence; * needs the device alone%s\n",
		json_array_size(list), total,
		room ? "" : "; requirements: in a wider terminal, in a pipe, with --json");
}

static void print_table(const json_t *list)
{
	size_t index;
	json_t *entry;
	double total = 0;

	printf("%8s  %-8s  %-9s  %-72s %s\n", "device s", "tier", "", "case", "requirements");
	json_array_foreach(list, index, entry)
	{
		double expected = json_number_value(json_object_get(entry, "expected_s"));
		total += expected;
		printf("%8.0f  %-8s  %-9s  %-72s ", expected,
			json_string_value(json_object_get(entry, "tier")),
			json_is_true(json_object_get(entry, "exclusive")) ? "exclusive" : "",
			json_string_value(json_object_get(entry, "name")));
		print_requirements(json_object_get(entry, "requirements"));
		putchar('\n');
	}
	printf("%zu cases, %.0f device seconds in sequence\n", json_array_size(list), total);
}

int command_list(int argc, char **argv)
{
	static const struct argp parser = {options, parse, NULL,
		"Lists the cases: the time on a healthy device, the tier (quick below 400 s, standard below 1300 s, long), whether the case needs the device alone, and the requirements it covers (cases/requirements.yaml).",
		NULL, NULL, NULL};
	static struct list_arguments arguments;
	struct error err = {0};

	if (!command_parse(&parser, argc, argv, &arguments))
		return EXIT_CODE_PASS;
	json_t *all = read_case_list(&err);
	if (all == NULL)
		return complain(&err);
	json_t *list = case_filter_apply(&arguments.filter, all, &err);
	json_decref(all);
	if (list == NULL)
		return complain(&err);
	if (arguments.tier != NULL) {
		enum tier tier = TIER_LONG;
		if (tier_parse(arguments.tier, &tier, &err) != 0) {
			json_decref(list);
			return complain(&err);
		}
		json_t *within = cases_up_to(list, tier);
		json_decref(list);
		list = within;
	}
	if (arguments.json) {
		json_dumpf(list, stdout, JSON_INDENT(1));
		putchar('\n');
	} else if (terminal_takes_colour(stdout)) {
		print_for_people(list, terminal_fit());
	} else {
		print_table(list);
	}
	json_decref(list);
	return 0;
}
