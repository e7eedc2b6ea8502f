/* SPDX-License-Identifier: MIT */
#include "report/run.h"

#include <criterion/criterion.h>
#include <string.h>

#include "report/report.h"
#include "report/written_run.h"

static struct run *read_run(const struct written_run *written)
{
	struct error err = {0};
	struct run *run = run_read(written->folder, &err);

	cr_assert_not_null(run, "%s", err.text);
	return run;
}

/* Runs the two cases to the end: both verdicts, then what the runner said. */
static enum exit_code code_of(struct verdict one, struct verdict two, int runner)
{
	struct written_run written = run_begin();

	put_verdict(&written, "schedule/one", &one);
	put_verdict(&written, "schedule/two", &two);
	put_end(&written, runner);
	enum exit_code code = composed(&written);
	run_remove(&written);
	return code;
}

/* ---- exit codes ---- */

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

/* ---- what a case comes to ---- */

Test(run, shows_a_case_without_a_verdict_as_an_error)
{
	struct written_run written = run_begin();
	struct verdict pass = passed();

	put_verdict(&written, "schedule/one", &pass);
	put_end(&written, 1);
	struct run *run = read_run(&written);
	cr_expect_eq(run->cases[1].outcome, OUTCOME_ERROR);
	cr_expect_str_eq(run->cases[1].text, "the run ended before this case had its verdict");
	run_free(run);
	run_remove(&written);
}

Test(run, takes_a_pass_that_evaluated_nothing_for_an_error)
{
	struct written_run written = run_begin();
	struct verdict nothing = verdict_new();

	nothing.outcome = OUTCOME_PASS;
	put_verdict(&written, "schedule/one", &nothing);
	struct run *run = read_run(&written);
	cr_expect_eq(run->cases[0].outcome, OUTCOME_ERROR);
	cr_expect_str_eq(run->cases[0].text, "nothing was evaluated");
	run_free(run);
	run_remove(&written);
}

Test(run, shows_a_case_that_was_not_run_with_the_reason)
{
	struct written_run written = run_begin();

	put_not_run(&written, "schedule/two", "interrupted");
	struct run *run = read_run(&written);
	cr_expect_eq(run->cases[1].outcome, OUTCOME_NOT_RUN);
	cr_expect_str_eq(run->cases[1].text, "interrupted");
	run_free(run);
	run_remove(&written);
}

Test(run, counts_the_first_attempt_and_keeps_the_one_alone)
{
	struct written_run written = run_begin();
	struct verdict fail = failed("late"), pass = passed();

	put_verdict(&written, "schedule/one", &fail);
	put_alone(&written, "schedule/one", &pass);
	struct run *run = read_run(&written);
	cr_expect_eq(run->cases[0].outcome, OUTCOME_FAIL);
	cr_assert_not_null(run->cases[0].alone);
	cr_expect_eq(run->cases[0].alone->verdict.outcome, OUTCOME_PASS);
	cr_expect_float_eq(run_case_seconds(&run->cases[0]), 75.25, 1e-6);
	run_free(run);
	run_remove(&written);
}

Test(run, shows_a_worker_that_died_after_it_passed_as_an_error)
{
	struct written_run written = run_begin();
	struct verdict pass = passed();

	put_verdict(&written, "schedule/one", &pass);
	put_error(&written, "schedule/one", "the worker ended");
	struct run *run = read_run(&written);
	cr_expect_eq(run->cases[0].outcome, OUTCOME_ERROR);
	run_free(run);
	run_remove(&written);
}

Test(run, shows_a_verdict_it_cannot_read_as_an_error)
{
	struct written_run written = run_begin();

	put_raw(&written, "{\"event\":\"verdict\",\"case\":\"schedule/one\",\"attempt\":\"first\","
			  "\"verdict\":{\"outcome\":\"splendid\"}}\n");
	struct run *run = read_run(&written);
	cr_expect_eq(run->cases[0].outcome, OUTCOME_ERROR);
	cr_expect_str_eq(run->cases[0].text, "its verdict in the journal cannot be read");
	run_free(run);
	run_remove(&written);
}

