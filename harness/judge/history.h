/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_JUDGE_HISTORY_H
#define WIZHIL_JUDGE_HISTORY_H

#include "judge/models.h"
#include "timeline/timeline.h"

/*
 * What happened to one generation of one connection: the part of a timeline that a check looks at,
 * its idle times, and its death.  It points into the timeline and owns nothing.
 */

enum generation_wanted {
	GENERATION_LATEST,
	/* The latest one to which the scenario did something (silence, reboot, reset, close), where
	 * there is one: a connection that was opened again after its death was judged dead
	 * before. */
	GENERATION_ACTED_ON,
	GENERATIONS
};

struct history {
	const struct timeline *timeline;
	const struct profile *profile;
	int connection, generation;
	const char *name;
	size_t begin, end;		 /* its events, up to the end of the watch */
	size_t faults_begin, faults_end; /* all faults of the timeline lie there */
	bool known;			 /* anything at all was seen of it */
	bool watched;			 /* EVENT_WATCHED is there */
	int64_t watched_ns;		 /* the end of the watch; without EVENT_WATCHED: begin */
	int64_t watched_error_ns;
	int64_t start_ns;	       /* second 0 of the scenario, for texts */
	int cid;		       /* -1: not known */
	struct planned_keepalive plan; /* at the end, see find_plan() */
	int64_t held_back_ns;	       /* see held_back_window() */
	int64_t on_ns; /* keep-alive was switched on then at the earliest; INT64_MIN: not known */
	int64_t options_ns; /* when its last option was answered; 0: none was */
	int64_t changed_ns; /* the same, of those that came when it had been set up already */
	size_t prediction_count;
	struct prediction predictions[PREDICTIONS];
};

struct history history_of(const struct timeline *timeline, int connection,
	const struct profile *profile, enum generation_wanted wanted);

/* Has the scenario such a step for the connection, done or not? */
bool has_step(const struct history *history, enum step_kind kind);

/* Whether a frame that the capture does not show may have been lost in the air: on the real clock,
 * and where the profile says so. */
bool frames_may_be_lost(const struct history *history);

/* How many of 'frames' frames the air may have lost before their absence is the device's doing:
 * none on a bench that loses none; one, and one in twenty, where one may be lost; two, and one in
 * ten, where the profile says that frames are lost, or what chance makes of the loss that it states (harness/README.md, "beyond the loss
 * measured"). */
int frames_lost_at_most(const struct history *history, int frames);
/* The same of those that follow each other at one place, as probes of one gap. */
int frames_lost_in_a_row(const struct history *history);

/* Can keep-alive have sent a probe then?  Not before it was switched on. */
bool probe_is_possible(const struct history *history, int64_t t_ns);

/* The window, wider at both ends by what may have held a frame back, so that what is measured from
 * that frame is as much shorter: the wait for the answer to an ARP request, which is sent again each
 * second (RFC 1122 2.3.2.1).  Where the profile says that frames are lost that is a second, for a
 * request that no timeline shows; where the device asked right before one of its probes, the time
 * since it did so first, and some for requests that were lost on their way to the sniffer. */
struct window held_back_window(const struct history *history, struct window window);

/* Event i, when it is a segment of this connection; else NULL.  A stray one is none. */
const struct event *history_segment(const struct history *history, size_t i);
bool from_peer(const struct event *segment);
bool is_probe(const struct event *segment); /* a probe from the device */

/* Is the segment 'first' once more, as an access point or a second capture hands it on again? Never
 * on a bench that loses and doubles nothing. */
bool is_copy(const struct history *history, const struct event *segment, const struct event *first);

/* Was the device's segment on its way already when the peer's data were sent?  It does not
 * acknowledge them, and came within the second that a frame may take. */
bool is_crossing(const struct event *received, const struct event *segment);

bool is_ok(const struct event *answer); /* a response: OK, or 0 */

/* A request so near to where a probe was due is about it. */
#define ARP_APART_NS (2 * NS_PER_S)

/* The first ARP request that the device sent for this peer between two times; NULL. */
const struct event *arp_request_between(
	const struct history *history, int64_t from_ns, int64_t to_ns);

/* When the bench did a step of this kind first; -1: it did not. */
int64_t step_done_ns(const struct timeline *timeline, enum step_kind kind);

/* The device's first segment from index 'from' on that acknowledges all octets before 'end'; NULL. */
const struct event *history_acknowledgement(
	const struct history *history, size_t from, uint32_t end);

/* Are they datagrams, which may be lost, doubled, and come in any order? */
bool carries_datagrams(const struct history *history);

