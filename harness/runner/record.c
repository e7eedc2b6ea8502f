/* SPDX-License-Identifier: MIT */
#include "runner/case_work.h"

/* What cases/DEVICE.md leaves open, recorded. */

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
	JUDGE(judge_answers_on, name, "KA-CFG-21", nth);
}

void record_answer_of(const struct timeline *t, const char *name, const char *requirement, int nth,
	enum fact_id id)
{
	plan_fact(id);
	JUDGE(judge_answer_fact, name, requirement, nth, id);
	JUDGE(judge_answers_on, name, "KA-CFG-21", nth);
}

void record_association_loss(const struct timeline *t, const char *name)
{
	JUDGE(judge_association_cid, name, "KA-DEAD-10");
}

void record_probing(
	const struct timeline *t, const char *name, const char *requirement, enum fact_id id)
{
	plan_fact(id);
	JUDGE(judge_probing_fact, name, requirement, id);
}

void record_restart(
	const struct timeline *t, const char *name, const char *requirement, enum fact_id id)
{
	plan_fact(id);
	JUDGE(judge_restart_fact, name, requirement, id);
}

void record_default_timeout(const struct timeline *t, const char *name)
{
	plan_fact(FACT_default_timeout);
	JUDGE(judge_default_timeout_fact, name, "KA-CFG-26");
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

void record_accepted_options(const struct timeline *t, const char *accepted, const char *dialled)
{
	int first = connection_of(t, accepted), second = connection_of(t, dialled);

	plan_fact(FACT_accepted_options);
	if (first != NO_CONNECTION && second != NO_CONNECTION)
		judge_accepted_fact(&work.verdict, t, first, second, &work.profile, "KA-CFG-23");
}
