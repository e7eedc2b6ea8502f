/* SPDX-License-Identifier: MIT */
#include "scenario/expectation.h"

#include <stdio.h>

#include "scenario/scenario.h"

static const struct expectation_rule rules[] = {
#define EXPECTATION(name, words, requirement, generation, needs, takes, usual_ns)                  \
	[EXPECT_##name] = {words, requirement, needs, takes, usual_ns},
#include "scenario/expectations.def"
#undef EXPECTATION
};

const char *const expectation_words[] = {
#define EXPECTATION(name, words, requirement, generation, needs, takes, usual_ns)                  \
	[EXPECT_##name] = (words),
#include "scenario/expectations.def"
#undef EXPECTATION
	NULL};

const char *const expectation_keys[] = {
	"count", "rounds", "after", "in", "within", "for", "nth", "answer", "cid_of", NULL};

const struct expectation_rule *expectation_rule(enum expectation_kind kind)
{
	return &rules[kind];
}

struct expectation expectation_new(enum expectation_kind kind, int connection)
{
	struct expectation expectation = {.kind = kind,
		.connection = connection,
		.parameters = {.cid_of = NO_CONNECTION, .time_ns = rules[kind].usual_ns}};

	snprintf(expectation.requirement, sizeof expectation.requirement, "%s",
		rules[kind].requirement);
	return expectation;
}
