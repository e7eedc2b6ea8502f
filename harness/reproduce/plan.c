/* SPDX-License-Identifier: MIT */
#include "reproduce/plan.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/keepalive_interval.h"

/* A living peer's stack answers within 500 ms (RFC 1122 4.2.3.2), and the network adds to it. */
#define PROMPT_NS (2 * NS_PER_S)
/* Data that follows so soon is one exchange. */
#define BURST_NS NS_PER_S
/* How far from the time at which it is due a probe or a death may come (judge/profile.h: 0.52 s). */
#define DUE_SLACK_NS (600 * NS_PER_MS)
/* No idle time can be set below one interval (T >= N x 75 s): sooner no device gives up. */
#define SOONEST_DEATH_NS (KEEPALIVE_INTERVAL_NS - 2 * NS_PER_S)

enum { MOST_STEPS = SCENARIO_STEPS - 24, STRIPPED_OCTETS = 2, UNSEEN_OCTETS = 100 };

/* Data of one side that is being exchanged. */
struct burst {
	int step; /* its index; -1: there is none */
	int64_t begin_ns, last_ns;
};

struct walk {
	const struct observed *observed;
	const struct timeline *timeline;
	struct scenario *scenario;
	struct scenario_comments *comments;
	bool strip;
	struct plan plan;
	bool silent;
	bool closed; /* the peer's window */
	int64_t closed_ns;
	bool late;		/* the peer's last word was an answer that came late */
	int in_a_row;		/* probes since the peer's last segment */
	int64_t probe_ns;	/* the last of them */
	int64_t gap_ns;		/* between the last two of them; 0: it is one */
	int64_t before_ns;	/* the event before this one */
	bool coarse;		/* what both sides send within a second is one exchange */
	struct burst bursts[2]; /* of the device, of the peer */
	size_t icmp;		/* the next one */
	bool over;
};

/* What comes from here on is not reproduced. */
static void end_at(struct walk *w, int64_t t_ns)
{
	w->plan.cut = true;
	w->plan.ended_ns = t_ns - 1;
	w->over = true;
}

/* ---- steps ---- */

static int64_t after_start(const struct walk *w, int64_t t_ns)
{
	return t_ns > w->plan.start_ns ? t_ns - w->plan.start_ns : 0;
}

__attribute__((format(printf, 3, 4))) static struct step *put(
	struct walk *w, struct step step, const char *format, ...)
{
	struct scenario *s = w->scenario;
	va_list arguments;

	if (s->step_count >= MOST_STEPS) {
		w->plan.trimmed = true;
		end_at(w, w->before_ns + 1);
		return NULL;
	}
	va_start(arguments, format);
	vsnprintf(w->comments->steps[s->step_count], SCENARIO_TEXT, format, arguments);
	va_end(arguments);
	w->bursts[0].step = w->bursts[1].step = -1;
	s->steps[s->step_count] = step;
	return &s->steps[s->step_count++];
}

static struct step at_time(const struct walk *w, enum step_kind kind, int64_t t_ns)
{
	return (struct step){.kind = kind,
		.connection = 0,
		.anchor = ANCHOR_START,
		.anchor_connection = NO_CONNECTION,
		.at_ns = after_start(w, t_ns)};
}

static struct step on_probe(const struct walk *w, enum step_kind kind, int64_t t_ns)
{
	struct step step = at_time(w, kind, t_ns);

	if (w->in_a_row == 0)
		return step;
	step.anchor = ANCHOR_PROBE;
	step.anchor_connection = 0;
	step.nth = w->in_a_row;
	step.at_ns = t_ns - w->probe_ns;
	return step;
}

/* Between two events: nobody can say when it happened. */
static int64_t between(int64_t from_ns, int64_t to_ns)
{
	return from_ns + (to_ns - from_ns) / 2;
}

static void fall_silent(struct walk *w, const struct event *call)
{
	if (w->silent)
		return;
	w->silent = true;
	put(w, at_time(w, STEP_PEER_SILENT, between(w->before_ns, call->t_ns)),
		"it did not answer frame %llu", (unsigned long long)call->segment.frame);
}

static void speak_again(struct walk *w, const struct event *segment)
{
	if (!w->silent)
		return;
	w->silent = false;
	w->plan.missed_rounds++;
	put(w, on_probe(w, STEP_PEER_SPEAKS, between(w->before_ns, segment->t_ns)),
		"it sent again around frame %llu", (unsigned long long)segment->segment.frame);
}

