/* SPDX-License-Identifier: MIT */
#include "bench/monitor.h"

#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/journal.h"
#include "bench/lost.h"
#include "bench/session_events.h"
#include "bench/state.h"
#include "core/error.h"
#include "wire/bytes.h"
#include "wire/capture.h"

int monitor_open(struct monitor *monitor, const struct bench_file *file, struct error *err)
{
	const char *interface = file->monitor.interface;

	*monitor = (struct monitor){0};
	if (!file->has_monitor)
		return 0;
	monitor->capture = capture_open(interface, NULL, err);
	if (monitor->capture == NULL)
		return error_context(err, "monitor");
	monitor->link_type = capture_link_type(monitor->capture);
	if (!air_frame_link_type(monitor->link_type)) {
		monitor_close(monitor);
		return error_set(err, ERROR_BENCH,
			"monitor: '%s' is not in monitor mode (try: iw dev %s interface add mon0 type monitor && ip link set mon0 up)",
			interface, interface);
	}
	monitor->airs = calloc(file->device_count, sizeof *monitor->airs);
	if (monitor->airs != NULL)
		return 0;
	monitor_close(monitor);
	return error_set(err, ERROR_MEMORY, "out of memory");
}

void monitor_close(struct monitor *monitor)
{
	capture_close(monitor->capture);
	free(monitor->airs);
	*monitor = (struct monitor){0};
}

int monitor_descriptor(const struct monitor *monitor)
{
	return monitor->capture == NULL ? -1 : capture_descriptor(monitor->capture);
}

static struct air *air_of(const struct bench *bench, const struct device *device)
{
	const int index = device_index(bench, device);

	return bench->monitor.airs == NULL || index < 0 ? NULL : &bench->monitor.airs[index];
}

/* ---- frames ---- */

/* Of the network packet in a frame: short ones were filled up.  0: it is none of IPv4 or ARP. */
static uint32_t packet_octets(const struct wire_frame *frame)
{
	enum { ETHERNET = 14, TYPE = 12, TOTAL_LENGTH = 16, ARP_OCTETS = 28 };
	enum { TYPE_IPV4 = 0x0800, TYPE_ARP = 0x0806 };

	if (frame->captured < TOTAL_LENGTH + 2)
		return 0;
	const uint16_t type = read_be16(frame->bytes + TYPE);
	if (type == TYPE_ARP)
		return ARP_OCTETS;
	return type == TYPE_IPV4 ? read_be16(frame->bytes + TOTAL_LENGTH) : 0;
}

void monitor_take_wire(
	struct bench *bench, const struct device *device, const struct wire_frame *frame)
{
	struct air *air = air_of(bench, device);

	if (air == NULL || bench->monitor.capture == NULL || !device->has_mac ||
		device->wire.capture == NULL ||
		capture_link_type(device->wire.capture) != DLT_EN10MB)
		return;
	air_set_module(air, device->mac);
	const uint32_t octets = packet_octets(frame);
	/* To all, or to another's address: the air need not have it for the module. */
	if (octets == 0 ||
		(!frame->from_device && memcmp(frame->packet.destination_mac, device->mac, 6) != 0))
		return;
	air_take_wire(air, frame->from_device ? FROM_DEVICE : FROM_PEER, octets, frame->t_ns);
}

/* What the sessions' capture files get of it. */
static void write_evidence(struct bench *bench, const struct device *device, int64_t realtime_ns,
	const uint8_t *bytes, size_t captured, size_t length)
{
	struct error err = {0};

	for (struct session *s = bench->sessions; s != NULL; s = s->next) {
		if (s->device != device || s->state == SESSION_DELAYED || s->pcapng == NULL ||
			s->full || s->state == SESSION_FINISHED)
			continue;
		s->frames++;
		if (pcapng_packet(s->pcapng, PCAPNG_AIR, realtime_ns, bytes, captured, length, NULL,
			    &err) != 0)
			session_note_fault(s, NO_CONNECTION, REASON_EVIDENCE_UNWRITTEN, err.text);
	}
}

static void take_frame(
	void *context, int64_t realtime_ns, const uint8_t *bytes, size_t captured, size_t length)
{
	struct bench *bench = context;
	struct air_frame frame;
	int64_t error_ns;

	if (!air_frame_read(bench->monitor.link_type, bytes, captured, length, &frame))
		return;
	const int64_t t_ns = clock_from_capture(&bench->clock, realtime_ns, &error_ns);
	for (int i = 0; i < bench->device_count; i++) {
		const struct device *device = bench->devices[i];
		struct air *air = &bench->monitor.airs[i];
		if (device->has_mac)
			air_set_module(air, device->mac);
		if (air_take(air, &frame, t_ns, error_ns + AIR_APART_NS))
			write_evidence(bench, device, realtime_ns, bytes, captured, length);
	}
}

