/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_CLIENT_H
#define WIZHIL_BENCH_CLIENT_H

#include <stdbool.h>

#include "scenario/scenario.h"
#include "timeline/timeline.h"

struct error;

/* A case's end of the broker's socket.  All functions block. */

/* Connects to the bench at the socket 'path' as 'case_name', bound to a device, or with "" to none.
 * Returns the socket, or -1. */
int client_connect(const char *path, const char *case_name, const char *device, struct error *err);

/* For whoever started the case's worker: it has ended.  One that came is known by its socket; of
 * one that did not come nobody else can tell. */
void client_tell_end(const char *path, const char *case_name, const char *device);

/* Has the scenario carried out; alone: with nothing else on the device.  Returns the timeline, the
 * caller's to free, or NULL. */
struct timeline *client_drive(
	int socket, const struct scenario *scenario, bool alone, struct error *err);

/* Delivers the verdict, as JSON text, and waits until it is recorded.  Returns an enum next_drive
 * (bench/broker_protocol.h), -1 on an error. */
int client_deliver(int socket, const char *verdict, struct error *err);

#endif
