/* SPDX-License-Identifier: MIT */
/* On the loopback of a network namespace of the test's own; skipped where there is none. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include "core/error.h"
#include "core/units.h"
#include "wire/capture.h"
#include "wire/wire_fixtures.h"

static struct error err;

struct seen {
	int count;
	int64_t first_ns, last_ns;
	size_t captured, length;
	struct packet packet;
	int linktype;
};

static void take(void *context, int64_t realtime_ns, const uint8_t *bytes, size_t captured,
	size_t wire_length)
{
	struct seen *seen = context;

	if (seen->count++ == 0)
		seen->first_ns = realtime_ns;
	seen->last_ns = realtime_ns;
	seen->captured = captured;
	seen->length = wire_length;
	(void)packet_decode(seen->linktype, bytes, captured, wire_length, &seen->packet);
}

static bool set_loopback(bool up)
{
	struct ifreq request = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	request.ifr_flags = up ? IFF_UP | IFF_LOOPBACK | IFF_RUNNING : 0;
	bool done = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
	(void)close(fd);
	return done;
}

static void enter_namespace(void)
{
	if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		cr_skip_test("no network namespace for this user");
	if (!set_loopback(true))
		cr_skip_test("no loopback in the namespace");
}

static struct capture *open_loopback(const char *filter, struct seen *seen)
{
	struct capture *capture = capture_open("lo", filter, &err);

	cr_assert_not_null(capture, "%s", err.text);
	*seen = (struct seen){.linktype = capture_link_type(capture)};
	return capture;
}

static void send_datagrams(int count, size_t length, uint16_t port)
{
	static uint8_t octets[4096];
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	for (int i = 0; i < count; i++)
		(void)sendto(fd, octets, length, 0, (struct sockaddr *)&to, sizeof to);
	(void)close(fd);
}

/* Until count frames were seen; 10 s at most. */
static void dispatch_until(struct capture *capture, struct seen *seen, int count)
{
	struct pollfd wait = {.fd = capture_descriptor(capture), .events = POLLIN};

	while (seen->count < count) {
		cr_assert_eq(poll(&wait, 1, 10000), 1, "only %d of %d frames", seen->count, count);
		cr_assert_geq(capture_dispatch(capture, take, seen, &err), 0, "%s", err.text);
	}
}

static int64_t realtime_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

Test(capture, frames_come_with_their_time_and_the_filter_holds)
{
	struct seen seen;

	enter_namespace();
	struct capture *capture = open_loopback("udp and dst port 9", &seen);
	int64_t before = realtime_now();
	send_datagrams(1, 5, 10);
	send_datagrams(1, 5, 9);
	dispatch_until(capture, &seen, 1);
	cr_assert_eq(seen.count, 1);
	cr_assert_eq(seen.packet.kind, PACKET_UDP);
	cr_assert_eq(seen.packet.destination.port, 9);
	cr_assert_eq(seen.packet.length, 5);
	cr_assert(before <= seen.first_ns && seen.first_ns <= realtime_now());
	capture_close(capture);
}

Test(capture, dispatch_does_not_wait_when_there_is_nothing)
{
	struct seen seen;

	enter_namespace();
	struct capture *capture = open_loopback(NULL, &seen);
	cr_assert_eq(capture_dispatch(capture, take, &seen, &err), 0);
	capture_close(capture);
}

Test(capture, a_frame_longer_than_the_snap_length_tells_its_length)
{
	struct seen seen;

	enter_namespace();
	struct capture *capture = open_loopback("udp and dst port 9", &seen);
	send_datagrams(1, 4000, 9);
	dispatch_until(capture, &seen, 1);
	cr_assert_eq(seen.captured, CAPTURE_SNAP_LENGTH);
	cr_assert_eq(seen.length, 14 + 20 + 8 + 4000);
	cr_assert_eq(seen.packet.length, 4000);
	capture_close(capture);
}

