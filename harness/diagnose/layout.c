/* SPDX-License-Identifier: MIT */
#include "diagnose/layout.h"

#include <stdio.h>

#include "core/units.h"

/* A capture's stamps against the moments at which the device sent and received: it may have been
 * taken behind an access point, or by a busy machine. */
#define PLACE_ERROR_NS (50 * NS_PER_MS)
/* A connection with more is judged by the last of them. */
enum { JUDGED_MAX = 20000 };

struct layout {
	struct timeline *timeline;
	const struct sighted *sighted;
	int side;
	const struct place *close;
	int64_t noted_ns[2];	/* of the last segment that the timeline has of each direction */
	int64_t outstanding_ns; /* of the last one that says so */
	bool ended;		/* by a FIN or RST, which nothing has to follow */
	bool peer_probes;
	int64_t start_ns;
	size_t hole; /* the next one of the recording */
};

static bool unheard(const struct sighting *sighting)
{
	return sighting->ack_offset == ACK_REPEATED;
}

/* No device that counts wrong is off by so much: SYN and FIN are 2. */
enum { OFFSET_OF_MISCOUNT = 2 };

/* Its ACK is as right as the device can know. */
static bool ack_is_right(const struct sighting *sighting)
{
	return unheard(sighting) || sighting->ack_offset > OFFSET_OF_MISCOUNT;
}

/* What goes on from octets that were not seen may be the ACK of data that the capture missed, and
 * where the peer probes, what tells nothing new the answer to a probe. */
static enum segment_role role_of(const struct layout *layout, const struct sighting *sighting)
{
	const enum segment_class class = (enum segment_class)sighting->class;
	const bool missed =
		(sighting->bits & SIGHTING_MISSED) != 0 ||
		(layout->peer_probes && sighting->seq_offset == 0 && sighting->ack_offset == 0);

	if (sighted_is_no_answer(layout->sighted, sighting, layout->side))
		return ROLE_STRAY;
	return class == SEGMENT_UNSOLICITED_ACK && missed ? ROLE_UNDECIDABLE
							  : segment_role_of(class);
}

static struct event event_of(const struct layout *layout, const struct sighting *sighting)
{
	/* Only their distances are known, and looked at. */
	enum { NUMBERS = 1000000 };
	const enum segment_class class = (enum segment_class)sighting->class;

	const struct timeline_segment segment = {
		.direction = sighting_direction(sighting) == layout->side ? FROM_DEVICE : FROM_PEER,
		.role = role_of(layout, sighting),
		.seq = (uint32_t)(NUMBERS + sighting->seq_offset),
		.ack = (uint32_t)(NUMBERS + (ack_is_right(sighting) ? 0 : sighting->ack_offset)),
		.snd_nxt = NUMBERS,
		.rcv_nxt = NUMBERS,
		.flags = sighting->flags,
		.ttl = sighting->ttl,
		.window = sighting->window,
		/* What data the host gave it to send is its own affair. */
		.length = class == SEGMENT_PROBE ? sighting->length : 0,
		/* Those of a machine's own segments are wrong before its network card completes
		 * them. */
		.checksum_ok = !layout->sighted->bad_checksums ||
			       sighting_direction(sighting) != layout->side ||
			       (sighting->bits & SIGHTING_BAD_CHECKSUM) == 0,
		.frame = sighting->frame};
	return event_of_segment(sighting->time_ns, PLACE_ERROR_NS, &segment);
}

/* A real packet of which the time is known, and no longer its numbers. */
static int add_real(struct layout *layout, int64_t time_ns, enum direction direction, uint8_t ttl,
	enum segment_role role)
{
	const struct timeline_segment segment = {.direction = direction,
		.role = role,
		.flags = role == ROLE_FIN ? TCP_FLAG_ACK | TCP_FLAG_FIN : TCP_FLAG_ACK,
		.ttl = ttl,
		.checksum_ok = true};
	const struct event event = event_of_segment(time_ns, PLACE_ERROR_NS, &segment);

	layout->noted_ns[direction] = time_ns;
	return timeline_add(layout->timeline, &event);
}

/* Octets of the device that the peer has not acknowledged are the last thing before the silence:
 * while they are outstanding no probe comes. */