/* ---- what is told of it ---- */

struct telling {
	const struct bench *bench;
	const struct device *device;
};

/* The segment of the session's that passed the sniffer at this time, to the device; NULL. */
static const struct event *segment_at(const struct session *session, int64_t t_ns)
{
	for (size_t i = session->timeline->count; i-- > 0;) {
		const struct event *event = &session->timeline->events[i];
		if (event->kind == EVENT_SEGMENT && event->segment.direction == FROM_PEER &&
			event->t_ns == t_ns)
			return event;
	}
	return NULL;
}

static void tell_session(struct session *session, const struct event *event)
{
	struct event own = *event;

	if (session->timeline->count == 0 || event->t_ns < session->timeline->events[0].t_ns)
		return;
	if (event->air.kind == AIR_UNDELIVERED) {
		const struct event *segment = segment_at(session, event->t_ns);
		if (segment == NULL)
			return;
		own.connection = segment->connection;
		own.generation = segment->generation;
		own.air.frame = segment->segment.frame;
	}
	session_add(session, &own);
}

static void tell_lost(void *context, const struct event *event)
{
	const struct telling *telling = context;

	for (struct session *s = telling->bench->sessions; s != NULL; s = s->next)
		if (s->device == telling->device && s->state != SESSION_DELAYED)
			tell_session(s, event);
}

static void tell_span(void *context, const struct event *event)
{
	tell_session(context, event);
}

void monitor_finish_session(struct bench *bench, struct session *session)
{
	const struct air *air = air_of(bench, session->device);

	if (air == NULL || session->timeline->count == 0)
		return;
	air_tell_spans(air, session->timeline->events[0].t_ns, clock_now(&bench->clock), tell_span,
		session);
}

/* The run goes on without it. */
static void give_up(struct bench *bench, const struct error *why, int64_t now_ns)
{
	struct monitor *monitor = &bench->monitor;
	char text[EVENT_TEXT];

	snprintf(text, sizeof text, "the monitor ended: %.200s", why->text);
	bench_note_time(bench, text);
	for (int i = 0; i < bench->device_count; i++)
		air_blind(&monitor->airs[i], monitor->looked_ns, now_ns);
	capture_close(monitor->capture);
	monitor->capture = NULL;
}

static void look_for_drops(struct bench *bench, int64_t now_ns)
{
	struct monitor *monitor = &bench->monitor;
	uint64_t drops = monitor->drops;

	if (capture_drops(monitor->capture, &drops) == 0 && drops != monitor->drops)
		for (int i = 0; i < bench->device_count; i++)
			air_blind(&monitor->airs[i], monitor->looked_ns, now_ns);
	monitor->drops = drops;
	monitor->looked_ns = now_ns;
}

void monitor_run(struct bench *bench)
{
	struct monitor *monitor = &bench->monitor;
	const int64_t now_ns = clock_now(&bench->clock);
	struct error err = {0};

	if (monitor->airs == NULL)
		return;
	if (monitor->capture != NULL &&
		capture_dispatch(monitor->capture, take_frame, bench, &err) < 0)
		give_up(bench, &err, now_ns);
	if (monitor->capture != NULL)
		look_for_drops(bench, now_ns);
	for (int i = 0; i < bench->device_count; i++) {
		struct telling telling = {bench, bench->devices[i]};
		air_decide(&monitor->airs[i], now_ns, tell_lost, &telling);
	}
}

void monitor_note(struct bench *bench)
{
	for (int i = 0; bench->monitor.airs != NULL && i < bench->device_count; i++) {
		const struct air *air = &bench->monitor.airs[i];
		bench_record(bench,
			json_pack("{s:s, s:s, s:s, s:f, s:b, s:i, s:i, s:i, s:i}", "event", "air",
				"device", bench->devices[i]->entry->name, "interface",
				bench->options->file->monitor.interface, "watched_s",
				(double)air_watched_ns(air) / 1e9, "acknowledgements",
				air->acknowledged[FROM_PEER] > 0, "heard", air->heard, "missed",
				air->missed, "lost", air->lost[FROM_DEVICE], "undelivered",
				air->lost[FROM_PEER]),
			false);
	}
}

bool monitor_hears(const struct bench *bench, const struct device *device, bool *access_point)
{
	const struct air *air = air_of(bench, device);

	*access_point = air != NULL && air->beacon_ns != 0;
	return air != NULL && air->has_access_point;
}
