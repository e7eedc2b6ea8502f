/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_UART_AT_COMMAND_H
#define WIZHIL_UART_AT_COMMAND_H

/* What a command line does to the answers behind it. */
enum at_command {
	AT_COMMAND_OTHER,
	AT_COMMAND_NUMERIC, /* ATV0: from here on they are numbers */
	AT_COMMAND_VERBOSE, /* ATV1: words */
};

enum at_command at_command_of(const char *line);

#endif
