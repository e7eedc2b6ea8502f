/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/bench_file.h"
#include "core/error.h"

/* A good bench file in parts, so that a test says only what is different. */
#define WIFI "wifi: { ssid: lab, security: open }"
#define ADDRESS "address: { static: 192.0.2.10/24, gateway: 192.0.2.1 }"
#define AP "wifi: { mode: limited-ap, ssid: own, security: open, channel: 6 }"
#define ADDRESS_2 "address: { static: 192.0.2.11/24, gateway: 192.0.2.1 }"
#define REAL(name, rest) "  - { name: " name ", uart: { port: /dev/tty" name " }, " rest " }\n"
#define VIRTUAL(name, rest) "  - { name: " name ", virtual: {}, " rest " }\n"
#define PEER "peer: { interface: eth0, address: 192.0.2.1 }\n"
#define BENCH(devices) "bench: rack\ndevices:\n" devices PEER

/* ---- helpers ---- */

static void write_file(char *path, const char *text)
{
	int file = mkstemp(path);

	cr_assert_geq(file, 0);
	cr_assert_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
	close(file);
}

static int read_text(const char *text, struct bench_file *file, struct error *err)
{
	char path[] = "/tmp/wizhil-bench-XXXXXX";

	*err = (struct error){0};
	write_file(path, text);
	int result = bench_file_read(path, file, err);
	unlink(path);
	return result;
}

static struct bench_file bench_of(const char *text)
{
	struct bench_file file;
	struct error err;

	cr_assert_eq(read_text(text, &file, &err), 0, "%s", err.text);
	return file;
}

/* ---- what is read ---- */

Test(bench_file, the_example_of_a_rack_is_read)
{
	struct bench_file file;
	struct error err = {0};

	cr_assert_eq(
		bench_file_read(WIZHIL_SOURCE "/fixtures/benches/rack-example.yaml", &file, &err),
		0, "%s", err.text);
	const struct bench_device *device = &file.devices[0];
	cr_expect_str_eq(file.bench, "rack-3");
	cr_expect_not(file.is_virtual);
	cr_assert_eq(file.device_count, 1);
	cr_expect_str_eq(device->name, "wizfi210-a");
	cr_expect_str_eq(device->uart.port, "/dev/serial/by-id/usb-FTDI_A50285BI-if00-port0");
	cr_expect_eq(device->uart.baud, 115200);
	cr_expect_eq(device->uart.flow, FLOW_NONE);
	cr_expect_str_eq(device->wifi.ssid, "lab-keepalive");
	cr_expect_eq(device->wifi.security, WIFI_WPA2);
	cr_expect_str_eq(device->wifi.passphrase_env, "LAB_PSK");
	cr_expect_eq(device->address.address_be, htonl(0xc000020a));
	cr_expect_eq(device->address.prefix, 24);
	cr_expect_eq(device->address.gateway_be, htonl(0xc0000201));
	cr_expect_str_eq(device->reset.command, "gpioset gpiochip0 17=0");
	cr_expect_str_eq(device->power.cycle, "uhubctl -l 1-1 -p 2 -a cycle");
	cr_expect_eq(access(device->profile, R_OK), 0);
	cr_expect_str_eq(file.peer.interface, "eth0");
	cr_expect_eq(file.peer.address_be, htonl(0xc0000201));
	cr_assert_eq(file.peer.spare_count, 1);
	cr_expect_eq(file.peer.spare_addresses_be[0], htonl(0xc0000202));
	cr_expect_eq(file.peer.first_port, 20000);
	cr_expect_eq(file.peer.last_port, 20255);
	cr_expect(file.has_access_point);
	cr_expect_str_eq(file.access_point.up, "ssh ap wifi up");
	cr_expect_not(file.has_monitor);
	bench_file_free(&file);
}

Test(bench_file, the_virtual_bench_of_the_fixtures_runs_on_stepped_time)
{
	struct bench_file file;
	struct error err = {0};

	cr_assert_eq(bench_file_read(WIZHIL_SOURCE "/fixtures/benches/virtual.yaml", &file, &err),
		0, "%s", err.text);
	cr_expect(file.is_virtual);
	cr_expect_not(file.clock_is_real);
	cr_expect_eq(file.device_count, 1);
	cr_expect_not(file.devices[0].virtual_device.has_seed);
	bench_file_free(&file);
}