/* The loopback's frames take two places each, on their way out and in. */
Test(capture, the_ring_holds_a_burst_nobody_reads)
{
	struct seen seen;
	uint64_t drops = 1;

	enter_namespace();
	struct capture *capture = open_loopback("udp and dst port 9", &seen);
	send_datagrams(8000, 1400, 9);
	dispatch_until(capture, &seen, 8000);
	cr_assert_eq(capture_drops(capture, &drops), 0);
	cr_assert_eq(drops, 0);
	capture_close(capture);
}

Test(capture, what_the_ring_cannot_hold_is_counted_as_drops)
{
	struct seen seen;
	uint64_t drops = 0, again = 0;

	enter_namespace();
	struct capture *capture = open_loopback("udp and dst port 9", &seen);
	send_datagrams(20000, 20, 9);
	dispatch_until(capture, &seen, 1);
	cr_assert_eq(capture_drops(capture, &drops), 0);
	cr_assert_gt(drops, 0);
	cr_assert_eq(capture_drops(capture, &again), 0);
	cr_assert_eq(again, drops, "drops are counted since the start");
	capture_close(capture);
}

Test(capture, a_raw_segment_is_seen_as_it_was_built)
{
	struct seen seen;
	uint8_t frame[256];
	struct raw_tcp fields = plain_segment();

	enter_namespace();
	struct capture *capture = open_loopback("tcp", &seen);
	int fd = raw_socket_open("lo", &err);
	cr_assert_geq(fd, 0, "%s", err.text);
	fields.bad_checksum = true;
	size_t length = raw_tcp_build(frame, sizeof frame, &fields);
	cr_assert_eq(raw_send(fd, frame, length, &err), 0, "%s", err.text);
	dispatch_until(capture, &seen, 1);
	cr_assert_eq(seen.packet.seq, fields.seq);
	cr_assert_not(seen.packet.tcp_checksum_ok);
	capture_close(capture);
	(void)close(fd);
}

Test(capture, an_interface_that_goes_down_ends_the_capture)
{
	struct seen seen;

	enter_namespace();
	struct capture *capture = open_loopback(NULL, &seen);
	struct pollfd wait = {.fd = capture_descriptor(capture), .events = POLLIN};
	cr_assert(set_loopback(false));
	cr_assert_eq(poll(&wait, 1, 10000), 1);
	cr_assert_eq(capture_dispatch(capture, take, &seen, &err), -1);
	cr_assert_eq(strncmp(err.text, "capture on 'lo' ended: ", 23), 0, "%s", err.text);
	cr_assert_eq(err.kind, ERROR_BENCH);
	capture_close(capture);
}

Test(capture, an_interface_that_is_not_there_is_named)
{
	cr_assert_null(capture_open("nowhere0", NULL, &err));
	cr_assert_str_eq(err.text, "cannot open 'nowhere0' for capture: no such interface");
}

Test(capture, a_wrong_filter_is_named)
{
	enter_namespace();
	cr_assert_null(capture_open("lo", "tcp prot 5", &err));
	cr_assert_not_null(strstr(err.text, "cannot use the capture filter 'tcp prot 5'"));
	cr_assert_eq(err.kind, ERROR_USAGE);
}

Test(capture, a_missing_right_is_told_with_the_remedy)
{
	if (unshare(CLONE_NEWNET) != 0)
		cr_skip_test("needs the right to make a namespace, to give up the others in it");
	cr_assert(set_loopback(true));
	cr_assert_eq(setuid(65534), 0);
	cr_assert_null(capture_open("lo", NULL, &err));
	cr_assert_not_null(strstr(err.text, "cannot open 'lo' for capture: permission denied"));
	cr_assert_not_null(strstr(err.text, "setcap cap_net_raw"));
	cr_assert_eq(raw_socket_open("lo", &err), -1);
	cr_assert_not_null(strstr(err.text, "setcap cap_net_raw"));
}
