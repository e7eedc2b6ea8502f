/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "judge/checks.h"
#include "uart/at_command.h"

/* One Disassociation Event comes within within_ns after the bench took the access point away. */
void check_disassociation(struct subject *s)
{
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_PASS);
	int64_t gone_ns = step_done_ns(s->timeline, STEP_ACCESS_POINT_GOES);
	struct span span = {gone_ns, gone_ns + s->parameters->time_ns};
	int notices = 0;

	for (size_t i = 0; i < s->timeline->count; i++) {
		const struct event *event = &s->timeline->events[i];
		if (event->kind == EVENT_NOTICE && event->t_ns >= gone_ns &&
			event->t_ns <= span.to_ns && event->code == AT_CODE_DISASSOCIATION_EVENT)
			notices++;
	}
	if (gone_ns < 0) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "the access point did not go away");
	} else if (!check_unwatched(&check, history, span, "no Disassociation Event yet")) {
		check.outcome = notices == 1 ? OUTCOME_PASS : OUTCOME_FAIL;
		check_say(&check,
			"%d Disassociation Events in %g s after the access point went away, expected one",
			notices, in_s(s->parameters->time_ns));
	}
	check_settle(s, &check, CLAIM_UART, span);
}

/* What came of a connection when the access point had gone. */
struct aftermath {
	int64_t gone_ns;	     /* -1: it did not go */
	const struct event *listing; /* the last one; NULL */
	int notices;
};

/* Once the bench has taken the CID from the connection, the number tells whose a notice is. */
static struct aftermath aftermath_of(const struct history *history)
{
	const struct timeline *timeline = history->timeline;
	struct aftermath after = {.gone_ns = step_done_ns(timeline, STEP_ACCESS_POINT_GOES)};

	for (size_t i = 0; after.gone_ns >= 0 && i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->t_ns < after.gone_ns)
			continue;
		const bool own = history_owns(history, event);
		after.notices += is_death_notice(event) &&
				 (own || (event->connection == NO_CONNECTION && event->cid >= 0 &&
						 event->cid == history->cid));
		after.listing = own && event->kind == EVENT_LISTING ? event : after.listing;
	}
	return after;
}

/* FACT_notice_association, FACT_cid_after_loss. */
void find_association_loss(struct subject *s)
{
	const struct history *history = s->history;
	const struct aftermath after = aftermath_of(history);
	const char *const *words = fact_words(s->fact);
	const struct span span = {after.gone_ns, history->watched_ns};

	if (after.gone_ns < 0 || !history->watched) {
		fact_unknown(s, after.gone_ns < 0 ? GAP_access_point_stayed : GAP_watch_has_no_end);
	} else if (s->fact == FACT_cid_after_loss && after.listing == NULL) {
		fact_unknown(s, GAP_unanswered);
	} else {
		const int word = s->fact == FACT_cid_after_loss ? after.listing->listed
				 : after.notices > 1		? 2
								: after.notices;
		const struct fact fact = fact_of(s->fact, words[word]);
		/* The loss is what is looked at: it voids nothing here. */
		fact_settle(s, &fact, CLAIM_SEEN, span);
	}
}

/* Says whether the connection's CID was free after the access point had gone, and how many notices
 * of its own came.  No source requires either. */
void check_cid_after_association_loss(struct subject *s)
{
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_PASS);
	const struct aftermath after = aftermath_of(history);
	const struct span span = {after.gone_ns, history->watched_ns};

	if (after.listing == NULL) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, after.gone_ns < 0 ? "the access point did not go away"
						    : AT_LINE_LIST_CIDS
					  " gave no list after it went away");
	} else {
		check_say(&check,
			"after the access point went away the CID was %s, with %d notices for it",
			after.listing->listed ? "kept" : "free", after.notices);
	}
	/* The loss is what is looked at: it voids nothing here. */
	check_settle(s, &check, CLAIM_SEEN, span);
}
