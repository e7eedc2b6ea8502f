/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include "judge/air.h"
#include "judge/checks.h"

/* What a verdict tells of frames that were due: seen or absent (judge/loss.h).  It decides nothing:
 * what cannot be told, because a leg is right by no model even with frames lost, is left out. */

struct tally {
	struct losses *losses;
	const struct history *history;
	const struct death *death;
};

static void add(struct tally *t, enum loss_kind kind, int k, int of, bool absent, int64_t due_ns)
{
	const struct loss_count count = {.kind = kind,
		.k = k,
		.of = of,
		.connection = t->history->connection,
		.due = kind == LOSS_RESET ? 2 : 1,
		.absent = absent,
		.absent_ns = absent ? due_ns : 0};

	losses_add(t->losses, &count);
}

/* ---- frames whose fate is known by what came of them ---- */

/* Does anything acknowledge the segment, up to the end of the watch? */
static bool is_acknowledged(const struct history *history, size_t index)
{
	const struct event *sent = &history->timeline->events[index];
	const uint32_t end = sent->segment.seq + sent->segment.length;

	for (size_t i = index + 1; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment != NULL && segment->segment.direction != sent->segment.direction &&
			!is_probe(segment) && (int32_t)(segment->segment.ack - end) >= 0)
			return true;
	}
	return false;
}

/* Was it in the capture, and acknowledged there, before it came again?  Then the acknowledgement
 * did not arrive. */
static bool was_acknowledged(const struct history *history, size_t index)
{
	const struct event *again = &history->timeline->events[index];
	const uint32_t end = again->segment.seq + again->segment.length;

	for (size_t i = history->begin; i < index; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment != NULL && segment->segment.direction != again->segment.direction &&
			(int32_t)(segment->segment.ack - end) >= 0)
			return true;
	}
	return false;
}

/* A SYN or SYN with ACK that came before already. */
static bool is_second_handshake(const struct history *history, size_t index)
{
	const struct event *syn = &history->timeline->events[index];

	for (size_t i = history->begin; i < index; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment != NULL && (segment->segment.flags & TCP_FLAG_SYN) != 0 &&
			segment->segment.direction == syn->segment.direction)
			return true;
	}
	return false;
}

/* Was the peer made deaf when this was sent first, by either side?  Then it was not lost: it was not
 * heard, or its acknowledgement was not. */
static bool met_a_deaf_peer(const struct history *history, size_t index)
{
	const struct event *again = &history->timeline->events[index];
	bool deaf = false;

	for (size_t i = 0; i < index; i++) {
		const struct event *event = &history->timeline->events[i];
		if (event->kind == EVENT_PEER && history_owns(history, event))
			deaf = event->act == ACT_SILENT || (deaf && event->act != ACT_SPEAKS);
		const struct event *segment = history_segment(history, i);
		if (segment != NULL && segment->segment.direction == again->segment.direction &&
			segment->segment.seq == again->segment.seq &&
			(segment->segment.length > 0 ||
				(segment->segment.flags & TCP_FLAG_FIN) != 0))
			return deaf;
	}
	return false;
}

/* Of the handshake the frames behind the first one, of data those in the air: what the peer sends,
 * and what it acknowledges. */
static void count_known(struct tally *t)
{
	const struct history *history = t->history;

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL)
			continue;
		if ((segment->segment.flags & TCP_FLAG_SYN) != 0) {
			if (is_second_handshake(history, i))
				t->losses->lost++;
			else
				t->losses->arrived++;
		} else if (segment->segment.role == ROLE_RETRANSMISSION) {
			t->losses->lost += (from_peer(segment) || was_acknowledged(history, i)) &&
					   !met_a_deaf_peer(history, i);
		} else if (segment->segment.role == ROLE_DATA) {
			t->losses->arrived += is_acknowledged(history, i);
		}
	}
}

/* ---- probes and answers ---- */

/* The models that have their first probe when T says; B and D explain what others do not by fewer
 * probes, and are of no use to tell what is missing. */
static bool tells(const struct prediction *p)
{
	return p->probes && model_counts_from_probe(p->model);
}

