/* SPDX-License-Identifier: MIT */
#include "diagnose/direction.h"

#include <stdlib.h>

#include "core/array.h"
#include "core/units.h"
#include "scenario/keepalive_interval.h"
#include "wire/decode.h"

/* A prober that is silent for so many intervals after its last probe has given up: the next probe
 * would have been due after one, and one may be missing. */
enum { SILENT_INTERVALS = 2 };
/* A single ACK before a RST says nothing; of equal distances there have to be two. */
enum { SUSPECTS_MIN = 2, SUSPECTS_LIKELY = 3 };
/* How unequal distances may be that are called equal, and the shortest. */
enum { EQUAL_PART = 20 };
/* A host that is gone is asked for again (RFC 1122 2.3.2.1); one broadcast may be anybody's. */
enum { REQUESTS_MIN = 2 };
#define EQUAL_SLACK_NS (50 * NS_PER_MS)
#define LIKELY_INTERVAL_NS NS_PER_S
/* An answer to a probe so shortly before the end of the recording may still have come. */
#define LAST_MOMENT_NS (2 * NS_PER_S)
/* No idle time is longer: the clock has been set. */
#define IDLE_MAX_NS (INT64_C(365) * 24 * 3600 * NS_PER_S)
/* Where only one probe was seen and the interval is not known. */
#define SILENT_UNKNOWN_NS (2 * KEEPALIVE_INTERVAL_NS)
#define SILENT_SLACK_NS (2 * NS_PER_S)

void direction_room_free(struct direction_room *room)
{
	free(room->probes);
	free(room->lookalikes);
	free(room->numbers);
}

static struct place place_of(const struct sighting *sighting)
{
	return (struct place){
		.frame = sighting->frame, .file = sighting->file, .time_ns = sighting->time_ns};
}

static bool answers(const struct sighting *sighting, int side)
{
	return sighting_direction(sighting) != side &&
	       (sighting->class == SEGMENT_PROBE_ANSWER || sighting->class == SEGMENT_PROBE_RST);
}

/* State of one pass over the sightings. */
struct pass {
	int side;
	const struct sighted *sighted;
	const struct network *network;
	const struct holes *holes;
	struct direction_room *room;
	struct diagnosed_direction *direction;
	size_t probes, lookalikes;
	int suspects; /* undecidable ones since the peer was heard */
	int64_t suspect_ns;
	int64_t suspect_interval_ns; /* DURATION_UNKNOWN: their distances are not equal */
	int behind_fin;		     /* as direction_signs */
	int64_t behind_fin_ns, behind_fin_interval_ns;
	size_t foreign, foreign_acks; /* probes that came from nearer; with an ACK one low */
	int row;		      /* probes without an answer so far */
	int64_t row_ns;		      /* time of the last of them */
	int64_t row_gap_ns; /* between the last two of them; DURATION_UNKNOWN: it is one */
	bool peer_ended, prober_ended;
	bool spoke; /* the peer, behind the last probe, and not to end the connection */
};

static bool has_hole(const struct pass *pass, int64_t from_ns, int64_t to_ns)
{
	return holes_between(pass->holes, from_ns, to_ns) != NULL;
}

static int64_t quiet_before(const struct pass *pass, const struct sighting *sighting)
{
	int64_t a = sighting_real_ns(sighting, 0), b = sighting_real_ns(sighting, 1);
	int64_t last = a > b ? a : b;

	return last == SEGMENT_NO_TIME || has_hole(pass, last, sighting->time_ns)
		       ? DURATION_UNKNOWN
		       : sighting->time_ns - last;
}

/* The peer lives: whatever was unanswered is a closed chapter, unless the prober gave up by it. */
static void hear(struct pass *pass)
{
	if (pass->direction->gave_up.frame != 0)
		return;
	pass->row = pass->suspects = 0;
	pass->direction->first_unanswered = (struct place){.frame = 0};
}

/* Who probes in the name of another stands on the way: it is nearer. */
static void note_origin(struct pass *pass, const struct sighting *sighting)
{
	const int usual = sighting->real_ttl[pass->side];

	if (usual == 0 || packet_hops(sighting->ttl) >= packet_hops(usual))
		return;
	pass->direction->signs.foreign_ttl = sighting->ttl;
	pass->direction->signs.own_ttl = usual;
	pass->foreign++;
	pass->foreign_acks += sighting->ack_offset == -1;
}

