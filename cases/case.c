/* SPDX-License-Identifier: MIT */
#include "cases/case.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/broker_protocol.h"
#include "bench/client.h"
#include "cases/scenario_files.h"
#include "judge/judge_expectation.h"

enum { DRIVES = 64 };

/* One case at a time in a process: a worker runs one, the lister one after the other. */
static struct {
	const struct case_entry *entry;
	bool describing;
	struct case_plan plan;
	int socket;
	bool alone;
	struct profile profile;
	struct verdict verdict;
	struct timeline *timelines[DRIVES];
	int drives;
	jmp_buf ended; /* the bench cannot go on */
	struct error trouble;
} work;

static void release(void)
{
	for (int i = 0; i < work.drives; i++)
		timeline_free(work.timelines[i]);
	work.drives = 0;
}

const struct timeline *drive(const struct scenario *s)
{
	struct timeline *timeline;

	if (work.drives == DRIVES) {
		error_set(&work.trouble, ERROR_BENCH, "the case drives more than %d times", DRIVES);
		longjmp(work.ended, 1);
	}
	if (work.describing) {
		int cids = scenario_cids(s);
		work.plan.expected_ns += scenario_expected(s);
		work.plan.cids = cids > work.plan.cids ? cids : work.plan.cids;
		work.plan.cid_ns += cids * scenario_expected(s);
		work.plan.exclusive |= s->exclusive;
		work.plan.drives++;
		if (s->error[0] != '\0')
			snprintf(work.plan.trouble, sizeof work.plan.trouble, "%s", s->error);
		timeline = timeline_new(work.entry->name, s);
	} else {
		timeline = client_drive(work.socket, s, work.alone, &work.trouble);
	}
	if (timeline == NULL)
		longjmp(work.ended, 1);
	work.timelines[work.drives++] = timeline;
	return timeline;
}

struct case_plan case_describe(const struct case_entry *entry)
{
	work.entry = entry;
	work.describing = true;
	work.plan = (struct case_plan){0};
	if (setjmp(work.ended) == 0)
		entry->body();
	else
		snprintf(work.plan.trouble, sizeof work.plan.trouble, "%.120s", work.trouble.text);
	release();
	return work.plan;
}

/* An expectation that speaks for a requirement the case does not name is a mistake in the case. */
static void check_requirements(void)
{
	for (size_t i = 0; i < work.verdict.check_count; i++) {
		const struct check *check = &work.verdict.checks[i];
		if (strstr(work.entry->requirements, check->requirement) != NULL)
			continue;
		struct check mistake = {.outcome = OUTCOME_ERROR, .models = MODELS_ALL};
		snprintf(mistake.requirement, sizeof mistake.requirement, "%s", check->requirement);
		snprintf(mistake.text, sizeof mistake.text,
			"the case evaluates requirement '%s', which it does not name",
			check->requirement);
		verdict_add(&work.verdict, &mistake);
		return;
	}
}

static void run_body(void)
{
	work.verdict = verdict_new();
	if (setjmp(work.ended) == 0) {
		work.entry->body();
		check_requirements();
		return;
	}
	struct check broken = {.outcome = OUTCOME_ERROR, .models = MODELS_ALL};
	snprintf(broken.text, sizeof broken.text,
		"the bench could not carry out the scenario: %.300s", work.trouble.text);
	verdict_add(&work.verdict, &broken);
}

/* Runs the body and delivers; 1: once more, alone. */
static int run_and_deliver(void)
{
	run_body();
	release();
	json_t *json = verdict_to_json(&work.verdict);
	char *text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
	json_decref(json);
	if (text == NULL)
		return error_set(&work.trouble, ERROR_MEMORY, "out of memory");
	int again = client_deliver(work.socket, text, &work.trouble);
	free(text);
	return again;
}

void case_work(const struct case_entry *entry)
{
	const char *path = getenv("WIZHIL_BENCH");
	const char *profile = getenv("WIZHIL_PROFILE");
	char name[96];

	if (path == NULL)
		cr_assert_fail("cases run below a bench: use 'wizhil run --filter %s/%s'",
			entry->suite, entry->name);
	work.entry = entry;
	work.describing = false;
	work.profile = profile_default();
	if (profile != NULL && profile[0] != '\0' &&
		profile_read(profile, &work.profile, &work.trouble) != 0)
		cr_assert_fail("%s", work.trouble.text);
	snprintf(name, sizeof name, "%s/%s", entry->suite, entry->name);
	work.socket = client_connect(path, name, &work.trouble);
	if (work.socket < 0)
		cr_assert_fail("%s", work.trouble.text);
	char failure[VERDICT_TEXT + 32] = "";
	int next;
	do {
		next = run_and_deliver();
		const struct verdict *v = &work.verdict;
		bool passed = v->outcome == OUTCOME_PASS || v->outcome == OUTCOME_MARGINAL;
		/* Alone is a diagnosis: it takes no failure back. */
		if (!work.alone && !passed)
			snprintf(failure, sizeof failure, "%s: %s", outcome_name(v->outcome),
				v->text);
		work.alone = next == NEXT_ALONE;
	} while (next > NEXT_NONE);
	close(work.socket);
	if (next < 0)
		cr_assert_fail("the verdict was not recorded: %s", work.trouble.text);
	cr_assert(failure[0] == '\0', "%s", failure);
}

/* The connection's index; NO_CONNECTION while describing, and for a name that is not there. */
static int connection_of(const struct timeline *t, const char *name)
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

/* Runs a judge function on the named connection. */
#define JUDGE(function, name, ...)                                                                 \
	do {                                                                                       \
		int connection_ = connection_of(t, name);                                          \
		if (connection_ != NO_CONNECTION)                                                  \
			function(&work.verdict, t, connection_, &work.profile, __VA_ARGS__);       \
	} while (0)

