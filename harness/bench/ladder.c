/* SPDX-License-Identifier: MIT */
#include "bench/ladder.h"

#include <stdio.h>
#include <string.h>

#include "bench/journal.h"
#include "core/error.h"
#include "core/text_buffer.h"
#include "uart/at_command.h"

#define GUARD_NS (2 * NS_PER_S)	 /* around +++; the AT before it has waited as long */
#define RESET_NS (6 * NS_PER_S)	 /* RST low 500 ms, then 6 s (V) */
#define SETTLE_NS (3 * NS_PER_S) /* held up, it answers all that it was asked before */

/* In order of likelihood (cases/DEVICE.md section 1). */
static const int rates[] = {115200, 9600, 57600, 38400, 19200, 230400, 460800, 921600};
enum { RATES = sizeof rates / sizeof rates[0] };

/* AT that is not answered, so often.  With another firmware the first boot takes its time, in which
 * nothing else should be done to it. */
enum { TRIES = 2, BOOT_TRIES = 45 };

enum rung { RUNG_NONE, RUNG_ESCAPE, RUNG_PLUS, RUNG_BAUD, RUNG_RESET, RUNG_PIN, RUNG_POWER, RUNGS };
static const char *const rung_names[RUNGS] = {AT_LINE_CHECK, "ESC E", AT_LEAVE_DATA_MODE,
	"other baud rates", AT_LINE_RESET, "the reset pin", "a power cycle"};

/* False when the port does not do it. */
static bool set_baud(struct bring_up *up, int baud)
{
	struct error err = {0};

	if (up->device->baud == baud)
		return true;
	if (port_set_baud(up->device->uart.port, baud, &err) != 0) {
		bench_note_recovery(up->bench, up->device, err.text);
		return false;
	}
	up->device->baud = baud;
	return true;
}

/* The next speed of the sweep that the port does; back at the first, false, when all were tried. */
static bool next_rate(struct bring_up *up)
{
	while (up->rates_tried < RATES) {
		const int place = up->rates_tried++;
		if (rates[place] == up->home_baud)
			continue;
		if (set_baud(up, rates[place]))
			return true;
		up->rates_refused |= 1U << place;
	}
	(void)set_baud(up, up->home_baud);
	return false;
}

/* A module that restarts does so with the speed in its flash, which nobody knows when the bench
 * file does not. */
static bool sweeps(const struct bring_up *up)
{
	return up->rung == RUNG_BAUD || (up->rung > RUNG_BAUD && up->device->entry->uart.baud == 0);
}

static void start_hook(struct bring_up *up, const char *name, const char *command)
{
	struct device *device = up->device;
	struct error err = {0};

	const struct hook_request request = {.name = name,
		.command = command,
		.device = device->entry->name,
		.port = port_path(device->uart.port),
		.file = up->bench->options->file};

	if (hook_start(&up->hook, &request, &err) != 0) {
		snprintf(up->hook_trouble, sizeof up->hook_trouble, "%.240s", err.text);
		bench_note_recovery(up->bench, up->device, err.text);
	}
}

static void begin_rung(struct bring_up *up)
{
	struct device *device = up->device;
	const struct bench_device *entry = device->entry;
	static const char escape[] = "\x1b"
				     "E\r";

	up->tries = 0;
	up->rates_tried = 0;
	up->wait_until_ns = clock_now(&up->bench->clock);
	bench_note_recovery(up->bench, up->device, rung_names[up->rung]);
	switch ((enum rung)up->rung) {
	case RUNG_NONE:
	case RUNGS:
		break;
	case RUNG_ESCAPE:
		device_resync(device);
		device_put(device, escape, sizeof escape - 1);
		break;
	case RUNG_PLUS:
		device_put(device, AT_LEAVE_DATA_MODE, strlen(AT_LEAVE_DATA_MODE));
		up->wait_until_ns += GUARD_NS;
		break;
	case RUNG_BAUD:
		(void)next_rate(up);
		break;
	case RUNG_RESET:
		device_put(device, "\r" AT_LINE_RESET "\r", strlen("\r" AT_LINE_RESET "\r"));
		up->wait_until_ns += RESET_NS;
		break;
	case RUNG_PIN:
		start_hook(up, "reset", entry->reset.command);
		up->wait_until_ns += RESET_NS;
		break;
	case RUNG_POWER:
		start_hook(up, "power", entry->power.cycle);
		up->wait_until_ns += RESET_NS;
		break;
	}
}

