/* SPDX-License-Identifier: MIT */
#include "bench/air.h"

#include <string.h>

#include "core/units.h"

/* Who sends acknowledges within 60 us; the monitor's stamps are its driver's. */
#define ACK_WITHIN_NS (20 * NS_PER_MS)
/* A frame is sent once more within this, or not at all. */
#define RETRY_WITHIN_NS (1 * NS_PER_S)
/* How old what comes out of the access point is when its counterpart is looked for: all that could be
 * it has been seen, and all that it was sent again.  And what comes in, when it has none. */
#define PAIR_AFTER_NS RETRY_WITHIN_NS
#define DOUBT_AFTER_NS (AIR_SLEEP_NS + 2 * PAIR_AFTER_NS)

/* What the air adds to a network packet: LLC and SNAP, and without encryption, WEP, CCMP (and GCMP),
 * TKIP, CCMP with 256 bits (IEEE 802.11-2020, 12). */
static const uint32_t overheads[] = {8, 16, 24, 28, 32};
enum { USUAL_OVERHEAD = 24 };

void air_init(struct air *air)
{
	*air = (struct air){0};
}

void air_set_module(struct air *air, const uint8_t mac[6])
{
	if (air->has_module && memcmp(air->module, mac, sizeof air->module) == 0)
		return;
	air_init(air);
	air->has_module = true;
	memcpy(air->module, mac, sizeof air->module);
}

/* ---- when it was heard ---- */

static void keep_span(struct air_span *spans, size_t *count, int64_t from_ns, int64_t to_ns)
{
	if (to_ns <= from_ns)
		return;
	if (*count == AIR_SPANS) {
		memmove(spans, spans + 1, (AIR_SPANS - 1) * sizeof *spans);
		(*count)--;
	}
	spans[(*count)++] = (struct air_span){from_ns, to_ns};
}

static void end_watch(struct air *air, int64_t t_ns)
{
	if (air->watching && t_ns > air->watched_from_ns) {
		keep_span(air->spans, &air->span_count, air->watched_from_ns, t_ns);
		air->watched_ns += t_ns - air->watched_from_ns;
	}
	air->watching = false;
}

int64_t air_watched_ns(const struct air *air)
{
	return air->watched_ns + (air->watching ? air->beacon_ns - air->watched_from_ns : 0);
}

static void take_beacon(struct air *air, const struct air_frame *frame, int64_t t_ns)
{
	if (!air->has_access_point || memcmp(frame->transmitter, air->access_point, 6) != 0)
		return;
	if (air->watching && t_ns - air->beacon_ns > AIR_BEACON_GAP_NS)
		end_watch(air, air->beacon_ns);
	if (!air->watching)
		air->watched_from_ns = t_ns;
	air->watching = true;
	air->beacon_ns = t_ns;
}

void air_blind(struct air *air, int64_t since_ns, int64_t now_ns)
{
	end_watch(air, since_ns);
	/* What is known of the past stands, and the next beacon begins anew. */
	air->beacon_ns = now_ns;
}

static void follow_sleep(struct air *air, bool asleep, int64_t t_ns)
{
	if (asleep && air->asleep_ns == 0) {
		air->asleep_ns = t_ns;
	} else if (!asleep && air->asleep_ns != 0) {
		if (t_ns - air->asleep_ns >= AIR_ASLEEP_NS)
			keep_span(air->sleeps, &air->sleep_count, air->asleep_ns, t_ns);
		air->asleep_ns = 0;
	}
}

/* ---- frames ---- */

static struct air_pending *add_pending(struct air *air, const struct air_pending *frame)
{
	size_t at = air->pending_count;

	if (at == AIR_PENDING) {
		/* More than can be told apart: nothing is claimed of this time. */
		end_watch(air, frame->t_ns - AIR_SETTLE_NS);
		air->pending_count = 0;
		at = 0;
	}
	for (; at > 0 && air->pending[at - 1].t_ns > frame->t_ns; at--)
		air->pending[at] = air->pending[at - 1];
	air->pending[at] = *frame;
	air->pending_count++;
	return &air->pending[at];
}

