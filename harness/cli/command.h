/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_COMMAND_H
#define WIZHIL_CLI_COMMAND_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct error;

/* One file a command; each takes its own arguments (argv[0] is "wizhil run") and returns the exit
 * code. */
struct command {
	const char *name;
	const char *summary; /* one line for wizhil --help */
	int (*main)(int argc, char **argv);
};

extern const struct command commands[]; /* ends with a NULL name */

/* wizhil --help. */
void print_help(FILE *stream);

/* The bench of the commands that are given none, see core/data_file.h. */
#define DEFAULT_BENCH "fixtures/benches/virtual.yaml"

int command_run(int argc, char **argv);
int command_list(int argc, char **argv);
int command_requirements(int argc, char **argv);
int command_check(int argc, char **argv);
int command_report(int argc, char **argv);
int command_compare(int argc, char **argv);
int command_diagnose(int argc, char **argv);
int command_reproduce(int argc, char **argv);
int command_prove(int argc, char **argv);
int command_merge(int argc, char **argv);
int command_bundle(int argc, char **argv);
int command_history(int argc, char **argv);
int command_characterize(int argc, char **argv);
int command_console(int argc, char **argv);
int command_init(int argc, char **argv);

/* Prints "wizhil: <text>" and returns the exit code that belongs to it. */
int complain(const struct error *err);

/* Path of a program that stands beside this one. */
int sibling_program(const char *name, char *path, size_t size, struct error *err);

/* The case list of wizhil-cases: an array of {name, requirements, expected_s, exclusive, cids,
 * cid_s, tier, facts: [names of what it finds out]}; the caller's reference.  NULL with err set. */
json_t *read_case_list(struct error *err);

/* The entries whose name matches one of the globs (all when there is none); the caller's reference.
 * NULL with err set (ERROR_USAGE) when a glob matches nothing. */
json_t *filter_cases(json_t *list, char *const *globs, size_t count, struct error *err);

#endif
