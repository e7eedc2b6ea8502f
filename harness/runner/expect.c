/* SPDX-License-Identifier: MIT */
#include "runner/case_work.h"

#include <stdio.h>

#include "judge/judge_expectation.h"

/* Expectations: those of a scenario file (scenario/expectations.def), where the usual requirement
 * of each stands. */

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

/* What is expected, by its kind, with the usual requirement and time. */
static struct expectation of(enum expectation_kind kind)
{
	return expectation_new(kind, NO_CONNECTION);
}

static struct expectation counted(enum expectation_kind kind, int count)
{
	struct expectation expectation = of(kind);

	expectation.count = count;
	return expectation;
}

static struct expectation timed(enum expectation_kind kind, double s)
{
	struct expectation expectation = of(kind);

	expectation.time_ns = nanoseconds(s);
	return expectation;
}

static struct expectation for_requirement(struct expectation expectation, const char *requirement)
{
	snprintf(expectation.requirement, sizeof expectation.requirement, "%s", requirement);
	return expectation;
}

static void expect(const struct timeline *t, const char *name, struct expectation expectation)
{
	expectation.connection = connection_of(t, name);
	if (expectation.connection != NO_CONNECTION)
		judge_expectation(&work.verdict, t, &work.profile, &expectation);
}

/* An expectation that says nothing but its kind. */
#define EXPECTATION(name_, kind)                                                                   \
	void name_(const struct timeline *t, const char *name)                                     \
	{                                                                                          \
		expect(t, name, of(kind));                                                         \
	}

EXPECTATION(expect_first_probe_on_schedule, EXPECT_FIRST_PROBE)
EXPECTATION(expect_gaps_of_75_s, EXPECT_GAPS)
EXPECTATION(expect_retransmission_and_no_probe, EXPECT_RETRANSMISSION)
EXPECTATION(expect_persist, EXPECT_PERSIST)
EXPECTATION(expect_nothing_else_delivered, EXPECT_NOTHING_ELSE)
EXPECTATION(expect_probe_format, EXPECT_FORMAT)
EXPECTATION(expect_probes_without_data, EXPECT_EMPTY_PROBES)
EXPECTATION(expect_stream_intact, EXPECT_STREAM)
EXPECTATION(expect_window_not_shrunk, EXPECT_WINDOW)
EXPECTATION(expect_own_time_to_live, EXPECT_TIME_TO_LIVE)
EXPECTATION(expect_own_addresses_and_ports, EXPECT_OWN_TUPLE)
EXPECTATION(expect_no_probe_within_two_hours, EXPECT_TWO_HOURS)
EXPECTATION(expect_notice_soon, EXPECT_NOTICE_SOON)
EXPECTATION(expect_notice_after_the_end, EXPECT_NOTICE_ORDER)
EXPECTATION(expect_notice_as_number, EXPECT_NOTICE_NUMERIC)
EXPECTATION(expect_late_segment_reset, EXPECT_LATE_SEGMENT)
EXPECTATION(expect_module_goes_on, EXPECT_GOES_ON)
EXPECTATION(expect_dialled, EXPECT_DIALLED)
EXPECTATION(expect_cid_freed, EXPECT_CID_FREED)
EXPECTATION(expect_reset_sequence, EXPECT_RESET_SEQUENCE)
EXPECTATION(expect_peer_probes_answered, EXPECT_PEER_PROBES)

void expect_sound_probes(const struct timeline *t, const char *name)
{
	expect_probe_format(t, name);
	expect_window_not_shrunk(t, name);
	expect_own_time_to_live(t, name);
	expect_own_addresses_and_ports(t, name);
}

void expect_probes(const struct timeline *t, const char *name, int count)
{
	expect(t, name, counted(EXPECT_PROBES, count));
}

void expect_probes_of(
	const struct timeline *t, const char *name, const char *requirement, int count)
{
	expect(t, name, for_requirement(counted(EXPECT_PROBES, count), requirement));
}

void expect_first_probe_of(const struct timeline *t, const char *name, const char *requirement)
{
	expect(t, name, for_requirement(of(EXPECT_FIRST_PROBE), requirement));
}