static int add_outstanding(struct layout *layout, const int64_t real_ns[2], uint8_t ttl)
{
	const int side = layout->side;
	const int64_t time_ns = real_ns[side] > real_ns[!side] ? real_ns[side] : real_ns[!side];

	if (time_ns <= layout->outstanding_ns)
		return 0;
	layout->outstanding_ns = time_ns;
	return add_real(layout, time_ns, FROM_DEVICE, ttl, ROLE_DATA);
}

/* The last real packets of both sides before an idle time; half_closed: the peer's is its FIN. */
static int add_before(struct layout *layout, const int64_t real_ns[2], const uint8_t real_ttl[2],
	bool outstanding, bool half_closed)
{
	const int side = layout->side;

	if (real_ns[!side] > layout->noted_ns[FROM_PEER] &&
		add_real(layout, real_ns[!side], FROM_PEER, real_ttl[!side],
			half_closed ? ROLE_FIN : ROLE_PLAIN) != 0)
		return -1;
	if (outstanding && !layout->ended)
		return add_outstanding(layout, real_ns, real_ttl[side]);
	return real_ns[side] > layout->noted_ns[FROM_DEVICE]
		       ? add_real(layout, real_ns[side], FROM_DEVICE, real_ttl[side], ROLE_PLAIN)
		       : 0;
}

/* Did the sender of a sighting speak between it and the next one? */
static bool goes_on(const struct sighted *sighted, size_t i)
{
	const struct sighting *sighting = &sighted->sightings[i];
	const int sender = sighting_direction(sighting);

	do
		i++;
	while (i < sighted->count && (sighted->sightings[i].bits & SIGHTING_UNREACHABLE) != 0);
	int64_t next_ns = i < sighted->count ? sighting_real_ns(&sighted->sightings[i], sender)
					     : sighted->real_ns[sender];
	return next_ns != SEGMENT_NO_TIME && next_ns > sighting->time_ns;
}

static int add_close(struct layout *layout, int64_t time_ns)
{
	const struct event event = {.t_ns = time_ns,
		.error_ns = PLACE_ERROR_NS,
		.kind = EVENT_STEP,
		.generation = 1,
		.cid = -1,
		.step = 0};

	return timeline_add(layout->timeline, &event);
}

/* Frames are missing in the timeline from then on: from when on the device was idle, nothing
 * shows. */
static int add_loss(struct layout *layout, const struct sighting *sighting, int64_t from_ns,
	enum fault_reason reason, const char *text)
{
	struct event event = {.t_ns = sighting->time_ns,
		.from_ns = from_ns,
		.kind = EVENT_FAULT,
		.fault = fault_of_reason(reason),
		.reason = reason,
		.generation = 1,
		.cid = -1,
		.step = -1};

	snprintf(event.text, sizeof event.text, "%s", text);
	return timeline_add(layout->timeline, &event);
}

/* The last that was seen of the connection before the sighting. */
static int64_t seen_before(const struct layout *layout, size_t i)
{
	const struct sighting *sightings = layout->sighted->sightings;
	int64_t seen_ns = i > 0 ? sightings[i - 1].time_ns : SEGMENT_NO_TIME;

	for (int side = 0; side < 2; side++)
		if (sighting_real_ns(&sightings[i], side) > seen_ns)
			seen_ns = sighting_real_ns(&sightings[i], side);
	return seen_ns;
}

/* Nothing at all was captured. */
static int add_holes(struct layout *layout, int64_t until_ns)
{
	const struct holes *holes = layout->sighted->holes;

	for (; layout->hole < holes->count; layout->hole++) {
		const struct hole *hole = &holes->all[layout->hole];
		const struct sighting end = {.time_ns = hole->to_ns - 1};
		if (hole->from_ns >= until_ns)
			break;
		if (hole->to_ns > layout->start_ns &&
			add_loss(layout, &end, hole->from_ns + 1, REASON_NOT_CAPTURED,
				"nothing was captured") != 0)
			return -1;
	}
	return 0;
}

static int add_losses(struct layout *layout, size_t i)
{
	const struct sighting *sighting = &layout->sighted->sightings[i];
	const bool own = sighting_direction(sighting) == layout->side;

	if ((sighting->bits & SIGHTING_MISSED) != 0 &&
		add_loss(layout, sighting, seen_before(layout, i), REASON_NOT_CAPTURED,
			"the segment it follows was not captured") != 0)
		return -1;
	if (!own || sighting->class != SEGMENT_PROBE || !unheard(sighting))
		return 0;
	return add_loss(layout, sighting, sighting_real_ns(sighting, !layout->side),
		REASON_NOT_ACKNOWLEDGED, "the data of the peer was never acknowledged");
}