static struct air_pending *find_sent(
	struct air *air, enum direction direction, const struct air_frame *frame, int64_t t_ns)
{
	for (size_t i = air->pending_count; i-- > 0;) {
		struct air_pending *p = &air->pending[i];
		if (!p->on_wire && p->direction == direction && p->sequence == frame->sequence &&
			p->octets == frame->body && t_ns - p->last_ns <= RETRY_WITHIN_NS)
			return p;
	}
	return NULL;
}

static void take_data(struct air *air, enum direction direction, const struct air_frame *frame,
	int64_t t_ns, int64_t error_ns)
{
	struct air_pending *again = frame->retry ? find_sent(air, direction, frame, t_ns) : NULL;

	air->order_ns[direction] = t_ns;
	if (again != NULL) {
		again->tries++;
		again->last_ns = t_ns;
		return;
	}
	const struct air_pending sent = {.direction = direction,
		.t_ns = t_ns,
		.last_ns = t_ns,
		.error_ns = error_ns,
		.octets = frame->body,
		.sequence = frame->sequence,
		.tries = 1};
	(void)add_pending(air, &sent);
}

/* An acknowledgement is of what the receiver of it sent right before. */
static void take_ack(struct air *air, enum direction direction, int64_t t_ns, bool several)
{
	if (t_ns - air->order_ns[direction] > ACK_WITHIN_NS)
		return;
	for (size_t i = air->pending_count; i-- > 0;) {
		struct air_pending *p = &air->pending[i];
		if (p->on_wire || p->direction != direction)
			continue;
		if (several ? t_ns - p->last_ns > ACK_WITHIN_NS
			    : p->last_ns != air->order_ns[direction])
			continue;
		if (!p->acknowledged)
			air->acknowledged[direction]++;
		p->acknowledged = true;
		if (!several)
			return;
	}
}

static bool is(const uint8_t a[6], const uint8_t b[6])
{
	return memcmp(a, b, 6) == 0;
}

static void take_own(struct air *air, const struct air_frame *frame, int64_t t_ns, int64_t error_ns)
{
	if (!air->has_access_point || !is(air->access_point, frame->receiver)) {
		end_watch(air, air->beacon_ns);
		air->has_access_point = true;
		memcpy(air->access_point, frame->receiver, sizeof air->access_point);
	}
	/* What is in them the length does not tell: nothing is claimed of their time. */
	if (frame->fragment || frame->several)
		end_watch(air, t_ns - AIR_WAY_NS);
	follow_sleep(air, frame->asleep, t_ns);
	if (frame->kind == AIR_DATA)
		take_data(air, FROM_DEVICE, frame, t_ns, error_ns);
}

bool air_take(struct air *air, const struct air_frame *frame, int64_t t_ns, int64_t error_ns)
{
	if (!air->has_module)
		return false;
	switch (frame->kind) {
	case AIR_BEACON:
		take_beacon(air, frame, t_ns);
		return false;
	case AIR_DATA:
	case AIR_NULL:
		if (is(frame->transmitter, air->module) && frame->to_access_point &&
			!frame->from_access_point) {
			take_own(air, frame, t_ns, error_ns);
			return true;
		}
		if (!air->has_access_point || !is(frame->transmitter, air->access_point))
			return false;
		air->last_is_ours = is(frame->receiver, air->module);
		if (air->last_is_ours && frame->kind == AIR_DATA)
			take_data(air, FROM_PEER, frame, t_ns, error_ns);
		return air->last_is_ours;
	case AIR_ACK:
	case AIR_BLOCK_ACK:
		if (is(frame->receiver, air->module)) {
			take_ack(air, FROM_DEVICE, t_ns, frame->kind == AIR_BLOCK_ACK);
			return true;
		}
		if (!air->has_access_point || !is(frame->receiver, air->access_point) ||
			!air->last_is_ours ||
			(frame->kind == AIR_BLOCK_ACK && !is(frame->transmitter, air->module)))
			return false;
		take_ack(air, FROM_PEER, t_ns, frame->kind == AIR_BLOCK_ACK);
		return true;
	/* They are of no packet, and with them a passphrase could be tried out: no evidence has
	 * them. */
	case AIR_KEYS:
	case AIR_OTHER:
		break;
	}
	return false;
}

