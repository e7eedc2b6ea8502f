/* SPDX-License-Identifier: MIT */
/* Any bytes, as a UART log.  What must hold besides memory safety: CIDs are CIDs. */
#include <stdlib.h>

#include "core/error.h"
#include "diagnose/uart_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct uart_log log;
	struct error err;

	(void)uart_log_parse(bytes, size, &log, &err);
	for (size_t i = 0; i < log.count; i++)
		if (log.connections[i].cid < 0 || log.connections[i].cid > 15)
			abort();
	uart_log_release(&log);
	return 0;
}