/* Does data that comes now belong to the exchange? */
static bool goes_on(const struct walk *w, const struct burst *burst, int64_t t_ns)
{
	return burst->step >= 0 && t_ns - (w->coarse ? burst->begin_ns : burst->last_ns) < BURST_NS;
}

static void exchange(struct walk *w, enum step_kind kind, const struct event *segment)
{
	const int side = kind == STEP_DEVICE_SENDS ? 0 : 1;
	const int size = w->strip ? STRIPPED_OCTETS : (int)segment->segment.length;
	const struct burst other = w->bursts[!side];
	struct burst *burst = &w->bursts[side];
	struct step step = at_time(w, kind, segment->t_ns);

	if (goes_on(w, burst, segment->t_ns)) {
		burst->last_ns = segment->t_ns;
		if (!w->strip)
			w->scenario->steps[burst->step].size += size;
		return;
	}
	step.size = size;
	if (put(w, step, "frame %llu", (unsigned long long)segment->segment.frame) == NULL)
		return;
	*burst = (struct burst){w->scenario->step_count - 1, segment->t_ns, segment->t_ns};
	if (w->coarse)
		w->bursts[!side] = other;
}

/* ---- the device's segments ---- */

/* Does it call for an answer that a living peer gives? */
static bool calls(const struct event *event)
{
	const struct timeline_segment *s = &event->segment;

	return s->direction == FROM_DEVICE && s->checksum_ok &&
	       (s->role == ROLE_PROBE || s->role == ROLE_DATA || s->role == ROLE_RETRANSMISSION ||
		       s->role == ROLE_ZERO_WINDOW_PROBE);
}

static const struct event *next_of_peer(const struct walk *w, size_t index)
{
	for (size_t i = index + 1; i < w->timeline->count; i++) {
		const struct timeline_segment *s = &w->timeline->events[i].segment;
		if (s->direction == FROM_PEER && s->role != ROLE_STRAY)
			return &w->timeline->events[i];
	}
	return NULL;
}

/* Its host had data, of which nothing is seen but what probes the window. */
static void take_window_probe(struct walk *w)
{
	struct step step = at_time(w, STEP_DEVICE_SENDS, w->closed_ns + NS_PER_S);

	if (w->plan.closed_window)
		return;
	w->plan.closed_window = true;
	step.size = w->strip ? STRIPPED_OCTETS : UNSEEN_OCTETS;
	put(w, step, "assumed: the device probes the window, so its host had data");
}

/* A RST that data drew has no ACK (RFC 9293 3.10.7.1); with one it is the application's. */
static bool is_drawn_reset(const struct event *call, const struct event *answer)
{
	return (answer->segment.flags & TCP_FLAG_RST) != 0 &&
	       (call->segment.role != ROLE_DATA || (answer->segment.flags & TCP_FLAG_ACK) == 0);
}

static void take_call(struct walk *w, size_t index)
{
	const struct event *call = &w->timeline->events[index];
	const struct event *answer = next_of_peer(w, index);
	bool prompt = answer != NULL && answer->t_ns - call->t_ns <= PROMPT_NS;

	if (prompt && is_drawn_reset(call, answer)) {
		put(w, at_time(w, STEP_PEER_REBOOTS, between(w->before_ns, call->t_ns)),
			"it answered frame %llu with RST", (unsigned long long)call->segment.frame);
		w->plan.ending = ENDING_REBOOTED;
		w->plan.ended_ns = answer->t_ns;
		w->over = true;
	} else if (prompt) {
		speak_again(w, call);
	} else if (answer != NULL || w->observed->end_ns - call->t_ns > PROMPT_NS) {
		fall_silent(w, call);
	}
	if (call->segment.role == ROLE_PROBE) {
		w->gap_ns = w->in_a_row++ > 0 ? call->t_ns - w->probe_ns : 0;
		w->probe_ns = call->t_ns;
	}
	if (call->segment.role == ROLE_RETRANSMISSION)
		w->plan.retransmissions++;
	if (call->segment.role == ROLE_DATA && !w->over)
		exchange(w, STEP_DEVICE_SENDS, call);
}

/* A FIN of the device is how it declares a death, when no probe came that was due before it: an
 * interval after one that the peer has not answered (as diagnose/direction.c has it).  Else its host
 * closed the connection. */
