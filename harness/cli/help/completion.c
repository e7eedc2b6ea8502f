/* SPDX-License-Identifier: MIT */
#include "cli/help/completion.h"

#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/help/help.h"

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

static void zsh_option(void *context, const struct argp_option *option)
{
	(void)context;
	printf(" \\\n\t\t\t'--%s%s[", option->name, option->arg == NULL ? "" : "=");
	print_quoted(option->doc == NULL ? "" : option->doc, "[]:");
	putchar(']');
	if (option->arg != NULL)
		printf(":%s:%s", option->arg, takes_path(option) ? "_files" : " ");
	putchar('\'');
}

static void fish_option(void *context, const struct argp_option *option)
{
	printf("complete -c wizhil -n '__fish_seen_subcommand_from %s' -l %s",
		(const char *)context, option->name);
	if (option->key > ' ' && option->key < 127)
		printf(" -s %c", option->key);
	if (option->arg != NULL)
		fputs(takes_path(option) ? " -r -F" : " -x", stdout);
	fputs(" -d '", stdout);
	print_quoted(option->doc == NULL ? "" : option->doc, "");
	puts("'");
}

void completion_command(enum manual_kind shell, const char *command, const struct argp *argp)
{
	char name[32];

	snprintf(name, sizeof name, "%s", command);
	switch (shell) {
	case MANUAL_BASH:
		printf("\t%s) options='--help", name);
		command_each_option(argp, bash_option, NULL);
		puts("' ;;");
		break;
	case MANUAL_ZSH:
		printf("\t\t%s) _arguments '--help[give this help list]'", name);
		command_each_option(argp, zsh_option, NULL);
		puts(" \\\n\t\t\t'*:file:_files' ;;");
		break;
	case MANUAL_FISH:
		command_each_option(argp, fish_option, name);
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
		puts("_wizhil()\n{\n\tlocal word=${COMP_WORDS[COMP_CWORD]} options=\n"
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
		     "\tcase $word in\n"
		     "\t-*) mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$word\") ;;\n"
		     "\t*) mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;\n"
		     "\tesac\n"
		     "\t[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace\n"
		     "}\n"
		     "complete -o filenames -F _wizhil wizhil");
	else if (shell == MANUAL_ZSH)
		puts("\tesac\n}\n_wizhil \"$@\"");
}
