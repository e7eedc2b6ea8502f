/* SPDX-License-Identifier: MIT */
#include "reproduce/observed.h"

#include <stdlib.h>

#include "core/error.h"
#include "scenario/keepalive_interval.h"
#include "wire/connection.h"
#include "wire/decode.h"
#include "wire/holes.h"
#include "wire/recording.h"

/* ICMP destination unreachable (RFC 792). */
enum { ICMP_UNREACHABLE = 3 };

struct reading {
	struct observed *observed;
	struct connection_table *table;
	bool found;
	struct initial_numbers numbers;
	struct holes holes;
	int64_t first_ns;
	uint64_t packets;
};

static void promote(struct observed *observed, size_t i)
{
	struct event *event = &observed->timeline->events[i];

	event->segment.role = ROLE_PROBE;
	event->segment.snd_nxt = event->segment.seq + 1;
	event->segment.rcv_nxt = event->segment.ack;
	observed->joined = true;
}

/* The last candidate of a side has been a probe. */
static void prove(struct observed *observed, enum direction direction)
{
	const struct timeline *timeline = observed->timeline;

	for (size_t i = timeline->count; i-- > 0;) {
		const struct timeline_segment *segment = &timeline->events[i].segment;
		if (segment->direction == direction &&
			(segment->role == ROLE_UNDECIDABLE ||
				segment->role == ROLE_UNSOLICITED_ACK)) {
			promote(observed, i);
			return;
		}
	}
}

/* All candidates of a side since the other one spoke have been probes; a single one may have been
 * an ACK, with an octet behind it that was not captured. */
static void prove_own(struct observed *observed, enum direction direction)
{
	const struct event *events = observed->timeline->events;
	size_t begin = observed->timeline->count, count = 0;

	while (begin > 0 && events[begin - 1].segment.direction == direction)
		count += events[--begin].segment.role == ROLE_UNDECIDABLE;
	for (size_t i = begin; count > 1 && i < observed->timeline->count; i++)
		if (events[i].segment.role == ROLE_UNDECIDABLE)
			promote(observed, i);
}

/* Distances that are equal, as those of keep-alive are. */
static bool is_equal(int64_t a_ns, int64_t b_ns)
{
	return b_ns >= NS_PER_S && llabs(a_ns - b_ns) <= b_ns / 20 + 50 * NS_PER_MS;
}

/* One side says the same again and again, at equal distances, and the other one nothing: likely
 * probes, of which the capture holds no proof (see diagnose/direction.c). */
static void find_likely(struct observed *observed)
{
	enum { LIKELY = 3 };
	const struct event *events = observed->timeline->events;
	size_t end = observed->timeline->count, begin, row = 0;

	while (end > 0 && (events[end - 1].segment.flags & TCP_FLAG_RST) != 0)
		end--;
	for (begin = end; begin > 0; begin--, row++) {
		const struct event *event = &events[begin - 1];
		if (event->segment.role != ROLE_UNDECIDABLE || event->segment.length > 1 ||
			event->segment.direction != events[end - 1].segment.direction ||
			event->segment.seq != events[end - 1].segment.seq)
			break;
		if (row > 0 && !is_equal(events[begin].t_ns - event->t_ns,
				       events[end - 1].t_ns - events[end - 2].t_ns))
			return;
	}
	if (row < LIKELY || begin > 0)
		return;
	for (size_t i = begin; i < end; i++)
		promote(observed, i);
	observed->likely = (int)row;
}

/* No device that counts wrong is off by so much: SYN and FIN are 2. */
enum { OFFSET_OF_MISCOUNT = 2 };

/* It acknowledges what the capture missed: more than a miscount makes. */
static bool is_far_ahead(const struct timeline_segment *segment)
{
	return (int32_t)(segment->ack - segment->rcv_nxt) > OFFSET_OF_MISCOUNT;
}

static struct timeline_segment *last_probe(struct observed *observed, enum direction direction)
{
	for (size_t i = observed->timeline->count; i-- > 0;) {
		struct timeline_segment *segment = &observed->timeline->events[i].segment;
		if (segment->direction == direction && segment->role == ROLE_PROBE)
			return segment;
	}
	return NULL;
}

/* An answer that goes on from where the probe acknowledged shows that the capture missed what is
 * before it. */
