/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_FAULT_ARGUMENTS_H
#define WIZHIL_CLI_FAULT_ARGUMENTS_H

#include "cli/prove/prove.h"
#include "cli/run/run_command.h"

struct error;

/* run --fault NAME: puts the settings of the named faults before those of --set, so that the journal
 * has them and --resume finds them there.  'files' owns their texts: freed after the run by
 * proof_files_free(), also on an error.  -1 with err set: there is no such fault. */
int fault_arguments_take(
	struct run_arguments *arguments, struct proof_files *files, struct error *err);

#endif