/* Did the bench give the command that closes the connection: its own, or the one that closes all? */
bool is_close_of(const struct timeline *timeline, const struct event *event, int connection);

/* What the device said to an AT+SETSOCKOPT for the connection. */
bool is_option_answer(const struct history *history, const struct event *event);

/* Did the device refuse an option of the connection?  What it does then tells nothing about what
 * the option does. */
bool options_refused(const struct timeline *timeline, int connection);

/* Its own death notices: DISCONNECT or SOCKET FAILURE. */
bool is_death_notice(const struct event *event);

/* Is event i a death notice of the connection that the wire denies?  The device speaks on it later,
 * and the peer answers and it goes on, or it gives it up only then; or there is no end on the wire, and it lists
 * the connection as open.  Such a notice is no sign of a
 * death; it may be another connection's, with a wrong CID. */
bool history_denies_notice(const struct history *history, size_t i);

bool history_owns(const struct history *history, const struct event *event);

enum death_sign {
	SIGN_NONE,
	SIGN_RST,
	SIGN_FIN,
	SIGN_NOTICE,
	SIGN_LISTING,
	SIGN_CLOSED /* by command: no sign of history_death() */
};

/*
 * The end of a connection for the device: any sign of it, of wire or UART, with its time and how
 * sure it is; the judge knows what the scenario did and how long it watched, and asks when.
 *
 * diagnose (diagnose/direction.c) has another notion on purpose: whether the prober gave up for want
 * of answers.  A capture has two sides of which either may be the prober, no UART and no scenario;
 * there the FIN of an application that closes is an end and no giving up, and a prober that falls
 * silent for intervals has given up without a sign.  Where diagnose judges, it lays a timeline and
 * takes this one.
 */
struct death {
	enum death_sign sign; /* the earliest one */
	const struct event *event;
	size_t index;		/* of the event */
	int64_t t_ns, error_ns; /* a sign that only bounds the time has a large error */
	int64_t late_ns;	/* how much later than the death this sign may come */
	bool commanded;		/* the scenario closed the connection before */
};

/* The earliest sign that the device gave the connection up. */
struct death history_death(const struct history *history);
const char *death_sign_name(enum death_sign sign);

/* The first RST or FIN on the wire, from either side; NULL when there is none. */
const struct event *history_wire_end(const struct history *history, size_t *index);

/* The RST by which the device gave it up; NULL when there was none.  One that a later segment of
 * the peer's drew (RFC 9293 3.10.7.1) is none. */
const struct event *history_reset_at_death(
	const struct history *history, const struct death *death);

/* The FIN or RST by which the peer ended it before the device did; NULL.  From then on there is no
 * silent peer to be declared dead. */
const struct event *history_peer_end(const struct history *history, const struct death *death);

/* A time in which nothing came from the peer and nothing was outstanding. */
struct idle {
	const struct event *anchor;	/* the last received segment */
	const struct event *probe;	/* the first one of the idle time; NULL */
	const struct event *last_probe; /* NULL */
	int probes;
	const struct event *doubt;    /* something in it that is not keep-alive's, or may not be:
				       * data of the device's own that was never acknowledged, a
				       * segment that may be a probe or not; NULL */
	int64_t end_ns, end_error_ns; /* the next received segment, the device's data, the death,
				       * or the end of the watch */
	bool dead;		      /* ended by the death */
	int64_t late_ns;	      /* then of the death */
	bool last;		      /* nothing came from the peer after it before death or end */
};

/* The next idle time behind *position (0 to begin with); false when there is none. */
bool next_idle(const struct history *history, const struct death *death, size_t *position,
	struct idle *idle);

/* The last one: the silence of a silent peer.  anchor NULL when nothing came from the peer. */
struct idle history_silence(const struct history *history, const struct death *death);

/* Were the options changed in the idle time that this segment began, or later?  Nothing says what
 * becomes of an idle time in progress; the one that the handshake begins is looked at where they
 * were only set up in it, see idle_window(). */
bool options_changed_since(const struct history *history, const struct event *anchor);

/* The window of a time that a prediction counts from the last received segment, widened by the
 * tolerance.  Where the options came after the handshake, it may count from them as well. */
struct window idle_window(
	const struct history *history, const struct event *anchor, struct window nominal);

/* The same of the death that ended an idle time, whose only sign may come late_ns after it. */
struct window idle_death_window(
	const struct history *history, const struct idle *idle, struct window nominal);

/* How sure the time between two events is. */
int64_t leg_error(const struct event *from, const struct event *to);

#endif
