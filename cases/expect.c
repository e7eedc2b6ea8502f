/* SPDX-License-Identifier: MIT */
#include "cases/case_work.h"

#include <stdio.h>

#include "judge/judge_expectation.h"

/* Expectations: the judge's functions, each for the requirement that it speaks for. */

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

/* A judge's function that takes nothing but the requirement. */
#define EXPECTATION(name_, function, requirement)                                                  \
	void name_(const struct timeline *t, const char *name)                                     \
	{                                                                                          \
		JUDGE(function, name, requirement);                                                \
	}

EXPECTATION(expect_first_probe_on_schedule, judge_first_probe, "KA-SCHED-01")
EXPECTATION(expect_gaps_of_75_s, judge_gaps, "KA-SCHED-02")
EXPECTATION(expect_retransmission_and_no_probe, judge_retransmission, "KA-LIVE-09")
EXPECTATION(expect_persist, judge_persist, "KA-LIVE-10")
EXPECTATION(expect_nothing_else_delivered, judge_nothing_else_delivered, "KA-LIVE-14")
EXPECTATION(expect_probe_format, judge_probe_format, "KA-FMT-01")
EXPECTATION(expect_probes_without_data, judge_probe_is_empty, "KA-FMT-02")
EXPECTATION(expect_stream_intact, judge_stream_to_peer, "KA-FMT-03")
EXPECTATION(expect_window_not_shrunk, judge_probe_window, "KA-FMT-04")
EXPECTATION(expect_own_time_to_live, judge_probe_ttl, "KA-FMT-05")
EXPECTATION(expect_own_addresses_and_ports, judge_own_tuple, "KA-FMT-06")
EXPECTATION(expect_no_probe_within_two_hours, judge_not_before_timeout, "KA-CFG-08")
EXPECTATION(expect_notice_after_the_end, judge_notice_order, "KA-NOTICE-03")
EXPECTATION(expect_notice_as_number, judge_notice_numeric, "KA-NOTICE-06")
EXPECTATION(expect_module_goes_on, judge_goes_on, "KA-AFTER-08")
EXPECTATION(expect_cid_freed, judge_cid_freed, "KA-AFTER-02")

void expect_probes(const struct timeline *t, const char *name, int count)
{
	JUDGE(judge_probe_count, name, "KA-SCHED-03", count);
}

void expect_alive(const struct timeline *t, const char *name, int rounds)
{
	JUDGE(judge_alive, name, "KA-LIVE-01", rounds);
}

void expect_living(const struct timeline *t, const char *name, const char *requirement, int rounds)
{
	JUDGE(judge_alive, name, requirement, rounds);
}

/* A stack may delay an ACK by 500 ms at most (RFC 1122 4.2.3.2). */
#define ANSWER_WITHIN_NS (2 * NS_PER_S)

void expect_peer_probes_answered(const struct timeline *t, const char *name)
{
	JUDGE(judge_peer_probes_answered, name, "KA-LIVE-11", ANSWER_WITHIN_NS);
}

void expect_no_probes(const struct timeline *t, const char *name, const char *requirement)
{
	JUDGE(judge_no_probes, name, requirement);
}

void expect_death_with(
	const struct timeline *t, const char *name, struct death_expectation expected)
{
	JUDGE(judge_death, name, "KA-DEAD-01", expected.after, nanoseconds(expected.s));
}

void expect_death_of(const struct timeline *t, const char *name, const char *requirement,
	struct death_expectation expected)
{
	JUDGE(judge_death, name, requirement, expected.after, nanoseconds(expected.s));
}

void expect_reset_noticed(const struct timeline *t, const char *name, double s)
{
	JUDGE(judge_reset_noticed, name, "KA-DEAD-02", nanoseconds(s));
}

void expect_peer_end_noticed(const struct timeline *t, const char *name, double s)
{
	JUDGE(judge_end_noticed, name, "KA-DEAD-04", nanoseconds(s));
}

/* The notice follows the death within this time, once the UART is free. */
#define NOTICE_WITHIN_NS (5 * NS_PER_S)

void expect_notice(const struct timeline *t, const char *name, enum notice_expectation times,
	enum notice_cid cid)
{
	(void)cid; /* a notice with another CID is none of this connection's */
	if (times == ONCE)
		JUDGE(judge_notice_once, name, "KA-NOTICE-01", NOTICE_WITHIN_NS);
	else
		JUDGE(judge_no_notice, name, "KA-NOTICE-02");
}

void expect_notice_of(const struct timeline *t, const char *name, const char *requirement)
{
	JUDGE(judge_notice_once, name, requirement, NOTICE_WITHIN_NS);
}

void expect_notice_soon(const struct timeline *t, const char *name)
{
	JUDGE(judge_notice_delay, name, "KA-NOTICE-04", NOTICE_WITHIN_NS);
}

void expect_late_segment_reset(const struct timeline *t, const char *name)
{
	JUDGE(judge_late_segment, name, "KA-AFTER-03", ANSWER_WITHIN_NS);
}

/* The peer's SYN comes again after 1 s and 3 s where a frame was lost. */
#define ACCEPTED_WITHIN_NS (10 * NS_PER_S)

void expect_dialled(const struct timeline *t, const char *name)
{
	JUDGE(judge_dialled, name, "KA-AFTER-05", ACCEPTED_WITHIN_NS);
}

void expect_no_segment_after_death(const struct timeline *t, const char *name, double for_s)
{
	JUDGE(judge_no_segment_after_death, name, "KA-AFTER-01", nanoseconds(for_s));
}

bool was_refused(const struct timeline *t, const char *name, int nth)
{
	int connection = connection_of(t, name);

	return connection == NO_CONNECTION || !judge_accepted(t, connection, nth);
}

void expect_refused(const struct timeline *t, const char *name, const char *requirement, int nth)
{
	JUDGE(judge_refused, name, requirement, nth);
}

void expect_accepted(const struct timeline *t, const char *name, const char *requirement, int nth)
{
	JUDGE(judge_response, name, requirement, nth, "OK");
}

void expect_first_probe_of(const struct timeline *t, const char *name, const char *requirement)
{
	JUDGE(judge_first_probe, name, requirement);
}

void expect_probes_of(
	const struct timeline *t, const char *name, const char *requirement, int count)
{
	JUDGE(judge_probe_count, name, requirement, count);
}

void expect_no_probes_since_option(
	const struct timeline *t, const char *name, const char *requirement)
{
	JUDGE(judge_no_probes_since_option, name, requirement);
}

void expect_answer(const struct timeline *t, const char *name, int nth, const char *answer)
{
	JUDGE(judge_response, name, "KA-CFG-03", nth, answer);
}

void expect_disassociation(const struct timeline *t, const char *name, double s)
{
	JUDGE(judge_disassociation, name, "KA-DEAD-07", nanoseconds(s));
}

void expect_opened(const struct timeline *t, const char *name, const char *cid_of)
{
	int of = cid_of == NULL ? NO_CONNECTION : connection_of(t, cid_of);

	JUDGE(judge_opened, name, "KA-AFTER-02", of);
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