Test(bench_file, a_limited_access_point_is_its_own_gateway)
{
	static const char *const files[] = {"virtual-limited-ap.yaml", "limited-ap-example.yaml"};

	for (int i = 0; i < 2; i++) {
		struct bench_file file;
		struct error err = {0};
		char path[512];
		snprintf(path, sizeof path, WIZHIL_SOURCE "/fixtures/benches/%s", files[i]);
		cr_assert_eq(bench_file_read(path, &file, &err), 0, "%s", err.text);
		cr_expect(file.is_limited_ap);
		cr_expect_eq(file.devices[0].wifi.mode, WIFI_LIMITED_AP);
		cr_expect_eq(file.devices[0].wifi.channel, 6);
		cr_expect_eq(
			file.devices[0].address.gateway_be, file.devices[0].address.address_be);
		cr_expect(file.has_station);
		cr_expect_not(file.has_access_point);
		bench_file_free(&file);
	}
}

Test(bench_file, what_a_virtual_device_is_started_with_is_kept_as_it_is)
{
	struct bench_file file = bench_of(
		BENCH("  - name: a\n"
		      "    virtual: { faults: [one, two], set: { a.b: 1, c: x y }, seed: 7 }\n"
		      "    " WIFI "\n    " ADDRESS "\n"));
	const struct bench_virtual *settings = &file.devices[0].virtual_device;

	cr_assert_eq(settings->fault_count, 2);
	cr_expect_str_eq(settings->faults[1], "two");
	cr_assert_eq(settings->set_count, 2);
	cr_expect_str_eq(settings->sets[0], "a.b=1");
	cr_expect_str_eq(settings->sets[1], "c=x y");
	cr_expect(settings->has_seed);
	cr_expect_eq(settings->seed, 7);
	bench_file_free(&file);
}

Test(bench_file, a_virtual_bench_may_ask_for_the_real_clock)
{
	struct bench_file file = bench_of("clock: real\n" BENCH(VIRTUAL("a", WIFI ", " ADDRESS)));

	cr_expect(file.clock_is_real);
	bench_file_free(&file);
}

Test(bench_file, ports_and_baud_have_defaults)
{
	struct bench_file file = bench_of(BENCH(REAL("a", WIFI ", " ADDRESS)));

	cr_expect_eq(file.peer.first_port, 20000);
	cr_expect_eq(file.peer.last_port, 20255);
	cr_expect_eq(file.devices[0].uart.baud, 0);
	cr_expect_eq(file.devices[0].uart.flow, FLOW_NONE);
	cr_expect_null(file.devices[0].profile);
	bench_file_free(&file);
}

Test(bench_file, a_real_device_may_get_its_address_by_dhcp)
{
	struct bench_file file = bench_of(BENCH(REAL("a", WIFI ", address: { dhcp: true }")));

	cr_expect(file.devices[0].address.dhcp);
	bench_file_free(&file);
}

Test(bench_file, a_device_may_have_a_command_for_its_firmware)
{
	struct bench_file file = bench_of(BENCH(REAL("a",
		WIFI ", " ADDRESS ", firmware: { flash: f, version: '*2.5*', timeout_s: 90 }")));

	cr_expect_str_eq(file.devices[0].firmware.flash, "f");
	cr_expect_str_eq(file.devices[0].firmware.version, "*2.5*");
	cr_expect_eq(file.devices[0].firmware.timeout_s, 90);
	bench_file_free(&file);
}

Test(bench_file, profiles_are_looked_for_beside_the_bench_file)
{
	char profile[] = "/tmp/wizhil-profile-XXXXXX";
	char text[512];

	write_file(profile, "firmware: x\n");
	snprintf(text, sizeof text,
		BENCH("  - name: a\n    virtual: { profile: ./%s }\n    profile: ./%s\n    " WIFI
		      "\n    " ADDRESS "\n"),
		profile + 5, profile + 5);
	struct bench_file file = bench_of(text);
	cr_expect_eq(access(file.devices[0].profile, R_OK), 0);
	cr_expect_eq(access(file.devices[0].virtual_device.profile, R_OK), 0);
	cr_expect_eq(file.devices[0].profile[0], '/');
	bench_file_free(&file);
	unlink(profile);
}

Test(bench_file, the_program_of_a_virtual_device_is_looked_for_beside_the_bench_file)
{
	char program[] = "/tmp/wizhil-program-XXXXXX";
	char text[512];

	write_file(program, "#!/bin/sh\n");
	cr_assert_eq(chmod(program, 0700), 0);
	snprintf(text, sizeof text,
		BENCH("  - name: a\n    virtual: { program: ./%s }\n    " WIFI "\n    " ADDRESS
		      "\n"),
		program + 5);
	struct bench_file file = bench_of(text);
	cr_expect_eq(access(file.devices[0].virtual_device.program, X_OK), 0);
	cr_expect_eq(file.devices[0].virtual_device.program[0], '/');
	bench_file_free(&file);
	unlink(program);
}

