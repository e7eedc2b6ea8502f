/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_PEER_ARP_PROBE_H
#define WIZHIL_PEER_ARP_PROBE_H

#include <stdint.h>

struct error;

/* Asks the segment behind the interface who else has this address, as RFC 5227 does (an ARP probe),
 * and hears for a third of a second.  A module that learns another hardware address sends past the
 * interface and its sniffer: to another station, or to another interface of this host, since Linux
 * answers at each for the addresses of all.  -1 with err set (ERROR_BENCH): somebody answered.  0:
 * nobody did, or this process may not ask, of which the capture says more. */
int arp_probe(const char *interface, uint32_t address_be, struct error *err);

#endif