void expect_as_said(const struct timeline *t, const struct expectation *expectation)
{
	judge_expectation(&work.verdict, t, &work.profile, expectation);
}

static int64_t nanoseconds(double s)
{
	return (int64_t)(s * 1e9);
}

void expect_probes(const struct timeline *t, const char *name, int count)
{
	JUDGE(judge_probe_count, name, "KA-SCHED-03", count);
}

void expect_first_probe_on_schedule(const struct timeline *t, const char *name)
{
	JUDGE(judge_first_probe, name, "KA-SCHED-01");
}

void expect_gaps_of_75_s(const struct timeline *t, const char *name)
{
	JUDGE(judge_gaps, name, "KA-SCHED-02");
}

void expect_alive(const struct timeline *t, const char *name, int rounds)
{
	JUDGE(judge_alive, name, "KA-LIVE-01", rounds);
}

void expect_living(const struct timeline *t, const char *name, const char *requirement, int rounds)
{
	JUDGE(judge_alive, name, requirement, rounds);
}

void expect_retransmission_and_no_probe(const struct timeline *t, const char *name)
{
	JUDGE(judge_retransmission, name, "KA-LIVE-09");
}

void expect_persist(const struct timeline *t, const char *name)
{
	JUDGE(judge_persist, name, "KA-LIVE-10");
}

/* A stack may delay an ACK by 500 ms at most (RFC 1122 4.2.3.2). */
#define ANSWER_WITHIN_NS (2 * NS_PER_S)

void expect_peer_probes_answered(const struct timeline *t, const char *name)
{
	JUDGE(judge_peer_probes_answered, name, "KA-LIVE-11", ANSWER_WITHIN_NS);
}

void expect_nothing_else_delivered(const struct timeline *t, const char *name)
{
	JUDGE(judge_nothing_else_delivered, name, "KA-LIVE-14");
}

void expect_no_probes(const struct timeline *t, const char *name, const char *requirement)
{
	JUDGE(judge_no_probes, name, requirement);
}

void expect_probe_format(const struct timeline *t, const char *name)
{
	JUDGE(judge_probe_format, name, "KA-FMT-01");
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

void expect_no_segment_after_death(const struct timeline *t, const char *name, double for_s)
{
	JUDGE(judge_no_segment_after_death, name, "KA-AFTER-01", nanoseconds(for_s));
}

void expect_cid_freed(const struct timeline *t, const char *name)
{
	JUDGE(judge_cid_freed, name, "KA-AFTER-02");
}

void expect_answer(const struct timeline *t, const char *name, int nth, const char *answer)
{
	JUDGE(judge_response, name, "KA-CFG-03", nth, answer);
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

#define RECORDED "KA-CHAR-01"

/* Whoever lists the cases is told what they find out. */
static void plan_fact(enum fact_id id)
{
	if (work.describing)
		work.plan.facts[id] = true;
}

void record_timing_model(const struct timeline *t)
{
	static const enum fact_id legs[] = {FACT_first_probe_600_8, FACT_death_600_8,
		FACT_first_probe_150_2, FACT_death_150_2, FACT_first_probe_100_1, FACT_death_100_1,
		FACT_first_probe_75_1, FACT_death_75_1};

	plan_fact(FACT_timing_model);
	for (size_t i = 0; i < sizeof legs / sizeof *legs; i++)
		plan_fact(legs[i]);
	if (!work.describing)
		judge_timing_fact(&work.verdict, t, &work.profile, RECORDED);
}

void record_below_floor(const struct timeline *t, const char *name)
{
	plan_fact(FACT_below_floor);
	JUDGE(judge_floor_fact, name, RECORDED);
}

void record_notice(const struct timeline *t, const char *name, enum fact_id id)
{
	plan_fact(id);
	JUDGE(judge_notice_fact, name, id == FACT_notice_close ? "KA-NOTICE-09" : "KA-NOTICE-08",
		id);
}

void record_fate(
	const struct timeline *t, const char *name, const char *requirement, enum fact_id id)
{
	plan_fact(id);
	JUDGE(judge_fate_fact, name, requirement, id);
}

void record_maxrt(const struct timeline *t, const char *name, double maxrt_s)
{
	plan_fact(FACT_maxrt);
	JUDGE(judge_maxrt_fact, name, "KA-DEAD-08", nanoseconds(maxrt_s));
}

void record_reset_at_death(const struct timeline *t, const char *name)
{
	plan_fact(FACT_rst_at_death);
	JUDGE(judge_reset_fact, name, "KA-DEAD-09");
}

void record_answer(const struct timeline *t, const char *name, int nth, enum fact_id id)
{
	plan_fact(id);
	JUDGE(judge_answer_fact, name, RECORDED, nth, id);
}

void record_option_latency(const struct timeline *t, const char *name)
{
	plan_fact(FACT_option_latency);
	JUDGE(judge_option_latency, name, RECORDED);
}

void record_clock_skew(const struct timeline *t, const char *name)
{
	plan_fact(FACT_clock_skew);
	JUDGE(judge_clock_skew, name, RECORDED);
}

void record_option_cid(const struct timeline *t)
{
	plan_fact(FACT_option_cid);
	if (!work.describing)
		judge_option_cid_fact(&work.verdict, t, &work.profile, RECORDED);
}

void record_cid_allocation(const struct timeline *t)
{
	plan_fact(FACT_cid_allocation);
	if (!work.describing)
		judge_allocation_fact(&work.verdict, t, &work.profile, RECORDED);
}
