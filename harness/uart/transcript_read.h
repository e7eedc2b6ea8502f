/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_UART_TRANSCRIPT_READ_H
#define WIZHIL_UART_TRANSCRIPT_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uart/transcript.h"

/* What uart/transcript.h writes, read back from memory: the same lines and frames, with the secrets
 * still removed. */

struct transcript_line {
	int64_t t_ns; /* since the start of the run */
	enum transcript_direction direction;
	const uint8_t
		*bytes; /* without the end of a line, NUL behind them; valid during the call only */
	size_t length;
	bool is_frame; /* an ESC frame: its length says where it ends */
};

typedef void transcript_line_fn(const struct transcript_line *line, void *context);

/* Told by the form of the first line that is no remark. */
bool transcript_is(const uint8_t *bytes, size_t size);

/* Calls sink for each line of it; what is none, and a line of more than 64 KiB, is passed over. */
void transcript_read(const uint8_t *bytes, size_t size, transcript_line_fn *sink, void *context);

#endif
