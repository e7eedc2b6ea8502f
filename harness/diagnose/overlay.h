/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_DIAGNOSE_OVERLAY_H
#define WIZHIL_DIAGNOSE_OVERLAY_H

#include "diagnose/diagnosis.h"
#include "diagnose/notices.h"
#include "diagnose/observer.h"

struct error;

/* The UART log, laid over the recording: which of its connections is which. */

struct overlay {
	struct uart_log log;
	struct uart_connection **of; /* by the index of the recording's; NULL: none */
	struct uart_side side;
};

/* Finds the connections: by the times between them where the log has times, and else each as the
 * next one to its peer.  -1 with err set when out of memory. */
int overlay_lay(struct overlay *overlay, const struct observer *observer, struct error *err);

/* Which of the log's connections is not in the recording. */
void overlay_unmatched(const struct overlay *overlay, struct diagnosis_totals *totals);

/* What the log says of a connection of the recording; NULL: nothing.  Valid until the next call. */
const struct uart_side *overlay_side(
	struct overlay *overlay, const struct observer *observer, size_t index);

void overlay_release(struct overlay *overlay);

#endif
