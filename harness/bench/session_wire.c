/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "bench/session_events.h"
#include "bench/session_raw.h"
#include "core/error.h"

/* The wire's side of a session: frames to flows, flows to segments of the timeline. */

static struct flow *flow_of_packet(struct session *session, const struct wire_frame *frame)
{
	const struct packet *packet = &frame->packet;
	uint16_t port = frame->from_device ? packet->destination.port : packet->source.port;
	uint16_t device_port = frame->from_device ? packet->source.port : packet->destination.port;
	const struct endpoint *peer = frame->from_device ? &packet->destination : &packet->source;

	if (packet->kind != PACKET_TCP)
		return NULL;
	for (int i = session->flow_count - 1; i >= 0; i--) {
		struct flow *flow = &session->flows[i];
		if (flow->role == ROLE_UDP_CLIENT || port != flow->peer_port ||
			memcmp(peer->address, &flow->peer_be, sizeof flow->peer_be) != 0)
			continue;
		/* The peer's port may have been that of another connection, which still speaks. */
		if (flow->device_port == 0 && (packet->flags & TCP_FLAG_SYN) != 0)
			flow->device_port = device_port;
		if (flow->device_port == device_port)
			return flow;
	}
	return NULL;
}

/* From the peer's SYN-ACK passing the sniffer to the device's answer: twice the path and what the
 * device takes; a bound on what lies between the module's clock and the stamp. */
static void measure_path(struct session *session, struct flow *flow, const struct wire_frame *frame)
{
	uint8_t flags = frame->packet.flags;

	if (!frame->from_device && (flags & TCP_FLAG_SYN) != 0) {
		flow->syn_ack_ns = frame->t_ns;
	} else if (frame->from_device && flow->syn_ack_ns != 0) {
		int64_t took = frame->t_ns - flow->syn_ack_ns;
		flow->syn_ack_ns = 0;
		if (took > session->round_trip_ns)
			session->round_trip_ns = took;
	}
}

static void comment(const struct tracked_segment *tracked, const struct flow *flow,
	const struct session *session, char *text, size_t size)
{
	const char *name = session->scenario->connections[flow->connection].name;

	text[0] = '\0';
	if (tracked->class == SEGMENT_PROBE)
		snprintf(text, size, "keep-alive probe of connection '%s'", name);
	else if (tracked->class == SEGMENT_PROBE_ANSWER || tracked->class == SEGMENT_PROBE_RST)
		snprintf(text, size, "answer to the keep-alive probe in frame %llu",
			(unsigned long long)tracked->answers_frame);
	else if (tracked->class == SEGMENT_UNSOLICITED_ACK)
		snprintf(text, size, "unsolicited empty segment of connection '%s'", name);
}

/* Follows the segment's numbers; a stray one has none that count. */
static struct tracked_segment track(
	struct session *session, struct flow *flow, const struct wire_frame *frame, bool stray)
{
	const struct packet *packet = &frame->packet;
	struct tracked_segment tracked = {.snd_nxt = packet->seq, .rcv_nxt = packet->ack};

	if (!stray)
		connection_track(flow->tracked, packet, frame->t_ns, session->frames,
			frame->from_device ? FROM_DEVICE : FROM_PEER, &tracked);
	return tracked;
}

/* The peer's host got what the sniffer did not see, after before_ns: it came by another way. */
static void note_uncaptured(struct session *session, struct flow *flow, const struct packet *packet,
	const struct tracked_segment *tracked, int64_t before_ns)
{
	char text[EVENT_TEXT];

	if ((packet->flags & TCP_FLAG_ACK) == 0 || (int32_t)(packet->ack - tracked->rcv_nxt) <= 0 ||
		packet->ack == flow->uncaptured_ack)
		return;
	flow->uncaptured_ack = packet->ack;
	snprintf(text, sizeof text,
		"the peer acknowledged what the sniffer on '%s' did not see; if another interface of this host answers ARP for it, try: sysctl net.ipv4.conf.all.arp_ignore=1",
		session->device->wire.interface);
	session_fault(session, flow->connection, REASON_NOT_CAPTURED, before_ns, text);
}

