/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include "judge/checks.h"
#include "uart/at_command.h"

/* Connections that have to live, and those that have to be quiet. */

static int answered_probes(const struct history *history)
{
	uint64_t last = 0;
	int count = 0;

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL || !from_peer(segment) ||
			segment->segment.role != ROLE_PROBE_ANSWER)
			continue;
		/* The same probe may be answered twice; the first answer counts. */
		if (segment->segment.answers != 0 && segment->segment.answers == last)
			continue;
		last = segment->segment.answers;
		count++;
	}
	return count;
}

static int sent_probes(const struct history *history)
{
	int count = 0;

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment != NULL && is_probe(segment))
			count++;
	}
	return count;
}

/* When the last thing that the peer sent in the idle time came, or the segment before it: what a
 * device is to ignore may have restarted its idle time, and nothing says that it must not. */
static int64_t last_heard(const struct history *history, const struct idle *idle)
{
	int64_t last = idle->anchor->t_ns;

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *event = &history->timeline->events[i];
		if (event->kind == EVENT_SEGMENT && history_owns(history, event) &&
			event->segment.role == ROLE_STRAY && event->t_ns > last &&
			event->t_ns <= idle->end_ns)
			last = event->t_ns;
	}
	return last;
}

/* Was there an idle time that every model would have probed in, and no probe came? */
static bool probe_was_due(const struct history *history, const struct death *death, int64_t *length)
{
	struct idle idle;
	size_t position = 0;

	while (next_idle(history, death, &position, &idle)) {
		bool due = idle.probe == NULL && history->prediction_count > 0 &&
			   !options_changed_since(history, idle.anchor);
		*length = idle.end_ns - last_heard(history, &idle);
		for (size_t i = 0; i < history->prediction_count; i++) {
			const struct prediction *p = &history->predictions[i];
			due = due && *length - idle.anchor->error_ns - idle.end_error_ns >
					     idle_window(history, idle.anchor, p->first).to_ns +
						     unseen_ns(history, p->count);
		}
		if (due)
			return true;
	}
	return false;
}

/* The listing at the end of the watch; one from before says nothing of what came after it. */
static bool is_listed_at_the_end(const struct history *history)
{
	for (size_t i = history->timeline->count; i-- > history->begin;) {
		const struct event *event = &history->timeline->events[i];
		if (event->kind == EVENT_LISTING && history_owns(history, event))
			return event->t_ns + event->error_ns >=
			       history->watched_ns - history->watched_error_ns;
	}
	return false;
}

static void judge_dead(
	struct check *check, const struct history *history, const struct death *death)
{
	check->outcome = OUTCOME_FAIL;
	check_say(check, "the connection ended (%s) at %.1f s, expected it to stay open",
		death_sign_name(death->sign), in_s(death->event->t_ns - history->start_ns));
	if (!lost_frames_kill(history, death))
		return;
	check->outcome = OUTCOME_INCONCLUSIVE;
	check->lost_frames = true;
	check_say_more(
		check, "; frames lost in the air explain it (a count of %d)", history->plan.count);
}

static void judge_rounds(
	struct check *check, const struct history *history, const struct death *death, int rounds)
{
	int answered = answered_probes(history);
	int64_t length = 0;

	if (answered >= rounds)
		return;
	check->outcome = OUTCOME_INCONCLUSIVE;
	if (probe_was_due(history, death, &length)) {
		check->outcome = OUTCOME_FAIL;
		check_say(check,
			"%d of %d probes were answered: no probe came in %.1f s without a received segment",
			answered, rounds, in_s(length));
	} else if (sent_probes(history) >= rounds) {
		check_say(check,
			"%d of %d probes were answered: the peer did not answer every probe",
			answered, rounds);
	} else {
		check_say(check, "%d of %d probes were answered in %.1f s watched", answered,
			rounds,
			in_s(history->watched_ns - history->timeline->events[history->begin].t_ns));
	}
}

/* At least 'rounds' probes were answered, the connection lives at the end of the watch: no RST, no
 * FIN, no notice, the CID listed.  rounds 0: it lives, however many probes there were. */