static void settle_origin(const struct pass *pass)
{
	struct direction_signs *signs = &pass->direction->signs;

	signs->foreign_ack = pass->foreign_acks > 0 && pass->foreign_acks == pass->probes;
	if (pass->foreign == pass->probes && (pass->probes > 1 || signs->foreign_ack))
		return;
	signs->foreign_ttl = signs->own_ttl = 0;
	signs->foreign_ack = false;
}

/* The peer's FIN has not ended the connection: the prober keeps its side open. */
static void take_half_closed(struct pass *pass, const struct sighting *sighting)
{
	struct direction_signs *signs = &pass->direction->signs;
	const int64_t fin_ns = sighting_real_ns(sighting, !pass->side);

	if (signs->peer_end.frame != 0)
		signs->peer_fin = signs->peer_end;
	signs->peer_end = (struct place){.frame = 0};
	signs->peer_ended = pass->peer_ended = false;
	if (signs->half_closed_ns == DURATION_UNKNOWN && fin_ns != SEGMENT_NO_TIME)
		signs->half_closed_ns = sighting->time_ns - fin_ns;
}

static void take_probe(struct pass *pass, const struct sighting *sighting)
{
	const bool joined = (sighting->bits & SIGHTING_JOINED) != 0;
	struct diagnosed_probe *probe = &pass->room->probes[pass->probes++];
	struct diagnosed_direction *direction = pass->direction;

	/* It may have been answered in there. */
	if (pass->row > 0 && has_hole(pass, pass->row_ns, sighting->time_ns))
		hear(pass);
	*probe = (struct diagnosed_probe){.at = place_of(sighting),
		.length = sighting->length,
		.joined = joined,
		.first = pass->row == 0,
		.quiet_ns = joined ? DURATION_UNKNOWN : quiet_before(pass, sighting)};
	pass->row_gap_ns = pass->row > 0 ? sighting->time_ns - pass->row_ns : DURATION_UNKNOWN;
	if (pass->row++ == 0)
		direction->first_unanswered = probe->at;
	pass->row_ns = sighting->time_ns;
	pass->spoke = false;
	note_origin(pass, sighting);
	if ((sighting->bits & SIGHTING_HALF_CLOSED) != 0)
		take_half_closed(pass, sighting);
}

static void take_answer(struct pass *pass, const struct sighting *sighting)
{
	if (pass->probes == 0 || pass->direction->gave_up.frame != 0)
		return;
	struct diagnosed_probe *probe = &pass->room->probes[pass->probes - 1];
	if (probe->answer == PROBE_NOT_ANSWERED) {
		probe->answer = sighting->class == SEGMENT_PROBE_RST ? PROBE_RESET : PROBE_ANSWERED;
		probe->answered = place_of(sighting);
		pass->direction->signs.refused_half_closed |=
			probe->answer == PROBE_RESET &&
			pass->direction->signs.half_closed_ns != DURATION_UNKNOWN;
	}
	hear(pass);
}

static bool is_equal(int64_t a_ns, int64_t b_ns)
{
	return llabs(a_ns - b_ns) <= b_ns / EQUAL_PART + EQUAL_SLACK_NS;
}

static void take_suspect(struct pass *pass, const struct sighting *sighting)
{
	const int64_t distance_ns = sighting->time_ns - pass->suspect_ns;

	if (pass->suspects == 1)
		pass->suspect_interval_ns = distance_ns;
	if (pass->suspects > 0 &&
		((sighting->bits & SIGHTING_SAME_SEQ) == 0 || distance_ns < LIKELY_INTERVAL_NS ||
			!is_equal(distance_ns, pass->suspect_interval_ns)))
		pass->suspect_interval_ns = DURATION_UNKNOWN;
	pass->suspects++;
	pass->suspect_ns = sighting->time_ns;
}

/* Behind its own FIN. */
static void take_behind_fin(struct pass *pass, const struct sighting *sighting)
{
	const int64_t distance_ns = sighting->time_ns - pass->behind_fin_ns;

	if (sighting_outstanding(sighting, pass->side))
		return;
	if (pass->behind_fin == 1)
		pass->behind_fin_interval_ns = distance_ns;
	else if (pass->behind_fin > 1 && !is_equal(distance_ns, pass->behind_fin_interval_ns))
		pass->behind_fin_interval_ns = DURATION_UNKNOWN;
	pass->behind_fin++;
	pass->behind_fin_ns = sighting->time_ns;
}

