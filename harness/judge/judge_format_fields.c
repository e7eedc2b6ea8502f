/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include <string.h>

#include "judge/checks.h"
#include "judge/shortfall.h"

/* The fields of a probe that are held against the connection's other segments, and what its garbage
 * octet must not do. */

/* What one field of the device's segments is like. */
struct field_scan {
	int probes;
	const struct event *wrong;  /* the first probe that is */
	const struct event *before; /* what it is held against */
};

/* True when the probe is wrong against the segment from the device before it. */
typedef bool wrong_fn(const struct event *probe, const struct event *before);

static struct field_scan scan_probes(const struct history *history, wrong_fn *wrong)
{
	struct field_scan scan = {.probes = 0};
	const struct event *before = NULL;

	for (size_t i = history->begin; i < history->end && scan.wrong == NULL; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL || from_peer(segment))
			continue;
		if (!is_probe(segment)) {
			before = segment;
			continue;
		}
		scan.probes++;
		if (!wrong(segment, before))
			continue;
		scan.wrong = segment;
		scan.before = before;
	}
	return scan;
}

static void settle_field(struct subject *s, struct check *check, const struct field_scan *scan)
{
	const struct history *history = s->history;
	struct span span = {history->timeline->events[history->begin].t_ns, history->watched_ns};

	if (scan->wrong != NULL) {
		check->outcome = OUTCOME_FAIL;
		span.from_ns = span.to_ns = scan->wrong->t_ns;
	} else if (scan->probes == 0) {
		check->outcome = OUTCOME_INCONCLUSIVE;
		check_say(check, "no probe came that could be checked");
	}
	check_settle(s, check, CLAIM_SEEN, span);
}

static bool has_data(const struct event *probe, const struct event *before)
{
	(void)before;
	return probe->segment.length > 0;
}

/* No probe carries data (SHLD-12, a should; the octet that MAY-6 allows is a finding). */
void check_probes_without_data(struct subject *s)
{
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_PASS);

	struct field_scan scan = scan_probes(history, has_data);
	check_say(&check, "%d probes without data", scan.probes);
	if (scan.wrong != NULL) {
		struct finding finding = {.severity = SEVERITY_NOTE};
		check_say(&check, "probe %d has %u octet%s of data, expected none (SHLD-12)",
			scan.probes, (unsigned)scan.wrong->segment.length,
			scan.wrong->segment.length == 1 ? "" : "s");
		/* One octet of garbage is allowed (MAY-6), only not recommended. */
		if (scan.wrong->segment.length == 1) {
			scan.wrong = NULL;
			memcpy(finding.requirement, check.requirement, sizeof finding.requirement);
			memcpy(finding.text, check.text, sizeof finding.text);
			verdict_add_finding(s->verdict, &finding);
		}
	}
	settle_field(s, &check, &scan);
}

/* Up to the same octet, the window does not get smaller. */
static bool shrinks_window(const struct event *probe, const struct event *before)
{
	return before != NULL && before->segment.ack == probe->segment.ack &&
	       (before->segment.flags & TCP_FLAG_SYN) == 0 &&
	       probe->segment.window < before->segment.window;
}

/* No probe announces a smaller window than the segment before it that acknowledged the same octet
 * (RFC 9293 SHLD-14). */
void check_window_not_shrunk(struct subject *s)
{
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_PASS);

	struct field_scan scan = scan_probes(history, shrinks_window);
	check_say(&check, "%d probes, none of which shrinks the window", scan.probes);
	if (scan.wrong != NULL)
		check_say(&check,
			"probe %d has a window of %u, the segment before it one of %u with the same ACK",
			scan.probes, scan.wrong->segment.window, scan.before->segment.window);
	settle_field(s, &check, &scan);
}

static bool has_other_ttl(const struct event *probe, const struct event *before)
{
	return before != NULL && probe->segment.ttl != before->segment.ttl;
}

/* Each probe has the time to live of the segment before it. */
void check_own_time_to_live(struct subject *s)
{
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_PASS);

	struct field_scan scan = scan_probes(history, has_other_ttl);
	check_say(&check, "%d probes with the time to live of the connection's other segments",
		scan.probes);
	if (scan.wrong != NULL)
		check_say(&check, "probe %d has a time to live of %u, the segment before it %u",
			scan.probes, scan.wrong->segment.ttl, scan.before->segment.ttl);
	settle_field(s, &check, &scan);
}

/* No segment came that has one port of the connection and another one that is nobody's. */
void check_own_addresses_and_ports(struct subject *s)
{
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_PASS);
	struct field_scan scan = {.probes = 0};

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *event = &s->timeline->events[i];
		if (event->kind != EVENT_SEGMENT || !history_owns(history, event))
			continue;
		scan.probes += is_probe(event);
		if (event->segment.role == ROLE_OTHER_TUPLE && scan.wrong == NULL)
			scan.wrong = event;
	}
	check_say(&check, "%d probes with the connection's addresses and ports, and nothing else",
		scan.probes);
	if (scan.wrong != NULL)
		check_say(&check,
			"at %.1f s a segment came with one port of the connection and an unknown other port",
			in_s(scan.wrong->t_ns - history->start_ns));
	settle_field(s, &check, &scan);
}

/* What the device was given for the connection, as far as it took it. */
static int64_t octets_given(const struct timeline *timeline, int connection)
{
	int64_t given = 0;
	bool taken[SCENARIO_STEPS] = {false};

	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind == EVENT_RESPONSE && event->step >= 0 && is_ok(event))
			taken[event->step] = true;
	}
	for (int i = 0; i < timeline->scenario.step_count; i++) {
		const struct step *step = &timeline->scenario.steps[i];
		if (step->kind == STEP_DEVICE_SENDS && step->connection == connection && taken[i] &&
			step->text[0] == '\0')
			given += step->size;
	}
	return given;
}

/* The peer's application got the octets that the device was given, and no others. */
void check_stream_intact(struct subject *s)
{
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_PASS);
	const struct event *wrong = NULL;
	int64_t given = octets_given(s->timeline, s->connection), received = 0;

	struct span span = {s->timeline->events[history->begin].t_ns, history->watched_ns};
	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *event = &s->timeline->events[i];
		if (event->kind != EVENT_PEER || !history_owns(history, event) ||
			event->act != ACT_RECEIVED)
			continue;
		received += event->size;
		wrong = wrong == NULL && !event->ok ? event : wrong;
	}
	check_say(&check,
		"the peer's application received the %lld octets that the device was given",
		(long long)given);
	if (wrong != NULL) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check,
			"at %.1f s the peer's application received octets that the device was not given",
			in_s(wrong->t_ns - history->start_ns));
		check_settle(s, &check, CLAIM_SEEN, span);
		return;
	}
	if (received != given) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check,
			"the peer's application received %lld of the %lld octets that the device was given",
			(long long)received, (long long)given);
		if (received < given && history->profile->lossy_air)
			check_excuse(&check, "a lost segment may not have been sent again yet");
	}
	/* Some may be on their way yet. */
	char why[128];
	if (received < given && watch_fell_short(history, why, sizeof why)) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "the peer's application received %lld of %lld octets so far (%s)",
			(long long)received, (long long)given, why);
	}
	if (!history->watched) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "the watch has no end");
	}
	check_settle(s, &check, CLAIM_UART, span);
}
