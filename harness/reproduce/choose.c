/* SPDX-License-Identifier: MIT */
#include "reproduce/choose.h"

#include <stdio.h>
#include <string.h>

#include "judge/judge.h"
#include "scenario/keepalive_interval.h"

/* Room behind the latest time that any model gives; how long to look behind a death. */
#define MARGIN_NS (10 * NS_PER_S)
#define AFTER_DEATH_NS (80 * NS_PER_S)
/* A closed window is no reason to end a connection, however long (RFC 9293 3.8.6.1). */
#define WINDOW_WATCH_NS (600 * NS_PER_S)

/* ---- the watch ---- */

/* The slowest of the common models, A-tick: from the last received segment to the first probe. */
static int64_t slowest_first(const struct planned_keepalive *options)
{
	return (int64_t)((options->timeout_s + KEEPALIVE_INTERVAL_S - 1) / KEEPALIVE_INTERVAL_S) *
	       KEEPALIVE_INTERVAL_S * NS_PER_S;
}

static int64_t slowest_death(const struct planned_keepalive *options)
{
	return slowest_first(options) + (int64_t)options->count * KEEPALIVE_INTERVAL_S * NS_PER_S;
}

static int64_t last_step(const struct scenario *s)
{
	int64_t last = 0;

	for (int i = 0; i < s->step_count; i++)
		if (s->steps[i].anchor == ANCHOR_START && s->steps[i].at_ns > last)
			last = s->steps[i].at_ns;
	return last;
}

static bool dies(const struct plan *plan)
{
	return plan->ending == ENDING_SILENT || plan->ending == ENDING_NOTHING;
}

static void set_watch(
	struct scenario *s, const struct plan *plan, const struct planned_keepalive *options)
{
	int64_t end_ns = plan->gave_up_ns != 0 ? plan->gave_up_ns : plan->ended_ns;
	int64_t begin_ns = plan->last_received_ns - plan->start_ns;

	if (begin_ns < last_step(s))
		begin_ns = last_step(s);
	if (dies(plan) && options->on) {
		/* The capture may be longer than the slowest model: a device may be slower
		 * still. */
		s->watch = (struct watch){.until = WATCH_DEATH,
			.mask = 1,
			.limit_ns = begin_ns + slowest_first(options) + slowest_death(options) +
				    MARGIN_NS,
			.then_ns = AFTER_DEATH_NS};
		return;
	}
	/* One idle time more, in which every model probes; and as long as it went well. */
	int64_t limit = begin_ns + (options->on ? slowest_first(options) : 0) + MARGIN_NS;
	if (plan->closed_window)
		limit = begin_ns + WINDOW_WATCH_NS;
	if (limit < end_ns - plan->start_ns + MARGIN_NS && (plan->gave_up_ns != 0 || !options->on))
		limit = end_ns - plan->start_ns + MARGIN_NS;
	s->watch = (struct watch){
		.until = WATCH_TIME, .limit_ns = (limit + NS_PER_S - 1) / NS_PER_S * NS_PER_S};
}

/* ---- what is expected ---- */

static struct expectation *expect(struct scenario_file *file, enum expectation_kind kind)
{
	struct expectation *expectation = &file->expectations[file->expectation_count++];

	*expectation = expectation_new(kind, 0);
	return expectation;
}

static void require(struct expectation *expectation, const char *requirement)
{
	snprintf(expectation->requirement, sizeof expectation->requirement, "%s", requirement);
}

static void expect_alive(struct scenario_file *file, const struct plan *plan)
{
	struct expectation *alive = expect(file, EXPECT_alive);

	alive->parameters.count = 1;
	if (plan->soft_icmps > 0)
		require(alive, "KA-DEAD-05");
	else if (plan->stray_resets > 0)
		require(alive, "KA-LIVE-12");
	else if (plan->missed_rounds > 0)
		require(alive, "KA-LIVE-03");
}

static void expect_probes(struct scenario_file *file, const struct plan *plan, int count)
{
	struct expectation *probes = expect(file, EXPECT_probes);

	probes->parameters.count = count;
	/* Probes were lost before, and one was answered: the count begins anew. */
	if (plan->missed_rounds > 0)
		require(probes, "KA-LIVE-02");
}

/* What must not end a connection (soft errors, RFC 1122 4.2.3.9) or keep one (a wrong checksum) is
 * to blame for a death that is wrong. */
static void expect_death(struct scenario_file *file, const struct plan *plan, int count)
{
	bool blamed = plan->soft_icmps > 0 || plan->stray_answers > 0;

	if (!blamed)
		expect_probes(file, plan, count);
	struct expectation *death = expect(file, EXPECT_death);
	death->parameters.time_ns = (int64_t)count * KEEPALIVE_INTERVAL_S * NS_PER_S;
	if (blamed) {
		require(death, plan->soft_icmps > 0 ? "KA-DEAD-05" : "KA-LIVE-05");
		expect_probes(file, plan, count);
	}
}

