/* SPDX-License-Identifier: MIT */
#include "bench/session_raw.h"

#include <string.h>

#include "core/error.h"
#include "wire/raw_segment.h"

/* Another port than any of the bench's: of the dynamic range, as far from it as it gets. */
#define OTHER_PORT(port) ((uint16_t)((port) ^ 0x8000))

static bool is_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

void session_raw_follow(struct flow *flow, const struct packet *packet, bool from_device)
{
	struct raw_origin *origin = &flow->origin;
	uint32_t end = packet->seq + packet->length + ((packet->flags & TCP_FLAG_SYN) != 0) +
		       ((packet->flags & TCP_FLAG_FIN) != 0);
	uint32_t *next = from_device ? &origin->device_next : &origin->peer_next;
	bool *seen = from_device ? &origin->device_seen : &origin->peer_seen;

	/* The SEQ of a RST is the answered ACK; it moves nothing. */
	bool moves = (packet->flags & TCP_FLAG_RST) == 0 && !(from_device && origin->closed);
	if (!*seen || (moves && is_after(end, *next)))
		*next = end;
	*seen = true;
	if (from_device) {
		memcpy(origin->device_mac, packet->source_mac, 6);
		origin->device = packet->source;
		origin->peer = packet->destination;
		origin->last_seq = packet->seq;
		origin->last_length = packet->length;
		origin->ts_echo = packet->ts_value;
	} else {
		memcpy(origin->peer_mac, packet->source_mac, 6);
		origin->window = packet->window;
		origin->has_timestamps = packet->has_timestamps;
		origin->ts_value = packet->ts_value;
	}
}

static struct raw_tcp fields_of(const struct raw_origin *origin, const struct step *step,
	uint32_t other_be, const uint8_t *octet)
{
	const struct raw_plan *plan = &step->raw;
	struct raw_tcp fields = {.source = origin->peer,
		.destination = origin->device,
		.seq = origin->peer_next + (uint32_t)plan->seq_offset,
		.ack = origin->device_next + (uint32_t)plan->ack_offset,
		.flags = TCP_FLAG_ACK,
		.window = plan->closed_window ? 0 : origin->window,
		.has_timestamps = origin->has_timestamps,
		.ts_value = origin->ts_value,
		.ts_echo = origin->ts_echo,
		.bad_checksum = plan->bad_checksum};

	memcpy(fields.source_mac, origin->peer_mac, 6);
	memcpy(fields.destination_mac, origin->device_mac, 6);
	if (plan->other_port)
		fields.source.port = OTHER_PORT(fields.source.port);
	if (plan->other_address)
		memcpy(fields.source.address, &other_be, sizeof other_be);
	if (plan->kind == RAW_PROBE) {
		fields.seq--;
		fields.payload = octet;
		fields.length = (size_t)step->size;
	} else if (plan->kind == RAW_RST) {
		fields.flags = TCP_FLAG_RST;
		fields.ack = 0;
	}
	return fields;
}

/* The ICMP error about the last segment from the device. */
static size_t build_unreachable(
	const struct raw_origin *origin, const struct raw_plan *plan, uint8_t *frame, size_t size)
{
	const struct raw_tcp quoted = {.source = origin->device,
		.destination = origin->peer,
		.seq = origin->last_seq,
		.ack = origin->peer_next,
		.flags = TCP_FLAG_ACK,
		.length = origin->last_length};
	struct raw_icmp_unreachable fields = {
		.sender = origin->peer, .code = (uint8_t)plan->code, .quoted = &quoted};

	memcpy(fields.source_mac, origin->peer_mac, 6);
	memcpy(fields.destination_mac, origin->device_mac, 6);
	return raw_icmp_unreachable_build(frame, size, &fields);
}

/* Gives the segment an identification of its own, by which it is known again. */
static void mark(struct flow *flow, const struct raw_plan *plan, struct raw_tcp *fields)
{
	fields->ip_id = (uint16_t)(0xa000 + flow->raw_sent);
	flow->raw_marks[flow->raw_sent++ % RAW_MARKS] = (struct raw_mark){.used = true,
		.stray = plan->bad_checksum || (plan->kind == RAW_RST && plan->seq_offset != 0),
		.ip_id = fields->ip_id,
		.seq = fields->seq,
		.ack = fields->ack};
}