static bool fits_first(const struct history *history, const struct idle *idle, int lost)
{
	const int64_t leg = idle->probe->t_ns - idle->anchor->t_ns - lost * KEEPALIVE_INTERVAL_NS;

	for (size_t i = 0; i < history->prediction_count; i++) {
		const struct prediction *p = &history->predictions[i];
		if (tells(p) && leg_outcome(leg, leg_error(idle->anchor, idle->probe),
					held_back_window(history,
						idle_window(history, idle->anchor, p->first))) <
					OUTCOME_FAIL)
			return true;
	}
	return false;
}

/* Without a probe in the capture the death came when a model has it: one that sends some, so that they
 * are missing, or one that sends none. */
static bool fits_dead_without_probe(
	const struct history *history, const struct idle *idle, bool probes)
{
	for (size_t i = 0; i < history->prediction_count; i++) {
		const struct prediction *p = &history->predictions[i];
		if ((probes ? tells(p) : !p->probes) &&
			leg_outcome(idle->end_ns - idle->anchor->t_ns,
				idle->anchor->error_ns + idle->end_error_ns,
				idle_death_window(history, idle, p->dead)) < OUTCOME_FAIL)
			return true;
	}
	return false;
}

/* How many intervals a leg is; 0: no whole number of them. */
static int intervals(const struct history *history, int64_t leg, int64_t error, int64_t late_ns)
{
	const int64_t n = (leg + KEEPALIVE_INTERVAL_NS / 2) / KEEPALIVE_INTERVAL_NS;
	struct window window = held_back_window(
		history, leg_window_at(history->profile, n * KEEPALIVE_INTERVAL_NS));

	window.to_ns += late_ns;
	return n > 0 && leg_outcome(leg, error, window) < OUTCOME_FAIL ? (int)n : 0;
}

/* Of a larger count nothing is told. */
enum { PROBES_MOST = 255 };

/* An end that is known no better tells nothing: a CID that was gone when it was asked for. */
#define END_ERROR_NS (5 * NS_PER_S)

/* The probes of an idle time: which of the round were seen, up to the end of what is known. */
struct round {
	int known; /* probes 1 to known were due */
	bool seen[PROBES_MOST + 1];
};

/* Where the probes of the idle time stand in their round.  false: on no grid that tells. */
static bool read_round(const struct history *history, const struct idle *idle, struct round *round)
{
	const int count = history->plan.count;
	const struct event *before = NULL;
	int k = 0;

	*round = (struct round){0};
	if (count > PROBES_MOST || idle->end_error_ns > END_ERROR_NS)
		return false;
	if (idle->probe == NULL) {
		round->known = count;
		return idle->dead && fits_dead_without_probe(history, idle, true) &&
		       !fits_dead_without_probe(history, idle, false);
	}
	while (k < count && !fits_first(history, idle, k))
		k++;
	k++;
	for (const struct event *e = idle->probe; e <= idle->last_probe; e++) {
		const size_t i = (size_t)(e - history->timeline->events);
		if (history_segment(history, i) == NULL || !is_probe(e))
			continue;
		if (before != NULL) {
			const int n =
				intervals(history, e->t_ns - before->t_ns, leg_error(before, e), 0);
			if (n == 0)
				return false;
			k += n;
		}
		if (k > count)
			return false;
		round->seen[k] = true;
		before = e;
	}
	round->known = k;
	if (before == NULL)
		return false;
	const int64_t rest = idle->end_ns - before->t_ns;
	const int64_t error = before->error_ns + idle->end_error_ns;
	if (idle->dead) {
		/* The death comes an interval behind the last probe of the round. */
		const int n = intervals(history, rest, error, idle->late_ns);
		round->known = count;
		return n > 0 && k + n - 1 == count;
	}
	while (round->known < count &&
		rest - error > held_back_window(history,
				       leg_window_at(history->profile,
					       (round->known + 1 - k) * KEEPALIVE_INTERVAL_NS))
				       .to_ns)
		round->known++;
	return true;
}

