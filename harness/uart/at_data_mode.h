/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_UART_AT_DATA_MODE_H
#define WIZHIL_UART_AT_DATA_MODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the module says in data mode (cases/DEVICE.md, 4): the octets of one connection as they are,
 * and in between its lines, each with CR LF before and after.  Only where the data have no CR and LF
 * of their own can the two be told apart; the harness sends none.  Pure; any split of the same bytes
 * gives the same.
 */

enum at_data_mode_state {
	AT_DATA_MODE_DATA,
	AT_DATA_MODE_BEFORE_LINE, /* CR LF was there, text follows */
	AT_DATA_MODE_LINE,
	AT_DATA_MODE_LINE_END /* its CR was there, LF follows */
};

/* A mode that an answer has begun: of it the CR was read. */
#define AT_DATA_MODE_BEHIND_ANSWER AT_DATA_MODE_LINE_END

/* How many of the bytes, at least one of 'size' > 0, are of one kind: data, or of lines. */
size_t at_data_mode_split(
	enum at_data_mode_state *state, const uint8_t *bytes, size_t size, bool *is_data);

#endif
