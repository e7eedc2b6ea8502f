/* SPDX-License-Identifier: MIT */
#include "judge/verdict.h"

#include <string.h>

#include <criterion/criterion.h>

#include "core/units.h"

static struct check check_of(enum outcome outcome, const char *requirement)
{
	struct check check = {.outcome = outcome, .models = MODELS_ALL};

	snprintf(check.requirement, sizeof check.requirement, "%s", requirement);
	snprintf(check.text, sizeof check.text, "text of %s", requirement);
	return check;
}

static void add(struct verdict *v, enum outcome outcome, const char *requirement)
{
	struct check check = check_of(outcome, requirement);

	verdict_add(v, &check);
}

Test(verdict, of_nothing_is_an_error)
{
	struct verdict v = verdict_new();

	cr_expect_eq(v.outcome, OUTCOME_ERROR);
	cr_expect_str_eq(v.text, "nothing was evaluated");
}

Test(verdict, is_the_worst_of_its_checks_and_names_its_requirement)
{
	struct verdict v = verdict_new();

	add(&v, OUTCOME_PASS, "KA-1");
	cr_expect_eq(v.outcome, OUTCOME_PASS);
	cr_expect_str_eq(v.requirement, "");
	add(&v, OUTCOME_FAIL, "KA-2");
	add(&v, OUTCOME_INCONCLUSIVE, "KA-3");
	cr_expect_eq(v.outcome, OUTCOME_FAIL);
	cr_expect_str_eq(v.requirement, "KA-2");
	cr_expect_str_eq(v.text, "text of KA-2");
	add(&v, OUTCOME_ERROR, "KA-4");
	cr_expect_eq(v.outcome, OUTCOME_ERROR);
}

Test(verdict, that_is_full_keeps_its_worst_checks)
{
	struct verdict v = verdict_new();

	for (int i = 0; i < VERDICT_CHECKS; i++)
		add(&v, OUTCOME_PASS, "KA-1");
	add(&v, OUTCOME_FAIL, "KA-2");
	add(&v, OUTCOME_PASS, "KA-3");
	cr_expect_eq(v.check_count, VERDICT_CHECKS);
	cr_expect_eq(v.outcome, OUTCOME_FAIL);
	cr_expect_str_eq(v.checks[VERDICT_CHECKS - 1].requirement, "KA-2");
}

Test(verdict, that_is_full_never_loses_a_fail)
{
	struct verdict v = verdict_new();

	add(&v, OUTCOME_PASS, "KA-1");
	add(&v, OUTCOME_FAIL, "KA-2");
	for (int i = 0; i < 2 * VERDICT_CHECKS; i++)
		add(&v, OUTCOME_INCONCLUSIVE, "KA-3");
	cr_expect_eq(v.outcome, OUTCOME_FAIL);
	cr_expect_str_eq(v.checks[0].requirement, "KA-2");
}

Test(verdict, names_of_outcomes_are_read_back)
{
	enum outcome outcome;

	for (int i = OUTCOME_NOT_RUN; i <= OUTCOME_ERROR; i++) {
		cr_expect_eq(outcome_parse(outcome_name((enum outcome)i), &outcome), 0);
		cr_expect_eq(outcome, (enum outcome)i);
	}
	cr_expect_eq(outcome_parse("green", &outcome), -1);
}

Test(verdict, models_are_written_as_a_list)
{
	char text[64];

	models_text(MODEL_A | MODEL_A_TICK | MODEL_B, text, sizeof text);
	cr_expect_str_eq(text, "A, A-tick, B");
	models_text(0, text, sizeof text);
	cr_expect_str_eq(text, "none");
}

Test(verdict, goes_through_json_without_loss)
{
	struct verdict v = verdict_new(), back;
	struct check measured = check_of(OUTCOME_MARGINAL, "KA-1");
	struct finding finding = {.severity = SEVERITY_WARNING, .text = "a finding"};

	measured.measured = true;
	measured.models = MODEL_A | MODEL_B;
	measured.measured_ns = 600123456789;
	measured.from_ns = -5;
	measured.to_ns = 601000000000;
	measured.error_ns = 7;
	measured.placed = true;
	measured.connection = 2;
	measured.begin_ns = 65513000000;
	measured.leg = LEG_NTH_GAP(3);
	verdict_add(&v, &measured);
	add(&v, OUTCOME_FAIL, "KA-2");
	verdict_add_finding(&v, &finding);
	json_t *json = verdict_to_json(&v);
	cr_assert_eq(verdict_from_json(json, &back), 0);
	json_t *again = verdict_to_json(&back);
	cr_expect(json_equal(json, again));
	cr_expect_eq(back.checks[0].measured_ns, 600123456789);
	cr_expect(leg_is(back.checks[0].leg, measured.leg));
	cr_expect_eq(back.checks[0].models, (unsigned)(MODEL_A | MODEL_B));
	cr_expect_eq(back.findings[0].severity, SEVERITY_WARNING);
	json_decref(json);
	json_decref(again);
}