Test(bench_file, freeing_an_empty_one_is_fine)
{
	struct bench_file file = {0};

	bench_file_free(&file);
	bench_file_free(&file);
}

/* ---- what is refused ---- */

struct wrong_case {
	const char text[400];
	const char message[200];
};

ParameterizedTestParameters(bench_file, what_is_wrong_is_said_with_its_place)
{
	static struct wrong_case cases[] = {
		{BENCH("  - name: a\n    uart: { prot: /dev/x }\n"),
			"4:13: unknown key 'prot' in uart (did you mean 'port'?)"},
		{BENCH(REAL("a", "wifi: { ssid: x, security: wpa2, passphrase: hunter2 }")),
			"3:76: a bench file must not contain secrets (use passphrase_env with an environment variable, or passphrase_file)"},
		{BENCH(REAL("a", "wifi: { ssid: x, security: wpa2 }, " ADDRESS)),
			"3:49: wifi lacks the key 'passphrase_env' or 'passphrase_file'"},
		{BENCH(REAL("a", "wifi: { ssid: x, security: open, passphrase_env: P }, " ADDRESS)),
			"3:70: an open network has no passphrase (change security, or remove the passphrase)"},
		{BENCH(REAL("a", "wifi: { ssid: x, security: wpa, passphrase_env: P, "
				 "passphrase_file: f }, " ADDRESS)),
			"3:111: passphrase_env and passphrase_file exclude each other"},
		{BENCH(REAL("a", "wifi: { ssid: 'a,b', security: open }, " ADDRESS)),
			"3:57: unsupported comma in ssid: the module cannot parse it (AT+WA=<ssid>,<bssid>)"},
		{BENCH("  - { name: a, " WIFI ", " ADDRESS " }\n"),
			"3:5: device 'a' lacks the key 'uart' (real device) or 'virtual'"},
		{BENCH("  - { name: a, virtual: {}, uart: { port: x }, " WIFI ", " ADDRESS " }\n"),
			"3:35: device 'a' is virtual and must not have the key 'uart' (its pty is created automatically)"},
		{BENCH(REAL("a", WIFI ", " ADDRESS) VIRTUAL("b", WIFI ", " ADDRESS)),
			"4:25: device 'b' is virtual but 'a' is not (a bench is all virtual or all real)"},
		{BENCH(VIRTUAL("a", WIFI ", " ADDRESS) VIRTUAL("a", WIFI ", " ADDRESS)),
			"4:13: duplicate device name 'a'"},
		{BENCH(VIRTUAL("a", WIFI ", " ADDRESS) VIRTUAL("b", WIFI ", " ADDRESS)),
			"4:85: devices 'a' and 'b' have the same address"},
		{BENCH(REAL(
			 "a", WIFI ", " ADDRESS) "  - { name: b, uart: { port: /dev/ttya }, " WIFI
						 ", address: { dhcp: true } }\n"),
			"4:30: devices 'a' and 'b' have the same port"},
		{BENCH(VIRTUAL("a/b", WIFI ", " ADDRESS)),
			"3:13: invalid name 'a/b' (use letters, digits, - _ . and begin with a letter or digit)"},
		{BENCH("  - { name: a, uart: { port: x, baud: 4800 }, " WIFI ", " ADDRESS " }\n"),
			"3:39: unsupported baud rate 4800 (use 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600, or 0 to detect it)"},
		{"clock: stepped\n" BENCH(REAL("a", WIFI ", " ADDRESS)),
			"1:8: 'clock' is only for virtual devices; real devices use the real clock"},
		{"monitor: { interface: w }\n" BENCH(VIRTUAL("a", WIFI ", " ADDRESS)),
			"1:10: 'monitor' is only for real devices; virtual ones are not on the air"},
		{BENCH(VIRTUAL("a", WIFI ", address: { dhcp: true }")),
			"3:83: a virtual device needs a static address (the virtual bench has no DHCP server)"},
		{BENCH(REAL("a", WIFI ", " ADDRESS ", firmware: { version: '2' }")),
			"3:146: firmware lacks the key 'flash'"},
		{BENCH(REAL("a", WIFI ", address: { static: 192.0.2.10/24 }")),
			"3:89: address lacks the key 'gateway'"},
		{BENCH(REAL("a", WIFI ", address: {}")),
			"3:89: address lacks the key 'static' (or dhcp: true)"},
		{BENCH(REAL("a", WIFI ", address: { static: 192.0.2.9/24, dhcp: true }")),
			"3:119: static and dhcp exclude each other"},
		{BENCH(REAL("a", WIFI ", address: { static: 192.0.2.10/24, gateway: 192.0.3.1 }")),
			"3:123: gateway is not in the subnet of 192.0.2.10/24"},
		{BENCH(REAL("a", WIFI ", address: { static: 10.0.0.9/24, gateway: 10.0.0.1 }")),
			"3:99: 10.0.0.9/24 and the peer's address 192.0.2.1 are not in the same subnet"},
		{BENCH(REAL("a", WIFI ", address: { static: 192.0.2.1/24, gateway: 192.0.2.3 }")),
			"3:99: device 'a' has the address of the peer"},
		{BENCH(REAL("a", WIFI ", address: { static: 192.0.2.0/24, gateway: 192.0.2.1 }")),
			"3:99: 192.0.2.0/24 is the address of a subnet, not of a device"},
		{BENCH(REAL("a", WIFI ", address: { static: 192.0.2.2/31, gateway: 192.0.2.1 }")),
			"3:99: prefix /31 has no room for device and peer"},
		{"bench: r\ndevices:\n" VIRTUAL(
			 "a", WIFI ", " ADDRESS) "peer: { interface: e, address: 192.0.2.1, "
						 "spare_addresses: [192.0.2.10] }\n",
			"4:61: 192.0.2.10 is in use (a spare address must be unused)"},
		{"bench: r\ndevices:\n" VIRTUAL(
			 "a", WIFI ", " ADDRESS) "peer: { interface: e, address: 192.0.2.1, "
						 "spare_addresses: [10.0.0.1] }\n",
			"4:61: 10.0.0.1 is not in the subnet of device 'a'"},
		{"bench: r\ndevices:\n" VIRTUAL(
			 "a", WIFI ", " ADDRESS) "peer: { interface: e, address: 192.0.2.1, ports: "
						 "20000-20014 }\n",
			"4:50: too few ports: at least 16 are needed, one for each connection of a device"},
		{BENCH(VIRTUAL("a", "profile: nosuch, " WIFI ", " ADDRESS)),
			"3:38: no profile 'nosuch' (use a file, or a name of a profile in the folder of the bench file, in ../profiles, or installed with wizhil)"},
		{BENCH("  - { name: a, virtual: { profile: nosuch }, " WIFI ", " ADDRESS " }\n"),
			"3:36: cannot read the file 'nosuch'"},
		{BENCH("  - { name: a, virtual: { program: nosuch }, " WIFI ", " ADDRESS " }\n"),
			"3:36: cannot run the file 'nosuch'"},
		{BENCH("  - { name: a, virtual: { program: /tmp }, " WIFI ", " ADDRESS " }\n"),
			"3:36: cannot run the file '/tmp'"},
		{BENCH(VIRTUAL("a", AP ", " ADDRESS) VIRTUAL("b", WIFI ", " ADDRESS_2)),
			"3:3: a limited access point is the only device of its bench (this host is the station of one network)"},
		{BENCH(VIRTUAL("a", AP ", " ADDRESS)) "access_point: { down: a, up: b }\n",
			"5:15: the module is the access point (remove 'access_point', or mode: limited-ap); 'station' has the commands for this host"},
		{BENCH(VIRTUAL("a", WIFI ", " ADDRESS)) "station: { leave: a, join: b }\n",
			"5:10: 'station' is for a module with wifi: { mode: limited-ap }"},
		{BENCH(VIRTUAL("a", AP ", address: { dhcp: true }")),
			"3:113: a limited access point needs a static address (there is nobody to lease it one)"},
		{BENCH(VIRTUAL(
			 "a", "wifi: { mode: limited-ap, ssid: x, security: open }, " ADDRESS)),
			"3:35: wifi lacks the key 'channel' (1 to 14: that of the network the module makes)"},
		{BENCH(VIRTUAL("a", "wifi: { ssid: x, security: open, channel: 6 }, " ADDRESS)),
			"3:71: the channel is for mode: limited-ap (a station takes that of its access point)"},
		{BENCH(VIRTUAL(
			 "a", "wifi: { mode: limitted-ap, ssid: x, security: open }, " ADDRESS)),
			"3:43: mode must be station or limited-ap, not 'limitted-ap' (did you mean 'limited-ap'?)"},
		{"bench: r\ndevices: []\n" PEER, "2:10: devices must have at least 1 entry"},
		{"bench: r\n" PEER, "1:1: the bench file lacks the key 'devices'"},
	};

	return cr_make_param_array(struct wrong_case, cases, sizeof cases / sizeof *cases);
}

