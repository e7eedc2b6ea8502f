/* SPDX-License-Identifier: MIT */
#include "cli/help/manual.h"

#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/help/manual_parts.h"
#include "core/data_file.h"
#include "core/error.h"
#include "core/exit_code.h"

#ifndef WIZHIL_VERSION
#define WIZHIL_VERSION "0"
#endif

const struct topic topics[] = {
	{"bench", "the bench file: devices, peer host, access point",
		"fixtures/benches/rack-example.yaml"},
	{"profile", "the device profile: tolerances, and what is pinned",
		"fixtures/profiles/wizfi210.yaml"},
	{"waivers", "the waivers: failures that do not fail a run for a while",
		"fixtures/benches/waivers-example.yaml"},
	{"scenario", "the scenario file: what is told, what the peer does, what is expected",
		"fixtures/scenarios/example.yaml"},
	{NULL, NULL, NULL},
};

static enum manual_kind describing;

const struct topic *find_topic(const char *name)
{
	for (const struct topic *topic = topics; topic->name != NULL; topic++)
		if (strcmp(topic->name, name) == 0)
			return topic;
	return NULL;
}

static const struct command *find_command(const char *name)
{
	for (const struct command *command = commands; command->name != NULL; command++)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}

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
	printf(".TH %s %d \"\" \"wizhil " WIZHIL_VERSION "\" \"wizhil\"\n.SH NAME\n", name,
		section);
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
		if (o->arg != NULL)
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
	puts(".fi\n.SH SEE ALSO");
	for (const struct command *command = commands; command->name != NULL; command++)
		printf("\\fBwizhil\\-%s\\fR(1),\n", command->name);
	for (const struct topic *topic = topics; topic->name != NULL; topic++)
		printf("\\fBwizhil\\-%s\\fR(5)%s\n", topic->name, topic[1].name == NULL ? "" : ",");
}

/* ---- topics ---- */

static FILE *open_example(const struct topic *topic, struct error *err)
{
	char path[4096];

	if (data_file(topic->example, path, sizeof path, err) != 0)
		return NULL;
	FILE *file = fopen(path, "re");
	if (file == NULL)
		error_errno(err, ERROR_BENCH, "cannot read '%s'", path);
	return file;
}

static int print_example(const struct topic *topic, void (*print)(const char *line))
{
	struct error err = {0};
	char line[1024];
	FILE *file = open_example(topic, &err);

	if (file == NULL)
		return complain(&err);
	while (fgets(line, sizeof line, file) != NULL)
		if (strstr(line, "SPDX-License") == NULL)
			print(line);
	fclose(file);
	return EXIT_CODE_PASS;
}

static void print_plain(const char *line)
{
	fputs(line, stdout);
}

int print_topic(const struct topic *topic)
{
	return print_example(topic, print_plain);
}

static int man_of_topic(const struct topic *topic)
{
	char title[64];

	snprintf(title, sizeof title, "wizhil-%s", topic->name);
	page_begin(title, 5, topic->summary);
	puts(".SH DESCRIPTION\nA YAML file. Each key, with what it means, in an example that "
	     "comes with wizhil:\n.PP\n.nf");
	int code = print_example(topic, print_roff_text);
	puts(".fi\n.SH SEE ALSO\n\\fBwizhil\\fR(1)");
	return code;
}

/* ---- what the commands are asked ---- */

bool command_parse(const struct argp *argp, int argc, char **argv, void *input)
{
	const char *space = strrchr(argv[0], ' ');
	const char *name = space == NULL ? argv[0] : space + 1;

	if (describing == MANUAL_NONE) {
		argp_parse(argp, argc, argv, 0, NULL, input);
		return true;
	}
	if (describing == MANUAL_MAN)
		man_of_command(name, argp);
	else
		completion_command(describing, name, argp);
	return false;
}

static void describe(const struct command *command, enum manual_kind kind)
{
	char title[64];
	char *words[] = {title, NULL};

	snprintf(title, sizeof title, "wizhil %s", command->name);
	describing = kind;
	(void)command->main(1, words);
	describing = MANUAL_NONE;
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
		fprintf(stderr, "wizhil: there is no page '%s' (try: wizhil --help)\n", page);
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
