/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_MANUAL_H
#define WIZHIL_CLI_MANUAL_H

/*
 * One text for all that explains the commands: the tables that argp parses by are printed as
 * --help by argp, and here as man pages and as completions of the shells, so that none can say
 * what another does not.
 */

enum manual_kind { MANUAL_NONE, MANUAL_MAN, MANUAL_BASH, MANUAL_ZSH, MANUAL_FISH };

/* wizhil help --man [PAGE], --completion SHELL: prints to stdout.  page: a command or a topic,
 * NULL for wizhil itself.  Returns the exit code. */
int manual_print(enum manual_kind kind, const char *page);

/* wizhil help --pages: name and section of each page, "wizhil 1" and "run 1", a line each. */
void manual_list_pages(void);

/* The word of --completion; MANUAL_NONE for no shell that is known. */
enum manual_kind manual_shell(const char *word);

#endif
