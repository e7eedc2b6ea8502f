/* SPDX-License-Identifier: MIT */
#include "report/text/summary.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/exit_code.h"
#include "report/report.h"
#include "report/model/written_run.h"

Test(summary, tells_the_fault_word_for_word_on_one_line)
{
	struct written_run run = colourful_run();

	cr_expect(tells(&run, REPORT_SUMMARY,
		"cannot open '/dev/ttyUSB0': no such file or directory (try: wizhil check)\n"));
	run_remove(&run);
}

Test(summary, has_a_line_for_each_case_and_the_reason_where_it_did_not_pass)
{
	struct written_run run = colourful_run();

	cr_expect(tells(&run, REPORT_SUMMARY,
		"\nschedule/\n"
		"  pass          passes                                gap 3 75.0 s against 75 s\n"
		"  marginal      is_close\n"));
	cr_expect(tells(&run, REPORT_SUMMARY,
		"\nformat/\n  FAIL          fails\n"
		"                KA-TIME-01: gap 3 is 81 s, expected 75 s\n"
		"                passed when run alone; 2 others ran at the same time\n"
		"                see evidence/x.pcapng\n"));
	cr_expect(tells(&run, REPORT_SUMMARY, "  not run       waits\n                no room\n"));
	run_remove(&run);
}

Test(summary, shows_the_device_where_there_are_several)
{
	struct written_run run = run_begin();
	struct verdict pass = passed();

	put_verdict_on(&run, "right", "schedule/two", &pass);
	composed(&run);
	cr_expect(tells(&run, REPORT_SUMMARY, "  pass          two (right) "));
	cr_expect(tells(&run, REPORT_JUNIT, " name=\"two\" "), "a name that CI can follow");
	run_remove(&run);
}

Test(summary, shows_a_death_against_count_and_interval)
{
	struct written_run run = run_begin();
	struct verdict verdict = passed();
	struct check death = verdict.checks[0];

	death.leg = LEG(LEG_DEATH);
	death.measured_ns = 600200000000;
	death.from_ns = 599400000000;
	death.to_ns = 600600000000;
	verdict_add(&verdict, &death);
	put_verdict(&run, "schedule/one", &verdict);
	composed(&run);
	cr_expect(tells(&run, REPORT_SUMMARY, " 600.2 s against 8 x 75 = 600 s\n"));
	run_remove(&run);
}

Test(summary, shows_the_leg_nearest_to_the_edge_of_its_window)
{
	struct written_run run = run_begin();
	struct verdict verdict = passed();
	struct check gap = verdict.checks[0];

	gap.leg.number = 4;
	gap.measured_ns = 75090000000;
	verdict_add(&verdict, &gap);
	gap.leg = LEG(LEG_WIRE_TO_NOTICE);
	gap.measured_ns = 100000000;
	gap.from_ns = -500000000;
	gap.to_ns = 100000000;
	verdict_add(&verdict, &gap);
	put_verdict(&run, "schedule/one", &verdict);
	composed(&run);
	cr_expect(tells(&run, REPORT_SUMMARY, " gap 4 75.1 s against 75 s\n"));
	run_remove(&run);
}

Test(summary, tells_cases_that_an_interrupt_took_in_one_line)
{
	struct written_run run = run_begin();

	put_event(&run, json_pack("{s:s}", "event", "interrupt"));
	put_interrupted_end(&run);
	composed(&run);
	cr_expect(tells(&run, REPORT_SUMMARY, "\n2 of 2 cases were not finished: interrupted\n"));
	cr_expect_not(tells(&run, REPORT_SUMMARY, "schedule/"));
	run_remove(&run);
}

Test(summary, tells_a_finding_of_several_cases_once)
{
	struct written_run run = colourful_run();

	cr_expect(tells(&run, REPORT_SUMMARY,
		"\nfindings\n  warning  KA-FLOOR-01: the idle time has a floor of 75 s (2 "
		"cases)\n\n"));
	run_remove(&run);
}

Test(summary, ends_with_totals_models_and_reports)
{
	struct written_run run = colourful_run();

	cr_expect(tells(&run, REPORT_SUMMARY,
		"\n6 cases: 1 passed, 1 marginal, 1 failed, 1 inconclusive, 1 in error, 1 not run "
		"in "
		"0.8 s, 400 device seconds\ntiming model: A-tick\nreports  /tmp/wizhil-report-"));
	run_remove(&run);
}