static bool declares_death(const struct walk *w, const struct event *fin)
{
	const int64_t due_ns = w->gap_ns != 0 ? w->gap_ns : KEEPALIVE_INTERVAL_NS;

	return w->silent && w->in_a_row > 0 &&
	       fin->t_ns - w->probe_ns >= due_ns - due_ns / 20 - 50 * NS_PER_MS;
}

/* Closing is the host's affair and not repeated: the scenario ends before. */
static void take_fin(struct walk *w, size_t index)
{
	const struct event *fin = &w->timeline->events[index];
	const struct event *answer = next_of_peer(w, index);

	if (declares_death(w, fin)) {
		w->plan.gave_up_ns = fin->t_ns;
		w->over = true;
		return;
	}
	const int64_t answer_ns = answer != NULL ? answer->t_ns : w->observed->end_ns;
	if (answer_ns - fin->t_ns > PROMPT_NS)
		fall_silent(w, fin);
	w->plan.host_closed = true;
	end_at(w, fin->t_ns);
}

static bool is_about(int64_t a_ns, int64_t b_ns)
{
	return llabs(a_ns - b_ns) <= DUE_SLACK_NS;
}

/* The last segment of the peer's before an event; the beginning when there is none. */
static int64_t heard_before(const struct walk *w, size_t index)
{
	for (size_t i = index; i-- > 0;)
		if (w->timeline->events[i].segment.direction == FROM_PEER)
			return w->timeline->events[i].t_ns;
	return w->plan.start_ns;
}

/* Keep-alive gives up when a probe is due: an interval after the last one, or after an idle time,
 * those of the vendor's page or those that the capture shows.  A RST at another time, of a
 * connection that lives and that nothing else befell, was its host's. */
static bool host_resets(const struct walk *w, size_t index)
{
	const struct event *events = w->timeline->events;
	const int64_t t_ns = events[index].t_ns;
	size_t probes[2], found = 0;

	for (size_t i = index; i-- > 0 && found < 2;)
		if (observed_is_probe(w->observed, i, FROM_DEVICE))
			probes[found++] = i;
	if (w->silent || w->closed || w->plan.stray_resets > 0 || w->plan.soft_icmps > 0)
		return false;
	if (t_ns - heard_before(w, index) < SOONEST_DEATH_NS)
		return true;
	if (found == 0)
		return false;
	const int64_t last_ns = events[probes[0]].t_ns;
	/* Whoever gives up has waited for an answer. */
	if (t_ns - last_ns < KEEPALIVE_QUIET_NS)
		return true;
	const int64_t idle_ns = last_ns - heard_before(w, probes[0]);
	bool due = is_about(t_ns - last_ns, KEEPALIVE_INTERVAL_NS) ||
		   is_about(t_ns - heard_before(w, index), idle_ns) ||
		   (found == 2 && is_about(t_ns - last_ns, last_ns - events[probes[1]].t_ns));
	return !due;
}

static void take_from_device(struct walk *w, size_t index)
{
	const struct event *event = &w->timeline->events[index];

	w->plan.device_gone = false;
	w->late &= !calls(event);
	if ((event->segment.flags & TCP_FLAG_RST) != 0 && host_resets(w, index)) {
		w->plan.host_closed = true;
		end_at(w, event->t_ns);
	} else if ((event->segment.flags & TCP_FLAG_RST) != 0) {
		w->plan.gave_up_ns = event->t_ns;
		w->over = true;
	} else if ((event->segment.flags & TCP_FLAG_FIN) != 0) {
		take_fin(w, index);
	} else if (w->closed && event->segment.role != ROLE_PROBE) {
		take_window_probe(w);
	} else if (calls(event)) {
		take_call(w, index);
	}
}

/* ---- the peer's ---- */

static void end_by_peer(struct walk *w, enum step_kind kind, const struct event *event)
{
	if (kind == STEP_PEER_CLOSES)
		speak_again(w, event);
	put(w, on_probe(w, kind, event->t_ns), "frame %llu",
		(unsigned long long)event->segment.frame);
	w->plan.ending = ENDING_PEER_ENDED;
	w->plan.ended_ns = event->t_ns;
	w->over = true;
}

static void take_late_answer(struct walk *w, const struct event *event)
{
	struct step step = on_probe(w, STEP_PEER_SEGMENT, event->t_ns);

	step.raw.kind = RAW_ACK;
	put(w, step, "frame %llu: late", (unsigned long long)event->segment.frame);
	w->plan.missed_rounds++;
	w->late = true;
}

