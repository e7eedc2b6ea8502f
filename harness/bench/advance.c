/* SPDX-License-Identifier: MIT */
#include "bench/advance.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/access_point.h"
#include "bench/lost.h"
#include "core/error.h"
#include "core/raw_clock.h"

/* Wall time after which a counter that does not match is a fault of the bench. */
enum { COUNTER_TIMEOUT_MS = 2000, ADVANCE_TIMEOUT_MS = 20000 };
/* The same for a step in which the device keeps writing to its UART. */
enum { LONGEST_ADVANCE_MS = 120000 };
/* At one instant of stepped time; 400,000 octets of the peer are a thousand. */
enum { INSTANT_FRAMES = 20000 };

struct taking {
	struct bench *bench;
	struct device *device;
};

static bool bears_own_mac(const struct device *device, const struct packet *packet)
{
	return packet->has_mac && device->has_mac &&
	       memcmp(packet->source_mac, device->mac, sizeof device->mac) == 0;
}

/* By the address of what has one: an access point may stand for the module with its own hardware
 * address, and on stepped time, where each frame of the device counts, a module may have a wrong
 * one. */
static bool is_from_device(
	const struct device *device, const struct packet *packet, enum clock_kind clock)
{
	const bool is_ip = packet->kind == PACKET_TCP || packet->kind == PACKET_UDP ||
			   packet->kind == PACKET_ICMP;
	const bool by_address =
		device->address_be != 0 &&
		memcmp(packet->source.address, &device->address_be, sizeof device->address_be) == 0;

	if (is_ip && device->address_be != 0 && clock == CLOCK_KIND_REAL)
		return by_address;
	if (packet->has_mac && device->has_mac)
		return bears_own_mac(device, packet) || (is_ip && by_address);
	return by_address;
}

static void take_frame(
	void *context, int64_t realtime_ns, const uint8_t *bytes, size_t captured, size_t length)
{
	const struct taking *taking = context;
	struct device *device = taking->device;
	struct clock *clock = &taking->bench->clock;
	struct wire_frame frame = {.bytes = bytes, .captured = captured, .length = length};

	frame.t_ns = clock_from_capture(clock, realtime_ns, &frame.error_ns);
	frame.wall_ns =
		clock->kind == CLOCK_KIND_REAL ? realtime_ns : clock_to_wall(clock, frame.t_ns);
	/* The stamp lies up to 57 us after the send (harness/PLATFORM.md), and where the host is
	 * busy, so much later as others wait. */
	if (clock->kind == CLOCK_KIND_REAL)
		frame.error_ns += 100 * NS_PER_US + clock_late(clock);
	(void)packet_decode(
		capture_link_type(device->wire.capture), bytes, captured, length, &frame.packet);
	frame.from_device = is_from_device(device, &frame.packet, clock->kind);
	frame.other_mac = frame.from_device && frame.packet.has_mac && device->has_mac &&
			  !bears_own_mac(device, &frame.packet);
	if (frame.from_device) {
		device->wire.frames_from++;
		device->alive_ns = frame.t_ns;
		access_point_heard(taking->bench, device, frame.t_ns);
		if (frame.packet.kind == PACKET_TCP &&
			(frame.packet.flags & (TCP_FLAG_SYN | TCP_FLAG_RST)) == 0)
			device->knows_ns = frame.t_ns;
	} else {
		device->wire.frames_to++;
	}
	monitor_take_wire(taking->bench, device, &frame);
	bool taken = false;
	for (struct session *s = taking->bench->sessions; s != NULL; s = s->next)
		if (s->device == device && s->state != SESSION_DELAYED)
			taken = session_take_frame(s, &frame) || taken;
	for (struct session *s = taking->bench->sessions; s != NULL && !taken; s = s->next)
		if (s->device == device && s->state != SESSION_DELAYED)
			session_take_foreign(s, &frame);
}

int device_take_frames(struct bench *bench, struct device *device, struct error *err)
{
	struct taking taking = {.bench = bench, .device = device};

	if (device->wire.capture == NULL)
		return 0;
	if (capture_dispatch(device->wire.capture, take_frame, &taking, err) < 0)
		return error_context(err, "device '%s'", device->entry->name);
	return 0;
}

static int await(int descriptor, const char *what, const struct device *device, struct error *err)
{
	struct pollfd wait = {.fd = descriptor, .events = POLLIN};

	if (poll(&wait, 1, COUNTER_TIMEOUT_MS) == 1)
		return 0;
	return error_set(err, ERROR_BENCH,
		"device '%s': the %s is more than %d ms of wall time behind the counter of the device",
		device->entry->name, what, COUNTER_TIMEOUT_MS);
}

/* Reads wire and UART until they hold what the device's counters say. */
static int catch_up(struct bench *bench, struct device *device, struct error *err)
{
	if (device_take_frames(bench, device, err) != 0)
		return -1;
	while (device->wire.frames_from < device->report.wire_written) {
		if (await(capture_descriptor(device->wire.capture), "capture", device, err) != 0 ||
			device_take_frames(bench, device, err) != 0)
			return -1;
	}
	if (device_read(device, err) != 0)
		return -1;
	while (port_bytes_read(device->uart.port) < device->report.uart_written) {
		if (await(port_descriptor(device->uart.port), "UART", device, err) != 0 ||
			device_read(device, err) != 0)
			return -1;
	}
	return 0;
}

/* Waits for the report.  Meanwhile the UART is emptied: a pty holds 16 kB, and a device that waits
 * for room cannot answer.  What is read is acted on later: time has not moved yet. */
