/* SPDX-License-Identifier: MIT */
#include "bench/firmware.h"

#include <fnmatch.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/journal.h"
#include "core/error.h"
#include "core/raw_clock.h"
#include "uart/at_command.h"

enum { LOOK_MS = 25 };

/* ---- the port, while it is the command's ---- */

static const char *port_of(const struct bench_device *entry)
{
	if (entry->uart.port != NULL)
		return entry->uart.port;
	return entry->uart.command != NULL ? entry->uart.command : "";
}

/* By whatever of its names it is called. */
static void lock_name(const struct bench_device *entry, char *name, size_t size)
{
	char node[PATH_MAX];

	snprintf(name, size, "wizhil flash %.80s",
		entry->uart.port != NULL && realpath(entry->uart.port, node) != NULL
			? node
			: port_of(entry));
}

int firmware_check_port(struct bench *bench, const struct bench_device *entry, struct error *err)
{
	const struct flash *flash = &bench->flashes[entry - bench->options->file->devices];
	char name[128];

	if (flash->trouble.kind != ERROR_NONE) {
		*err = flash->trouble;
		return -1;
	}
	if (entry->is_virtual)
		return 0;
	lock_name(entry, name, sizeof name);
	const pid_t holder = lab_holder(name);
	return holder == 0
		       ? 0
		       : error_set(err, ERROR_BENCH,
				 "the firmware of the module at '%s' is being written by another wizhil (pid %d)",
				 port_of(entry), (int)holder);
}

/* It is there, and nobody else's; from now on no other run opens it. */
static int give_port_away(struct bench *bench, int index, struct error *err)
{
	const struct bench_device *entry = &bench->options->file->devices[index];
	char name[128];

	if (entry->is_virtual)
		return 0;
	struct port *port = bench->host.open_port(bench->host.context, entry, err);
	if (port == NULL)
		return -1;
	lock_name(entry, name, sizeof name);
	bench->flashes[index].lock = lab_take(name);
	port_close(port);
	return 0;
}

/* ---- the commands ---- */

static void start(struct bench *bench, int index)
{
	const struct bench_device *entry = &bench->options->file->devices[index];
	struct flash *flash = &bench->flashes[index];
	const struct hook_request request = {.name = "flash",
		.command = entry->firmware.flash,
		.device = entry->name,
		.port = port_of(entry),
		.firmware = bench->options->firmware,
		.timeout_s = entry->firmware.timeout_s == 0 ? FLASH_TIMEOUT_S
							    : entry->firmware.timeout_s,
		.file = bench->options->file};

	flash->lock = -1;
	flash->begun_ns = raw_clock_ns();
	if (give_port_away(bench, index, &flash->trouble) != 0 ||
		hook_start(&flash->hook, &request, &flash->trouble) != 0)
		(void)error_context(&flash->trouble, "device '%s'", entry->name);
}

static void record(struct bench *bench, int index)
{
	const struct flash *flash = &bench->flashes[index];

	bench_record(bench,
		json_pack("{s:s, s:s, s:b, s:f}", "event", "flash", "device",
			bench->options->file->devices[index].name, "succeeded",
			flash->trouble.kind == ERROR_NONE, "wall_s",
			(double)(raw_clock_ns() - flash->begun_ns) / 1e9),
		false);
}

/* Whether it is still at work. */
static bool works(struct bench *bench, int index)
{
	struct flash *flash = &bench->flashes[index];

	if (!flash->hook.running)
		return false;
	const int ended = hook_finish(&flash->hook, 0, &flash->trouble);
	if (ended == 1)
		return true;
	if (ended < 0)
		(void)error_context(&flash->trouble, "device '%s': its firmware was not written",
			bench->options->file->devices[index].name);
	record(bench, index);
	return false;
}

/* The end of the run, which is now, or behind the commands; the rest is for the loop. */
static void read_orders(struct bench *bench)
{
	char order = 0;
	const ssize_t got = recv(bench->options->control, &order, 1, MSG_DONTWAIT | MSG_PEEK);

	bench->ended |= got == 0;
	if (got != 1 || order != ORDER_INTERRUPT)
		return;
	(void)recv(bench->options->control, &order, 1, MSG_DONTWAIT);
	bench->interrupted = true;
}

static void say(struct bench *bench)
{
	const size_t count = bench->options->file->device_count;
	const char *slash = strrchr(bench->options->firmware, '/');
	char text[160];

	snprintf(text, sizeof text, "writing the firmware '%.80s' to %zu device%s",
		slash == NULL ? bench->options->firmware : slash + 1, count, count == 1 ? "" : "s");
	bench_note_waiting(bench, text);
}

void firmware_flash(struct bench *bench)
{
	const int count = (int)bench->options->file->device_count;
	bool any = true;

	if (bench->options->firmware == NULL)
		return;
	say(bench);
	for (int i = 0; i < count; i++)
		start(bench, i);
	while (any && !bench->ended) {
		any = false;
		for (int i = 0; i < count; i++)
			any |= works(bench, i);
		if (any)
			(void)poll(NULL, 0, LOOK_MS);
		read_orders(bench);
		clock_correlate(&bench->clock);
	}
	for (int i = 0; i < count; i++) {
		hook_cancel(&bench->flashes[i].hook);
		if (bench->flashes[i].lock >= 0)
			close(bench->flashes[i].lock);
	}
	/* Nobody was waited for meanwhile. */
	bench->came_ns = clock_now(&bench->clock);
}

/* ---- what came of it ---- */

bool firmware_is_right(
	const struct bench *bench, const struct device *device, char *text, size_t size)
{
	const char *asked = bench->options->firmware_version;

	if (!bench->options->asks_for_firmware)
		return true;
	if (asked == NULL)
		asked = device->entry->firmware.version;
	if (asked == NULL || fnmatch(asked, device->firmware, 0) == 0)
		return true;
	snprintf(text, size,
		"reports the firmware '%s' to " AT_LINE_VERSION
		", and '%.100s' was asked for: it is not judged (was it really flashed? else correct %s)",
		device->firmware, asked,
		bench->options->firmware_version != NULL ? "--firmware-version"
							 : "'firmware: version' in the bench file");
	return false;
}