static void take_stray(struct walk *w, const struct event *event)
{
	const struct timeline_segment *s = &event->segment;
	struct step step = on_probe(w, STEP_PEER_SEGMENT, event->t_ns);

	if ((s->flags & TCP_FLAG_RST) != 0) {
		step.raw.kind = RAW_RST;
		step.raw.seq_offset = (int)(int32_t)(s->seq - s->snd_nxt);
		w->plan.stray_resets++;
	} else {
		step.raw.kind = RAW_ACK;
		step.raw.bad_checksum = true;
		w->plan.stray_answers++;
	}
	put(w, step, "frame %llu: to be ignored", (unsigned long long)s->frame);
}

/* From here on each segment of the device is answered by a window of no octets. */
static void close_window(struct walk *w, const struct event *event)
{
	struct step step = at_time(w, STEP_PEER_SEGMENT, event->t_ns);

	fall_silent(w, event);
	step.raw = (struct raw_plan){.kind = RAW_ACK, .closed_window = true};
	put(w, step, "frame %llu: zero window", (unsigned long long)event->segment.frame);
	w->closed = true;
	w->closed_ns = event->t_ns;
	/* Its last word: it was gone from then on. */
	if (next_of_peer(w, (size_t)(event - w->timeline->events)) == NULL)
		return;
	step.anchor = ANCHOR_CALL;
	step.anchor_connection = 0;
	step.at_ns = 0;
	step.nth = 1;
	step.every = true;
	put(w, step, "and it stays closed");
}

static bool announces_no_window(const struct timeline_segment *s)
{
	return s->window == 0 && (s->flags & (TCP_FLAG_RST | TCP_FLAG_SYN | TCP_FLAG_FIN)) == 0;
}

static void take_from_peer(struct walk *w, const struct event *event)
{
	const struct timeline_segment *s = &event->segment;

	if (s->role == ROLE_STRAY) {
		take_stray(w, event);
		return;
	}
	if (w->in_a_row > w->plan.survived)
		w->plan.survived = w->in_a_row;
	if (announces_no_window(s) || w->closed) {
		if (!w->closed)
			close_window(w, event);
		else if (!announces_no_window(s))
			end_at(w, event->t_ns); /* no step opens it again */
		w->plan.last_received_ns = event->t_ns;
		w->in_a_row = 0;
		return;
	}
	if ((s->flags & TCP_FLAG_RST) != 0) {
		end_by_peer(w, STEP_PEER_RESETS, event);
	} else if ((s->flags & TCP_FLAG_FIN) != 0) {
		end_by_peer(w, STEP_PEER_CLOSES, event);
	} else if (s->role == ROLE_DATA) {
		speak_again(w, event);
		if (!w->over)
			exchange(w, STEP_PEER_SENDS, event);
	} else if (s->role == ROLE_PROBE) {
		struct step step = at_time(w, STEP_PEER_SEGMENT, event->t_ns);
		step.raw.kind = RAW_PROBE;
		step.size = (int)s->length;
		w->plan.peer_probes++;
		w->plan.device_gone = true;
		put(w, step, "frame %llu", (unsigned long long)s->frame);
	} else if (w->silent) {
		take_late_answer(w, event);
	} else if (s->role == ROLE_UNSOLICITED_ACK) {
		struct step step = at_time(w, STEP_PEER_SEGMENT, event->t_ns);
		step.raw.kind = RAW_ACK;
		put(w, step, "frame %llu: unsolicited", (unsigned long long)s->frame);
	}
	if (s->role == ROLE_PROBE_ANSWER)
		w->plan.answered++;
	w->plan.last_received_ns = event->t_ns;
	w->in_a_row = 0;
}

/* Those before that frame: on a stepped clock much has one time. */
static void take_icmps(struct walk *w, uint64_t frame)
{
	for (; w->icmp < w->observed->icmp_count; w->icmp++) {
		const struct observed_icmp *icmp = &w->observed->icmps[w->icmp];
		if (icmp->frame > frame || w->over)
			return;
		if (icmp->about != FROM_DEVICE || icmp->t_ns < w->plan.start_ns)
			continue;
		struct step step = on_probe(w, STEP_PEER_SEGMENT, icmp->t_ns);
		step.raw = (struct raw_plan){.kind = RAW_UNREACHABLE, .code = icmp->code};
		if (icmp->code == 0 || icmp->code == 1 || icmp->code == 5)
			w->plan.soft_icmps++;
		else
			w->plan.hard_icmps++;
		put(w, step, "frame %llu", (unsigned long long)icmp->frame);
	}
}

/* ---- the whole ---- */

