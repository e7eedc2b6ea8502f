/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_PEER_PEER_H
#define WIZHIL_PEER_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

/*
 * One TCP connection's end on the peer host: a kernel socket that answers, falls silent and speaks
 * again, reboots, resets, closes, sends and receives.  Never blocks.  Addresses are in network
 * order.
 */

struct peer;

enum peer_event {
	PEER_NOTHING,
	PEER_ACCEPTED,	/* the device's connection is there */
	PEER_CONNECTED, /* ours to the device is */
	PEER_REFUSED,	/* the device refused it */
	PEER_DATA,
	PEER_CLOSED_BY_DEVICE, /* FIN */
	PEER_RESET_BY_DEVICE,
	PEER_ERROR /* err says what */
};

struct peer_data {
	size_t length;
	const unsigned char *octets; /* valid until the next peer_handle */
};

/* Listens for one connection; the listener is closed when it comes.  NULL with err set. */
struct peer *peer_listen(uint32_t address_be, uint16_t port, struct error *err);

/* Connects to a server on the device. */
struct peer *peer_connect(uint32_t local_be, uint16_t local_port, uint32_t device_be,
	uint16_t device_port, struct error *err);

/* For poll(); -1 when there is none any more. */
int peer_descriptor(const struct peer *peer);
short peer_poll_events(const struct peer *peer);

/* What happened next; call it until PEER_NOTHING. */
enum peer_event peer_handle(struct peer *peer, struct peer_data *data, struct error *err);

int peer_send(struct peer *peer, const void *octets, size_t length, struct error *err);

/* True when nothing of its own is unacknowledged: only then may it fall silent, as its kernel would
 * retransmit, which restarts the device's idle time. */
bool peer_quiet(const struct peer *peer);

/* What arrives is dropped before TCP sees it (SO_ATTACH_FILTER 'ret 0'): no ACK, no RST.  Sticks to
 * the connection alone. */
int peer_silence(struct peer *peer, struct error *err);
int peer_speak(struct peer *peer, struct error *err);

/* Forgets the connection without a word (TCP_REPAIR, close): what comes next draws RST.  Needs
 * CAP_NET_ADMIN. */
int peer_reboot(struct peer *peer, struct error *err);

/* RST at once. */
int peer_reset(struct peer *peer, struct error *err);

/* FIN; goes on receiving. */
int peer_close(struct peer *peer, struct error *err);

/* Removes what still stands without a word on the wire, where that is permitted.  NULL is fine. */
void peer_free(struct peer *peer);

#endif