static void confirm(struct observed *observed, const struct timeline_segment *answer)
{
	struct timeline_segment *probe =
		last_probe(observed, answer->direction == FROM_DEVICE ? FROM_PEER : FROM_DEVICE);

	if (probe != NULL && answer->seq == probe->ack)
		probe->rcv_nxt = probe->ack;
}

/* The event before the probe is its answer, which was captured first. */
static int add_answered(struct observed *observed, const struct event *probe)
{
	struct timeline *timeline = observed->timeline;
	struct event answer = timeline->events[timeline->count - 1];

	timeline->events[timeline->count - 1] = *probe;
	answer.segment.role = ROLE_PROBE_ANSWER;
	if (answer.t_ns < probe->t_ns)
		answer.t_ns = probe->t_ns;
	return timeline_add(timeline, &answer);
}

static int add_event(struct observed *observed, const struct event *event, bool answered_before)
{
	struct timeline *timeline = observed->timeline;

	if (!answered_before || timeline->count == 0 ||
		timeline->events[timeline->count - 1].segment.direction == event->segment.direction)
		return timeline_add(timeline, event);
	if (event->segment.role == ROLE_PROBE)
		return add_answered(observed, event);
	timeline->events[timeline->count - 1].segment.role = ROLE_PLAIN;
	return timeline_add(timeline, event);
}

static void note_gap(struct observed *observed, int64_t from_ns, int64_t to_ns)
{
	if (observed->gap_count < OBSERVED_GAPS)
		observed->gaps[observed->gap_count++] = (struct observed_gap){from_ns, to_ns};
}

static int add_segment(struct reading *r, const struct packet *packet, int64_t t_ns, int direction,
	const struct tracked_segment *tracked, struct error *err)
{
	struct timeline_segment segment = segment_of_packet(
		&r->numbers, packet, direction == 0 ? FROM_DEVICE : FROM_PEER, tracked, r->packets);

	/* What it goes on from was not captured: it may be the ACK of that. */
	if (segment.role == ROLE_UNSOLICITED_ACK && tracked->missed)
		segment.role = ROLE_UNDECIDABLE;
	/* It acknowledges all that has come to it: what is behind was lost on the way. */
	if (tracked->repeats_ack || is_far_ahead(&segment))
		segment.rcv_nxt = segment.ack;
	const struct timeline *timeline = r->observed->timeline;
	if (tracked->missed && timeline->count > 0)
		note_gap(r->observed, timeline->events[timeline->count - 1].t_ns, t_ns);
	if (segment.role == ROLE_PROBE_ANSWER)
		confirm(r->observed, &segment);
	/* Stamps of two taps may say that it was there before its probe. */
	if (segment.role == ROLE_PROBE_ANSWER && timeline->count > 0 &&
		t_ns < timeline->events[timeline->count - 1].t_ns)
		t_ns = timeline->events[timeline->count - 1].t_ns;
	const struct event event = event_of_segment(t_ns, 0, &segment);

	if (tracked->settles_own == SETTLES_PROBE)
		prove_own(r->observed, direction == 0 ? FROM_DEVICE : FROM_PEER);
	if (tracked->settles == SETTLES_PROBE)
		prove(r->observed, direction == 0 ? FROM_PEER : FROM_DEVICE);
	return add_event(r->observed, &event, tracked->answered_before) == 0
		       ? 0
		       : error_set(err, ERROR_MEMORY, "out of memory");
}

static int take_segment(
	struct reading *r, const struct packet *packet, int64_t t_ns, struct error *err)
{
	struct tracked_segment tracked;
	struct observed *observed = r->observed;
	int direction;
	struct connection *connection = connection_find(r->table, packet, &direction, NULL);