/* Of a connection with keep-alive, in the order of cause and effect. */
static void expect_on(struct scenario_file *file, const struct plan *plan, int count)
{
	bool killed = plan->ending == ENDING_ALIVE &&
		      (plan->stray_resets > 0 || (plan->gave_up_ns != 0 && plan->answered > 0));

	expect(file, EXPECT_probe_format);
	expect(file, EXPECT_window_not_shrunk);
	expect(file, EXPECT_own_time_to_live);
	if (killed)
		expect_alive(file, plan);
	/* What the peer's probes do to the idle time is left open (KA-SCHED-08). */
	if (plan->peer_probes > 0)
		expect(file, EXPECT_peer_probes_answered);
	else if (plan->ending == ENDING_ALIVE || dies(plan))
		expect(file, EXPECT_first_probe_on_schedule);
	if (dies(plan) || plan->ending == ENDING_ALIVE)
		expect(file, EXPECT_gaps_of_75_s);
	if (dies(plan)) {
		expect_death(file, plan, count);
	} else if (plan->ending == ENDING_REBOOTED) {
		expect(file, EXPECT_reset_noticed);
	} else if (plan->ending == ENDING_PEER_ENDED) {
		expect(file, EXPECT_peer_end_noticed);
	} else if (!killed) {
		expect_alive(file, plan);
	}
	/* Whoever probes on behind an end has not noticed it, whatever the gaps. */
	if (!dies(plan) && plan->ending != ENDING_ALIVE)
		expect(file, EXPECT_gaps_of_75_s);
	if (plan->ending == ENDING_ALIVE) {
		expect(file, EXPECT_no_notice);
		return;
	}
	expect(file, EXPECT_notice_once);
	if (dies(plan))
		expect(file, EXPECT_no_segment_after_death)->parameters.time_ns = AFTER_DEATH_NS;
	expect(file, EXPECT_cid_freed);
}

static void expect_all(struct scenario_file *file, const struct plan *plan,
	const struct planned_keepalive *options)
{
	if (!options->on)
		expect(file, EXPECT_no_probes);
	else if (plan->closed_window)
		expect(file, EXPECT_persist);
	else if (plan->retransmissions > 0 && dies(plan))
		expect(file, EXPECT_retransmission_and_no_probe);
	else
		expect_on(file, plan, options->count);
}

/* ---- what the capture breaks ---- */

static int add(struct timeline *timeline, enum event_kind kind, int64_t t_ns, int step)
{
	struct event event = {.t_ns = t_ns,
		.kind = kind,
		.connection = kind == EVENT_START || kind == EVENT_WATCHED ? NO_CONNECTION : 0,
		.generation = 1,
		.cid = -1,
		.step = step};

	if (kind == EVENT_RESPONSE)
		event_take_line(&event, "OK");
	return timeline_add(timeline, &event);
}

/* What data the host gave the device to send is its own affair: a capture does not show what it
 * should have been. */
static void leave_out_data(struct timeline *timeline)
{
	for (size_t i = 0; i < timeline->count; i++) {
		struct timeline_segment *s = &timeline->events[i].segment;
		if (s->direction == FROM_DEVICE && s->role != ROLE_PROBE)
			s->length = 0;
	}
}

static int add_gap(struct timeline *timeline, int64_t from_ns, int64_t to_ns, const char *text)
{
	struct event event = {.t_ns = to_ns,
		.from_ns = from_ns,
		.kind = EVENT_FAULT,
		.fault = fault_of_reason(REASON_NOT_CAPTURED),
		.reason = REASON_NOT_CAPTURED,
		.connection = 0,
		.generation = 1,
		.cid = -1,
		.step = -1};

	snprintf(event.text, sizeof event.text, "%s", text);
	return timeline_add(timeline, &event);
}

/* Options that are read out of the capture are no plan that the device can be held against. */
static void forget_options(struct scenario *scenario)
{
	for (int i = 0; i < scenario->step_count; i++)
		if (scenario->steps[i].kind == STEP_OPTION)
			scenario->steps[i].text[0] = '\0';
}

/* As if the scenario had been driven and this had been seen of it. */
static int dress(struct observed *observed, const struct plan *plan, const struct scenario *s,
	bool options_given)
{
	struct timeline *timeline = observed->timeline;
	int failed = 0;

	leave_out_data(timeline);
	timeline->scenario = *s;
	if (!options_given)
		forget_options(&timeline->scenario);
	for (int i = 0; i < s->step_count; i++)
		if (s->steps[i].anchor == ANCHOR_SETUP)
			failed |= add(timeline, EVENT_RESPONSE, plan->start_ns, i);
		else if (s->steps[i].anchor == ANCHOR_START)
			failed |= add(timeline, EVENT_STEP, plan->start_ns + s->steps[i].at_ns, i);
	failed |= add(timeline, EVENT_START, plan->start_ns, -1);
	/* How long the device was idle, and how often it probed. */
	if (observed->joined && plan->begin == 0)
		failed |= add_gap(timeline, plan->start_ns, plan->start_ns,
			"the capture begins in an idle time");
	for (size_t i = 0; i < observed->gap_count; i++)
		failed |= add_gap(timeline, observed->gaps[i].from_ns, observed->gaps[i].to_ns,
			"frames were not captured");
	failed |= add(timeline, EVENT_WATCHED, plan->ended_ns, -1);
	return failed;
}

