/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_CONSOLE_H
#define WIZHIL_CLI_CONSOLE_H

#include <stdio.h>

#include "uart/at_codec.h"
#include "uart/port.h"
#include "uart/secrets.h"

struct error;

/* wizhil console: an AT terminal.  Shows what goes over the UART with the time, as bytes and,
 * beside them, as what they say; takes commands a line each. */

/* Talks until the input ends, or the port does.  On a terminal with line editing and a history;
 * else each line is sent when the one before was answered, and the end waits for the last answer.
 * -1 with err set. */
int console_talk(struct port *port, struct error *err);

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
