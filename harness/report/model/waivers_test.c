/* SPDX-License-Identifier: MIT */
#include "report/model/waivers.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "core/exit_code.h"
#include "report/report.h"
#include "report/model/written_run.h"

/* schedule/one fails, schedule/two passes; the run is of 2026-01-02 and firmware 1.2. */
static struct written_run run_with(
	const char *cases, const char *from, const char *before, const char *expires)
{
	struct written_run run = run_begin_bare();
	struct verdict fail = failed("one probe too few"), pass = passed();

	put_event(&run,
		json_pack("{s:s, s:s, s:s, s:[{s:s}, {s:s}], s:[{s:s, s:s, s:s, s:s, s:s, s:s}]}",
			"event", "run", "version", "1", "started", "2026-01-02T03:04:05Z", "cases",
			"name", "schedule/one", "name", "schedule/two", "waivers", "case", cases,
			"from", from, "before", before, "reason", "known", "ticket", "FW-1",
			"expires", expires));
	put_event(&run, json_pack("{s:s, s:s, s:s}", "event", "device", "device", "left",
				"firmware", "APP VERSION=1.2.0; GEPS VERSION=9.9"));
	put_verdict(&run, "schedule/one", &fail);
	put_verdict(&run, "schedule/two", &pass);
	put_end(&run, 1);
	return run;
}

static enum exit_code code_with(
	const char *cases, const char *from, const char *before, const char *expires)
{
	struct written_run run = run_with(cases, from, before, expires);
	enum exit_code code = composed(&run);

	run_remove(&run);
	return code;
}

Test(waivers, take_a_failure_upon_themselves_until_their_day_is_over)
{
	cr_expect_eq(code_with("schedule/*", "", "", "2026-01-02"), EXIT_CODE_PASS);
	cr_expect_eq(code_with("schedule/*", "", "", "2026-01-01"), EXIT_CODE_FIRMWARE);
	cr_expect_eq(code_with("format/*", "", "", "2026-01-02"), EXIT_CODE_FIRMWARE);
}

Test(waivers, hold_for_the_firmware_they_name)
{
	cr_expect_eq(code_with("*", "1.2", "1.3", "2027-01-01"), EXIT_CODE_PASS);
	cr_expect_eq(code_with("*", "1.2.0", "", "2027-01-01"), EXIT_CODE_PASS);
	cr_expect_eq(code_with("*", "1.2.1", "", "2027-01-01"), EXIT_CODE_FIRMWARE);
	cr_expect_eq(code_with("*", "", "1.2", "2027-01-01"), EXIT_CODE_FIRMWARE);
	cr_expect_eq(code_with("*", "", "1.10", "2027-01-01"), EXIT_CODE_PASS, "parts are numbers");
}

Test(waivers, show_the_failure_in_every_report)
{
	struct written_run run = run_with("schedule/one", "", "", "2026-02-01");

	composed(&run);
	cr_expect(tells(&run, REPORT_SUMMARY, "  waived        one\n"));
	cr_expect(tells(&run, REPORT_SUMMARY, "waived until 2026-02-01 (FW-1): known\n"));
	cr_expect(tells(&run, REPORT_SUMMARY, "2 cases: 1 passed, 1 waived"));
	cr_expect(tells(
		&run, REPORT_MARKDOWN, "1 of 2 cases passed and none failed, 1 failure waived"));
	cr_expect(tells(&run, REPORT_MARKDOWN, "| waived | "));
	cr_expect(tells(&run, REPORT_JUNIT,
		"<skipped message=\"waived until 2026-02-01 (FW-1): known; one probe too few\"/>"));
	cr_expect(tells(&run, REPORT_JUNIT, " failures=\"0\""));
	cr_expect(
		tells(&run, REPORT_TAP, "not ok 1 - schedule/one # TODO waived until 2026-02-01"));
	run_remove(&run);
}

Test(waivers, that_have_expired_are_flagged)
{
	struct written_run run = run_with("schedule/one", "", "", "2026-01-01");
	static const char flag[] =
		"the waiver for 'schedule/one' (FW-1) expired on 2026-01-01 and no longer covers 1 failure";

	composed(&run);
	cr_expect(tells(&run, REPORT_JUNIT,
		"value=\"the waiver for 'schedule/one' (FW-1) expired on 2026-01-01"));
	cr_expect(tells(&run, REPORT_TAP, flag));
	cr_expect(tells(
		&run, REPORT_SUMMARY, "WAIVER   the waiver for 'schedule/one' (FW-1) expired"));
	cr_expect(tells(&run, REPORT_SUMMARY, "  FAIL          one\n"));
	run_remove(&run);
}

Test(waivers, of_which_all_cases_pass_are_flagged)
{
	struct written_run run = run_with("schedule/two", "", "", "2027-01-01");

	cr_expect_eq(composed(&run), EXIT_CODE_FIRMWARE);
	cr_expect(tells(
		&run, REPORT_SUMMARY, "WAIVER   unexpected pass: all cases of the waiver for"));
	cr_expect(tells(&run, REPORT_MARKDOWN, "**waiver**: unexpected pass"));
	run_remove(&run);
}

/* The complaint about a file with this text, without the path. */
static const char *complaint(const char *text)
{
	static struct error err;
	char path[] = "/tmp/wizhil-waivers-XXXXXX";
	json_t *cases = json_pack("[{s:s}]", "name", "schedule/one");
	int file = mkstemp(path);

	cr_assert_geq(file, 0);
	cr_assert_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
	close(file);
	err = (struct error){0};
	json_t *waivers = waivers_read(path, cases, &err);
	unlink(path);
	json_decref(cases);
	if (waivers != NULL) {
		json_decref(waivers);
		return "";
	}
	cr_expect_eq(err.kind, ERROR_USAGE);
	const char *place = strchr(err.text, ':');
	return place == NULL ? err.text : place;
}

#define ENTRY(case_, expires_)                                                                     \
	"waivers:\n  - case: " case_ "\n    reason: r\n    ticket: t\n    expires: " expires_ "\n"

Test(waivers, file_is_refused_with_the_place)
{
	cr_expect_str_eq(complaint(ENTRY("schedule/*", "2026-12-31")), "");
	cr_expect_str_eq(complaint("waivers: []\n"), "");
	cr_expect_eq(strncmp(complaint(ENTRY("shcedule/*", "2026-12-31")),
			     ":2:11: 'shcedule/*' matches no case", 34),
		0, "%s", complaint(ENTRY("shcedule/*", "2026-12-31")));
	cr_expect_str_eq(complaint(ENTRY("schedule/*", "2026-02-30")),
		":5:14: invalid day '2026-02-30' (use the form 2026-12-31)");
	cr_expect_eq(strncmp(complaint("waivers:\n  - case: a\n    resaon: x\n"),
			     ":3:5: unknown key", 16),
		0);
	cr_expect_str_eq(
		complaint(ENTRY("schedule/*", "2026-12-31") "    firmware: { from: 2.x }\n"),
		":6:23: invalid version '2.x' (use the form 2.4.0)");
}
