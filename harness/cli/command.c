/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

/* While a command only describes itself; else NULL. */
static command_description *describing;

bool command_parse(const struct argp *argp, int argc, char **argv, void *input)
{
	const char *space = strrchr(argv[0], ' ');

	if (describing == NULL) {
		argp_parse(argp, argc, argv, 0, NULL, input);
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