/* What became of the answer that the idle time begins with; k: of the probe that it answers. */
enum answer_fate { ANSWER_UNKNOWN, ANSWER_HEARD, ANSWER_UNHEARD };

static enum answer_fate fate_of_answer(
	const struct history *history, const struct idle *idle, int k)
{
	const struct event *answered = last_answered_probe(history, idle);

	if (answered == NULL || idle->end_error_ns > END_ERROR_NS)
		return ANSWER_UNKNOWN;
	if (idle->probe != NULL) {
		for (int lost = 0; lost < history->plan.count; lost++)
			if (fits_first(history, idle, lost))
				return ANSWER_HEARD;
		return intervals(history, idle->probe->t_ns - answered->t_ns,
			       leg_error(answered, idle->probe), 0) == 1
			       ? ANSWER_UNHEARD
			       : ANSWER_UNKNOWN;
	}
	const int64_t rest = idle->end_ns - answered->t_ns;
	const int64_t error = answered->error_ns + idle->end_error_ns;
	const int left = history->plan.count - k + 1;
	if (idle->dead)
		return intervals(history, rest, error, idle->late_ns) == left ? ANSWER_UNHEARD
									      : ANSWER_UNKNOWN;
	/* It lives on where one that did not hear would have died or probed. */
	return rest - error > KEEPALIVE_INTERVAL_NS + 2 * NS_PER_S && left == 1 ? ANSWER_HEARD
										: ANSWER_UNKNOWN;
}

static void count_round(struct tally *t, const struct idle *idle, const struct round *round)
{
	const int count = t->history->plan.count;
	int64_t first_ns = idle->anchor->t_ns;

	for (int k = 1; k <= round->known; k++)
		if (round->seen[k]) {
			first_ns = idle->probe->t_ns - (k - 1) * KEEPALIVE_INTERVAL_NS;
			break;
		}
	for (int k = 1; k <= round->known; k++) {
		const int64_t due_ns = first_ns + (k - 1) * KEEPALIVE_INTERVAL_NS;
		/* The device asked for the peer's hardware address instead: what became of the
		 * probe is told, and not by a loss. */
		if (!round->seen[k] && arp_request_between(t->history, due_ns - ARP_APART_NS,
					       due_ns + ARP_APART_NS) != NULL)
			continue;
		/* Its fate is known where a monitor heard it on the air. */
		if (!round->seen[k] && air_sent_at(t->history, due_ns, 0) == AIR_YES)
			t->losses->lost++;
		else
			add(t, LOSS_PROBE, k, count, !round->seen[k], due_ns);
	}
}

/* Segments of the peer's that are to be ignored: what a device makes of them is another
 * question. */
static bool has_stray(const struct history *history, const struct idle *idle)
{
	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *event = &history->timeline->events[i];
		if (event->kind == EVENT_SEGMENT && history_owns(history, event) &&
			event->segment.role == ROLE_STRAY && event > idle->anchor &&
			event->t_ns <= idle->end_ns)
			return true;
	}
	return false;
}

static void count_rounds(struct tally *t)
{
	const struct history *history = t->history;
	struct idle idle;
	size_t position = 0;
	int answered = 0; /* the probe of its round that the idle time's anchor answers; 0: none */

	while (next_idle(history, t->death, &position, &idle)) {
		struct round round;
		enum answer_fate fate = ANSWER_HEARD;
		const bool is_answer = idle.anchor->segment.role == ROLE_PROBE_ANSWER;
		const bool changed = options_changed_since(history, idle.anchor);
		if (changed || idle.doubt != NULL || has_stray(history, &idle)) {
			answered = 0;
			continue;
		}
		if (is_answer) {
			fate = answered > 0 ? fate_of_answer(history, &idle, answered)
					    : ANSWER_UNKNOWN;
			if (fate == ANSWER_UNHEARD && air_undelivered(history, idle.anchor) != NULL)
				t->losses->lost++;
			else if (fate != ANSWER_UNKNOWN)
				add(t, LOSS_ANSWER, answered, history->plan.count,
					fate == ANSWER_UNHEARD, idle.anchor->t_ns);
		}
		answered = 0;
		if (fate != ANSWER_HEARD || !read_round(history, &idle, &round))
			continue;
		count_round(t, &idle, &round);
		/* What ends it answers the last one that was seen. */
		answered = round.seen[round.known] ? round.known : 0;
	}
}

