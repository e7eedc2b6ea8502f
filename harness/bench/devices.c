/* SPDX-License-Identifier: MIT */
#include "bench/devices.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/access_point.h"
#include "bench/bring_up.h"
#include "bench/dispatch.h"
#include "bench/firmware.h"
#include "bench/journal.h"
#include "bench/spawn.h"
#include "core/error.h"
#include "peer/arp_probe.h"
#include "core/text_buffer.h"
#include "peer/namespace.h"

static struct device *add_device(
	struct bench *bench, const struct bench_device *entry, struct port *port, struct error *err)
{
	struct device_handlers handlers = dispatch_handlers;
	handlers.context = bench;
	struct device *device = device_new(entry, &bench->clock, port, &handlers);

	if (device == NULL) {
		port_close(port);
		error_set(err, ERROR_MEMORY, "out of memory");
		return NULL;
	}
	device->address_be = entry->address.address_be;
	device->baud = entry->uart.baud == 0 ? 115200 : entry->uart.baud;
	device->option_cid_hex = bench->options->option_cid_hex;
	device->cids.counted = bench->options->cids > 0;
	if (device->cids.counted)
		device->cids.count = bench->options->cids;
	bench->devices[bench->device_count++] = device;
	snprintf(device->uart.trace_prefix, sizeof device->uart.trace_prefix, "uart  %-10s ",
		entry->name);
	if (bench->options->uart_trace != NULL)
		device->uart.trace =
			transcript_to(bench->options->uart_trace, device->uart.trace_prefix, err);
	return device;
}

struct port *device_open_port(void *context, const struct bench_device *entry, struct error *err)
{
	const struct port_settings settings = {.baud = entry->uart.baud, .flow = entry->uart.flow};

	(void)context;
	return entry->uart.command != NULL ? port_open_command(entry->uart.command, &settings, err)
					   : port_open(entry->uart.port, &settings, err);
}

/* The module that a run which is resumed had by this name. */
static void expect_mac(const struct bench *bench, struct device *device)
{
	for (size_t i = 0; i < bench->options->mac_count; i++) {
		const struct known_mac *known = &bench->options->macs[i];
		if (strcmp(known->device, device->entry->name) != 0)
			continue;
		memcpy(device->mac, known->mac, sizeof device->mac);
		device->has_mac = true;
	}
}

static int open_real(struct bench *bench, const struct bench_device *entry, struct error *err)
{
	const struct bench_file *file = bench->options->file;
	struct in_addr address = {.s_addr = entry->address.address_be};
	char filter[96];
	char text[INET_ADDRSTRLEN];

	struct port *port = device_open_port(bench, entry, err);
	if (port == NULL)
		return error_context(err, "device '%s'", entry->name);
	inet_ntop(AF_INET, &address, text, sizeof text);
	/* The address that DHCP gives is not known yet. */
	if (entry->address.dhcp)
		snprintf(filter, sizeof filter, "arp or icmp or portrange %d-%d",
			file->peer.first_port, file->peer.last_port);
	else
		snprintf(filter, sizeof filter, "host %s", text);
	struct capture *capture = capture_open(file->peer.interface, filter, err);
	if (capture == NULL) {
		port_close(port);
		return -1;
	}
	struct device *device = add_device(bench, entry, port, err);
	if (device == NULL) {
		capture_close(capture);
		return -1;
	}
	snprintf(device->wire.interface, sizeof device->wire.interface, "%s", file->peer.interface);
	device->wire.capture = capture;
	expect_mac(bench, device);
	return wire_watch_begin_link(&device->wire, clock_now(&bench->clock), err);
}

/* For the commands of the bench file. */
static void export_pids(const struct bench *bench)
{
	char text[BENCH_DEVICES * 12];
	struct text_buffer pids = text_buffer(text, sizeof text);

	for (int i = 0; i < BENCH_DEVICES; i++)
		if (bench->children[i] > 0)
			text_add(
				&pids, "%s%d", pids.length > 0 ? " " : "", (int)bench->children[i]);
	setenv("WIZHIL_PIDS", text, 1);
}

/* A device of our own: TAP, pty and control socket are made here and inherited by it, so that not
 * even its first frame is lost. */
static int open_virtual(
	struct bench *bench, const struct bench_device *entry, int index, struct error *err)
{
	const struct bench_file *file = bench->options->file;
	const struct port_settings settings = {.baud = 115200, .flow = FLOW_NONE};
	struct spawned spawned;
	char interface[16];

	snprintf(interface, sizeof interface, "%s", file->peer.interface);
	if (index > 0)
		snprintf(interface, sizeof interface, "%.12s-%d", file->peer.interface, index);
	int tap = tap_create(interface, err);
	if (tap < 0)
		return -1;
	bool stepped = bench->options->clock == CLOCK_KIND_STEPPED;
	const uint8_t mac[6] = {0x02, 0xd0, 0x07, 0, 0, (uint8_t)(index + 1)};
	if (interface_configure(
		    interface, file->peer.address_be, entry->address.prefix, stepped, err) != 0 ||
		neighbour_add_permanent(interface, entry->address.address_be, mac, err) != 0)
		goto fail;
	struct capture *capture = capture_open(interface, stepped ? NULL : "arp or ip", err);
	if (capture == NULL)
		goto fail;
	const struct spawn_request request = {.program = bench->options->virtual_program,
		.entry = entry,
		.tap = tap,
		.mac = mac,
		.sets = bench->options->sets,
		.set_count = bench->options->set_count,
		.stepped = stepped,
		.seed = bench->options->seed + (uint64_t)index};
	if (spawn_device(&request, &spawned, err) != 0) {
		capture_close(capture);
		goto fail;
	}
	close(tap);
	bench->children[index] = spawned.child;
	export_pids(bench);
	struct port *port = port_adopt(spawned.pty_slave, &settings, err);
	if (port == NULL) {
		capture_close(capture);
		return -1;
	}
	struct device *device = add_device(bench, entry, port, err);
	if (device == NULL)
		return -1;
	device->control = spawned.control;
	device->wire.capture = capture;
	snprintf(device->wire.interface, sizeof device->wire.interface, "%s", interface);
	memcpy(device->mac, mac, sizeof device->mac);
	device->has_mac = true;
	return stepped ? 0 : wire_watch_begin_link(&device->wire, clock_now(&bench->clock), err);
fail:
	close(tap);
	return -1;
}

