/* SPDX-License-Identifier: MIT */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/help/manual.h"
#include "core/exit_code.h"

#ifndef WIZHIL_VERSION
#define WIZHIL_VERSION "0"
#endif

const char *argp_program_version = "wizhil " WIZHIL_VERSION;

const struct command commands[] = {
	{"run", "run the conformance suite, or part of it, on a bench", command_run},
	{"list", "list the cases with their requirements and times", command_list},
	{"requirements", "show which case speaks for which requirement", command_requirements},
	{"check", "find out whether a bench is usable, and what to do if not", command_check},
	{"characterize", "find out what nothing documented says of a module, as a profile",
		command_characterize},
	{"report", "compose the reports of a run again from its journal", command_report},
	{"compare", "say what changed from one run to another", command_compare},
	{"diagnose", "say what became of keep-alive in a capture", command_diagnose},
	{"reproduce", "make a scenario file of a connection in a capture", command_reproduce},
	{"prove", "prove the suite: every fault caught, no healthy device accused", command_prove},
	{"merge", "join the shards of a run into one", command_merge},
	{"bundle", "put a run into one file, for a ticket", command_bundle},
	{"history", "keep runs by firmware, and show how they went", command_history},
	{"init", "write a bench file for what is found on this host", command_init},
	{"console", "talk to a device: an AT terminal", command_console},
	{NULL, NULL, NULL},
};

void print_help(FILE *stream)
{
	fputs("wizhil: conformance tests for the TCP keep-alive of the WizFi210\n"
	      "\n"
	      "usage: wizhil COMMAND [OPTION...]\n"
	      "\n"
	      "A case drives the module over its serial port, a sniffer on the peer host sees\n"
	      "what it sends, and a report says what happened, and when.\n"
	      "\n"
	      "commands:\n",
		stream);
	for (const struct command *command = commands; command->name != NULL; command++)
		fprintf(stream, "  %-12s %s\n", command->name, command->summary);
	fputs("  help         wizhil help COMMAND explains a command\n"
	      "\n"
	      "files (wizhil help NAME explains one):\n",
		stream);
	for (const struct topic *topic = topics; topic->name != NULL; topic++)
		fprintf(stream, "  %-12s %s\n", topic->name, topic->summary);
	fputs("\n"
	      "exit codes:\n"
	      "  0    all cases passed (or are marginal)\n"
	      "  1    a firmware failure\n"
	      "  2    wrong usage or configuration, or a filter that matches nothing\n"
	      "  77   nothing ran\n"
	      "  99   a fault of the bench, or inconclusive evidence\n"
	      "  130  interrupted; the evidence is kept\n"
	      "\n"
	      "first steps: wizhil run            the whole suite on the virtual WizFi210\n"
	      "             wizhil help run       how to run it on a real one\n",
		stream);
}

static int run_command(const char *name, int argc, char **argv)
{
	char title[64];

	for (const struct command *command = commands; command->name != NULL; command++) {
		if (strcmp(command->name, name) != 0)
			continue;
		snprintf(title, sizeof title, "wizhil %s", name);
		argv[0] = title;
		return command->main(argc, argv);
	}
	fprintf(stderr, "wizhil: unknown command '%s' (try: wizhil --help)\n", name);
	return EXIT_CODE_USAGE;
}

/* wizhil help COMMAND, and what an installation holds of it (manual.cmake): --pages,
 * --man [PAGE], --completion SHELL. */
static int explain(int count, char **words)
{
	char *arguments[] = {"", "--help", NULL};

	if (strcmp(words[0], "--pages") == 0) {
		manual_list_pages();
		return EXIT_CODE_PASS;
	}
	if (strcmp(words[0], "--man") == 0)
		return manual_print(MANUAL_MAN, count > 1 ? words[1] : NULL);
	if (strcmp(words[0], "--completion") == 0) {
		enum manual_kind shell = manual_shell(count > 1 ? words[1] : "");
		if (shell != MANUAL_NONE)
			return manual_print(shell, NULL);
		fputs("wizhil: --completion is for bash, zsh or fish\n", stderr);
		return EXIT_CODE_USAGE;
	}
	const struct topic *topic = find_topic(words[0]);
	return topic == NULL ? run_command(words[0], 2, arguments) : print_topic(topic);
}

/* Where one of the standard descriptors is closed, the next file that is opened would take its
 * place: what is printed would go into the journal. */
static void fill_standard_descriptors(void)
{
	int descriptor;

	do {
		descriptor = open("/dev/null", O_RDWR);
	} while (descriptor >= 0 && descriptor <= STDERR_FILENO);
	if (descriptor >= 0)
		close(descriptor);
}

/* A list that was cut off is no success. */
static int printed(int code)
{
	if (code != EXIT_CODE_PASS || (fflush(stdout) == 0 && !ferror(stdout)))
		return code;
	fprintf(stderr, "wizhil: cannot write the standard output: %s\n", strerror(errno));
	return EXIT_CODE_BENCH;
}

static int dispatch(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return EXIT_CODE_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		puts(argp_program_version);
		return 0;
	}
	bool help = strcmp(argv[1], "help") == 0;
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0 ||
		strcmp(argv[1], "-h") == 0 || (help && argc == 2)) {
		print_help(stdout);
		return 0;
	}
	if (help)
		return explain(argc - 2, argv + 2);
	return run_command(argv[1], argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	fill_standard_descriptors();
	argp_err_exit_status = EXIT_CODE_USAGE;
	return printed(dispatch(argc, argv));
}
