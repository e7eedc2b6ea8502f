/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/advance.h"
#include "bench/devices.h"
#include "bench/loop.h"
#include "bench/lost.h"
#include "core/error.h"
#include "peer/namespace.h"
#include "uart/at_command.h"

/* wizhil check: what a run needs of a bench, and what is in the way. */

#define CONNECT_NS (30 * NS_PER_S)

struct checker {
	struct bench *bench;
	check_say_fn *say;
	void *context;
	struct error first;
	bool reported[BENCH_DEVICES]; /* what was found of it */
};

static void ok(struct checker *checker, const char *what, const char *found)
{
	checker->say(checker->context, CHECK_OK, what, found);
}

static void trouble(struct checker *checker, const char *what, const struct error *err)
{
	if (checker->first.kind == ERROR_NONE)
		checker->first = *err;
	checker->say(checker->context, CHECK_TROUBLE, what, err->text);
}

static void say_port(struct checker *checker, const struct device *device)
{
	char text[300];

	snprintf(text, sizeof text, "%s, %d baud", port_path(device->uart.port), device->baud);
	ok(checker, "serial port", text);
	ok(checker, "firmware",
		device->firmware[0] == '\0' ? "(no version reported)" : device->firmware);
}

static void say_associated(struct checker *checker, const struct device *device)
{
	char text[300];
	char address[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &device->address_be, address, sizeof address);
	snprintf(text, sizeof text, "'%s' as %s", device->entry->wifi.ssid, address);
	ok(checker, device->entry->wifi.mode == WIFI_LIMITED_AP ? "access point" : "associated",
		text);
}

/* What the bench's own stamps are good for. */
static void say_way(struct checker *checker, const struct device *device)
{
	const struct round_trips *uart = &device->uart.round_trips;
	char text[160];

	if (uart->count == 0)
		return;
	snprintf(text, sizeof text,
		"round trip %.1f to %.1f ms in %d commands; its stamps are good to %.0f ms",
		(double)uart->least_ns / 1e6, (double)uart->most_ns / 1e6, uart->count,
		(double)round_trips_bound(uart) / 1e6);
	ok(checker, "UART", text);
}

static void say_clock(struct checker *checker)
{
	const struct clock *clock = &checker->bench->clock;

	if (clock->kind == CLOCK_KIND_STEPPED)
		return;
	if (clock->has_rtc)
		ok(checker, "clock", "raw; a pause of the machine is detected by its RTC");
	else
		checker->say(checker->context, CHECK_NOTE, "clock",
			"raw; no RTC: a pause of a virtual machine is not detected");
}

/* What was found of devices before they were lost: it shows how far the trouble is. */
static void say_lost(struct checker *checker)
{
	for (int i = 0; i < checker->bench->device_count; i++) {
		const struct device *device = checker->bench->devices[i];
		if (!checker->bench->lost[i] || checker->reported[i] || device->firmware[0] == '\0')
			continue;
		checker->reported[i] = true;
		say_port(checker, device);
	}
}

/* What a run would write into its journal: how a silent device was made to answer, and what cannot
 * be mended. */
static int take_event(void *context, json_t *event, bool force, struct error *err)
{
	struct checker *checker = context;
	const char *kind = json_string_value(json_object_get(event, "event"));
	const char *device = json_string_value(json_object_get(event, "device"));

	(void)force;
	(void)err;
	if (strcmp(kind, "recovery") == 0)
		checker->say(checker->context, CHECK_NOTE, device,
			json_string_value(json_object_get(event, "step")));
	if (strcmp(kind, "fault") == 0) {
		struct error fault = {.kind = ERROR_BENCH};
		snprintf(fault.text, sizeof fault.text, "%s",
			json_string_value(json_object_get(event, "text")));
		say_lost(checker);
		trouble(checker, "device", &fault);
	}
	json_decref(event);
	return 0;
}

/* ---- the way from the module to the peer, and past the sniffer ---- */

struct dialling {
	bool over;
	bool connected;
	int cid;
	char text[96];
};

static void dialled(void *context, const struct at_answer *answer)
{
	struct dialling *dialling = context;

	dialling->over = true;
	dialling->connected = answer->answered && answer->code == AT_CODE_OK;
	dialling->cid = answer->cid;
	snprintf(dialling->text, sizeof dialling->text, "%s",
		answer->answered ? answer->text : "no answer");
}

static void wait_for(struct bench *bench, const struct dialling *dialling)
{
	while (!dialling->over && bench->fault.kind == ERROR_NONE)
		bench_turn(bench);
}

