/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_PEER_NAMESPACE_H
#define WIZHIL_PEER_NAMESPACE_H

#include <stdbool.h>
#include <stdint.h>

struct error;

/*
 * The virtual bench's own network: a namespace that this process makes for itself, with one TAP
 * interface for each virtual device.  Several devices may share the peer's address and subnet: the
 * route to each follows its neighbour entry.  A bench with real devices needs nothing of this.
 *
 * Addresses are IPv4 in network order.  All return -1 with err set (ERROR_BENCH, with the remedy
 * where the system forbids it), and 0 else.
 */

/* Enters a new network namespace, within a new user namespace unless this process may do without,
 * and sets its kernel up for a peer on stepped time (harness/PLATFORM.md, rule 4): IPv6 off, each
 * empty segment answered, windows and congestion control that know no wall time; lo is up.  The
 * process must have one thread.  After an error it may be left in the namespace, half set up. */
int namespace_enter(struct error *err);

/* Makes a TAP interface, which has carrier at once and goes with the descriptor, and returns that
 * (non-blocking, close-on-exec; the caller's).  Its MAC is the same in every run. */
int tap_create(const char *name, struct error *err);

/* Brings an interface up with the peer's address and a route to its subnet, prefix 0 to 32.
 * stepped: the peer's kernel acknowledges at once, and does not retransmit within a run. */
int interface_configure(
	const char *name, uint32_t address_be, int prefix, bool stepped, struct error *err);

/* Whether an interface that is there already can be the peer's: up, and with this address.  -1 with
 * err set, and the remedy. */
int interface_check(const char *name, uint32_t address_be, struct error *err);

/* One more address of the peer, which must lie in a subnet that is configured; and away with one:
 * nothing answers for it from then on, not even ARP. */
int interface_add_address(const char *name, uint32_t address_be, struct error *err);
int interface_remove_address(const char *name, uint32_t address_be, struct error *err);

/* The device's hardware address, for good: the peer asks no ARP for it.  Gives the device a route
 * of its own over this interface, so that several devices may share a subnet; the interface must
 * be configured before. */
int neighbour_add_permanent(
	const char *name, uint32_t address_be, const uint8_t mac[6], struct error *err);
int neighbour_remove(const char *name, uint32_t address_be, struct error *err);

#endif
