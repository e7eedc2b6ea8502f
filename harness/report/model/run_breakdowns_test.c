/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "report/model/run.h"
#include "report/model/written_run.h"
#include "report/text/headline.h"

/* A device that rebooted or stopped answering behind cases that passed. */

static const char *const cases[] = {"dead_peer/one", "dead_peer/two", NULL};

static void put_breakdown(
	struct written_run *written, const char *device, const char *cause, double t_s)
{
	put_event(written, json_pack("{s:s, s:s, s:s, s:s, s:f, s:i, s:s, s:i, s:f, s:f}", "event",
				   "recovery", "device", device, "step", "rebooted", "cause", cause,
				   "t_s", t_s, "cases", 0, "after", "the RST of a connection",
				   "times", 100, "delay_s", 1.0, "share", 0.004));
}

static struct run *with_breakdowns(struct written_run *written, const char *cause, int count)
{
	const struct verdict v = passed();

	*written = run_begin_with(false, cases);
	for (int i = 0; cases[i] != NULL; i++)
		put_verdict(written, cases[i], &v);
	for (int i = 0; i < count; i++)
		put_breakdown(written, "left", cause, 1000.0 * (i + 1));
	put_end(written, 0);
	return read_run(written);
}

static const struct run_case *last_case(const struct run *run)
{
	return &run->cases[run->case_count - 1];
}

Test(breakdowns, one_behind_cases_that_passed_is_not_green)
{
	struct written_run written;
	struct run *run = with_breakdowns(&written, "reboot", 1);
	char text[256];

	cr_expect_str_eq(last_case(run)->name, run_keeps_running);
	cr_expect_eq(last_case(run)->outcome, OUTCOME_INCONCLUSIVE);
	cr_expect_eq(run_exit_code(run), EXIT_CODE_BENCH);
	headline_text(run, text, sizeof text);
	cr_expect_not_null(strstr(text, "all 2 cases passed on "), "%s", text);
	cr_expect_not_null(
		strstr(text, ", but the module rebooted or stopped answering"), "%s", text);
	run_free(run);
	run_remove(&written);
}

Test(breakdowns, that_recur_behind_one_stimulus_fail_the_run)
{
	struct written_run written;
	struct run *run = with_breakdowns(&written, "silent device", 5);
	char text[256];

	cr_expect_eq(last_case(run)->outcome, OUTCOME_FAIL, "%s", last_case(run)->text);
	cr_expect_str_eq(last_case(run)->requirement, "KA-AFTER-08");
	cr_expect_eq(run_exit_code(run), EXIT_CODE_FIRMWARE);
	totals_text(run, text, sizeof text);
	cr_expect_str_eq(
		text, "2 cases: 2 passed; the module breaks down again and again", "%s", text);
	run_free(run);
	run_remove(&written);
}

Test(breakdowns, a_lost_association_is_none)
{
	struct written_run written;
	struct run *run = with_breakdowns(&written, "disassociated", 5);

	cr_expect_str_eq(last_case(run)->name, run_one_model);
	cr_expect_eq(run_exit_code(run), EXIT_CODE_PASS);
	run_free(run);
	run_remove(&written);
}

Test(breakdowns, of_two_devices_at_one_moment_accuse_neither)
{
	const struct verdict v = passed();
	struct written_run written = run_begin_with(false, cases);

	put_verdict_on(&written, "left", cases[0], &v);
	put_verdict_on(&written, "right", cases[1], &v);
	for (int i = 0; i < 6; i++) {
		put_breakdown(&written, "left", "reboot", 1000.0 * (i + 1));
		put_breakdown(&written, "right", "reboot", 1000.0 * (i + 1) + 0.5);
	}
	put_end(&written, 0);
	struct run *run = read_run(&written);
	cr_expect_eq(run_count(run, OUTCOME_FAIL), 0);
	cr_expect_eq(run_count(run, OUTCOME_INCONCLUSIVE), 2);
	run_free(run);
	run_remove(&written);
}
