/* SPDX-License-Identifier: MIT */
#include "judge/expect.h"

#include <stdlib.h>
#include <string.h>

#include "core/expected_test.h"

enum { TOLD_MOST = 40 };

/* What says nothing only makes the line longer. */
static void leave_out_empty(json_t *json)
{
	static const char *const lists[] = {"checks", "findings", "facts"};

	json_object_del(json, "text");
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		if (json_array_size(json_object_get(json, lists[i])) == 0)
			json_object_del(json, lists[i]);
}

void expect_told(const struct verdict *before, const struct verdict *after)
{
	static int described;
	struct verdict only = verdict_new();
	char *line = NULL;

	/* Of a test that tries very many the first ones are enough. */
	if (described++ >= TOLD_MOST)
		return;
	only.outcome = after->outcome;
	only.models = after->models;
	memcpy(only.requirement, after->requirement, sizeof only.requirement);
	only.losses = after->losses;
	for (size_t i = before->check_count; i < after->check_count; i++)
		only.checks[only.check_count++] = after->checks[i];
	for (size_t i = before->finding_count; i < after->finding_count; i++)
		only.findings[only.finding_count++] = after->findings[i];
	for (size_t i = before->fact_count; i < after->fact_count; i++)
		only.facts[only.fact_count++] = after->facts[i];
	for (size_t i = before->gap_count; i < after->gap_count; i++)
		only.gaps[only.gap_count++] = after->gaps[i];
	json_t *json = verdict_to_json(&only);
	cr_assert_not_null(json);
	leave_out_empty(json);
	char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(9));
	const bool cause = only.check_count > 0 && only.checks[0].cause;
	cr_assert_geq(asprintf(&line, "%s%s", text, cause ? " cause" : ""), 0);
	expect_lines("judge", line);
	free(line);
	free(text);
	json_decref(json);
}

void expect_verdict(const struct verdict *verdict)
{
	const struct verdict none = verdict_new();

	expect_told(&none, verdict);
}

void judge_as(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, enum expectation_kind kind,
	struct expectation_parameters parameters)
{
	struct subject s = subject_of(verdict, timeline, connection, profile);
	struct expectation expectation = expectation_new(kind, connection);
	const struct verdict before = *verdict;

	if (parameters.time_ns == 0)
		parameters.time_ns = expectation.parameters.time_ns;
	expectation.parameters = parameters;
	judge_expectation(&s, &expectation);
	expect_told(&before, verdict);
}

void record_as(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, enum fact_id id, struct expectation_parameters parameters)
{
	struct subject s = subject_of(verdict, timeline, connection, profile);
	const struct verdict before = *verdict;

	judge_fact(&s, id, fact_requirement(id), &parameters);
	expect_told(&before, verdict);
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
