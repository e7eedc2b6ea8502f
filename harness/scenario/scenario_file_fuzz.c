/* SPDX-License-Identifier: MIT */
/* Any text is read or refused; what is read is written so that it reads, and is written, the
 * same. */
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "scenario/scenario_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static char *written(const struct scenario_file *file)
{
	char *text = NULL;
	size_t length = 0;
	struct error err = {0};
	FILE *stream = open_memstream(&text, &length);

	if (stream == NULL || scenario_file_write(file, NULL, stream, &err) != 0)
		abort();
	fclose(stream);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct scenario_file file, again;
	struct error err = {0};

	if (scenario_file_read_text("fuzz.yaml", (const char *)bytes, size, &file, &err) != 0) {
		if (err.kind != ERROR_USAGE || err.text[0] == '\0')
			abort();
		return 0;
	}
	char *first = written(&file);
	if (scenario_file_read_text("again.yaml", first, strlen(first), &again, &err) != 0)
		abort();
	char *second = written(&again);
	if (strcmp(first, second) != 0)
		abort();
	free(first);
	free(second);
	return 0;
}
