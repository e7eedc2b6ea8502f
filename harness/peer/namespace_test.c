/* SPDX-License-Identifier: MIT */
#include "peer/namespace.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"
#include "peer/arp_probe.h"
#include "peer/peer.h"
#include "peer/rtnetlink.h"

#define PEER_ADDRESS htonl(0x0a090001)
#define SPARE_ADDRESS htonl(0x0a090064)
#define DEVICE_ADDRESS htonl(0x0a090002)
#define OTHER_DEVICE_ADDRESS htonl(0x0a090003)
#define THIRD_DEVICE_ADDRESS htonl(0x0a090004)
#define LIMIT_MS 10000

static const uint8_t device_mac[6] = {0x02, 0xd0, 0x07, 0, 0, 1};
static struct error err;

#define assert_done(call) cr_assert_eq((call), 0, "%s", err.text)

/* False where there is nobody to be: root in a namespace that knows no one else. */
static bool drop_privileges(void)
{
	return geteuid() != 0 ||
	       (setgroups(0, NULL) == 0 && setgid(65534) == 0 && setuid(65534) == 0);
}

/* What an ordinary user got: of a process of its own, as Criterion's has threads. */
struct outcome {
	bool entered, may_reboot;
	ino_t network;
	struct error err;
};

static struct outcome enter_as_ordinary_user(void)
{
	struct outcome outcome = {0};
	struct stat status = {0};
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	pid_t child = fork();
	cr_assert_geq(child, 0);
	if (child == 0) {
		(void)drop_privileges();
		outcome.entered = namespace_enter(&outcome.err) == 0;
		outcome.may_reboot = peer_check_rights(&outcome.err) == 0;
		(void)stat("/proc/self/ns/net", &status);
		outcome.network = status.st_ino;
		_exit(write(ends[1], &outcome, sizeof outcome) == (ssize_t)sizeof outcome ? 0 : 1);
	}
	close(ends[1]);
	ssize_t got = read(ends[0], &outcome, sizeof outcome);
	waitpid(child, NULL, 0);
	cr_assert_eq(got, (ssize_t)sizeof outcome);
	close(ends[0]);
	return outcome;
}

static long setting(const char *path)
{
	char text[64] = "";
	int file = open(path, O_RDONLY);
	cr_assert_geq(file, 0, "no %s", path);
	cr_assert_gt(read(file, text, sizeof text - 1), 0);
	close(file);
	return strtol(text, NULL, 10);
}

static ino_t network(void)
{
	struct stat status;

	cr_assert_eq(stat("/proc/self/ns/net", &status), 0);
	return status.st_ino;
}

/* A frame that the peer's kernel sent, without those that are not IPv4 or ARP; 0: none came. */
static size_t next_frame(int tap, uint8_t *frame, size_t room, int limit_ms)
{
	struct pollfd ready = {.fd = tap, .events = POLLIN};

	if (poll(&ready, 1, limit_ms) == 0)
		return 0;
	ssize_t length = read(tap, frame, room);
	cr_assert_gt(length, 14);
	return (size_t)length;
}

/* A namespace with a TAP 'tap0' to the device; -1: this system has no TAPs, and the test skips. */
static int tap_in_namespace(bool stepped)
{
	assert_done(namespace_enter(&err));
	if (access("/dev/net/tun", R_OK | W_OK) != 0)
		return -1;
	int tap = tap_create("tap0", &err);
	cr_assert_geq(tap, 0, "%s", err.text);
	assert_done(interface_configure("tap0", PEER_ADDRESS, 24, stepped, &err));
	assert_done(neighbour_add_permanent("tap0", DEVICE_ADDRESS, device_mac, &err));
	return tap;
}

#define need_tap(tap)                                                                              \
	do {                                                                                       \
		if ((tap) < 0)                                                                     \
			cr_skip_test("no /dev/net/tun");                                           \
	} while (0)

TestSuite(namespace, .timeout = 600);
TestSuite(tap, .timeout = 600);

Test(namespace, is_another_network)
{
	ino_t before = network();
	assert_done(namespace_enter(&err));
	cr_expect_neq(network(), before);
	cr_expect_eq(if_nametoindex("eth0"), 0);
}

Test(namespace, is_open_to_an_ordinary_user)
{
	struct outcome outcome = enter_as_ordinary_user();

	if (!outcome.entered && strstr(outcome.err.text, "sysctl") != NULL)
		cr_skip_test("not here: %s", outcome.err.text);
	cr_expect(outcome.entered, "%s", outcome.err.text);
	cr_expect_neq(outcome.network, network());
	cr_expect(outcome.may_reboot, "%s", outcome.err.text);
}

