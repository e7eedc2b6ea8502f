/* SPDX-License-Identifier: MIT */
#include "judge/history.h"

#include "judge/loss.h"
#include "scenario/expectation.h"
#include "uart/at_command.h"

static bool acts_on(const struct step *step, int connection)
{
	return step->connection == connection &&
	       (step->kind == STEP_PEER_SILENT || step->kind == STEP_PEER_REBOOTS ||
		       step->kind == STEP_PEER_RESETS || step->kind == STEP_PEER_CLOSES ||
		       step->kind == STEP_CLOSE);
}

static int choose_generation(
	const struct timeline *timeline, int connection, enum generation_wanted wanted)
{
	int latest = 0, acted_on = 0;

	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->connection == connection && event->generation > latest)
			latest = event->generation;
		if (event->kind == EVENT_STEP && event->step >= 0 &&
			acts_on(&timeline->scenario.steps[event->step], connection))
			acted_on = latest;
	}
	return wanted == GENERATION_ACTED_ON && acted_on > 0 ? acted_on : latest;
}

/* The one that it is when all of the scenario is carried out.  What was seen of one before is
 * nothing to hold it to. */
static int planned_generation(
	const struct scenario *scenario, int connection, enum generation_wanted wanted)
{
	int latest = 0, acted_on = 0;

	if (connection < 0 || connection >= scenario->connection_count)
		return 0;
	latest = scenario->connections[connection].opened_later ? 0 : 1;
	for (int i = 0; i < scenario->step_count; i++) {
		const struct step *step = &scenario->steps[i];
		latest += step->connection == connection && step->kind == STEP_OPEN;
		if (acts_on(step, connection))
			acted_on = latest;
	}
	return wanted == GENERATION_ACTED_ON && acted_on > 0 ? acted_on : latest;
}

bool history_owns(const struct history *history, const struct event *event)
{
	return event->connection == history->connection && event->generation == history->generation;
}

static void find_bounds(struct history *history)
{
	const struct timeline *timeline = history->timeline;

	history->begin = history->end = timeline->count;
	history->faults_begin = timeline->count;
	/* Where the setup came to nothing it is what is told of. */
	history->start_ns = timeline->count > 0 ? timeline->events[0].t_ns : 0;
	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind == EVENT_START)
			history->start_ns = event->t_ns;
		if (event->kind == EVENT_FAULT) {
			if (history->faults_end == 0)
				history->faults_begin = i;
			history->faults_end = i + 1;
		}
		if (event->kind == EVENT_WATCHED && !history->watched) {
			history->watched = true;
			history->end = i;
			history->watched_ns = event->t_ns;
			history->watched_error_ns = event->error_ns;
		}
		if (!history_owns(history, event))
			continue;
		if (event->kind == EVENT_OPENED || event->kind == EVENT_SEGMENT) {
			if (!history->known)
				history->begin = i;
			history->known = true;
		}
		if (event->kind == EVENT_OPENED)
			history->cid = event->cid;
	}
	if (history->begin > history->end)
		history->begin = history->end;
	if (!history->watched && history->known)
		history->watched_ns = timeline->events[history->begin].t_ns;
}

bool is_option_answer(const struct history *history, const struct event *event)
{
	return event->kind == EVENT_RESPONSE && event->step >= 0 && history_owns(history, event) &&
	       step_option_kind(&history->timeline->scenario.steps[event->step]) != OPTION_NONE;
}

/* What is documented counts as the vendor has it, whatever the device says; the rest if it says
 * OK. */
static void take_option(
	struct history *history, const struct step *step, const struct event *answer)
{
	if (step_option_kind(step) == OPTION_DOCUMENTED || (answer != NULL && is_ok(answer)))
		planned_keepalive_apply(&history->plan, step);
}

/* Options that follow each other so closely set a connection up; later ones change it. */
#define SET_UP_NS (3 * NS_PER_S)

/* When the options were answered, and which of them change what had been set up before. */
static void find_option_times(struct history *history, const struct event **answers)
{
	const struct timeline *timeline = history->timeline;
	int64_t set_up_ns = 0;

	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (!is_option_answer(history, event))
			continue;
		bool setup = timeline->scenario.steps[event->step].anchor == ANCHOR_SETUP;
		answers[event->step] = event;
		history->options_ns = event->t_ns;
		if (setup || set_up_ns == 0 || event->t_ns - set_up_ns <= SET_UP_NS)
			set_up_ns = event->t_ns;
		else
			history->changed_ns = event->t_ns;
	}
}

