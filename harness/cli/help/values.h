/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_VALUES_H
#define WIZHIL_CLI_VALUES_H

/*
 * What a shell offers behind an option or for a command's words: a few fixed words, or a list that
 * 'wizhil help --values KIND' prints (cases, requirements, runs, settings, faults, variants,
 * profiles), a word a line.
 */

struct value_set {
	const char *words; /* fixed, with blanks between; NULL */
	const char *kind;  /* of the list; NULL */
};

/* Of the option's value; both NULL: nothing is known of it. */
struct value_set values_of_option(const char *command, const char *option);

/* Of the command's first word, and of those behind it. */
struct value_set values_of_first_word(const char *command);
struct value_set values_of_words(const char *command);

/* Prints the list to stdout.  Returns the exit code: EXIT_CODE_USAGE, with a message, where there is no
 * such kind; a list that cannot be read is empty. */
int values_print(const char *kind);

#endif