static void check_way(struct checker *checker, struct device *device)
{
	struct bench *bench = checker->bench;
	struct dialling dialling = {.cid = -1};
	struct error err = {0};
	char peer[INET_ADDRSTRLEN], text[128], line[AT_COMMAND_SIZE];
	uint16_t port = bench->host.next_port(bench->host.context);

	inet_ntop(AF_INET, &bench->host.peer_address_be, peer, sizeof peer);
	snprintf(text, sizeof text, "%s:%d", peer, port);
	struct peer *listener = peer_listen(bench->host.peer_address_be, port, &err);
	if (listener == NULL) {
		trouble(checker, "path to the peer", &err);
		return;
	}
	uint64_t before = device->wire.frames_from;
	at_write_dial_tcp(line, sizeof line, bench->host.peer_address_be, port);
	device_command(device, CONNECT_NS, dialled, &dialling, "%s", line);
	wait_for(bench, &dialling);
	(void)device_take_frames(bench, device, NULL);
	if (!dialling.connected)
		error_set(&err, ERROR_BENCH,
			device->entry->wifi.mode == WIFI_LIMITED_AP
				? "device '%s' cannot connect to the peer at %s: '%s' (has '%s' joined its network? does a firewall drop it?)"
				: "device '%s' cannot connect to the peer at %s: '%s' (is the access point bridged to '%s'? does a firewall drop it?)",
			device->entry->name, text, dialling.text, device->wire.interface);
	else if (dialling.cid < 0)
		error_set(&err, ERROR_BENCH,
			"device '%s' answers '%s' to " AT_NAME_DIAL
			" without a CID (is it a WizFi210?)",
			device->entry->name, dialling.text);
	else if (device->wire.frames_from == before)
		error_set(&err, ERROR_BENCH,
			"the sniffer on '%s' sees no frame of device '%s', although it is connected (is this the interface towards the access point?)",
			device->wire.interface, device->entry->name);
	if (err.kind == ERROR_NONE)
		ok(checker, "path to the peer", text);
	else
		trouble(checker, "path to the peer", &err);
	if (dialling.cid >= 0 && !bench->lost[device_index(bench, device)]) {
		dialling.over = false;
		at_write_close(line, sizeof line, dialling.cid);
		device_command(device, CONNECT_NS, dialled, &dialling, "%s", line);
		wait_for(bench, &dialling);
	}
	peer_free(listener);
}

/* ---- the monitor ---- */

/* An access point sends ten beacons in this time. */
#define BEACONS_NS NS_PER_S

/* The module has just spoken with the peer. */
static void check_monitor(struct checker *checker, const struct device *device)
{
	struct bench *bench = checker->bench;
	const char *interface = bench->options->file->monitor.interface;
	const int64_t until_ns = clock_now(&bench->clock) + BEACONS_NS;
	struct error err = {0};
	bool beacons = false;
	char text[128];

	if (monitor_descriptor(&bench->monitor) < 0)
		return;
	while (clock_now(&bench->clock) < until_ns && bench->fault.kind == ERROR_NONE &&
		(!monitor_hears(bench, device, &beacons) || !beacons))
		bench_turn(bench);
	if (!monitor_hears(bench, device, &beacons))
		error_set(&err, ERROR_BENCH,
			"'%s' hears no frame of device '%s' (is it near, and on the channel of the access point? try: iw dev %s set channel N)",
			interface, device->entry->name, interface);
	else if (!beacons)
		error_set(&err, ERROR_BENCH,
			"'%s' hears device '%s' and no beacon of its access point (put it nearer to the access point)",
			interface, device->entry->name);
	snprintf(text, sizeof text, "%s hears '%s' and its access point", interface,
		device->entry->name);
	if (err.kind == ERROR_NONE)
		ok(checker, "monitor", text);
	else
		trouble(checker, "monitor", &err);
}

/* ---- all of it ---- */

static void check_network(struct checker *checker)
{
	const struct bench_file *file = checker->bench->options->file;
	struct error err = {0};
	char address[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &file->peer.address_be, address, sizeof address);
	if (devices_open_network(checker->bench, &err) != 0)
		trouble(checker, "peer", &err);
	else if (!file->is_virtual)
		ok(checker, "peer", address);
	if (checker->first.kind == ERROR_NONE &&
		monitor_open(&checker->bench->monitor, file, &err) != 0)
		trouble(checker, "monitor", &err);
}

static void check_devices(struct checker *checker)
{
	struct bench *bench = checker->bench;

	for (size_t i = 0; i < bench->options->file->device_count && i < BENCH_DEVICES; i++) {
		struct error err = {0};
		if (device_open(bench, (int)i, &err) != 0)
			trouble(checker, bench->options->file->devices[i].name, &err);
	}
	while (bench->device_count > 0 && !devices_ready(bench) && bench->fault.kind == ERROR_NONE)
		bench_turn(bench);
	if (bench->device_count > 0)
		ok(checker, "capture", bench->devices[0]->wire.interface);
	for (int i = 0; i < bench->device_count; i++) {
		if (!bench->devices[i]->ready)
			continue;
		say_port(checker, bench->devices[i]);
		say_associated(checker, bench->devices[i]);
		say_way(checker, bench->devices[i]);
		check_way(checker, bench->devices[i]);
		check_monitor(checker, bench->devices[i]);
	}
}

int bench_check(
	const struct bench_options *options, check_say_fn *say, void *context, struct error *err)
{
	struct bench_options quiet = *options;
	struct bench *bench = calloc(1, sizeof *bench);
	struct checker checker = {.bench = bench, .say = say, .context = context};
	int pair[2];

	if (bench == NULL || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		free(bench);
		return error_errno(err, ERROR_BENCH, "cannot begin");
	}
	quiet.record = take_event;
	quiet.context = &checker;
	quiet.control = pair[0];
	quiet.listener = pair[0];
	bench->options = &quiet;
	if (bench_prepare(bench, &checker.first) == 0) {
		say_clock(&checker);
		check_network(&checker);
		/* Without its own network a virtual device would be let loose on ours. */
		if (checker.first.kind == ERROR_NONE || !options->file->is_virtual)
			check_devices(&checker);
	}
	bench_free(bench);
	close(pair[0]);
	close(pair[1]);
	*err = checker.first;
	return checker.first.kind == ERROR_NONE ? 0 : -1;
}
