/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_JUDGE_VERDICT_H
#define WIZHIL_JUDGE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "judge/facts.h"
#include "judge/finding.h"
#include "judge/leg.h"
#include "judge/loss.h"
#include "judge/outcome.h"
#include "judge/timing_model.h"

/*
 * What was found out about one case.  A verdict is made of checks: each is one expectation that was
 * evaluated, with its requirement, what was expected, what was measured and how surely.
 */

enum { VERDICT_CHECKS = 96, VERDICT_FINDINGS = 8, VERDICT_FACTS = 32, VERDICT_GAPS = 32 };

struct check {
	char requirement[REQUIREMENT_ID]; /* the requirement it speaks for */
	enum outcome outcome;
	unsigned models;   /* timing models that this check does not exclude */
	bool measured;	   /* the three below hold */
	struct leg_id leg; /* what was measured */
	int64_t measured_ns;
	int64_t from_ns, to_ns; /* the expected window */
	int64_t error_ns;	/* the uncertainty of measured_ns */
	bool placed;	/* the two below hold; without a measure: the leg was due in its window, and
			   did not come */
	int connection; /* whose leg it is */
	int64_t begin_ns;	 /* when it began, on the timeline's clock */
	bool lost_frames;	 /* inconclusive because frames lost in the air would explain it */
	bool cause;		 /* of failures it decides: others may be what comes of it */
	char text[VERDICT_TEXT]; /* one sentence a person understands */
};

struct verdict {
	enum outcome outcome;
	unsigned models;
	char text[VERDICT_TEXT];	  /* the sentence of the check that decided */
	char requirement[REQUIREMENT_ID]; /* of the check that decided; empty when all passed */
	size_t check_count;
	struct check checks[VERDICT_CHECKS];
	size_t finding_count;
	struct finding findings[VERDICT_FINDINGS]; /* never change the outcome */
	size_t fact_count;
	struct fact facts[VERDICT_FACTS]; /* what was found out and no source requires */
	size_t gap_count;
	struct fact_gap gaps[VERDICT_GAPS]; /* what was not found out, and why */
	struct losses losses; /* what the run decides of frames that are missing, see loss.h */
};

/* An empty verdict: error, "nothing was evaluated", all models. */
struct verdict verdict_new(void);
void verdict_clear(struct verdict *verdict);

/* Adds a check and brings outcome, models, text and requirement up to date.  The models of a
 * verdict are those that none of its passed and marginal checks excludes; a check that holds only
 * by models that are excluded already becomes a fail.  A verdict that is full keeps its worst
 * checks. */
void verdict_add(struct verdict *verdict, const struct check *check);
void verdict_add_finding(struct verdict *verdict, const struct finding *finding);
/* One that is there already is replaced. */
void verdict_add_fact(struct verdict *verdict, const struct fact *fact);
/* Of several about one fact the first one stays. */
void verdict_add_gap(struct verdict *verdict, const struct fact_gap *gap);

/* JSON for the journal, and back.  verdict_to_json returns a new reference, NULL out of memory. */
json_t *verdict_to_json(const struct verdict *verdict);
int verdict_from_json(const json_t *json, struct verdict *verdict);

#endif
