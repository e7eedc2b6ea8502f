/* SPDX-License-Identifier: MIT */
#include "diagnose/observer.h"

#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "core/error.h"
#include "core/units.h"
#include "wire/sequence.h"

/* connection_note(): the connection has sightings; its last packet was a probe or an answer; it has
 * had probes, or what may be some. */
enum { NOTE_SEEN = 1, NOTE_IDLE = 2, NOTE_PROBED = 4 };
/* Shorter than any idle time that can be set. */
#define SILENCE_NS (60 * NS_PER_S)

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
	network_release(&observer->network);
	free(observer->starts);
	observer->starts = NULL;
	observer->table = NULL;
	observer->sightings = NULL;
}

static int16_t offset(uint32_t number, uint32_t from)
{
	int32_t distance = (int32_t)(number - from);

	return (int16_t)(distance > INT16_MAX	 ? INT16_MAX
			 : distance < -INT16_MAX ? -INT16_MAX
						 : distance);
}

static uint16_t bits_of(const struct tracked_segment *tracked)
{
	static const uint8_t settles[] = {[SETTLES_NOTHING] = 0,
		[SETTLES_PROBE] = SIGHTING_PROVES,
		[SETTLES_ZERO_WINDOW_PROBE] = SIGHTING_CLOSED,
		[SETTLES_ACK] = 0};
	static const uint16_t settles_own[] = {[SETTLES_NOTHING] = 0,
		[SETTLES_PROBE] = SIGHTING_OWN_PROBES,
		[SETTLES_ZERO_WINDOW_PROBE] = 0,
		[SETTLES_ACK] = SIGHTING_OWN_ACKS};

	return (uint16_t)(tracked->direction | settles[tracked->settles]) |
	       settles_own[tracked->settles_own] | (tracked->same_seq ? SIGHTING_SAME_SEQ : 0) |
	       (tracked->half_closed ? SIGHTING_HALF_CLOSED : 0) |
	       (tracked->candidate ? SIGHTING_CANDIDATE : 0) |
	       (tracked->missed ? SIGHTING_MISSED : 0) |
	       (tracked->answered_before ? SIGHTING_ANSWERED : 0) |
	       (tracked->outstanding[0] ? SIGHTING_OUTSTANDING : 0) |
	       (tracked->outstanding[1] ? SIGHTING_OUTSTANDING << 1 : 0);
}

static bool is_damaged(const struct packet *packet)
{
	return packet->checksum_known && (!packet->tcp_checksum_ok || !packet->ip_checksum_ok);
}

static int add(struct observer *observer, struct connection *connection,
	const struct observed_packet *observed, const struct tracked_segment *tracked,
	struct error *err)
{
	const struct packet *packet = &observed->packet;
	struct sighting sighting = {.time_ns = observed->time_ns,
		.connection = (uint32_t)connection_index(connection),
		.frame = observed->frame,
		.seq_offset = offset(packet->seq, tracked->snd_nxt),
		.ack_offset =
			tracked->repeats_ack ? ACK_REPEATED : offset(packet->ack, tracked->rcv_nxt),
		.file = observed->file,
		.window = packet->window,
		.length = packet->length > UINT16_MAX ? UINT16_MAX : (uint16_t)packet->length,
		.class = (uint8_t)tracked->class,
		.flags = packet->flags,
		.bits = bits_of(tracked),
		.ttl = packet->ttl};

	sighting_set_real(&sighting, tracked->real_ns, tracked->real_ttl);
	if (observer->checksums && is_damaged(packet))
		sighting.bits |= SIGHTING_BAD_CHECKSUM;
	/* Stamps of two taps may say that an answer was there before its probe. */
	if (tracked->answers_frame != 0 && sighting.time_ns < tracked->answers_ns)
		sighting.time_ns = tracked->answers_ns;
	return sighting_store_add(observer->sightings, &sighting, err);
}