void air_take_wire(struct air *air, enum direction direction, uint32_t octets, int64_t t_ns)
{
	const struct air_pending passed = {
		.direction = direction, .on_wire = true, .t_ns = t_ns, .octets = octets};

	if (air->has_module)
		(void)add_pending(air, &passed);
}

/* ---- which belong to each other ---- */

static bool fits(const struct air *air, uint32_t body, uint32_t octets, bool known_only)
{
	if (known_only)
		return air->overhead > 0 && body == octets + air->overhead;
	for (size_t i = 0; i < sizeof overheads / sizeof *overheads; i++)
		if (body == octets + overheads[i])
			return true;
	return false;
}

/* The latest one of the other side that may have become it, or that it may have become: what came
 * first at its end of the access point. */
static struct air_pending *counterpart(
	struct air *air, const struct air_pending *second, int64_t way_ns, bool known_only)
{
	for (size_t i = air->pending_count; i-- > 0;) {
		struct air_pending *first = &air->pending[i];
		if (first->paired || first->on_wire == second->on_wire ||
			first->direction != second->direction)
			continue;
		if (first->t_ns > second->t_ns + AIR_APART_NS ||
			second->t_ns - first->t_ns > way_ns)
			continue;
		if (second->on_wire ? fits(air, first->octets, second->octets, known_only)
				    : fits(air, second->octets, first->octets, known_only))
			return first;
	}
	return NULL;
}

/* second is what comes out of the access point: on the wire from the module, on the air to it. */
static void pair(struct air *air, struct air_pending *second)
{
	const int64_t way_ns = second->direction == FROM_DEVICE ? AIR_WAY_NS : AIR_SLEEP_NS;
	struct air_pending *first = counterpart(air, second, way_ns, true);

	if (first == NULL)
		first = counterpart(air, second, way_ns, false);
	second->tried = true;
	if (second->direction == FROM_DEVICE) {
		if (first != NULL)
			air->heard++;
		else if (air->watching && second->t_ns > air->watched_from_ns + AIR_WAY_NS)
			air->missed++;
	}
	if (first == NULL)
		return;
	first->paired = second->paired = true;
	air->overhead =
		second->on_wire ? first->octets - second->octets : second->octets - first->octets;
	if (second->direction == FROM_PEER) {
		first->acknowledged = second->acknowledged;
		first->tries = second->tries;
	}
}

/* Where the monitor hears no acknowledgement at all, their want says nothing. */
static bool is_undelivered(const struct air *air, const struct air_pending *passed)
{
	return !passed->paired || (!passed->acknowledged && air->acknowledged[FROM_PEER] > 0);
}

/* Something of this length was not delivered: which one of those of its time may be another. */
static void doubt(struct air *air, const struct air_pending *lost)
{
	for (size_t i = 0; i < air->pending_count; i++) {
		struct air_pending *p = &air->pending[i];
		if (p->on_wire && p->direction == FROM_PEER && p->octets == lost->octets &&
			p->t_ns - lost->t_ns <= AIR_SLEEP_NS &&
			lost->t_ns - p->t_ns <= AIR_SLEEP_NS)
			p->doubtful = true;
	}
}

static struct event event_of(const struct air *air, const struct air_pending *frame)
{
	const uint32_t overhead = air->overhead > 0 ? air->overhead : USUAL_OVERHEAD;
	const uint32_t octets = frame->on_wire		   ? frame->octets
				: frame->octets < overhead ? 0
							   : frame->octets - overhead;

