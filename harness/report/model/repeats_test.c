/* SPDX-License-Identifier: MIT */
#include "report/model/repeats.h"

#include <criterion/criterion.h>

#include "core/exit_code.h"
#include "report/report.h"
#include "report/model/written_run.h"

static void put_repetition(struct written_run *run, const char *name, int repetition, double gap_s,
	enum outcome outcome)
{
	struct verdict verdict = measured(outcome, MODELS_ALL, "x");

	verdict.checks[0].measured_ns = (int64_t)(gap_s * 1e9);
	put_event(run,
		json_pack("{s:s, s:s, s:i, s:s, s:s, s:i, s:f, s:o}", "event", "verdict", "case",
			name, "repetition", repetition, "device", "left", "attempt", "first",
			"concurrent", 0, "t_s", 1.0, "verdict", verdict_to_json(&verdict)));
}

/* schedule/one comes to the same three times, schedule/two does not. */
static struct written_run repeated(void)
{
	struct written_run run = run_begin_bare();

	put_event(&run,
		json_pack("{s:s, s:s, s:i, s:[{s:s}, {s:s}]}", "event", "run", "version", "1",
			"repeat", 3, "cases", "name", "schedule/one", "name", "schedule/two"));
	put_repetition(&run, "schedule/one", 1, 75.01, OUTCOME_PASS);
	put_repetition(&run, "schedule/two", 1, 75, OUTCOME_PASS);
	put_repetition(&run, "schedule/one", 2, 74.98, OUTCOME_PASS);
	put_repetition(&run, "schedule/two", 2, 81, OUTCOME_FAIL);
	put_repetition(&run, "schedule/one", 3, 75.02, OUTCOME_PASS);
	return run;
}

Test(repeats, show_the_spread_of_each_leg)
{
	struct written_run written = repeated();
	struct repeats repeats;
	struct legs legs;
	char text[128];
	size_t from = 0;

	put_end(&written, 1);
	struct run *run = read_run(&written);
	cr_assert(repeats_next(run, &from, &repeats));
	cr_expect_eq(repeats.count, 3);
	cr_expect_not(repeats.unstable);
	repeats_legs(&repeats, &legs);
	cr_assert_eq(legs.count, 1);
	leg_spread_text(&legs.list[0], text, sizeof text);
	legs_free(&legs);
	cr_expect_str_eq(text, "gap 3: 74.980 s to 75.020 s, median 75.010 s, in 3");
	run_free(run);
	run_remove(&written);
}

Test(repeats, name_a_case_unstable_that_did_not_always_come_to_the_same)
{
	struct written_run written = repeated();
	struct repeats repeats;
	char text[128];
	size_t from = 3;

	put_interrupted_end(&written);
	struct run *run = read_run(&written);
	cr_assert(repeats_next(run, &from, &repeats));
	cr_expect(repeats.unstable);
	repeats_text(&repeats, text, sizeof text);
	cr_expect_str_eq(text, "1 of 3 passed, 1 failed, 1 not run");
	cr_expect_not(repeats_next(run, &from, &repeats));
	run_free(run);
	run_remove(&written);
}

Test(repeats, call_no_case_stable_that_did_not_run_twice)
{
	struct written_run run = run_begin_bare();

	put_event(&run,
		json_pack("{s:s, s:s, s:i, s:[{s:s}, {s:s}]}", "event", "run", "version", "1",
			"repeat", 2, "cases", "name", "schedule/one", "name", "schedule/two"));
	put_repetition(&run, "schedule/one", 1, 75, OUTCOME_PASS);
	put_interrupted_end(&run);
	composed(&run);
	cr_expect(tells(&run, REPORT_SUMMARY,
		"  0 of 2 cases had the same outcome each time\n  2 ran only once\n"));
	cr_expect(tells(&run, REPORT_SUMMARY, "  ran once      schedule/one\n"));
	cr_expect(tells(
		&run, REPORT_SUMMARY, "  not run       schedule/two\n                0 of 2"));
	cr_expect_not(tells(&run, REPORT_HTML, "<td>stable</td>"));
	cr_expect_not(tells(&run, REPORT_JUNIT, "name=\"stable\""));
	run_remove(&run);
}

Test(repeats, are_in_every_report_and_a_failure_stays_one)
{
	struct written_run run = repeated();

	put_repetition(&run, "schedule/two", 3, 75, OUTCOME_PASS);
	put_end(&run, 1);
	cr_expect_eq(composed(&run), EXIT_CODE_FIRMWARE);
	cr_expect(tells(&run, REPORT_SUMMARY,
		"  UNSTABLE      schedule/two\n                2 of 3 passed, 1 failed\n"));
	cr_expect(tells(&run, REPORT_SUMMARY, "gap 3: 74.980 s to 75.020 s"));
	cr_expect(tells(&run, REPORT_SUMMARY, "  1 of 2 cases had the same outcome each time\n"));
	cr_expect(tells(&run, REPORT_MARKDOWN, "**unstable**: 2 of 3 passed, 1 failed"));
	cr_expect(tells(&run, REPORT_TAP, "# unstable: schedule/two: 2 of 3 passed, 1 failed\n"));
	cr_expect(tells(&run, REPORT_HTML,
		"1 of 6 drives failed (2 cases, 3 times each), 1 case is unstable"));
	cr_expect(tells(&run, REPORT_HTML, "<a href=\"#repeats\">"));
	cr_expect(tells(&run, REPORT_JUNIT, "name=\"unstable\" value=\"2 of 3 passed, 1 failed\""));
	cr_expect(tells(&run, REPORT_JUNIT, "name=\"spread\" value=\"gap 3: 74.980 s to 75.020 s"));
	run_remove(&run);
}

Test(repeats, tell_of_no_spread_where_there_is_none)
{
	struct written_run run = repeated();

	put_repetition(&run, "schedule/two", 3, 75, OUTCOME_PASS);
	put_end(&run, 1);
	composed(&run);
	cr_expect(tells(&run, REPORT_SUMMARY, "widest spread:     gap 3: 75.000 s to 81.000 s"));
	run_remove(&run);
	run = run_begin_bare();
	put_event(&run, json_pack("{s:s, s:s, s:i, s:[{s:s}]}", "event", "run", "version", "1",
				"repeat", 2, "cases", "name", "schedule/one"));
	put_repetition(&run, "schedule/one", 1, 75, OUTCOME_PASS);
	put_repetition(&run, "schedule/one", 2, 75, OUTCOME_PASS);
	put_end(&run, 0);
	composed(&run);
	cr_expect(
		tells(&run, REPORT_SUMMARY, "  each leg took the same time in all repetitions\n"));
	cr_expect_not(tells(&run, REPORT_SUMMARY, "widest spread"));
	run_remove(&run);
}

Test(repeats, are_none_in_a_run_that_does_not_repeat)
{
	struct written_run written = colourful_run();
	struct run *run = read_run(&written);
	struct repeats repeats;
	size_t from = 0;

	cr_expect_not(repeats_next(run, &from, &repeats));
	run_free(run);
	run_remove(&written);
}
