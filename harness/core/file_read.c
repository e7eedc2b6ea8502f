/* SPDX-License-Identifier: MIT */
#include "core/file_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/array.h"
#include "core/error.h"

enum { FIRST_ROOM = 1 << 16 };

/* -1 with err set */
static int read_stream(
	FILE *file, const char *path, char **text, size_t most, size_t *length, struct error *err)
{
	size_t room = 0;

	do {
		if (array_reserve(text, &room, *length == 0 ? FIRST_ROOM : *length + 2, 1) != 0)
			return error_set(err, ERROR_MEMORY, "out of memory");
		*length += fread(*text + *length, 1, room - 1 - *length, file);
		if (ferror(file) != 0)
			return error_errno(err, ERROR_USAGE, "cannot read '%.300s'", path);
		if (*length > most)
			return error_set(err, ERROR_USAGE, "'%.300s' is too large (%zu MB at most)",
				path, most >> 20);
	} while (*length == room - 1);
	(*text)[*length] = '\0';
	return 0;
}

char *file_read(const char *path, size_t most, size_t *length, struct error *err)
{
	FILE *file = fopen(path, "rbe");
	char *text = NULL;

	*length = 0;
	if (file == NULL) {
		error_errno(err, ERROR_USAGE, "cannot open '%.300s'", path);
		return NULL;
	}
	const int failed = read_stream(file, path, &text, most, length, err);
	(void)fclose(file);
	if (failed == 0)
		return text;
	free(text);
	return NULL;
}

void file_last_line(int descriptor, char *text, size_t size)
{
	const off_t length = lseek(descriptor, 0, SEEK_END), room = (off_t)size - 1;
	ssize_t got = pread(descriptor, text, (size_t)room, length > room ? length - room : 0);

	while (got > 0 && (text[got - 1] == '\n' || text[got - 1] == '\r'))
		got--;
	text[got < 0 ? 0 : got] = '\0';
	const char *line = strrchr(text, '\n');
	if (line != NULL)
		memmove(text, line + 1, strlen(line));
}
