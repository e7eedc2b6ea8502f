/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/utf8.h"

/* While a command only describes itself; else NULL. */
static command_description *describing;

/* One write of argp's or getopt's, which repeat an argument as it is. */
static ssize_t write_visibly(void *cookie, const char *octets, size_t size)
{
	char *text = strndup(octets, size);
	const char *line = text;

	while (line != NULL && *line != '\0') {
		char *end = strchrnul(line, '\n');
		const bool more = *end != '\0';
		*end = '\0';
		utf8_put_visible(cookie, line);
		if (more)
			fputc('\n', cookie);
		line = end + more;
	}
	free(text);
	return (ssize_t)size;
}

/* Both write to what stands for the standard error when they are called, and end the process. */
static void parse_visibly(const struct argp *argp, int argc, char **argv, void *input)
{
	FILE *const usual = stderr;
	FILE *visible = fopencookie(usual, "w", (cookie_io_functions_t){.write = write_visibly});

	if (visible != NULL)
		stderr = visible;
	argp_parse(argp, argc, argv, 0, NULL, input);
	stderr = usual;
	if (visible != NULL)
		fclose(visible);
}

bool command_parse(const struct argp *argp, int argc, char **argv, void *input)
{
	const char *space = strrchr(argv[0], ' ');

	if (describing == NULL) {
		parse_visibly(argp, argc, argv, input);
		return true;
	}
	describing(space == NULL ? argv[0] : space + 1, argp);
	return false;
}

void command_describe(const struct command *command, command_description *description)
{
	char title[64];
	char *words[] = {title, NULL};

	snprintf(title, sizeof title, "wizhil %s", command->name);
	describing = description;
	(void)command->main(1, words);
	describing = NULL;
}
