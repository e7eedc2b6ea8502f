/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "bench/state.h"
#include "core/error.h"

/*
 * Making a silent device answer: a ladder of ever stronger means (harness/README.md), each
 * followed by two AT, since the first one after a boot may fail.  Each rung is in the journal.
 */

#define GUARD_NS (2 * NS_PER_S)	 /* around +++; the AT before it has waited as long */
#define RESET_NS (6 * NS_PER_S)	 /* RST low 500 ms, then 6 s (V) */
#define SETTLE_NS (3 * NS_PER_S) /* held up, it answers all that it was asked before */

/* In order of likelihood (cases/DEVICE.md section 1). */
static const int rates[] = {115200, 9600, 57600, 38400, 19200, 230400, 460800, 921600};
enum { RATES = sizeof rates / sizeof rates[0] };

enum rung { RUNG_NONE, RUNG_ESCAPE, RUNG_PLUS, RUNG_BAUD, RUNG_RESET, RUNG_PIN, RUNG_POWER, RUNGS };
static const char *const rung_names[RUNGS] = {
	"AT", "ESC E", "+++", "other baud rates", "AT+RESET", "the reset pin", "a power cycle"};

static void set_baud(struct bring_up *up, int baud)
{
	struct error err = {0};

	if (up->device->baud == baud)
		return;
	up->device->baud = baud;
	if (port_set_baud(up->device->port, baud, &err) != 0)
		bring_up_note(up, err.text);
}

