/* SPDX-License-Identifier: MIT */
#include "judge/expect.h"

void judge_as(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, enum expectation_kind kind,
	struct expectation_parameters parameters)
{
	struct subject s = subject_of(verdict, timeline, connection, profile);
	struct expectation expectation = expectation_new(kind, connection);

	if (parameters.time_ns == 0)
		parameters.time_ns = expectation.parameters.time_ns;
	expectation.parameters = parameters;
	judge_expectation(&s, &expectation);
}

void record_as(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, enum fact_id id, struct expectation_parameters parameters)
{
	struct subject s = subject_of(verdict, timeline, connection, profile);

	judge_fact(&s, id, fact_requirement(id), &parameters);
}

/* Judges a timeline that is made for it. */
#define JUDGED(device, ...)                                                                        \
	struct profile profile = profile_default();                                                \
	struct timeline *t = fake_timeline(device);                                                \
	struct verdict v = verdict_new();                                                          \
	__VA_ARGS__;                                                                               \
	timeline_free(t);                                                                          \
	return v

static int count_of(struct fake_device device)
{
	return device.count == 0 ? 8 : device.count;
}

struct verdict verdict_of_first_probe(struct fake_device device)
{
	JUDGED(device, JUDGE(&v, t, 0, &profile, first_probe_on_schedule));
}

struct verdict verdict_of_count(struct fake_device device)
{
	JUDGED(device, JUDGE(&v, t, 0, &profile, probes, .count = count_of(device)));
}

struct verdict verdict_of_gaps(struct fake_device device)
{
	JUDGED(device, JUDGE(&v, t, 0, &profile, gaps_of_75_s));
}

struct verdict verdict_of_death(struct fake_device device)
{
	JUDGED(device, JUDGE(&v, t, 0, &profile, death, .time_ns = count_of(device) * S(75)));
}

struct verdict verdict_of_notice(struct fake_device device)
{
	JUDGED(device, JUDGE(&v, t, 0, &profile, notice_once, .time_ns = S(1)));
}

struct verdict verdict_of_format(struct fake_device device)
{
	JUDGED(device, JUDGE(&v, t, 0, &profile, probe_format));
}

struct verdict verdict_of_alive(struct fake_device device, int rounds)
{
	JUDGED(device, JUDGE(&v, t, 0, &profile, alive, .count = rounds));
}

struct verdict verdict_of_cid(struct fake_device device)
{
	JUDGED(device, JUDGE(&v, t, 0, &profile, cid_freed));
}

struct verdict verdict_of_no_probes(struct fake_device device)
{
	JUDGED(device, JUDGE(&v, t, 0, &profile, no_probes));
}

static void judge_all(
	struct verdict *v, const struct timeline *t, const struct profile *profile, int count)
{
	JUDGE(v, t, 0, profile, first_probe_on_schedule);
	JUDGE(v, t, 0, profile, probes, .count = count);
	JUDGE(v, t, 0, profile, gaps_of_75_s);
	JUDGE(v, t, 0, profile, death, .time_ns = count * S(75));
	JUDGE(v, t, 0, profile, notice_once, .time_ns = S(1));
	JUDGE(v, t, 0, profile, no_segment_after_death, .time_ns = S(20));
	JUDGE(v, t, 0, profile, cid_freed);
}

struct verdict verdict_of_all(struct fake_device device)
{
	JUDGED(device, judge_all(&v, t, &profile, count_of(device)));
}
