/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include "judge/checks.h"
#include "judge/subject.h"

/* The tables, and what they make of an expectation and a fact. */

struct check_rule {
	void (*check)(struct subject *s);
	enum generation_wanted generation;
	bool unseen; /* made even where nothing was seen of the connection */
};

#define LATEST GENERATION_LATEST, false
#define ACTED_ON GENERATION_ACTED_ON, false
#define UNSEEN GENERATION_LATEST, true

static const struct check_rule checks[EXPECTATION_KINDS] = {
#define EXPECTATION(name, words, requirement, generation, needs, takes, usual_ns)                  \
	[EXPECT_##name] = {check_##name, generation},
#include "scenario/expectations.def"
#undef EXPECTATION
};

static const struct check_rule methods[FACT_METHODS] = {
#define FACT_WORDS(name, method, requirement, what, ...)
#define FACT_ANSWER(name, method, requirement, what)
#define FACT_NUMBER(name, method, requirement, what, unit)
#define FACT_METHOD(method, generation) [METHOD_##method] = {find_##method, generation},
#include "judge/facts.def"
};

static void make_check(struct subject *s, const struct check_rule *rule, const char *requirement,
	const struct expectation_parameters *parameters)
{
	s->requirement = requirement;
	s->parameters = parameters;
	subject_look_at(s, rule->generation);
	if (rule->unseen || !check_unknown(s))
		rule->check(s);
}

void judge_expectation(struct subject *s, const struct expectation *expectation)
{
	make_check(
		s, &checks[expectation->kind], expectation->requirement, &expectation->parameters);
}

void judge_fact(struct subject *s, enum fact_id id, const char *requirement,
	const struct expectation_parameters *parameters)
{
	s->fact = id;
	make_check(s, &methods[fact_method(id)], requirement, parameters);
}
