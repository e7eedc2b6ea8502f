/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_FIRMWARE_H
#define WIZHIL_BENCH_FIRMWARE_H

#include "bench/state.h"

/*
 * Another firmware, written by the lab's own command (wizhil run --firmware): before anything of a
 * device is opened, since the command needs its port, and on all devices at once.  The command finds the file in WIZHIL_FIRMWARE.
 * What it says of its own success decides nothing: a device is used when AT+VER=? says what was
 * asked for, then and after each reset.
 *
 * An interrupt lets the commands come to their end: half a firmware is a module that boots no more.
 */

enum { FLASH_TIMEOUT_S = 600 };

/* Runs the commands, and waits for them.  What failed is in bench->flashes, for device_open(). */
void firmware_flash(struct bench *bench);

/* Why the device cannot be opened: its command failed, or somebody writes the firmware of what is at
 * this port.  -1 with err set. */
int firmware_check_port(struct bench *bench, const struct bench_device *entry, struct error *err);

/* What the device reports is not what was asked for: says so in text.  True where nothing was. */
bool firmware_is_right(
	const struct bench *bench, const struct device *device, char *text, size_t size);

#endif
