/* SPDX-License-Identifier: MIT */
#include "report/formats/junit.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/report.h"
#include "report/model/written_run.h"

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
	cr_expect(tells(&run, REPORT_TAP,
		"ok 3 - run/one-timing-model # SKIP no measurement distinguishes"));
	run_remove(&run);
}

Test(junit, says_which_cases_have_one_cause)
{
	struct written_run run = run_begin();
	struct verdict late = failed("gap 3 is 81 s");

	put_verdict(&run, "schedule/one", &late);
	put_verdict(&run, "schedule/two", &late);
	put_end(&run, 0);
	cr_assert_eq(composed(&run), EXIT_CODE_FIRMWARE);
	cr_expect(tells(&run, REPORT_JUNIT, "one cause of 2 cases: KA-TIME-01 gap "));
	cr_expect(tells(&run, REPORT_JUNIT, "\n  schedule/one\n  schedule/two\n"));
	cr_expect(tells(&run, REPORT_JUNIT, "\n  such as schedule/one\n"));
	run_remove(&run);
}
