/* SPDX-License-Identifier: MIT */
#include "cli/help/completion.h"

#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/help/help.h"
#include "cli/help/values.h"

static bool takes_path(const struct argp_option *option)
{
	return option->arg != NULL &&
	       (strcmp(option->arg, "FILE") == 0 || strcmp(option->arg, "DIR") == 0 ||
		       strcmp(option->arg, "RUN") == 0);
}

/* In single quotes, with what zsh's _arguments would take for its own left out. */
static void print_quoted(const char *text, const char *unwanted)
{
	for (; *text != '\0'; text++)
		if (*text == '\'')
			fputs("'\\''", stdout);
		else if (strchr(unwanted, *text) == NULL)
			putchar(*text == '\n' ? ' ' : *text);
}

static void bash_option(void *context, const struct argp_option *option)
{
	(void)context;
	printf(" --%s%s", option->name, option->arg == NULL ? "" : "=");
}

static bool is_letter(int key)
{
	return key > ' ' && key < 127;
}

/* A list is asked for when it is needed. */
static void bash_values(struct value_set values)
{
	if (values.words != NULL)
		printf("values='%s' ;;", values.words);
	else
		printf("values=$(wizhil help --values %s 2>/dev/null) ;;", values.kind);
}

/* A branch of 'case $option' for each option whose values are known. */
static void bash_option_values(void *context, const struct argp_option *option)
{
	const struct value_set values = values_of_option(context, option->name);

	if (values.words == NULL && values.kind == NULL)
		return;
	printf("\n\t\t--%s", option->name);
	if (is_letter(option->key))
		printf(" | -%c", option->key);
	fputs(") ", stdout);
	bash_values(values);
}

static void bash_command(char *name, const struct argp *argp)
{
	const struct value_set words = values_of_words(name);

	printf("\t%s) options='--help", name);
	command_each_option(argp, bash_option, NULL);
	fputs("'\n\t\tcase $option in", stdout);
	command_each_option(argp, bash_option_values, name);
	fputs("\n\t\t-*) ;;", stdout);
	if (words.kind != NULL) {
		fputs("\n\t\t*) if [ \"$COMP_CWORD\" -eq 2 ]; then ", stdout);
		printf("values=$(wizhil help --values %s 2>/dev/null); ",
			values_of_first_word(name).kind);
		printf("else values=$(wizhil help --values %s 2>/dev/null); fi ;;", words.kind);
	}
	puts("\n\t\tesac ;;");
}

static void zsh_values(struct value_set values)
{
	if (values.words != NULL)
		printf("(%s)", values.words);
	else
		printf("{_wizhil_values %s}", values.kind);
}

static void zsh_option(void *context, const struct argp_option *option)
{
	const struct value_set values = values_of_option(context, option->name);

	printf(" \\\n\t\t\t'--%s%s[", option->name, option->arg == NULL ? "" : "=");
	print_quoted(option->doc == NULL ? "" : option->doc, "[]:");
	putchar(']');
	if (option->arg != NULL)
		printf(":%s:", option->arg);
	if (values.words != NULL || values.kind != NULL)
		zsh_values(values);
	else if (option->arg != NULL)
		fputs(takes_path(option) ? "_files" : " ", stdout);
	putchar('\'');
}

static void zsh_command(char *name, const struct argp *argp)
{
	printf("\t\t%s) _arguments '--help[give this help list]'", name);
	command_each_option(argp, zsh_option, name);
	if (values_of_words(name).kind == NULL) {
		puts(" \\\n\t\t\t'*:file:_files' ;;");
		return;
	}
	fputs(" \\\n\t\t\t'1: :", stdout);
	zsh_values(values_of_first_word(name));
	fputs("' \\\n\t\t\t'*: :", stdout);
	zsh_values(values_of_words(name));
	puts("' ;;");
}

static void fish_values(struct value_set values)
{
	if (values.words != NULL)
		printf(" -a '%s'", values.words);
	else if (values.kind != NULL)
		printf(" -a '(wizhil help --values %s 2>/dev/null)'", values.kind);
}

static void fish_option(void *context, const struct argp_option *option)
{
	printf("complete -c wizhil -n '__fish_seen_subcommand_from %s' -l %s",
		(const char *)context, option->name);
	if (is_letter(option->key))
		printf(" -s %c", option->key);
	if (option->arg != NULL)
		fputs(takes_path(option) ? " -r -F" : " -x", stdout);
	fish_values(values_of_option(context, option->name));
	fputs(" -d '", stdout);
	print_quoted(option->doc == NULL ? "" : option->doc, "");
	puts("'");
}

static void fish_command(char *name, const struct argp *argp)
{
	command_each_option(argp, fish_option, name);
	for (int behind = 0; behind < 2 && values_of_words(name).kind != NULL; behind++) {
		printf("complete -c wizhil -n '__fish_seen_subcommand_from %s; and test (count (commandline -opc)) %s 2'",
			name, behind ? "-gt" : "-eq");
		fish_values(behind ? values_of_words(name) : values_of_first_word(name));
		puts("");
	}
}