/* The first case has passed when the user interrupts. */
static struct written_run run_begin_interrupted(void)
{
	struct written_run written = run_begin();
	struct verdict pass = passed();

	put_verdict(&written, "schedule/one", &pass);
	put_event(&written, json_pack("{s:s}", "event", "interrupt"));
	return written;
}

Test(run, was_interrupted_before_a_case_had_its_verdict)
{
	struct written_run written = run_begin_interrupted();

	put_interrupted_end(&written);
	struct run *run = read_run(&written);
	cr_expect_eq(run->cases[0].outcome, OUTCOME_PASS);
	cr_expect_eq(run->cases[1].outcome, OUTCOME_NOT_RUN);
	cr_expect_str_eq(run->cases[1].text, "interrupted");
	run_free(run);
	run_remove(&written);
}

Test(run, takes_a_worker_that_ended_after_the_interrupt_for_interrupted)
{
	struct written_run written = run_begin_interrupted();

	put_error(&written, "schedule/two", "the worker ended");
	put_interrupted_end(&written);
	struct run *run = read_run(&written);
	cr_expect_eq(run->cases[1].outcome, OUTCOME_NOT_RUN);
	run_free(run);
	run_remove(&written);
}

Test(run, keeps_an_error_from_before_the_interrupt)
{
	struct written_run written = run_begin();

	put_error(&written, "schedule/two", "the worker ended");
	put_event(&written, json_pack("{s:s}", "event", "interrupt"));
	put_interrupted_end(&written);
	struct run *run = read_run(&written);
	cr_expect_eq(run->cases[1].outcome, OUTCOME_ERROR);
	run_free(run);
	run_remove(&written);
}

Test(run, tells_which_fault_took_a_verdict)
{
	struct written_run written = run_begin();

	put_error(&written, "schedule/one", "the worker ended");
	put_fault(&written, "broken");
	put_error(&written, "schedule/two", "the worker ended");
	put_end(&written, 1);
	struct run *run = read_run(&written);
	cr_expect_null(run->cases[0].cut_off, "its worker ended before");
	cr_expect_str_eq(run->cases[1].cut_off, "broken");
	run_free(run);
	run_remove(&written);
}

/* ---- several devices, repetitions ---- */

static json_t *run_event(const char *key, json_t *value)
{
	return json_pack("{s:s, s:s, s:o, s:[{s:s, s:[s]}, {s:s, s:[s]}]}", "event", "run",
		"version", "1", key, value, "cases", "name", "schedule/one", "requirements",
		"KA-TIME-01", "name", "schedule/two", "requirements", "KA-TIME-02");
}

static struct run *read_run_of(const char *lines)
{
	struct written_run written = run_begin_bare();

	put_raw(&written, lines);
	struct run *run = read_run(&written);
	run_remove(&written);
	return run;
}

Test(run, has_a_case_for_each_device_of_a_run_over_each)
{
	struct written_run written = run_begin_bare();
	struct verdict pass = passed(), fail = failed("late");
	char title[64];

	put_event(&written, run_event("each", json_pack("[s, s]", "left", "right")));
	put_verdict_on(&written, "right", "schedule/one", &pass);
	put_verdict_on(&written, "left", "schedule/one", &fail);
	struct run *run = read_run(&written);
	cr_assert_eq(run_total(run), 4);
	cr_expect_str_eq(run->cases[0].device, "left");
	cr_expect_eq(run->cases[0].outcome, OUTCOME_FAIL);
	cr_expect_eq(run->cases[1].outcome, OUTCOME_PASS);
	cr_expect_eq(run->cases[2].outcome, OUTCOME_ERROR, "no verdict");
	run_case_title(run, &run->cases[1], title, sizeof title);
	cr_expect_str_eq(title, "one (right)");
	run_free(run);
	run_remove(&written);
}