	return (struct event){.t_ns = frame->t_ns,
		.error_ns = frame->error_ns,
		.kind = EVENT_AIR,
		.connection = NO_CONNECTION,
		.cid = -1,
		.step = -1,
		.size = (int)(octets > INT32_MAX ? INT32_MAX : octets),
		.ok = frame->acknowledged,
		.air = {.kind = frame->direction == FROM_DEVICE ? AIR_SENT : AIR_UNDELIVERED,
			.tries = frame->tries}};
}

/* What comes into the access point and not out of it. */
static bool is_lost(const struct air *air, const struct air_pending *frame)
{
	if (frame->direction == FROM_DEVICE)
		return !frame->on_wire && !frame->paired;
	return frame->on_wire && (is_undelivered(air, frame) || frame->doubtful);
}

void air_decide(struct air *air, int64_t now_ns, air_lost_fn *lost, void *context)
{
	size_t kept = 0;

	if (air->watching && now_ns - air->beacon_ns > AIR_BEACON_GAP_NS + AIR_WAY_NS)
		end_watch(air, air->beacon_ns);
	for (size_t i = 0; i < air->pending_count; i++) {
		struct air_pending *p = &air->pending[i];
		const bool comes_out = p->on_wire == (p->direction == FROM_DEVICE);
		if (comes_out && !p->tried && now_ns - p->t_ns > PAIR_AFTER_NS)
			pair(air, p);
	}
	for (size_t i = 0; i < air->pending_count; i++) {
		const struct air_pending *p = &air->pending[i];
		if (p->on_wire && p->direction == FROM_PEER && now_ns - p->t_ns > DOUBT_AFTER_NS &&
			is_undelivered(air, p))
			doubt(air, p);
	}
	for (size_t i = 0; i < air->pending_count; i++) {
		const struct air_pending *p = &air->pending[i];
		if (now_ns - p->t_ns <= AIR_SETTLE_NS) {
			air->pending[kept++] = *p;
		} else if (is_lost(air, p)) {
			const struct event event = event_of(air, p);
			air->lost[p->direction] +=
				p->direction == FROM_DEVICE || is_undelivered(air, p);
			lost(context, &event);
		}
	}
	air->pending_count = kept;
}

/* ---- spans ---- */

static void tell_span(const struct air *air, enum air_record kind, struct air_span span,
	struct air_span within, air_lost_fn *tell, void *context)
{
	struct event event = {.kind = EVENT_AIR,
		.connection = NO_CONNECTION,
		.cid = -1,
		.step = -1,
		.air = {.kind = kind}};

	event.from_ns = span.from_ns > within.from_ns ? span.from_ns : within.from_ns;
	event.t_ns = span.to_ns < within.to_ns ? span.to_ns : within.to_ns;
	if (event.t_ns <= event.from_ns)
		return;
	if (kind == AIR_WATCHED) {
		event.ok = air->acknowledged[FROM_PEER] > 0;
		event.air.heard = air->heard;
		event.air.missed = air->missed;
	}
	tell(context, &event);
}

void air_tell_spans(
	const struct air *air, int64_t from_ns, int64_t now_ns, air_lost_fn *tell, void *context)
{
	const struct air_span within = {from_ns, now_ns - AIR_SETTLE_NS};

	for (size_t i = 0; i < air->span_count; i++)
		tell_span(air, AIR_WATCHED, air->spans[i], within, tell, context);
	if (air->watching)
		tell_span(air, AIR_WATCHED, (struct air_span){air->watched_from_ns, air->beacon_ns},
			within, tell, context);
	for (size_t i = 0; i < air->sleep_count; i++)
		tell_span(air, AIR_ASLEEP, air->sleeps[i], within, tell, context);
	if (air->asleep_ns != 0 && now_ns - air->asleep_ns >= AIR_ASLEEP_NS)
		tell_span(air, AIR_ASLEEP, (struct air_span){air->asleep_ns, now_ns}, within, tell,
			context);
}