static void settle_behind_fin(const struct pass *pass)
{
	struct direction_signs *signs = &pass->direction->signs;

	if (pass->behind_fin < SUSPECTS_LIKELY || pass->behind_fin_interval_ns < LIKELY_INTERVAL_NS)
		return;
	signs->behind_fin = pass->behind_fin;
	signs->behind_fin_interval_ns = pass->behind_fin_interval_ns;
}

static void take_lookalike(struct pass *pass, const struct sighting *sighting)
{
	pass->room->lookalikes[pass->lookalikes++] = (struct diagnosed_lookalike){
		.at = place_of(sighting), .reason = (enum segment_class)sighting->class};
	if (sighting->class == SEGMENT_UNDECIDABLE)
		take_suspect(pass, sighting);
	if (sighting->class == SEGMENT_AFTER_FIN)
		take_behind_fin(pass, sighting);
}

/* The capture begins in the idle time and the peer says nothing: they repeat themselves, or the
 * prober gives up. */
static void note_suspects(struct pass *pass, const struct sighting *end)
{
	struct direction_signs *signs = &pass->direction->signs;
	const bool likely =
		pass->suspects >= SUSPECTS_LIKELY && pass->suspect_interval_ns != DURATION_UNKNOWN;
	const bool reset = end != NULL && (end->flags & SEGMENT_FLAG_RST) != 0;

	if (signs->suspects > 0 || pass->suspects < SUSPECTS_MIN || pass->probes > 0 ||
		(!reset && !likely))
		return;
	signs->suspects = pass->suspects;
	signs->suspect_last_ns = pass->suspect_ns;
	signs->suspect_interval_ns = likely ? pass->suspect_interval_ns : DURATION_UNKNOWN;
	if (reset)
		signs->suspect_end = place_of(end);
}

static void note_end(struct pass *pass, const struct sighting *sighting)
{
	struct direction_signs *signs = &pass->direction->signs;
	int64_t heard_ns = sighting_real_ns(sighting, !pass->side);

	if (pass->probes > 0 && pass->room->probes[pass->probes - 1].answer != PROBE_NOT_ANSWERED &&
		pass->room->probes[pass->probes - 1].answered.time_ns > heard_ns)
		heard_ns = pass->room->probes[pass->probes - 1].answered.time_ns;
	signs->prober_ended = true;
	signs->end = place_of(sighting);
	signs->end_by = (sighting->flags & SEGMENT_FLAG_RST) != 0 ? END_RST : END_FIN;
	signs->silent_ns =
		heard_ns == SEGMENT_NO_TIME ? DURATION_UNKNOWN : sighting->time_ns - heard_ns;
}

/* A FIN before the next probe is due is the application's, which closes; where nothing shows when it
 * is due, as on a WizFi210. */
static bool is_early(const struct pass *pass, int64_t time_ns)
{
	const int64_t due_ns =
		pass->row_gap_ns != DURATION_UNKNOWN ? pass->row_gap_ns : KEEPALIVE_INTERVAL_NS;

	return time_ns - pass->row_ns < due_ns - due_ns / EQUAL_PART - EQUAL_SLACK_NS;
}

/* Giving up for want of answers: not the judge's notion of a death (judge/history.h), which is any
 * sign of the end, of the UART as well, with its time.  Here either side may be the prober, an end
 * may be its application's, and nothing is known of what was asked of it. */
static void take_end(struct pass *pass, const struct sighting *sighting, bool own)
{
	if ((sighting->flags & (SEGMENT_FLAG_RST | SEGMENT_FLAG_FIN)) == 0)
		return;
	if (own) {
		if (!pass->direction->signs.prober_ended)
			note_end(pass, sighting);
		note_suspects(pass, sighting);
	} else {
		/* One outside of the window ends nothing (RFC 5961). */
		if (!pass->direction->signs.prober_ended && !pass->peer_ended &&
			sighting->seq_offset == 0)
			pass->direction->signs.peer_end = place_of(sighting);
		pass->direction->signs.peer_ended = pass->peer_ended = true;
	}
	if (!own || pass->row == 0 || pass->peer_ended || pass->prober_ended)
		return;
	pass->prober_ended = true;
	/* Whoever gives up has waited for an answer; and how often it probed is known. */
	if (sighting->time_ns - pass->row_ns < KEEPALIVE_QUIET_NS ||
		has_hole(pass, pass->row_ns, sighting->time_ns))
		return;
	if ((sighting->flags & SEGMENT_FLAG_RST) == 0 && is_early(pass, sighting->time_ns))
		return;
	pass->direction->gave_up = place_of(sighting);
	pass->direction->gave_up_by = (sighting->flags & SEGMENT_FLAG_RST) != 0 ? END_RST : END_FIN;
	pass->direction->count = pass->row;
}

