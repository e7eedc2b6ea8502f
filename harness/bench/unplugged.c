/* SPDX-License-Identifier: MIT */
#include "bench/unplugged.h"

#include <stdio.h>

#include "bench/bring_up.h"
#include "bench/journal.h"
#include "bench/lost.h"
#include "core/error.h"

#define LOOK_NS NS_PER_S

void device_unplugged(struct bench *bench, struct device *device, const struct error *why)
{
	const int index = device_index(bench, device);
	const int64_t now_ns = clock_now(&bench->clock);
	char text[512];

	if (bench->lost[index] || bench->absences[index].away)
		return;
	/* Before it was ever brought up there is no case to run again: it is as if it was absent. */
	if (!device->was_ready) {
		struct error lost = *why;
		device_lost(bench, device, &lost);
		return;
	}
	snprintf(text, sizeof text,
		"%.400s: its port will be opened again, and the cases run again", why->text);
	bench_note_recovery(bench, device, text);
	for (struct session *s = bench->sessions; s != NULL; s = s->next) {
		if (s->device != device || s->state == SESSION_FINISHED)
			continue;
		session_fault(s, NO_CONNECTION, REASON_DEVICE_LOST, now_ns, why->text);
		s->unplugged = true;
		session_abandon(s);
	}
	device_stop(bench, index);
	uart_channel_set_port(&device->uart, NULL);
	bench->absences[index] =
		(struct absence){.away = true, .since_ns = now_ns, .look_ns = now_ns + LOOK_NS};
}

static void look(struct bench *bench, int index)
{
	struct device *device = bench->devices[index];
	struct absence *absence = &bench->absences[index];
	const int64_t now_ns = clock_now(&bench->clock);
	struct error err = {0};

	struct port *port = bench->host.open_port(bench->host.context, device->entry, &err);
	if (port != NULL) {
		char text[64];
		snprintf(text, sizeof text, "its serial port is back after %.0f s",
			(double)(now_ns - absence->since_ns) / 1e9);
		bench_note_recovery(bench, device, text);
		absence->away = false;
		device->baud = device->entry->uart.baud == 0 ? 115200 : device->entry->uart.baud;
		uart_channel_set_port(&device->uart, port);
		bring_up_begin(bench, index);
		return;
	}
	absence->look_ns = now_ns + LOOK_NS;
	if (now_ns - absence->since_ns < UNPLUGGED_S * NS_PER_S)
		return;
	absence->away = false;
	(void)error_context(&err, "device '%s': its serial port did not come back within %d s",
		device->entry->name, UNPLUGGED_S);
	device_lost(bench, device, &err);
}

void unplugged_look(struct bench *bench)
{
	for (int i = 0; i < bench->device_count; i++)
		if (bench->absences[i].away && bench->fault.kind == ERROR_NONE &&
			clock_now(&bench->clock) >= bench->absences[i].look_ns)
			look(bench, i);
}

int64_t unplugged_deadline(const struct bench *bench)
{
	int64_t next = TIME_NEVER;

	for (int i = 0; i < bench->device_count; i++)
		if (bench->absences[i].away && bench->absences[i].look_ns < next)
			next = bench->absences[i].look_ns;
	return next;
}