/* Is the peer's last real packet its FIN? */
static bool is_half_closed(const struct layout *layout, const struct sighting *sighting)
{
	if (sighting_direction(sighting) != layout->side)
		return sighting->class == SEGMENT_AFTER_FIN;
	return sighting->class == SEGMENT_PROBE && (sighting->bits & SIGHTING_HALF_CLOSED) != 0;
}

static int add_sighting(struct layout *layout, size_t i)
{
	const struct sighting *sighting = &layout->sighted->sightings[i];
	const int64_t real_ns[2] = {sighting_real_ns(sighting, 0), sighting_real_ns(sighting, 1)};
	struct event event = event_of(layout, sighting);

	if ((sighting->bits & SIGHTING_UNREACHABLE) != 0)
		return 0;
	if (add_before(layout, real_ns, sighting->real_ttl,
		    sighting_outstanding(sighting, layout->side),
		    is_half_closed(layout, sighting)) != 0)
		return -1;
	if (sighting->frame == 0)
		return 0;
	int64_t *noted_ns = &layout->noted_ns[event.segment.direction];
	if (*noted_ns < event.t_ns)
		*noted_ns = event.t_ns;
	if (sighting->class == SEGMENT_DUPLICATE)
		return 0;
	if (layout->close != NULL && sighting->frame == layout->close->frame &&
		sighting->file == layout->close->file && add_close(layout, sighting->time_ns) != 0)
		return -1;
	layout->ended |= (sighting->flags & (SEGMENT_FLAG_FIN | SEGMENT_FLAG_RST)) != 0;
	if (add_holes(layout, sighting->time_ns) != 0)
		return -1;
	if (add_losses(layout, i) != 0)
		return -1;
	event.segment.goes_on = goes_on(layout->sighted, i);
	return timeline_add(layout->timeline, &event);
}

/* Of the first thing that is known of the connection. */
static int64_t start_of(const struct sighting *sighting)
{
	int64_t start_ns = sighting->time_ns;

	for (int side = 0; side < 2; side++) {
		const int64_t real_ns = sighting_real_ns(sighting, side);
		if (real_ns != SEGMENT_NO_TIME && real_ns < start_ns)
			start_ns = real_ns;
	}
	return start_ns;
}

int layout_lay(struct timeline *timeline, const struct sighted *sighted, int side,
	const struct place *close)
{
	struct layout layout = {.timeline = timeline,
		.sighted = sighted,
		.side = side,
		.close = close,
		.noted_ns = {SEGMENT_NO_TIME, SEGMENT_NO_TIME},
		.outstanding_ns = SEGMENT_NO_TIME};
	const size_t from = sighted->count > JUDGED_MAX ? sighted->count - JUDGED_MAX : 0;
	struct event mark = {.kind = EVENT_START,
		.t_ns = start_of(&sighted->sightings[from]),
		.connection = NO_CONNECTION,
		.cid = -1,
		.step = -1};

	for (size_t i = from; i < sighted->count; i++)
		layout.peer_probes |= sighted->sightings[i].class == SEGMENT_PROBE &&
				      sighting_direction(&sighted->sightings[i]) != side;
	timeline->count = 0;
	layout.start_ns = mark.t_ns;
	if (timeline_add(timeline, &mark) != 0)
		return -1;
	/* How long the prober was idle before, and how often it probed, is not known. */
	if ((sighted->sightings[from].bits & SIGHTING_JOINED) != 0 &&
		add_loss(&layout, &sighted->sightings[from], mark.t_ns, REASON_NOT_CAPTURED,
			"the capture begins in an idle time") != 0)
		return -1;
	for (size_t i = from; i < sighted->count; i++)
		if (add_sighting(&layout, i) != 0)
			return -1;
	if (add_before(&layout, sighted->real_ns, (const uint8_t[2]){0, 0},
		    sighted->outstanding[side], false) != 0)
		return -1;
	if (add_holes(&layout, sighted->end_ns) != 0)
		return -1;
	mark.kind = EVENT_WATCHED;
	mark.t_ns = sighted->end_ns;
	mark.error_ns = PLACE_ERROR_NS;
	return timeline_add(timeline, &mark);
}