ParameterizedTest(struct wrong_case *c, bench_file, what_is_wrong_is_said_with_its_place)
{
	struct bench_file file;
	struct error err;

	cr_assert_eq(read_text(c->text, &file, &err), -1, "it was taken:\n%s", c->text);
	const char *place = strchr(err.text, ':');
	cr_assert_not_null(place);
	cr_expect_str_eq(place + 1, c->message, "%s", err.text);
	cr_expect_eq(err.kind, ERROR_USAGE);
	cr_expect_null(file.yaml);
}

/* ---- secrets ---- */

Test(bench_file, an_open_network_has_no_secret)
{
	const struct bench_wifi wifi = {.ssid = "x", .security = WIFI_OPEN};
	char *secret = "";
	struct error err = {0};

	cr_expect_eq(bench_file_secret(&wifi, &secret, &err), 0);
	cr_expect_null(secret);
}

Test(bench_file, a_secret_comes_from_the_environment)
{
	const struct bench_wifi wifi = {
		.ssid = "x", .security = WIFI_WPA2, .passphrase_env = "WIZHIL_TEST_PSK"};
	char *secret;
	struct error err = {0};

	setenv("WIZHIL_TEST_PSK", "correct horse", 1);
	cr_assert_eq(bench_file_secret(&wifi, &secret, &err), 0, "%s", err.text);
	cr_expect_str_eq(secret, "correct horse");
	free(secret);
}