static bool has_rung(const struct bench_device *entry, int rung)
{
	if (rung == RUNG_PIN)
		return entry->reset.command != NULL;
	return rung != RUNG_POWER || entry->power.cycle != NULL;
}

static void fall_off(struct bring_up *up)
{
	const struct bench_device *entry = up->device->entry;
	const char *hook = up->hook_trouble;
	char refused[128] = "";
	struct text_buffer text = text_buffer(refused, sizeof refused);

	for (int i = 0; i < RATES; i++)
		if ((up->rates_refused & 1U << i) != 0)
			text_add(&text, "%s%d", text.length == 0 ? " but " : " and ", rates[i]);
	if (text.length > 0)
		text_add(&text, ", which the port refuses");

	snprintf(up->trouble, sizeof up->trouble,
		"does not answer AT (check power, wiring and baud rate; ESC E, +++, all baud rates%s, " AT_LINE_RESET
		"%s%s were tried%s%s%s)",
		refused, entry->reset.command != NULL ? ", the reset pin" : "",
		entry->power.cycle != NULL ? ", a power cycle" : "", hook[0] != '\0' ? "; " : "",
		hook,
		entry->reset.command == NULL && entry->power.cycle == NULL
			? "; 'reset:' and 'power:' in the bench file add further steps"
			: "");
}

void ladder_await_boot(struct bring_up *up)
{
	up->wait_until_ns = clock_now(&up->bench->clock) + RESET_NS;
}

enum ladder_next ladder_next(struct bring_up *up)
{
	const bool boots = up->rung == RUNG_NONE && up->device->flashed;

	up->settled = false;
	if (++up->tries < (boots ? BOOT_TRIES : TRIES))
		return LADDER_ASK;
	if (sweeps(up) && next_rate(up)) {
		up->tries = 0;
		return LADDER_ASK;
	}
	(void)set_baud(up, up->home_baud);
	do
		up->rung++;
	while (up->rung < RUNGS && !has_rung(up->device->entry, up->rung));
	if (up->rung == RUNGS) {
		fall_off(up);
		return LADDER_OVER;
	}
	begin_rung(up);
	return LADDER_WAIT;
}

bool ladder_settle(struct bring_up *up)
{
	if (up->settled)
		return false;
	up->settled = true;
	up->wait_until_ns = clock_now(&up->bench->clock) + SETTLE_NS;
	return true;
}

void ladder_done(struct bring_up *up)
{
	const struct device *device = up->device;
	char text[128];

	if (up->rung > RUNG_NONE) {
		snprintf(text, sizeof text, "answers after %s", rung_names[up->rung]);
		bench_note_recovery(up->bench, up->device, text);
	}
	if (device->entry->uart.baud != 0 && device->baud != device->entry->uart.baud) {
		snprintf(text, sizeof text, "answers at %d baud, the bench file says %d",
			device->baud, device->entry->uart.baud);
		bench_note_recovery(up->bench, up->device, text);
	}
}

bool ladder_works(struct bring_up *up)
{
	struct error err = {0};
	bool stepped = up->bench->clock.kind == CLOCK_KIND_STEPPED;

	if (!up->hook.running)
		return false;
	int ended = hook_finish(&up->hook, stepped ? -1 : 0, &err);
	if (ended == 1)
		return true;
	up->device->hooked = true;
	if (ended < 0) {
		snprintf(up->hook_trouble, sizeof up->hook_trouble, "%.240s", err.text);
		bench_note_recovery(up->bench, up->device, err.text);
	}
	up->wait_until_ns = clock_now(&up->bench->clock) + RESET_NS;
	return false;
}

void ladder_restart(struct bring_up *up, const char *why)
{
	bench_note_recovery(up->bench, up->device, why);
	up->restarted = true;
	up->settled = false;
	up->rung = RUNG_RESET;
	begin_rung(up);
}
