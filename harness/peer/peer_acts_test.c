/* SPDX-License-Identifier: MIT */
/* What a peer does. */
#include "core/error.h"
#include "peer/peer_test.h"

TestSuite(peer_acts, .init = connect_device, .fini = disconnect, .timeout = 600);
TestSuite(peer_without_device, .timeout = 600);

Test(peer_acts, sends_to_the_device)
{
	char got[5];

	assert_done(peer_send(peer, "hello", 5, &err));
	cr_assert_eq(recv(device, got, 5, MSG_WAITALL), 5);
	cr_expect_arr_eq(got, "hello", 5);
}

Test(peer_acts, says_how_much_it_sent_when_the_device_takes_no_more)
{
	static char much[8 << 20];

	cr_expect_eq(peer_send(peer, much, sizeof much, &err), -1);
	cr_expect_not_null(strstr(err.text, "of 8388608 octets"), "%s", err.text);
}

Test(peer_acts, answers_nothing_while_silent)
{
	assert_done(peer_silence(peer, &err));
	uint32_t heard = device_info().tcpi_segs_in;
	device_sends("anyone?");
	device_until(device_info().tcpi_total_retrans > 0);
	cr_expect_eq(device_info().tcpi_segs_in, heard);
	cr_expect_eq(peer_handle(peer, &data, &err), PEER_NOTHING);
}

Test(peer_acts, does_not_refuse_while_silent)
{
	assert_done(peer_silence(peer, &err));
	cr_assert_eq(shutdown(device, SHUT_WR), 0);
	device_until(device_info().tcpi_total_retrans > 0);
	cr_expect_eq(device_receives(), EAGAIN);
	cr_expect_eq(peer_handle(peer, &data, &err), PEER_NOTHING);
}

Test(peer_acts, answers_again_when_it_speaks)
{
	assert_done(peer_silence(peer, &err));
	device_sends("anyone?");
	cr_assert_not(device_is_acknowledged());
	assert_done(peer_speak(peer, &err));
	cr_expect_eq(next_event(), PEER_DATA);
	cr_expect_eq(data.length, 7);
	device_until(device_is_acknowledged());
}

Test(peer_acts, may_be_told_to_speak_when_it_is_not_silent)
{
	assert_done(peer_speak(peer, &err));
}

Test(peer_acts, refuses_silence_while_it_has_not_taken_what_came)
{
	device_sends("a");
	struct pollfd ready = {.fd = peer_descriptor(peer), .events = POLLIN};
	cr_assert_eq(poll(&ready, 1, LIMIT_MS), 1);
	cr_expect_not(peer_quiet(peer));
	cr_expect_eq(peer_silence(peer, &err), -1);
	cr_assert_eq(next_event(), PEER_DATA);
	assert_done(peer_silence(peer, &err));
}

Test(peer_acts, refuses_silence_while_its_own_data_is_unacknowledged)
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

Test(peer_acts, is_quiet_once_its_data_is_acknowledged)
{
	assert_done(peer_send(peer, "hello", 5, &err));
	device_until(peer_quiet(peer));
	assert_done(peer_silence(peer, &err));
}

Test(peer_acts, deaf_to_data_hears_the_end)
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

Test(peer_acts, deaf_to_empty_segments_hears_data_but_no_acknowledgement)
{
	assert_done(peer_silence_matching(peer, PEER_DEAF_TO_EMPTY, 0, &err));
	assert_done(peer_send(peer, "1", 1, &err));
	cr_assert_eq(device_trouble(), 0);
	cr_expect_not(peer_quiet(peer));
	device_sends("2");
	cr_assert_eq(next_event(), PEER_DATA);
	device_until(peer_quiet(peer));
}

Test(peer_acts, deaf_to_empty_segments_hears_fin)
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

Test(peer_acts, deaf_to_a_probes_sequence_number_hears_the_others)
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

Test(peer_acts, reboots_without_a_word_and_answers_the_next_segment_with_rst)
{
	uint32_t heard = device_info().tcpi_segs_in;
	assert_done(peer_reboot(peer, &err));
	cr_expect_eq(device_receives(), EAGAIN);
	cr_expect_eq(device_info().tcpi_segs_in, heard);
	device_sends("anyone?");
	cr_expect_eq(device_trouble(), ECONNRESET);
}

Test(peer_acts, reboots_while_it_has_data_to_read)
{
	device_sends("unread");
	device_until(device_is_acknowledged());
	assert_done(peer_reboot(peer, &err));
	cr_expect_eq(device_receives(), EAGAIN);
}

Test(peer_acts, reboots_out_of_silence)
{
	assert_done(peer_silence(peer, &err));
	assert_done(peer_reboot(peer, &err));
	device_sends("anyone?");
	cr_expect_eq(device_trouble(), ECONNRESET);
}

Test(peer_acts, resets_at_once)
{
	assert_done(peer_reset(peer, &err));
	cr_expect_eq(device_trouble(), ECONNRESET);
	nothing_is_left();
}

Test(peer_acts, closes_by_fin_and_sees_the_device_close)
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

Test(peer_acts, has_nothing_to_do_when_the_device_has_reset)
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

Test(peer_acts, is_freed_without_a_word)
{
	uint32_t heard = device_info().tcpi_segs_in;
	peer_free(peer);
	peer = NULL;
	cr_expect_eq(device_info().tcpi_segs_in, heard);
	device_sends("anyone?");
	/* After a FIN it would be EPIPE. */
	cr_expect_eq(device_trouble(), ECONNRESET);
}

Test(peer_without_device, cannot_act_before_there_is_a_connection)
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

Test(peer_without_device, without_rights_names_the_remedy_and_is_freed_by_rst)
{
	struct sockaddr_in remote = address_of(PEER_ADDRESS, PORT);

	assert_done(namespace_enter(&err));
	assert_done(peer_check_rights(&err));
	if (setgid(65534) != 0 || setuid(65534) != 0)
		cr_skip_test("only the system's root can become someone else");
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

Test(peer_without_device, is_no_one_to_free)
{
	peer_free(NULL);
}
