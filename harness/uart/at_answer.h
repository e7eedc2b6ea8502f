/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_UART_AT_ANSWER_H
#define WIZHIL_UART_AT_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "uart/at_code.h"
#include "uart/at_framer.h"

/* The words of the module: reads one line, knowing nothing of what went before (cases/DEVICE.md,
 * 2). */
struct at_answer {
	enum at_code code; /* AT_CODE_NONE: the line is no answer */
	enum at_form form;
	int cid; /* -1: none; of an accept the new connection's */
	int server_cid;
	uint8_t address[4];
	uint16_t port;
};

/* Reads a line.  numeric: "0" is an answer too. */
struct at_answer at_answer_read(const char *line, bool numeric);

/* Writes the answer's one spelling, "ERROR: SOCKET FAILURE 3", to text of AT_LINE_SIZE. */
void at_answer_write(const struct at_answer *answer, char *text);

/* Whether the line is a boot banner or reset reason of the GainSpan family. */
bool at_answer_is_banner(const char *line);

#endif
