/* SPDX-License-Identifier: MIT */
#include "cli/run/fault_arguments.h"

#include <string.h>

#include "core/edit_distance.h"
#include "core/error.h"

static const char *fault_name(const void *context, size_t i)
{
	const struct proof_files *files = context;

	return i < files->subject_count && files->subjects[i].kind == SUBJECT_FAULT
		       ? files->subjects[i].name
		       : NULL;
}

static const struct subject *find_fault(const struct proof_files *files, const char *name)
{
	const char *known;

	for (size_t i = 0; (known = fault_name(files, i)) != NULL; i++)
		if (strcmp(known, name) == 0)
			return &files->subjects[i];
	return NULL;
}

int fault_arguments_take(
	struct run_arguments *arguments, struct proof_files *files, struct error *err)
{
	const char *sets[RUN_SETS];
	size_t count = 0;

	if (arguments->fault_count == 0)
		return 0;
	if (proof_files_read(NULL, NULL, files, err) != 0)
		return -1;
	for (size_t i = 0; i < arguments->fault_count; i++) {
		const char *name = arguments->faults[i];
		const struct subject *fault = find_fault(files, name);
		if (fault == NULL)
			return error_set(err, ERROR_USAGE,
				"unknown fault '%s'%s (they stand in fixtures/virtual-wizfi210/faults.yaml)",
				name, suggest(name, fault_name, files).text);
		if (count + fault->set_count + arguments->set_count > RUN_SETS)
			return error_set(err, ERROR_USAGE, "more than %d settings", RUN_SETS);
		memcpy(sets + count, fault->sets, fault->set_count * sizeof *sets);
		count += fault->set_count;
	}
	memmove(arguments->sets + count, arguments->sets,
		arguments->set_count * sizeof *arguments->sets);
	memcpy(arguments->sets, sets, count * sizeof *sets);
	arguments->set_count += count;
	return 0;
}
