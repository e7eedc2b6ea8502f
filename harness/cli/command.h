/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_COMMAND_H
#define WIZHIL_CLI_COMMAND_H

#include <argp.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct error;

/* One file a command; each takes its own arguments (argv[0] is "wizhil run") and returns the exit
 * code. */
struct command {
	const char *name;
	const char *summary; /* one line for wizhil --help */
	int (*main)(int argc, char **argv);
};

extern const struct command commands[]; /* ends with a NULL name */

/* NULL when there is none of that name. */
const struct command *find_command(const char *name);

/* What each command begins with: parses its arguments as argp_parse() does (which ends the process
 * on a mistake); -h is --help, and an option that there is not is told the one that is most like it.  False when the command was only asked to describe itself, and has: it returns
 * EXIT_CODE_PASS and does nothing. */
bool command_parse(const struct argp *argp, int argc, char **argv, void *input);

/* Has the command describe itself instead of doing anything: calls 'description' with its name and
 * the table by which it parses its arguments. */
typedef void command_description(const char *name, const struct argp *argp);
void command_describe(const struct command *command, command_description *description);

/* Calls visit for each option of the table that has a name and is not hidden, those of its children
 * too. */
typedef void visit_option(void *context, const struct argp_option *option);
void command_each_option(const struct argp *argp, visit_option *visit, void *context);

/* The bench of the commands that are given none, see core/data_file.h. */
#define DEFAULT_BENCH "fixtures/benches/virtual.yaml"

int command_run(int argc, char **argv);
int command_list(int argc, char **argv);
int command_requirements(int argc, char **argv);
int command_check(int argc, char **argv);
int command_report(int argc, char **argv);
int command_show(int argc, char **argv);
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
int command_qualify(int argc, char **argv);

/* Prints "wizhil: <text>" and returns the exit code that belongs to it. */
int complain(const struct error *err);
/* The same of something that is no error of its own. */
void remark(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Path of a program that stands beside this one. */
int sibling_program(const char *name, char *path, size_t size, struct error *err);

/* The case list of wizhil-cases: an array of {name, requirements, tier, facts: [names of what
 * it finds out], and what scenario_load_json() has}; the caller's reference.  NULL with err set. */
json_t *read_case_list(struct error *err);

#endif