void check_alive(struct subject *s)
{
	const struct history *history = s->history;
	const struct death *death = s->death;
	struct check check = check_new(s, OUTCOME_PASS);
	size_t end_index = 0;

	struct span span = {s->timeline->events[history->begin].t_ns, history->watched_ns};
	const struct event *end = history_wire_end(history, &end_index);
	check_say(&check, "the connection is open, %d probes were answered in %.1f s",
		answered_probes(history), in_s(span.to_ns - span.from_ns));
	if (end != NULL && from_peer(end) &&
		(death->sign == SIGN_NONE || end_index < death->index)) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "the peer closed the connection at %.1f s",
			in_s(end->t_ns - history->start_ns));
	} else if (death->sign != SIGN_NONE) {
		judge_dead(&check, history, death);
		span.to_ns = death->event->t_ns;
		check_settle(s, &check, CLAIM_LEG, span);
		return;
	} else {
		judge_rounds(&check, history, death, s->parameters->count);
	}
	if (check.outcome == OUTCOME_PASS && !history->watched) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check,
			"the watch has no end: nothing shows that the connection stayed open");
	} else if (check.outcome == OUTCOME_PASS && !is_listed_at_the_end(history)) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check,
			"no RST, FIN or notice, but " AT_LINE_LIST_CIDS " gave no list at the end");
	}
	check_settle(s, &check, CLAIM_ABSENCE, span);
}

static bool is_uncalled(const struct event *segment)
{
	return segment->segment.direction == FROM_DEVICE &&
	       (segment->segment.role == ROLE_PROBE ||
		       segment->segment.role == ROLE_UNSOLICITED_ACK);
}

/* The device got this segment of the peer's, and said so before then. */
static bool was_acknowledged(const struct history *history, size_t sent, int64_t until_ns)
{
	const struct timeline_segment *s = &history->timeline->events[sent].segment;
	const struct event *ack = history_acknowledgement(history, sent, s->seq + s->length);

	return s->length > 0 && ack != NULL && ack->t_ns < until_ns;
}

/* In the idle time that a probe is sent after, the device heard nothing: by every model.  Returns whether
 * the air may have lost all that the peer sent in it. */
static bool idle_time_was_lost(const struct history *history, const struct event *probe)
{
	int64_t shortest_ns = INT64_MAX;
	int unheard = 0;

	for (size_t i = 0; i < history->prediction_count; i++) {
		const int64_t first_ns = history->predictions[i].first.from_ns;
		if (history->predictions[i].probes && first_ns < shortest_ns)
			shortest_ns = first_ns;
	}
	if (shortest_ns == INT64_MAX)
		return true;
	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL || !from_peer(segment) || segment->t_ns >= probe->t_ns ||
			segment->t_ns < probe->t_ns - shortest_ns + NS_PER_S)
			continue;
		if (was_acknowledged(history, i, probe->t_ns))
			return false;
		unheard++;
	}
	return unheard <= frames_lost_in_a_row(history);
}

/* Where frames are lost: the device did not hear some of what would have kept its probes away. */
static bool probes_for_want_of_frames(const struct history *history, const struct event *probe)
{
	int heard = 0;

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		heard += segment != NULL && from_peer(segment);
	}
	return history->profile->lossy_air && history->plan.on &&
	       idle_time_was_lost(history, probe) &&
	       sent_probes(history) <= frames_lost_at_most(history, heard);
}