int session_raw_send(
	struct session *session, struct flow *flow, const struct step *step, struct error *err)
{
	const struct raw_plan *plan = &step->raw;
	const uint8_t octet = 0;
	uint8_t frame[RAW_FRAME_HEADERS + 64];
	int copies = plan->copies == 0 ? 1 : plan->copies;

	if (plan->other_address && session->spare_address_be == 0)
		return error_set(err, ERROR_BENCH, "the bench has no spare address");
	if (!flow->origin.device_seen || !flow->origin.peer_seen)
		return error_set(err, ERROR_BENCH, "no segment of the connection was captured");
	int out = wire_watch_raw_socket(&session->device->wire, err);
	if (out < 0)
		return -1;
	for (int i = 0; i < copies; i++) {
		size_t length;
		if (plan->kind == RAW_UNREACHABLE) {
			length = build_unreachable(&flow->origin, plan, frame, sizeof frame);
		} else {
			struct raw_tcp fields =
				fields_of(&flow->origin, step, session->spare_address_be, &octet);
			mark(flow, plan, &fields);
			length = raw_tcp_build(frame, sizeof frame, &fields);
		}
		if (length == 0)
			return error_set(
				err, ERROR_BENCH, "raw segments are supported for IPv4 only");
		if (raw_send(out, frame, length, err) != 0)
			return -1;
	}
	if (plan->kind == RAW_ACK)
		flow->origin.closed = plan->closed_window;
	if (plan->kind != RAW_UNREACHABLE)
		session_raw_answered(flow);
	return 0;
}

const struct raw_mark *session_raw_find(const struct flow *flow, const struct packet *packet)
{
	for (int i = 0; i < RAW_MARKS; i++) {
		const struct raw_mark *found = &flow->raw_marks[i];
		if (found->used && packet->has_ip_id && packet->ip_id == found->ip_id &&
			packet->seq == found->seq && packet->ack == found->ack)
			return found;
	}
	return NULL;
}

void session_raw_answered(struct flow *flow)
{
	flow->unanswered_probes = 0;
	flow->unanswered_calls = 0;
}

static void arm(struct session *session, const struct flow *flow, enum step_anchor anchor,
	int count, int64_t t_ns)
{
	const struct scenario *scenario = session->scenario;

	for (int i = 0; i < scenario->step_count; i++) {
		const struct step *step = &scenario->steps[i];
		if (step->anchor == anchor && step->anchor_connection == flow->connection &&
			step->nth == count && !session->done[i] &&
			session->armed_ns[i] == TIME_NEVER)
			session->armed_ns[i] = t_ns + step->at_ns;
	}
}

void session_raw_call(
	struct session *session, struct flow *flow, enum segment_class class, int64_t t_ns)
{
	if (session->state != SESSION_RUNNING)
		return;
	switch (class) {
	case SEGMENT_PROBE:
		arm(session, flow, ANCHOR_PROBE, ++flow->unanswered_probes, t_ns);
		break;
	case SEGMENT_DATA:
	case SEGMENT_RETRANSMISSION:
	case SEGMENT_ZERO_WINDOW_PROBE:
		break;
	case SEGMENT_OTHER:
	case SEGMENT_SYN:
	case SEGMENT_FIN:
	case SEGMENT_RST:
	case SEGMENT_PROBE_ANSWER:
	case SEGMENT_PROBE_RST:
	case SEGMENT_UNSOLICITED_ACK:
	case SEGMENT_AFTER_FIN:
	case SEGMENT_UNACKNOWLEDGED:
	case SEGMENT_TOO_SOON:
	case SEGMENT_DUPLICATE:
	case SEGMENT_UNDECIDABLE:
		return;
	}
	arm(session, flow, ANCHOR_CALL, ++flow->unanswered_calls, t_ns);
}
