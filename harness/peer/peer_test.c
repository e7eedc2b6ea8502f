/* SPDX-License-Identifier: MIT */
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

static struct sockaddr_in address_of(uint32_t address_be, uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = address_be};
}

/* Waits until the peer tells something, and returns it. */
static enum peer_event next_event(void)
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

static void nothing_is_left(void)
{
	cr_expect_eq(peer_handle(peer, &data, &err), PEER_NOTHING);
	cr_expect_eq(peer_descriptor(peer), -1);
}

static int device_socket(uint16_t port)
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
static void connect_device(void)
{
	struct sockaddr_in remote = address_of(PEER_ADDRESS, PORT);

	assert_done(namespace_enter(&err));
	peer = peer_listen(PEER_ADDRESS, PORT, &err);
	cr_assert_not_null(peer, "%s", err.text);
	device = device_socket(0);
	cr_assert_eq(connect(device, (const struct sockaddr *)&remote, sizeof remote), 0);
	cr_assert_eq(next_event(), PEER_ACCEPTED);
}

static void disconnect(void)
{
	peer_free(peer);
	close(device);
}

static void device_sends(const char *text)
{
	cr_assert_eq(send(device, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static struct tcp_info device_info(void)
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

static bool device_is_acknowledged(void)
{
	int outstanding = 0;

	cr_assert_eq(ioctl(device, SIOCOUTQ, &outstanding), 0);
	return outstanding == 0;
}

/* What recv() of the device says next: 0, errno, or EAGAIN at once when there is nothing. */
static int device_receives(void)
{
	char octet;
	ssize_t got = recv(device, &octet, 1, MSG_DONTWAIT);

	return got < 0 ? errno : 0;
}

static int device_trouble(void)
{
	struct pollfd ready = {.fd = device, .events = POLLIN};

	cr_assert_gt(poll(&ready, 1, LIMIT_MS), 0, "the device heard nothing");
	return device_receives();
}

TestSuite(peer, .init = connect_device, .fini = disconnect, .timeout = 60);
TestSuite(peer_client, .timeout = 60);

Test(peer, knows_both_ends_of_the_connection)
{
	struct sockaddr_in local = {0};
	socklen_t size = sizeof local;
	struct peer_addresses known = peer_addresses(peer);

	getsockname(device, (struct sockaddr *)&local, &size);
	cr_expect_eq(known.local_be, PEER_ADDRESS);
	cr_expect_eq(known.local_port, PORT);
	cr_expect_eq(known.remote_be, DEVICE_ADDRESS);
	cr_expect_eq(known.remote_port, ntohs(local.sin_port));
}

Test(peer, receives_what_the_device_sends)
{
	device_sends("hello");
	cr_assert_eq(next_event(), PEER_DATA);
	cr_expect_eq(data.length, 5);
	cr_expect_arr_eq(data.octets, "hello", 5);
	cr_expect_eq(peer_handle(peer, &data, &err), PEER_NOTHING);
}

Test(peer, sends_to_the_device)
{
	char got[5];

	assert_done(peer_send(peer, "hello", 5, &err));
	cr_assert_eq(recv(device, got, 5, MSG_WAITALL), 5);
	cr_expect_arr_eq(got, "hello", 5);
}

Test(peer, says_how_much_it_sent_when_the_device_takes_no_more)
{
	static char much[8 << 20];

	cr_expect_eq(peer_send(peer, much, sizeof much, &err), -1);
	cr_expect_not_null(strstr(err.text, "of 8388608 octets"), "%s", err.text);
}

Test(peer, takes_no_second_connection)
{
	struct sockaddr_in remote = address_of(PEER_ADDRESS, PORT);

	int second = device_socket(0);
	cr_expect_eq(connect(second, (const struct sockaddr *)&remote, sizeof remote), -1);
	cr_expect_eq(errno, ECONNREFUSED);
	close(second);
}

Test(peer, answers_nothing_while_silent)
{
	assert_done(peer_silence(peer, &err));
	uint32_t heard = device_info().tcpi_segs_in;
	device_sends("anyone?");
	device_until(device_info().tcpi_total_retrans > 0);
	cr_expect_eq(device_info().tcpi_segs_in, heard);
	cr_expect_eq(peer_handle(peer, &data, &err), PEER_NOTHING);
}

Test(peer, does_not_refuse_while_silent)
{
	assert_done(peer_silence(peer, &err));
	cr_assert_eq(shutdown(device, SHUT_WR), 0);
	device_until(device_info().tcpi_total_retrans > 0);
	cr_expect_eq(device_receives(), EAGAIN);
	cr_expect_eq(peer_handle(peer, &data, &err), PEER_NOTHING);
}

Test(peer, answers_again_when_it_speaks)
{
	assert_done(peer_silence(peer, &err));
	device_sends("anyone?");
	cr_assert_not(device_is_acknowledged());
	assert_done(peer_speak(peer, &err));
	cr_expect_eq(next_event(), PEER_DATA);
	cr_expect_eq(data.length, 7);
	device_until(device_is_acknowledged());
}

Test(peer, may_be_told_to_speak_when_it_is_not_silent)
{
	assert_done(peer_speak(peer, &err));
}

Test(peer, acknowledges_at_once_what_it_takes)
{
	const int no = 0;
	bool at_once = false;

	/* Left alone the kernel delays its ACK by 40 ms, in hope of data to go with it.  Loopback
	 * itself may be slow on a busy machine, but not each time. */
	for (int attempt = 0; attempt < 5 && !at_once; attempt++) {
		setsockopt(peer_descriptor(peer), IPPROTO_TCP, TCP_QUICKACK, &no, sizeof no);
		device_sends("a");
		cr_assert_eq(next_event(), PEER_DATA);
		at_once = device_is_acknowledged();
		device_until(device_is_acknowledged());
	}
	cr_expect(at_once);
}

Test(peer, refuses_silence_while_it_has_not_taken_what_came)
{
	device_sends("a");
	struct pollfd ready = {.fd = peer_descriptor(peer), .events = POLLIN};
	cr_assert_eq(poll(&ready, 1, LIMIT_MS), 1);
	cr_expect_not(peer_quiet(peer));
	cr_expect_eq(peer_silence(peer, &err), -1);
	cr_assert_eq(next_event(), PEER_DATA);
	assert_done(peer_silence(peer, &err));
}

Test(peer, refuses_silence_while_its_own_data_is_unacknowledged)
{
	static char much[300000];
	const int small = 1;

	/* A device that does not read takes no more than its window. */
	cr_assert_eq(setsockopt(device, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
	assert_done(peer_send(peer, much, sizeof much, &err));
	cr_expect_not(peer_quiet(peer));
	cr_expect_eq(peer_silence(peer, &err), -1);
	cr_expect_not_null(strstr(err.text, "unacknowledged"), "%s", err.text);
}

Test(peer, is_quiet_once_its_data_is_acknowledged)
{
	assert_done(peer_send(peer, "hello", 5, &err));
	device_until(peer_quiet(peer));
	assert_done(peer_silence(peer, &err));
}

Test(peer, deaf_to_data_hears_the_end)
{
	assert_done(peer_silence_matching(peer, PEER_DEAF_TO_DATA, 0, &err));
	device_sends("lost");
	device_until(device_info().tcpi_total_retrans > 0);
	cr_expect_not(device_is_acknowledged());
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
	setsockopt(device, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	close(device);
	cr_expect_eq(next_event(), PEER_RESET_BY_DEVICE);
	device = -1;
}

Test(peer, deaf_to_empty_segments_hears_data_but_no_acknowledgement)
{
	assert_done(peer_silence_matching(peer, PEER_DEAF_TO_EMPTY, 0, &err));
	assert_done(peer_send(peer, "1", 1, &err));
	cr_assert_eq(device_trouble(), 0);
	cr_expect_not(peer_quiet(peer));
	device_sends("2");
	cr_assert_eq(next_event(), PEER_DATA);
	device_until(peer_quiet(peer));
}

Test(peer, deaf_to_empty_segments_hears_fin)
{
	assert_done(peer_silence_matching(peer, PEER_DEAF_TO_EMPTY, 0, &err));
	cr_assert_eq(shutdown(device, SHUT_WR), 0);
	cr_expect_eq(next_event(), PEER_CLOSED_BY_DEVICE);
}

/* Sends a keep-alive probe soon, as the device would after its idle time. */
static void device_probes(void)
{
	const int on = 1, second = 1;

	setsockopt(device, IPPROTO_TCP, TCP_KEEPIDLE, &second, sizeof second);
	setsockopt(device, IPPROTO_TCP, TCP_KEEPINTVL, &second, sizeof second);
	cr_assert_eq(setsockopt(device, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on), 0);
}

Test(peer, deaf_to_a_probes_sequence_number_hears_the_others)
{
	int queue = TCP_SEND_QUEUE, on = 1, off = TCP_REPAIR_OFF_NO_WP;
	uint32_t next = 0;
	socklen_t size = sizeof next;

	cr_assert_eq(setsockopt(device, IPPROTO_TCP, TCP_REPAIR, &on, sizeof on), 0);
	setsockopt(device, IPPROTO_TCP, TCP_REPAIR_QUEUE, &queue, sizeof queue);
	cr_assert_eq(getsockopt(device, IPPROTO_TCP, TCP_QUEUE_SEQ, &next, &size), 0);
	setsockopt(device, IPPROTO_TCP, TCP_REPAIR, &off, sizeof off);
	assert_done(peer_silence_matching(peer, PEER_DEAF_TO_SEQUENCE, next - 1, &err));
	uint32_t heard = device_info().tcpi_segs_in;
	device_probes();
	device_until(device_info().tcpi_probes > 0);
	cr_expect_eq(device_info().tcpi_segs_in, heard);
	device_sends("heard");
	cr_expect_eq(next_event(), PEER_DATA);
}

Test(peer, reboots_without_a_word_and_answers_the_next_segment_with_rst)
{
	uint32_t heard = device_info().tcpi_segs_in;
	assert_done(peer_reboot(peer, &err));
	cr_expect_eq(device_receives(), EAGAIN);
	cr_expect_eq(device_info().tcpi_segs_in, heard);
	device_sends("anyone?");
	cr_expect_eq(device_trouble(), ECONNRESET);
}

Test(peer, reboots_while_it_has_data_to_read)
{
	device_sends("unread");
	device_until(device_is_acknowledged());
	assert_done(peer_reboot(peer, &err));
	cr_expect_eq(device_receives(), EAGAIN);
}

Test(peer, reboots_out_of_silence)
{
	assert_done(peer_silence(peer, &err));
	assert_done(peer_reboot(peer, &err));
	device_sends("anyone?");
	cr_expect_eq(device_trouble(), ECONNRESET);
}

Test(peer, resets_at_once)
{
	assert_done(peer_reset(peer, &err));
	cr_expect_eq(device_trouble(), ECONNRESET);
	nothing_is_left();
}

Test(peer, closes_by_fin_and_sees_the_device_close)
{
	assert_done(peer_close(peer, &err));
	cr_expect_eq(device_trouble(), 0);
	device_sends("last words");
	cr_expect_eq(next_event(), PEER_DATA);
	close(device);
	cr_expect_eq(next_event(), PEER_CLOSED_BY_DEVICE);
	nothing_is_left();
	device = -1;
}

Test(peer, sees_the_device_close_and_may_still_send)
{
	cr_assert_eq(shutdown(device, SHUT_WR), 0);
	cr_expect_eq(next_event(), PEER_CLOSED_BY_DEVICE);
	cr_expect_eq(peer_handle(peer, &data, &err), PEER_NOTHING);
	assert_done(peer_send(peer, "x", 1, &err));
	cr_expect_eq(device_trouble(), 0);
	assert_done(peer_close(peer, &err));
	nothing_is_left();
}

Test(peer, does_not_wake_the_loop_for_ever_after_the_device_closed)
{
	cr_assert_eq(shutdown(device, SHUT_WR), 0);
	cr_expect_eq(next_event(), PEER_CLOSED_BY_DEVICE);
	struct pollfd ready = {.fd = peer_descriptor(peer), .events = peer_poll_events(peer)};
	cr_expect_eq(poll(&ready, 1, 0), 0);
}

static void device_resets(void)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	setsockopt(device, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	close(device);
	device = -1;
}

Test(peer, sees_the_device_reset)
{
	device_resets();
	cr_expect_eq(next_event(), PEER_RESET_BY_DEVICE);
	nothing_is_left();
}

Test(peer, sees_the_device_reset_after_its_fin)
{
	cr_assert_eq(shutdown(device, SHUT_WR), 0);
	cr_expect_eq(next_event(), PEER_CLOSED_BY_DEVICE);
	device_resets();
	cr_expect_eq(next_event(), PEER_RESET_BY_DEVICE);
	nothing_is_left();
}

Test(peer, sees_the_reset_that_its_sending_ran_into)
{
	device_resets();
	struct pollfd ready = {.fd = peer_descriptor(peer), .events = POLLIN};
	cr_assert_eq(poll(&ready, 1, LIMIT_MS), 1);
	cr_expect_eq(peer_send(peer, "x", 1, &err), -1);
	cr_expect_eq(next_event(), PEER_RESET_BY_DEVICE);
	nothing_is_left();
}

Test(peer, sees_the_reset_after_fin_that_its_sending_ran_into)
{
	cr_assert_eq(shutdown(device, SHUT_WR), 0);
	cr_expect_eq(next_event(), PEER_CLOSED_BY_DEVICE);
	device_resets();
	struct pollfd ready = {.fd = peer_descriptor(peer)};
	cr_assert_eq(poll(&ready, 1, LIMIT_MS), 1);
	cr_expect_eq(peer_send(peer, "x", 1, &err), -1);
	cr_expect_eq(next_event(), PEER_RESET_BY_DEVICE);
	nothing_is_left();
}

Test(peer, gets_the_data_before_the_reset)
{
	device_sends("last words");
	device_resets();
	cr_expect_eq(next_event(), PEER_DATA);
	cr_expect_eq(next_event(), PEER_RESET_BY_DEVICE);
}

Test(peer, has_nothing_to_do_when_the_device_has_reset)
{
	device_resets();
	cr_assert_eq(next_event(), PEER_RESET_BY_DEVICE);
	assert_done(peer_silence(peer, &err));
	assert_done(peer_speak(peer, &err));
	assert_done(peer_close(peer, &err));
	assert_done(peer_reset(peer, &err));
	cr_expect_eq(peer_send(peer, "x", 1, &err), -1);
	assert_done(peer_reboot(peer, &err));
	assert_done(peer_reboot(peer, &err));
}

Test(peer, is_freed_without_a_word)
{
	uint32_t heard = device_info().tcpi_segs_in;
	peer_free(peer);
	peer = NULL;
	cr_expect_eq(device_info().tcpi_segs_in, heard);
	device_sends("anyone?");
	/* After a FIN it would be EPIPE. */
	cr_expect_eq(device_trouble(), ECONNRESET);
}

static int device_listens(void)
{
	assert_done(namespace_enter(&err));
	int listener = device_socket(PORT);
	cr_assert_eq(listen(listener, 1), 0);
	return listener;
}

Test(peer_client, connects_to_a_server_on_the_device)
{
	int listener = device_listens();
	peer = peer_connect(PEER_ADDRESS, PORT, DEVICE_ADDRESS, PORT, &err);
	cr_assert_not_null(peer, "%s", err.text);
	cr_expect_eq(next_event(), PEER_CONNECTED);
	device = accept(listener, NULL, NULL);
	device_sends("hello");
	cr_expect_eq(next_event(), PEER_DATA);
	assert_done(peer_silence(peer, &err));
	assert_done(peer_reboot(peer, &err));
	disconnect();
	close(listener);
}

Test(peer_client, is_refused_where_nothing_listens)
{
	assert_done(namespace_enter(&err));
	peer = peer_connect(PEER_ADDRESS, 0, DEVICE_ADDRESS, PORT, &err);
	cr_assert_not_null(peer, "%s", err.text);
	cr_expect_eq(next_event(), PEER_REFUSED);
	nothing_is_left();
	peer_free(peer);
}

Test(peer_client, cannot_act_before_there_is_a_connection)
{
	assert_done(namespace_enter(&err));
	peer = peer_listen(PEER_ADDRESS, PORT, &err);
	cr_expect_eq(peer_silence(peer, &err), -1);
	cr_expect_eq(peer_reset(peer, &err), -1);
	cr_expect_eq(peer_close(peer, &err), -1);
	cr_expect_eq(peer_send(peer, "x", 1, &err), -1);
	cr_expect_not_null(strstr(err.text, "no connection"), "%s", err.text);
	peer_free(peer);
}

Test(peer_client, chooses_a_port_where_none_is_asked_for)
{
	assert_done(namespace_enter(&err));
	peer = peer_listen(PEER_ADDRESS, 0, &err);
	cr_assert_not_null(peer, "%s", err.text);
	cr_expect_gt(peer_addresses(peer).local_port, 0);
	peer_free(peer);
}

Test(peer_client, names_the_address_that_it_cannot_use)
{
	assert_done(namespace_enter(&err));
	cr_expect_null(peer_listen(htonl(0xc0000201), PORT, &err));
	cr_expect_not_null(strstr(err.text, "'192.0.2.1'"), "%s", err.text);
}

Test(peer_client, without_rights_names_the_remedy_and_is_freed_by_rst)
{
	struct sockaddr_in remote = address_of(PEER_ADDRESS, PORT);

	if (geteuid() != 0)
		cr_skip_test("only root can give up its rights here");
	assert_done(namespace_enter(&err));
	assert_done(peer_check_rights(&err));
	cr_assert_eq(setgid(65534), 0);
	cr_assert_eq(setuid(65534), 0);
	peer = peer_listen(PEER_ADDRESS, PORT, &err);
	cr_assert_not_null(peer, "%s", err.text);
	device = device_socket(0);
	cr_assert_eq(connect(device, (const struct sockaddr *)&remote, sizeof remote), 0);
	cr_assert_eq(next_event(), PEER_ACCEPTED);
	cr_expect_eq(peer_check_rights(&err), -1);
	cr_expect_not_null(
		strstr(err.text, "setcap cap_net_admin,cap_net_raw+ep /"), "%s", err.text);
	err = (struct error){0};
	cr_expect_eq(peer_reboot(peer, &err), -1);
	cr_expect_not_null(
		strstr(err.text, "setcap cap_net_admin,cap_net_raw+ep /"), "%s", err.text);
	/* One segment, and nothing stands any more. */
	peer_free(peer);
	cr_expect_eq(device_trouble(), ECONNRESET);
	close(device);
}

Test(peer_client, is_no_one_to_free)
{
	peer_free(NULL);
}
