/* SPDX-License-Identifier: MIT */
#include "core/text_buffer.h"
#include "timeline/timeline.h"
#include "wire/connection.h"
#include "wire/decode.h"

static void note_numbers(
	struct initial_numbers *numbers, const struct packet *packet, enum direction direction)
{
	if (!numbers->known[direction]) {
		numbers->known[direction] = true;
		numbers->seq[direction] = packet->seq;
	}
	/* SYN takes one. */
	if (!numbers->known[!direction] && (packet->flags & TCP_FLAG_ACK) != 0) {
		numbers->known[!direction] = true;
		numbers->seq[!direction] = packet->ack - 1;
	}
}

/* "mss 1460, sack permitted, 8": the kinds that have a name by it. */
static void options_text(const struct packet *packet, char *text, size_t size)
{
	static const char *const names[] = {[1] = "nop",
		[3] = "window scale",
		[4] = "sack permitted",
		[5] = "sack",
		[8] = "timestamps"};
	struct text_buffer buffer = text_buffer(text, size);

	for (int i = 0; i < packet->option_count; i++) {
		const uint8_t kind = packet->option_kinds[i];
		if (kind == 2)
			text_add_item(&buffer, "mss %u", packet->mss);
		else if (kind < sizeof names / sizeof *names && names[kind] != NULL)
			text_add_item(&buffer, "%s", names[kind]);
		else
			text_add_item(&buffer, "%u", kind);
	}
}

struct timeline_segment segment_of_packet(struct initial_numbers *numbers,
	const struct packet *packet, enum direction direction,
	const struct tracked_segment *tracked, uint64_t frame)
{
	note_numbers(numbers, packet, direction);
	const uint32_t own = numbers->seq[direction], other = numbers->seq[!direction];
	const bool acknowledges = (packet->flags & TCP_FLAG_ACK) != 0;

	struct timeline_segment segment = {.direction = direction,
		.role = segment_role_of(tracked->class),
		.seq = packet->seq - own,
		.ack = acknowledges ? packet->ack - other : 0,
		.flags = packet->flags,
		.ttl = packet->ttl,
		.window = packet->window,
		.length = packet->length,
		.tos = packet->tos,
		.dont_fragment = packet->dont_fragment,
		.checksum_ok = packet->ip_checksum_ok && !packet->too_short &&
			       (packet->tcp_checksum_ok || !packet->checksum_known),
		.frame = frame,
		.answers = tracked->answers_frame,
		.snd_nxt = tracked->snd_nxt - own,
		.rcv_nxt = tracked->rcv_nxt - other};
	if ((packet->flags & TCP_FLAG_SYN) != 0)
		options_text(packet, segment.options, sizeof segment.options);
	return segment;
}

struct event event_of_segment(
	int64_t t_ns, int64_t error_ns, const struct timeline_segment *segment)
{
	return (struct event){.t_ns = t_ns,
		.error_ns = error_ns,
		.kind = EVENT_SEGMENT,
		.connection = 0,
		.generation = 1,
		.cid = -1,
		.step = -1,
		.segment = *segment};
}
