/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "judge/expect.h"

/* Where a leg was measured: what a picture of the timeline stands on. */

#define SILENT .silent_at_s = 5

static const struct check *leg_named(const struct verdict *verdict, struct leg_id leg)
{
	const struct check *found = NULL;

	for (size_t i = 0; i < verdict->check_count && found == NULL; i++)
		if (leg_is(verdict->checks[i].leg, leg))
			found = &verdict->checks[i];
	cr_assert_not_null(found, "no leg '%s'", leg_name(leg).text);
	return found;
}

static int64_t first_probe_ns(struct fake_device device)
{
	struct timeline *timeline = fake_timeline(device);
	const struct event *probe = fake_find_role(timeline, ROLE_PROBE);
	int64_t t_ns = probe->t_ns;

	timeline_free(timeline);
	return t_ns;
}

/* A-tick's window is at 150 s, A's at 100 s: neither holds it, and A-tick's was missed by less. */
Test(judge_place, a_leg_that_no_model_explains_is_held_against_the_nearest_window)
{
	struct fake_device device = {
		SILENT, .model = MODEL_A_TICK, .count = 1, .timeout_s = 100, .first_late_s = 3};
	struct verdict verdict = verdict_of_first_probe(device);
	const struct check *check = leg_named(&verdict, LEG(LEG_FIRST_PROBE));

	EXPECT_OUTCOME(verdict, OUTCOME_FAIL);
	cr_expect_leq(check->to_ns, S(152));
	cr_expect_geq(check->to_ns, S(150));
}

Test(judge_place, the_first_probe_stands_where_its_leg_ends)
{
	struct fake_device device = {SILENT};
	struct verdict verdict = verdict_of_first_probe(device);
	const struct check *check = leg_named(&verdict, LEG(LEG_FIRST_PROBE));

	cr_expect(check->placed);
	cr_expect_eq(check->begin_ns + check->measured_ns, first_probe_ns(device));
}

Test(judge_place, gaps_begin_where_the_one_before_ended)
{
	struct fake_device device = {SILENT};
	struct verdict verdict = verdict_of_gaps(device);
	const struct check *first = leg_named(&verdict, LEG_NTH_GAP(1));
	const struct check *second = leg_named(&verdict, LEG_NTH_GAP(2));

	cr_expect_eq(first->begin_ns, first_probe_ns(device));
	cr_expect_eq(second->begin_ns, first->begin_ns + first->measured_ns);
}

Test(judge_place, death_begins_at_the_first_unanswered_probe)
{
	struct fake_device device = {SILENT};
	struct verdict verdict = verdict_of_death(device);

	cr_expect_eq(leg_named(&verdict, LEG(LEG_DEATH))->begin_ns, first_probe_ns(device));
}

Test(judge_place, a_death_that_did_not_come_was_due_in_its_window)
{
	struct fake_device device = {SILENT, .never_dies = true, .watch_s = 1300};
	struct verdict verdict = verdict_of_death(device);
	const struct check *check = leg_named(&verdict, LEG(LEG_DEATH));

	cr_expect(check->placed);
	cr_expect_not(check->measured);
	cr_expect_eq(check->begin_ns, first_probe_ns(device));
	cr_expect(check->from_ns < S(600) && check->to_ns > S(600));
}

Test(judge_place, a_first_probe_that_did_not_come_was_due_in_its_window)
{
	struct fake_device device = {SILENT, .no_probes = true};
	struct verdict verdict = verdict_of_first_probe(device);
	const struct check *check = leg_named(&verdict, LEG(LEG_FIRST_PROBE));

	cr_expect(check->placed);
	cr_expect_not(check->measured);
	cr_expect(check->from_ns < S(600) && check->to_ns > S(600));
}

Test(judge_place, a_notice_that_did_not_come_was_due_after_the_end_on_the_wire)
{
	struct fake_device device = {SILENT, .no_notice = true};
	struct verdict verdict = verdict_of_notice(device);
	const struct check *check = leg_named(&verdict, LEG(LEG_WIRE_TO_NOTICE));
	struct timeline *timeline = fake_timeline(device);

	cr_expect(check->placed);
	cr_expect_not(check->measured);
	cr_expect_eq(check->begin_ns, fake_find_role(timeline, ROLE_RST)->t_ns);
	timeline_free(timeline);
}
