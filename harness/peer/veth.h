/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_PEER_VETH_H
#define WIZHIL_PEER_VETH_H

struct error;

/* What stands in for a TAP where /dev/net/tun is not ours to open, as for most unprivileged users:
 * a pair of virtual Ethernet interfaces, 'name' and its other end, on which a packet socket reads
 * and writes whole frames as a TAP's descriptor does (harness/PLATFORM.md, rule 8). Returns the
 * socket (non-blocking, close-on-exec; the caller's), or -1 with err set. */
int veth_create(const char *name, struct error *err);

#endif
