/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/expected_test.h"
#include "diagnose/diagnosis.h"
#include "diagnose/talk_test.h"

/*
 * The reference captures (captures/README.md): each is read as its NAME.json says.
 */

#define CAPTURES WIZHIL_SOURCE "/captures/"

static int is_capture(const struct dirent *entry)
{
	return strstr(entry->d_name, ".pcap") != NULL;
}

/* Calls each with the name of every capture, in order. */
static void for_each(void (*each)(const char *name, void *context), void *context)
{
	struct dirent **entries = NULL;
	const int count = scandir(CAPTURES, &entries, is_capture, alphasort);

	cr_assert_gt(count, 30);
	for (int i = 0; i < count; i++) {
		each(entries[i]->d_name, context);
		free(entries[i]);
	}
	free(entries);
}

static const char *text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text == NULL ? "" : text;
}

/* {"frame": word} of a list of objects that have both. */
static json_t *by_frame(const json_t *list, const char *word)
{
	json_t *made = json_object();
	size_t i;
	const json_t *entry;

	json_array_foreach(list, i, entry)
	{
		char frame[24];
		snprintf(frame, sizeof frame, "%" JSON_INTEGER_FORMAT,
			json_integer_value(json_object_get(entry, "frame")));
		json_object_set(made, frame, json_object_get(entry, word));
	}
	return made;
}

static void expect_same(const char *name, const char *what, json_t *found, const json_t *wanted)
{
	char *text = json_dumps(found, JSON_COMPACT | JSON_ENCODE_ANY);

	cr_expect(json_equal(found, wanted), "%s: %s: %s", name, what, text);
	free(text);
	json_decref(found);
}

static void compare_direction(const char *name, const json_t *found, const json_t *wanted)
{
	static const char *const figures[] = {"idle_s", "interval_s"};

	cr_expect_str_eq(text_at(found, "prober"), text_at(wanted, "prober"), "%s", name);
	expect_same(name, "probes", by_frame(json_object_get(found, "probes"), "answer"),
		json_object_get(wanted, "probes"));
	expect_same(name, "not probes", by_frame(json_object_get(found, "not_probes"), "reason"),
		json_object_get(wanted, "not_probes"));
	if (json_object_get(wanted, "outcome") != NULL)
		cr_expect_str_eq(text_at(found, "outcome"), text_at(wanted, "outcome"), "%s", name);
	if (json_object_get(wanted, "count") != NULL)
		cr_expect(json_equal(json_object_get(found, "count"),
				  json_object_get(wanted, "count")),
			"%s: count", name);
	for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
		const json_t *want = json_object_get(wanted, figures[i]);
		const json_t *got = json_object_get(found, figures[i]);
		if (json_is_number(want))
			cr_expect(fabs(json_number_value(got) - json_number_value(want)) <= .6,
				"%s: %s: %g", name, figures[i], json_number_value(got));
		else if (want != NULL)
			cr_expect(json_is_null(got), "%s: %s", name, figures[i]);
	}
}

static void compare(const char *name, void *context)
{
	char path[256], reading[256];
	const struct diagnosis_request request = {.profile = profile_default()};

	(void)context;
	snprintf(path, sizeof path, CAPTURES "%s", name);
	snprintf(reading, sizeof reading, CAPTURES "%.*s.json", (int)strcspn(name, "."), name);
	char *text = diagnosis_of(path, request, DIAGNOSIS_JSON);
	json_t *all = json_loads(text, 0, NULL), *wanted = json_load_file(reading, 0, NULL);
	cr_assert(all != NULL && wanted != NULL, "%s", name);
	const json_t *connections =
		json_object_get(json_array_get(json_object_get(all, "captures"), 0), "connections");
	const json_t *readings = json_object_get(wanted, "connections");
	cr_expect_eq(json_array_size(connections), json_array_size(readings), "%s", name);
	for (size_t i = 0; i < json_array_size(readings); i++) {
		const json_t *found = json_array_get(connections, i);
		const json_t *want = json_array_get(readings, i);
		const json_t *probers = json_object_get(want, "directions");
		cr_expect_str_eq(text_at(found, "a"), text_at(want, "a"), "%s", name);
		cr_expect_str_eq(text_at(found, "b"), text_at(want, "b"), "%s", name);
		cr_expect_eq(json_array_size(json_object_get(found, "directions")),
			json_array_size(probers), "%s", name);
		for (size_t k = 0; k < json_array_size(probers); k++)
			compare_direction(name,
				json_array_get(json_object_get(found, "directions"), k),
				json_array_get(probers, k));
	}
	json_decref(all);
	json_decref(wanted);
	free(text);
}

Test(captures, are_read_as_they_were_made)
{
	for_each(compare, NULL);
}

/* And what is said of each, to its last word. */
static void compare_text(const char *name, void *context)
{
	const struct diagnosis_request request = {.profile = profile_default()};
	char path[256], file[256], *both = NULL;

	(void)context;
	snprintf(path, sizeof path, CAPTURES "%s", name);
	snprintf(file, sizeof file, "captures/%s.txt", name);
	char *text = diagnosis_of(path, request, DIAGNOSIS_VERBOSE);
	char *json = diagnosis_of(path, request, DIAGNOSIS_JSON);
	cr_assert_geq(asprintf(&both, "%s\n%s", text, json), 0);
	expect_whole("diagnose", file, both);
	free(both);
	free(json);
	free(text);
}

Test(captures, are_told_as_they_are_read)
{
	for_each(compare_text, NULL);
}
