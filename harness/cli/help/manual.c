/* SPDX-License-Identifier: MIT */
#include "cli/help/manual.h"

#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/help/completion.h"
#include "cli/help/examples.h"
#include "cli/help/help.h"
#include "cli/version.h"
#include "core/exit_code.h"

/* ---- roff ---- */

static void print_roff(const char *text, size_t length)
{
	bool line_begins = true;

	for (size_t i = 0; i < length; i++) {
		if (line_begins && (text[i] == '.' || text[i] == '\''))
			fputs("\\&", stdout);
		if (text[i] == '\\')
			fputs("\\e", stdout);
		else if (text[i] == '-')
			fputs("\\-", stdout);
		else
			putchar(text[i]);
		line_begins = text[i] == '\n';
	}
}

static void print_roff_text(const char *text)
{
	print_roff(text, strlen(text));
}

/* Paragraphs of argp's texts are a blank line apart. */
static void print_paragraphs(const char *text, size_t length)
{
	const char *end = text + length;

	while (text < end) {
		const char *blank = memmem(text, (size_t)(end - text), "\n\n", 2);
		const char *stop = blank == NULL ? end : blank;
		puts(".PP");
		print_roff(text, (size_t)(stop - text));
		putchar('\n');
		text = blank == NULL ? end : blank + 2;
	}
}

static void page_begin(const char *name, int section, const char *summary)
{
	printf(".TH %s %d \"\" \"wizhil %s\" \"wizhil\"\n.SH NAME\n", name, section,
		wizhil_version);
	print_roff_text(name);
	fputs(" \\- ", stdout);
	print_roff_text(summary);
	putchar('\n');
}

static void man_options(const struct argp *argp)
{
	for (const struct argp_option *o = argp->options;
		o != NULL && (o->name != NULL || o->doc != NULL); o++) {
		if (o->name == NULL) {
			puts(".SS");
			print_roff_text(o->doc);
			putchar('\n');
			continue;
		}
		if ((o->flags & OPTION_HIDDEN) != 0)
			continue;
		puts(".TP");
		if (o->key > ' ' && o->key < 127)
			printf("\\fB\\-%c\\fR, ", o->key);
		fputs("\\fB\\-\\-", stdout);
		print_roff_text(o->name);
		fputs("\\fR", stdout);
		if (o->arg != NULL && (o->flags & OPTION_ARG_OPTIONAL) != 0)
			printf("[=\\fI%s\\fR]", o->arg);
		else if (o->arg != NULL)
			printf("=\\fI%s\\fR", o->arg);
		putchar('\n');
		print_roff_text(o->doc == NULL ? "" : o->doc);
		putchar('\n');
	}
	for (const struct argp_child *child = argp->children; child != NULL && child->argp != NULL;
		child++) {
		if (child->header != NULL) {
			puts(".SS");
			print_roff_text(child->header);
			putchar('\n');
		}
		man_options(child->argp);
	}
}

static void man_examples(const char *command)
{
	bool first = true;

	for (const struct example *example = examples; example->command != NULL; example++) {
		if (strcmp(example->command, command) != 0)
			continue;
		if (first)
			puts(".SH EXAMPLES");
		first = false;
		fputs(".TP\n.B ", stdout);
		print_roff_text(example->line);
		putchar('\n');
		print_roff_text(example->what);
		putchar('\n');
	}
}

static void man_of_command(const char *name, const struct argp *argp)
{
	const struct command *command = find_command(name);
	const char *doc = argp->doc == NULL ? "" : argp->doc;
	const char *rest = strchr(doc, '\v');
	char title[64];

	snprintf(title, sizeof title, "wizhil-%s", name);
	page_begin(title, 1, command == NULL ? "" : command->summary);
	printf(".SH SYNOPSIS\n\\fBwizhil %s\\fR [\\fIOPTION\\fR...]", name);
	if (argp->args_doc != NULL) {
		fputs(" \\fI", stdout);
		print_roff_text(argp->args_doc);
		fputs("\\fR", stdout);
	}
	puts("\n.SH DESCRIPTION");
	print_paragraphs(doc, rest == NULL ? strlen(doc) : (size_t)(rest - doc));
	puts(".SH OPTIONS");
	man_options(argp);
	if (rest != NULL) {
		puts(".SH NOTES");
		print_paragraphs(rest + 1, strlen(rest + 1));
	}
	man_examples(name);
	puts(".SH SEE ALSO\n\\fBwizhil\\fR(1), \\fBwizhil-bench\\fR(5)");
}