Test(summary, names_all_models_that_are_not_excluded)
{
	struct written_run run = run_begin();
	struct verdict verdict = measured(OUTCOME_PASS, MODEL_A | MODEL_A_TICK, "x");

	put_verdict(&run, "schedule/one", &verdict);
	composed(&run);
	cr_expect(tells(&run, REPORT_SUMMARY, "\ntiming models not excluded: A, A-tick\n"));
	run_remove(&run);
}

Test(summary, says_once_that_the_bench_is_at_fault)
{
	struct written_run run = run_begin();

	put_fault(&run, "device 'left' does not answer AT");
	put_not_run(&run, "schedule/one", "device 'left' does not answer AT");
	put_not_run(&run, "schedule/two", "device 'left' does not answer AT");
	put_end(&run, 1);
	cr_expect_eq(composed(&run), EXIT_CODE_BENCH);
	char *text = text_of(&run, REPORT_SUMMARY);
	char *first = strstr(text, "does not answer");
	cr_assert_not_null(first);
	cr_expect_null(strstr(first + 1, "does not answer"));
	cr_expect_not_null(strstr(text, "         2 cases have no verdict because of it\n"));
	free(text);
	run_remove(&run);
}

Test(summary, fits_a_terminal_and_holds_no_control_bytes)
{
	struct written_run run = hostile_run();
	char *text = text_of(&run, REPORT_SUMMARY);
	char *rest = NULL;
	bool in_faults = false;

	for (char *line = strtok_r(text, "\n", &rest); line != NULL;
		line = strtok_r(NULL, "\n", &rest)) {
		in_faults = strcmp(line, "faults") == 0 || (in_faults && line[0] == ' ');
		cr_expect(in_faults || strlen(line) < 80, "%zu bytes: %s", strlen(line), line);
		for (const char *c = line; *c != '\0'; c++)
			cr_expect((unsigned char)*c >= 0x20 && *c != 0x7f, "control byte in: %s",
				line);
	}
	free(text);
	run_remove(&run);
}

Test(summary, tells_what_a_run_without_its_long_cases_cannot_have_seen)
{
	struct written_run run = run_begin_bare();

	put_event(&run,
		json_pack("{s:s, s:s, s:s, s:s, s:[{s:s, s:[s]}], s:{s:[s,s], s:f, s:[s]}}",
			"event", "run", "version", "0.1.0", "clock", "real", "profile", "default",
			"cases", "name", "schedule/one", "requirements", "KA-TIME-01", "unseen",
			"cases", "schedule/a_day", "schedule/two_hours", "longest_s", 1290.0,
			"requirements", "KA-TIME-02"));
	composed(&run);
	cr_expect(tells(&run, REPORT_SUMMARY,
		"not seen: what takes more than 1290 s: 2 longer cases were not run; nothing was\n"
		"          seen of KA-TIME-02\n"
		"          schedule/a_day\n"
		"          schedule/two_hours\n"));
	cr_expect(tells(&run, REPORT_MARKDOWN,
		"- not seen: what takes more than 1290 s: 2 longer cases were not run"));
	cr_expect(tells(&run, REPORT_HTML, "not seen"));
	run_remove(&run);
}

Test(summary, of_a_run_that_has_all_cases_nothing_is_unseen)
{
	struct written_run run = colourful_run();

	cr_expect_not(tells(&run, REPORT_SUMMARY, "not seen"));
	run_remove(&run);
}

Test(summary, tells_what_a_monitor_of_the_air_heard)
{
	struct written_run written = run_begin();
	struct verdict pass = passed();

	put_event(&written,
		json_pack("{s:s, s:s, s:s, s:f, s:b, s:i, s:i, s:i, s:i}", "event", "air", "device",
			"left", "interface", "mon0", "watched_s", 1170.4, "acknowledgements", 0,
			"heard", 410, "missed", 2, "lost", 12, "undelivered", 9));
	put_verdict(&written, "schedule/one", &pass);
	put_end(&written, 0);
	composed(&written);
	cr_expect(tells(&written, "summary.txt", "'mon0' watched for 1170 s"));
	cr_expect(tells(&written, "summary.txt", "no acknowledgements"));
	cr_expect(tells(&written, "index.html", "12 were sent and lost"));
	run_remove(&written);
}
