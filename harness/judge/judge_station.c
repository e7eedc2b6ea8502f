/* SPDX-License-Identifier: MIT */
#include "judge/checks.h"

/*
 * The module is the access point, and this host was off its network for a while.  Nobody saw the
 * wire meanwhile: what the module did then, the UART tells.
 */

/* A station that joins takes a while behind its command. */
#define JOINS_WITHIN_NS (15 * NS_PER_S)

/* What the UART said of the connection's end since the station left. */
struct reported {
	int notices;			   /* its own */
	const struct event *first, *event; /* of them; the first Disassociation Event */
};

static struct reported reported_since(const struct history *history, int64_t left_ns)
{
	const struct timeline *timeline = history->timeline;
	struct reported reported = {0};

	for (size_t i = 0; left_ns >= 0 && i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind != EVENT_NOTICE || event->t_ns < left_ns)
			continue;
		if (event->code == AT_CODE_DISASSOCIATION_EVENT && reported.event == NULL)
			reported.event = event;
		if (!is_death_notice(event) || !history_owns(history, event))
			continue;
		reported.notices++;
		reported.first = reported.first == NULL ? event : reported.first;
	}
	return reported;
}

/* Its own notice counts before the event that is for all. */
static const struct event *end_reported(const struct reported *reported)
{
	return reported->first != NULL ? reported->first : reported->event;
}

/* The idle time to the end of its last tick. */
static int64_t idle_at_most_ns(const struct planned_keepalive *plan)
{
	const int64_t idle_ns = plan->timeout_s * NS_PER_S;

	return (idle_ns + KEEPALIVE_INTERVAL_NS - 1) / KEEPALIVE_INTERVAL_NS *
	       KEEPALIVE_INTERVAL_NS;
}

/* By when the latest of the timing models has declared a silent peer dead and told of it. */
static int64_t dead_at_most_ns(const struct history *history)
{
	const struct planned_keepalive *plan = &history->plan;

	return leg_window_at(history->profile,
		       idle_at_most_ns(plan) + plan->count * KEEPALIVE_INTERVAL_NS)
		       .to_ns +
	       NOTICE_WITHIN_NS;
}

/* The end of the connection of a station that left for good is told once, by its own notice or by the
 * Disassociation Event that is for all, not later than keep-alive has it by the slowest timing model.
 * Earlier is no failure: an access point may miss its station. */
void check_lost_station_told(struct subject *s)
{
	const struct history *history = s->history;
	const int64_t left_ns = step_done_ns(s->timeline, STEP_STATION_LEAVES);
	const int64_t limit_ns = dead_at_most_ns(history);
	const struct reported reported = reported_since(history, left_ns);
	const struct event *end = end_reported(&reported);
	struct check check = check_new(s, OUTCOME_PASS);
	struct span span = {left_ns, left_ns + limit_ns};

	if (left_ns < 0) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "the station did not leave");
	} else if (reported.notices > 1) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check,
			"the end of the lost station's connection was reported %d times, expected once",
			reported.notices);
	} else if (end != NULL) {
		check.outcome = end->t_ns - end->error_ns - left_ns <= limit_ns ? OUTCOME_PASS
										: OUTCOME_FAIL;
		check_say(&check,
			"the lost station's connection was reported %.1f s after it left; expected within %.1f s",
			in_s(end->t_ns - left_ns), in_s(limit_ns));
		span.to_ns = end->t_ns;
	} else if (!check_unwatched(&check, history, span, "no report of the end yet")) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check,
			"the lost station's connection was not reported in %.1f s after it left: it is half-open for ever",
			in_s(history->watched_ns - left_ns));
	}
	check_settle(s, &check, CLAIM_UART, span);
}

/* The device's first probe behind a time that the peer answers, and the answer; NULL. */
static const struct event *answered_after(const struct history *history, int64_t from_ns)
{
	const struct event *probe = NULL;

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL || segment->t_ns < from_ns)
			continue;
		if (is_probe(segment))
			probe = segment;
		else if (probe != NULL && from_peer(segment))
			return probe;
	}
	return NULL;
}

/* The connection of a station that came back before keep-alive had given it up goes on: it is probed
 * again within an idle time, and the answers count.  That it was ended meanwhile, and reported, is no
 * failure (check_lost_station_told()). */
void check_back_in_time(struct subject *s)
{
	const struct history *history = s->history;
	const int64_t left_ns = step_done_ns(s->timeline, STEP_STATION_LEAVES);
	const int64_t back_ns = step_done_ns(s->timeline, STEP_STATION_JOINS);
	const struct reported reported = reported_since(history, left_ns);
	const struct event *end = end_reported(&reported);
	const int64_t limit_ns = leg_window_at(
		history->profile, idle_at_most_ns(&history->plan) + KEEPALIVE_INTERVAL_NS)
					 .to_ns;
	struct check check = check_new(s, OUTCOME_PASS);
	struct span span = {back_ns + JOINS_WITHIN_NS, back_ns + JOINS_WITHIN_NS + limit_ns};

	if (left_ns < 0 || back_ns < 0) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "the station did not leave and come back");
		check_settle(s, &check, CLAIM_SEEN, span);
		return;
	}
	const struct event *probe = answered_after(history, back_ns);
	if (end != NULL && (end->t_ns < span.from_ns || probe == NULL)) {
		check_say(&check,
			"the connection was ended and reported %.1f s after the station left, which came back after %.1f s",
			in_s(end->t_ns - left_ns), in_s(back_ns - left_ns));
		check_settle(s, &check, CLAIM_SEEN, (struct span){end->t_ns, end->t_ns});
	} else if (end != NULL) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check,
			"the connection was ended %.1f s after the station's return, although it answered",
			in_s(end->t_ns - back_ns));
		check_settle(s, &check, CLAIM_UART, (struct span){back_ns, end->t_ns});
	} else if (probe != NULL) {
		check_say(&check,
			"the connection outlived the station's absence of %.1f s: a probe was answered %.1f s after its return",
			in_s(back_ns - left_ns), in_s(probe->t_ns - back_ns));
		check_settle(s, &check, CLAIM_SEEN, (struct span){probe->t_ns, probe->t_ns});
	} else {
		if (!check_unwatched(&check, history, span, "no answered probe yet")) {
			check.outcome = OUTCOME_FAIL;
			check_say(&check,
				"no probe was answered in %.1f s after the station's return, and no end reported",
				in_s(history->watched_ns - back_ns));
		}
		check_settle(s, &check, CLAIM_ABSENCE, span);
	}
}

/* Says what the module did with the connection of a station that left, and when.  No source requires
 * anything before keep-alive does. */
void check_lost_station_fate(struct subject *s)
{
	const struct history *history = s->history;
	const int64_t left_ns = step_done_ns(s->timeline, STEP_STATION_LEAVES);
	const struct reported reported = reported_since(history, left_ns);
	const struct event *end = end_reported(&reported);
	struct check check = check_new(s, OUTCOME_PASS);
	struct span span = {left_ns, history->watched_ns};

	if (left_ns < 0) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "the station did not leave");
	} else if (end == NULL) {
		check_say(&check, "the module reported no end after its station left");
	} else {
		const int64_t after_ns = end->t_ns - left_ns;
		check_say(&check, "%.1f s after its station left the module reported '%s'%s",
			in_s(after_ns), end->text,
			after_ns < history->plan.count * KEEPALIVE_INTERVAL_NS -
						KEEPALIVE_INTERVAL_NS / 2
				? ": sooner than keep-alive"
				: "");
		span.to_ns = end->t_ns;
	}
	check_settle(s, &check, CLAIM_SEEN, span);
}
