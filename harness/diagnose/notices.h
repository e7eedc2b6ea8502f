/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_DIAGNOSE_NOTICES_H
#define WIZHIL_DIAGNOSE_NOTICES_H

#include "diagnose/diagnosis.h"
#include "diagnose/uart_log.h"
#include "judge/finding.h"

/* What the UART said of a connection, laid beside what the wire shows of it: pure. */

struct uart_side {
	const struct uart_log *log;
	const struct uart_connection *connection;
	int64_t start_ns; /* of the connection's first packet, on the capture's clock */
};

/* The capture's clock at a time of a timed log, and how sure that is. */
int64_t notices_on_the_wire(const struct uart_side *side, int64_t uart_ns, int64_t *error_ns);

/* Does the log reach to that time of the capture, as far as can be known? */
bool notices_cover(const struct uart_side *side, int64_t wire_ns);

/* What the log says of the connection's end. */
struct uart_words notices_words(const struct uart_side *side);

/* Puts what the UART said of the connection, and when, into its timeline.  Nothing of a log without
 * times.  -1 when out of memory. */
int notices_lay(struct timeline *timeline, const struct uart_side *side);

/* Calls add for each finding. */
typedef void notices_add(
	const char *requirement, enum severity severity, const char *text, void *context);

void notices_judge(const struct diagnosed_direction *direction, const struct uart_side *side,
	notices_add *add, void *context);

#endif
