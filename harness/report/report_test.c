/* SPDX-License-Identifier: MIT */
#include "report/report.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/text.h"
#include "report/written_run.h"

#define HOSTILE "<script>alert(\"1\")</script> ]]> & \x1b[31m \\ \r\n...\n---\nok 99 # TODO"

/* junit.xml against the schema, by xmllint; what it says is shown when it is not valid. */
static bool junit_is_valid(const struct written_run *run)
{
	char junit[128], log[128];
	int status;

	snprintf(junit, sizeof junit, "%s/" REPORT_JUNIT, run->folder);
	snprintf(log, sizeof log, "%s/xmllint.txt", run->folder);
	pid_t child = fork();
	cr_assert_geq(child, 0);
	if (child == 0) {
		int output = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		dup2(output, STDOUT_FILENO);
		dup2(output, STDERR_FILENO);
		execlp("xmllint", "xmllint", "--nonet", "--noout", "--schema",
			WIZHIL_SOURCE "/reports/schema/junit.xsd", junit, NULL);
		_exit(127);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) != 127, "xmllint is not there");
	if (status != 0)
		cr_expect(tells(run, "xmllint.txt", " validates"), "not valid");
	return status == 0;
}

/* A run with one of each outcome, a finding, a fault, and a second suite. */
static struct written_run colourful_run(void)
{
	static const char *const cases[] = {"schedule/passes", "schedule/is_close", "format/fails",
		"format/is_unclear", "schedule/breaks", "schedule/waits", NULL};
	struct written_run run = run_begin_with(false, cases);
	struct verdict pass = passed();
	struct verdict marginal = measured(OUTCOME_MARGINAL, MODEL_A_TICK, "gap 3 is close");
	struct verdict fail = failed("gap 3 is 81 s, expected 75 s");
	struct verdict unclear =
		measured(OUTCOME_INCONCLUSIVE, MODELS_ALL, "the capture has a hole");
	struct finding finding = {.requirement = "KA-FLOOR-01", .severity = SEVERITY_WARNING};

	snprintf(finding.text, sizeof finding.text, "the idle time has a floor of 75 s");
	verdict_add_finding(&pass, &finding);
	verdict_add_finding(&marginal, &finding);
	put_verdict(&run, "schedule/passes", &pass);
	put_verdict(&run, "schedule/is_close", &marginal);
	put_verdict(&run, "format/fails", &fail);
	put_alone(&run, "format/fails", &pass);
	put_verdict(&run, "format/is_unclear", &unclear);
	put_error(&run, "schedule/breaks", "the worker ended");
	put_not_run(&run, "schedule/waits", "no room");
	put_fault(
		&run, "cannot open '/dev/ttyUSB0': no such file or directory (try: wizhil check)");
	put_end(&run, 1);
	cr_assert_eq(composed(&run), EXIT_CODE_FIRMWARE);
	return run;
}

/* Everything a device may have said, in every place where it may stand. */
static struct written_run hostile_run(void)
{
	static const char *const cases[] = {"sch<edule/o\"ne", "sch<edule/t#wo", "alone", NULL};
	struct written_run run = run_begin_with(false, cases);
	struct verdict fail = failed(HOSTILE " \xff\xc0\x80");
	struct finding finding = {.requirement = "<&>", .text = HOSTILE};

	snprintf(fail.checks[0].leg, sizeof fail.checks[0].leg, "<leg> \"\x01");
	verdict_add_finding(&fail, &finding);
	put_event(&run, json_pack("{s:s, s:s, s:s}", "event", "device", "device", "left\x1b]0;x\a",
				"firmware", HOSTILE));
	put_verdict(&run, cases[0], &fail);
	put_not_run(&run, cases[1], HOSTILE);
	put_error(&run, cases[2], HOSTILE);
	put_raw(&run,
		"{\"event\":\"fault\",\"text\":\"nul \\u0000 \\u001b[2J \\uffff \\u202e\"}\n");
	put_fault(&run, HOSTILE);
	put_end(&run, 1);
	composed(&run);
	return run;
}

/* ---- JUnit ---- */

Test(junit, is_valid_with_every_outcome)
{
	struct written_run run = colourful_run();

	cr_expect(junit_is_valid(&run));
	run_remove(&run);
}

Test(junit, is_valid_with_hostile_text)
{
	struct written_run run = hostile_run();

	cr_expect(junit_is_valid(&run));
	cr_expect_not(tells(&run, REPORT_JUNIT, "<script>"));
	run_remove(&run);
}

Test(junit, is_valid_when_nothing_was_reached)
{
	struct written_run run = run_begin();

	composed(&run);
	cr_expect(junit_is_valid(&run));
	run_remove(&run);
}

