/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/exit_code.h"
#include "report/report.h"
#include "report/model/written_run.h"

static void put_resume(struct written_run *run, const char *name)
{
	put_event(run, json_pack("{s:s, s:s, s:[{s:s, s:i}]}", "event", "resume", "started",
			       "2026-01-02T05:00:00Z", "cases", "name", name, "done", 0));
}

Test(resume, makes_what_ended_the_run_before_a_note)
{
	struct written_run run = run_begin();
	struct verdict pass = passed();

	put_verdict(&run, "schedule/one", &pass);
	put_fault(&run, "the bench process was ended by signal 9");
	put_error(&run, "schedule/two", "the worker ended");
	put_end(&run, 1);
	put_resume(&run, "schedule/two");
	put_verdict(&run, "schedule/two", &pass);
	put_end(&run, 0);
	cr_expect_eq(composed(&run), EXIT_CODE_PASS);
	cr_expect(tells(&run, REPORT_SUMMARY,
		"resumed  at 2026-01-02T05:00:00Z; before that, it was complete\n         earlier fault: the bench process "
		"was ended by signal 9\n"));
	cr_expect(tells(&run, REPORT_MARKDOWN, "- resumed: at 2026-01-02T05:00:00Z"));
	cr_expect(tells(&run, REPORT_HTML, "<h2>Resumed</h2>"));
	cr_expect(tells(&run, REPORT_JUNIT, "name=\"resumed\" value=\"earlier fault: the bench"));
	run_remove(&run);
}

Test(resume, keeps_a_failure_that_was_reached)
{
	struct written_run run = run_begin();
	struct verdict pass = passed(), fail = failed("late");

	put_verdict(&run, "schedule/one", &fail);
	put_resume(&run, "schedule/two");
	put_verdict(&run, "schedule/two", &pass);
	put_end(&run, 0);
	cr_expect_eq(composed(&run), EXIT_CODE_FIRMWARE);
	run_remove(&run);
}

Test(resume, cannot_replace_a_verdict_that_it_does_not_name)
{
	struct written_run run = run_begin();
	struct verdict pass = passed(), fail = failed("late");

	put_verdict(&run, "schedule/one", &fail);
	put_resume(&run, "schedule/two");
	put_verdict(&run, "schedule/one", &pass);
	put_verdict(&run, "schedule/two", &pass);
	put_end(&run, 0);
	cr_expect_eq(composed(&run), EXIT_CODE_FIRMWARE);
	cr_expect(tells(&run, REPORT_SUMMARY, "two verdicts for 'schedule/one'"));
	run_remove(&run);
}

Test(resume, with_another_firmware_is_a_fault)
{
	struct written_run run = run_begin();
	struct verdict pass = passed();

	put_verdict(&run, "schedule/one", &pass);
	put_resume(&run, "schedule/two");
	put_event(&run, json_pack("{s:s, s:s, s:s}", "event", "device", "device", "left",
				"firmware", "S2W APP VERSION=1.3"));
	put_verdict(&run, "schedule/two", &pass);
	put_end(&run, 0);
	cr_expect_eq(composed(&run), EXIT_CODE_BENCH);
	cr_expect(tells(&run, REPORT_SUMMARY,
		"device 'left' had firmware 'S2W APP VERSION=1.2', then 'S2W APP "
		"VERSION=1.3'"));
	run_remove(&run);
}

Test(resume, waits_for_who_has_the_journal_and_cuts_half_a_line_off)
{
	struct written_run run = run_begin();
	struct error err = {0};

	cr_expect_null(journal_resume(run.folder, false, &err));
	cr_expect_not_null(strstr(err.text, "is still active"), "%s", err.text);
	journal_close(run.journal);
	put_raw(&run, "{\"event\":\"verd");
	run.journal = journal_resume(run.folder, false, &err);
	cr_assert_not_null(run.journal, "%s", err.text);
	put_resume(&run, "schedule/one");
	char *text = text_of(&run, JOURNAL_NAME);
	cr_expect_null(strstr(text, "verd"), "%s", text);
	cr_expect_not_null(strstr(text, "}\n{\"event\":\"resume\""), "%s", text);
	free(text);
	run_remove(&run);
}
