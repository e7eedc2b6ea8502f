/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_MANUAL_PARTS_H
#define WIZHIL_CLI_MANUAL_PARTS_H

#include <argp.h>

#include "cli/help/manual.h"

/* One command's part of a completion; command: its name, "run". */
void completion_command(enum manual_kind shell, const char *command, const struct argp *argp);

/* What stands around the parts.  All print to stdout. */
void completion_begin(enum manual_kind shell);
void completion_end(enum manual_kind shell);

/* Calls visit for each option that has a name, those of argp's children and --help too. */
typedef void visit_option(void *context, const struct argp_option *option);
void each_option(const struct argp *argp, visit_option *visit, void *context);

#endif
