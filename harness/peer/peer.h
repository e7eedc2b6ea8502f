/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_PEER_PEER_H
#define WIZHIL_PEER_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

/*
 * One connection's end on the peer host: a kernel socket of TCP (or UDP) that answers, falls silent and speaks
 * again, reboots, resets, closes, sends and receives.  Nothing here blocks; poll() says when there
 * is something to handle.  Addresses are in network order, ports in the host's.
 *
 * Functions that return int return 0, or -1 with err set (ERROR_BENCH).  An act on a connection
 * that is not there yet is an error.  On one that the device has ended, or an act before, there is
 * nothing to do: it succeeds (but sending does not).
 */

struct peer;

enum peer_event {
	PEER_NOTHING,
	PEER_ACCEPTED,	       /* the device's connection is there */
	PEER_CONNECTED,	       /* ours to the device is */
	PEER_REFUSED,	       /* the device refused it */
	PEER_DATA,	       /* octets from the device */
	PEER_CLOSED_BY_DEVICE, /* FIN: nothing more will come; the peer may still send */
	PEER_RESET_BY_DEVICE,  /* RST: it is over */
	PEER_ERROR	       /* it is over, err says why */
};

struct peer_data {
	size_t length;
	const unsigned char *octets; /* the peer's, valid until its next peer_handle */
};

struct peer_addresses {
	uint32_t local_be, remote_be; /* 0 when not known yet */
	uint16_t local_port, remote_port;
};

/* Which of the device's segments a deaf peer does not hear. */
enum peer_deaf_to {
	PEER_DEAF_TO_EMPTY,   /* without data, SYN, FIN, RST: ACKs, zero-length probes */
	PEER_DEAF_TO_DATA,    /* with data, a probe's garbage octet included */
	PEER_DEAF_TO_SEQUENCE /* with one sequence number: a probe's is the last acknowledged one */
};

/* Listens for one connection from the device; the listener is closed when it comes, so that what
 * comes after draws RST.  Port 0: any.  NULL with err set; the caller frees it by peer_free(). */
struct peer *peer_listen(uint32_t address_be, uint16_t port, struct error *err);

/* Connects to a server on the device.  local_port 0: any.  initial: the peer's initial sequence
 * number; 0: the kernel chooses.  Otherwise as peer_listen().  Where the kernel still holds a
 * connection between these ports, as in TIME-WAIT, nothing was sent and errno is EADDRNOTAVAIL. */
struct peer *peer_connect(uint32_t local_be, uint16_t local_port, uint32_t device_be,
	uint16_t device_port, uint32_t initial, struct error *err);

/* Receives datagrams from the device, and sends to the port that the last one came from; before one
 * came, sending is an error.  Otherwise as peer_listen(). */
struct peer *peer_datagrams(uint32_t address_be, uint16_t port, struct error *err);

/* For poll(); -1 when nothing can happen any more.  The descriptor of a listening peer changes when
 * it accepts. */
int peer_descriptor(const struct peer *peer);
short peer_poll_events(const struct peer *peer);

/* What happened next; call it until PEER_NOTHING.  data is set with PEER_DATA, err with PEER_ERROR.
 * After FIN an RST may follow, nothing follows the other ends. */
enum peer_event peer_handle(struct peer *peer, struct peer_data *data, struct error *err);

/* Sends all octets.  When the socket's buffer (some 400 kB) does not take them, some may have been
 * sent, and the error says how many. */
int peer_send(struct peer *peer, const void *octets, size_t length, struct error *err);

/* True when nothing of its own is unacknowledged and nothing of the device's is left to handle.
 * Only then may it fall silent: its kernel would retransmit, or acknowledge late, and so restart
 * the device's idle time. */
bool peer_quiet(const struct peer *peer);

/* What arrives is dropped before TCP sees it (SO_ATTACH_FILTER 'ret 0'): no ACK, no RST.  Sticks to
 * the connection alone; refuses unless peer_quiet(). */
int peer_silence(struct peer *peer, struct error *err);

/* The same for some segments only; sequence counts for PEER_DEAF_TO_SEQUENCE alone. */
int peer_silence_matching(
	struct peer *peer, enum peer_deaf_to what, uint32_t sequence, struct error *err);

/* Ends either silence. */
int peer_speak(struct peer *peer, struct error *err);

/* Forgets the connection without a word (TCP_REPAIR, close): what comes next draws RST.  Needs
 * CAP_NET_ADMIN, see peer_check_rights().  A peer that listens stops listening. */
int peer_reboot(struct peer *peer, struct error *err);

/* RST at once. */
int peer_reset(struct peer *peer, struct error *err);

/* FIN; goes on receiving, and PEER_CLOSED_BY_DEVICE tells when the device has closed too. */
int peer_close(struct peer *peer, struct error *err);

/* The connection's addresses, as far as they are known. */
struct peer_addresses peer_addresses(const struct peer *peer);

/* Says before a run whether this process may let peers fall silent (kernels of 2025 ask for
 * CAP_NET_ADMIN) and reboot; the error has the remedy. */
int peer_check_rights(struct error *err);

/* Removes what still stands without a word on the wire; where the rights are missing, by RST.
 * NULL is fine. */
void peer_free(struct peer *peer);

#endif