Test(bench_file, a_variable_that_is_not_set_is_named)
{
	const struct bench_wifi wifi = {
		.ssid = "lab", .security = WIFI_WPA2, .passphrase_env = "WIZHIL_TEST_PSK"};
	char *secret;
	struct error err = {0};

	unsetenv("WIZHIL_TEST_PSK");
	cr_expect_eq(bench_file_secret(&wifi, &secret, &err), -1);
	cr_expect_str_eq(err.text,
		"missing passphrase of 'lab': environment variable 'WIZHIL_TEST_PSK' is not set");
	cr_expect_eq(err.kind, ERROR_USAGE);
}

Test(bench_file, a_secret_comes_from_the_first_line_of_a_file)
{
	char path[] = "/tmp/wizhil-secret-XXXXXX";
	const struct bench_wifi wifi = {.ssid = "x", .security = WIFI_WPA, .passphrase_file = path};
	char *secret;
	struct error err = {0};

	write_file(path, "correct horse\r\nsecond line\n");
	int result = bench_file_secret(&wifi, &secret, &err);
	unlink(path);
	cr_assert_eq(result, 0, "%s", err.text);
	cr_expect_str_eq(secret, "correct horse");
	free(secret);
}

struct secret_case {
	enum wifi_security security;
	const char secret[80];
	bool good;
};

ParameterizedTestParameters(bench_file, a_secret_has_the_length_its_security_wants)
{
	static struct secret_case cases[] = {{WIFI_WPA2, "1234567", false},
		{WIFI_WPA2, "12345678", true},
		{WIFI_WPA2, "123456789012345678901234567890123456789012345678901234567890123",
			true},
		{WIFI_WPA2, "1234567890123456789012345678901234567890123456789012345678901234",
			false},
		{WIFI_WPA2, "with\rreturn", false}, {WIFI_WEP, "12345", true},
		{WIFI_WEP, "123456", false}, {WIFI_WEP, "0123456789", true},
		{WIFI_WEP, "012345678x", false}};

	return cr_make_param_array(struct secret_case, cases, sizeof cases / sizeof *cases);
}

ParameterizedTest(struct secret_case *c, bench_file, a_secret_has_the_length_its_security_wants)
{
	const struct bench_wifi wifi = {
		.ssid = "x", .security = c->security, .passphrase_env = "WIZHIL_TEST_PSK"};
	char *secret = NULL;
	struct error err = {0};

	setenv("WIZHIL_TEST_PSK", c->secret, 1);
	cr_expect_eq(bench_file_secret(&wifi, &secret, &err), c->good ? 0 : -1, "%s", c->secret);
	cr_expect_eq(secret != NULL, c->good);
	cr_expect_null(strstr(err.text, c->secret), "the secret is in the message");
	free(secret);
}

Test(bench_file, sixteen_ports_are_enough)
{
	struct bench_file file = bench_of("bench: r\ndevices:\n" VIRTUAL(
		"a", WIFI ", " ADDRESS) "peer: { interface: e, address: 192.0.2.1, ports: "
					"20000-20015 }\n");

	cr_expect_eq(file.peer.last_port, 20015);
	bench_file_free(&file);
}