static bool is_in_use(const struct bench_file *file, uint32_t address_be)
{
	bool used = address_be == file->peer.address_be;

	for (size_t i = 0; i < file->device_count; i++)
		used |= address_be == file->devices[i].address.address_be ||
			address_be == file->devices[i].address.gateway_be;
	return used;
}

/* A virtual bench's network is our own: it has addresses to spare, named or not, one a device. */
static void list_spares(struct bench *bench)
{
	const struct bench_file *file = bench->options->file;
	const uint32_t hosts = ~UINT32_C(0) >> file->devices[0].address.prefix;

	for (size_t i = 0; i < file->peer.spare_count && i < BENCH_DEVICES; i++)
		bench->spares_be[bench->spare_count++] = file->peer.spare_addresses_be[i];
	if (!file->is_virtual || bench->spare_count > 0)
		return;
	for (uint32_t host = hosts - 1; host > 0 && bench->spare_count < (int)file->device_count;
		host--) {
		uint32_t address_be = htonl((ntohl(file->peer.address_be) & ~hosts) | host);
		if (!is_in_use(file, address_be))
			bench->spares_be[bench->spare_count++] = address_be;
	}
}

/* A run that was killed may have left one on the interface. */
static void clear_spares(struct bench *bench)
{
	for (int i = 0; i < bench->spare_count; i++) {
		int lock = lab_take_address(&bench->lab, bench->spares_be[i]);
		if (lock < 0)
			continue;
		(void)interface_remove_address(
			bench->options->file->peer.interface, bench->spares_be[i], NULL);
		close(lock);
	}
}

int devices_open_network(struct bench *bench, struct error *err)
{
	const struct bench_file *file = bench->options->file;

	bench->host.peer_address_be = file->peer.address_be;
	list_spares(bench);
	if (file->is_virtual)
		return namespace_enter(err);
	if (interface_check(file->peer.interface, file->peer.address_be, err) != 0)
		return -1;
	lab_init(&bench->lab, file->peer.interface);
	clear_spares(bench);
	return arp_probe(file->peer.interface, file->peer.address_be, err);
}

int device_open(struct bench *bench, int index, struct error *err)
{
	const struct bench_device *entry = &bench->options->file->devices[index];

	if (firmware_check_port(bench, entry, err) != 0)
		return -1;
	int failed = bench->options->file->is_virtual ? open_virtual(bench, entry, index, err)
						      : open_real(bench, entry, err);
	if (failed != 0)
		return failed;
	bench->devices[bench->device_count - 1]->flashed = bench->options->firmware != NULL;
	bring_up_begin(bench, bench->device_count - 1);
	return 0;
}

/* One that is busy or absent is lost, and not the run, as long as there is another. */
static int add_absent(struct bench *bench, int index, const struct error *why, struct error *err)
{
	if (add_device(bench, &bench->options->file->devices[index], NULL, err) == NULL)
		return -1;
	bench->lost[bench->device_count - 1] = true;
	bench_record_fault(bench, why);
	return 0;
}

/* A virtual one that cannot be made is a mistake of ours, or of the system's. */
static bool is_dispensable(const struct bench *bench, const struct error *why)
{
	const struct bench_file *file = bench->options->file;

	return !file->is_virtual && file->device_count > 1 && why->kind == ERROR_BENCH;
}

int devices_open(struct bench *bench, struct error *err)
{
	struct error why = {0};
	bool any = false;

	if (devices_open_network(bench, err) != 0)
		return -1;
	firmware_flash(bench);
	if (bench->ended || bench->interrupted)
		return 0;
	if (monitor_open(&bench->monitor, bench->options->file, err) != 0)
		return -1;
	for (size_t i = 0; i < bench->options->file->device_count && i < BENCH_DEVICES; i++) {
		const int before = bench->device_count;
		struct error trouble = {0};
		if (device_open(bench, (int)i, &trouble) == 0) {
			any = true;
			continue;
		}
		why = trouble;
		if (bench->device_count != before || !is_dispensable(bench, &why) ||
			add_absent(bench, (int)i, &why, err) != 0)
			break;
	}
	if (any && bench->device_count == (int)bench->options->file->device_count)
		return 0;
	*err = why;
	return -1;
}

void devices_close(struct bench *bench)
{
	access_point_close(bench);
	monitor_close(&bench->monitor);
	for (int i = 0; i < bench->device_count; i++) {
		hook_cancel(&bench->bring_ups[i].hook);
		if (bench->devices[i]->control >= 0)
			close(bench->devices[i]->control);
		device_free(bench->devices[i]);
	}
	/* The end of its control socket ends a device; it has nothing to keep. */
	for (int i = 0; i < BENCH_DEVICES; i++) {
		if (bench->children[i] <= 0)
			continue;
		kill(bench->children[i], SIGKILL);
		waitpid(bench->children[i], NULL, 0);
	}
}
