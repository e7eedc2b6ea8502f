/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_JUDGE_SUBJECT_H
#define WIZHIL_JUDGE_SUBJECT_H

#include "judge/history.h"
#include "judge/verdict.h"
#include "scenario/expectation.h"

/*
 * What a check looks at: one connection of a timeline, worked out once for all of its checks, and
 * what is asked of it now.  A subject points into timeline and profile, and owns nothing.
 */

/* One generation of the connection. */
struct subject_generation {
	struct history history;
	struct death death;
	struct idle silence; /* the last idle time, see history_silence() */
};

struct subject {
	const struct timeline *timeline;
	const struct profile *profile;
	int connection;
	struct subject_generation generations[GENERATIONS];

	/* Of the check in progress: set by judge_expectation() and judge_fact(). */
	struct verdict *verdict;
	const char *requirement;
	const struct expectation_parameters *parameters;
	enum fact_id fact;
	const struct history *history; /* of the generation that the check's row names */
	const struct death *death;
	const struct idle *silence;
};

/* Turns it to another generation. */
void subject_look_at(struct subject *s, enum generation_wanted wanted);

/* The checks, one for each row of scenario/expectations.def. */
#define EXPECTATION(name, words, requirement, generation, needs, takes, usual_ns)                  \
	void check_##name(struct subject *s);
#include "scenario/expectations.def"
#undef EXPECTATION

/* What finds the facts, one for each method of judge/facts.def. */
#define FACT_WORDS(name, method, requirement, what, ...)
#define FACT_ANSWER(name, method, requirement, what)
#define FACT_NUMBER(name, method, requirement, what, unit)
#define FACT_METHOD(method, generation) void find_##method(struct subject *s);
#include "judge/facts.def"
#undef FACT_WORDS
#undef FACT_ANSWER
#undef FACT_NUMBER
#undef FACT_METHOD

#endif
