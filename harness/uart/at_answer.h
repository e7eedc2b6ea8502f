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
	/* Its one spelling, whatever brackets, blanks and case it came in, and whether as a number:
	 * "ERROR: SOCKET FAILURE 3".  Of AT_CODE_OTHER what stands in the brackets, as it came; of no
	 * answer empty. */
	char text[AT_LINE_SIZE];
};

/* Reads a line.  numeric: "0" is an answer too. */
struct at_answer at_answer_read(const char *line, bool numeric);

/* Whether the line is a boot banner or reset reason of the GainSpan family. */
bool at_answer_is_banner(const char *line);

#endif