	if (connection == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	/* All are tracked: where a 4-tuple is used again, the one before has to be known. */
	connection_track(connection, packet, t_ns, r->packets, direction, &tracked);
	if (connection_index(connection) + 1 != observed->number)
		return 0;
	if (!r->found) {
		observed->ends[0] = connection_endpoint(r->table, connection, 0);
		observed->ends[1] = connection_endpoint(r->table, connection, 1);
	}
	r->found = true;
	/* A packet that was captured twice was on the wire once. */
	if (tracked.class == SEGMENT_DUPLICATE)
		return 0;
	return add_segment(r, packet, t_ns, direction, &tracked, err);
}

static void take_icmp(struct reading *r, const struct packet *packet, int64_t t_ns)
{
	struct observed *observed = r->observed;

	if (packet->icmp_type != ICMP_UNREACHABLE || packet->source.family != 4 || !r->found ||
		observed->icmp_count == OBSERVED_ICMPS)
		return;
	for (int side = 0; side < 2; side++) {
		if (!endpoint_equal(&packet->icmp_source, &observed->ends[side]) ||
			!endpoint_equal(&packet->icmp_destination, &observed->ends[!side]))
			continue;
		observed->icmps[observed->icmp_count++] = (struct observed_icmp){.t_ns = t_ns,
			.frame = r->packets,
			.code = packet->icmp_code,
			.about = side == 0 ? FROM_DEVICE : FROM_PEER};
		return;
	}
}

/* A connection of which there is nothing but what an ICMP message quotes has its number, too. */
static int count_quoted(struct reading *r, const struct packet *packet, struct error *err)
{
	const struct packet quoted = {
		.source = packet->icmp_source, .destination = packet->icmp_destination};
	int direction;

	if (!packet->icmp_header || connection_known(r->table, &quoted, &direction) != NULL)
		return 0;
	return connection_find(r->table, &quoted, &direction, NULL) != NULL
		       ? 0
		       : error_set(err, ERROR_MEMORY, "out of memory");
}

static int take_decoded(
	struct reading *r, const struct packet *packet, int64_t t_ns, struct error *err)
{
	holes_take(&r->holes, packet, t_ns, (uint32_t)r->packets, 0);
	if (packet->kind == PACKET_ICMP) {
		take_icmp(r, packet, t_ns);
		return count_quoted(r, packet, err);
	}
	return packet->kind == PACKET_TCP ? take_segment(r, packet, t_ns, err) : 0;
}

static int take_packet(struct reading *r, const struct recorded_packet *recorded, struct error *err)
{
	const struct captured_packet *captured = &recorded->packet;
	struct packet packet;

	if (r->packets++ == 0) {
		r->first_ns = captured->time_ns;
		r->observed->begin_wall_ns = captured->time_ns;
	}
	int64_t t_ns = captured->time_ns - r->first_ns + NS_PER_S;
	if (t_ns > r->observed->end_ns)
		r->observed->end_ns = t_ns;
	if (packet_decode(captured->link_type, captured->bytes, captured->captured,
		    captured->wire_length, &packet) != 0)
		return 0;
	for (;;) {
		const uint16_t more = packet.more;
		if (take_decoded(r, &packet, t_ns, err) != 0)
			return -1;
		if (more == 0)
			return 0;
		packet_decode_more(
			captured->bytes, captured->captured, captured->wire_length, &packet);
	}
}

/* All probes of a side come from nearer than its other segments: somebody on the way sends them. */
static bool is_foreign(const struct timeline *timeline, enum direction direction)
{
	int usual = 0, probes = 0, low = 0;

	for (size_t i = 0; i < timeline->count; i++) {
		const struct timeline_segment *s = &timeline->events[i].segment;
		if (s->direction != direction)
			continue;
		if (s->role != ROLE_PROBE) {
			usual = s->ttl;
			continue;
		}
		if (usual == 0 || packet_hops(s->ttl) >= packet_hops(usual))
			return false;
		probes++;
		low += s->ack == s->rcv_nxt - 1;
	}
	return probes > 1 || (probes == 1 && low == 1);
}

static int probes_in(const struct observed *observed, int64_t from_ns, int64_t to_ns)
{
	int count = 0;

	for (size_t i = 0; i < observed->timeline->count; i++) {
		const struct event *event = &observed->timeline->events[i];
		count += event->t_ns >= from_ns && event->t_ns < to_ns &&
			 event->segment.role == ROLE_PROBE;
	}
	return count;
}

static void keep_between(struct observed *observed, int64_t from_ns, int64_t to_ns)
{
	struct timeline *timeline = observed->timeline;
	size_t kept = 0;

	for (size_t i = 0; i < timeline->count; i++)
		if (timeline->events[i].t_ns >= from_ns && timeline->events[i].t_ns < to_ns)
			timeline->events[kept++] = timeline->events[i];
	timeline->count = kept;
}

/* By RST, or by FIN of both sides. */
static bool has_ended(const struct timeline *timeline)
{
	bool fin[2] = {false, false};

	for (size_t i = 0; i < timeline->count; i++) {
		const struct timeline_segment *s = &timeline->events[i].segment;
		if ((s->flags & TCP_FLAG_RST) != 0)
			return true;
		fin[s->direction == FROM_DEVICE] |= (s->flags & TCP_FLAG_FIN) != 0;
	}
	return fin[0] && fin[1];
}

/* What happened in a hole of the recording nobody knows: of the parts between holes the one with
 * the most probes is reproduced, the first one of equals. */
static void leave_part(struct observed *observed, const struct holes *holes)
{
	const struct event *events = observed->timeline->events;
	const int64_t last_ns = events[observed->timeline->count - 1].t_ns;
	int64_t begin_ns = events[0].t_ns, best_from = 0, best_to = 0;
	struct observed_gap hole = {0};
	int best = -1;

	for (size_t i = 0; i <= holes->count; i++) {
		const bool end = i == holes->count;
		if (!end && holes->all[i].to_ns <= begin_ns)
			continue;
		if (begin_ns > last_ns)
			break;
		const int64_t to_ns = end ? INT64_MAX : holes->all[i].from_ns + 1;
		const int count = probes_in(observed, begin_ns, to_ns);
		if (count > best) {
			best = count;
			best_from = begin_ns;
			best_to = to_ns;
			hole = end ? hole
				   : (struct observed_gap){
					     holes->all[i].from_ns, holes->all[i].to_ns};
		}
		begin_ns = end ? INT64_MAX : holes->all[i].to_ns;
	}
	/* A connection that was over before is whole. */
	if (hole.to_ns == 0 ||
		(best_from == events[0].t_ns && last_ns < best_to && has_ended(observed->timeline)))
		return;
	observed->hole = hole;
	observed->joined |= best_from > events[0].t_ns;
	keep_between(observed, best_from, best_to);
	if (best_to != INT64_MAX)
		observed->end_ns = best_to - 1;
}

int observed_read(const char *const *paths, size_t count, size_t number, struct observed *observed,
	struct error *err)
{
	const struct scenario empty = scenario_new();
	struct reading r = {.observed = observed, .table = connection_table_new()};
	struct recording *recording = NULL;
	struct recorded_packet recorded;
	int result = -1;

