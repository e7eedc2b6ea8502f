/* SPDX-License-Identifier: MIT */
#include "cli/prove/caught.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/prove/prove.h"
#include "core/data_file.h"
#include "core/error.h"
#include "core/json_text.h"

#define CAUGHT_FILE "fixtures/virtual-wizfi210/caught.json"

/* ---- written ---- */

/* With each seed. */
static bool always_catches(const struct proof *proof, const struct subject *fault, const char *name)
{
	bool tried = false;

	for (size_t i = 0; i < proof->trial_count; i++) {
		const struct trial *trial = &proof->trials[i];
		if (trial->subject != fault)
			continue;
		if (!trial->done || !json_has_text(trial->reading.by, name))
			return false;
		tried = true;
	}
	return tried;
}

static bool is_tried_fault(const struct proof *proof, const struct subject *subject)
{
	for (size_t i = 0; i < proof->trial_count; i++)
		if (proof->trials[i].subject == subject)
			return subject->kind == SUBJECT_FAULT;
	return false;
}

static void write_faults(const struct proof *proof, FILE *file)
{
	bool any = false;

	fputs("{\n\"faults\": [", file);
	for (size_t i = 0; i < proof->files.subject_count; i++) {
		if (!is_tried_fault(proof, &proof->files.subjects[i]))
			continue;
		fprintf(file, "%s\n \"%s\"", any ? "," : "", proof->files.subjects[i].name);
		any = true;
	}
	fputs("\n],\n", file);
}

static void write_case(const struct proof *proof, const char *name, FILE *file)
{
	bool any = false;
	int place = 0;

	fprintf(file, "\n \"%s\": [", name);
	for (size_t i = 0; i < proof->files.subject_count; i++) {
		const struct subject *fault = &proof->files.subjects[i];
		if (!is_tried_fault(proof, fault))
			continue;
		if (always_catches(proof, fault, name)) {
			fprintf(file, "%s%d", any ? ", " : "", place);
			any = true;
		}
		place++;
	}
	fputc(']', file);
}

int caught_write(const struct proof *proof, const char *path, struct error *err)
{
	FILE *file = fopen(path, "we");
	size_t index;
	json_t *entry;

	if (file == NULL)
		return error_errno(err, ERROR_USAGE, "cannot write '%s'", path);
	write_faults(proof, file);
	fputs("\"cases\": {", file);
	json_array_foreach(proof->cases, index, entry)
	{
		fputs(index == 0 ? "" : ",", file);
		write_case(proof, json_string_value(json_object_get(entry, "name")), file);
	}
	fputs("\n}\n}\n", file);
	const bool failed = ferror(file) != 0;
	if (fclose(file) != 0 || failed)
		return error_errno(err, ERROR_BENCH, "cannot write '%s'", path);
	return 0;
}

/* ---- read ---- */

static bool is_matrix(const json_t *matrix)
{
	const json_t *faults = json_object_get(matrix, "faults");
	json_t *cases = json_object_get(matrix, "cases"), *of_case, *place;
	const char *name;
	size_t index;

	if (!json_is_array(faults) || !json_is_object(cases))
		return false;
	json_array_foreach(faults, index, place)
	{
		if (!json_is_string(place))
			return false;
	}
	json_object_foreach(cases, name, of_case)
	{
		if (!json_is_array(of_case))
			return false;
		json_array_foreach(of_case, index, place)
		{
			if (!json_is_integer(place) || json_integer_value(place) < 0 ||
				(size_t)json_integer_value(place) >= json_array_size(faults))
				return false;
		}
	}
	return true;
}

json_t *caught_read(const char *path, struct error *err)
{
	char own[4096];
	json_error_t trouble;

	if (path == NULL && data_file(CAUGHT_FILE, own, sizeof own, err) != 0)
		return NULL;
	path = path == NULL ? own : path;
	json_t *matrix = json_load_file(path, 0, &trouble);
	if (matrix != NULL && is_matrix(matrix))
		return matrix;
	json_decref(matrix);
	error_set(err, ERROR_USAGE,
		"'%s' does not say which case catches which fault (make it anew: wizhil prove --full --seeds 1 --faults '*' --matrix '%s')",
		path, path);
	return NULL;
}
