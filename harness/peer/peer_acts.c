/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/sockios.h>

#include "core/error.h"
#include "peer/peer_state.h"

/* For what failed with errno: the remedy where rights are missing. */
static int refused(struct error *err, const char *what)
{
	char program[256];

	if (errno != EPERM)
		return error_errno(err, ERROR_BENCH, "%s", what);
	ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
	program[length > 0 ? length : 0] = '\0';
	errno = EPERM;
	return error_errno(err, ERROR_BENCH,
		"%s (try: sudo setcap cap_net_admin,cap_net_raw+ep %s)", what,
		length > 0 ? program : "/usr/local/bin/wizhil");
}

static int begin_filter(int socket, struct sock_filter *filter, size_t length, struct error *err)
{
	struct sock_fprog program = {.len = (unsigned short)length, .filter = filter};

	if (setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
		return refused(err, "cannot mute the peer's socket");
	return 0;
}

static int begin_repair(int socket, struct error *err)
{
	const int on = 1;

	if (setsockopt(socket, IPPROTO_TCP, TCP_REPAIR, &on, sizeof on) != 0)
		return refused(err, "cannot remove the peer's socket without FIN or RST");
	return 0;
}

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
		return error_set(
			err, ERROR_BENCH, "the peer cannot send: the connection is closed");
	const struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(peer->addresses.remote_port),
		.sin_addr.s_addr = peer->addresses.remote_be};
	if (peer->datagrams && to.sin_port == 0)
		return error_set(err, ERROR_BENCH,
			"the peer cannot send: no datagram of the device has come yet");
	ssize_t sent = peer->datagrams ? sendto(peer->socket, octets, length, MSG_NOSIGNAL,
						 (const struct sockaddr *)&to, sizeof to)
				       : send(peer->socket, octets, length, MSG_NOSIGNAL);
	if (sent == (ssize_t)length)
		return 0;
	if (sent >= 0)
		return error_set(err, ERROR_BENCH,
			"the peer could send only %zd of %zu octets: the device accepts no more",
			sent, length);
	if (errno != EAGAIN)
		peer->trouble = errno;
	return error_errno(err, ERROR_BENCH, "the peer cannot send %zu octets", length);
}

bool peer_quiet(const struct peer *peer)
{
	int unacknowledged = 0;
	int unread = 0;

	if (peer->state != PEER_OPEN && peer->state != PEER_HALF_CLOSED)
		return true;
	(void)ioctl(peer->socket, SIOCOUTQ, &unacknowledged);
	(void)ioctl(peer->socket, SIOCINQ, &unread);
	return unacknowledged == 0 && unread == 0;
}

static int attach(struct peer *peer, struct sock_filter *filter, size_t length, struct error *err)
{
	int there = standing(peer, err);
	if (there <= 0)
		return there;
	if (!peer_quiet(peer))
		return error_set(err, ERROR_BENCH,
			"the peer has unacknowledged or unread data, so its kernel would send segments while it is silent");
	return begin_filter(peer->socket, filter, length, err);
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
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, empty ? SYN_FIN_RST : 0, 6, 0),
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
		return error_errno(err, ERROR_BENCH, "cannot unmute the peer's socket");
	return 0;
}

static void end(struct peer *peer)
{
	if (peer->socket >= 0)
		close(peer->socket);
	peer->socket = -1;
	peer->state = PEER_ENDED;
}

int peer_reboot(struct peer *peer, struct error *err)
{
	/* A connection that both have closed may still be sending its FIN. */
	if (peer->socket >= 0 && peer->state != PEER_LISTENING &&
		begin_repair(peer->socket, err) != 0)
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

int peer_check_rights(struct error *err)
{
	int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (tcp < 0)
		return error_errno(err, ERROR_BENCH, "cannot create a socket");
	struct sock_filter keep[] = {BPF_STMT(BPF_RET | BPF_K, UINT32_MAX)};
	int failed = begin_filter(tcp, keep, 1, err);
	if (failed == 0)
		failed = begin_repair(tcp, err);
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
