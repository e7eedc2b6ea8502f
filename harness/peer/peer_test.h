/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_PEER_PEER_TEST_H
#define WIZHIL_PEER_PEER_TEST_H

/* What the tests of peers share. */

#include "peer/peer.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/sockios.h>
#include <linux/tcp.h>

#include "core/error.h"
#include "peer/namespace.h"

/* The peer under test at 127.0.0.2 and, in the device's place, a kernel socket at 127.0.0.1, in a
 * network namespace of the test's own. */
#define PEER_ADDRESS htonl(0x7f000002)
#define DEVICE_ADDRESS htonl(0x7f000001)
#define PORT 20000
#define LIMIT_MS 10000

static struct error err;
static struct peer_data data;
static struct peer *peer;
static int device;

#define assert_done(call) cr_assert_eq((call), 0, "%s", err.text)

static inline struct sockaddr_in address_of(uint32_t address_be, uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = address_be};
}

/* Waits until the peer tells something, and returns it. */
static inline enum peer_event next_event(void)
{
	for (;;) {
		enum peer_event what = peer_handle(peer, &data, &err);
		if (what != PEER_NOTHING)
			return what;
		struct pollfd ready = {
			.fd = peer_descriptor(peer), .events = peer_poll_events(peer)};
		cr_assert_geq(ready.fd, 0, "nothing can happen any more");
		cr_assert_gt(poll(&ready, 1, LIMIT_MS), 0, "nothing happened");
	}
}

static inline void nothing_is_left(void)
{
	cr_expect_eq(peer_handle(peer, &data, &err), PEER_NOTHING);
	cr_expect_eq(peer_descriptor(peer), -1);
}

static inline int device_socket(uint16_t port)
{
	const int on = 1;
	struct sockaddr_in local = address_of(DEVICE_ADDRESS, port);

	int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert_geq(made, 0);
	cr_assert_eq(setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
	cr_assert_eq(bind(made, (const struct sockaddr *)&local, sizeof local), 0);
	return made;
}

/* Makes the namespace, a peer that listens there and a device that has connected to it. */
static inline void connect_device(void)
{
	struct sockaddr_in remote = address_of(PEER_ADDRESS, PORT);

	assert_done(namespace_enter(&err));
	peer = peer_listen(PEER_ADDRESS, PORT, &err);
	cr_assert_not_null(peer, "%s", err.text);
	device = device_socket(0);
	cr_assert_eq(connect(device, (const struct sockaddr *)&remote, sizeof remote), 0);
	cr_assert_eq(next_event(), PEER_ACCEPTED);
}

static inline void disconnect(void)
{
	peer_free(peer);
	close(device);
}

static inline void device_sends(const char *text)
{
	cr_assert_eq(send(device, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static inline struct tcp_info device_info(void)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof info;

	cr_assert_eq(getsockopt(device, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
	return info;
}

/* Waits until the device's socket fulfils the condition: its state has no descriptor to wait on. */
#define device_until(condition)                                                                    \
	for (int waited = 0; !(condition); waited++) {                                             \
		cr_assert_lt(waited, LIMIT_MS, "never: %s", #condition);                           \
		poll(NULL, 0, 1);                                                                  \
	}

static inline bool device_is_acknowledged(void)
{
	int outstanding = 0;

	cr_assert_eq(ioctl(device, SIOCOUTQ, &outstanding), 0);
	return outstanding == 0;
}

/* What recv() of the device says next: 0, errno, or EAGAIN at once when there is nothing. */
static inline int device_receives(void)
{
	char octet;
	ssize_t got = recv(device, &octet, 1, MSG_DONTWAIT);

	return got < 0 ? errno : 0;
}

static inline int device_trouble(void)
{
	struct pollfd ready = {.fd = device, .events = POLLIN};

	cr_assert_gt(poll(&ready, 1, LIMIT_MS), 0, "the device heard nothing");
	return device_receives();
}

static inline void device_resets(void)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	setsockopt(device, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	close(device);
	device = -1;
}

#endif
