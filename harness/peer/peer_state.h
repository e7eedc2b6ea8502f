/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_PEER_PEER_STATE_H
#define WIZHIL_PEER_PEER_STATE_H

#include <sys/socket.h>

#include "peer/peer.h"

/* What a peer is made of: peer.c makes it and follows it, peer_acts.c lets it act. */

enum peer_state {
	PEER_LISTENING,
	PEER_CONNECTING,
	PEER_REFUSED_AT_ONCE, /* by connect() itself; to be told */
	PEER_OPEN,
	PEER_HALF_CLOSED, /* FIN from the device */
	PEER_ENDED
};

struct peer {
	enum peer_state state;
	int socket;  /* -1 after the act that closed it */
	bool closed; /* FIN from the peer */
	bool datagrams;
	int trouble; /* errno that the kernel told a send, and tells once; to be told as event */
	struct peer_addresses addresses;
	unsigned char octets[16384];
};

/* For options that every kernel has: their failure is none of the caller's. */
static inline void peer_set_option(const struct peer *peer, int level, int name, int value)
{
	(void)setsockopt(peer->socket, level, name, &value, sizeof value);
}

#endif