/* From from_ns on, or from the beginning. */
static void judge_quiet(struct subject *s, int64_t from_ns)
{
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_PASS);
	const struct event *undecided = NULL;

	struct span span = {s->timeline->events[history->begin].t_ns, history->watched_ns};
	span.from_ns = from_ns > span.from_ns ? from_ns : span.from_ns;
	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL || from_peer(segment) ||
			segment->t_ns + segment->error_ns <= from_ns)
			continue;
		if (segment->segment.role == ROLE_UNDECIDABLE)
			undecided = segment;
		if (!is_uncalled(segment))
			continue;
		check.outcome = OUTCOME_FAIL;
		check_say(&check, "%s came at %.1f s, expected none",
			is_probe(segment) ? "a probe" : "an unsolicited empty segment",
			in_s(segment->t_ns - history->start_ns));
		if (is_probe(segment) && probes_for_want_of_frames(history, segment))
			check_lost(&check, "frames lost in the air explain it");
		/* What would have kept it away may not have reached the device. */
		check_settle(s, &check, history->plan.on ? CLAIM_LEG : CLAIM_SEEN, span);
		return;
	}
	check_say(&check, "no probe in %.1f s", in_s(span.to_ns - span.from_ns));
	if (!history->watched) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "no probe yet, but the watch has no end");
	} else if (undecided != NULL) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "a segment at %.1f s may be a probe or not",
			in_s(undecided->t_ns - history->start_ns));
	}
	check_settle(s, &check, CLAIM_ABSENCE, span);
}

/* No probe, and no empty segment that nothing called for, in the whole watch. */
void check_no_probes(struct subject *s)
{
	judge_quiet(s, INT64_MIN);
}

/* Was the last keep-alive option that the scenario has for the connection given, and answered? */
static bool last_option_is_answered(const struct history *history)
{
	const struct timeline *timeline = history->timeline;
	int last = -1;

	for (int i = 0; i < timeline->scenario.step_count; i++)
		if (timeline->scenario.steps[i].connection == history->connection &&
			step_option_kind(&timeline->scenario.steps[i]) != OPTION_NONE)
			last = i;
	for (size_t i = 0; i < timeline->count; i++)
		if (timeline->events[i].kind == EVENT_RESPONSE && timeline->events[i].step == last)
			return true;
	return false;
}

/* The same from the answer to the connection's last keep-alive option on. */
void check_no_probes_since_option(struct subject *s)
{
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_INCONCLUSIVE);

	if (history->known && !last_option_is_answered(history)) {
		check_say(&check, "no answer to the option after which no probe is allowed");
		check_settle(s, &check, CLAIM_UART,
			(struct span){history->start_ns, history->watched_ns});
		return;
	}
	judge_quiet(s, history->options_ns);
}

/* The soonest that the death may come after the last received segment, by any model. */
static int64_t soonest_death_ns(const struct history *history, const struct event *anchor)
{
	int64_t soonest = TIME_NEVER;

	for (size_t i = 0; i < history->prediction_count; i++) {
		const int64_t from =
			idle_window(history, anchor, history->predictions[i].dead).from_ns;
		soonest = from < soonest ? from : soonest;
	}
	return soonest;
}

/* The connection was not declared dead after an answer to a probe, without another probe and sooner than any
 * model has it.  Of an answer out of sequence nothing says that it is one (KA-LIVE-07). */
void check_no_death_after_an_answer(struct subject *s)
{
	const struct history *history = s->history;
	const struct idle *silence = s->silence;
	const struct event *answer = silence->anchor;
	struct check check = check_new(s, OUTCOME_PASS);

	check_say(&check, "no death after an answer to a probe");
	struct span span = {history->start_ns, silence->end_ns};
	if (silence->dead && silence->probes == 0 && silence->doubt == NULL && answer != NULL &&
		answer->segment.role == ROLE_PROBE_ANSWER &&
		answer->segment.seq == answer->segment.snd_nxt && !s->death->commanded &&
		history->plan.timed && !options_changed_since(history, answer) &&
		history_peer_end(history, s->death) == NULL) {
		const int64_t length = silence->end_ns - answer->t_ns;
		span.from_ns = answer->t_ns;
		if (length + answer->error_ns + silence->end_error_ns <
			soonest_death_ns(history, answer)) {
			check.outcome = OUTCOME_FAIL;
			check_say(&check,
				"the connection was declared dead %.1f s after the peer had answered a probe, and without another one (%s)",
				in_s(length), death_sign_name(s->death->sign));
			if (frames_may_be_lost(history))
				check_lost(&check, "the answer may have been lost in the air");
		}
	}
	check_settle(s, &check, CLAIM_LEG, span);
}
