/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/edit_distance.h"
#include "core/exit_code.h"
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

/* ---- options ---- */

void command_each_option(const struct argp *argp, visit_option *visit, void *context)
{
	for (const struct argp_option *o = argp->options;
		o != NULL && (o->name != NULL || o->doc != NULL); o++)
		if (o->name != NULL && (o->flags & OPTION_HIDDEN) == 0)
			visit(context, o);
	for (const struct argp_child *child = argp->children; child != NULL && child->argp != NULL;
		child++)
		command_each_option(child->argp, visit, context);
}

/* Those of a command with their dashes, and argp's own. */
enum { MOST_OPTIONS = 96 };
struct known_options {
	const struct argp_option *options[MOST_OPTIONS];
	char words[MOST_OPTIONS][40];
	size_t count;
};

static void add_option(void *context, const struct argp_option *option)
{
	struct known_options *known = context;

	if (known->count == MOST_OPTIONS)
		return;
	snprintf(known->words[known->count], sizeof *known->words, "--%s", option->name);
	known->options[known->count++] = option;
}

static const char *option_word(const void *context, size_t i)
{
	const struct known_options *known = context;

	return i < known->count ? known->words[i] : NULL;
}

static bool takes_next(const struct argp_option *option)
{
	return option != NULL && option->arg != NULL && (option->flags & OPTION_ARG_OPTIONAL) == 0;
}

/* Also by the beginning of its name, as getopt has it. */
static const struct argp_option *long_option(
	const struct known_options *known, const char *word, size_t length)
{
	for (size_t i = 0; i < known->count; i++)
		if (strncmp(known->words[i], word, length) == 0)
			return known->options[i];
	return NULL;
}

/* Whether letters behind one dash end with an option whose value is the next word. */
static bool letters_take_next(const struct known_options *known, const char *letters)
{
	for (; *letters != '\0'; letters++)
		for (size_t i = 0; i < known->count; i++)
			if (known->options[i]->key == *letters && known->options[i]->arg != NULL)
				return letters[1] == '\0' && takes_next(known->options[i]);
	return false;
}

static void check_options(const struct argp *argp, int argc, char **argv)
{
	static const struct argp_option own[] = {{"help", '?', NULL, 0, NULL, 0},
		{"usage", 0, NULL, 0, NULL, 0}, {"version", 'V', NULL, 0, NULL, 0}};
	static char help[] = "--help";
	struct known_options known = {.count = 0};

	command_each_option(argp, add_option, &known);
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		add_option(&known, &own[i]);
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "-h") == 0)
			argv[i] = help;
		if (argv[i][0] != '-' || argv[i][1] == '\0')
			continue;
		if (argv[i][1] != '-') {
			i += letters_take_next(&known, argv[i] + 1);
			continue;
		}
		const size_t length = strcspn(argv[i], "=");
		const struct argp_option *option = long_option(&known, argv[i], length);
		if (option == NULL) {
			char word[64];
			snprintf(word, sizeof word, "%.*s", (int)length, argv[i]);
			utf8_put_visible(stderr, argv[0]);
			fputs(": unknown option '", stderr);
			utf8_put_visible(stderr, word);
			fprintf(stderr, "'%s (try: %s --help)\n",
				suggest(word, option_word, &known).text, argv[0]);
			exit(EXIT_CODE_USAGE);
		}
		i += takes_next(option) && argv[i][length] == '\0';
	}
}

/* ---- arguments ---- */

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
		check_options(argp, argc, argv);
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
