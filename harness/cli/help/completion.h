/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_COMPLETION_H
#define WIZHIL_CLI_COMPLETION_H

#include <argp.h>

#include "cli/help/manual.h"

/* The completions of the shells.  All print to stdout. */

/* A command's part; command: its name, "run". */
void completion_command(enum manual_kind shell, const char *command, const struct argp *argp);

/* What stands around the parts. */
void completion_begin(enum manual_kind shell);
void completion_end(enum manual_kind shell);

#endif
