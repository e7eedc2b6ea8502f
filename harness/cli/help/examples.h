/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_EXAMPLES_H
#define WIZHIL_CLI_EXAMPLES_H

/* Lines that show how a command is used, for its man page.  e2e/install holds their options against the commands. */
struct example {
	const char *command, *line, *what;
};
extern const struct example examples[]; /* ends with a NULL command */

/* Variables of the environment, for wizhil(1). */
struct variable {
	const char *name, *what;
};
extern const struct variable variables[]; /* ends with a NULL name */

#endif