/* Is the copy of a packet a copy of what looks like a probe? */
static bool copies_probe(const struct packet *packet, const struct tracked_segment *tracked)
{
	const uint8_t ends = SEGMENT_FLAG_SYN | SEGMENT_FLAG_FIN | SEGMENT_FLAG_RST;

	return tracked->class == SEGMENT_DUPLICATE && packet->length <= 1 &&
	       (packet->flags & ends) == 0 && packet->seq == tracked->snd_nxt - 1;
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

static int keep_start(
	struct observer *observer, const struct connection *connection, int64_t time_ns)
{
	size_t index = connection_index(connection);

	if (array_reserve(&observer->starts, &observer->starts_room, index + 1,
		    sizeof *observer->starts) != 0)
		return -1;
	observer->starts[index] = time_ns;
	return 0;
}

static void note_silence(struct observer *observer, const struct connection *connection,
	int64_t from_ns, int64_t to_ns)
{
	const struct silence *longest = &observer->longest;

	if (from_ns != SEGMENT_NO_TIME && to_ns - from_ns > longest->to_ns - longest->from_ns)
		observer->longest =
			(struct silence){from_ns, to_ns, (uint32_t)connection_index(connection)};
}

bool observer_is_device(const struct observer *observer, const struct endpoint *host)
{
	return observer->device.family == host->family &&
	       memcmp(observer->device.address, host->address, sizeof host->address) == 0;
}

/* A real packet behind a probe or its answer, or behind a silence, ends an idle time. */
static bool ends_idle(uint8_t *note, const struct tracked_segment *tracked, int64_t silent_ns)
{
	switch (tracked->class) {
	case SEGMENT_DUPLICATE:
		return false;
	case SEGMENT_PROBE:
	case SEGMENT_PROBE_ANSWER:
	case SEGMENT_UNDECIDABLE:
		*note |= NOTE_IDLE;
		return false;
	case SEGMENT_OTHER:
	case SEGMENT_SYN:
	case SEGMENT_FIN:
	case SEGMENT_RST:
	case SEGMENT_DATA:
	case SEGMENT_RETRANSMISSION:
	case SEGMENT_PROBE_RST:
	case SEGMENT_UNSOLICITED_ACK:
	case SEGMENT_AFTER_FIN:
	case SEGMENT_UNACKNOWLEDGED:
	case SEGMENT_TOO_SOON:
	case SEGMENT_ZERO_WINDOW_PROBE:
		break;
	}
	const bool idle = (*note & NOTE_IDLE) != 0 || silent_ns >= SILENCE_NS;
	*note &= (uint8_t)~NOTE_IDLE;
	return idle;
}

/* The tally of a direction: how many were right, in its lower four bits, and how many wrong. */
enum { TALLY_MAX = 15, WRONG_SHIFT = 4 };

/* Of pure ACKs, which are like what is judged by them, a probe of the device's or an answer of its
 * peer's, and are none: what comes from a machine's own program and from its network card goes by the
 * kind of segment. */
static void count_checksum(const struct observer *observer, struct connection *connection,
	const struct packet *packet, const struct tracked_segment *tracked)
{
	uint8_t *tally = connection_tally(connection, tracked->direction);
	const int shift = is_damaged(packet) ? WRONG_SHIFT : 0;
	const uint8_t others = SEGMENT_FLAG_SYN | SEGMENT_FLAG_FIN | SEGMENT_FLAG_RST;
	const bool judged = observer_is_device(observer, &packet->source)
				    ? tracked->class == SEGMENT_PROBE
				    : tracked->class == SEGMENT_PROBE_ANSWER ||
					      tracked->class == SEGMENT_PROBE_RST;

	if (!packet->checksum_known || packet->length > 0 || (packet->flags & others) != 0 ||
		judged || tracked->class == SEGMENT_DUPLICATE ||
		(*tally >> shift & TALLY_MAX) == TALLY_MAX)
		return;
	*tally = (uint8_t)(*tally + (1 << shift));
}

bool observer_trusts_checksums(
	const struct observer *observer, struct connection *connection, int side)
{
	const uint8_t tally = *connection_tally(connection, side);

	return observer->checksums && (tally & TALLY_MAX) > tally >> WRONG_SHIFT;
}

/* A FIN counts when somebody still probes behind it, and is told of then. */
static int tell_fin(struct observer *observer, struct connection *connection,
	const struct observed_packet *observed, const struct tracked_segment *tracked,
	struct error *err)
{
	const struct connection_mark mark = connection_mark(connection);
	const bool own = tracked->class == SEGMENT_AFTER_FIN;
	const int side = own ? tracked->direction : !tracked->direction;

	if (mark.frame == 0 || tracked->real_ns[side] == SEGMENT_NO_TIME ||
		(!own && (tracked->class != SEGMENT_PROBE || !tracked->half_closed)))
		return 0;
	struct sighting sighting = {.time_ns = tracked->real_ns[side],
		.connection = (uint32_t)connection_index(connection),
		.frame = mark.frame,
		.file = mark.file,
		.class = SEGMENT_FIN,
		.flags = SEGMENT_FLAG_FIN | SEGMENT_FLAG_ACK,
		.bits = (uint16_t)side,
		.window = observed->packet.window,
		.ttl = tracked->real_ttl[side]};
	connection_set_mark(connection, (struct connection_mark){.frame = 0});
	sighting_set_real(
		&sighting, (const int64_t[2]){SEGMENT_NO_TIME, SEGMENT_NO_TIME}, tracked->real_ttl);
	return sighting_store_add(observer->sightings, &sighting, err);
}

/* Is there nothing to tell of the segment? */
static bool pass(struct observer *observer, struct connection *connection,
	const struct observed_packet *observed, int direction)
{
	const int64_t last_ns = connection_last(connection);
	const uint8_t note = *connection_note(connection);

	if (observer->checksums || last_ns == SEGMENT_NO_TIME ||
		(observer->idle_times &&
			((note & NOTE_IDLE) != 0 || observed->time_ns - last_ns >= SILENCE_NS)) ||
		!connection_pass(connection, &observed->packet, observed->time_ns, direction))
		return false;
	if ((note & NOTE_PROBED) == 0)
		note_silence(observer, connection, last_ns, observed->time_ns);
	return true;
}

static int take_segment(
	struct observer *observer, const struct observed_packet *observed, struct error *err)
{
	const struct packet *packet = &observed->packet;
	struct tracked_segment tracked;
	int direction;
	bool is_new;
	struct connection *connection = connection_find_hashed(
		observer->table, packet, observed->hash, &direction, &is_new);

	if (connection == NULL || (observer->keep_starts && is_new &&
					  keep_start(observer, connection, observed->time_ns) != 0))
		return error_set(err, ERROR_MEMORY, "out of memory");
	if (pass(observer, connection, observed, direction))
		return 0;
	const int64_t last_ns = connection_last(connection);
	const bool open = connection_is_open(connection);
	connection_track(
		connection, packet, observed->time_ns, observed->number, direction, &tracked);
	if (is_new && !observer->device_seen)
		observer->device_seen = observer_is_device(observer, &packet->source) ||
					observer_is_device(observer, &packet->destination);
	uint8_t *note = connection_note(connection);
	if (tell_fin(observer, connection, observed, &tracked, err) != 0)
		return -1;
	if (observer->checksums)
		count_checksum(observer, connection, packet, &tracked);
	bool ends = (packet->flags & (SEGMENT_FLAG_FIN | SEGMENT_FLAG_RST)) != 0;
	if (tracked.class == SEGMENT_PROBE || tracked.class == SEGMENT_UNDECIDABLE)
		*note |= NOTE_PROBED;
	if (tracked.class == SEGMENT_PROBE && !observer->device_probes)
		observer->device_probes = observer_is_device(observer, &packet->source);
	if (open && (*note & NOTE_PROBED) == 0)
		note_silence(observer, connection, last_ns, observed->time_ns);
	bool wanted = observer->idle_times &&
		      ends_idle(note, &tracked,
			      last_ns == SEGMENT_NO_TIME ? 0 : observed->time_ns - last_ns);
	wanted |= observer->keep_starts && ends && tracked.class != SEGMENT_DUPLICATE;
	wanted |= tracked.answered_before;
	wanted |= observer->idle_times && tracked.missed && last_ns != SEGMENT_NO_TIME &&
		  observed->time_ns - last_ns >= KEEPALIVE_QUIET_NS;
	if (wanted || is_candidate(packet, &tracked)) {
		*note |= NOTE_SEEN;
	} else if (tracked.class != SEGMENT_PROBE_ANSWER && tracked.class != SEGMENT_PROBE_RST &&
		   tracked.settles == SETTLES_NOTHING &&
		   (!ends || tracked.class == SEGMENT_DUPLICATE || (*note & NOTE_SEEN) == 0)) {
		if ((packet->flags & SEGMENT_FLAG_FIN) != 0 && tracked.class != SEGMENT_DUPLICATE) {
			connection_set_mark(connection,
				(struct connection_mark){observed->frame, observed->file});
		}
		return 0;
	}
	return add(observer, connection, observed, &tracked, err);
}

static int take_batch(struct observer *observer, struct error *err)
{
	size_t count = observer->waiting;

	observer->waiting = 0;
	for (size_t i = 0; i < count; i++)
		connection_fetch(observer->table, observer->batch[i].hash);
	for (size_t i = 0; i < count; i++)
		if (take_segment(observer, &observer->batch[i], err) != 0)
			return -1;
	return 0;
}

/* An ICMP message that quotes a segment.  An error is told of where the connection has sightings; a
 * connection of which nothing else has been captured has its number, as in Wireshark. */
static int take_quoted(struct observer *observer, const struct packet *packet, int64_t time_ns,
	const struct recorded_packet *recorded, struct error *err)
{
	const struct packet quoted = {
		.source = packet->icmp_source, .destination = packet->icmp_destination};
	int64_t real_ns[2];
	int direction;

	/* What comes before it has to be known. */
	if (take_batch(observer, err) != 0)
		return -1;
	struct connection *connection = connection_known(observer->table, &quoted, &direction);
	if (connection == NULL && packet->icmp_header) {
		connection = connection_find(observer->table, &quoted, &direction, NULL);
		if (connection == NULL ||
			(observer->keep_starts && keep_start(observer, connection, time_ns) != 0))
			return error_set(err, ERROR_MEMORY, "out of memory");
	}
	if (connection == NULL || !network_is_error(packet) ||
		(*connection_note(connection) & NOTE_SEEN) == 0)
		return 0;
	struct sighting sighting = {.time_ns = time_ns,
		.connection = (uint32_t)connection_index(connection),
		.frame = (uint32_t)recorded->packet.frame,
		.file = (uint16_t)recorded->file,
		.window = (uint16_t)network_router(&observer->network, &packet->source),
		.length = packet->icmp_type,
		.class = SEGMENT_OTHER,
		.flags = packet->icmp_code,
		.bits = (uint16_t)(direction | SIGHTING_UNREACHABLE)};
	connection_last_real(connection, real_ns);
	sighting_set_real(&sighting, real_ns, (const uint8_t[2]){0, 0});
	return sighting_store_add(observer->sightings, &sighting, err);
}

static int take_other(struct observer *observer, const struct packet *packet,
	const struct recorded_packet *recorded, struct error *err)
{
	const int64_t time_ns = recorded->packet.time_ns;

	if (packet->kind == PACKET_ICMP && packet->icmp_source.family != 0)
		return take_quoted(observer, packet, time_ns, recorded, err);
	if (network_take_asking(&observer->network, packet, time_ns,
		    (uint32_t)recorded->packet.frame, (uint16_t)recorded->file) != 0)
		return error_set(err, ERROR_MEMORY, "out of memory");
	return 0;
}

/* A packet that has been decoded in its place. */
static int take_decoded(
	struct observer *observer, const struct recorded_packet *recorded, struct error *err)
{
	const struct captured_packet *captured = &recorded->packet;
	struct observed_packet *observed = &observer->batch[observer->waiting];

	observer->cut += observed->packet.cut;
	holes_take(&observer->holes, &observed->packet, captured->time_ns,
		(uint32_t)captured->frame, (uint16_t)recorded->file);
	if (observed->packet.wifi != WIFI_NONE)
		wifi_take(&observer->wifi, &observed->packet, captured->time_ns);
	if (observed->packet.kind != PACKET_TCP) {
		const struct packet packet = observed->packet;
		return take_other(observer, &packet, recorded, err);
	}
	observer->segments++;
	observed->time_ns = captured->time_ns;
	observed->number = observer->packets;
	observed->hash = connection_hash(observer->table, &observed->packet);
	observed->frame = (uint32_t)captured->frame;
	observed->file = (uint16_t)recorded->file;
	if (++observer->waiting < OBSERVER_BATCH)
		return 0;
	return take_batch(observer, err);
}

int observer_take(
	struct observer *observer, const struct recorded_packet *recorded, struct error *err)
{
	const struct captured_packet *captured = &recorded->packet;
	struct packet *packet = &observer->batch[observer->waiting].packet;

	int (*const decode)(int, const uint8_t *, size_t, size_t, struct packet *) =
		observer->checksums ? packet_decode : packet_decode_headers;

	observer->packets++;
	if (captured->time_ns < observer->first_ns)
		observer->first_ns = captured->time_ns;
	if (captured->time_ns > observer->last_ns)
		observer->last_ns = captured->time_ns;
	if (decode(captured->link_type, captured->bytes, captured->captured, captured->wire_length,
		    packet) != 0) {
		observer->unknown_link++;
		observer->unknown_link_type = captured->link_type;
	}
	for (;;) {
		const uint16_t more = packet->more;
		if (take_decoded(observer, recorded, err) != 0)
			return -1;
		if (more == 0)
			return 0;
		packet = &observer->batch[observer->waiting].packet;
		packet->more = more;
		packet_decode_more(
			captured->bytes, captured->captured, captured->wire_length, packet);
	}
}

/* A connection of which nothing was sighted, and that was silent to the end: somebody may have to
 * say why no probe came. */
static int add_end(
	struct observer *observer, const struct connection *connection, struct error *err)
{
	struct sighting sighting = {.time_ns = observer->last_ns,
		.connection = (uint32_t)connection_index(connection),
		.class = SEGMENT_OTHER};
	int64_t real_ns[2];

	connection_last_real(connection, real_ns);
	sighting_set_real(&sighting, real_ns, (const uint8_t[2]){0, 0});
	return sighting_store_add(observer->sightings, &sighting, err);
}

int observer_finish(struct observer *observer, struct error *err)
{
	if (take_batch(observer, err) != 0)
		return -1;
	holes_finish(&observer->holes);
	for (size_t i = 0; i < connection_count(observer->table); i++) {
		struct connection *connection = connection_at(observer->table, i);
		const uint8_t note = *connection_note(connection);
		const int64_t last_ns = connection_last(connection);
		if (!connection_is_open(connection) || last_ns == SEGMENT_NO_TIME)
			continue;
		if ((note & NOTE_PROBED) == 0)
			note_silence(observer, connection, last_ns, observer->last_ns);
		if (observer->idle_times && (note & NOTE_SEEN) == 0 &&
			observer->last_ns - last_ns >= SILENCE_NS &&
			add_end(observer, connection, err) != 0)
			return -1;
	}
	return 0;
}