Test(run, gives_an_event_without_a_device_to_the_first_without_a_result)
{
	struct written_run written = run_begin_bare();
	struct verdict pass = passed();

	put_event(&written, run_event("each", json_pack("[s, s]", "left", "right")));
	put_verdict_on(&written, "left", "schedule/two", &pass);
	put_error(&written, "schedule/two", "the worker ended");
	struct run *run = read_run(&written);
	cr_assert_eq(run_total(run), 4);
	cr_expect_eq(run->cases[2].outcome, OUTCOME_PASS);
	cr_expect_str_eq(run->cases[3].error, "the worker ended");
	run_free(run);
	run_remove(&written);
}

Test(run, keeps_the_name_of_a_case_that_ran_on_one_of_several_devices)
{
	struct written_run written = run_begin();
	struct verdict pass = passed();
	char title[64];

	put_verdict_on(&written, "right", "schedule/one", &pass);
	put_verdict_on(&written, "left", "schedule/two", &pass);
	struct run *run = read_run(&written);
	cr_assert_eq(run_total(run), 2);
	cr_expect_str_eq(run->cases[0].device, "right");
	run_case_title(run, &run->cases[0], title, sizeof title);
	cr_expect_str_eq(title, "one");
	run_free(run);
	run_remove(&written);
}

Test(run, keeps_every_repetition)
{
	struct run *run =
		read_run_of("{\"event\":\"run\",\"version\":\"1\",\"repeat\":2,"
			    "\"cases\":[{\"name\":\"schedule/one\"}]}\n"
			    "{\"event\":\"error\",\"case\":\"schedule/one\",\"repetition\":2,"
			    "\"text\":\"second\"}\n"
			    "{\"event\":\"error\",\"case\":\"schedule/one\",\"repetition\":1,"
			    "\"text\":\"first\"}\n");
	char title[64];

	cr_assert_eq(run_total(run), 2);
	cr_expect_str_eq(run->cases[0].error, "first");
	cr_expect_str_eq(run->cases[1].error, "second");
	run_case_title(run, &run->cases[1], title, sizeof title);
	cr_expect_str_eq(title, "one (repetition 2)");
	run_free(run);
}

/* ---- the journal as a file ---- */

Test(run, leaves_a_torn_last_line_out)
{
	struct written_run written = run_begin();
	struct verdict pass = passed();

	put_verdict(&written, "schedule/one", &pass);
	put_verdict(&written, "schedule/two", &pass);
	put_end(&written, 0);
	put_raw(&written, "{\"event\":\"fau");
	cr_expect_eq(composed(&written), EXIT_CODE_PASS);
	cr_expect(tells(&written, REPORT_SUMMARY, "The last line of the journal is torn"));
	run_remove(&written);
}

Test(run, says_which_line_in_the_middle_is_damaged)
{
	struct written_run written = run_begin();

	put_raw(&written, "{\"event\":\"fau\n");
	put_end(&written, 1);
	struct run *run = read_run(&written);
	cr_assert_eq(run->fault_count, 1);
	cr_expect_str_eq(run->faults[0], "line 3 of the journal is damaged");
	run_free(run);
	run_remove(&written);
}

Test(run, reads_a_text_up_to_its_nul)
{
	struct written_run written = run_begin();

	put_raw(&written, "{\"event\":\"fault\",\"text\":\"broken\\u0000here\"}\n");
	put_end(&written, 1);
	struct run *run = read_run(&written);
	cr_assert_eq(run->fault_count, 1);
	cr_expect_str_eq(run->faults[0], "broken");
	run_free(run);
	run_remove(&written);
}

Test(run, ignores_events_it_does_not_know)
{
	struct written_run written = run_begin();

	put_raw(&written, "{\"event\":\"weather\",\"case\":\"schedule/none\"}\n{}\n\n");
	put_end(&written, 1);
	struct run *run = read_run(&written);
	cr_expect_eq(run->case_count, 3);
	cr_expect_eq(run->fault_count, 0);
	run_free(run);
	run_remove(&written);
}

