/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_TERMINAL_H
#define WIZHIL_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* May colours and cursor movements be written to the stream?  It is a terminal, TERM is not "dumb",
 * and NO_COLOR (no-color.org) is not set. */
bool terminal_takes_colour(FILE *stream);

/* From now on the standard output, where it is a terminal that takes colours, is fitted to it, for text of
 * lines: one that is wider is broken at blanks, the rest below its second column; and a first word that is
 * a verdict ("dead", "ok") has its colour.  Elsewhere nothing changes, so that what other programs read
 * is a line each.  Not for JSON, and not for text that has escape codes of its own.  Returns the
 * columns of the terminal; 0: it is none. */
size_t terminal_fit(void);

#endif
