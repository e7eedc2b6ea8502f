/* SPDX-License-Identifier: MIT */
#include "cli/help/help.h"

#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "core/data_file.h"
#include "core/error.h"
#include "core/exit_code.h"
#include "core/text_buffer.h"
#include "scenario/expectation.h"

const struct topic topics[] = {
	{"bench", "bench file: devices, peer host, access point",
		"fixtures/benches/rack-example.yaml"},
	{"profile", "device profile: tolerances and pinned behaviour",
		"fixtures/profiles/wizfi210.yaml"},
	{"waivers", "waivers: known failures to tolerate until they expire",
		"fixtures/benches/waivers-example.yaml"},
	{"scenario", "scenario file: commands, acts of the peer, expectations",
		"fixtures/scenarios/example.yaml"},
	{NULL, NULL, NULL},
};

const struct topic *find_topic(const char *name)
{
	for (const struct topic *topic = topics; topic->name != NULL; topic++)
		if (strcmp(topic->name, name) == 0)
			return topic;
	return NULL;
}

void print_help(FILE *stream)
{
	fputs("wizhil: conformance tests for the TCP keep-alive of the WizFi210\n"
	      "\n"
	      "usage: wizhil COMMAND [OPTION...]\n"
	      "\n"
	      "A case drives the module over its serial port, a sniffer on the peer host records\n"
	      "its frames, and a report shows what happened, and when.\n"
	      "\n"
	      "commands:\n",
		stream);
	for (const struct command *command = commands; command->name != NULL; command++)
		fprintf(stream, "  %-12s %s\n", command->name, command->summary);
	fputs("  help         show the help of a command\n"
	      "\n"
	      "files (wizhil help NAME explains one):\n",
		stream);
	for (const struct topic *topic = topics; topic->name != NULL; topic++)
		fprintf(stream, "  %-12s %s\n", topic->name, topic->summary);
	fputs("\n"
	      "exit codes:\n"
	      "  0    all cases passed or are marginal\n"
	      "  1    firmware failure\n"
	      "  2    usage or configuration error, or a filter that matches nothing\n"
	      "  77   nothing ran\n"
	      "  99   bench fault or inconclusive evidence\n"
	      "  130  interrupted, the evidence is kept\n"
	      "\n"
	      "first steps: wizhil run            run the whole suite on the virtual WizFi210\n"
	      "             wizhil help run       explain how to run it on a real one\n",
		stream);
}

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

/* A line for each row of scenario/expectations.def. */
static void expectation_lines(void (*print)(const char *line))
{
	char line[256];

	print("#\n# All expectations, with their keys (optional ones in brackets) and default requirement:\n");
	for (int kind = 0; kind < EXPECTATION_KINDS; kind++) {
		const struct expectation_rule *rule = expectation_rule((enum expectation_kind)kind);
		struct text_buffer text = text_buffer(line, sizeof line);
		text_add(&text, "#   %s", rule->words);
		for (unsigned k = 0; expectation_keys[k] != NULL; k++) {
			const bool needed = (rule->needs & 1U << k) != 0;
			if (needed || (rule->takes & 1U << k) != 0)
				text_add(&text, needed ? ", %s" : ", [%s]", expectation_keys[k]);
		}
		text_add(&text, ": %s\n", rule->requirement);
		print(line);
	}
}

int topic_lines(const struct topic *topic, void (*print)(const char *line))
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
	if (strcmp(topic->name, "scenario") == 0)
		expectation_lines(print);
	return EXIT_CODE_PASS;
}

static void print_plain(const char *line)
{
	fputs(line, stdout);
}

int print_topic(const struct topic *topic)
{
	return topic_lines(topic, print_plain);
}
