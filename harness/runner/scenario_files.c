/* SPDX-License-Identifier: MIT */
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "runner/scenario_files.h"

#include "scenario/scenario_file.h"

/* One Criterion test that takes the selected scenario files as its parameters: each is a worker of
 * its own, and for the bench a case like any other. */

enum { CASE_NAME = 96, MOST_FILES = 4096 };

struct selected_file {
	char name[CASE_NAME]; /* without the suite */
};

/* In the worker. */
static struct scenario_file work_file;

static void carry_out(void)
{
	const struct timeline *t = drive(&work_file.scenario);

	for (int i = 0; i < work_file.expectation_count; i++)
		expect_as_read(t, &work_file.expectations[i]);
}

int scenario_files_selected(const char *line)
{
	static const char suite[] = SCENARIO_FILES_SUITE "/";

	return strncmp(line, suite, strlen(suite)) == 0 ? (int)strlen(suite) : 0;
}

/* Reads the selection once more: a generator has no arguments. */
ParameterizedTestParameters(scenario, file)
{
	const char *selection = getenv("WIZHIL_SELECTION");
	FILE *stream = selection == NULL ? NULL : fopen(selection, "re");
	struct selected_file *list = cr_calloc(MOST_FILES, sizeof *list);
	size_t count = 0;
	char line[128];

	while (stream != NULL && list != NULL && count < MOST_FILES &&
		fgets(line, sizeof line, stream) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		int behind = scenario_files_selected(line);
		if (behind > 0)
			snprintf(list[count++].name, CASE_NAME, "%s", line + behind);
	}
	if (stream != NULL)
		fclose(stream);
	return cr_make_param_array(struct selected_file, list, count);
}

int scenario_files_entry(const char *name, struct case_entry *entry, struct error *err)
{
	static char requirements[SCENARIO_REQUIREMENTS];
	const char *folder = getenv("WIZHIL_SCENARIOS");
	char path[4096];

	snprintf(path, sizeof path, "%s/%s.yaml", folder == NULL ? "." : folder, name);
	if (scenario_file_read(path, &work_file, err) != 0)
		return -1;
	*entry = (struct case_entry){.suite = SCENARIO_FILES_SUITE,
		.name = name,
		.requirements = scenario_file_requirements(&work_file, requirements),
		.body = carry_out};
	return 0;
}

ParameterizedTest(struct selected_file *selected, scenario, file)
{
	struct case_entry entry;
	struct error err = {0};

	if (scenario_files_entry(selected->name, &entry, &err) != 0)
		cr_assert_fail("%s", err.text);
	case_work(&entry);
}