static int await_report(struct device *device, struct error *err)
{
	struct pollfd waits[2] = {{.fd = device->control, .events = POLLIN},
		{.fd = port_descriptor(device->uart.port), .events = POLLIN}};

	const int64_t end_ns = raw_clock_ns() + LONGEST_ADVANCE_MS * NS_PER_MS;

	for (;;) {
		if (poll(waits, 2, ADVANCE_TIMEOUT_MS) <= 0 || raw_clock_ns() > end_ns)
			return error_set(err, ERROR_BENCH, "device '%s' does not advance its clock",
				device->entry->name);
		if (waits[0].revents != 0)
			break;
		if (device_prefetch(device, err) != 0)
			return -1;
	}
	ssize_t got = recv(device->control, &device->report, sizeof device->report, 0);
	if (got != (ssize_t)sizeof device->report)
		return error_set(err, ERROR_BENCH, "device '%s' exited", device->entry->name);
	return 0;
}

/* Device and peer may answer each other for ever, without time to pass between: a segment that the
 * peer's TCP does not take draws an ACK, and a wrong answer to it the next one. */
static int bound_instant(struct device *device, struct error *err)
{
	const struct step_report *report = &device->report;

	if (report->now_ns != device->wire.instant_ns) {
		device->wire.instant_ns = report->now_ns;
		device->wire.instant_frames = report->wire_written;
	}
	if (report->wire_written - device->wire.instant_frames <= INSTANT_FRAMES)
		return 0;
	return error_set(err, ERROR_BENCH,
		"device '%s' and the peer exchange frames without end: more than %d of them at %.1f s",
		device->entry->name, INSTANT_FRAMES, (double)report->now_ns / NS_PER_S);
}

static int step(struct bench *bench, struct device *device, int64_t now_ns, int64_t until_ns,
	struct error *err)
{
	if (device_write(device, err) != 0)
		return -1;
	struct step_advance advance = {.input_ns = now_ns,
		.until_ns = until_ns,
		.uart_sent = port_bytes_written(device->uart.port),
		.wire_sent = device->wire.frames_to};
	if (send(device->control, &advance, sizeof advance, MSG_NOSIGNAL) != sizeof advance)
		return error_set(err, ERROR_BENCH, "device '%s' exited", device->entry->name);
	const int64_t computed_ns = device_computed_ns(bench, device);
	if (await_report(device, err) != 0) {
		device_hangs(bench, device, device_computed_ns(bench, device) - computed_ns);
		return -1;
	}
	device->advanced = advance;
	device->hooked = false;
	if (device->report.now_ns > bench->clock.now_ns)
		bench->clock.now_ns = device->report.now_ns;
	return bound_instant(device, err) != 0 ? -1 : catch_up(bench, device, err);
}

static int advance_device(struct bench *bench, struct device *device, int64_t now_ns,
	int64_t until_ns, struct error *err)
{
	if (step(bench, device, now_ns, until_ns, err) == 0)
		return 0;
	device_explain(bench, device, err);
	return -1;
}

bool device_has_input(const struct device *device)
{
	return device->hooked ||
	       port_bytes_written(device->uart.port) != device->advanced.uart_sent ||
	       device->wire.frames_to != device->advanced.wire_sent;
}

/* Gives the devices what was sent to them, at the present time; *answered: one has written. */
static int give_input(struct bench *bench, bool *answered, struct error *err)
{
	const int64_t now_ns = bench->clock.now_ns;

	*answered = false;
	for (int i = 0; i < bench->device_count; i++) {
		struct device *device = bench->devices[i];
		if (bench->lost[i])
			continue;
		if (device_write(device, err) != 0) {
			device_explain(bench, device, err);
			return -1;
		}
		if (!device_has_input(device))
			continue;
		const struct step_report before = device->report;
		if (advance_device(bench, device, now_ns, now_ns, err) != 0)
			return -1;
		*answered |= device->report.uart_written != before.uart_written ||
			     device->report.wire_written != before.wire_written;
	}
	return 0;
}

/* With several devices nobody may overtake: all go to the first time at which any of them may write,
 * and those that may not by then are not even asked. */
static int advance_several(struct bench *bench, int64_t until_ns, struct error *err)
{
	const int64_t now_ns = bench->clock.now_ns;
	bool answered;

	if (give_input(bench, &answered, err) != 0)
		return -1;
	if (answered)
		return 0;
	for (int i = 0; i < bench->device_count; i++)
		if (!bench->lost[i] && bench->devices[i]->report.next_ns < until_ns)
			until_ns = bench->devices[i]->report.next_ns;
	if (until_ns < now_ns)
		until_ns = now_ns;
	for (int i = 0; i < bench->device_count; i++)
		if (!bench->lost[i] && bench->devices[i]->report.next_ns <= until_ns &&
			advance_device(bench, bench->devices[i], now_ns, until_ns, err) != 0)
			return -1;
	bench->clock.now_ns = until_ns;
	return 0;
}

int devices_advance(struct bench *bench, int64_t until_ns, struct error *err)
{
	const int64_t now_ns = bench->clock.now_ns;

	if (until_ns < now_ns)
		until_ns = now_ns;
	if (bench->device_count > 1)
		return advance_several(bench, until_ns, err);
	for (int i = 0; i < bench->device_count; i++)
		if (!bench->lost[i] &&
			advance_device(bench, bench->devices[i], now_ns, until_ns, err) != 0)
			return -1;
	return 0;
}