/* The next speed of the sweep; back at the first, false, when all were tried. */
static bool next_rate(struct bring_up *up)
{
	while (up->rates_tried < RATES && rates[up->rates_tried] == up->home_baud)
		up->rates_tried++;
	bool more = up->rates_tried < RATES;
	set_baud(up, more ? rates[up->rates_tried++] : up->home_baud);
	return more;
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

	if (hook_start(&up->hook, name, command, device->entry->name, port_path(device->port),
		    &err) != 0) {
		snprintf(up->hook_trouble, sizeof up->hook_trouble, "%.240s", err.text);
		bring_up_note(up, err.text);
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
	bring_up_note(up, rung_names[up->rung]);
	switch ((enum rung)up->rung) {
	case RUNG_NONE:
	case RUNGS:
		break;
	case RUNG_ESCAPE:
		device_resync(device);
		device_put(device, escape, sizeof escape - 1);
		break;
	case RUNG_PLUS:
		device_put(device, "+++", 3);
		up->wait_until_ns += GUARD_NS;
		break;
	case RUNG_BAUD:
		(void)next_rate(up);
		break;
	case RUNG_RESET:
		device_put(device, "\rAT+RESET\r", 10);
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

	snprintf(up->trouble, sizeof up->trouble,
		"does not answer AT (check power, wiring and baud rate; ESC E, +++, all baud "
		"rates, AT+RESET%s%s were tried%s%s%s)",
		entry->reset.command != NULL ? ", the reset pin" : "",
		entry->power.cycle != NULL ? ", a power cycle" : "", hook[0] != '\0' ? "; " : "",
		hook,
		entry->reset.command == NULL && entry->power.cycle == NULL
			? "; reset: and power: in the bench file would allow more"
			: "");
	bring_up_give_up(up);
}

void ladder_next(struct bring_up *up)
{
	up->settled = false;
	if (++up->tries < 2) {
		bring_up_send(up);
		return;
	}
	if (sweeps(up) && next_rate(up)) {
		up->tries = 0;
		bring_up_send(up);
		return;
	}
	set_baud(up, up->home_baud);
	do
		up->rung++;
	while (up->rung < RUNGS && !has_rung(up->device->entry, up->rung));
	if (up->rung < RUNGS)
		begin_rung(up);
	else
		fall_off(up);
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
		bring_up_note(up, text);
	}
	if (device->entry->uart.baud != 0 && device->baud != device->entry->uart.baud) {
		snprintf(text, sizeof text, "answers at %d baud, the bench file says %d",
			device->baud, device->entry->uart.baud);
		bring_up_note(up, text);
	}
}

/* True while the reset pin or the power is being worked. */
static bool hook_runs(struct bring_up *up)
{
	struct error err = {0};
	bool stepped = up->bench->clock.kind == CLOCK_KIND_STEPPED;

	if (!up->hook.running)
		return false;
	int ended = hook_finish(&up->hook, stepped ? -1 : 0, &err);
	if (ended == 1)
		return true;
	if (ended < 0) {
		snprintf(up->hook_trouble, sizeof up->hook_trouble, "%.240s", err.text);
		bring_up_note(up, err.text);
	}
	up->wait_until_ns = clock_now(&up->bench->clock) + RESET_NS;
	return false;
}

void bring_up_run(struct bench *bench, int index)
{
	struct bring_up *up = &bench->bring_ups[index];

	if (!up->running || hook_runs(up) || up->wait_until_ns == TIME_NEVER ||
		clock_now(&bench->clock) < up->wait_until_ns)
		return;
	up->wait_until_ns = TIME_NEVER;
	bring_up_send(up);
}

void ladder_restart(struct bring_up *up, const char *why)
{
	bring_up_note(up, why);
	up->restarted = true;
	up->settled = false;
	up->rung = RUNG_RESET;
	begin_rung(up);
}

void device_reset(struct bench *bench, int index, const char *why)
{
	device_abandon(bench->devices[index]);
	bring_up_prepare(bench, index);
	ladder_restart(&bench->bring_ups[index], why);
}

/* The case whose doing came last is run again alone; when it comes to the same again, it fails.  So
 * does one that has the device alone, where the same came after the death of another's connection.
 */
static void suspect(struct bench *bench, const struct device *device, enum evidence_fault fault,
	int64_t sign_ns)
{
	struct stimulus last = {.fault = FAULT_NONE};
	struct session *of = NULL;
	char text[EVENT_TEXT];

	for (struct session *s = bench->sessions; s != NULL; s = s->next) {
		if (s->device != device || s->state == SESSION_FINISHED)
			continue;
		struct stimulus its =
			stimulus_before(s->timeline, fault, sign_ns, clock_now(&bench->clock));
		if (its.fault == FAULT_NONE || (of != NULL && its.t_ns <= last.t_ns))
			continue;
		last = its;
		of = s;
	}
	if (of == NULL)
		return;
	struct bench_case *one = &bench->cases[of->case_index];
	struct stimulus *death = &bench->bring_ups[device_index(bench, device)].death;
	const bool again = one->again && stimulus_is_same(&one->suspect, &last);
	if (again || (of->alone && stimulus_is_same_death(death, &last))) {
		snprintf(text, sizeof text, "the module %s twice after %s: %s, and alone",
			fault == FAULT_REBOOT	       ? "rebooted"
			: fault == FAULT_DISASSOCIATED ? "lost its association"
						       : "fell silent",
			again ? last.text : "the death of a connection",
			again ? "in company" : "of another case's");
		session_fault(of, NO_CONNECTION, FAULT_PROVOKED, sign_ns, text);
	}
	one->suspect = last;
	if (last.death)
		*death = last;
}

static bool is_at_work(const struct bench *bench, const struct device *device)
{
	int index = device_index(bench, device);

	return !bench->bring_ups[index].running && !bench->lost[index];
}

static void recover(struct bench *bench, struct device *device, enum evidence_fault fault,
	int64_t since_ns, const char *why)
{
	int index = device_index(bench, device);
	struct bring_up *up = &bench->bring_ups[index];
	char text[EVENT_TEXT];

	snprintf(text, sizeof text, "device '%s' %s", device->entry->name, why);
	for (struct session *s = bench->sessions; s != NULL; s = s->next) {
		if (s->device != device || s->state == SESSION_FINISHED)
			continue;
		session_fault(s, NO_CONNECTION, fault, since_ns, text);
		session_abandon(s);
	}
	device_abandon(device);
	bring_up_prepare(bench, index);
	bring_up_note(up, why);
	if (++up->recoveries > MAX_RECOVERIES) {
		snprintf(up->trouble, sizeof up->trouble, "%.200s, for the %dth time in this run",
			why, up->recoveries);
		bring_up_give_up(up);
		return;
	}
	up->settled = false;
	(void)ladder_settle(up);
}

void device_recover(
	struct bench *bench, struct device *device, enum evidence_fault fault, const char *why)
{
	if (!is_at_work(bench, device))
		return;
	/* What is on the wire does not show that the UART is heard. */
	int64_t since_ns = fault == FAULT_SILENT_DEVICE ? device->spoke_ns : device->alive_ns;
	suspect(bench, device, fault, since_ns);
	recover(bench, device, fault, since_ns, why);
}

void device_recover_unseen(
	struct bench *bench, struct device *device, enum evidence_fault fault, const char *why)
{
	if (is_at_work(bench, device))
		recover(bench, device, fault, device->knows_ns, why);
}
