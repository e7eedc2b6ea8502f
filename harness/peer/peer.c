/* SPDX-License-Identifier: MIT */
#include "peer/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/sockios.h>

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
	struct peer_addresses addresses;
	unsigned char octets[16384];
};

static void set_option(int socket, int level, int name, int value)
{
	(void)setsockopt(socket, level, name, &value, sizeof value);
}

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
	/* Accepted sockets inherit these, and so have them before their first segment. */
	set_option(peer->socket, SOL_SOCKET, SO_REUSEADDR, 1);
	set_option(peer->socket, SOL_SOCKET, SO_SNDBUF, 1 << 20);
	set_option(peer->socket, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(peer->socket, IPPROTO_TCP, TCP_QUICKACK, 1);
	if (bind(peer->socket, (const struct sockaddr *)&local, sizeof local) != 0) {
		error_errno(err, ERROR_BENCH,
			"cannot use port %d of the peer's address '%s' (check peer.address and "
			"peer.ports in the bench file)",
			port, inet_ntoa(local.sin_addr));
		peer_free(peer);
		return NULL;
	}
	learn_local(peer);
	return peer;
}

struct peer *peer_listen(uint32_t address_be, uint16_t port, struct error *err)
{
	struct peer *peer = peer_new(PEER_LISTENING, address_be, port, err);

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
	struct peer *peer = peer_new(PEER_CONNECTING, local_be, local_port, err);

	if (peer == NULL)
		return NULL;
	peer->addresses.remote_be = device_be;
	peer->addresses.remote_port = device_port;
	if (connect(peer->socket, (const struct sockaddr *)&remote, sizeof remote) != 0 &&
		errno != EINPROGRESS) {
		if (errno == ECONNREFUSED) {
			peer->state = PEER_REFUSED_AT_ONCE;
			return peer;
		}
		error_errno(err, ERROR_BENCH, "cannot connect to port %d of the device at '%s'",
			device_port, inet_ntoa(remote.sin_addr));
		peer_free(peer);
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

static enum peer_event receive(struct peer *peer, struct peer_data *data, struct error *err)
{
	ssize_t got = recv(peer->socket, peer->octets, sizeof peer->octets, 0);

	if (got > 0) {
		data->length = (size_t)got;
		data->octets = peer->octets;
		return PEER_DATA;
	}
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return PEER_NOTHING;
	if (got < 0)
		return end_of(peer, errno, err);
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
		return receive(peer, data, err);
	case PEER_HALF_CLOSED: {
		int trouble = take_trouble(peer);
		return trouble == 0 ? PEER_NOTHING : end_of(peer, trouble, err);
	}
	case PEER_ENDED:
		break;
	}
	return PEER_NOTHING;
}

/* ---- what it does ---- */

/* An act needs a connection: 1 when it is there, 0 when it is over, -1 with err before. */
static int standing(const struct peer *peer, struct error *err)
{
	switch (peer->state) {
	case PEER_OPEN:
	case PEER_HALF_CLOSED:
		return 1;
	case PEER_ENDED:
		return 0;
	case PEER_LISTENING:
	case PEER_CONNECTING:
	case PEER_REFUSED_AT_ONCE:
		break;
	}
	return error_set(err, ERROR_BENCH, "the peer has no connection to the device yet");
}

int peer_send(struct peer *peer, const void *octets, size_t length, struct error *err)
{
	int there = standing(peer, err);
	if (there < 0)
		return -1;
	if (there == 0)
		return error_set(err, ERROR_BENCH, "the peer cannot send: the connection is over");
	ssize_t sent = send(peer->socket, octets, length, MSG_NOSIGNAL);
	if (sent == (ssize_t)length)
		return 0;
	if (sent >= 0)
		return error_set(err, ERROR_BENCH,
			"the peer could send only %zd of %zu octets: the device takes no more",
			sent, length);
	return error_errno(err, ERROR_BENCH, "the peer cannot send %zu octets", length);
}

bool peer_quiet(const struct peer *peer)
{
	int outstanding = 0;

	if (peer->state != PEER_OPEN && peer->state != PEER_HALF_CLOSED)
		return true;
	return ioctl(peer->socket, SIOCOUTQ, &outstanding) != 0 || outstanding == 0;
}

static int attach(struct peer *peer, struct sock_filter *filter, size_t length, struct error *err)
{
	struct sock_fprog program = {.len = (unsigned short)length, .filter = filter};

	int there = standing(peer, err);
	if (there <= 0)
		return there;
	if (!peer_quiet(peer))
		return error_set(err, ERROR_BENCH,
			"the peer has unacknowledged data: silent now, it would retransmit");
	/* An ACK that the kernel still delays would come out of the silence. */
	set_option(peer->socket, IPPROTO_TCP, TCP_QUICKACK, 1);
	if (setsockopt(peer->socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
		return error_errno(err, ERROR_BENCH, "cannot silence the peer's socket");
	return 0;
}

int peer_silence(struct peer *peer, struct error *err)
{
	struct sock_filter drop[] = {BPF_STMT(BPF_RET | BPF_K, 0)};

	return attach(peer, drop, 1, err);
}

/* The filter sees the segment from its TCP header on, and returns how much of it to keep. */
int peer_silence_matching(
	struct peer *peer, enum peer_deaf_to what, uint32_t sequence, struct error *err)
{
	enum { SEQUENCE = 4, OFFSET = 12, FLAGS = 13, SYN_FIN_RST = 0x07, KEEP = 0x40000 };
	struct sock_filter by_sequence[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SEQUENCE),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, sequence, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, KEEP),
	};
	const bool empty = what == PEER_DEAF_TO_EMPTY;
	struct sock_filter by_size[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, empty ? SYN_FIN_RST : 0, 7, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, OFFSET),
		BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 2),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x3c),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, empty ? 1 : 0, empty ? 0 : 1),
		BPF_STMT(BPF_RET | BPF_K, KEEP),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	if (what == PEER_DEAF_TO_SEQUENCE)
		return attach(peer, by_sequence, sizeof by_sequence / sizeof *by_sequence, err);
	return attach(peer, by_size, sizeof by_size / sizeof *by_size, err);
}

