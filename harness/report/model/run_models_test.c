/* SPDX-License-Identifier: MIT */
#include "report/model/run.h"

#include <criterion/criterion.h>
#include <string.h>

#include "core/exit_code.h"
#include "report/text/headline.h"
#include "report/model/written_run.h"

Test(models, are_those_that_no_first_verdict_excludes)
{
	struct written_run written = run_begin();
	struct verdict verdict = measured(OUTCOME_PASS, MODEL_A | MODEL_A_TICK, "x");
	struct verdict two = measured(OUTCOME_PASS, MODEL_A_TICK | MODEL_B, "y");
	struct verdict alone = measured(OUTCOME_PASS, MODEL_D, "z");

	put_verdict(&written, "schedule/one", &verdict);
	put_verdict(&written, "schedule/two", &two);
	put_alone(&written, "schedule/two", &alone);
	struct run *run = read_run(&written);
	cr_expect(run->devices[0].has_models);
	cr_expect_eq(run->devices[0].models, MODEL_A_TICK);
	run_free(run);
	run_remove(&written);
}

Test(models, are_not_touched_by_what_was_not_measured_or_is_inconclusive)
{
	struct written_run written = run_begin();
	struct verdict verdict = measured(OUTCOME_PASS, MODEL_A, "x");
	struct verdict two = measured(OUTCOME_INCONCLUSIVE, MODEL_B, "y");

	verdict.checks[0].measured = false;
	two.models = MODEL_B;
	put_verdict(&written, "schedule/one", &verdict);
	put_verdict(&written, "schedule/two", &two);
	struct run *run = read_run(&written);
	cr_expect_not(run->devices[0].has_models);
	cr_expect_eq(run->devices[0].models, MODELS_ALL);
	cr_expect_eq(run->cases[2].outcome, OUTCOME_NOT_RUN);
	run_free(run);
	run_remove(&written);
}

Test(models, that_no_single_one_explains_are_a_failure_of_their_own)
{
	struct written_run written = run_begin();
	struct verdict verdict = measured(OUTCOME_PASS, MODEL_A, "x");
	struct verdict two = measured(OUTCOME_PASS, MODEL_B, "y");

	put_verdict(&written, "schedule/one", &verdict);
	put_verdict(&written, "schedule/two", &two);
	put_end(&written, 0);
	struct run *run = read_run(&written);
	cr_assert_eq(run->case_count, 3);
	cr_expect_str_eq(run->cases[2].name, "run/one-timing-model");
	cr_expect_str_eq(run->cases[2].requirement, "KA-MODEL-01");
	cr_expect_not_null(strstr(run->cases[2].text, "schedule/two allows only B"));
	cr_expect_eq(run->fault_count, 0, "the runner cannot know of it");
	cr_expect_eq(run_exit_code(run), EXIT_CODE_FIRMWARE);
	run_free(run);
	run_remove(&written);
}

Test(models, in_conflict_are_a_failure_beside_a_case_that_failed_too)
{
	static const char *const cases[] = {"schedule/one", "schedule/two", "schedule/three", NULL};
	struct written_run written = run_begin_with(false, cases);
	struct verdict verdict = measured(OUTCOME_PASS, MODEL_A, "x");
	struct verdict two = failed("late");
	struct verdict three = measured(OUTCOME_MARGINAL, MODEL_B, "y");
	char text[256];

	put_verdict(&written, "schedule/one", &verdict);
	put_verdict(&written, "schedule/two", &two);
	put_verdict(&written, "schedule/three", &three);
	put_end(&written, 1);
	struct run *run = read_run(&written);
	cr_assert_eq(run->case_count, 4);
	cr_expect_eq(run->cases[3].outcome, OUTCOME_FAIL);
	cr_expect_eq(run_count(run, OUTCOME_FAIL), 2);
	headline_text(run, text, sizeof text);
	cr_expect_str_eq(text, "1 of 3 cases failed on firmware S2W APP VERSION=1.2, and no timing "
			       "model explains all measurements");
	totals_text(run, text, sizeof text);
	cr_expect_str_eq(text,
		"3 cases: 1 passed, 1 marginal, 1 failed; no timing model explains all measurements");
	run_free(run);
	run_remove(&written);
}

Test(models, of_a_case_that_failed_do_not_count)
{
	struct written_run written = run_begin();
	struct verdict verdict = measured(OUTCOME_PASS, MODEL_A, "x");
	struct verdict two = failed("late");

	two.models = MODEL_B;
	put_verdict(&written, "schedule/one", &verdict);
	put_verdict(&written, "schedule/two", &two);
	struct run *run = read_run(&written);
	cr_expect_eq(run->devices[0].models, MODEL_A);
	cr_expect_eq(run->cases[2].outcome, OUTCOME_PASS);
	run_free(run);
	run_remove(&written);
}

Test(models, are_those_of_each_device)
{
	struct written_run written = run_begin();
	struct verdict verdict = measured(OUTCOME_PASS, MODEL_A, "x");
	struct verdict two = measured(OUTCOME_PASS, MODEL_B, "y");

	put_verdict_on(&written, "left", "schedule/one", &verdict);
	put_verdict_on(&written, "right", "schedule/two", &two);
	put_end(&written, 0);
	struct run *run = read_run(&written);
	cr_assert_eq(run->device_count, 2);
	cr_expect_eq(run->devices[0].models, MODEL_A);
	cr_expect_eq(run->devices[1].models, MODEL_B);
	cr_assert_eq(run->case_count, 4);
	cr_expect_str_eq(run->cases[3].device, "right");
	cr_expect_eq(run_exit_code(run), EXIT_CODE_PASS);
	run_free(run);
	run_remove(&written);
}

Test(models, are_all_where_a_verdict_says_nothing_of_them)
{
	struct written_run written = run_begin();
	struct verdict judged = measured(OUTCOME_PASS, MODELS_ALL, "x");
	json_t *verdict = verdict_to_json(&judged);

	json_object_del(verdict, "models");
	put_event(&written, json_pack("{s:s, s:s, s:s, s:o}", "event", "verdict", "case",
				    "schedule/one", "attempt", "first", "verdict", verdict));
	struct run *run = read_run(&written);
	cr_expect_eq(run->cases[0].outcome, OUTCOME_PASS);
	cr_expect_eq(run->devices[0].models, MODELS_ALL);
	run_free(run);
	run_remove(&written);
}
