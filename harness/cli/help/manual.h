/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_MANUAL_H
#define WIZHIL_CLI_MANUAL_H

#include <argp.h>
#include <stdbool.h>

/*
 * One text for all that explains the commands: the tables that argp parses by are printed as
 * --help by argp, and here as man pages and as completions of the shells, so that none can say
 * what another does not.
 */

enum manual_kind { MANUAL_NONE, MANUAL_MAN, MANUAL_BASH, MANUAL_ZSH, MANUAL_FISH };

/* What each command begins with: parses its arguments as argp_parse() does (which ends the process
 * on a mistake).  False when the command was only asked to describe itself, and has: it returns
 * EXIT_CODE_PASS and does nothing. */
bool command_parse(const struct argp *argp, int argc, char **argv, void *input);

/* wizhil help --man [PAGE], --completion SHELL: prints to stdout.  page: a command or a topic,
 * NULL for wizhil itself.  Returns the exit code. */
int manual_print(enum manual_kind kind, const char *page);

/* wizhil help --pages: name and section of each page, "wizhil 1" and "run 1", a line each. */
void manual_list_pages(void);

/* The word of --completion; MANUAL_NONE for no shell that is known. */
enum manual_kind manual_shell(const char *word);

/* Files that are documented by the example that comes with the programs: "bench", "scenario". */
struct topic {
	const char *name;
	const char *summary;
	const char *example; /* see core/data_file.h */
};
extern const struct topic topics[]; /* ends with a NULL name */

/* NULL when there is none of that name. */
const struct topic *find_topic(const char *name);

/* Prints the topic's example.  Returns the exit code. */
int print_topic(const struct topic *topic);

#endif