int peer_speak(struct peer *peer, struct error *err)
{
	const int unused = 0;

	if (peer->state != PEER_OPEN && peer->state != PEER_HALF_CLOSED)
		return 0;
	if (setsockopt(peer->socket, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused) != 0 &&
		errno != ENOENT) /* ENOENT: it was not silent */
		return error_errno(err, ERROR_BENCH, "cannot let the peer's socket speak again");
	return 0;
}

static void end(struct peer *peer)
{
	if (peer->socket >= 0)
		close(peer->socket);
	peer->socket = -1;
	peer->state = PEER_ENDED;
}

static int begin_repair(int socket, struct error *err)
{
	const int on = 1;
	char program[256];

	if (setsockopt(socket, IPPROTO_TCP, TCP_REPAIR, &on, sizeof on) == 0)
		return 0;
	ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
	program[length > 0 ? length : 0] = '\0';
	return error_errno(err, ERROR_BENCH,
		"cannot remove a TCP connection silently, as a peer's reboot does (try: sudo "
		"setcap "
		"cap_net_admin,cap_net_raw+ep %s)",
		length > 0 ? program : "/usr/local/bin/wizhil");
}

int peer_reboot(struct peer *peer, struct error *err)
{
	if (peer->state == PEER_ENDED || peer->state == PEER_LISTENING) {
		end(peer);
		return 0;
	}
	if (begin_repair(peer->socket, err) != 0)
		return -1;
	end(peer);
	return 0;
}

int peer_reset(struct peer *peer, struct error *err)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	int there = standing(peer, err);
	if (there <= 0)
		return there;
	if (setsockopt(peer->socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) != 0)
		return error_errno(err, ERROR_BENCH, "cannot reset the peer's connection");
	end(peer);
	return 0;
}

int peer_close(struct peer *peer, struct error *err)
{
	int there = standing(peer, err);
	if (there <= 0)
		return there;
	if (shutdown(peer->socket, SHUT_WR) != 0 && errno != ENOTCONN)
		return error_errno(err, ERROR_BENCH, "cannot close the peer's connection");
	peer->closed = true;
	if (peer->state == PEER_HALF_CLOSED)
		peer->state = PEER_ENDED;
	return 0;
}

struct peer_addresses peer_addresses(const struct peer *peer)
{
	return peer->addresses;
}

int peer_check_rights(struct error *err)
{
	int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (tcp < 0)
		return error_errno(err, ERROR_BENCH, "cannot make a socket");
	int failed = begin_repair(tcp, err);
	close(tcp);
	return failed;
}

void peer_free(struct peer *peer)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	if (peer == NULL)
		return;
	/* An ordinary close would send FIN, and go on sending it. */
	if (peer->socket >= 0 && peer->state != PEER_LISTENING &&
		begin_repair(peer->socket, NULL) != 0)
		(void)setsockopt(peer->socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	end(peer);
	free(peer);
}
