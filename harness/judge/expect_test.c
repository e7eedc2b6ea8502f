/* SPDX-License-Identifier: MIT */
#include "judge/expect.h"

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
	JUDGED(device, judge_first_probe(&v, t, 0, &profile, "KA-TIME-01"));
}

struct verdict verdict_of_count(struct fake_device device)
{
	JUDGED(device, judge_probe_count(&v, t, 0, &profile, "KA-COUNT-01", count_of(device)));
}

struct verdict verdict_of_gaps(struct fake_device device)
{
	JUDGED(device, judge_gaps(&v, t, 0, &profile, "KA-TIME-02"));
}

struct verdict verdict_of_death(struct fake_device device)
{
	JUDGED(device, judge_death(&v, t, 0, &profile, "KA-DEAD-01", FIRST_UNANSWERED_PROBE,
			       count_of(device) * S(75)));
}

struct verdict verdict_of_notice(struct fake_device device)
{
	JUDGED(device, judge_notice_once(&v, t, 0, &profile, "KA-NOTE-01", S(1)));
}

struct verdict verdict_of_format(struct fake_device device)
{
	JUDGED(device, judge_probe_format(&v, t, 0, &profile, "KA-FORM-01"));
}

struct verdict verdict_of_alive(struct fake_device device, int rounds)
{
	JUDGED(device, judge_alive(&v, t, 0, &profile, "KA-LIVE-01", rounds));
}

struct verdict verdict_of_cid(struct fake_device device)
{
	JUDGED(device, judge_cid_freed(&v, t, 0, &profile, "KA-CID-01"));
}

struct verdict verdict_of_no_probes(struct fake_device device)
{
	JUDGED(device, judge_no_probes(&v, t, 0, &profile, "KA-OFF-01"));
}

static void judge_all(
	struct verdict *v, const struct timeline *t, const struct profile *profile, int count)
{
	judge_first_probe(v, t, 0, profile, "KA-TIME-01");
	judge_probe_count(v, t, 0, profile, "KA-COUNT-01", count);
	judge_gaps(v, t, 0, profile, "KA-TIME-02");
	judge_death(v, t, 0, profile, "KA-DEAD-01", FIRST_UNANSWERED_PROBE, count * S(75));
	judge_notice_once(v, t, 0, profile, "KA-NOTE-01", S(1));
	judge_no_segment_after_death(v, t, 0, profile, "KA-DEAD-03", S(20));
	judge_cid_freed(v, t, 0, profile, "KA-CID-01");
}

struct verdict verdict_of_all(struct fake_device device)
{
	JUDGED(device, judge_all(&v, t, &profile, count_of(device)));
}