Test(namespace, answers_each_probe_and_knows_no_wall_time)
{
	assert_done(namespace_enter(&err));
	cr_expect_eq(setting("/proc/sys/net/ipv4/tcp_invalid_ratelimit"), 0);
	cr_expect_eq(setting("/proc/sys/net/ipv4/tcp_moderate_rcvbuf"), 0);
	cr_expect_eq(setting("/proc/sys/net/ipv4/tcp_autocorking"), 0);
	cr_expect_eq(setting("/proc/sys/net/ipv4/tcp_no_metrics_save"), 1);
	cr_expect_eq(setting("/proc/sys/net/ipv4/tcp_early_retrans"), 0);
	cr_expect_eq(setting("/proc/sys/net/ipv4/tcp_slow_start_after_idle"), 0);
	char control[16] = "";
	int file = open("/proc/sys/net/ipv4/tcp_congestion_control", O_RDONLY);
	cr_assert_gt(read(file, control, sizeof control - 1), 0);
	close(file);
	cr_expect_str_eq(control, "reno\n");
}

Test(namespace, has_a_loopback)
{
	assert_done(namespace_enter(&err));
	struct peer *peer = peer_listen(htonl(INADDR_LOOPBACK), 0, &err);
	cr_assert_not_null(peer, "%s", err.text);
	struct peer *other = peer_connect(htonl(INADDR_LOOPBACK), 0, htonl(INADDR_LOOPBACK),
		peer_addresses(peer).local_port, 0, &err);
	cr_expect_not_null(other, "%s", err.text);
	peer_free(other);
	peer_free(peer);
}

static void *wait_for_end(void *end)
{
	char octet;

	(void)!read(*(int *)end, &octet, 1);
	return NULL;
}

Test(namespace, says_what_may_be_wrong_when_an_ordinary_process_has_threads)
{
	int ends[2];
	pthread_t thread;

	if (!drop_privileges())
		cr_skip_test("root cannot become anyone else here");
	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(pthread_create(&thread, NULL, wait_for_end, &ends[0]), 0);
	cr_expect_eq(namespace_enter(&err), -1);
	cr_expect_not_null(strstr(err.text, "threads"), "%s", err.text);
	close(ends[1]);
	pthread_join(thread, NULL);
	close(ends[0]);
}

Test(tap, carries_the_peers_frames_to_the_device_without_arp)
{
	uint8_t frame[2048];
	int tap = tap_in_namespace(true);
	need_tap(tap);

	struct peer *peer = peer_connect(PEER_ADDRESS, 20000, DEVICE_ADDRESS, 7777, 0, &err);
	cr_assert_not_null(peer, "%s", err.text);
	cr_assert_geq(next_frame(tap, frame, sizeof frame, LIMIT_MS), 54);
	cr_expect_arr_eq(frame, device_mac, 6);
	cr_expect_eq(frame[12], 0x08, "not IPv4");
	cr_expect_eq(frame[13], 0x00, "not IPv4");
	const uint32_t source = PEER_ADDRESS;
	cr_expect_arr_eq(frame + 26, &source, 4);
	cr_expect_eq(frame[47], 0x02, "not a SYN");
	peer_free(peer);
	close(tap);
}

Test(tap, is_not_inherited_and_does_not_block)
{
	uint8_t frame[2048];
	int tap = tap_in_namespace(true);
	need_tap(tap);

	cr_expect(fcntl(tap, F_GETFD) & FD_CLOEXEC);
	cr_expect_eq(read(tap, frame, sizeof frame), -1, "a frame that nobody asked for");
	cr_expect_eq(errno, EAGAIN);
	close(tap);
}

/* Writes an ARP request of the device for the address, and says whether an answer comes. */
static bool arp_is_answered(int tap, uint32_t for_be, int limit_ms)
{
	uint8_t frame[2048];
	const uint32_t from_be = DEVICE_ADDRESS;
	uint8_t request[42] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0xd0, 0x07, 0, 0, 1, 0x08,
		0x06, 0, 1, 0x08, 0, 6, 4, 0, 1, 0x02, 0xd0, 0x07, 0, 0, 1};

	memcpy(request + 28, &from_be, 4);
	memcpy(request + 38, &for_be, 4);
	cr_assert_eq(write(tap, request, sizeof request), (ssize_t)sizeof request);
	return next_frame(tap, frame, sizeof frame, limit_ms) >= 42 && frame[21] == 2;
}

