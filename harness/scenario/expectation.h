/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_SCENARIO_EXPECTATION_H
#define WIZHIL_SCENARIO_EXPECTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/units.h"

/*
 * What is expected of a scenario's connections, as data: the words of a scenario file, and what the
 * judge evaluates (judge/judge_expectation.h).  Each speaks for one requirement of
 * cases/requirements.yaml; the vocabulary has a usual one for each.
 */

enum expectation_kind {
#define EXPECTATION(name, words, requirement, generation, needs, takes, usual_ns) EXPECT_##name,
#include "scenario/expectations.def"
#undef EXPECTATION
	EXPECTATION_KINDS
};

/* The bits of expectation_rule.needs and .takes. */
enum expectation_parameter {
	PARAMETER_COUNT = 1,	/* count: of probes */
	PARAMETER_ROUNDS = 2,	/* rounds: answered probes, at least; kept in 'count' */
	PARAMETER_AFTER = 4,	/* after: what a death is measured from */
	PARAMETER_IN = 8,	/* in: a time that is met */
	PARAMETER_WITHIN = 16,	/* within: a time that is not exceeded */
	PARAMETER_FOR = 32,	/* for: a time that is watched */
	PARAMETER_NTH = 64,	/* nth: of the connection's setup commands, from 0; in 'count' */
	PARAMETER_ANSWER = 128, /* answer: of the device */
	PARAMETER_CID_OF = 256	/* cid_of: the connection whose first CID it is */
};

/* IN, WITHIN and FOR are one time: no expectation has two. */
enum { PARAMETER_TIMES = PARAMETER_IN | PARAMETER_WITHIN | PARAMETER_FOR };

/* A notice follows what it is about within this time (KA-NOTICE-04, the owner's requirement). */
#define NOTICE_WITHIN_NS (5 * NS_PER_S)

enum death_reference { FIRST_UNANSWERED_PROBE, LAST_RECEIVED_SEGMENT };

enum { EXPECTATION_REQUIREMENT = 24, EXPECTATION_TEXT = 64 };

/* What an expectation says besides its kind: what its row of expectations.def needs and takes. */
struct expectation_parameters {
	int count; /* of probes; rounds and nth are kept here, too */
	enum death_reference after;
	int64_t time_ns;
	int cid_of; /* index, or NO_CONNECTION */
	char answer[EXPECTATION_TEXT];
};

struct expectation {
	enum expectation_kind kind;
	int connection; /* index */
	char requirement[EXPECTATION_REQUIREMENT];
	struct expectation_parameters parameters;
};

struct expectation_rule {
	const char *words;	 /* "death" */
	const char *requirement; /* the usual one */
	unsigned needs, takes;	 /* parameters that must, and that may be there */
	int64_t usual_ns;	 /* the time where it is not given */
};

const struct expectation_rule *expectation_rule(enum expectation_kind kind);

/* The keys of the parameters in a scenario file, in the order of their bits, ended by NULL. */
extern const char *const expectation_keys[];

/* The words of all kinds in their order, ended by NULL. */
extern const char *const expectation_words[];

/* An expectation with the usual requirement and time, and nothing else. */
struct expectation expectation_new(enum expectation_kind kind, int connection);

#endif