Test(run, takes_a_journal_without_an_end_for_a_fault)
{
	struct written_run written = run_begin();
	struct verdict pass = passed();

	put_verdict(&written, "schedule/one", &pass);
	put_verdict(&written, "schedule/two", &pass);
	cr_expect_eq(composed(&written), EXIT_CODE_BENCH);
	run_remove(&written);
}

Test(run, tells_a_fault_once)
{
	struct written_run written = run_begin();

	put_fault(&written, "broken");
	put_fault(&written, "broken");
	put_end(&written, 1);
	struct run *run = read_run(&written);
	cr_expect_eq(run->fault_count, 1);
	run_free(run);
	run_remove(&written);
}

Test(run, is_a_usage_error_where_there_is_no_journal)
{
	struct error err = {0};

	cr_expect_null(run_read("/tmp/wizhil-no-such-run", &err));
	cr_expect_eq(err.kind, ERROR_USAGE);
	cr_expect_not_null(strstr(err.text, "'/tmp/wizhil-no-such-run'"));
}

/* ---- timing models ---- */

Test(models, are_those_that_no_first_verdict_excludes)
{
	struct written_run written = run_begin();
	struct verdict one = measured(OUTCOME_PASS, MODEL_A | MODEL_A_TICK, "x");
	struct verdict two = measured(OUTCOME_PASS, MODEL_A_TICK | MODEL_B, "y");
	struct verdict alone = measured(OUTCOME_PASS, MODEL_D, "z");

	put_verdict(&written, "schedule/one", &one);
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
	struct verdict one = measured(OUTCOME_PASS, MODEL_A, "x");
	struct verdict two = measured(OUTCOME_INCONCLUSIVE, MODEL_B, "y");

	one.checks[0].measured = false;
	two.models = MODEL_B;
	put_verdict(&written, "schedule/one", &one);
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
	struct verdict one = measured(OUTCOME_PASS, MODEL_A, "x");
	struct verdict two = measured(OUTCOME_PASS, MODEL_B, "y");

	put_verdict(&written, "schedule/one", &one);
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
	struct verdict one = measured(OUTCOME_PASS, MODEL_A, "x");
	struct verdict two = failed("late");
	struct verdict three = measured(OUTCOME_MARGINAL, MODEL_B, "y");

	put_verdict(&written, "schedule/one", &one);
	put_verdict(&written, "schedule/two", &two);
	put_verdict(&written, "schedule/three", &three);
	put_end(&written, 1);
	struct run *run = read_run(&written);
	cr_assert_eq(run->case_count, 4);
	cr_expect_eq(run->cases[3].outcome, OUTCOME_FAIL);
	cr_expect_eq(run_count(run, OUTCOME_FAIL), 2);
	run_free(run);
	run_remove(&written);
}

Test(models, of_a_case_that_failed_do_not_count)
{
	struct written_run written = run_begin();
	struct verdict one = measured(OUTCOME_PASS, MODEL_A, "x");
	struct verdict two = failed("late");

	two.models = MODEL_B;
	put_verdict(&written, "schedule/one", &one);
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
	struct verdict one = measured(OUTCOME_PASS, MODEL_A, "x");
	struct verdict two = measured(OUTCOME_PASS, MODEL_B, "y");

	put_verdict_on(&written, "left", "schedule/one", &one);
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
	struct verdict one = measured(OUTCOME_PASS, MODELS_ALL, "x");
	json_t *verdict = verdict_to_json(&one);

	json_object_del(verdict, "models");
	put_event(&written, json_pack("{s:s, s:s, s:s, s:o}", "event", "verdict", "case",
				    "schedule/one", "attempt", "first", "verdict", verdict));
	struct run *run = read_run(&written);
	cr_expect_eq(run->cases[0].outcome, OUTCOME_PASS);
	cr_expect_eq(run->devices[0].models, MODELS_ALL);
	run_free(run);
	run_remove(&written);
}
