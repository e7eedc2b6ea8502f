/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include <string.h>

#include "judge/checks.h"

/* How a module numbers connections, and how it reads the number. */

static bool sends_probes(const struct history *history)
{
	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment != NULL && is_probe(segment))
			return true;
	}
	return false;
}

/* Which connection has this CID; NO_CONNECTION: none. */
static int owner_of(const struct timeline *timeline, const struct profile *profile, int cid)
{
	for (int c = 0; c < timeline->scenario.connection_count; c++)
		if (history_of(timeline, c, profile, GENERATION_LATEST).cid == cid)
			return c;
	return NO_CONNECTION;
}

/* FACT_option_cid: AT+SETSOCKOPT was given keep-alive for CID "10" and for CID "b", in a scenario
 * that has all CIDs.  Which of the connections with the CIDs 10 and 11 sends probes? */
void find_option_cid(struct subject *s)
{
	int ten = owner_of(s->timeline, s->profile, 10),
	    eleven = owner_of(s->timeline, s->profile, 11);

	if (ten == NO_CONNECTION || eleven == NO_CONNECTION) {
		fact_unknown(s, GAP_cids_not_given);
		return;
	}
	struct subject of_ten = *s;
	struct history decimal = history_of(s->timeline, ten, s->profile, GENERATION_LATEST);
	struct history hex = history_of(s->timeline, eleven, s->profile, GENERATION_LATEST);
	of_ten.history = &decimal;
	bool as_decimal = sends_probes(&decimal), as_hex = sends_probes(&hex);
	if (!as_decimal && !as_hex) {
		fact_unknown(&of_ten, GAP_no_cid_led_to_a_probe);
		return;
	}
	struct fact fact = fact_of(s->fact, as_decimal && as_hex ? "both"
					    : as_decimal	 ? "decimal"
								 : "hex");
	fact_settle(&of_ten, &fact, CLAIM_ABSENCE, (struct span){0, decimal.watched_ns});
}

/* Did the module take every option that the connection's listener was given? */
static bool listener_took_options(const struct timeline *timeline, int connection)
{
	int answered = 0;

	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind != EVENT_RESPONSE || event->step < 0 ||
			event->connection != connection ||
			strstr(timeline->scenario.steps[event->step].text, "%l") == NULL)
			continue;
		if (!is_ok(event))
			return false;
		answered++;
	}
	return answered > 0;
}

/* FACT_accepted_options: 'accepted' is a server whose listener was given keep-alive before its
 * latest connection was accepted, 'dialled' a client with the same options, which shows that they
 * have an effect within the watch. */
void find_accepted_options(struct subject *s)
{
	const struct history *server = s->history;
	struct history client =
		history_of(s->timeline, s->parameters->cid_of, s->profile, GENERATION_LATEST);
	enum gap_reason why = GAP_NONE;

	bool inherits = sends_probes(server);
	if (server->generation < 2)
		why = GAP_nothing_accepted;
	else if (!listener_took_options(s->timeline, s->connection))
		why = GAP_listener_refuses_options;
	else if (!inherits && !sends_probes(&client))
		why = GAP_not_probed_either;
	if (why != GAP_NONE) {
		fact_unknown(s, why);
		return;
	}
	struct fact fact = fact_of(s->fact, inherits ? "inherited" : "defaults");
	fact_settle(s, &fact, inherits ? CLAIM_SEEN : CLAIM_ABSENCE,
		(struct span){s->timeline->events[server->begin].t_ns, server->watched_ns});
}

/* What the scenario's openings and closings leave of two policies. */
struct allocation {
	unsigned open, freed; /* bits of CIDs */
	int last;	      /* the CID given last; -1 */
	int judged;	      /* openings after the first closing */
	bool lowest, next;    /* all of them fit */
};

static void give(struct allocation *allocation, int cid)
{
	int next = allocation->last;

	do
		next = (next + 1) % 16;
	while ((allocation->open & 1U << next) != 0);
	if (allocation->freed != 0) {
		allocation->judged++;
		allocation->lowest &= cid == __builtin_ctz(allocation->freed);
		allocation->next &= cid == next;
	}
	allocation->open |= 1U << cid;
	allocation->freed &= ~(1U << cid);
	allocation->last = cid;
}

static void take_back(struct allocation *allocation, int cid)
{
	allocation->open &= ~(1U << cid);
	allocation->freed |= 1U << cid;
}

/* FACT_cid_allocation: the CIDs that were given after others were closed, in a scenario that has
 * the device alone. */
void find_cid_allocation(struct subject *s)
{
	const struct timeline *timeline = s->timeline;
	const struct history *any = s->history;
	struct allocation allocation = {.last = -1, .lowest = true, .next = true};
	int cids[SCENARIO_CONNECTIONS];

	memset(cids, -1, sizeof cids);
	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		int connection = event->connection;
		if (connection < 0 || event->kind == EVENT_WATCHED)
			continue;
		bool closed = event->kind == EVENT_RESPONSE && event->step >= 0 &&
			      timeline->scenario.steps[event->step].kind == STEP_CLOSE;
		if (event->kind == EVENT_OPENED && event->cid >= 0 && event->cid < 16) {
			give(&allocation, event->cid);
			cids[connection] = event->cid;
		} else if (closed && cids[connection] >= 0) {
			take_back(&allocation, cids[connection]);
			cids[connection] = -1;
		}
	}
	if (allocation.judged == 0 || (allocation.lowest && allocation.next)) {
		fact_unknown(
			s, allocation.judged == 0 ? GAP_no_cid_given_again : GAP_cids_fit_both);
		return;
	}
	struct fact fact = fact_of(s->fact, allocation.lowest ? "lowest-free"
					    : allocation.next ? "next"
							      : "other");
	fact_settle(s, &fact, CLAIM_SEEN, (struct span){any->watched_ns, any->watched_ns});
}
