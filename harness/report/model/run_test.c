/* SPDX-License-Identifier: MIT */
#include "report/model/run.h"

#include <criterion/criterion.h>
#include <string.h>

#include "core/error.h"
#include "core/exit_code.h"
#include "report/formats/journal.h"
#include "report/model/attempt.h"
#include "report/report.h"
#include "report/model/written_run.h"

/* ---- what a case comes to ---- */

Test(run, shows_a_case_without_a_verdict_as_an_error)
{
	struct written_run written = run_begin();
	struct verdict pass = passed();

	put_verdict(&written, "schedule/one", &pass);
	put_end(&written, 1);
	struct run *run = read_run(&written);
	cr_expect_eq(run->cases[1].outcome, OUTCOME_ERROR);
	cr_expect_str_eq(run->cases[1].text, "the run ended before the verdict on this case");
	run_free(run);
	run_remove(&written);
}

Test(run, counts_no_device_for_a_case_that_none_took)
{
	struct written_run written = run_begin();
	struct verdict pass = passed();

	put_verdict(&written, "schedule/one", &pass);
	put_verdict_on(&written, "", "schedule/two", &pass);
	struct run *run = read_run(&written);
	cr_expect_eq(run->device_count, 1);
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
	cr_expect_str_eq(run->cases[0].text, "cannot read its verdict in the journal");
	run_free(run);
	run_remove(&written);
}

Test(run, reads_a_journal_of_format_1)
{
	struct written_run written = run_begin();
	struct verdict pass = passed();

	put_event(&written, json_pack("{s:s, s:s, s:s, s:s, s:i, s:o}", "event", "verdict", "case",
				    "schedule/one", "device", "left", "attempt", "first", "company",
				    5, "verdict", verdict_to_json(&pass)));
	struct run *run = read_run(&written);
	cr_assert_not_null(run->cases[0].first);
	cr_expect_eq(run->cases[0].first->concurrent, 5);
	run_free(run);
	run_remove(&written);
}

Test(run, refuses_a_journal_of_a_format_that_is_newer)
{
	struct written_run written = run_begin_bare();
	struct error err = {0};

	put_event(&written, json_pack("{s:s, s:i, s:s}", "event", "run", "journal",
				    JOURNAL_FORMAT + 1, "version", "9.1"));
	cr_assert_null(run_read(written.folder, &err));
	cr_expect_eq(err.kind, ERROR_USAGE);
	cr_expect_not_null(strstr(err.text, "journal format 3; this wizhil reads up to 2 "
					    "(use version 9.1 or newer)"),
		"%s", err.text);
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
	cr_expect_eq(run->cases[0].cut_off, NOT_CUT_OFF, "its worker ended before");
	cr_expect_eq(run->cases[1].cut_off, CUT_OFF_BY_FAULT);
	cr_expect_str_eq(run->cases[1].fault, "broken");
	run_free(run);
	run_remove(&written);
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
	cr_expect(tells(&written, REPORT_SUMMARY, "The last line of the journal is incomplete"));
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
