/* SPDX-License-Identifier: MIT */
#include "runner/case_work.h"

#include <stdio.h>
#include <string.h>

/* What cases expect and record: rows of scenario/expectations.def and judge/facts.def, and a few
 * that are often wanted together. */

int connection_of(const struct timeline *t, const char *name)
{
	if (work.describing)
		return NO_CONNECTION;
	int connection = scenario_connection(&t->scenario, name);
	if (connection == NO_CONNECTION) {
		struct check mistake = {.outcome = OUTCOME_ERROR, .models = MODELS_ALL};
		snprintf(mistake.text, sizeof mistake.text,
			"the case expects something of '%s', which is not a connection of the scenario",
			name);
		verdict_add(&work.verdict, &mistake);
	}
	return connection;
}

struct subject *subject_for(const struct timeline *t, int connection)
{
	struct subject *s = &work.subjects[connection];

	if (work.judged != t)
		memset(work.has_subject, 0, sizeof work.has_subject);
	work.judged = t;
	if (!work.has_subject[connection])
		*s = subject_of(&work.verdict, t, connection, &work.profile);
	work.has_subject[connection] = true;
	return s;
}

static void take_parameters(
	const struct timeline *t, const struct expected *expected, struct expectation_parameters *p)
{
	p->count = expected->count;
	p->after = expected->after;
	if (expected->s > 0)
		p->time_ns = nanoseconds(expected->s);
	if (expected->answer != NULL)
		snprintf(p->answer, sizeof p->answer, "%s", expected->answer);
	if (expected->cid_of != NULL)
		p->cid_of = connection_of(t, expected->cid_of);
}

void expect_as(const struct timeline *t, const char *connection, enum expectation_kind kind,
	struct expected expected)
{
	struct expectation expectation = expectation_new(kind, connection_of(t, connection));

	if (expectation.connection == NO_CONNECTION)
		return;
	if (expected.requirement != NULL)
		snprintf(expectation.requirement, sizeof expectation.requirement, "%s",
			expected.requirement);
	take_parameters(t, &expected, &expectation.parameters);
	expect_as_read(t, &expectation);
}

void expect_as_read(const struct timeline *t, const struct expectation *expectation)
{
	judge_expectation(subject_for(t, expectation->connection), expectation);
}

/* Whoever lists the cases is told what they find out: the legs along with the timing model. */
static void plan_fact(enum fact_id id)
{
	work.plan.facts[id] = true;
	for (int i = 0; i < FACT_COUNT && id == FACT_timing_model; i++)
		if (fact_method((enum fact_id)i) == METHOD_timing_model)
			work.plan.facts[i] = true;
}

void record_as(
	const struct timeline *t, const char *connection, enum fact_id id, struct expected expected)
{
	struct expectation_parameters parameters = {.cid_of = NO_CONNECTION};

	if (work.describing) {
		plan_fact(id);
		return;
	}
	int index = connection == EVERY_CONNECTION ? 0 : connection_of(t, connection);
	take_parameters(t, &expected, &parameters);
	if (index != NO_CONNECTION)
		judge_fact(subject_for(t, index), id,
			expected.requirement != NULL ? expected.requirement : fact_requirement(id),
			&parameters);
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

bool has_failed(void)
{
	return !work.describing && work.verdict.outcome == OUTCOME_FAIL;
}

void note_count_of_one(const struct timeline *t, const char *connection)
{
	int index = connection_of(t, connection);

	if (index != NO_CONNECTION)
		judge_configuration_finding(subject_for(t, index), "KA-CFG-05");
}
