/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_JUDGE_CHECKS_H
#define WIZHIL_JUDGE_CHECKS_H

#include "judge/subject.h"

/* How a check is made, and what faults of the evidence do to it. */

/* What a check claims, and so what takes its ground away. */
enum claim {
	CLAIM_SEEN,    /* something was seen: no gap in the evidence unmakes it */
	CLAIM_LEG,     /* the time between two things seen: what is missing between may explain a
		     * fail */
	CLAIM_ABSENCE, /* a count, or something not there: a gap voids it */
	CLAIM_UART     /* as absence, but on the UART: capture drops do not matter */
};

struct span {
	int64_t from_ns, to_ns;
};

/* A fail that something explains accuses nobody: says what, behind the sentence. */
void check_excuse(struct check *check, const char *why);

/* The same, where frames lost in the air explain it: the run decides whether they were lost
 * (judge/loss.h). */
void check_lost(struct check *check, const char *why);

/* Says, where it is so, that the device asked for the peer's hardware address where a probe was due: it
 * waited for the answer, or was lost for want of one. */
void check_tell_arp(struct check *check, const struct history *history, int64_t due_ns);

/* It fails; or holds by model B alone, which has one probe less and an earlier death, on a bench of
 * which the profile says that it loses frames: what explains these accuses no device of B. */
bool needs_excuse(const struct check *check, const struct history *history);

/* Says, where a monitor of the air knows, whether the probe that was due then was sent. */
void check_tell_air(struct check *check, const struct history *history, int64_t due_ns);

/* The same of the first probe that the wire lacks before the death. */
void check_tell_absent(
	struct check *check, const struct history *history, const struct death *death);

/* check_excuse() for what makes a silence doubtful, see struct idle. */
void check_doubt(struct check *check, const struct history *history, const struct idle *silence);

/* A check of all models, without a measure, for the requirement that is asked about. */
struct check check_new(const struct subject *s, enum outcome outcome);

void check_say(struct check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Appends to the sentence. */
void check_say_more(struct check *check, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void check_measure(struct check *check, struct leg_id leg, int64_t measured_ns, int64_t error_ns,
	struct window window);

/* Where the measured leg began, so that a report can show it. */
void check_begins(struct check *check, int64_t from_ns);

/* What was due in this window after from_ns, and did not come. */
void check_expect(struct check *check, struct leg_id leg, int64_t from_ns, struct window window);

/* Applies the faults of the evidence to the check and adds it to the verdict. */
void check_settle(struct subject *s, struct check *check, enum claim claim, struct span span);

/* What the faults of the evidence leave of an outcome, without words. */
enum outcome sound_outcome(
	const struct history *history, enum outcome outcome, enum claim claim, struct span span);

/* When nothing was seen of the connection: adds an inconclusive and says so. */
bool check_unknown(struct subject *s);

/* When the span up to until_ns was not watched; 'what' is what was waited for.  The check becomes
 * inconclusive and says how much of it was watched. */
bool check_unwatched(
	struct check *check, const struct history *history, struct span span, const char *what);

/* Where only model B explains a check and T is at the floor: the finding that this leaves no idle
 * time. */
void check_add_no_idle_finding(struct subject *s, const struct check *check);

/* A fact in words. */
struct fact fact_of(enum fact_id id, const char *text);
/* A figure with its uncertainty, in fact_unit(). */
struct fact fact_number(enum fact_id id, double value, double error);

/* Adds the fact, and the check that holds it against what the profile pins. */
void fact_settle(struct subject *s, const struct fact *fact, enum claim claim, struct span span);

/* The evidence does not show the fact: an inconclusive check. */
void fact_unknown(struct subject *s, enum gap_reason reason);
/* The same; what is known of it instead of the reason's words. */
void fact_unknown_as(struct subject *s, enum gap_reason reason, const char *words);

/* The first segment that shows that the device got the peer's FIN: it acknowledges it.  NULL: none does;
 * of a RST none can. */
const struct event *end_acknowledged(const struct history *history, const struct event *end);

/* The peer ended the connection itself: the check, of a silent peer, is inconclusive. */
void check_peer_ended(struct check *check, const struct history *history, const struct event *end);

/* Seconds, for texts. */
double in_s(int64_t ns);
/* "600 s +- 0.62 s", "0..75 s +- 0.5 s" of a nominal window. */
void window_text(const struct profile *profile, struct window nominal, char *text, size_t size);

/* A leg that is wrong, and right but for so many intervals, each begun by a probe that was lost in
 * the air: how many, 'most' at most.  0: lost frames do not explain it, or a monitor of the air did
 * not hear them.  It ends at end_ns. */
int frames_missing(const struct history *history, int64_t leg, int64_t error, struct window window,
	int most, int64_t end_ns);
/* May the answer to a probe be missing in the capture?  Not on a bench, where the peer is told when
 * to be silent. */
bool answers_may_be_unseen(const struct history *history);
/* How much longer an idle time without a probe may be than its window, because probes of a count so
 * large were lost. */
int64_t unseen_ns(const struct history *history, int count);
/* Where frames may be lost: by how many intervals is this first probe late by every model, and
 * right by one of them but for these? */
int first_probes_missing(const struct history *history, const struct idle *idle);
/* Likewise with a count of 1: no probe was seen, but the death came when it would after one. */
bool only_probe_missing(const struct history *history, const struct idle *idle);
/* The last probe before an idle time that has an anchor; NULL. */
const struct event *last_answered_probe(const struct history *history, const struct idle *idle);

/* Where frames may be lost: do those that were, probes or answers, explain this death?  The device
 * sent its count of probes an interval apart, and the death followed the last one; in the capture
 * some of them are missing, or were answered. */
bool lost_frames_kill(const struct history *history, const struct death *death);
/* The same where the profile says that frames are lost: elsewhere legs that contradict it are a
 * fault of the device. */
bool lossy_air_kills(const struct history *history, const struct death *death);

/* The state of one prediction in a fit. */
struct fit {
	bool evaluated;
	enum outcome outcome; /* the worst so far */
	int64_t outside_ns; /* how far its leg is from what it predicts, to tell which is nearest */
};
void fit_note(struct fit *fit, enum outcome outcome);

/* What several predictions make of one check: the best of them decides, and the models that are not
 * excluded are those that do not fail.  What was not evaluated is inconclusive.  Returns the index
 * of the prediction that decides: of those that are equally good the nearest. */
size_t fit_decide(
	struct check *check, const struct history *history, const struct fit fits[PREDICTIONS]);

#endif
