/* SPDX-License-Identifier: MIT */
#include "runner/case_work.h"

#include <stdio.h>

#include "judge/judge_expectation.h"

/* What cases expect: rows of scenario/expectations.def, and a few that are often wanted together. */

int connection_of(const struct timeline *t, const char *name)
{
	if (work.describing)
		return NO_CONNECTION;
	int connection = scenario_connection(&t->scenario, name);
	if (connection == NO_CONNECTION) {
		struct check mistake = {.outcome = OUTCOME_ERROR, .models = MODELS_ALL};
		snprintf(mistake.text, sizeof mistake.text,
			"the case expects of '%s', which is none "
			"of the scenario's connections",
			name);
		verdict_add(&work.verdict, &mistake);
	}
	return connection;
}

void expect_as(const struct timeline *t, const char *connection, enum expectation_kind kind,
	struct expected expected)
{
	struct expectation expectation = expectation_new(kind, connection_of(t, connection));
	struct expectation_parameters *p = &expectation.parameters;

	if (expectation.connection == NO_CONNECTION)
		return;
	if (expected.requirement != NULL)
		snprintf(expectation.requirement, sizeof expectation.requirement, "%s",
			expected.requirement);
	p->count = expected.count;
	p->after = expected.after;
	if (expected.s > 0)
		p->time_ns = nanoseconds(expected.s);
	if (expected.answer != NULL)
		snprintf(p->answer, sizeof p->answer, "%s", expected.answer);
	if (expected.cid_of != NULL)
		p->cid_of = connection_of(t, expected.cid_of);
	expect_as_read(t, &expectation);
}

void expect_as_read(const struct timeline *t, const struct expectation *expectation)
{
	judge_expectation(&work.verdict, t, &work.profile, expectation);
}

void expect_sound_probes(const struct timeline *t, const char *connection)
{
	expect_probe_format(t, connection);
	expect_window_not_shrunk(t, connection);
	expect_own_time_to_live(t, connection);
	expect_own_addresses_and_ports(t, connection);
}

void expect_notice_not_lost(
	const struct timeline *t, const char *connection, const char *requirement)
{
	expect_notice_once(t, connection, .within_s = 15, .requirement = requirement);
	expect_notice_soon(t, connection);
}

void expect_harmless_refusal_as(
	const struct timeline *t, const char *connection, struct expected expected)
{
	expect_as(t, connection, EXPECT_refused, expected);
	expect_answers_on(t, connection, .nth = expected.nth);
}

bool was_refused(const struct timeline *t, const char *connection, int nth)
{
	int index = connection_of(t, connection);

	return index == NO_CONNECTION || !judge_accepted(t, index, nth);
}

void note_count_of_one(const struct timeline *t, const char *connection)
{
	int index = connection_of(t, connection);

	if (index != NO_CONNECTION)
		judge_configuration_finding(&work.verdict, t, index, "KA-CFG-05");
}