Test(junit, counts_what_it_holds)
{
	struct written_run run = colourful_run();

	cr_expect(tells(&run, REPORT_JUNIT,
		"<testsuites name=\"wizhil\" tests=\"8\" failures=\"1\" errors=\"3\" "
		"skipped=\"1\""));
	cr_expect(tells(&run, REPORT_JUNIT,
		"<testsuite name=\"format\" tests=\"2\" failures=\"1\" errors=\"1\" skipped=\"0\" "
		"time=\"150.500\""));
	run_remove(&run);
}

Test(junit, tells_failure_error_and_skipped_apart)
{
	struct written_run run = colourful_run();

	cr_expect(tells(&run, REPORT_JUNIT,
		"<failure message=\"gap 3 is 81 s, expected 75 s\" type=\"KA-TIME-01\"/>"));
	cr_expect(tells(&run, REPORT_JUNIT,
		"<error message=\"inconclusive: the capture has a hole\" type=\"inconclusive\"/>"));
	cr_expect(
		tells(&run, REPORT_JUNIT, "<error message=\"the worker ended\" type=\"error\"/>"));
	cr_expect(tells(&run, REPORT_JUNIT, "<skipped message=\"no room\"/>"));
	run_remove(&run);
}

Test(junit, carries_firmware_requirements_legs_and_evidence)
{
	struct written_run run = colourful_run();

	cr_expect(tells(
		&run, REPORT_JUNIT, "<property name=\"firmware\" value=\"S2W APP VERSION=1.2\"/>"));
	cr_expect(tells(
		&run, REPORT_JUNIT, "<property name=\"requirement\" value=\"KA-MODEL-01\"/>"));
	cr_expect(tells(&run, REPORT_JUNIT,
		"<property name=\"leg: gap 3\" value=\"75.012000 s, expected 74.900000 s to "
		"75.100000 s, uncertainty 0.001000 s\"/>"));
	cr_expect(tells(&run, REPORT_JUNIT, "evidence: evidence/x.pcapng\n"));
	cr_expect(tells(
		&run, REPORT_JUNIT, "finding KA-FLOOR-01: the idle time has a floor of 75 s\n"));
	run_remove(&run);
}

Test(junit, shows_a_fault_as_an_error_of_the_run)
{
	struct written_run run = colourful_run();

	cr_expect(tells(&run, REPORT_JUNIT, "<testcase classname=\"run\" name=\"bench\""));
	cr_expect(tells(&run, REPORT_JUNIT, "cannot open '/dev/ttyUSB0'"));
	run_remove(&run);
}

Test(junit, has_a_line_for_the_one_timing_model_whatever_was_found)
{
	struct written_run run = run_begin();

	composed(&run);
	cr_expect(
		tells(&run, REPORT_JUNIT, "<testcase classname=\"run\" name=\"one-timing-model\""));
	cr_expect(
		tells(&run, REPORT_TAP, "ok 3 - run/one-timing-model # SKIP nothing was measured"));
	run_remove(&run);
}

/* ---- TAP ---- */

Test(tap, has_its_version_first_and_then_the_plan)
{
	struct written_run run = colourful_run();
	char *text = text_of(&run, REPORT_TAP);

	cr_expect_eq(strncmp(text, "TAP version 14\n1..8\n", 20), 0, "%s", text);
	free(text);
	run_remove(&run);
}

Test(tap, has_a_test_point_for_each_case_and_the_faults)
{
	struct written_run run = colourful_run();

	cr_expect(tells(&run, REPORT_TAP, "\nok 1 - schedule/passes\n"));
	cr_expect(tells(&run, REPORT_TAP, "\nok 2 - schedule/is_close\n"));
	cr_expect(
		tells(&run, REPORT_TAP, "\nnot ok 3 - format/fails\n  ---\n  outcome: \"fail\"\n"));
	cr_expect(tells(&run, REPORT_TAP, "\nnot ok 4 - format/is_unclear\n"));
	cr_expect(tells(&run, REPORT_TAP, "\nnot ok 5 - schedule/breaks\n"));
	cr_expect(tells(&run, REPORT_TAP, "\nok 6 - schedule/waits # SKIP no room\n"));
	cr_expect(tells(&run, REPORT_TAP, "\nok 7 - run/one-timing-model\n"));
	cr_expect(tells(&run, REPORT_TAP, "\nnot ok 8 - run/bench\n"));
	run_remove(&run);
}

Test(tap, tells_in_yaml_why_a_case_failed)
{
	struct written_run run = colourful_run();

	cr_expect(tells(&run, REPORT_TAP,
		"  requirement: \"KA-TIME-01\"\n  message: \"gap 3 is 81 s, expected 75 s\"\n"
		"  alone: \"pass\"\n"));
	cr_expect(tells(&run, REPORT_TAP,
		"  legs:\n    - leg: \"gap 3\"\n      outcome: \"fail\"\n"
		"      measured_s: 75.012000\n      expected_s: [74.900000, 75.100000]\n"));
	run_remove(&run);
}

