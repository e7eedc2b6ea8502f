/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "core/json_text.h"
#include "judge/verdict.h"
#include "report/model/attempt.h"
#include "report/model/run_build.h"

/* The cases of a run, found by name, device and repetition. */

static void key_of(char *key, size_t size, const char *name, const char *device, int repetition)
{
	snprintf(key, size, "%s\n%s\n%d", name, device, repetition);
}

static struct run_case *find(
	const struct run *run, const char *name, const char *device, int repetition)
{
	char key[512];

	key_of(key, sizeof key, name, device, repetition);
	const json_t *place = json_object_get(run->index, key);
	return place == NULL ? NULL : &run->cases[json_integer_value(place)];
}

/* The place stands under the key of this device too; the first that claims a key has it. */
static int enter(struct run *run, const struct run_case *test_case, const char *device)
{
	char key[512];

	key_of(key, sizeof key, test_case->name, device, test_case->repetition);
	if (json_object_get(run->index, key) != NULL)
		return 0;
	return json_object_set_new(run->index, key, json_integer(test_case - run->cases));
}

/* The first of several devices on which nothing has become of it yet. */
static struct run_case *find_open(const struct run *run, const char *name, int repetition)
{
	for (size_t i = 0; run->cases != NULL && i < run->case_count; i++) {
		struct run_case *test_case = &run->cases[i];
		if (strcmp(test_case->name, name) == 0 && test_case->repetition == repetition &&
			test_case->first == NULL && test_case->error == NULL &&
			test_case->not_run == NULL)
			return test_case;
	}
	return NULL;
}

struct run_case *run_add_case(struct run *run, const char *name, const char *device, int repetition)
{
	struct run_case *test_case = array_add(&run->cases, &run->case_count, sizeof *run->cases);

	if (test_case == NULL)
		return NULL;
	const char *slash = strrchr(name, '/');
	test_case->name = name;
	test_case->device = device;
	test_case->repetition = repetition;
	test_case->title = slash == NULL ? name : slash + 1;
	snprintf(test_case->suite, sizeof test_case->suite, "%.*s",
		slash == NULL ? 3 : (int)(slash - name), slash == NULL ? "run" : name);
	test_case->admitted_s = test_case->done_s = -1;
	test_case->text = test_case->requirement = "";
	return enter(run, test_case, device) == 0 ? test_case : NULL;
}

struct run_case *run_case_of(struct run *run, const char *name, const char *device, int repetition)
{
	struct run_case *test_case = find(run, name, device, repetition);

	if (test_case != NULL)
		return test_case;
	/* Selected, and so far on no device: this is it. */
	test_case = find(run, name, "", repetition);
	if (test_case != NULL && test_case->device[0] == '\0') {
		test_case->device = device;
		return enter(run, test_case, device) == 0 ? test_case : NULL;
	}
	if (device[0] == '\0' && (test_case = find_open(run, name, repetition)) != NULL)
		return test_case;
	const json_t *requirements = test_case == NULL ? NULL : test_case->requirements;
	test_case = run_add_case(run, name, device, repetition);
	if (test_case != NULL)
		test_case->requirements = requirements;
	return test_case;
}

void run_case_title(
	const struct run *run, const struct run_case *test_case, char *title, size_t size)
{
	bool several = false;
	char repetition[32] = "";

	for (size_t i = 0; i < run->case_count && !several; i++)
		several = strcmp(run->cases[i].name, test_case->name) == 0 &&
			  strcmp(run->cases[i].device, test_case->device) != 0;
	several = several && test_case->device[0] != '\0';
	if (test_case->repetition > 0)
		snprintf(repetition, sizeof repetition, "%srepetition %d", several ? ", " : "",
			test_case->repetition);
	if (several || test_case->repetition > 0)
		snprintf(title, size, "%s (%s%s)", test_case->title,
			several ? test_case->device : "", repetition);
	else
		snprintf(title, size, "%s", test_case->title);
}

bool run_case_is(const struct run_case *test_case, const char *name, const char *device)
{
	return strcmp(test_case->name, name) == 0 &&
	       (device == NULL || strcmp(test_case->device, device) == 0);
}

bool run_case_has_ended(const struct run_case *test_case)
{
	return test_case->first != NULL || test_case->not_run != NULL || test_case->error != NULL;
}

bool run_case_is_reached(const struct run_case *test_case)
{
	if (test_case->first != NULL)
		return test_case->first->verdict.outcome != OUTCOME_ERROR;
	return test_case->not_run != NULL && test_case->cut_off == NOT_CUT_OFF;
}

struct run_device *run_device_named(struct run *run, const char *name)
{
	for (size_t i = 0; i < run->device_count; i++)
		if (strcmp(run->devices[i].name, name) == 0)
			return &run->devices[i];
	struct run_device *device =
		array_add(&run->devices, &run->device_count, sizeof *run->devices);
	if (device != NULL)
		*device = (struct run_device){.name = name,
			.firmware = "",
			.mac = "",
			.address = "",
			.models = MODELS_ALL};
	return device;
}

int run_add_fault(struct run *run, const char *format, ...)
{
	char text[2048];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	for (size_t i = 0; i < run->fault_count; i++)
		if (strcmp(run->faults[i], text) == 0)
			return 0;
	json_t *copy = json_text(text);
	if (copy == NULL || json_array_append_new(run->kept, copy) != 0)
		return -1;
	const char **fault = array_add(&run->faults, &run->fault_count, sizeof *run->faults);
	if (fault == NULL)
		return -1;
	*fault = json_string_value(copy);
	return 0;
}