static bool is_lookalike(const struct sighting *sighting)
{
	return sighting->class == SEGMENT_AFTER_FIN || sighting->class == SEGMENT_UNACKNOWLEDGED ||
	       sighting->class == SEGMENT_TOO_SOON ||
	       sighting->class == SEGMENT_ZERO_WINDOW_PROBE ||
	       sighting->class == SEGMENT_DUPLICATE || sighting->class == SEGMENT_UNDECIDABLE;
}

static void note_peer(struct direction_signs *signs, const struct sighting *sighting, int side)
{
	if (sighting->real_ttl[!side] != 0) {
		signs->usual_ttl = sighting->real_ttl[!side];
		signs->peer_heard = true;
	}
	if (sighting_direction(sighting) == side)
		return;
	signs->peer_heard = true;
	if (sighting->class == SEGMENT_PROBE_RST)
		signs->reset_ttl = sighting->ttl;
	else
		signs->usual_ttl = sighting->ttl;
}

static void note_unreachable(struct pass *pass, const struct sighting *sighting)
{
	struct direction_signs *signs = &pass->direction->signs;

	signs->unreachable = place_of(sighting);
	signs->unreachable_by = pass->network->routers[sighting->window];
	signs->unreachable_words = network_error_words(
		signs->unreachable_by.family, (uint8_t)sighting->length, sighting->flags);
}

/* Of real packets and answers. */
static int64_t last_heard(const struct sighted *sighted, const struct pass *pass)
{
	int64_t heard_ns = sighted->real_ns[!pass->side];

	for (size_t i = pass->probes; i-- > 0;) {
		const struct diagnosed_probe *probe = &pass->room->probes[i];
		if (probe->answer == PROBE_NOT_ANSWERED)
			continue;
		return probe->answered.time_ns > heard_ns ? probe->answered.time_ns : heard_ns;
	}
	return heard_ns;
}

/* The peer's host was asked for in vain, and nothing of the peer came since. */
static void note_arp(const struct sighted *sighted, struct diagnosed_direction *direction,
	const struct pass *pass)
{
	const struct arp_host *host = network_silent_host(sighted->network, &direction->peer);
	struct direction_signs *signs = &direction->signs;

	if (host == NULL || host->requests < REQUESTS_MIN || pass->row == 0 ||
		last_heard(sighted, pass) > host->first_ns)
		return;
	signs->arp_unanswered =
		(struct place){.frame = host->frame, .file = host->file, .time_ns = host->first_ns};
	signs->arp_requests = host->requests;
}

static void take_word(struct pass *pass, const struct sighting *sighting)
{
	const uint8_t ends = SEGMENT_FLAG_FIN | SEGMENT_FLAG_RST;

	pass->spoke |= !pass->peer_ended && (sighting->flags & ends) == 0;
	hear(pass);
}

static void take(struct pass *pass, const struct sighting *sighting)
{
	const int side = pass->side;
	bool own = sighting_direction(sighting) == side;

	if (sighting->frame == 0)
		return;
	if ((sighting->bits & SIGHTING_UNREACHABLE) != 0) {
		if (own)
			note_unreachable(pass, sighting);
		return;
	}
	if (sighted_is_no_answer(pass->sighted, sighting, side)) {
		if (pass->direction->signs.damaged_answers++ == 0)
			pass->direction->signs.damaged = place_of(sighting);
		return;
	}
	note_peer(&pass->direction->signs, sighting, side);
	if (pass->row > 0 && sighting_real_ns(sighting, !side) > pass->row_ns) {
		pass->spoke |= !pass->peer_ended;
		hear(pass);
	}
	if (own && sighting->class == SEGMENT_PROBE) {
		take_probe(pass, sighting);
		return;
	}
	if (answers(sighting, side))
		take_answer(pass, sighting);
	else if (own && is_lookalike(sighting))
		take_lookalike(pass, sighting);
	else if (!own && sighting->class != SEGMENT_DUPLICATE)
		take_word(pass, sighting);
	take_end(pass, sighting, own);
}

/* Moves the number that belongs at place k there, with none greater before it (Hoare's
 * selection). */
