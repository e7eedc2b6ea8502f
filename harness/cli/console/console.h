/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_CONSOLE_H
#define WIZHIL_CLI_CONSOLE_H

#include <stdio.h>

#include "uart/at_codec.h"
#include "uart/at_command.h"
#include "uart/port.h"
#include "uart/secrets.h"

struct error;

/* wizhil console: an AT terminal.  Shows what goes over the UART with the time, as bytes and,
 * beside them, as what they say; takes commands a line each. */

/* What is sent before anybody is asked, a line each, every one when the one before was answered; ends
 * with an empty line.  A passphrase in them is learnt as one that was typed. */
enum { CONSOLE_FIRST = 8 };
struct console_start {
	const char *prompt; /* the device's name; of a terminal only */
	char lines[CONSOLE_FIRST][AT_COMMAND_SIZE];
};

/* Talks until the input ends, or the port does.  On a terminal with a prompt, colours, line editing,
 * a history, and Tab for commands and what they do; else each line is sent when the one before was answered, and the end waits for the last answer.
 * -1 with err set. */
int console_talk(struct port *port, const struct console_start *start, struct error *err);

enum { CONSOLE_UNIT = 1 << 13 };

/* Writes bytes, at most CONSOLE_UNIT, escaped and without the secrets as in a transcript; returns
 * the columns that they take. */
int console_bytes(FILE *stream, const struct secrets *secrets, const uint8_t *bytes, size_t size,
	bool is_data);

/* Writes one unit that came, and what it says: "[DISCONNECT 3]  notice: connection 3 has ended".
 * bytes: as they came, CR and LF around them included. */
void console_unit(FILE *stream, const struct secrets *secrets, const uint8_t *bytes, size_t size,
	const struct at_token *token);

#endif
