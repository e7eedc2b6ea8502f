/* SPDX-License-Identifier: MIT */
#include "report/model/run.h"

#include <criterion/criterion.h>
#include <string.h>

#include "core/exit_code.h"
#include "report/model/written_run.h"

/* Runs the two cases to the end: both verdicts, then what the runner said. */
static enum exit_code code_of(struct verdict verdict, struct verdict two, int runner)
{
	struct written_run written = run_begin();

	put_verdict(&written, "schedule/one", &verdict);
	put_verdict(&written, "schedule/two", &two);
	put_end(&written, runner);
	enum exit_code code = composed(&written);
	run_remove(&written);
	return code;
}

Test(exit_code, is_0_when_all_passed)
{
	cr_expect_eq(code_of(passed(), passed(), 0), EXIT_CODE_PASS);
}

Test(exit_code, is_0_when_the_rest_is_marginal)
{
	cr_expect_eq(code_of(passed(), measured(OUTCOME_MARGINAL, MODELS_ALL, "close"), 0),
		EXIT_CODE_PASS);
}

Test(exit_code, is_1_when_a_case_failed)
{
	cr_expect_eq(code_of(passed(), failed("late"), 1), EXIT_CODE_FIRMWARE);
}

Test(exit_code, is_1_when_a_case_failed_beside_an_inconclusive_one)
{
	cr_expect_eq(code_of(measured(OUTCOME_INCONCLUSIVE, MODELS_ALL, "?"), failed("late"), 1),
		EXIT_CODE_FIRMWARE);
}

Test(exit_code, is_99_when_a_case_is_inconclusive)
{
	cr_expect_eq(code_of(passed(), measured(OUTCOME_INCONCLUSIVE, MODELS_ALL, "?"), 1),
		EXIT_CODE_BENCH);
}

Test(exit_code, is_99_when_the_runner_says_pass_and_a_case_does_not)
{
	struct written_run written = run_begin();
	struct verdict verdict = measured(OUTCOME_ERROR, MODELS_ALL, "broken");

	put_verdict(&written, "schedule/one", &verdict);
	put_verdict(&written, "schedule/two", &verdict);
	put_end(&written, 0);
	struct run *run = read_run(&written);
	cr_assert_eq(run->fault_count, 1);
	cr_expect_not_null(strstr(run->faults[0], "exited with 0"));
	run_free(run);
	run_remove(&written);
}

Test(exit_code, is_99_when_the_runner_says_fail_and_all_cases_pass)
{
	cr_expect_eq(code_of(passed(), passed(), 1), EXIT_CODE_BENCH);
}

Test(exit_code, is_99_when_the_runner_did_not_end_well)
{
	cr_expect_eq(code_of(passed(), passed(), -1), EXIT_CODE_BENCH);
}

Test(exit_code, is_99_after_a_fault_though_all_cases_passed)
{
	struct written_run written = run_begin();
	struct verdict pass = passed();

	put_verdict(&written, "schedule/one", &pass);
	put_verdict(&written, "schedule/two", &pass);
	put_fault(&written, "the adapter was unplugged");
	put_end(&written, 0);
	cr_expect_eq(composed(&written), EXIT_CODE_BENCH);
	run_remove(&written);
}

Test(exit_code, is_99_when_a_worker_died)
{
	struct written_run written = run_begin();
	struct verdict pass = passed();

	put_verdict(&written, "schedule/one", &pass);
	put_error(&written, "schedule/two", "the worker ended");
	put_end(&written, 1);
	cr_expect_eq(composed(&written), EXIT_CODE_BENCH);
	run_remove(&written);
}

Test(exit_code, is_77_when_nothing_ran)
{
	struct written_run written = run_begin();

	put_not_run(&written, "schedule/one", "no room");
	put_not_run(&written, "schedule/two", "no room");
	put_end(&written, 1);
	cr_expect_eq(composed(&written), EXIT_CODE_NOT_RUN);
	run_remove(&written);
}

static enum exit_code code_when_one_did_not_run(bool require_all)
{
	static const char *const cases[] = {"schedule/one", "schedule/two", NULL};
	struct written_run written = run_begin_with(require_all, cases);
	struct verdict pass = passed();

	put_verdict(&written, "schedule/one", &pass);
	put_not_run(&written, "schedule/two", "no room");
	put_end(&written, 1);
	enum exit_code code = composed(&written);
	run_remove(&written);
	return code;
}

Test(exit_code, is_0_when_something_did_not_run)
{
	cr_expect_eq(code_when_one_did_not_run(false), EXIT_CODE_PASS);
}

Test(exit_code, is_0_whatever_the_runner_made_of_a_case_that_did_not_run)
{
	struct written_run written = run_begin();
	struct verdict pass = passed();

	put_verdict(&written, "schedule/one", &pass);
	put_not_run(&written, "schedule/two", "no room");
	put_end(&written, 0);
	cr_expect_eq(composed(&written), EXIT_CODE_PASS);
	run_remove(&written);
}

Test(exit_code, is_77_when_something_did_not_run_and_all_are_required)
{
	cr_expect_eq(code_when_one_did_not_run(true), EXIT_CODE_NOT_RUN);
}

Test(exit_code, is_130_when_interrupted_whatever_else_holds)
{
	struct written_run written = run_begin();
	struct verdict fail = failed("late");

	put_verdict(&written, "schedule/one", &fail);
	put_fault(&written, "broken");
	put_interrupted_end(&written);
	cr_expect_eq(composed(&written), EXIT_CODE_INTERRUPTED);
	run_remove(&written);
}

Test(exit_code, is_2_where_the_fault_is_one_of_usage)
{
	struct written_run written = run_begin();

	put_event(&written, json_pack("{s:s, s:s, s:i}", "event", "fault", "text",
				    "'left' is set to 9600 baud", "exit", 2));
	put_end(&written, 1);
	cr_expect_eq(composed(&written), EXIT_CODE_USAGE);
	run_remove(&written);
}
