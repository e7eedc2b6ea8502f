/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_HELP_H
#define WIZHIL_CLI_HELP_H

#include <stdio.h>

/* wizhil --help, and the topics of wizhil help. */

/* Files that are documented by the example that comes with the programs: "bench", "scenario". */
struct topic {
	const char *name;
	const char *summary;
	const char *example; /* see core/data_file.h */
};
extern const struct topic topics[]; /* ends with a NULL name */

/* NULL when there is none of that name. */
const struct topic *find_topic(const char *name);

/* Calls print for each line of the topic's example, the newline with it.  Returns the exit code. */
int topic_lines(const struct topic *topic, void (*print)(const char *line));

/* Prints the topic's example.  Returns the exit code. */
int print_topic(const struct topic *topic);

/* wizhil --help. */
void print_help(FILE *stream);

#endif
