/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_UART_SECRETS_H
#define WIZHIL_UART_SECRETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What must not be seen of a line of the UART: (1) the argument of a command that takes a
 * passphrase or key (AT+WWPA=, AT+WPAPSK=<ssid>, ...), however it is spelt, also in an echo or a
 * listing of the settings; (2) the secrets that were registered, wherever they are.
 */

struct secrets; /* strings that were registered */

/* NULL when out of memory.  The caller ends it with secrets_free(). */
struct secrets *secrets_new(void);

/* Registers a copy of length bytes; no bytes and what is there already are ignored.  -1 when out of
 * memory. */
int secrets_add(struct secrets *secrets, const uint8_t *bytes, size_t length);

/* Registers the secret argument of a command, without quotes, if it has one of 4 bytes or more:
 * what is shorter was sent by mistake, and shall not blot all that comes.  -1 when out of
 * memory. */
int secrets_learn(struct secrets *secrets, const uint8_t *line, size_t length);

/* Wipes and frees.  NULL is fine. */
void secrets_free(struct secrets *secrets);

/* Where the secret argument of the line begins; length when it has none. */
size_t secrets_argument(const uint8_t *line, size_t length);

/* Sets hidden[i] for each byte of a line that must not be seen, false for the others.  At the ends
 * of the line also a piece of 4 bytes or more of a registered secret counts: an echo may be broken
 * by another line.  secrets may be NULL: then only (1). */
void secrets_mark_line(
	const struct secrets *secrets, const uint8_t *line, size_t length, bool *hidden);

/* The same for payload: only (2), and no pieces. */
void secrets_mark_data(
	const struct secrets *secrets, const uint8_t *data, size_t length, bool *hidden);

#endif