Test(tap, has_a_peer_that_answers_arp_with_the_same_mac_in_each_run)
{
	uint8_t frame[2048];
	static const uint8_t mac[6] = {0x02, 0x77, 0x69, 0x7a, 0x00, 0x01};
	int tap = tap_in_namespace(false);
	need_tap(tap);

	cr_assert(arp_is_answered(tap, PEER_ADDRESS, LIMIT_MS));
	struct peer *peer = peer_connect(PEER_ADDRESS, 20000, DEVICE_ADDRESS, 7777, 0, &err);
	cr_assert_geq(next_frame(tap, frame, sizeof frame, LIMIT_MS), 54);
	cr_expect_arr_eq(frame + 6, mac, 6);
	peer_free(peer);
	close(tap);
}

Test(tap, answers_for_a_spare_address_until_it_is_removed)
{
	int tap = tap_in_namespace(false);
	need_tap(tap);

	assert_done(interface_add_address("tap0", SPARE_ADDRESS, &err));
	cr_expect(arp_is_answered(tap, SPARE_ADDRESS, LIMIT_MS));
	assert_done(interface_remove_address("tap0", SPARE_ADDRESS, &err));
	/* The answer to the second shows that the first got none. */
	cr_expect_not(arp_is_answered(tap, SPARE_ADDRESS, 0));
	cr_expect(arp_is_answered(tap, PEER_ADDRESS, LIMIT_MS));
	uint8_t frame[2048];
	cr_expect_eq(next_frame(tap, frame, sizeof frame, 0), 0);
	close(tap);
}

/* The metrics of the route that leads to the address, and the interface it takes. */
static int route_to(uint32_t address_be, uint32_t metrics[RTAX_MAX + 1])
{
	struct rtnetlink_request question;
	union {
		struct nlmsghdr header;
		char octets[1024];
	} answer;

	memset(metrics, 0, (RTAX_MAX + 1) * sizeof *metrics);
	rtnetlink_begin(&question, RTM_GETROUTE, 0, sizeof question.body.route);
	question.body.route = (struct rtmsg){
		.rtm_family = AF_INET, .rtm_dst_len = 32, .rtm_flags = RTM_F_FIB_MATCH};
	rtnetlink_add(&question, RTA_DST, &address_be, sizeof address_be);
	cr_assert_gt(rtnetlink_ask(&question, &answer, sizeof answer), 0);
	const struct rtattr *nest =
		rtnetlink_find(&answer.header, sizeof(struct rtmsg), RTA_METRICS);
	for (size_t at = 0; nest != NULL && at + 8 <= RTA_PAYLOAD(nest); at += 8) {
		struct rtattr metric;
		memcpy(&metric, (char *)RTA_DATA(nest) + at, sizeof metric);
		memcpy(&metrics[metric.rta_type], (char *)RTA_DATA(nest) + at + 4, 4);
	}
	const struct rtattr *out = rtnetlink_find(&answer.header, sizeof(struct rtmsg), RTA_OIF);
	cr_assert_not_null(out);
	return *(const int *)RTA_DATA(out);
}

Test(tap, sends_single_segments_and_neither_multicast_nor_ipv6)
{
	struct ifreq request = {.ifr_name = "tap0"};
	struct rtnetlink_request question;
	union {
		struct nlmsghdr header;
		char room[8192];
	} answer;
	int tap = tap_in_namespace(true);
	need_tap(tap);

	int any = socket(AF_INET, SOCK_DGRAM, 0);
	cr_assert_eq(ioctl(any, SIOCGIFFLAGS, &request), 0);
	close(any);
	cr_expect(request.ifr_flags & IFF_UP);
	cr_expect_not(request.ifr_flags & IFF_MULTICAST);
	rtnetlink_begin(&question, RTM_GETLINK, 0, sizeof question.body.link);
	question.body.link.ifi_index = (int)if_nametoindex("tap0");
	cr_assert_gt(rtnetlink_ask(&question, &answer, sizeof answer), 0);
	const struct rtattr *segments =
		rtnetlink_find(&answer.header, sizeof(struct ifinfomsg), IFLA_GSO_MAX_SEGS);
	cr_assert_not_null(segments);
	cr_expect_eq(*(const uint32_t *)RTA_DATA(segments), 1);
	static const char ipv6_off[] = "/proc/sys/net/ipv6/conf/tap0/disable_ipv6";
	cr_expect(access(ipv6_off, R_OK) != 0 || setting(ipv6_off) == 1);
	close(tap);
}

Test(tap, on_stepped_time_has_a_peer_that_acknowledges_at_once_and_never_retransmits)
{
	uint32_t metrics[RTAX_MAX + 1];
	int tap = tap_in_namespace(true);
	need_tap(tap);

	const uint32_t addresses[] = {DEVICE_ADDRESS, OTHER_DEVICE_ADDRESS};
	for (int i = 0; i < 2; i++) {
		route_to(addresses[i], metrics);
		cr_expect_eq(metrics[RTAX_QUICKACK], 1);
		cr_expect_eq(metrics[RTAX_RTO_MIN], 100000);
		cr_expect_eq(metrics[RTAX_LOCK], 1U << RTAX_RTO_MIN);
	}
	close(tap);
}