/* Right behind other traffic what looks like a probe may be the acknowledgement of an octet, which
 * came late.  Not of a device that was given nothing to send: ticks that run freely send a probe
 * at once. */
static enum segment_class class_of(const struct flow *flow, const struct wire_frame *frame,
	const struct tracked_segment *tracked)
{
	if (tracked->class == SEGMENT_TOO_SOON && frame->from_device && flow->device_sent == 0)
		return SEGMENT_PROBE;
	return tracked->class;
}

static void write_evidence(
	struct session *session, const struct wire_frame *frame, const char *text)
{
	struct error err = {0};

	if (session->pcapng != NULL && !session->full &&
		pcapng_packet(session->pcapng, PCAPNG_WIRE, frame->wall_ns, frame->bytes,
			frame->captured, frame->length, text[0] == '\0' ? NULL : text, &err) != 0)
		session_note_fault(session, NO_CONNECTION, REASON_EVIDENCE_UNWRITTEN, err.text);
}

/* An ICMP error about a segment of one of the flows: for the evidence only. */
static bool is_error_about(const struct session *session, const struct packet *packet)
{
	if (packet->kind != PACKET_ICMP || packet->icmp_source.family == 0)
		return false;
	for (int i = 0; i < session->flow_count; i++)
		if (session->flows[i].device_port == packet->icmp_source.port &&
			session->flows[i].peer_port == packet->icmp_destination.port)
			return true;
	return false;
}

/* Is it about the hardware address of the host that comes and goes?  Its silence is seen in
 * requests that nobody answers, for without an address no probe goes on the air. */
static bool asks_for_spare(const struct session *session, const struct packet *packet)
{
	const uint32_t spare_be = session->spare_address_be;

	if (packet->kind != PACKET_ARP ||
		(memcmp(packet->source.address, &spare_be, 4) != 0 &&
			memcmp(packet->destination.address, &spare_be, 4) != 0))
		return false;
	for (int i = 0; i < session->scenario->connection_count; i++)
		if (session->scenario->connections[i].spare)
			return true;
	return false;
}

/* The first connection whose peer has the address that the device asks for; -1: none, or it does not
 * ask.  What it sends to this peer meanwhile waits, or is lost. */
static int asks_for_peer_of(const struct session *session, const struct wire_frame *frame)
{
	const struct packet *packet = &frame->packet;
	const struct scenario *scenario = session->scenario;

	if (!frame->from_device || packet->kind != PACKET_ARP || packet->arp_operation != 1)
		return -1;
	for (int i = 0; i < scenario->connection_count; i++) {
		const uint32_t peer_be = scenario->connections[i].spare
						 ? session->spare_address_be
						 : session->host->peer_address_be;
		if (memcmp(packet->destination.address, &peer_be, 4) == 0)
			return i;
	}
	return -1;
}

static void note_arp(struct session *session, const struct wire_frame *frame)
{
	const int connection = asks_for_peer_of(session, frame);

	if (connection < 0)
		return;
	const struct event event = {.t_ns = frame->t_ns,
		.error_ns = frame->error_ns + session->round_trip_ns,
		.kind = EVENT_ARP,
		.connection = connection,
		.cid = -1,
		.step = -1};
	session_add(session, &event);
}

static struct event event_of_flow_segment(const struct session *session, const struct flow *flow,
	const struct wire_frame *frame, const struct timeline_segment *segment)
{
	struct event event =
		event_of_segment(frame->t_ns, frame->error_ns + session->round_trip_ns, segment);

	event.connection = flow->connection;
	event.generation = flow->generation;
	return event;
}

