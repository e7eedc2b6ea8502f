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

void judge_option_cid_fact(struct verdict *verdict, const struct timeline *timeline, int ten,
	int eleven, const struct profile *profile, const char *requirement)
{
	struct history decimal = history_of(timeline, ten, profile, GENERATION_LATEST);
	struct history hex = history_of(timeline, eleven, profile, GENERATION_LATEST);
	struct span span = {0, decimal.watched_ns};

	if (check_unknown(verdict, &decimal, requirement))
		return;
	bool as_decimal = sends_probes(&decimal), as_hex = sends_probes(&hex);
	if (decimal.cid != 10 || hex.cid != 11) {
		fact_unknown(verdict, &decimal, requirement, FACT_option_cid,
			"the module did not give the CIDs 10 and 11 to the eleventh and twelfth "
			"connection");
	} else if (!as_decimal && !as_hex) {
		fact_unknown(verdict, &decimal, requirement, FACT_option_cid,
			"neither '10' nor 'b' reached its connection");
	} else {
		struct fact fact = fact_of(FACT_option_cid, as_decimal && as_hex ? "both"
							    : as_decimal	 ? "decimal"
										 : "hex");
		fact_settle(verdict, &decimal, requirement, &fact, CLAIM_ABSENCE, span);
	}
}

static int highest_cid(const struct timeline *timeline, const struct profile *profile, int without)
{
	int highest = -1;

	for (int c = 0; c < timeline->scenario.connection_count; c++) {
		struct history history = history_of(timeline, c, profile, GENERATION_LATEST);
		if (c != without && history.cid > highest)
			highest = history.cid;
	}
	return highest;
}

void judge_allocation_fact(struct verdict *verdict, const struct timeline *timeline, int closed,
	int reopened, const struct profile *profile, const char *requirement)
{
	struct history before = history_of(timeline, closed, profile, GENERATION_LATEST);
	struct history after = history_of(timeline, reopened, profile, GENERATION_LATEST);

	if (before.cid < 0 || after.cid < 0) {
		fact_unknown(verdict, &after, requirement, FACT_cid_allocation,
			"a connection was given no CID");
		return;
	}
	int next = highest_cid(timeline, profile, reopened) + 1;
	struct fact fact = fact_of(FACT_cid_allocation, after.cid == before.cid ? "lowest-free"
							: after.cid == next	? "next"
										: "other");
	fact_settle(verdict, &after, requirement, &fact, CLAIM_SEEN,
		(struct span){after.watched_ns, after.watched_ns});
}
