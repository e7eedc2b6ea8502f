/* SPDX-License-Identifier: MIT */
#include "uart/at_command.h"

#include <string.h>
#include <strings.h>

enum at_command at_command_of(const char *line)
{
	if (strncasecmp(line, "ATV", strlen("ATV")) != 0)
		return AT_COMMAND_OTHER;
	return line[strlen("ATV")] == '1' ? AT_COMMAND_VERBOSE : AT_COMMAND_NUMERIC;
}
