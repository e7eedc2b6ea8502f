/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli/command.h"

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

const struct command *find_command(const char *name)
{
	for (const struct command *command = commands; command->name != NULL; command++)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}
