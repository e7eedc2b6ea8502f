/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_JUDGE_FAKE_DEVICE_H
#define WIZHIL_JUDGE_FAKE_DEVICE_H

#include "judge/judge.h"

/* Timelines for tests: what a device of a given model and with given faults would have left. */

#define S(seconds) ((int64_t)(1e9 * (seconds)))

enum { FAKE_CID = 3, FAKE_SEQ = 1, FAKE_ACK = 1 };

struct fake_device {
	/* What it is; 0 is the default in brackets. */
	enum timing_model model; /* A */
	bool late;		 /* B: the first probe comes an interval into the probing */
	double phase_s;		 /* A-free: how much earlier than A-tick the first probe comes */
	int count, timeout_s;	 /* as the scenario asks; 8, 600 */
	double silent_at_s;	 /* after the start; 0: never */
	double watch_s;		 /* after the start; 0: until 'then' after the death */
	double then_s;		 /* [30] */

	/* What is wrong with it. */
	bool no_probes, never_dies, no_notice, wrong_seq, leaks, keepalive_off;
	double interval_s;	/* [75] */
	int more_probes;	/* than count */
	int notice_cid;		/* another CID */
	double notice_after_s;	/* [0.01] after the RST */
	int notices;		/* [1] */
	double dies_at_s;	/* after the last received segment, without a probe */
	bool no_reset;		/* gives up without RST */
	double options_after_s; /* the options are answered so long after the handshake */
	double first_late_s;	/* the first probe of each idle time is that late */

	/* What happened to the evidence. */
	bool real;	/* the real clock, every stamp +-1 ms */
	int lost_probe; /* the nth unanswered one (from 1) is not in the capture */
	bool no_listing, no_watched;
};

/* A timeline with the one connection "a".  It aborts when out of memory. */
struct timeline *fake_timeline(struct fake_device device);

/* Adds events to a timeline. */
void fake_fault(
	struct timeline *timeline, enum evidence_fault fault, int64_t from_ns, int64_t to_ns);
void fake_segment(struct timeline *timeline, int64_t t_ns, enum direction direction,
	enum segment_role role, uint8_t flags);
void fake_notice(
	struct timeline *timeline, int64_t t_ns, int connection, int cid, const char *text);

/* The first event of such a kind, or segment of such a role; NULL. */
struct event *fake_find(struct timeline *timeline, enum event_kind kind);
struct event *fake_find_role(struct timeline *timeline, enum segment_role role);

#endif