static void walk_from(struct walk *w, size_t begin)
{
	const struct timeline *timeline = w->timeline;

	w->plan.begin = begin;
	w->plan.start_ns = timeline->events[begin > 0 ? begin - 1 : 0].t_ns;
	w->before_ns = w->plan.start_ns;
	w->plan.last_received_ns = w->plan.start_ns;
	w->bursts[0].step = w->bursts[1].step = -1;
	for (size_t i = begin; i < timeline->count && !w->over; i++) {
		const struct event *event = &timeline->events[i];
		take_icmps(w, event->segment.frame);
		if (event->segment.direction == FROM_DEVICE)
			take_from_device(w, i);
		else
			take_from_peer(w, event);
		w->before_ns = event->t_ns;
	}
	take_icmps(w, UINT64_MAX);
}

static int probes_after(const struct walk *w, int64_t end_ns)
{
	int count = 0;

	for (size_t i = 0; i < w->timeline->count; i++) {
		const struct event *event = &w->timeline->events[i];
		if (event->t_ns > end_ns && event->segment.direction == FROM_DEVICE &&
			event->segment.role == ROLE_PROBE)
			count++;
	}
	return count;
}

/* What became of it, where no end of the peer said so. */
static void settle(struct walk *w)
{
	struct plan *plan = &w->plan;

	plan->unanswered = w->in_a_row;
	if (plan->ending != ENDING_ALIVE) {
		plan->probes_after_end = probes_after(w, plan->ended_ns);
		plan->ended_ns = w->observed->end_ns;
		return;
	}
	if (!plan->cut)
		plan->ended_ns = w->observed->end_ns;
	/* It answers late, and lives. */
	if (w->silent && !w->closed && w->late) {
		w->silent = false;
		put(w, at_time(w, STEP_PEER_SPEAKS, w->before_ns + PROMPT_NS / 2),
			"assumed: it answered late, and nothing shows that it fell silent");
	}
	/* A closed window that nobody probed as such is that of an idle peer, and may be a dead one's. */
	if (w->silent && (!w->closed || (!plan->closed_window && w->in_a_row > 0))) {
		plan->ending = ENDING_SILENT;
	} else if (!plan->cut && !w->late && plan->gave_up_ns == 0 &&
		   plan->ended_ns - w->before_ns > PROMPT_NS &&
		   observed_probes(w->observed, FROM_DEVICE) == 0 && plan->stray_resets == 0) {
		plan->ending = ENDING_NOTHING;
		put(w, at_time(w, STEP_PEER_SILENT, w->before_ns + PROMPT_NS / 2),
			"assumed: no segment of either side from here on");
	}
}

/* Up to where the beginning may be left out: the last idle time that has a probe begins there. */
static size_t last_needed(const struct observed *observed, size_t begin)
{
	const struct event *events = observed->timeline->events;
	size_t heard = begin, needed = SIZE_MAX;
	bool probed = false;

	for (size_t i = begin; i < observed->timeline->count; i++) {
		if (observed_is_probe(observed, i, FROM_DEVICE)) {
			needed = probed ? needed : heard;
			probed = true;
		} else if (events[i].segment.direction == FROM_PEER) {
			heard = i;
			probed = false;
		}
	}
	return needed;
}

/* What does not fit is left out: first the order of what is exchanged within a second, then the
 * beginning, as far as no probe is lost by it, then the end. */
struct plan plan_steps(const struct observed *observed, bool strip, struct scenario *scenario,
	struct scenario_comments *comments)
{
	const int setup_steps = scenario->step_count;
	const size_t count = observed->timeline->count;
	struct walk w;
	enum connection_role role;
	size_t begin = observed_first_event(observed, &role);
	const size_t needed = last_needed(observed, begin);
	bool coarse = false, trimmed = false;

	for (;;) {
		w = (struct walk){.observed = observed,
			.timeline = observed->timeline,
			.scenario = scenario,
			.comments = comments,
			.coarse = coarse,
			.strip = strip};
		scenario->step_count = setup_steps;
		walk_from(&w, begin);
		if (!w.plan.trimmed || begin == needed)
			break;
		if (coarse) {
			trimmed = true;
			begin += (count - begin) / 8 + 1;
			if (begin > needed)
				begin = needed;
		}
		coarse = true;
	}
	w.plan.end_trimmed = w.plan.trimmed;
	w.plan.trimmed = trimmed;
	settle(&w);
	w.plan.role = role;
	return w.plan;
}
