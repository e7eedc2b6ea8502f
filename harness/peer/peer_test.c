/* SPDX-License-Identifier: MIT */
/* How a connection comes to be, and what happens to it. */
#include "core/error.h"
#include "peer/peer_test.h"

TestSuite(peer, .init = connect_device, .fini = disconnect, .timeout = 600);
TestSuite(peer_client, .timeout = 600);

Test(peer, sends_each_piece_of_data_by_itself)
{
	int no_delay = 0;
	socklen_t size = sizeof no_delay;

	getsockopt(peer_descriptor(peer), IPPROTO_TCP, TCP_NODELAY, &no_delay, &size);
	cr_expect_eq(no_delay, 1);
}

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

Test(peer, takes_no_second_connection)
{
	struct sockaddr_in remote = address_of(PEER_ADDRESS, PORT);

	int second = device_socket(0);
	cr_expect_eq(connect(second, (const struct sockaddr *)&remote, sizeof remote), -1);
	cr_expect_eq(errno, ECONNREFUSED);
	close(second);
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
	peer = peer_connect(PEER_ADDRESS, PORT, DEVICE_ADDRESS, PORT, 0, &err);
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
	peer = peer_connect(PEER_ADDRESS, 0, DEVICE_ADDRESS, PORT, 0, &err);
	cr_assert_not_null(peer, "%s", err.text);
	cr_expect_eq(next_event(), PEER_REFUSED);
	nothing_is_left();
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
