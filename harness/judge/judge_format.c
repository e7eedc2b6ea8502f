/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include <stdio.h>

#include "judge/checks.h"

/* What a probe looks like (RFC 9293 3.8.4, RFC 1122 4.2.3.6). */

/* "SND.NXT - 1", "SND.NXT", "SND.NXT + 3". */
static void relative_text(const char *base, uint32_t value, uint32_t to, char *text, size_t size)
{
	int32_t distance = (int32_t)(value - to);

	if (distance == 0)
		snprintf(text, size, "%s", base);
	else
		snprintf(text, size, "%s %c %u", base, distance < 0 ? '-' : '+',
			(unsigned)(distance < 0 ? -(int64_t)distance : distance));
}

/* Says what is wrong with the probe; false when nothing is. */
static bool say_wrong(struct check *check, const struct timeline_segment *probe, int number)
{
	const uint8_t forbidden = TCP_FLAG_SYN | TCP_FLAG_FIN | TCP_FLAG_RST | TCP_FLAG_URG;
	char found[48];

	if (probe->seq != probe->snd_nxt - 1) {
		relative_text("SND.NXT", probe->seq, probe->snd_nxt, found, sizeof found);
		check_say(check, "probe %d has SEQ = %s, expected SND.NXT - 1", number, found);
	} else if (probe->ack != probe->rcv_nxt) {
		relative_text("RCV.NXT", probe->ack, probe->rcv_nxt, found, sizeof found);
		check_say(check, "probe %d has ACK = %s, expected RCV.NXT", number, found);
	} else if ((probe->flags & TCP_FLAG_ACK) == 0 || (probe->flags & forbidden) != 0) {
		check_say(check, "probe %d has flags 0x%02x, expected ACK only", number,
			probe->flags);
	} else if (probe->length > 1) {
		check_say(check, "probe %d has %u octets of data, expected none or one", number,
			(unsigned)probe->length);
	} else if (!probe->checksum_ok) {
		check_say(check, "probe %d has a wrong checksum", number);
	} else {
		return false;
	}
	return true;
}

/* Is an empty segment where a probe is due: at the first one's time by one of the models, or an
 * interval after the one before? */
static bool is_due(const struct history *history, const struct event *anchor,
	const struct event *before, const struct event *segment)
{
	if (before != NULL &&
		leg_outcome(segment->t_ns - before->t_ns, leg_error(before, segment),
			leg_window_at(history->profile, KEEPALIVE_INTERVAL_NS)) < OUTCOME_FAIL)
		return true;
	for (size_t i = 0; anchor != NULL && i < history->prediction_count; i++)
		if (leg_outcome(segment->t_ns - anchor->t_ns, leg_error(anchor, segment),
			    idle_window(history, anchor, history->predictions[i].first)) <
			OUTCOME_FAIL)
			return true;
	return false;
}

struct format_scan {
	bool no_data; /* the scenario gives the device none to send */
	bool fin_sent;
	int probes, zero_length;
	uint32_t acknowledged; /* by the device's last segment */
	bool excused;	       /* what is wrong is that the device did not hear the peer's data */
	const struct event *anchor, *before;
	const struct event *last; /* the last probe, also where it was answered */
};

/* A segment that only a probe can be, but for its flags: none without ACK is sent on an established
 * connection (RFC 9293 3.10.7.4), and no FIN stands before SND.NXT when none was sent.  One whose
 * first sending the capture missed does not come just when a probe is due. */
static bool is_misflagged(
	const struct history *history, const struct format_scan *scan, const struct event *segment)
{
	const struct timeline_segment *s = &segment->segment;

	if ((s->flags & (TCP_FLAG_SYN | TCP_FLAG_RST)) != 0)
		return false;
	return (s->flags & TCP_FLAG_ACK) == 0 ||
	       ((s->flags & TCP_FLAG_FIN) != 0 && !scan->fin_sent && s->seq == s->snd_nxt - 1 &&
		       is_due(history, scan->anchor, scan->before, segment));
}