/* ---- a RST behind the death ---- */

#define RESET_WITHIN_NS (2 * NS_PER_S)

static void count_reset(struct tally *t)
{
	const struct history *history = t->history;
	const struct event *late = NULL;
	bool reset = false;

	for (size_t i = t->death->index + 1; i < history->end && !reset; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL || segment->t_ns <= t->death->t_ns + t->death->error_ns)
			continue;
		if (from_peer(segment) && (segment->segment.flags & TCP_FLAG_RST) == 0)
			late = late == NULL ? segment : late;
		else if (!from_peer(segment) && late != NULL)
			reset = (segment->segment.flags & TCP_FLAG_RST) != 0;
	}
	if (late != NULL && history->watched_ns - late->t_ns > RESET_WITHIN_NS)
		add(t, LOSS_RESET, 1, 1, !reset, late->t_ns);
}

/* ---- an end that the peer sent ---- */

/* A device that heard it has told of it by then, and given the CID up. */
#define HEEDED_WITHIN_NS (15 * NS_PER_S)

static const struct event *end_of_peer(const struct history *history)
{
	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		const uint8_t ends = TCP_FLAG_RST | TCP_FLAG_FIN;
		if (segment != NULL && (segment->segment.flags & ends) != 0)
			return from_peer(segment) ? segment : NULL;
	}
	return NULL;
}

/* Any sign that the device acted on it: a notice, its own end, a FIN that is acknowledged, a CID that is
 * gone.  listed: the CID is there still. */
static bool was_heeded(const struct history *history, const struct event *end, bool *listed)
{
	const struct timeline *timeline = history->timeline;

	for (size_t i = (size_t)(end - timeline->events) + 1; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (!history_owns(history, event))
			continue;
		if (is_death_notice(event) || (event->kind == EVENT_LISTING && !event->listed))
			return true;
		*listed |= event->kind == EVENT_LISTING;
		if (i < history->end && event->kind == EVENT_SEGMENT && !from_peer(event) &&
			(event->segment.flags & (TCP_FLAG_RST | TCP_FLAG_FIN)) != 0)
			return true;
	}
	return end_acknowledged(history, end) != NULL;
}

static void count_end(struct tally *t)
{
	const struct history *history = t->history;
	const struct event *end = end_of_peer(history);
	bool listed = false;

	if (end == NULL || history->watched_ns - end->t_ns < HEEDED_WITHIN_NS)
		return;
	const bool heeded = was_heeded(history, end, &listed);
	if (heeded || listed)
		add(t, LOSS_END,
			(end->segment.flags & TCP_FLAG_RST) != 0 ? LOSS_END_RST : LOSS_END_FIN,
			LOSS_END_RST, !heeded, end->t_ns);
}

static bool has_fault(const struct history *history)
{
	for (size_t i = history->faults_begin; i < history->faults_end; i++) {
		const struct event *event = &history->timeline->events[i];
		if (event->kind == EVENT_FAULT && event->fault != FAULT_NONE &&
			(event->connection == NO_CONNECTION ||
				event->connection == history->connection))
			return true;
	}
	return false;
}

void judge_losses(
	struct verdict *verdict, const struct timeline *timeline, const struct profile *profile)
{
	for (int i = 0; i < timeline->scenario.connection_count; i++) {
		const struct history history =
			history_of(timeline, i, profile, GENERATION_ACTED_ON);
		const struct death death = history_death(&history);
		struct tally t = {&verdict->losses, &history, &death};
		if (!frames_may_be_lost(&history))
			return;
		verdict->losses.level = profile->loss_level;
		if (!history.known || !history.watched || has_fault(&history))
			continue;
		count_known(&t);
		if (history.plan.on && history.plan.timed && !options_refused(timeline, i))
			count_rounds(&t);
		if (death.sign != SIGN_NONE && !death.commanded)
			count_reset(&t);
		count_end(&t);
	}
}
