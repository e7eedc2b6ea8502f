/* SPDX-License-Identifier: MIT */
#include "peer/peer.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum peer_state { LISTENING, CONNECTING, OPEN, ENDED };

struct peer {
	enum peer_state state;
	int socket;
	bool silent;
	unsigned char octets[16384];
};

static struct sockaddr_in socket_address(uint32_t address_be, uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = address_be};
}

static void set_flag(int socket, int level, int name)
{
	const int on = 1;

	(void)setsockopt(socket, level, name, &on, sizeof on);
}

static struct peer *peer_new(
	enum peer_state state, uint32_t local_be, uint16_t port, struct error *err)
{
	struct sockaddr_in local = socket_address(local_be, port);
	struct peer *peer = calloc(1, sizeof *peer);

	if (peer == NULL) {
		error_set(err, ERROR_MEMORY, "out of memory");
		return NULL;
	}
	peer->state = state;
	peer->socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (peer->socket < 0) {
		error_errno(err, ERROR_BENCH, "cannot make a socket");
		free(peer);
		return NULL;
	}
	set_flag(peer->socket, SOL_SOCKET, SO_REUSEADDR);
	set_flag(peer->socket, IPPROTO_TCP, TCP_NODELAY);
	if (bind(peer->socket, (const struct sockaddr *)&local, sizeof local) != 0) {
		error_errno(err, ERROR_BENCH,
			"cannot use port %d of the peer's address (check peer.address and "
			"peer.ports "
			"in the bench file)",
			port);
		peer_free(peer);
		return NULL;
	}
	return peer;
}

struct peer *peer_listen(uint32_t address_be, uint16_t port, struct error *err)
{
	struct peer *peer = peer_new(LISTENING, address_be, port, err);

	if (peer == NULL)
		return NULL;
	if (listen(peer->socket, 4) != 0) {
		error_errno(err, ERROR_BENCH, "cannot listen on port %d", port);
		peer_free(peer);
		return NULL;
	}
	return peer;
}

struct peer *peer_connect(uint32_t local_be, uint16_t local_port, uint32_t device_be,
	uint16_t device_port, struct error *err)
{
	struct sockaddr_in remote = socket_address(device_be, device_port);
	struct peer *peer = peer_new(CONNECTING, local_be, local_port, err);

	if (peer == NULL)
		return NULL;
	if (connect(peer->socket, (const struct sockaddr *)&remote, sizeof remote) != 0 &&
		errno != EINPROGRESS) {
		error_errno(
			err, ERROR_BENCH, "cannot connect to the device's port %d", device_port);
		peer_free(peer);
		return NULL;
	}
	return peer;
}

int peer_descriptor(const struct peer *peer)
{
	return peer->state == ENDED ? -1 : peer->socket;
}

short peer_poll_events(const struct peer *peer)
{
	return peer->state == CONNECTING ? POLLOUT : POLLIN;
}

static enum peer_event take_connection(struct peer *peer, struct error *err)
{
	int accepted = accept4(peer->socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (accepted < 0) {
		if (errno == EAGAIN || errno == ECONNABORTED)
			return PEER_NOTHING;
		error_errno(err, ERROR_BENCH, "cannot accept the device's connection");
		return PEER_ERROR;
	}
	close(peer->socket);
	peer->socket = accepted;
	peer->state = OPEN;
	set_flag(accepted, IPPROTO_TCP, TCP_NODELAY);
	return PEER_ACCEPTED;
}

static enum peer_event finish_connecting(struct peer *peer)
{
	struct pollfd ready = {.fd = peer->socket, .events = POLLOUT};
	int trouble = 0;
	socklen_t size = sizeof trouble;

	if (poll(&ready, 1, 0) <= 0)
		return PEER_NOTHING;
	(void)getsockopt(peer->socket, SOL_SOCKET, SO_ERROR, &trouble, &size);
	peer->state = trouble == 0 ? OPEN : ENDED;
	return trouble == 0 ? PEER_CONNECTED : PEER_REFUSED;
}

enum peer_event peer_handle(struct peer *peer, struct peer_data *data, struct error *err)
{
	*data = (struct peer_data){0};
	if (peer->state == LISTENING)
		return take_connection(peer, err);
	if (peer->state == CONNECTING)
		return finish_connecting(peer);
	if (peer->state == ENDED)
		return PEER_NOTHING;
	ssize_t got = recv(peer->socket, peer->octets, sizeof peer->octets, 0);
	if (got > 0) {
		data->length = (size_t)got;
		data->octets = peer->octets;
		return PEER_DATA;
	}
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return PEER_NOTHING;
	peer->state = ENDED;
	return got == 0 ? PEER_CLOSED_BY_DEVICE : PEER_RESET_BY_DEVICE;
}

int peer_send(struct peer *peer, const void *octets, size_t length, struct error *err)
{
	ssize_t sent = send(peer->socket, octets, length, MSG_NOSIGNAL);

	if (sent == (ssize_t)length)
		return 0;
	if (sent >= 0)
		errno = EAGAIN;
	return error_errno(err, ERROR_BENCH, "the peer cannot send %zu octets", length);
}

bool peer_quiet(const struct peer *peer)
{
	int outstanding = 0;

	return ioctl(peer->socket, SIOCOUTQ, &outstanding) != 0 || outstanding == 0;
}

int peer_silence(struct peer *peer, struct error *err)
{
	struct sock_filter drop[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
	struct sock_fprog program = {.len = 1, .filter = drop};

	if (!peer_quiet(peer))
		return error_set(err, ERROR_BENCH,
			"the peer has unacknowledged data: silence now would make it retransmit");
	if (setsockopt(peer->socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
		return error_errno(err, ERROR_BENCH, "cannot silence the peer's socket");
	peer->silent = true;
	return 0;
}

int peer_speak(struct peer *peer, struct error *err)
{
	int unused = 0;

	if (!peer->silent)
		return 0;
	peer->silent = false;
	if (setsockopt(peer->socket, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused) != 0)
		return error_errno(err, ERROR_BENCH, "cannot let the peer's socket speak again");
	return 0;
}

static int end(struct peer *peer)
{
	int descriptor = peer->socket;

	peer->socket = -1;
	peer->state = ENDED;
	return close(descriptor);
}

int peer_reboot(struct peer *peer, struct error *err)
{
	const int on = 1;

	if (setsockopt(peer->socket, IPPROTO_TCP, TCP_REPAIR, &on, sizeof on) != 0)
		return error_errno(err, ERROR_BENCH,
			"cannot remove the peer's socket silently (try: sudo setcap "
			"cap_net_raw,cap_net_admin+ep build/wizhil)");
	end(peer);
	return 0;
}

int peer_reset(struct peer *peer, struct error *err)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	if (setsockopt(peer->socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) != 0)
		return error_errno(err, ERROR_BENCH, "cannot reset the peer's connection");
	end(peer);
	return 0;
}

int peer_close(struct peer *peer, struct error *err)
{
	if (shutdown(peer->socket, SHUT_WR) != 0)
		return error_errno(err, ERROR_BENCH, "cannot close the peer's connection");
	return 0;
}

void peer_free(struct peer *peer)
{
	const int on = 1;

	if (peer == NULL)
		return;
	if (peer->socket >= 0) {
		/* An ordinary close would send FIN, and go on sending it; without the right to
		 * repair it has to do. */
		if (peer->state == OPEN)
			(void)setsockopt(peer->socket, IPPROTO_TCP, TCP_REPAIR, &on, sizeof on);
		close(peer->socket);
	}
	free(peer);
}
