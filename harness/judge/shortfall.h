/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_JUDGE_SHORTFALL_H
#define WIZHIL_JUDGE_SHORTFALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct history;
struct scenario;

/*
 * What a timeline lacks of its scenario: a watch that ended before its time, a step that was not
 * carried out or had no effect.  A pass that needs it stands on nothing.
 *
 * A timeline whose scenario plans no watch was not driven (a customer's capture): it lacks nothing.
 */

/* Whether the watch ended before the scenario's: its time, or 'then' after the last of the deaths
 * that it waits for.  Says so in text. */
bool watch_fell_short(const struct history *history, char *text, size_t size);

/* Whether one of the steps before until_ns, of this connection or of another one of the scenario, had
 * not the effect that the case rests on: it was not carried out; the device refused an option that the
 * vendor documents, AT+NCLOSE, a data frame, or to change how it speaks (ATV, data mode); the octets
 * did not reach the wire; the peer's were not acknowledged.  What comes behind the end of the
 * connection may be refused.  Names the first such step in text. */
bool step_fell_short(const struct history *history, int64_t until_ns, char *text, size_t size);

/* Whether the device refused one of the connection's own steps, so that what it did without it accuses
 * it of nothing else.  Not an option: what is documented counts as the vendor has it. */
bool step_was_refused(const struct history *history, int64_t until_ns, char *text, size_t size);

/* The command that was to bring the module into data mode before that step, which leaves it. */
const char *way_into_data_mode(const struct scenario *scenario, int before);

#endif
