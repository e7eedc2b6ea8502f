/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli/command.h"

const struct command commands[] = {
	{"run", "run the conformance suite or a part of it on a bench", command_run},
	{"list", "list the cases with their requirements and times", command_list},
	{"requirements", "list the requirements with the cases that cover them",
		command_requirements},
	{"check", "check whether a bench is usable, and print remedies if not", command_check},
	{"characterize", "measure undocumented behaviour and write a device profile",
		command_characterize},
	{"qualify", "flash a firmware, run everything, and say whether to ship it",
		command_qualify},
	{"report", "write the reports of a run again from its journal", command_report},
	{"show", "show a case of a run: verdict, legs, timeline, evidence", command_show},
	{"compare", "show what changed between two runs", command_compare},
	{"diagnose", "explain the keep-alive of the connections in a capture", command_diagnose},
	{"reproduce", "convert a connection of a capture into a scenario file", command_reproduce},
	{"prove", "check that the suite catches every fault and fails no healthy device",
		command_prove},
	{"merge", "merge the shards of a run", command_merge},
	{"bundle", "pack a run into one archive, for a ticket", command_bundle},
	{"history", "record runs by firmware and show the trend", command_history},
	{"init", "find modules on this host and write a bench file", command_init},
	{"console", "open an AT terminal to a device", command_console},
	{NULL, NULL, NULL},
};

const struct command *find_command(const char *name)
{
	for (const struct command *command = commands; command->name != NULL; command++)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}