/* One segment from the device; true when it is wrong, and then the check says what. */
static bool scan(const struct history *history, struct format_scan *scan,
	const struct event *segment, struct check *check)
{
	const struct timeline_segment *s = &segment->segment;
	char found[48];

	if (s->role == ROLE_UNSOLICITED_ACK &&
		is_due(history, scan->anchor, scan->before, segment)) {
		relative_text("SND.NXT", s->seq, s->snd_nxt, found, sizeof found);
		check_say(check,
			"probe %d has SEQ = %s, expected SND.NXT - 1: an empty segment %.1f s after the last received one, which no peer answers",
			scan->probes + 1, found,
			scan->anchor == NULL ? 0.0 : in_s(segment->t_ns - scan->anchor->t_ns));
		return true;
	}
	if (s->length > 0 && scan->no_data && !is_probe(segment) &&
		(scan->last == NULL || !is_copy(history, segment, scan->last))) {
		relative_text("SND.NXT", s->seq, s->snd_nxt, found, sizeof found);
		check_say(check,
			"%u octets that the device was not given to send, at SEQ = %s (a probe has none or one, before SND.NXT)",
			(unsigned)s->length, found);
		return true;
	}
	if (is_misflagged(history, scan, segment)) {
		say_wrong(check, s, scan->probes + 1);
		return true;
	}
	scan->fin_sent |= (s->flags & TCP_FLAG_FIN) != 0;
	if (!is_probe(segment))
		return false;
	scan->probes++;
	scan->zero_length += s->length == 0;
	scan->before = scan->last = segment;
	/* The data behind it may have been lost, and an ACK before it as well. */
	scan->excused = history->profile->lossy_air &&
			(int32_t)(s->ack - scan->acknowledged) >= 0 && s->ack != s->rcv_nxt &&
			s->seq == s->snd_nxt - 1;
	struct timeline_segment as_sent = *s;
	if (s->ack == scan->acknowledged && scan->anchor != NULL &&
		is_crossing(scan->anchor, segment))
		as_sent.rcv_nxt = s->ack;
	return say_wrong(check, &as_sent, scan->probes);
}

/* Does the scenario send data?  Then SND.NXT and RCV.NXT hang on frames that may be lost. */
static bool sends_data(const struct history *history)
{
	return has_step(history, STEP_DEVICE_SENDS) || has_step(history, STEP_PEER_SENDS);
}

/* Every probe: SEQ = SND.NXT - 1, ACK = RCV.NXT, flags ACK (PSH tolerated), length 0 or 1,
 * checksums right (RFC 9293 3.8.4, RFC 1122 4.2.3.6).  An unsolicited empty segment where a probe
 * is due is a malformed probe: fail, with the SEQ that was found.  No probe at all:
 * inconclusive. */
void check_probe_format(struct subject *s)
{
	const struct history *history = s->history;
	struct check check = check_new(s, OUTCOME_PASS);
	struct format_scan state = {.no_data = !has_step(history, STEP_DEVICE_SENDS)};

	struct span span = {s->timeline->events[history->begin].t_ns, history->watched_ns};
	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL)
			continue;
		if (from_peer(segment)) {
			state.anchor = segment;
			state.before = NULL;
		} else if (scan(history, &state, segment, &check)) {
			check.outcome = state.excused ? OUTCOME_INCONCLUSIVE : OUTCOME_FAIL;
			if (state.excused)
				check_say_more(
					&check, "; data of the peer may have been lost in the air");
			span.to_ns = segment->t_ns;
			check_settle(s, &check, sends_data(history) ? CLAIM_LEG : CLAIM_SEEN, span);
			return;
		}
		if (!from_peer(segment))
			state.acknowledged = segment->segment.ack;
	}
	check_say(&check, "%d probes, each with SEQ = SND.NXT - 1, ACK = RCV.NXT, %s", state.probes,
		state.zero_length == state.probes ? "without data" : "with one octet");
	if (state.probes == 0) {
		check.outcome = OUTCOME_INCONCLUSIVE;
		check_say(&check, "no probe came whose format could be checked");
	}
	check_settle(s, &check, CLAIM_SEEN, span);
}
