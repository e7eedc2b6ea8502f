/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_CASE_FILTER_H
#define WIZHIL_CLI_CASE_FILTER_H

#include <argp.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct error;

/* Which of the cases there are a command is about: options of 'wizhil run' and 'wizhil list'. */

enum { FILTER_WORDS = 1024 };

struct filter_words {
	char *words[FILTER_WORDS];
	size_t count;
};

/* The words are the caller's. */
struct case_filter {
	struct filter_words globs;	  /* none: all cases */
	struct filter_words excluded;	  /* globs */
	struct filter_words requirements; /* globs over their ids; none: all cases */
	const char *failed_in; /* folder of a run: the cases that failed there; NULL: all */
};

/* Options without a letter begin here. */
enum { OPTION_EXCLUDE = 512, OPTION_REQUIREMENT, OPTION_LAST_FAILED };

/* For the table of the command. */
#define CASE_FILTER_OPTIONS                                                                                                       \
	{"filter", 'f', "GLOB", 0,                                                                                                \
		"only cases whose suite/case matches; a word without * ? [ matches every name that contains it; may be repeated", \
		0},                                                                                                               \
		{"exclude", OPTION_EXCLUDE, "GLOB", 0,                                                                            \
			"not the cases whose suite/case matches; may be repeated", 0},                                            \
		{"requirement", OPTION_REQUIREMENT, "ID", 0,                                                                      \
			"only cases that cover this requirement, as in KA-DEAD-01 or 'KA-NOTICE-*'; may be repeated",             \
			0},                                                                                                       \
	{                                                                                                                         \
		"last-failed", OPTION_LAST_FAILED, "RUN", OPTION_ARG_OPTIONAL,                                                    \
			"only cases that failed in this run (default: the latest below reports/)",                                \
			0                                                                                                         \
	}

/* Takes one of these options; false: it is none of them. */
bool case_filter_take(struct case_filter *filter, int key, char *value, struct argp_state *state);

/* Whether it names cases, instead of all. */
bool case_filter_is_given(const struct case_filter *filter);

/* The entries of the list (read_case_list()) that pass it; the caller's reference.  NULL with err
 * set (ERROR_USAGE): a word matches nothing, nothing is left, or there is no such run. */
json_t *case_filter_apply(const struct case_filter *filter, json_t *list, struct error *err);

#endif
