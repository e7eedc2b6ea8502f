/* SPDX-License-Identifier: MIT */
/* On a TAP that calls itself a monitor, in a network namespace of the test's own; skipped where there is
 * none. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench/session_events.h"
#include "bench/state.h"
#include "core/error.h"
#include "peer/namespace.h"
#include "wire/capture.h"

static const uint8_t module[6] = {2, 0xd0, 7, 0, 0, 1};
static const uint8_t access_point[6] = {2, 0xaa, 0, 0, 0, 9};

enum { DATA_TO_DS = 0x4108, BEACON = 0x0080, ACK = 0x00d4, PROBE = 40, CCMP = 24 };

static struct rig {
	int tap;
	int64_t shift_ns; /* of all clocks of the host */
	struct bench_device entry;
	struct bench_file file;
	struct bench_options options;
	struct bench *bench;
	struct session *session;
	struct error err;
} rig;

static int64_t shifted(void *context, enum host_clock which)
{
	static const clockid_t clocks[] = {[HOST_RAW] = CLOCK_MONOTONIC_RAW,
		[HOST_WALL] = CLOCK_REALTIME,
		[HOST_MONOTONIC] = CLOCK_MONOTONIC,
		[HOST_BOOT] = CLOCK_BOOTTIME};
	struct timespec now;

	(void)context;
	if (which == HOST_RTC)
		return -1;
	clock_gettime(clocks[which], &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec + rig.shift_ns;
}

static void make_air(void)
{
	struct ifreq request = {.ifr_name = "air0"};

	if (namespace_enter(&rig.err) != 0 || (rig.tap = tap_create("air0", &rig.err)) < 0)
		cr_skip_test("no network namespace for this user");
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	cr_assert_eq(ioctl(fd, SIOCSIFFLAGS, &request), 0);
	cr_assert_eq(ioctl(rig.tap, TUNSETLINK, ARPHRD_IEEE80211_RADIOTAP), 0);
	request.ifr_flags = IFF_UP | IFF_RUNNING;
	cr_assert_eq(ioctl(fd, SIOCSIFFLAGS, &request), 0);
	close(fd);
}

static void set_up(const char *interface)
{
	struct device_handlers handlers = {0};
	const struct scenario scenario = tcp_client("a");

	rig.entry.name = "a";
	rig.file = (struct bench_file){.devices = &rig.entry,
		.device_count = 1,
		.has_monitor = true,
		.monitor.interface = interface};
	rig.options.file = &rig.file;
	rig.bench = calloc(1, sizeof *rig.bench);
	cr_assert_not_null(rig.bench);
	rig.bench->options = &rig.options;
	clock_start_by(&rig.bench->clock, shifted, NULL);
	rig.bench->device_count = 1;
	rig.bench->devices[0] = device_new(&rig.entry, &rig.bench->clock, NULL, &handlers);
	memcpy(rig.bench->devices[0]->mac, module, sizeof module);
	rig.bench->devices[0]->has_mac = true;
	rig.session = rig.bench->sessions =
		session_new("dead_peer/one", &scenario, rig.bench->devices[0], &rig.bench->host);
	rig.session->state = SESSION_RUNNING;
	session_note_start(rig.session);
}

static void tear_down(void)
{
	session_free(rig.session);
	monitor_close(&rig.bench->monitor);
	device_free(rig.bench->devices[0]);
	free(rig.bench);
}

static void put_on_air(
	uint16_t control, const uint8_t *receiver, const uint8_t *transmitter, size_t body)
{
	uint8_t bytes[256] = {0, 0, 8};
	uint8_t *frame = bytes + 8;
	struct pollfd wait = {.fd = monitor_descriptor(&rig.bench->monitor), .events = POLLIN};

	frame[0] = (uint8_t)control;
	frame[1] = (uint8_t)(control >> 8);
	memcpy(frame + 4, receiver, 6);
	memcpy(frame + 10, transmitter, 6);
	cr_assert_gt(write(rig.tap, bytes, 8 + 24 + body), 0);
	cr_assert_eq(poll(&wait, 1, 10000), 1);
	monitor_run(rig.bench);
	clock_correlate(&rig.bench->clock);
}

static void pass(int64_t ns)
{
	rig.shift_ns += ns;
	clock_correlate(&rig.bench->clock);
	monitor_run(rig.bench);
}

static const struct event *record(enum air_record kind)
{
	for (size_t i = 0; i < rig.session->timeline->count; i++) {
		const struct event *event = &rig.session->timeline->events[i];
		if (event->kind == EVENT_AIR && event->air.kind == kind)
			return event;
	}
	return NULL;
}

Test(monitor, an_interface_that_is_no_monitor_is_refused)
{
	set_up("lo");
	if (namespace_enter(&rig.err) != 0)
		cr_skip_test("no network namespace for this user");
	cr_assert_eq(monitor_open(&rig.bench->monitor, &rig.file, &rig.err), -1);
	cr_expect_not_null(strstr(rig.err.text, "'lo' is not in monitor mode (try: iw dev lo"),
		"%s", rig.err.text);
	cr_expect_eq(monitor_descriptor(&rig.bench->monitor), -1);
	tear_down();
}

Test(monitor, a_frame_that_the_wire_does_not_show_enters_the_timelines)
{
	bool beacons;

	make_air();
	set_up("air0");
	cr_assert_eq(monitor_open(&rig.bench->monitor, &rig.file, &rig.err), 0, "%s", rig.err.text);
	cr_expect_not(monitor_hears(rig.bench, rig.bench->devices[0], &beacons));
	const int64_t before_ns = clock_now(&rig.bench->clock);
	put_on_air(DATA_TO_DS, access_point, module, PROBE + CCMP);
	put_on_air(ACK, module, module, 0);
	put_on_air(BEACON, access_point, access_point, 0);
	cr_expect(monitor_hears(rig.bench, rig.bench->devices[0], &beacons) && beacons);
	pass(AIR_SETTLE_NS / 2);
	cr_expect_null(record(AIR_SENT));
	pass(AIR_SETTLE_NS);
	const struct event *sent = record(AIR_SENT);
	cr_assert_not_null(sent);
	cr_expect_eq(sent->size, PROBE);
	cr_expect(sent->ok);
	cr_expect_geq(sent->t_ns + sent->error_ns, before_ns);
	cr_expect_lt(sent->t_ns, before_ns + 10 * NS_PER_S);
	tear_down();
}

Test(monitor, what_passed_the_wire_does_not)
{
	uint8_t ethernet[60] = {0};
	struct wire_frame frame = {.bytes = ethernet,
		.captured = sizeof ethernet,
		.length = sizeof ethernet,
		.from_device = true};

	make_air();
	set_up("air0");
	cr_assert_eq(monitor_open(&rig.bench->monitor, &rig.file, &rig.err), 0);
	rig.bench->devices[0]->wire.capture = capture_open("lo", NULL, &rig.err);
	cr_assert_not_null(rig.bench->devices[0]->wire.capture, "%s", rig.err.text);
	put_on_air(DATA_TO_DS, access_point, module, PROBE + CCMP);
	ethernet[12] = 0x08; /* IPv4, of 40 octets, and filled up */
	ethernet[17] = PROBE;
	frame.t_ns = clock_now(&rig.bench->clock);
	monitor_take_wire(rig.bench, rig.bench->devices[0], &frame);
	pass(2 * AIR_SETTLE_NS);
	cr_expect_null(record(AIR_SENT));
	cr_expect_eq(rig.bench->monitor.airs[0].heard, 1);
	tear_down();
}