static void man_of_wizhil(void)
{
	page_begin("wizhil", 1, "conformance tests for the TCP keep-alive of the WizFi210");
	puts(".SH SYNOPSIS\n\\fBwizhil\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR...]\n.SH DESCRIPTION");
	puts("The same as \\fBwizhil \\-\\-help\\fR:\n.PP\n.nf");
	fflush(stdout);
	char help[8192];
	FILE *text = fmemopen(help, sizeof help, "w");
	if (text == NULL)
		return;
	print_help(text);
	fclose(text);
	print_roff_text(help);
	puts(".fi\n.SH ENVIRONMENT");
	for (const struct variable *variable = variables; variable->name != NULL; variable++) {
		fputs(".TP\n.B ", stdout);
		print_roff_text(variable->name);
		putchar('\n');
		print_roff_text(variable->what);
		putchar('\n');
	}
	puts(".SH SEE ALSO");
	for (const struct command *command = commands; command->name != NULL; command++)
		printf("\\fBwizhil\\-%s\\fR(1),\n", command->name);
	for (const struct topic *topic = topics; topic->name != NULL; topic++)
		printf("\\fBwizhil\\-%s\\fR(5)%s\n", topic->name, topic[1].name == NULL ? "" : ",");
}

static int man_of_topic(const struct topic *topic)
{
	char title[64];

	snprintf(title, sizeof title, "wizhil-%s", topic->name);
	page_begin(title, 5, topic->summary);
	puts(".SH DESCRIPTION\nA YAML file. This example explains each key:\n.PP\n.nf");
	int code = topic_lines(topic, print_roff_text);
	puts(".fi\n.SH SEE ALSO\n\\fBwizhil\\fR(1)");
	return code;
}

/* ---- what the commands are asked ---- */

static void complete_bash(const char *name, const struct argp *argp)
{
	completion_command(MANUAL_BASH, name, argp);
}

static void complete_zsh(const char *name, const struct argp *argp)
{
	completion_command(MANUAL_ZSH, name, argp);
}

static void complete_fish(const char *name, const struct argp *argp)
{
	completion_command(MANUAL_FISH, name, argp);
}

static void describe(const struct command *command, enum manual_kind kind)
{
	switch (kind) {
	case MANUAL_MAN:
		command_describe(command, man_of_command);
		break;
	case MANUAL_BASH:
		command_describe(command, complete_bash);
		break;
	case MANUAL_ZSH:
		command_describe(command, complete_zsh);
		break;
	case MANUAL_FISH:
		command_describe(command, complete_fish);
		break;
	case MANUAL_NONE:
		break;
	}
}

enum manual_kind manual_shell(const char *word)
{
	if (strcmp(word, "bash") == 0)
		return MANUAL_BASH;
	if (strcmp(word, "zsh") == 0)
		return MANUAL_ZSH;
	return strcmp(word, "fish") == 0 ? MANUAL_FISH : MANUAL_NONE;
}

int manual_print(enum manual_kind kind, const char *page)
{
	if (kind != MANUAL_MAN) {
		completion_begin(kind);
		for (const struct command *command = commands; command->name != NULL; command++)
			describe(command, kind);
		completion_end(kind);
		return EXIT_CODE_PASS;
	}
	const struct command *command = page == NULL ? NULL : find_command(page);
	const struct topic *topic = page == NULL ? NULL : find_topic(page);
	if (page != NULL && command == NULL && topic == NULL) {
		remark("unknown help page '%s' (try: wizhil --help)", page);
		return EXIT_CODE_USAGE;
	}
	if (command != NULL)
		describe(command, MANUAL_MAN);
	else if (topic != NULL)
		return man_of_topic(topic);
	else
		man_of_wizhil();
	return EXIT_CODE_PASS;
}

void manual_list_pages(void)
{
	puts("wizhil 1");
	for (const struct command *command = commands; command->name != NULL; command++)
		printf("%s 1\n", command->name);
	for (const struct topic *topic = topics; topic->name != NULL; topic++)
		printf("%s 5\n", topic->name);
}
