/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_PEER_NAMESPACE_H
#define WIZHIL_PEER_NAMESPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"

/* The virtual bench's own network: a namespace that this process makes for itself. */

/* Enters a new network namespace, within a new user namespace unless this process may do without,
 * and sets its kernel up for a peer on stepped time (platform.md, rule 4).  The process must have one
 * thread.  -1 with the remedy where the system forbids it. */
int namespace_enter(struct error *err);

/* Makes a TAP interface and returns its descriptor (non-blocking, close-on-exec), or -1. */
int tap_create(const char *name, struct error *err);

/* Brings the interface up with the peer's address and a route to its subnet; stepped: acknowledge at
 * once, and never retransmit within the run. */
int interface_configure(
	const char *name, uint32_t address_be, int prefix, bool stepped, struct error *err);

/* The device's hardware address, for good: no ARP from the peer. */
int neighbour_add_permanent(
	const char *name, uint32_t address_be, const uint8_t mac[6], struct error *err);

#endif
