/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/error.h"
#include "peer/peer_state.h"

static struct sockaddr_in socket_address(uint32_t address_be, uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = address_be};
}

/* ---- how a connection comes to be ---- */

static void learn_local(struct peer *peer)
{
	struct sockaddr_in local = {0};
	socklen_t size = sizeof local;

	if (getsockname(peer->socket, (struct sockaddr *)&local, &size) != 0)
		return;
	peer->addresses.local_be = local.sin_addr.s_addr;
	peer->addresses.local_port = ntohs(local.sin_port);
}

static struct peer *peer_new(
	enum peer_state state, int type, uint32_t local_be, uint16_t port, struct error *err)
{
	struct sockaddr_in local = socket_address(local_be, port);
	const int new = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (new < 0) {
		error_errno(err, ERROR_BENCH, "cannot create a socket");
		return NULL;
	}
	struct peer *peer = calloc(1, sizeof *peer);
	if (peer == NULL) {
		close(new);
		error_set(err, ERROR_MEMORY, "out of memory");
		return NULL;
	}
	peer->state = state;
	peer->socket = new;
	peer->datagrams = type == SOCK_DGRAM;
	/* Accepted sockets inherit these, and so have them before their first segment. */
	peer_set_option(peer, SOL_SOCKET, SO_REUSEADDR, 1);
	peer_set_option(peer, SOL_SOCKET, SO_SNDBUF, 1 << 20);
	peer_set_option(peer, IPPROTO_TCP, TCP_NODELAY, 1);
	if (bind(peer->socket, (const struct sockaddr *)&local, sizeof local) != 0) {
		error_errno(err, ERROR_BENCH,
			"cannot use port %d of the peer's address '%s' (check peer.address and peer.ports in the bench file)",
			port, inet_ntoa(local.sin_addr));
		peer_free(peer);
		return NULL;
	}
	learn_local(peer);
	return peer;
}

struct peer *peer_listen(uint32_t address_be, uint16_t port, struct error *err)
{
	struct peer *peer = peer_new(PEER_LISTENING, SOCK_STREAM, address_be, port, err);

	if (peer == NULL)
		return NULL;
	if (listen(peer->socket, 4) != 0) {
		error_errno(err, ERROR_BENCH, "cannot listen on port %d", port);
		peer_free(peer);
		return NULL;
	}
	return peer;
}

struct peer *peer_datagrams(uint32_t address_be, uint16_t port, struct error *err)
{
	return peer_new(PEER_OPEN, SOCK_DGRAM, address_be, port, err);
}

/* Linux begins with what TCP_REPAIR has put into the queue of a socket that is not connected
 * yet. */
static int number_from(struct peer *peer, uint32_t initial, struct error *err)
{
	const int on = 1, off = TCP_REPAIR_OFF_NO_WP, queue = TCP_SEND_QUEUE;

	if (initial == 0)
		return 0;
	if (setsockopt(peer->socket, IPPROTO_TCP, TCP_REPAIR, &on, sizeof on) != 0 ||
		setsockopt(peer->socket, IPPROTO_TCP, TCP_REPAIR_QUEUE, &queue, sizeof queue) !=
			0 ||
		setsockopt(peer->socket, IPPROTO_TCP, TCP_QUEUE_SEQ, &initial, sizeof initial) !=
			0 ||
		setsockopt(peer->socket, IPPROTO_TCP, TCP_REPAIR, &off, sizeof off) != 0)
		return error_errno(
			err, ERROR_BENCH, "cannot choose the peer's initial sequence number");
	return 0;
}

struct peer *peer_connect(uint32_t local_be, uint16_t local_port, uint32_t device_be,
	uint16_t device_port, uint32_t initial, struct error *err)
{
	struct sockaddr_in remote = socket_address(device_be, device_port);
	struct peer *peer = peer_new(PEER_CONNECTING, SOCK_STREAM, local_be, local_port, err);

	if (peer == NULL)
		return NULL;
	if (number_from(peer, initial, err) != 0) {
		peer_free(peer);
		return NULL;
	}
	peer->addresses.remote_be = device_be;
	peer->addresses.remote_port = device_port;
	if (connect(peer->socket, (const struct sockaddr *)&remote, sizeof remote) != 0 &&
		errno != EINPROGRESS) {
		if (errno == ECONNREFUSED) {
			peer->state = PEER_REFUSED_AT_ONCE;
			return peer;
		}
		const int reason = errno;
		error_errno(err, ERROR_BENCH, "cannot connect to port %d of the device at '%s'",
			device_port, inet_ntoa(remote.sin_addr));
		peer_free(peer);
		errno = reason;
		return NULL;
	}
	return peer;
}

/* ---- what happens to it ---- */

int peer_descriptor(const struct peer *peer)
{
	return peer->state == PEER_ENDED ? -1 : peer->socket;
}