Test(tap, on_real_time_has_a_peer_like_any_other)
{
	uint32_t metrics[RTAX_MAX + 1];
	int tap = tap_in_namespace(false);
	need_tap(tap);

	route_to(DEVICE_ADDRESS, metrics);
	cr_expect_eq(metrics[RTAX_QUICKACK], 0);
	cr_expect_eq(metrics[RTAX_RTO_MIN], 0);
	close(tap);
}

Test(tap, may_share_the_subnet_with_another)
{
	uint32_t metrics[RTAX_MAX + 1];
	int first = tap_in_namespace(true);
	need_tap(first);

	int second = tap_create("tap0-1", &err);
	cr_assert_geq(second, 0, "%s", err.text);
	assert_done(interface_configure("tap0-1", PEER_ADDRESS, 24, true, &err));
	assert_done(neighbour_add_permanent("tap0-1", OTHER_DEVICE_ADDRESS, device_mac, &err));
	assert_done(neighbour_add_permanent("tap0", THIRD_DEVICE_ADDRESS, device_mac, &err));
	cr_expect_eq(route_to(DEVICE_ADDRESS, metrics), (int)if_nametoindex("tap0"));
	cr_expect_eq(route_to(THIRD_DEVICE_ADDRESS, metrics), (int)if_nametoindex("tap0"));
	cr_expect_eq(route_to(OTHER_DEVICE_ADDRESS, metrics), (int)if_nametoindex("tap0-1"));
	cr_expect_eq(metrics[RTAX_RTO_MIN], 100000);
	close(first);
	close(second);
}

Test(tap, asks_for_a_neighbour_that_was_removed)
{
	uint8_t frame[2048];
	int tap = tap_in_namespace(true);
	need_tap(tap);

	assert_done(neighbour_remove("tap0", DEVICE_ADDRESS, &err));
	struct peer *peer = peer_connect(PEER_ADDRESS, 20000, DEVICE_ADDRESS, 7777, 0, &err);
	cr_assert_geq(next_frame(tap, frame, sizeof frame, LIMIT_MS), 42);
	cr_expect_eq(frame[13], 0x06, "not ARP");
	peer_free(peer);
	close(tap);
}

Test(tap, says_that_its_name_is_taken)
{
	int tap = tap_in_namespace(true);
	need_tap(tap);

	cr_expect_eq(tap_create("tap0", &err), -1);
	cr_expect_not_null(strstr(err.text, "'tap0' (the name is taken)"), "%s", err.text);
	close(tap);
}

Test(tap, refuses_a_name_that_is_too_long)
{
	cr_expect_eq(tap_create("an-interface-of-16", &err), -1);
	cr_expect_eq(err.kind, ERROR_USAGE);
}

Test(tap, says_which_interface_is_not_there)
{
	assert_done(namespace_enter(&err));
	cr_expect_eq(interface_configure("tap7", PEER_ADDRESS, 24, true, &err), -1);
	cr_expect_str_eq(err.text, "no network interface 'tap7'");
	cr_expect_eq(interface_configure("lo", PEER_ADDRESS, 33, true, &err), -1);
	cr_expect_eq(err.kind, ERROR_USAGE);
}

/* The other stations of the segment behind the TAP: one of them answers ARP for any address. */
static pid_t station_that_answers(int tap)
{
	static const uint8_t mac[6] = {0x02, 0xd0, 0x07, 0, 0, 0x99};
	uint8_t frame[1600];
	pid_t child = fork();

	cr_assert_geq(child, 0);
	if (child > 0)
		return child;
	for (;;) {
		if (next_frame(tap, frame, sizeof frame, -1) < 42 || frame[12] != 8 ||
			frame[13] != 6)
			continue;
		memcpy(frame, frame + 6, 6);
		memcpy(frame + 6, mac, 6);
		frame[21] = 2; /* a reply: who was asked for is the sender now */
		memcpy(frame + 32, frame + 22, 6);
		memcpy(frame + 22, mac, 6);
		memcpy(frame + 28, frame + 38, 4);
		(void)!write(tap, frame, 42);
	}
}

Test(tap, that_another_station_has_the_peers_address_is_heard)
{
	int tap = tap_in_namespace(false);
	need_tap(tap);
	assert_done(arp_probe("tap0", PEER_ADDRESS, &err));
	pid_t other = station_that_answers(tap);
	cr_expect_eq(arp_probe("tap0", PEER_ADDRESS, &err), -1);
	cr_expect_not_null(strstr(err.text, "02:d0:07:00:00:99 answers ARP"), "%s", err.text);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
}
