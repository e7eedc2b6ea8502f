/* SPDX-License-Identifier: MIT */
/* Real devices on ptys, on an interface of the test's own. */
#include "bench/devices.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/fake_device_test.h"
#include "bench/rig_test.h"
#include "peer/namespace.h"

static struct bench_device entries[2];
static struct bench_file file;
static struct bench_options options;
static struct bench bench;
static int masters[2];
static char ports[2][64];

static int forget(void *context, json_t *event, bool force, struct error *err)
{
	(void)context;
	(void)force;
	(void)err;
	json_decref(event);
	return 0;
}

static void begin(void)
{
	static const char *const names[] = {"left", "right"};
	struct error err = {0};

	for (int i = 0; i < 2; i++) {
		masters[i] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
		cr_assert_eq(grantpt(masters[i]) | unlockpt(masters[i]), 0);
		cr_assert_eq(ptsname_r(masters[i], ports[i], sizeof ports[i]), 0);
		entries[i] = (struct bench_device){.name = names[i],
			.uart = {.port = ports[i], .baud = 9600},
			.wifi.ssid = "lab",
			.address = {.address_be = inet_addr("192.0.2.254"),
				.prefix = 24,
				.gateway_be = inet_addr("192.0.2.253")}};
	}
	file = (struct bench_file){.devices = entries,
		.device_count = 1,
		.peer = {.interface = "wizhil0",
			.address_be = inet_addr("192.0.2.1"),
			.first_port = 20000,
			.last_port = 20255}};
	options = (struct bench_options){.file = &file,
		.clock = CLOCK_KIND_REAL,
		.cids = 8,
		.repeat = 1,
		.run_folder = "/tmp",
		.record = forget,
		.listener = -1,
		.control = -1};
	bench.options = &options;
	if (!has_network())
		cr_skip_test("no network namespace or no /dev/net/tun");
	cr_assert_eq(bench_prepare(&bench, &err), 0, "%s", err.text);
}

TestSuite(devices, .init = begin);

/* From here on the test has a network of its own. */
static void enter_network(void)
{
	struct error err = {0};

	cr_assert_eq(namespace_enter(&err), 0, "%s", err.text);
	cr_assert_geq(tap_create("wizhil0", &err), 0, "%s", err.text);
	cr_assert_eq(interface_configure("wizhil0", inet_addr("192.0.2.1"), 24, false, &err), 0,
		"%s", err.text);
}

Test(devices, the_port_of_one_is_a_node_or_a_command)
{
	struct error err = {0};
	struct port *port = device_open_port(NULL, &entries[0], &err);

	cr_assert_not_null(port, "%s", err.text);
	cr_expect_str_eq(port_path(port), ports[0]);
	port_close(port);
	entries[0].uart.command = "cat";
	port = device_open_port(NULL, &entries[0], &err);
	cr_assert_not_null(port, "%s", err.text);
	cr_expect_str_eq(port_path(port), "cat");
	port_close(port);
}

Test(devices, a_real_one_has_what_the_bench_file_and_the_run_before_say)
{
	static struct known_mac macs[] = {{.device = "right", .mac = {9, 9, 9, 9, 9, 9}},
		{.device = "left", .mac = {0, 8, 0xdc, 1, 2, 3}}};
	struct error err = {0};

	enter_network();
	options.macs = macs;
	options.mac_count = 2;
	options.option_cid_hex = true;
	cr_assert_eq(device_open(&bench, 0, &err), 0, "%s", err.text);
	cr_assert_eq(bench.device_count, 1);
	const struct device *device = bench.devices[0];
	cr_expect_eq(device->baud, 9600);
	cr_expect_eq(device->address_be, inet_addr("192.0.2.254"));
	cr_expect(device->option_cid_hex);
	cr_expect(device->cids.counted);
	cr_expect_eq(device->cids.count, 8);
	cr_expect(device->has_mac);
	cr_expect_arr_eq(device->mac, macs[1].mac, 6);
	cr_expect_str_eq(device->wire.interface, "wizhil0");
	cr_expect_not_null(device->wire.capture);
	devices_close(&bench);
}

Test(devices, one_without_a_speed_has_the_usual_one_and_nobody_is_known)
{
	struct error err = {0};

	enter_network();
	entries[0].uart.baud = 0;
	options.cids = 0;
	cr_assert_eq(device_open(&bench, 0, &err), 0, "%s", err.text);
	cr_expect_eq(bench.devices[0]->baud, 115200);
	cr_expect_not(bench.devices[0]->has_mac);
	cr_expect_not(bench.devices[0]->cids.counted);
	devices_close(&bench);
}

Test(devices, a_port_that_cannot_be_opened_is_told_with_its_device)
{
	struct error err = {0};

	enter_network();
	entries[0].uart.port = "/dev/ttyNONE7";
	cr_assert_eq(device_open(&bench, 0, &err), -1);
	cr_expect_eq(
		strncmp(err.text, "device 'left': cannot open serial port '/dev/ttyNONE7'", 54), 0,
		"%s", err.text);
	cr_expect_eq(bench.device_count, 0);
}

Test(devices, an_interface_that_is_not_there_gives_the_port_back)
{
	struct error err = {0};

	enter_network();
	file.peer.interface = "nothere0";
	cr_assert_eq(device_open(&bench, 0, &err), -1);
	cr_expect_not_null(strstr(err.text, "nothere0"), "%s", err.text);
	cr_expect_eq(bench.device_count, 0);
	file.peer.interface = "wizhil0";
	cr_expect_eq(device_open(&bench, 0, &err), 0, "%s", err.text);
	devices_close(&bench);
}

static void expect_spares(int count, const char *const *expected)
{
	struct error err = {0};

	cr_assert_eq(devices_open_network(&bench, &err), 0, "%s", err.text);
	cr_assert_eq(bench.spare_count, count);
	for (int i = 0; i < count; i++)
		cr_expect_eq(bench.spares_be[i], inet_addr(expected[i]), "spare %d", i);
	cr_expect_eq(bench.host.peer_address_be, inet_addr("192.0.2.1"));
}

Test(devices, a_virtual_bench_has_a_spare_address_for_each_that_nobody_uses)
{
	file.is_virtual = true;
	file.device_count = 2;
	entries[1].address.address_be = inet_addr("192.0.2.251");
	expect_spares(2, (const char *const[]){"192.0.2.252", "192.0.2.250"});
}

Test(devices, spare_addresses_that_are_named_are_the_ones)
{
	file.is_virtual = true;
	const uint32_t named[] = {inet_addr("192.0.2.77")};
	file.peer.spare_addresses_be = named;
	file.peer.spare_count = 1;
	expect_spares(1, (const char *const[]){"192.0.2.77"});
}

Test(devices, a_small_network_has_no_more_than_it_has)
{
	file.is_virtual = true;
	entries[0].address =
		(struct bench_address){.address_be = inet_addr("192.0.2.2"), .prefix = 30};
	file.peer.address_be = inet_addr("192.0.2.1");
	expect_spares(0, NULL);
}
