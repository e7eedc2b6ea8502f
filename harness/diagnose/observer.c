/* SPDX-License-Identifier: MIT */
#include "diagnose/observer.h"

#include "wire/sequence.h"

/* What the observer remembers of a connection besides the tracker (connection_note). */
enum note {
	NOTE_SEEN = 1,	   /* it has sightings */
	NOTE_EDGE_0 = 2,   /* the next real packet of side 0 ends an idle time */
	NOTE_EDGE_1 = 4,   /* and of side 1 */
	NOTE_ANCHOR_0 = 8, /* the last real packet of side 0 has been noted */
	NOTE_ANCHOR_1 = 16
};

int observer_init(struct observer *observer, struct error *err)
{
	*observer = (struct observer){.table = connection_table_new(),
		.sightings = sighting_store_new(),
		.first_ns = INT64_MAX,
		.last_ns = INT64_MIN};
	if (observer->table != NULL && observer->sightings != NULL)
		return 0;
	observer_release(observer);
	return error_set(err, ERROR_MEMORY, "out of memory");
}

void observer_release(struct observer *observer)
{
	connection_table_free(observer->table);
	sighting_store_free(observer->sightings);
	observer->table = NULL;
	observer->sightings = NULL;
}

/* The last real packet of a side before an idle time, once. */
static int note_anchor(struct observer *observer, struct connection *connection,
	const struct tracked_segment *tracked, int side, struct error *err)
{
	uint8_t *note = connection_note(connection);
	const uint8_t noted = side == 0 ? NOTE_ANCHOR_0 : NOTE_ANCHOR_1;

	if ((*note & noted) != 0 || tracked->real_ns[side] == SEGMENT_NO_TIME)
		return 0;
	*note |= noted;
	return sighting_store_add(observer->sightings,
		&(struct sighting){.time_ns = tracked->real_ns[side],
			.connection = (uint32_t)connection_index(connection),
			.class = SEGMENT_OTHER,
			.ttl = tracked->real_ttl[side],
			.bits = (uint8_t)(SIGHTING_ANCHOR | side)},
		err);
}

static int add(struct observer *observer, struct connection *connection,
	const struct recorded_packet *recorded, const struct packet *packet,
	const struct tracked_segment *tracked, struct error *err)
{
	struct sighting sighting = {.time_ns = recorded->packet.time_ns,
		.connection = (uint32_t)connection_index(connection),
		.frame = (uint32_t)recorded->packet.frame,
		.seq = packet->seq,
		.ack = packet->ack,
		.snd_nxt = tracked->snd_nxt,
		.rcv_nxt = tracked->rcv_nxt,
		.file = (uint16_t)recorded->file,
		.window = packet->window,
		.length = packet->length > UINT16_MAX ? UINT16_MAX : (uint16_t)packet->length,
		.class = (uint8_t)tracked->class,
		.flags = packet->flags,
		.bits = (uint8_t)tracked->direction,
		.ttl = packet->ttl};

	if (tracked->joined_in_mid_idle)
		sighting.bits |= SIGHTING_PROVES;
	if (!packet->ip_checksum_ok || (packet->checksum_known && !packet->tcp_checksum_ok))
		sighting.bits |= SIGHTING_BAD_CHECKSUM;
	return sighting_store_add(observer->sightings, &sighting, err);
}

/* Is the copy of a packet a copy of what looks like a probe? */
static bool copies_probe(const struct packet *packet, const struct tracked_segment *tracked)
{
	return tracked->class == SEGMENT_DUPLICATE && packet->length <= 1 &&
	       packet->seq == tracked->snd_nxt - 1;
}

static bool is_candidate(const struct packet *packet, const struct tracked_segment *tracked)
{
	switch (tracked->class) {
	case SEGMENT_PROBE:
	case SEGMENT_UNSOLICITED_ACK:
	case SEGMENT_AFTER_FIN:
	case SEGMENT_UNACKNOWLEDGED:
	case SEGMENT_TOO_SOON:
	case SEGMENT_ZERO_WINDOW_PROBE:
	case SEGMENT_UNDECIDABLE:
		return true;
	case SEGMENT_DUPLICATE:
		return copies_probe(packet, tracked);
	case SEGMENT_OTHER:
	case SEGMENT_SYN:
	case SEGMENT_FIN:
	case SEGMENT_RST:
	case SEGMENT_DATA:
	case SEGMENT_RETRANSMISSION:
	case SEGMENT_PROBE_ANSWER:
	case SEGMENT_PROBE_RST:
		break;
	}
	return false;
}

/* A real packet: it ends an idle time, or the connection, or is forgotten. */
static bool is_edge(uint8_t note, const struct packet *packet, int direction)
{
	if ((packet->flags & (SEGMENT_FLAG_SYN | SEGMENT_FLAG_FIN | SEGMENT_FLAG_RST)) != 0)
		return true;
	return (note & (direction == 0 ? NOTE_EDGE_0 : NOTE_EDGE_1)) != 0;
}

static int take_segment(struct observer *observer, const struct recorded_packet *recorded,
	const struct packet *packet, struct error *err)
{
	struct tracked_segment tracked;
	int direction;
	struct connection *connection = connection_find(observer->table, packet, &direction, NULL);

	if (connection == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	observer->segments++;
	connection_track(connection, packet, recorded->packet.time_ns, observer->packets, direction,
		&tracked);
	uint8_t *note = connection_note(connection);
	if (tracked.class == SEGMENT_PROBE_ANSWER || tracked.class == SEGMENT_PROBE_RST)
		return add(observer, connection, recorded, packet, &tracked, err);
	if (is_candidate(packet, &tracked)) {
		if (note_anchor(observer, connection, &tracked, 0, err) != 0 ||
			note_anchor(observer, connection, &tracked, 1, err) != 0)
			return -1;
		*note |= NOTE_SEEN | NOTE_EDGE_0 | NOTE_EDGE_1;
		return add(observer, connection, recorded, packet, &tracked, err);
	}
	if (tracked.class == SEGMENT_DUPLICATE || (*note & NOTE_SEEN) == 0)
		return 0;
	bool edge = is_edge(*note, packet, direction);
	*note &= (uint8_t) ~(
		direction == 0 ? NOTE_EDGE_0 | NOTE_ANCHOR_0 : NOTE_EDGE_1 | NOTE_ANCHOR_1);
	if (!edge)
		return 0;
	*note |= direction == 0 ? NOTE_ANCHOR_0 : NOTE_ANCHOR_1;
	return add(observer, connection, recorded, packet, &tracked, err);
}

int observer_take(
	struct observer *observer, const struct recorded_packet *recorded, struct error *err)
{
	const struct captured_packet *captured = &recorded->packet;
	struct packet packet;

	observer->packets++;
	if (captured->time_ns < observer->first_ns)
		observer->first_ns = captured->time_ns;
	if (captured->time_ns > observer->last_ns)
		observer->last_ns = captured->time_ns;
	if (packet_decode(recorded->link_type, captured->bytes, captured->captured,
		    captured->wire_length, &packet) != 0)
		observer->unknown_link++;
	observer->cut += packet.cut;
	if (packet.kind != PACKET_TCP)
		return 0;
	return take_segment(observer, recorded, &packet, err);
}
