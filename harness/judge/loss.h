/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_JUDGE_LOSS_H
#define WIZHIL_JUDGE_LOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct verdict;

/*
 * Lost in the air, or never sent: decided over a run (harness/README.md, "Time and tolerance").
 *
 * A frame that is missing where one lost frame would explain it accuses nobody in its case.  Each
 * verdict says for each place where such a frame was due how often it was due and how often absent,
 * and how many other frames are known to have arrived or to have been lost.  Over all verdicts of a
 * device the latter bound the loss; what is absent at one place more often than that bound allows
 * by chance was never sent, or never heard.
 *
 * All of it is plain data and pure functions.  Where no frame can be lost (stepped clock, a profile
 * without lossy_air) nothing is counted.
 */

enum loss_kind {
	LOSS_PROBE,  /* a keep-alive probe of the device's, due and not in the capture */
	LOSS_ANSWER, /* an answer to a probe, in the capture, and the device did not act on it */
	LOSS_RESET,  /* a RST that a segment behind the death should have drawn */
	LOSS_END /* an end that the peer sent, in the capture, and the device did not act on it */
};

/* The places of ends. */
enum { LOSS_END_FIN = 1, LOSS_END_RST };

enum { LOSS_KINDS = LOSS_END + 1, LOSS_COUNTS = 160 };

/* Below this probability the absences of a place are no chance; see the profile's loss_level. */
#define LOSS_LEVEL 1e-6

/* Of an air of which the profile tells nothing. */
#define LOSS_ASSUMED_PERCENT 3

/* One place of one connection. */
struct loss_count {
	enum loss_kind kind;
	int k, of; /* probe k of a count of 'of'; its answer.  LOSS_RESET: 1 of 1; LOSS_END: see above */
	int connection;	   /* index into the scenario's */
	int due, absent;   /* frames that had to arrive, and absences: a RST needs two, its own and
			    * that of the segment that it answers */
	int64_t absent_ns; /* when the first absent one was due, on the clock of the run */
};

struct losses {
	double level;	   /* of the profile */
	int arrived, lost; /* other frames of known fate */
	size_t count;
	struct loss_count counts[LOSS_COUNTS];
};

/* Adds an opportunity.  Of a table that is full nothing is kept, seen or absent. */
void losses_add(struct losses *losses, const struct loss_count *count);

/* A case of a device: its verdict, and that of its run alone, which adds opportunities and no
 * absence that the first has already.  Either may be NULL. */
struct loss_source {
	const struct verdict *first, *alone;
};

/* Frames of known fate, all places included. */
struct loss_estimate {
	int frames, lost;
};
struct loss_estimate losses_estimate(const struct loss_source *sources, size_t count);

/* What place of a kind a finding is about. */
enum { LOSS_PLACE_ANY = 0, LOSS_PLACE_LAST = -1 };

/* Absences that are no chance. */
struct loss_finding {
	enum loss_kind kind;
	int place;		     /* LOSS_PLACE_ANY, LOSS_PLACE_LAST, or k */
	int of;			     /* count of the connections where it is absent; 0: several */
	int absent, due;	     /* connections; absences within 3 s of each other count once */
	struct loss_estimate others; /* what the loss was bounded by */
	double bound;		     /* upper bound of the loss rate, 0 to 1 */
	double chance;		     /* probability of so many absences at that loss */
	char requirement[24];	     /* of most checks that the absences left inconclusive; answers:
				      * that peers which answer live */
};

/* The findings over the cases of one device, one of each kind at most: the least probable probe of a
 * round; where none is below the level the last probe, and then any.  Returns how many. */
size_t losses_judge(
	const struct loss_source *sources, size_t count, struct loss_finding findings[LOSS_KINDS]);

/* "2 of 1012 frames, at most 1.1 %"; false: no frame is known that could have been lost. */
bool loss_text(const struct loss_estimate *estimate, char *text, size_t size);

/* Is the verdict inconclusive by what the finding is about? */
bool loss_finding_is_about(const struct loss_finding *finding, const struct verdict *verdict);

/* "probe 3 of 3 missing on 21 of 21 connections; 0 of 412 other frames lost; by chance below
 * 1e-9". */
void loss_finding_text(const struct loss_finding *finding, char *text, size_t size);

/* "probe", "answer", "reset", "end". */
const char *loss_kind_name(enum loss_kind kind);
/* The kind of that name; false where there is none. */
bool loss_kind_find(const char *name, enum loss_kind *kind);

/* Upper bound of the probability of a loss, with a confidence of 0.999 (Clopper and Pearson 1934),
 * never below 1 / frames; 1 when nothing is known. */
double loss_bound(struct loss_estimate estimate);

/* P(X >= k) of n independent trials of probability p. */
double binomial_tail(int k, int n, double p);

#endif