bool session_take_frame(struct session *session, const struct wire_frame *frame)
{
	struct flow *flow = flow_of_packet(session, frame);
	const struct packet *packet = &frame->packet;
	enum direction direction = frame->from_device ? FROM_DEVICE : FROM_PEER;
	char text[128];

	if (is_error_about(session, packet)) {
		session->frames++;
		write_evidence(session, frame, "ICMP error about a segment of the connection");
	}
	if (asks_for_spare(session, packet)) {
		session->frames++;
		write_evidence(session, frame,
			packet->arp_operation == 1
				? "requests the hardware address of the peer's host"
				: "answers with the hardware address of the peer's host");
	}
	note_arp(session, frame);
	if (flow == NULL || flow->tracked == NULL)
		return false;
	session->frames++;
	const struct raw_mark *raw = frame->from_device ? NULL : session_raw_find(flow, packet);
	bool stray = raw != NULL && raw->stray;
	const int64_t before_ns = connection_last(flow->tracked);
	struct tracked_segment tracked = track(session, flow, frame, stray);
	if (!frame->from_device && raw == NULL)
		note_uncaptured(session, flow, packet, &tracked, before_ns);
	const enum segment_class class = class_of(flow, frame, &tracked);
	if (raw == NULL)
		session_raw_follow(flow, packet, frame->from_device);
	if (session->clock->kind == CLOCK_KIND_REAL)
		measure_path(session, flow, frame);
	flow->device_seen |= frame->from_device;
	struct timeline_segment segment =
		segment_of_packet(&flow->numbers, packet, direction, &tracked, session->frames);
	segment.role = stray ? ROLE_STRAY : segment_role_of(class);
	segment.other_mac = frame->other_mac;
	const struct event event = event_of_flow_segment(session, flow, frame, &segment);
	session_add(session, &event);
	session->timeline->path_delay_ns = session->round_trip_ns;
	if (frame->from_device)
		session_raw_call(session, flow, class, frame->t_ns);
	else
		session_raw_answered(flow);
	const bool ends = (packet->flags & (TCP_FLAG_RST | TCP_FLAG_FIN)) != 0;
	flow->ended |= ends;
	if (frame->from_device && ends && flow->death_ns == TIME_NEVER)
		flow->death_ns = frame->t_ns;
	comment(&tracked, flow, session, text, sizeof text);
	write_evidence(session, frame, text);
	return true;
}

/* A living flow with one of the two ports. */
static struct flow *flow_of_one_port(struct session *session, const struct packet *packet)
{
	for (int i = session->flow_count - 1; i >= 0; i--) {
		struct flow *flow = &session->flows[i];
		if (flow->role != ROLE_UDP_CLIENT && flow->cid >= 0 &&
			flow->death_ns == TIME_NEVER && flow->device_port != 0 &&
			(flow->device_port == packet->source.port ||
				flow->peer_port == packet->destination.port))
			return flow;
	}
	return NULL;
}

void session_take_foreign(struct session *session, const struct wire_frame *frame)
{
	const struct packet *packet = &frame->packet;
	const uint8_t others = TCP_FLAG_SYN | TCP_FLAG_FIN | TCP_FLAG_RST;

	/* A RST may answer what the bench sent from another port, a SYN opens a connection. */
	if (!frame->from_device || packet->kind != PACKET_TCP || (packet->flags & others) != 0)
		return;
	struct flow *flow = flow_of_one_port(session, packet);
	if (flow == NULL)
		return;
	session->frames++;
	const struct timeline_segment segment = {.direction = FROM_DEVICE,
		.role = ROLE_OTHER_TUPLE,
		.flags = packet->flags,
		.ttl = packet->ttl,
		.window = packet->window,
		.length = packet->length,
		.checksum_ok = true,
		.frame = session->frames};
	const struct event event = event_of_flow_segment(session, flow, frame, &segment);
	session_add(session, &event);
	write_evidence(session, frame, "a segment of the device that belongs to no connection");
}
