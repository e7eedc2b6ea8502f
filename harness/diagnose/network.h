/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_DIAGNOSE_NETWORK_H
#define WIZHIL_DIAGNOSE_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/decode.h"

/*
 * What a recording shows of the network besides TCP: hosts that no longer answer ARP (RFC 826) or
 * neighbour discovery (RFC 4861), and who sends ICMP errors.  Small and bounded: a recording with
 * more hosts than fit loses the later ones.
 */

enum { NETWORK_HOSTS = 1024, NETWORK_ROUTERS = 256 };

/* A host that was asked for. */
struct arp_host {
	struct endpoint host; /* port 0; family 0: a free place */
	uint32_t requests;    /* since it last gave a sign of itself there */
	uint32_t frame;	      /* of the first of them */
	uint16_t file;
	int64_t first_ns;
};

struct network {
	struct arp_host *hosts;			  /* NULL: nobody was asked for */
	struct endpoint routers[NETWORK_ROUTERS]; /* who sent ICMP errors; port 0 */
	size_t router_count;
};

/* An ARP packet, a neighbour solicitation or advertisement; of others nothing is taken.  -1 when
 * out of memory. */
int network_take_asking(struct network *network, const struct packet *packet, int64_t time_ns,
	uint32_t frame, uint16_t file);

/* The host when somebody asked for it in vain to the end; NULL when not. */
const struct arp_host *network_silent_host(
	const struct network *network, const struct endpoint *host);

/* The place of the sender of an ICMP error among the routers. */
size_t network_router(struct network *network, const struct endpoint *sender);

/* True for an ICMP error that quotes a segment and says that it does not arrive: destination
 * unreachable, time exceeded (RFC 792, RFC 4443). */
bool network_is_error(const struct packet *packet);

/* "host unreachable" and the like, of an ICMP error. */
const char *network_error_words(int family, uint8_t type, uint8_t code);

void network_release(struct network *network);

#endif