/* The options that this generation was given: those of the setup go to the first one. */
static void find_plan(struct history *history)
{
	const struct timeline *timeline = history->timeline;
	const struct event *answers[SCENARIO_STEPS] = {NULL};

	history->plan = planned_keepalive_default();
	find_option_times(history, answers);
	for (int i = 0; i < timeline->scenario.step_count && history->generation <= 1; i++) {
		const struct step *step = &timeline->scenario.steps[i];
		if (step->anchor == ANCHOR_SETUP && step->connection == history->connection)
			take_option(history, step, answers[i]);
	}
	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (is_option_answer(history, event) &&
			timeline->scenario.steps[event->step].anchor != ANCHOR_SETUP)
			take_option(history, &timeline->scenario.steps[event->step], event);
	}
}

/* Since when keep-alive is on: the step that switched it on last.  The answer to it may be late. */
static int64_t find_on(const struct history *history)
{
	const struct timeline *timeline = history->timeline;
	struct planned_keepalive plan = planned_keepalive_default();
	int64_t on_ns = INT64_MIN;

	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind != EVENT_STEP || event->step < 0 ||
			event->connection != history->connection)
			continue;
		const bool was_on = plan.on;
		planned_keepalive_apply(&plan, &timeline->scenario.steps[event->step]);
		if (plan.on && !was_on)
			on_ns = event->t_ns - event->error_ns;
	}
	return on_ns;
}

/* ---- ARP ---- */

static bool is_about_peer(const struct history *history, const struct event *event)
{
	const struct planned_connection *connections = history->timeline->scenario.connections;

	return event->kind == EVENT_ARP && event->connection != NO_CONNECTION &&
	       connections[event->connection].spare == connections[history->connection].spare;
}

const struct event *arp_request_between(
	const struct history *history, int64_t from_ns, int64_t to_ns)
{
	for (size_t i = 0; i < history->timeline->count; i++) {
		const struct event *event = &history->timeline->events[i];
		if (is_about_peer(history, event) && event->t_ns >= from_ns && event->t_ns <= to_ns)
			return event;
	}
	return NULL;
}

/* The last one before event 'index', within_ns before it at most; its index, or that of the event. */
static size_t request_before(const struct history *history, size_t index, int64_t within_ns)
{
	const struct event *events = history->timeline->events;

	for (size_t i = index; i-- > 0 && events[index].t_ns - events[i].t_ns <= within_ns;)
		if (is_about_peer(history, &events[i]))
			return i;
	return index;
}

/* Requests are sent again each second, and a frame goes out when one is answered. */
#define ARP_AGAIN_NS (1200 * NS_PER_MS)

/* How long a probe, or the RST of a death, may have waited for the answer to the request right
 * before it; so many requests before the first that was seen may have been lost.  0: there is
 * none. */
static int64_t waited_for_arp(const struct history *history, size_t probe, int lost)
{
	const struct event *events = history->timeline->events;
	size_t first = request_before(history, probe, ARP_AGAIN_NS);

	if (first == probe)
		return 0;
	/* One between two that were seen may have been lost. */
	size_t before = request_before(history, first, 2 * ARP_AGAIN_NS);
	while (before != first) {
		first = before;
		before = request_before(history, first, 2 * ARP_AGAIN_NS);
	}
	return events[probe].t_ns - events[first].t_ns + lost * NS_PER_S;
}

static int64_t find_held_back(const struct history *history)
{
	enum { LOST_IN_LOSSY_AIR = 4 };
	const bool lossy = history->profile->lossy_air;
	int64_t longest = lossy ? NS_PER_S : 0;

	for (size_t i = history->begin; i < history->end && frames_may_be_lost(history); i++) {
		const struct event *segment = history_segment(history, i);
		const bool is_reset = segment != NULL && !from_peer(segment) &&
				      (segment->segment.flags & TCP_FLAG_RST) != 0;
		if (segment == NULL || (!is_probe(segment) && !is_reset))
			continue;
		const int64_t waited = waited_for_arp(history, i, lossy ? LOST_IN_LOSSY_AIR : 1);
		longest = waited > longest ? waited : longest;
	}
	return longest;
}

struct history history_of(const struct timeline *timeline, int connection,
	const struct profile *profile, enum generation_wanted wanted)
{
	struct history history = {.timeline = timeline,
		.profile = profile,
		.connection = connection,
		.generation = choose_generation(timeline, connection, wanted),
		.name = "?",
		.cid = -1};

	if (connection >= 0 && connection < timeline->scenario.connection_count)
		history.name = timeline->scenario.connections[connection].name;
	find_bounds(&history);
	if (history.generation < planned_generation(&timeline->scenario, connection, wanted))
		history.known = false;
	find_plan(&history);
	history.on_ns = find_on(&history);
	history.held_back_ns = find_held_back(&history);
	history.prediction_count = models_predict(
		profile, history.plan.count, history.plan.timeout_s, history.predictions);
	return history;
}

int64_t step_done_ns(const struct timeline *timeline, enum step_kind kind)
{
	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind == EVENT_STEP && event->step >= 0 &&
			timeline->scenario.steps[event->step].kind == kind)
			return event->t_ns;
	}
	return -1;
}