/* A capture has no UART.  That the device took notice of the peer's end is told by the UART as
 * well; that it did not, by probes that go on. */
static bool is_hidden(enum expectation_kind kind, const struct plan *plan)
{
	if (kind == EXPECT_reset_noticed || kind == EXPECT_peer_end_noticed)
		return plan->probes_after_end == 0;
	return kind == EXPECT_notice_once || kind == EXPECT_no_notice || kind == EXPECT_cid_freed;
}

static void keep(struct reproduction *r, const struct expectation *expectation, const char *seen)
{
	struct scenario_file *file = &r->file;

	snprintf(r->comments.expectations[file->expectation_count], SCENARIO_TEXT, "%s", seen);
	file->expectations[file->expectation_count++] = *expectation;
}

/* Is it expected only where the capture breaks it?  Window and time to live are rarely wrong; a
 * living peer leaves few gaps between unanswered probes; and a peer may end the connection before another device would have probed. */
static bool is_worth_it_broken(enum expectation_kind kind, const struct plan *plan)
{
	return kind == EXPECT_window_not_shrunk || kind == EXPECT_own_time_to_live ||
	       (kind == EXPECT_gaps_of_75_s && !dies(plan)) ||
	       (kind == EXPECT_probe_format && plan->ending == ENDING_PEER_ENDED);
}

/* Does it depend on the options?  What must not end a connection must not, whatever they are. */
static bool is_of_options(const struct expectation *expectation)
{
	return expectation->kind == EXPECT_first_probe_on_schedule ||
	       (expectation->kind == EXPECT_probes &&
		       strcmp(expectation->requirement, "KA-LIVE-02") != 0) ||
	       (expectation->kind == EXPECT_death &&
		       strcmp(expectation->requirement, "KA-DEAD-05") != 0);
}

/* Why the capture cannot break the expectation; NULL: it can. */
static const char *no_evidence(const struct observed *observed, const struct plan *plan,
	bool options_given, const struct expectation *expectation)
{
	if (observed->likely > 0)
		return "what are likely probes is not proven, and accuses nobody";
	if (observed->foreign == FROM_DEVICE)
		return "a middlebox sends the probes in the device's name: they accuse nobody";
	if (expectation->kind == EXPECT_peer_probes_answered && plan->device_gone)
		return "nothing of the device came after the last probes of the peer: it may have been out of reach";
	if (!options_given && expectation->kind == EXPECT_alive && plan->answered == 0 &&
		plan->stray_resets == 0)
		return "not judged in the capture: without answered probes the end may be its host's";
	if (!options_given && is_of_options(expectation))
		return "not judged in the capture, which does not say what was set (try: --options T,N)";
	return NULL;
}

/* Keeps it, unless it follows the bug and is its consequence, or may be. */
static void choose(struct reproduction *r, const struct plan *plan, const char *excuse,
	const struct expectation *expectation, const struct verdict *verdict)
{
	char seen[SCENARIO_TEXT];

	if (is_worth_it_broken(expectation->kind, plan) && verdict->outcome != OUTCOME_FAIL)
		return;
	if (is_hidden(expectation->kind, plan)) {
		if (r->broken < 0)
			keep(r, expectation, "not visible in a capture");
		return;
	}
	if (r->broken >= 0 && verdict->outcome != OUTCOME_PASS &&
		verdict->outcome != OUTCOME_MARGINAL)
		return;
	if (excuse != NULL) {
		keep(r, expectation, excuse);
		return;
	}
	snprintf(seen, sizeof seen, "in the capture: %s", outcome_name(verdict->outcome));
	if (r->broken < 0 && verdict->outcome == OUTCOME_FAIL) {
		r->broken = r->file.expectation_count;
		snprintf(r->finding, sizeof r->finding, "%s", verdict->text);
	}
	keep(r, expectation, seen);
}

int choose_expectations(struct observed *observed, const struct plan *plan,
	const struct reproduce_request *request, const struct planned_keepalive *options,
	struct reproduction *r)
{
	const bool options_given = request->has_options || request->off;

	struct scenario_file *file = &r->file;
	struct expectation all[SCENARIO_EXPECTATIONS];

	set_watch(&file->scenario, plan, options);
	expect_all(file, plan, options);
	if (dress(observed, plan, &file->scenario, options_given) != 0)
		return -1;
	int count = file->expectation_count;
	memcpy(all, file->expectations, sizeof all);
	file->expectation_count = 0;
	r->broken = -1;
	struct subject s = subject_of(NULL, observed->timeline, 0, request->profile);
	for (int i = 0; i < count; i++) {
		struct verdict verdict = verdict_new();
		s.verdict = &verdict;
		judge_expectation(&s, &all[i]);
		choose(r, plan, no_evidence(observed, plan, options_given, &all[i]), &all[i],
			&verdict);
	}
	return 0;
}