static void select_number(int64_t *numbers, size_t count, size_t k)
{
	size_t from = 0, to = count - 1;

	while (from < to) {
		int64_t pivot = numbers[from + (to - from) / 2];
		size_t i = from, j = to;
		for (;;) {
			while (numbers[i] < pivot)
				i++;
			while (numbers[j] > pivot)
				j--;
			if (i >= j)
				break;
			int64_t kept = numbers[i];
			numbers[i++] = numbers[j];
			numbers[j--] = kept;
		}
		/* All up to j are at most the pivot, all behind it at least. */
		if (k <= j)
			to = j;
		else
			from = j + 1;
	}
}

/* Of two in the middle the lower one: a probe that the capture missed makes a time longer. */
static int64_t median(int64_t *numbers, size_t count)
{
	if (count == 0)
		return DURATION_UNKNOWN;
	select_number(numbers, count, (count - 1) / 2);
	return numbers[(count - 1) / 2];
}

/* The idle time runs from the last real packet to the first probe, and on most stacks anew from the
 * answer to a probe to the next one. */
static int64_t idle_time(const struct pass *pass)
{
	const struct diagnosed_probe *probes = pass->room->probes;
	size_t count = 0;

	for (size_t i = 0; i < pass->probes; i++) {
		const struct diagnosed_probe *before = i > 0 ? &probes[i - 1] : NULL;
		if (!probes[i].first || probes[i].joined)
			continue;
		int64_t idle = probes[i].quiet_ns;
		if (before != NULL && before->answer == PROBE_ANSWERED &&
			!has_hole(pass, before->answered.time_ns, probes[i].at.time_ns) &&
			(idle == DURATION_UNKNOWN ||
				idle > probes[i].at.time_ns - before->answered.time_ns))
			idle = probes[i].at.time_ns - before->answered.time_ns;
		if (idle > 0 && idle < IDLE_MAX_NS)
			pass->room->numbers[count++] = idle;
	}
	return median(pass->room->numbers, count);
}

static int64_t interval(const struct pass *pass)
{
	const struct diagnosed_probe *probes = pass->room->probes;
	size_t count = 0;

	for (size_t i = 1; i < pass->probes; i++)
		if (!probes[i].first && probes[i].at.time_ns > probes[i - 1].at.time_ns)
			pass->room->numbers[count++] =
				probes[i].at.time_ns - probes[i - 1].at.time_ns;
	return median(pass->room->numbers, count);
}

static int64_t answer_delay(const struct pass *pass)
{
	size_t count = 0;

	for (size_t i = 0; i < pass->probes; i++) {
		const struct diagnosed_probe *probe = &pass->room->probes[i];
		if (probe->answer != PROBE_NOT_ANSWERED)
			pass->room->numbers[count++] = probe->answered.time_ns - probe->at.time_ns;
	}
	return median(pass->room->numbers, count);
}

static int longest_row(const struct pass *pass)
{
	int row = 0, longest = 0;

	for (size_t i = 0; i < pass->probes; i++) {
		const struct diagnosed_probe *probe = &pass->room->probes[i];
		row = (probe->first ? 0 : row) + (probe->answer == PROBE_NOT_ANSWERED);
		if (row > longest)
			longest = row;
	}
	return longest;
}

/* The peer has answered all before, and the recording ends at once. */
static bool is_last_moment(const struct pass *pass, int64_t end_ns)
{
	const struct diagnosed_probe *probes = pass->room->probes;

	return pass->row == 1 && pass->probes > 1 && !pass->prober_ended && !pass->peer_ended &&
	       probes[pass->probes - 2].answer == PROBE_ANSWERED &&
	       end_ns - probes[pass->probes - 1].at.time_ns < LAST_MOMENT_NS;
}

static enum keepalive_outcome outcome(
	const struct pass *pass, struct diagnosed_direction *direction, int64_t end_ns)
{
	if (pass->probes == 0)
		return KEEPALIVE_UNDECIDED;
	const struct diagnosed_probe *last = &pass->room->probes[pass->probes - 1];
	for (size_t i = 0; i < pass->probes; i++)
		if (pass->room->probes[i].answer == PROBE_RESET)
			return KEEPALIVE_REFUSED;
	if (direction->gave_up.frame != 0)
		return KEEPALIVE_DEAD;
	if (last->answer == PROBE_ANSWERED)
		return KEEPALIVE_ALIVE;
	if (pass->row == 0)
		return pass->peer_ended && !pass->spoke ? KEEPALIVE_UNDECIDED : KEEPALIVE_ALIVE;
	if (is_last_moment(pass, end_ns))
		return KEEPALIVE_ALIVE;
	int64_t due = direction->interval_ns == DURATION_UNKNOWN
			      ? SILENT_UNKNOWN_NS
			      : direction->interval_ns * SILENT_INTERVALS;
	if (pass->prober_ended || end_ns - last->at.time_ns <= due + SILENT_SLACK_NS)
		return KEEPALIVE_UNDECIDED;
	direction->gave_up_by = END_SILENT;
	direction->count = pass->row;
	return KEEPALIVE_DEAD;
}