bool has_step(const struct history *history, enum step_kind kind)
{
	const struct scenario *scenario = &history->timeline->scenario;

	for (int i = 0; i < scenario->step_count; i++)
		if (scenario->steps[i].connection == history->connection &&
			scenario->steps[i].kind == kind)
			return true;
	return false;
}

bool frames_may_be_lost(const struct history *history)
{
	return !history->timeline->stepped || history->profile->lossy_air;
}

/* More than these are lost with a probability below the level: of so many frames, each of which, or its
 * answer, is lost with the probability of the profile. */
static int frames_lost_by_chance(const struct profile *profile, int frames)
{
	const double probability = 2 * profile->loss_percent / 100;
	int lost = 0;

	while (lost < frames && binomial_tail(lost + 1, frames, probability) > profile->loss_level)
		lost++;
	return lost;
}

int frames_lost_at_most(const struct history *history, int frames)
{
	const int now_and_then = 2 + frames / 10;

	if (history->profile->lossy_air) {
		const int by_chance = frames_lost_by_chance(history->profile, frames);
		return by_chance > now_and_then ? by_chance : now_and_then;
	}
	return frames_may_be_lost(history) ? 1 + frames / 20 : 0;
}

int frames_lost_in_a_row(const struct history *history)
{
	const double probability = history->profile->loss_percent / 100;
	double chance = probability;
	int lost = 1;

	if (!history->profile->lossy_air)
		return frames_lost_at_most(history, 1);
	/* There are many places where such a row may begin. */
	while (chance > history->profile->loss_level / 100) {
		chance *= probability;
		lost++;
	}
	return lost;
}

bool probe_is_possible(const struct history *history, int64_t t_ns)
{
	return history->on_ns == INT64_MIN || t_ns >= history->on_ns - NS_PER_S;
}

struct window held_back_window(const struct history *history, struct window window)
{
	return (struct window){
		window.from_ns - history->held_back_ns, window.to_ns + history->held_back_ns};
}

const struct event *history_segment(const struct history *history, size_t i)
{
	const struct event *event = &history->timeline->events[i];

	if (event->kind != EVENT_SEGMENT || event->segment.role == ROLE_STRAY ||
		event->segment.role == ROLE_OTHER_TUPLE)
		return NULL;
	return history_owns(history, event) ? event : NULL;
}

const struct event *history_acknowledgement(
	const struct history *history, size_t from, uint32_t end)
{
	for (size_t i = from; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment != NULL && !from_peer(segment) &&
			(segment->segment.flags & TCP_FLAG_ACK) != 0 &&
			(int32_t)(segment->segment.ack - end) >= 0)
			return segment;
	}
	return NULL;
}

bool from_peer(const struct event *segment)
{
	return segment->segment.direction == FROM_PEER;
}

bool is_probe(const struct event *segment)
{
	return segment->segment.direction == FROM_DEVICE && segment->segment.role == ROLE_PROBE;
}

bool is_copy(const struct history *history, const struct event *segment, const struct event *first)
{
	return frames_may_be_lost(history) && first->kind == EVENT_SEGMENT &&
	       segment->segment.flags == first->segment.flags &&
	       segment->segment.seq == first->segment.seq &&
	       segment->segment.ack == first->segment.ack && segment->t_ns - first->t_ns < NS_PER_S;
}

bool is_ok(const struct event *answer)
{
	return answer->code == AT_CODE_OK;
}

bool options_refused(const struct timeline *timeline, int connection)
{
	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind == EVENT_RESPONSE && event->connection == connection &&
			event->step >= 0 &&
			timeline->scenario.steps[event->step].kind == STEP_OPTION && !is_ok(event))
			return true;
	}
	return false;
}

/* ---- the times in which nothing came from the peer ---- */

/* What the device sends that the peer has to acknowledge: no keep-alive while it is outstanding
 * (RFC 9293 MUST-26). */
static bool is_outstanding(const struct event *segment)
{
	if (from_peer(segment))
		return false;
	switch (segment->segment.role) {
	case ROLE_DATA:
	case ROLE_RETRANSMISSION:
	case ROLE_FIN:
	case ROLE_SYN:
		return true;
	case ROLE_PLAIN:
	case ROLE_RST:
	case ROLE_PROBE:
	case ROLE_PROBE_ANSWER:
	case ROLE_PROBE_RST:
	case ROLE_UNSOLICITED_ACK:
	case ROLE_ZERO_WINDOW_PROBE:
	case ROLE_NOT_A_PROBE:
	case ROLE_UNDECIDABLE:
	case ROLE_STRAY:
	case ROLE_OTHER_TUPLE:
		break;
	}
	return false;
}