	*observed = (struct observed){
		.number = number, .foreign = -1, .timeline = timeline_new("", &empty)};
	if (r.table == NULL || observed->timeline == NULL) {
		(void)error_set(err, ERROR_MEMORY, "out of memory");
		goto out;
	}
	recording = recording_open(paths, count, err);
	if (recording == NULL)
		goto out;
	while (recording_next(recording, &recorded) == 1)
		if (take_packet(&r, &recorded, err) != 0)
			goto out;
	if (!r.found) {
		(void)error_set(err, ERROR_USAGE,
			"no connection %zu in '%.200s', which has %zu (try: wizhil diagnose)",
			number, paths[0], connection_count(r.table));
		goto out;
	}
	holes_finish(&r.holes);
	find_likely(observed);
	observed->foreign = is_foreign(observed->timeline, FROM_DEVICE) ? FROM_DEVICE
			    : is_foreign(observed->timeline, FROM_PEER) ? FROM_PEER
									: -1;
	leave_part(observed, &r.holes);
	observed->timeline->stepped = true;
	result = 0;
out:
	recording_close(recording);
	connection_table_free(r.table);
	if (result != 0)
		observed_release(observed);
	return result;
}

void observed_release(struct observed *observed)
{
	timeline_free(observed->timeline);
	observed->timeline = NULL;
}

static enum direction opposite(enum direction direction)
{
	return direction == FROM_DEVICE ? FROM_PEER : FROM_DEVICE;
}

void observed_turn(struct observed *observed)
{
	struct timeline *timeline = observed->timeline;

	observed->first = opposite(observed->first);
	if (observed->foreign >= 0)
		observed->foreign = (int)opposite((enum direction)observed->foreign);
	for (size_t i = 0; i < timeline->count; i++)
		timeline->events[i].segment.direction =
			opposite(timeline->events[i].segment.direction);
	for (size_t i = 0; i < observed->icmp_count; i++)
		observed->icmps[i].about = opposite(observed->icmps[i].about);
}

/* The largest window without scaling: what lies beyond it is outside whatever was announced. */
enum { WINDOW_MAX = 65535 };

/* A machine's own segments are captured before its network card has put their checksums in: those
 * of a side count only where most of its other pure ACKs have right ones (as diagnose/observer.c has it). */
static void weigh_checksums(struct timeline *timeline, enum direction direction)
{
	const uint8_t others = TCP_FLAG_SYN | TCP_FLAG_FIN | TCP_FLAG_RST;
	int right = 0, wrong = 0;

	for (size_t i = 0; i < timeline->count; i++) {
		const struct timeline_segment *s = &timeline->events[i].segment;
		if (s->direction != direction || s->length > 0 || (s->flags & others) != 0 ||
			s->role == (direction == FROM_DEVICE ? ROLE_PROBE : ROLE_PROBE_ANSWER))
			continue;
		right += s->checksum_ok;
		wrong += !s->checksum_ok;
	}
	for (size_t i = 0; i < timeline->count && wrong >= right; i++)
		if (timeline->events[i].segment.direction == direction)
			timeline->events[i].segment.checksum_ok = true;
}

void observed_find_strays(struct observed *observed)
{
	weigh_checksums(observed->timeline, FROM_DEVICE);
	weigh_checksums(observed->timeline, FROM_PEER);
	for (size_t i = 0; i < observed->timeline->count; i++) {
		struct timeline_segment *s = &observed->timeline->events[i].segment;
		int32_t offset = (int32_t)(s->seq - s->snd_nxt);
		bool outside =
			(s->flags & TCP_FLAG_RST) != 0 && (offset < 0 || offset > WINDOW_MAX);
		/* Segments that a network card has put together keep the checksum of the first. */
		bool damaged = !s->checksum_ok && s->length <= 1;
		if (s->direction == FROM_PEER && (damaged || outside))
			s->role = ROLE_STRAY;
	}
}

const struct endpoint *observed_end(const struct observed *observed, enum direction direction)
{
	return &observed->ends[direction == observed->first ? 0 : 1];
}

static bool is_uncalled(const struct event *event, enum direction direction)
{
	return event->segment.direction == direction && event->segment.role == ROLE_UNSOLICITED_ACK;
}

static bool is_interval(int64_t gap_ns)
{
	return gap_ns > KEEPALIVE_INTERVAL_NS - 2 * NS_PER_S &&
	       gap_ns < KEEPALIVE_INTERVAL_NS + 2 * NS_PER_S;
}

bool observed_is_probe(const struct observed *observed, size_t i, enum direction direction)
{
	const struct event *events = observed->timeline->events;
	const struct event *event = &events[i];

	if (event->segment.direction == direction && event->segment.role == ROLE_PROBE)
		return true;
	if (!is_uncalled(event, direction))
		return false;
	bool after = i > 0 && is_uncalled(&events[i - 1], direction) &&
		     is_interval(event->t_ns - events[i - 1].t_ns);
	bool before = i + 1 < observed->timeline->count && is_uncalled(&events[i + 1], direction) &&
		      is_interval(events[i + 1].t_ns - event->t_ns);
	return after || before;
}

int observed_probes(const struct observed *observed, enum direction direction)
{
	int count = 0;

	for (size_t i = 0; i < observed->timeline->count; i++)
		count += observed_is_probe(observed, i, direction);
	return count;
}

static bool is_handshake(const struct event *event)
{
	return (event->segment.flags & TCP_FLAG_SYN) != 0;
}

size_t observed_first_event(const struct observed *observed, enum connection_role *role)
{
	const struct timeline *timeline = observed->timeline;
	size_t i = 0;

	*role = ROLE_TCP_CLIENT;
	if (timeline->count > 0 && is_handshake(&timeline->events[0]) &&
		timeline->events[0].segment.direction == FROM_PEER)
		*role = ROLE_TCP_SERVER;
	while (i < timeline->count && is_handshake(&timeline->events[i]))
		i++;
	if (i > 0 && i < timeline->count && timeline->events[i].segment.role == ROLE_PLAIN)
		i++;
	return i;
}