short peer_poll_events(const struct peer *peer)
{
	switch (peer->state) {
	case PEER_LISTENING:
	case PEER_OPEN:
		return POLLIN;
	case PEER_CONNECTING:
	case PEER_REFUSED_AT_ONCE:
		return POLLOUT;
	case PEER_HALF_CLOSED: /* always readable: only POLLERR and POLLHUP are news */
	case PEER_ENDED:
		break;
	}
	return 0;
}

static enum peer_event take_connection(struct peer *peer, struct error *err)
{
	struct sockaddr_in remote = {0};
	socklen_t size = sizeof remote;

	int accepted = accept4(
		peer->socket, (struct sockaddr *)&remote, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (accepted < 0) {
		if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
			return PEER_NOTHING;
		peer->state = PEER_ENDED;
		error_errno(err, ERROR_BENCH, "cannot accept the device's connection");
		return PEER_ERROR;
	}
	close(peer->socket);
	peer->socket = accepted;
	peer->state = PEER_OPEN;
	peer->addresses.remote_be = remote.sin_addr.s_addr;
	peer->addresses.remote_port = ntohs(remote.sin_port);
	learn_local(peer);
	return PEER_ACCEPTED;
}

/* The error that the kernel keeps for the socket, which is then forgotten; 0: none. */
static int take_trouble(const struct peer *peer)
{
	int trouble = 0;
	socklen_t size = sizeof trouble;

	(void)getsockopt(peer->socket, SOL_SOCKET, SO_ERROR, &trouble, &size);
	return trouble;
}

/* The connection is over, for a reason of errno. */
static enum peer_event end_of(struct peer *peer, int reason, struct error *err)
{
	peer->state = PEER_ENDED;
	/* EPIPE: an RST after the device's FIN. */
	if (reason == ECONNRESET || reason == EPIPE)
		return PEER_RESET_BY_DEVICE;
	if (reason == ECONNREFUSED)
		return PEER_REFUSED;
	errno = reason;
	error_errno(err, ERROR_BENCH, "the peer's kernel gave up the connection");
	return PEER_ERROR;
}

static enum peer_event finish_connecting(struct peer *peer, struct error *err)
{
	struct pollfd ready = {.fd = peer->socket, .events = POLLOUT};

	if (poll(&ready, 1, 0) <= 0)
		return PEER_NOTHING;
	int trouble = take_trouble(peer);
	if (trouble != 0)
		return end_of(peer, trouble, err);
	peer->state = PEER_OPEN;
	learn_local(peer);
	return PEER_CONNECTED;
}

/* Answers go to where it came from. */
static enum peer_event receive_datagram(struct peer *peer, struct peer_data *data)
{
	struct sockaddr_in from = {0};
	socklen_t size = sizeof from;
	const ssize_t got = recvfrom(peer->socket, peer->octets, sizeof peer->octets, 0,
		(struct sockaddr *)&from, &size);

	if (got <= 0)
		return PEER_NOTHING;
	peer->addresses.remote_be = from.sin_addr.s_addr;
	peer->addresses.remote_port = ntohs(from.sin_port);
	data->length = (size_t)got;
	data->octets = peer->octets;
	return PEER_DATA;
}

static enum peer_event receive(struct peer *peer, struct peer_data *data, struct error *err)
{
	ssize_t got = recv(peer->socket, peer->octets, sizeof peer->octets, 0);

	if (got > 0) {
		data->length = (size_t)got;
		data->octets = peer->octets;
		/* The kernel may delay its ACK by 40 ms and more: it would come out of a
		 * silence. */
		peer_set_option(peer, IPPROTO_TCP, TCP_QUICKACK, 1);
		return PEER_DATA;
	}
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return PEER_NOTHING;
	if (got < 0 || peer->trouble != 0)
		return end_of(peer, got < 0 ? errno : peer->trouble, err);
	/* Once both have closed, POLLHUP would be there for ever. */
	peer->state = peer->closed ? PEER_ENDED : PEER_HALF_CLOSED;
	return PEER_CLOSED_BY_DEVICE;
}

enum peer_event peer_handle(struct peer *peer, struct peer_data *data, struct error *err)
{
	*data = (struct peer_data){0};
	switch (peer->state) {
	case PEER_LISTENING:
		return take_connection(peer, err);
	case PEER_CONNECTING:
		return finish_connecting(peer, err);
	case PEER_REFUSED_AT_ONCE:
		return end_of(peer, ECONNREFUSED, err);
	case PEER_OPEN:
		return peer->datagrams ? receive_datagram(peer, data) : receive(peer, data, err);
	case PEER_HALF_CLOSED: {
		int trouble = peer->trouble != 0 ? peer->trouble : take_trouble(peer);
		return trouble == 0 ? PEER_NOTHING : end_of(peer, trouble, err);
	}
	case PEER_ENDED:
		break;
	}
	return PEER_NOTHING;
}

struct peer_addresses peer_addresses(const struct peer *peer)
{
	return peer->addresses;
}