void expect_no_probes(const struct timeline *t, const char *name, const char *requirement)
{
	expect(t, name, for_requirement(of(EXPECT_NO_PROBES), requirement));
}

void expect_no_probes_since_option(
	const struct timeline *t, const char *name, const char *requirement)
{
	expect(t, name, for_requirement(of(EXPECT_SINCE_OPTION), requirement));
}

void expect_alive(const struct timeline *t, const char *name, int rounds)
{
	expect(t, name, counted(EXPECT_ALIVE, rounds));
}

void expect_living(const struct timeline *t, const char *name, const char *requirement, int rounds)
{
	expect(t, name, for_requirement(counted(EXPECT_ALIVE, rounds), requirement));
}

static struct expectation death(struct death_expectation expected)
{
	struct expectation expectation = timed(EXPECT_DEATH, expected.s);

	expectation.after = expected.after;
	return expectation;
}

void expect_death_with(
	const struct timeline *t, const char *name, struct death_expectation expected)
{
	expect(t, name, death(expected));
}

void expect_death_of(const struct timeline *t, const char *name, const char *requirement,
	struct death_expectation expected)
{
	expect(t, name, for_requirement(death(expected), requirement));
}

void expect_reset_noticed(const struct timeline *t, const char *name, double s)
{
	expect(t, name, timed(EXPECT_RESET_NOTICED, s));
}

void expect_peer_end_noticed(const struct timeline *t, const char *name, double s)
{
	expect(t, name, timed(EXPECT_END_NOTICED, s));
}

void expect_notice(const struct timeline *t, const char *name, enum notice_expectation times,
	enum notice_cid cid)
{
	(void)cid; /* a notice with another CID is none of this connection's */
	expect(t, name, of(times == ONCE ? EXPECT_NOTICE_ONCE : EXPECT_NO_NOTICE));
}

void expect_notice_not_lost(const struct timeline *t, const char *name, const char *requirement)
{
	expect(t, name, for_requirement(timed(EXPECT_NOTICE_ONCE, 15), requirement));
	expect_notice_soon(t, name);
}

void expect_no_segment_after_death(const struct timeline *t, const char *name, double for_s)
{
	expect(t, name, timed(EXPECT_QUIET, for_s));
}

void expect_disassociation(const struct timeline *t, const char *name, double s)
{
	expect(t, name, timed(EXPECT_DISASSOCIATION, s));
}

bool was_refused(const struct timeline *t, const char *name, int nth)
{
	int connection = connection_of(t, name);

	return connection == NO_CONNECTION || !judge_accepted(t, connection, nth);
}

void expect_refused(const struct timeline *t, const char *name, const char *requirement, int nth)
{
	expect(t, name, for_requirement(counted(EXPECT_REFUSED, nth), requirement));
	expect(t, name, counted(EXPECT_ANSWERS_ON, nth));
}

void expect_accepted(const struct timeline *t, const char *name, const char *requirement, int nth)
{
	expect(t, name, for_requirement(counted(EXPECT_ACCEPTED, nth), requirement));
}

void expect_answer(const struct timeline *t, const char *name, int nth, const char *answer)
{
	struct expectation expectation = counted(EXPECT_ANSWER, nth);

	snprintf(expectation.answer, sizeof expectation.answer, "%s", answer);
	expect(t, name, expectation);
}

void expect_opened(const struct timeline *t, const char *name, const char *cid_of)
{
	struct expectation expectation = of(EXPECT_OPENED);

	if (cid_of != NULL)
		expectation.cid_of = connection_of(t, cid_of);
	expect(t, name, expectation);
}

void note_count_of_one(const struct timeline *t, const char *name)
{
	int connection = connection_of(t, name);

	if (connection != NO_CONNECTION)
		judge_configuration_finding(&work.verdict, t, connection, "KA-CFG-05");
}

void expect_as_said(const struct timeline *t, const struct expectation *expectation)
{
	judge_expectation(&work.verdict, t, &work.profile, expectation);
}