/* Each line is one that TAP 14 knows; text of a device cannot make one up. */
Test(tap, holds_no_line_that_hostile_text_made)
{
	struct written_run run = hostile_run();
	char *text = text_of(&run, REPORT_TAP);
	char *rest = NULL;
	size_t points = 0, opened = 0, closed = 0;

	for (char *line = strtok_r(text, "\n", &rest); line != NULL;
		line = strtok_r(NULL, "\n", &rest)) {
		points += strncmp(line, "ok ", 3) == 0 || strncmp(line, "not ok ", 7) == 0;
		opened += strcmp(line, "  ---") == 0;
		closed += strcmp(line, "  ...") == 0;
		for (const char *c = line; *c != '\0'; c++)
			cr_expect((unsigned char)*c >= 0x20 && *c != 0x7f, "control byte in: %s",
				line);
	}
	cr_expect_eq(points, 6);
	cr_expect_eq(opened, 3);
	cr_expect_eq(closed, 3);
	free(text);
	cr_expect(tells(&run, REPORT_TAP, "ok 2 - sch<edule/t\\#wo # SKIP "));
	cr_expect_not(tells(&run, REPORT_TAP, "\nok 99"));
	run_remove(&run);
}

/* ---- summary ---- */

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
		"                alone on the device it passed; 2 others ran beside it\n"
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

	snprintf(death.leg, sizeof death.leg, "death");
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

	snprintf(gap.leg, sizeof gap.leg, "gap 4");
	gap.measured_ns = 75090000000;
	verdict_add(&verdict, &gap);
	snprintf(gap.leg, sizeof gap.leg, "wire to notice");
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
	cr_expect(tells(&run, REPORT_SUMMARY, "\n2 of 2 cases were not run: interrupted\n"));
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

static char *printed(const struct written_run *run, bool colour)
{
	struct error err = {0};
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	cr_assert_eq(report_print(run->folder, stream, colour, &err), 0, "%s", err.text);
	fclose(stream);
	return text;
}

Test(summary, is_printed_as_it_was_written)
{
	struct written_run run = colourful_run();
	char *shown = printed(&run, false), *written = text_of(&run, REPORT_SUMMARY);

	cr_expect_str_eq(shown, written);
	free(shown);
	free(written);
	run_remove(&run);
}

Test(summary, is_coloured_when_it_may)
{
	struct written_run run = colourful_run();
	char *shown = printed(&run, true);

	cr_expect_not_null(strstr(shown, "\033[1;31mFAIL        \033[0m"));
	free(shown);
	run_remove(&run);
}

/* ---- files ---- */

Test(report, replaces_what_was_composed_before)
{
	struct written_run run = run_begin();
	struct verdict pass = passed();

	put_verdict(&run, "schedule/one", &pass);
	cr_expect_eq(composed(&run), EXIT_CODE_BENCH);
	put_verdict(&run, "schedule/two", &pass);
	put_end(&run, 0);
	cr_expect_eq(composed(&run), EXIT_CODE_PASS);
	cr_expect(tells(&run, REPORT_SUMMARY, "2 cases: 2 passed in"));
	run_remove(&run);
}

Test(report, says_that_a_folder_is_not_of_a_run)
{
	enum exit_code code;
	struct error err = {0};

	cr_expect_eq(report_compose("/tmp/wizhil-no-such-run", &err, &code), -1);
	cr_expect_eq(err.kind, ERROR_USAGE);
}

/* ---- text ---- */

static char *put(enum text_form form, const char *text)
{
	char *all = NULL;
	size_t size;
	FILE *stream = open_memstream(&all, &size);

	text_put(stream, form, text);
	fclose(stream);
	return all;
}

Test(text, shows_what_is_no_utf8_as_hexadecimal)
{
	char *text = put(TEXT_LINE, "a\xff"
				    "b\xc3\xa4\xed\xa0\x80\xf0\x9f");

	cr_expect_str_eq(text, "a\\xffb\xc3\xa4\\xed\\xa0\\x80\\xf0\\x9f");
	free(text);
}

Test(text, takes_no_overlong_form_for_a_character)
{
	char *text = put(TEXT_LINE, "\xc0\xbc\xe0\x80\xbc");

	cr_expect_str_eq(text, "\\xc0\\xbc\\xe0\\x80\\xbc");
	free(text);
}

Test(text, shows_what_turns_the_direction_of_writing)
{
	char *text = put(TEXT_ATTRIBUTE, "\xe2\x80\xae<\t>");

	cr_expect_str_eq(text, "\\u{202e}&lt; &gt;");
	free(text);
}

Test(text, wraps_between_words_and_breaks_none)
{
	char *all = NULL;
	size_t size;
	FILE *stream = open_memstream(&all, &size);

	text_wrap(stream, "one two threefourfivesix seven", 2, 12);
	fclose(stream);
	cr_expect_str_eq(all, "one two\n  threefourfivesix\n  seven\n");
	free(all);
}
