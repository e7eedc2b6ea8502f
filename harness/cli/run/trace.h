/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_TRACE_H
#define WIZHIL_CLI_TRACE_H

#include <jansson.h>
#include <stdio.h>

#include "timeline/watched.h"

/* --trace: what the bench sees and does, in lines for people, with the time on the bench's clock:
 *
 *   wire  device-0   +  12.345678 dead_peer/x a > probe, seq 1 ack 1, 0 octets
 *
 * '>' is from the device, '<' to it.  The lines of the UART are those of a transcript
 * (uart/transcript.h): there '>' is to the module. */

enum trace { TRACE_UART = 1, TRACE_WIRE = 2, TRACE_BENCH = 4 };

/* "uart,wire,bench", one or more.  The set of bits, 0 when there is another word among them. */
unsigned trace_parse(const char *words);

/* An event of a session (wire, bench). */
void trace_watched(unsigned set, const struct watched *what, FILE *stream);

/* An event of the journal (bench). */
void trace_journal(unsigned set, const json_t *event, FILE *stream);

#endif
