/* SPDX-License-Identifier: MIT */
#include "cli/help/values.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/prove/prove.h"
#include "core/data_file.h"
#include "core/error.h"
#include "core/exit_code.h"

/* ---- what belongs where ---- */

/* command NULL: of every command.  The first row that fits counts. */
static const struct {
	const char *command, *option;
	struct value_set values;
} option_values[] = {
	{NULL, "filter", {.kind = "cases"}},
	{NULL, "exclude", {.kind = "cases"}},
	{NULL, "requirement", {.kind = "requirements"}},
	{NULL, "tier", {.words = "quick standard long"}},
	{NULL, "clock", {.words = "real stepped"}},
	{NULL, "trace", {.words = "uart wire bench"}},
	{NULL, "set", {.kind = "settings"}},
	{NULL, "fault", {.kind = "faults"}},
	{NULL, "faults", {.kind = "faults"}},
	{NULL, "variants", {.kind = "variants"}},
	{NULL, "on", {.kind = "variants"}},
	{NULL, "profile", {.kind = "profiles"}},
	{NULL, "last-failed", {.kind = "runs"}},
	{NULL, "rest", {.kind = "runs"}},
	{NULL, "resume", {.kind = "runs"}},
	{NULL, "judge", {.kind = "runs"}},
	{NULL, "baseline", {.kind = "runs"}},
	{NULL, "from", {.kind = "runs"}},
	{"report", "format", {.words = "html text junit tap markdown csv"}},
	{"compare", "format", {.words = "text markdown html"}},
};

static const struct {
	const char *command;
	struct value_set first, others;
} word_values[] = {
	{"show", {.kind = "cases"}, {.kind = "runs"}},
	{"report", {.kind = "runs"}, {.kind = "runs"}},
	{"compare", {.kind = "runs"}, {.kind = "runs"}},
	{"merge", {.kind = "runs"}, {.kind = "runs"}},
	{"bundle", {.kind = "runs"}, {.kind = "runs"}},
	{"history", {.kind = "runs"}, {.kind = "runs"}},
};

struct value_set values_of_option(const char *command, const char *option)
{
	for (size_t i = 0; i < sizeof option_values / sizeof *option_values; i++) {
		const char *of = option_values[i].command;
		if ((of == NULL || strcmp(of, command) == 0) &&
			strcmp(option_values[i].option, option) == 0)
			return option_values[i].values;
	}
	return (struct value_set){0};
}

struct value_set values_of_first_word(const char *command)
{
	for (size_t i = 0; i < sizeof word_values / sizeof *word_values; i++)
		if (strcmp(word_values[i].command, command) == 0)
			return word_values[i].first;
	return (struct value_set){0};
}

struct value_set values_of_words(const char *command)
{
	for (size_t i = 0; i < sizeof word_values / sizeof *word_values; i++)
		if (strcmp(word_values[i].command, command) == 0)
			return word_values[i].others;
	return (struct value_set){0};
}

/* ---- the lists ---- */

static void print_cases(void)
{
	json_t *list = read_case_list(NULL), *entry;
	size_t index;

	json_array_foreach(list, index, entry)
	{
		puts(json_string_value(json_object_get(entry, "name")));
	}
	json_decref(list);
}

/* Those that cases cover, each once. */
static void print_requirements(void)
{
	json_t *list = read_case_list(NULL), *seen = json_object(), *entry, *id;
	size_t index, i;

	json_array_foreach(list, index, entry)
	{
		json_array_foreach(json_object_get(entry, "requirements"), i, id)
		{
			if (json_object_get(seen, json_string_value(id)) == NULL)
				puts(json_string_value(id));
			json_object_set_new(seen, json_string_value(id), json_true());
		}
	}
	json_decref(seen);
	json_decref(list);
}

static void print_subjects(enum subject_kind kind)
{
	struct proof_files files = {0};

	if (proof_files_read(NULL, NULL, &files, NULL) != 0)
		return;
	for (size_t i = 0; i < files.subject_count; i++)
		if (files.subjects[i].kind == kind)
			puts(files.subjects[i].name);
	proof_files_free(&files);
}

static void print_faults(void)
{
	print_subjects(SUBJECT_FAULT);
}

static void print_variants(void)
{
	print_subjects(SUBJECT_VARIANT);
}

/* The virtual device's own list: "keepalive.model=A-tick", and below it what it is. */
static void print_settings(void)
{
	char program[4096], command[4200], line[512];

	if (sibling_program("virtual-wizfi210", program, sizeof program, NULL) != 0)
		return;
	snprintf(command, sizeof command, "'%s' --list-settings", program);
	FILE *stream = popen(command, "re");
	while (stream != NULL && fgets(line, sizeof line, stream) != NULL)
		if (line[0] != '\t')
			printf("%.*s=\n", (int)strcspn(line, "=\n"), line);
	if (stream != NULL)
		pclose(stream);
}

typedef void visit_entry(const char *folder, const char *name);

static void each_entry(const char *folder, visit_entry *visit)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		visit(folder, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

static void print_run(const char *folder, const char *name)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s/journal.jsonl", folder, name);
	if (access(path, R_OK) == 0)
		printf("%s/%s\n", folder, name);
}

/* Where runs are by default. */
static void print_runs(void)
{
	each_entry("reports", print_run);
}

static void print_profile(const char *folder, const char *name)
{
	const char *end = strrchr(name, '.');

	if (end != NULL && strcmp(end, ".yaml") == 0)
		printf("%s/%s\n", folder, name);
}

static void print_profiles(void)
{
	char folder[4096];

	if (data_file("fixtures/profiles", folder, sizeof folder, NULL) == 0)
		each_entry(folder, print_profile);
}

int values_print(const char *kind)
{
	static const struct {
		const char *kind;
		void (*print)(void);
	} lists[] = {{"cases", print_cases}, {"requirements", print_requirements},
		{"runs", print_runs}, {"settings", print_settings}, {"faults", print_faults},
		{"variants", print_variants}, {"profiles", print_profiles}};

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		if (strcmp(lists[i].kind, kind) != 0)
			continue;
		lists[i].print();
		return EXIT_CODE_PASS;
	}
	remark("unknown list '%s' for --values (use cases, requirements, runs, settings, faults, variants or profiles)",
		kind);
	return EXIT_CODE_USAGE;
}
