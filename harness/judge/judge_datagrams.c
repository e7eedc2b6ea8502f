/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include "judge/checks.h"

/* Nobody promises that a datagram arrives, once, or in its place; but of so many some do. */
enum { SENT_AT_LEAST = 4 };

/* One direction of a UDP connection. */
struct datagrams {
	int sent, received;
	const struct event *other_size; /* the first one of a size that was not sent */
};

/* Was a datagram of this size to be sent by that side? */
static bool is_planned(
	const struct timeline *timeline, int connection, enum step_kind kind, int size)
{
	for (int i = 0; i < timeline->scenario.step_count; i++) {
		const struct step *step = &timeline->scenario.steps[i];
		if (step->kind == kind && step->connection == connection && step->size == size)
			return true;
	}
	return false;
}

static void take_received(struct datagrams *way, const struct subject *s, enum step_kind kind,
	const struct event *event)
{
	way->received++;
	if (way->other_size == NULL && !is_planned(s->timeline, s->connection, kind, event->size))
		way->other_size = event;
}

static void add_way(
	struct subject *s, const struct datagrams *way, const char *from, const char *to)
{
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_PASS);

	check_say(&check, "%d of %d datagrams of the %s came to the %s", way->received, way->sent,
		from, to);
	if (way->other_size != NULL) {
		check.outcome = OUTCOME_FAIL;
		check_say(&check,
			"a datagram of the %s came with %d octets, which is none of the sizes sent",
			from, way->other_size->size);
	} else if (way->received == 0) {
		check.outcome = way->sent >= SENT_AT_LEAST ? OUTCOME_FAIL : OUTCOME_INCONCLUSIVE;
	}
	check_settle(
		s, &check, CLAIM_ABSENCE, (struct span){history->start_ns, history->watched_ns});
}

/* Of the datagrams that each side sends some arrive, with as many octets as they had. */
void check_datagrams_pass(struct subject *s)
{
	const struct timeline *timeline = s->timeline;
	struct datagrams of_device = {0}, of_peer = {0};

	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->connection != s->connection)
			continue;
		if (event->kind == EVENT_RESPONSE && event->step >= 0 && is_ok(event) &&
			timeline->scenario.steps[event->step].kind == STEP_DEVICE_SENDS)
			of_device.sent++;
		else if (event->kind == EVENT_PEER && event->act == ACT_SENT)
			of_peer.sent++;
		else if (event->kind == EVENT_PEER && event->act == ACT_RECEIVED)
			take_received(&of_device, s, STEP_DEVICE_SENDS, event);
		else if (event->kind == EVENT_DATA)
			take_received(&of_peer, s, STEP_PEER_SENDS, event);
	}
	add_way(s, &of_device, "device", "peer");
	add_way(s, &of_peer, "peer", "UART");
}
