/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/run/tier.h"
#include "core/data_file.h"
#include "core/error.h"
#include "core/utf8.h"

int complain(const struct error *err)
{
	fprintf(stderr, "wizhil: %s\n", err->text);
	return (int)error_exit_code(err);
}

void remark(const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	fputs("wizhil: ", stderr);
	utf8_put_visible(stderr, text);
	fputc('\n', stderr);
}

int sibling_program(const char *name, char *path, size_t size, struct error *err)
{
	char folder[3072];

	if (program_folder(folder, sizeof folder, err) != 0)
		return -1;
	if ((size_t)snprintf(path, size, "%s/%s", folder, name) >= size)
		return error_set(err, ERROR_BENCH, "path of '%s' is too long", name);
	if (access(path, X_OK) != 0)
		return error_errno(err, ERROR_BENCH, "cannot run '%s' (is it built?)", path);
	return 0;
}

json_t *read_case_list(struct error *err)
{
	char path[4096];
	char quoted[4200];
	json_error_t trouble;

	if (sibling_program("wizhil-cases", path, sizeof path, err) != 0)
		return NULL;
	snprintf(quoted, sizeof quoted, "'%s' --describe", path);
	FILE *stream = popen(quoted, "re");
	if (stream == NULL) {
		error_errno(err, ERROR_BENCH, "cannot run '%s'", path);
		return NULL;
	}
	json_t *list = json_loadf(stream, 0, &trouble);
	int status = pclose(stream);
	if (list == NULL || status != 0) {
		json_decref(list);
		error_set(err, ERROR_BENCH, "cannot read the list of cases of '%s'", path);
		return NULL;
	}
	size_t index;
	json_t *entry;
	json_array_foreach(list, index, entry)
		json_object_set_new(entry, "tier", json_string(tier_name(case_tier(entry))));
	return list;
}

static bool holds(const json_t *list, const json_t *entry)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (json_array_get(list, i) == entry)
			return true;
	return false;
}

json_t *filter_cases(json_t *list, char *const *globs, size_t count, struct error *err)
{
	json_t *selected = json_array();
	size_t index;
	json_t *entry;

	for (size_t i = 0; i < count; i++) {
		int matches = 0;
		json_array_foreach(list, index, entry)
		{
			const char *name = json_string_value(json_object_get(entry, "name"));
			if (fnmatch(globs[i], name, 0) != 0)
				continue;
			matches++;
			if (!holds(selected, entry))
				json_array_append(selected, entry);
		}
		if (matches > 0)
			continue;
		error_set(err, ERROR_USAGE,
			"filter '%s' matches no case (use a glob over suite/case, as in 'dead_peer/*'; try: wizhil list)",
			globs[i]);
		json_decref(selected);
		return NULL;
	}
	if (count == 0)
		json_array_extend(selected, list);
	return selected;
}