static size_t idle_limit(const struct history *history, const struct death *death)
{
	return death->sign != SIGN_NONE && death->index < history->end ? death->index
								       : history->end;
}

static void end_idle(struct idle *idle, const struct history *history, const struct death *death)
{
	idle->dead = death->sign != SIGN_NONE && death->index < history->end && !death->commanded;
	idle->last = true;
	if (death->sign != SIGN_NONE && death->index < history->end) {
		idle->late_ns = death->late_ns;
		idle->end_ns = death->t_ns;
		idle->end_error_ns = death->error_ns;
	} else {
		idle->end_ns = history->watched_ns;
		idle->end_error_ns = history->watched_error_ns;
	}
}

static void count_probe(struct idle *idle, const struct event *segment)
{
	if (segment->segment.role == ROLE_UNDECIDABLE && idle->doubt == NULL)
		idle->doubt = segment;
	if (!is_probe(segment))
		return;
	if (idle->probe == NULL)
		idle->probe = segment;
	idle->last_probe = segment;
	idle->probes++;
}

static bool is_answer(const struct event *segment)
{
	return !from_peer(segment) && segment->segment.role == ROLE_PROBE_ANSWER;
}

bool is_crossing(const struct event *received, const struct event *segment)
{
	const struct timeline_segment *s = &received->segment;
	const uint32_t end = s->seq + (uint32_t)s->length;

	return s->length > 0 && s->role != ROLE_PROBE &&
	       (int32_t)(end - segment->segment.ack) > 0 &&
	       segment->t_ns - received->t_ns <= NS_PER_S;
}

/* The idle time begins with what had not come yet when the device sent event i: data that it does
 * not acknowledge there, or a probe of the peer's that it answers behind it only. */
static bool sent_before(const struct history *history, const struct event *anchor, size_t i)
{
	size_t j = (size_t)(anchor - history->timeline->events) + 1;

	if (anchor->segment.role != ROLE_PROBE)
		return is_crossing(anchor, &history->timeline->events[i]);
	for (; j < history->end; j++) {
		const struct event *segment = history_segment(history, j);
		if (segment == NULL)
			continue;
		if (is_answer(segment) || from_peer(segment))
			return is_answer(segment) && j > i;
	}
	return false;
}

bool next_idle(const struct history *history, const struct death *death, size_t *position,
	struct idle *idle)
{
	const size_t limit = idle_limit(history, death);
	size_t i = *position < history->begin ? history->begin : *position;

	*idle = (struct idle){.anchor = NULL};
	for (; i < limit; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL)
			continue;
		bool ends = from_peer(segment) || is_outstanding(segment);
		if (idle->anchor != NULL && ends) {
			idle->end_ns = segment->t_ns;
			idle->end_error_ns = segment->error_ns;
			*position = i;
			return true;
		}
		/* A connection that the peer ended has no idle time any more. */
		if (from_peer(segment) && !segment->segment.goes_on &&
			(segment->segment.flags & (TCP_FLAG_RST | TCP_FLAG_FIN)) == 0)
			idle->anchor = segment;
		else if (idle->anchor != NULL && !sent_before(history, idle->anchor, i))
			count_probe(idle, segment);
	}
	*position = limit;
	end_idle(idle, history, death);
	return idle->anchor != NULL;
}

struct idle history_silence(const struct history *history, const struct death *death)
{
	const size_t limit = idle_limit(history, death);
	/* Data that nobody asked for is a fault, and what follows from it is as well. */
	const bool sends = has_step(history, STEP_DEVICE_SENDS);
	struct idle idle = {.anchor = NULL};

	for (size_t i = history->begin; i < limit; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL)
			continue;
		if (from_peer(segment))
			idle = (struct idle){.anchor = segment};
		else
			count_probe(&idle, segment);
		if (sends && idle.doubt == NULL && is_outstanding(segment))
			idle.doubt = segment;
	}
	end_idle(&idle, history, death);
	return idle;
}

static bool is_handshake(const struct event *segment)
{
	return (segment->segment.flags & TCP_FLAG_SYN) != 0;
}

bool options_changed_since(const struct history *history, const struct event *anchor)
{
	return (is_handshake(anchor) ? history->changed_ns : history->options_ns) > anchor->t_ns;
}

struct window idle_window(
	const struct history *history, const struct event *anchor, struct window nominal)
{
	struct window window = leg_window(history->profile, nominal);

	if (is_handshake(anchor) && history->options_ns > anchor->t_ns)
		window.to_ns += history->options_ns - anchor->t_ns;
	return window;
}

struct window idle_death_window(
	const struct history *history, const struct idle *idle, struct window nominal)
{
	struct window window = idle_window(history, idle->anchor, nominal);

	window.to_ns += idle->late_ns;
	return window;
}

int64_t leg_error(const struct event *from, const struct event *to)
{
	return from->error_ns + to->error_ns;
}