enum refusal direction_refusal(const struct direction_signs *signs)
{
	if (signs->refused_half_closed)
		return REFUSAL_HALF_CLOSED;
	/* The peer's own may begin with another TTL than its connection's segments. */
	return signs->usual_ttl != 0 && signs->reset_ttl != 0 &&
			       packet_hops(signs->reset_ttl) < packet_hops(signs->usual_ttl)
		       ? REFUSAL_MIDDLEBOX
		       : REFUSAL_FORGOTTEN;
}

const char *refusal_name(enum refusal refusal)
{
	switch (refusal) {
	case REFUSAL_HALF_CLOSED:
		return "peer_closed";
	case REFUSAL_MIDDLEBOX:
		return "middlebox";
	case REFUSAL_FORGOTTEN:
		return "peer_forgot";
	}
	return "peer_forgot";
}

/* The end of the recording; or the hole that comes behind that time. */
static int64_t end_behind(const struct sighted *sighted, int64_t time_ns)
{
	const struct hole *hole = holes_between(sighted->holes, time_ns, sighted->end_ns);

	if (hole == NULL)
		return sighted->end_ns;
	return hole->from_ns > time_ns ? hole->from_ns : time_ns;
}

static int64_t quiet_at_end(const struct sighted *sighted, const struct pass *pass)
{
	const struct direction_signs *signs = &pass->direction->signs;
	int64_t last_ns = SEGMENT_NO_TIME;

	if (pass->probes == 0 || signs->peer_ended || signs->prober_ended)
		return 0;
	const struct diagnosed_probe *last = &pass->room->probes[pass->probes - 1];
	for (int side = 0; side < 2; side++)
		if (sighted->real_ns[side] > last_ns)
			last_ns = sighted->real_ns[side];
	if (last->at.time_ns > last_ns)
		last_ns = last->at.time_ns;
	return end_behind(sighted, last_ns) - last_ns;
}

int direction_evaluate(const struct sighted *sighted, int side, struct direction_room *room,
	struct diagnosed_direction *direction)
{
	struct pass pass = {.side = side,
		.sighted = sighted,
		.network = sighted->network,
		.holes = sighted->holes,
		.room = room,
		.direction = direction};
	const size_t count = sighted->count;
	const struct endpoint prober = direction->prober, peer = direction->peer;

	*direction = (struct diagnosed_direction){.request = direction->request,
		.side = side,
		.prober = prober,
		.peer = peer,
		.signs.half_closed_ns = DURATION_UNKNOWN};
	if (array_reserve(&room->probes, &room->probes_size, count, sizeof *room->probes) != 0 ||
		array_reserve(&room->lookalikes, &room->lookalikes_size, count,
			sizeof *room->lookalikes) != 0 ||
		array_reserve(&room->numbers, &room->numbers_size, count, sizeof *room->numbers) !=
			0)
		return -1;
	for (size_t i = 0; i < count; i++)
		take(&pass, &sighted->sightings[i]);
	if (pass.row > 0 && sighted->real_ns[!side] > pass.row_ns &&
		direction->gave_up.frame == 0) {
		pass.spoke |= !pass.peer_ended;
		hear(&pass);
	}
	note_suspects(&pass, NULL);
	settle_behind_fin(&pass);
	settle_origin(&pass);
	direction->signs.spoke_on = pass.spoke;
	direction->probe_count = pass.probes;
	direction->probes = room->probes;
	direction->lookalike_count = pass.lookalikes;
	direction->lookalikes = room->lookalikes;
	direction->idle_ns = idle_time(&pass);
	direction->interval_ns = interval(&pass);
	direction->signs.answer_delay_ns = answer_delay(&pass);
	direction->unanswered = longest_row(&pass);
	direction->signs.quiet_ns = quiet_at_end(sighted, &pass);
	note_arp(sighted, direction, &pass);
	const int64_t end_ns = pass.row > 0 ? end_behind(sighted, pass.row_ns) : sighted->end_ns;
	direction->signs.paused = !direction->signs.peer_ended && !direction->signs.prober_ended &&
				  end_ns < sighted->end_ns;
	direction->outcome = outcome(&pass, direction, end_ns);
	return 0;
}