Test(verdict, keeps_what_was_not_found_out_for_each_reason)
{
	for (int reason = GAP_NONE; reason < GAP_REASONS; reason++) {
		struct verdict v = verdict_new(), back;
		struct fact_gap gap = {.id = FACT_notice_fin, .reason = (enum gap_reason)reason};
		snprintf(gap.text, sizeof gap.text, "%s", gap_words(gap.reason));
		verdict_add_gap(&v, &gap);
		gap.reason = GAP_NONE;
		verdict_add_gap(&v, &gap);
		json_t *json = verdict_to_json(&v);
		cr_assert_eq(verdict_from_json(json, &back), 0);
		cr_assert_eq(back.gap_count, 1, "the first one about a fact stays");
		cr_expect_eq(back.gaps[0].id, FACT_notice_fin);
		cr_expect_eq((int)back.gaps[0].reason, reason, "%d", reason);
		cr_expect_str_eq(back.gaps[0].text, gap_words((enum gap_reason)reason));
		json_decref(json);
	}
	cr_expect_eq(gap_find("no_such_reason"), -1);
}

Test(verdict, of_a_run_from_before_gaps_were_written_has_none)
{
	struct verdict v = verdict_new(), back = {.gap_count = 7};

	json_t *json = verdict_to_json(&v);
	cr_expect_null(json_object_get(json, "gaps"));
	cr_assert_eq(verdict_from_json(json, &back), 0);
	cr_expect_eq(back.gap_count, 0);
	json_object_set_new(json, "gaps",
		json_pack("[{s:s,s:s,s:s}]", "name", "notice_fin", "reason", "whim", "text", "x"));
	cr_expect_eq(verdict_from_json(json, &back), -1, "a reason that there is not");
	json_decref(json);
}

Test(verdict, keeps_the_window_of_what_was_due_and_did_not_come)
{
	struct verdict v = verdict_new(), back;
	struct check due = check_of(OUTCOME_FAIL, "KA-1");

	due.placed = true;
	due.begin_ns = 7;
	due.from_ns = 74 * NS_PER_S;
	due.to_ns = 76 * NS_PER_S;
	due.leg = LEG(LEG_FIRST_PROBE);
	verdict_add(&v, &due);
	json_t *json = verdict_to_json(&v);
	cr_assert_eq(verdict_from_json(json, &back), 0);
	cr_expect_not(back.checks[0].measured);
	cr_expect(back.checks[0].placed);
	cr_expect_eq(back.checks[0].begin_ns, 7);
	cr_expect_eq(back.checks[0].to_ns, 76 * NS_PER_S);
	cr_expect_eq(back.checks[0].leg.kind, LEG_FIRST_PROBE);
	json_decref(json);
}

Test(verdict, with_octets_that_are_no_text_is_still_written)
{
	struct verdict v = verdict_new(), back;
	struct check check = check_of(OUTCOME_FAIL, "KA-1");

	snprintf(check.text, sizeof check.text, "the device said '\xff\xfe'");
	verdict_add(&v, &check);
	json_t *json = verdict_to_json(&v);
	cr_assert_not_null(json);
	cr_expect_eq(verdict_from_json(json, &back), 0);
	cr_expect_str_eq(back.text, "the device said '\\xff\\xfe'");
	json_decref(json);
}

Test(verdict, with_more_such_octets_than_fit_is_cut_when_it_is_read)
{
	struct verdict v = verdict_new(), back;
	struct check check = check_of(OUTCOME_FAIL, "KA-1");

	memset(check.text, 0xff, sizeof check.text - 1);
	verdict_add(&v, &check);
	json_t *json = verdict_to_json(&v);
	cr_assert_not_null(json);
	cr_expect_eq(verdict_from_json(json, &back), 0);
	cr_expect_eq(strlen(back.text), sizeof back.text - 1);
	json_decref(json);
}

Test(verdict, that_lacks_a_field_is_refused)
{
	struct verdict v = verdict_new(), back;
	const char *keys[] = {"outcome", "text", "requirement", "checks", "findings"};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		json_t *json = verdict_to_json(&v);
		json_object_del(json, keys[i]);
		cr_expect_neq(verdict_from_json(json, &back), 0, "without '%s'", keys[i]);
		json_decref(json);
	}
}

Test(verdict, that_says_nothing_of_models_excludes_none)
{
	struct verdict v = verdict_new(), back;

	v.models = MODEL_B;
	json_t *json = verdict_to_json(&v);
	json_object_del(json, "models");
	cr_assert_eq(verdict_from_json(json, &back), 0);
	cr_expect_eq(back.models, (unsigned)MODELS_ALL);
	json_object_set_new(json, "models", json_string("B"));
	cr_expect_eq(verdict_from_json(json, &back), -1, "a set is a list");
	json_decref(json);
}

Test(verdict, keeps_the_sentence_of_a_leg_that_another_version_measured)
{
	struct verdict v = verdict_new(), back;
	struct check measured = check_of(OUTCOME_FAIL, "KA-1");

	measured.measured = true;
	measured.leg = LEG(LEG_DEATH);
	verdict_add(&v, &measured);
	json_t *json = verdict_to_json(&v);
	json_t *check = json_array_get(json_object_get(json, "checks"), 0);
	json_object_set_new(check, "leg", json_string("RST to end"));
	cr_assert_eq(verdict_from_json(json, &back), 0);
	cr_expect_not(back.checks[0].measured);
	cr_expect_eq(back.checks[0].leg.kind, LEG_NONE);
	cr_expect_str_eq(back.checks[0].text, measured.text);
	json_object_del(check, "leg");
	cr_expect_eq(verdict_from_json(json, &back), -1, "a measure of nothing");
	json_decref(json);
}
