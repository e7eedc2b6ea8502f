/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_TERMINAL_H
#define WIZHIL_CLI_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

/* May colours and cursor movements be written to the stream?  It is a terminal, TERM is not "dumb",
 * and NO_COLOR (no-color.org) is not set. */
bool terminal_takes_colour(FILE *stream);

#endif
