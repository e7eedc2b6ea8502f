/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_STIMULUS_H
#define WIZHIL_BENCH_STIMULUS_H

#include "timeline/timeline.h"

/*
 * What came right before a device rebooted or fell silent: something that the bench did to it, or
 * that the device itself did for a connection.  Once is a coincidence, as with a low battery; the
 * case is run again alone, and when it happens again after the same, that has provoked it.
 */
enum { STIMULUS_WORDS = 48 };

struct stimulus {
	enum evidence_fault fault; /* what followed; FAULT_NONE: there is none */
	int64_t t_ns;		   /* when it was */
	int64_t delay_ns;	   /* from it to what followed, of a reboot; else 0 */
	char text[STIMULUS_WORDS]; /* "'AT+NCLOSE'", "the RST of 'a'" */
	bool death;		   /* it is the RST by which the device ends a connection */
};

/* The last one in the timeline at or before sign_ns, the device's last sign of life, and not longer
 * than STIMULUS_S before it; followed_ns is when the trouble was seen. */
enum { STIMULUS_S = 10 };
struct stimulus stimulus_before(const struct timeline *timeline, enum evidence_fault fault,
	int64_t sign_ns, int64_t followed_ns);

/* The same trouble after the same; a reboot after the same time, too, to a second. */
bool stimulus_is_same(const struct stimulus *first, const struct stimulus *second);
/* The same, after the deaths of two connections. */
bool stimulus_is_same_death(const struct stimulus *first, const struct stimulus *second);

/*
 * The same over a run, whatever case it was: what a breakdown is said to come after, and the share
 * of the time that the device was at work in which any breakdown would be said to come after the
 * same.  By chance it does so as often as that (judge/breakdown.h).
 *
 * A state begins with a sign of life, of UART or wire for a reboot and of the UART for a silence,
 * and lasts until the next one; what it would come after is the last stimulus before the sign.
 */
enum { STIMULUS_KINDS = 32 };

struct stimulus_kind {
	char words[STIMULUS_WORDS]; /* "'AT+NCLOSE'", "the RST of a connection" */
	int times;
	int64_t alive_ns, spoke_ns; /* how long the states lasted */
};

struct stimulus_state {
	int kind; /* index; -1: nothing for STIMULUS_S before the sign */
	int64_t sign_ns, stimulus_ns;
};

struct stimuli {
	size_t count;
	struct stimulus_kind kinds[STIMULUS_KINDS];
	int last; /* of the stimuli; -1 */
	int64_t last_ns;
	struct stimulus_state alive, spoke;
	bool at_work;
	int64_t since_ns, observed_ns; /* at work since then, and as long before that */
};

/* What a breakdown comes after. */
struct provocation {
	const char *after; /* NULL: nothing */
	int times;	   /* how often that was so far */
	double delay_s;	   /* from it to a reboot; of a silence 0 */
	double share;	   /* 0 to 1 */
};

/* The device is at work from now on, or not any more. */
void stimuli_begin(struct stimuli *stimuli, int64_t now_ns);
void stimuli_end(struct stimuli *stimuli, int64_t now_ns);
/* An event of a session on the device. */
void stimuli_note(
	struct stimuli *stimuli, const struct timeline *timeline, const struct event *event);
/* When it was last seen alive, and last spoke; before what is done to it now is noted. */
void stimuli_look(struct stimuli *stimuli, int64_t alive_ns, int64_t spoke_ns);
/* It broke down now, before stimuli_end(). */
struct provocation stimuli_provocation(
	const struct stimuli *stimuli, enum evidence_fault fault, int64_t now_ns);

#endif