void completion_command(enum manual_kind shell, const char *command, const struct argp *argp)
{
	char name[32];

	snprintf(name, sizeof name, "%s", command);
	switch (shell) {
	case MANUAL_BASH:
		bash_command(name, argp);
		break;
	case MANUAL_ZSH:
		zsh_command(name, argp);
		break;
	case MANUAL_FISH:
		fish_command(name, argp);
		break;
	case MANUAL_NONE:
	case MANUAL_MAN:
		break;
	}
}

static void print_command_names(void)
{
	for (const struct command *command = commands; command->name != NULL; command++)
		printf("%s ", command->name);
	fputs("help", stdout);
}

static void print_page_names(void)
{
	print_command_names();
	for (const struct topic *topic = topics; topic->name != NULL; topic++)
		printf(" %s", topic->name);
}

void completion_begin(enum manual_kind shell)
{
	switch (shell) {
	case MANUAL_BASH:
		/* bash takes the '=' of an option for a word of its own. */
		puts("_wizhil()\n{\n\tlocal word=${COMP_WORDS[COMP_CWORD]} options= values=\n"
		     "\tlocal option=${COMP_WORDS[COMP_CWORD-1]}\n"
		     "\tif [ \"$word\" = = ]; then word=; elif [ \"$option\" = = ]; then\n"
		     "\t\toption=${COMP_WORDS[COMP_CWORD-2]}\n\tfi\n"
		     "\tCOMPREPLY=()\n\tif [ \"$COMP_CWORD\" -eq 1 ]; then");
		fputs("\t\tmapfile -t COMPREPLY < <(compgen -W '", stdout);
		print_command_names();
		puts(" --help --version' -- \"$word\")\n\t\treturn\n\tfi\n"
		     "\tcase ${COMP_WORDS[1]} in");
		fputs("\thelp) mapfile -t COMPREPLY < <(compgen -W '", stdout);
		print_page_names();
		puts("' -- \"$word\")\n\t\treturn ;;");
		break;
	case MANUAL_ZSH:
		puts("#compdef wizhil\n_wizhil()\n{\n\tlocal -a names\n\tnames=(");
		for (const struct command *command = commands; command->name != NULL; command++)
			printf("\t\t'%s:%s'\n", command->name, command->summary);
		puts("\t\t'help:explain a command'\n\t)\n\tif ((CURRENT == 2)); then\n"
		     "\t\t_describe command names\n\t\treturn\n\tfi\n"
		     "\tlocal name=$words[2]\n\tshift words\n\t((CURRENT--))\n\tcase $name in\n"
		     "\t\thelp)\n\t\t\tnames+=(");
		for (const struct topic *topic = topics; topic->name != NULL; topic++)
			printf("\t\t\t\t'%s:%s'\n", topic->name, topic->summary);
		puts("\t\t\t)\n\t\t\t_describe page names ;;");
		break;
	case MANUAL_FISH:
		for (const struct command *command = commands; command->name != NULL; command++) {
			printf("complete -c wizhil -f -n __fish_use_subcommand -a %s -d '",
				command->name);
			print_quoted(command->summary, "");
			puts("'");
		}
		puts("complete -c wizhil -f -n __fish_use_subcommand -a help -d 'explain a command'");
		fputs("complete -c wizhil -f -n '__fish_seen_subcommand_from help' -a '", stdout);
		print_page_names();
		puts("'");
		break;
	case MANUAL_NONE:
	case MANUAL_MAN:
		break;
	}
}

void completion_end(enum manual_kind shell)
{
	if (shell == MANUAL_BASH)
		puts("\tesac\n"
		     "\tif [ -n \"$values\" ] && [[ $word != -* ]]; then\n"
		     "\t\tmapfile -t COMPREPLY < <(compgen -W \"$values\" -- \"$word\")\n"
		     "\t\t[ -z \"${COMPREPLY[0]-}\" ] || compopt +o filenames\n"
		     "\t\t[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace\n"
		     "\t\t[ -n \"${COMPREPLY[0]-}\" ] && return\n"
		     "\tfi\n"
		     "\tcase $word in\n"
		     "\t-*) mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$word\") ;;\n"
		     "\t*) mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;\n"
		     "\tesac\n"
		     "\t[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace\n"
		     "}\n"
		     "complete -o filenames -F _wizhil wizhil");
	else if (shell == MANUAL_ZSH)
		puts("\tesac\n}\n_wizhil_values()\n{\n"
		     "\tlocal -a values\n"
		     "\tvalues=(${(f)\"$(wizhil help --values $1 2>/dev/null)\"})\n"
		     "\t[[ $1 != (runs|profiles) ]] || _files\n"
		     "\tcompadd -a values\n}\n_wizhil \"$@\"");
}
