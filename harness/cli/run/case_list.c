/* SPDX-License-Identifier: MIT */
#include <errno.h>
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
#include "core/program_output.h"
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

/* It describes them without a device. */
enum { DESCRIBE_LIMIT_MS = 120000 };

json_t *read_case_list(struct error *err)
{
	char path[4096], describe[] = "--describe";
	char *const words[] = {path, describe, NULL};
	size_t length;
	int status = 0;

	if (sibling_program("wizhil-cases", path, sizeof path, err) != 0)
		return NULL;
	char *text = program_output(words, STDOUT_FILENO, DESCRIBE_LIMIT_MS, &length, &status, err);
	if (text == NULL) {
		(void)error_context(err, "the list of cases");
		return NULL;
	}
	json_t *list = status == 0 ? json_loadb(text, length, 0, NULL) : NULL;
	free(text);
	if (list == NULL) {
		error_set(err, ERROR_BENCH, "cannot read the list of cases of '%s'", path);
		return NULL;
	}
	size_t index;
	json_t *entry;
	json_array_foreach(list, index, entry)
		json_object_set_new(entry, "tier", json_string(tier_name(case_tier(entry))));
	return list;
}
