/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "core/json_text.h"
#include "judge/verdict.h"
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
static int enter(struct run *run, const struct run_case *one, const char *device)
{
	char key[512];

	key_of(key, sizeof key, one->name, device, one->repetition);
	if (json_object_get(run->index, key) != NULL)
		return 0;
	return json_object_set_new(run->index, key, json_integer(one - run->cases));
}

/* The first of several devices on which nothing has become of it yet. */
static struct run_case *find_open(const struct run *run, const char *name, int repetition)
{
	for (size_t i = 0; run->cases != NULL && i < run->case_count; i++) {
		struct run_case *one = &run->cases[i];
		if (strcmp(one->name, name) == 0 && one->repetition == repetition &&
			one->first == NULL && one->error == NULL && one->not_run == NULL)
			return one;
	}
	return NULL;
}

struct run_case *run_add_case(struct run *run, const char *name, const char *device, int repetition)
{
	struct run_case *one = array_add(&run->cases, &run->case_count, sizeof *run->cases);

	if (one == NULL)
		return NULL;
	const char *slash = strrchr(name, '/');
	one->name = name;
	one->device = device;
	one->repetition = repetition;
	one->title = slash == NULL ? name : slash + 1;
	snprintf(one->suite, sizeof one->suite, "%.*s", slash == NULL ? 3 : (int)(slash - name),
		slash == NULL ? "run" : name);
	one->admitted_s = one->done_s = -1;
	one->text = one->requirement = "";
	return enter(run, one, device) == 0 ? one : NULL;
}

struct run_case *run_case_of(struct run *run, const char *name, const char *device, int repetition)
{
	struct run_case *one = find(run, name, device, repetition);

	if (one != NULL)
		return one;
	/* Selected, and so far on no device: this is it. */
	one = find(run, name, "", repetition);
	if (one != NULL && one->device[0] == '\0') {
		one->device = device;
		return enter(run, one, device) == 0 ? one : NULL;
	}
	if (device[0] == '\0' && (one = find_open(run, name, repetition)) != NULL)
		return one;
	const json_t *requirements = one == NULL ? NULL : one->requirements;
	one = run_add_case(run, name, device, repetition);
	if (one != NULL)
		one->requirements = requirements;
	return one;
}

void run_case_title(const struct run *run, const struct run_case *one, char *title, size_t size)
{
	bool several = false;
	char repetition[32] = "";

	for (size_t i = 0; i < run->case_count && !several; i++)
		several = strcmp(run->cases[i].name, one->name) == 0 &&
			  strcmp(run->cases[i].device, one->device) != 0;
	several = several && one->device[0] != '\0';
	if (one->repetition > 0)
		snprintf(repetition, sizeof repetition, "%srepetition %d", several ? ", " : "",
			one->repetition);
	if (several || one->repetition > 0)
		snprintf(title, size, "%s (%s%s)", one->title, several ? one->device : "",
			repetition);
	else
		snprintf(title, size, "%s", one->title);
}

bool run_case_is(const struct run_case *one, const char *name, const char *device)
{
	return strcmp(one->name, name) == 0 && (device == NULL || strcmp(one->device, device) == 0);
}

bool run_case_has_ended(const struct run_case *one)
{
	return one->first != NULL || one->not_run != NULL || one->error != NULL;
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
