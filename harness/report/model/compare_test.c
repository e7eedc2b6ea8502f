/* SPDX-License-Identifier: MIT */
#include "report/model/compare.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "core/exit_code.h"
#include "core/expected_test.h"
#include "core/file_copy.h"
#include "core/units.h"
#include "report/html/html_sections.h"
#include "report/report.h"
#include "report/model/written_run.h"

/* Two runs of schedule/one and schedule/two, and what changed between them. */
struct pair {
	struct written_run written[2];
	struct run *runs[2];
	struct comparison *comparison;
};

static struct verdict with_leg(struct verdict verdict, int64_t measured_ns, int64_t error_ns)
{
	verdict.checks[0].measured_ns = measured_ns;
	verdict.checks[0].error_ns = error_ns;
	return verdict;
}

static struct verdict of_models(unsigned models)
{
	return measured(OUTCOME_PASS, models, "fine");
}

static struct verdict with_fact(const char *text)
{
	struct verdict verdict = passed();
	struct fact fact = {.id = FACT_notice_fin};

	snprintf(fact.text, sizeof fact.text, "%s", text);
	verdict_add_fact(&verdict, &fact);
	return verdict;
}

static struct pair pair_begin(void)
{
	return (struct pair){.written = {run_begin(), run_begin()}};
}

/* In words, for GitHub and as a page. */
static void expect_all_said(const struct comparison *comparison)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	cr_assert_not_null(stream);
	comparison_write_text(comparison, stream, true);
	comparison_write_markdown(comparison, stream);
	html_write_changes(comparison, true, stream);
	fclose(stream);
	expect_lines("report", text);
	free(text);
}

static void pair_compare(struct pair *pair)
{
	for (int i = 0; i < 2; i++) {
		put_end(&pair->written[i], 0);
		pair->runs[i] = read_run(&pair->written[i]);
	}
	pair->comparison = compare_runs(pair->runs[0], pair->runs[1]);
	cr_assert_not_null(pair->comparison);
	expect_all_said(pair->comparison);
}

/* schedule/one had this verdict, and has that one now; schedule/two passed and passes. */
static struct pair pair_of(struct verdict before, struct verdict now)
{
	struct pair pair = pair_begin();

	put_verdict(&pair.written[0], "schedule/one", &before);
	put_verdict(&pair.written[1], "schedule/one", &now);
	for (int i = 0; i < 2; i++) {
		struct verdict fine = passed();
		put_verdict(&pair.written[i], "schedule/two", &fine);
	}
	pair_compare(&pair);
	return pair;
}

static void pair_end(struct pair *pair)
{
	comparison_free(pair->comparison);
	for (int i = 0; i < 2; i++) {
		run_free(pair->runs[i]);
		run_remove(&pair->written[i]);
	}
}

static char *written_text(const struct pair *pair, bool markdown)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (markdown)
		comparison_write_markdown(pair->comparison, stream);
	else
		comparison_write_text(pair->comparison, stream, false);
	fclose(stream);
	return text;
}

Test(compare, the_same_run_has_not_changed)
{
	struct pair pair = pair_of(passed(), passed());

	cr_expect_eq(pair.comparison->compared, 2);
	cr_expect_eq(pair.comparison->same, 2);
	cr_expect_eq(pair.comparison->count, 0);
	cr_expect_eq(comparison_exit_code(pair.comparison), EXIT_CODE_PASS);
	pair_end(&pair);
}

Test(compare, a_pass_that_fails_now_is_a_regression_and_says_why)
{
	struct pair pair = pair_of(passed(), failed("gap 3 is 81 s"));
	char *text = written_text(&pair, false);

	cr_expect_eq(comparison_exit_code(pair.comparison), EXIT_CODE_FIRMWARE);
	cr_expect_not_null(strstr(text, "  pass -> fail  schedule/one\n"), "%s", text);
	cr_expect_not_null(strstr(text, "gap 3 is 81 s"), "%s", text);
	cr_expect_not_null(strstr(text, "2 cases compared: 1 worse, 0 better, 0 changed, 1 the "
					"same\n"),
		"%s", text);
	free(text);
	pair_end(&pair);
}

/* Both cases failed for one reason, on a device that was set to something else. */
Test(compare, tells_cases_of_one_cause_together_and_what_else_differs)
{
	struct pair pair = pair_begin();
	struct verdict fine = passed();
	struct verdict late = with_leg(failed("gap 3 is 60 s"), 60 * NS_PER_S, NS_PER_MS);

	late.checks[0].from_ns = fine.checks[0].from_ns = 74 * NS_PER_S;
	late.checks[0].to_ns = fine.checks[0].to_ns = 76 * NS_PER_S;
	put_event(&pair.written[1], json_pack("{s:s, s:s, s:s, s:s, s:s, s:i}", "event", "device",
					    "device", "other", "firmware", "2.5", "mac", "00:01",
					    "address", "192.0.2.11", "baud", 115200));
	for (int i = 0; i < 2; i++) {
		put_verdict(&pair.written[i], "schedule/one", i == 0 ? &fine : &late);
		put_verdict(&pair.written[i], "schedule/two", i == 0 ? &fine : &late);
	}
	pair_compare(&pair);
	char *text = written_text(&pair, false), *markdown = written_text(&pair, true);
	cr_expect_not_null(strstr(text, "differs   device: left "), "%s", text);
	cr_expect_not_null(
		strstr(text, "  pass -> fail  2 cases: KA-TIME-01, gap 60.00 s instead of 75 s"),
		"%s", text);
	cr_expect_not_null(strstr(text, "      such as schedule/one (left)\n"), "%s", text);
	cr_expect_not_null(
		strstr(text,
			"\nthese cases\n  pass -> fail  schedule/one (left)\n  pass -> fail  schedule/two (left)\n"),
		"%s", text);
	cr_expect_not_null(strstr(markdown, "| 2 | pass | fail | KA-TIME-01 gap 60.00 s instead"),
		"%s", markdown);
	cr_expect_not_null(
		strstr(markdown, "<details><summary>all 2 changes</summary>"), "%s", markdown);
	free(text);
	free(markdown);
	pair_end(&pair);
}

Test(compare, a_fail_that_passes_now_is_better_and_no_regression)
{
	struct pair pair = pair_of(failed("gap 3 is 81 s"), passed());

	cr_expect_eq(pair.comparison->better, 1);
	cr_expect_eq(comparison_exit_code(pair.comparison), EXIT_CODE_PASS);
	pair_end(&pair);
}

Test(compare, a_pass_that_is_inconclusive_now_is_no_regression_and_no_clearance)
{
	struct pair pair =
		pair_of(passed(), measured(OUTCOME_INCONCLUSIVE, MODELS_ALL, "frames lost"));
	char *text = written_text(&pair, false);

	cr_expect_eq(comparison_exit_code(pair.comparison), EXIT_CODE_BENCH);
	cr_expect_eq(pair.comparison->worse, 0);
	cr_expect_not_null(
		strstr(text, "1 passed before, now inconclusive or in error"), "%s", text);
	cr_expect_not_null(strstr(text, "frames lost"), "%s", text);
	free(text);
	pair_end(&pair);
}

Test(compare, a_fail_that_is_inconclusive_now_is_not_better)
{
	struct pair pair =
		pair_of(failed("late"), measured(OUTCOME_INCONCLUSIVE, MODELS_ALL, "frames lost"));

	cr_expect_eq(pair.comparison->better, 0);
	cr_expect_eq(pair.comparison->count, 1);
	cr_expect_eq(comparison_exit_code(pair.comparison), EXIT_CODE_PASS);
	pair_end(&pair);
}

/* schedule/one passed, and is not among the cases of the run; schedule/two is in both. */
static struct pair pair_without_one(bool two_too)
{
	static const char *const others[] = {"schedule/two", "format/three", NULL};
	struct pair pair = {.written = {run_begin(), run_begin_with(false, others + !two_too)}};
	struct verdict fine = passed();

	put_verdict(&pair.written[0], "schedule/one", &fine);
	put_verdict(&pair.written[0], "schedule/two", &fine);
	if (two_too)
		put_verdict(&pair.written[1], "schedule/two", &fine);
	pair_compare(&pair);
	return pair;
}

Test(compare, a_pass_that_was_not_run_is_no_clearance_unless_it_is_on_purpose)
{
	struct pair pair = pair_without_one(true);
	char *text = written_text(&pair, false);

	cr_expect_eq(comparison_exit_code(pair.comparison), EXIT_CODE_NOT_RUN);
	cr_expect_not_null(
		strstr(text, "1 case compared: 0 worse, 0 better, 0 changed, 1 the same; "
			     "1 passed before, now not run\n"),
		"%s", text);
	cr_expect_not_null(strstr(text, "\nNo regression found, but not every case"), "%s", text);
	pair.comparison->partial = true;
	cr_expect_eq(comparison_exit_code(pair.comparison), EXIT_CODE_PASS);
	free(text);
	pair_end(&pair);
}

Test(compare, runs_without_a_common_case_are_not_compared_on_purpose_or_not)
{
	struct pair pair = pair_without_one(false);
	char text[256];

	cr_expect_eq(pair.comparison->compared, 0);
	pair.comparison->partial = true;
	cr_expect_eq(comparison_exit_code(pair.comparison), EXIT_CODE_NOT_RUN);
	comparison_verdict(pair.comparison, text, sizeof text);
	cr_expect_str_eq(text, "Nothing to compare");
	pair_end(&pair);
}

Test(compare, another_timing_model_is_a_regression)
{
	struct pair pair = pair_of(of_models(MODEL_A_TICK | MODEL_A_FREE), of_models(MODEL_A));
	char *text = written_text(&pair, false);

	cr_expect(pair.comparison->changes[0].other_models);
	cr_expect_eq(comparison_exit_code(pair.comparison), EXIT_CODE_FIRMWARE);
	cr_expect_not_null(strstr(text, "timing model: A-tick, A-free -> A\n"), "%s", text);
	cr_expect_not_null(strstr(text, "A regression: another timing model: "), "%s", text);
	cr_expect_eq(pair.comparison->worse, 1, "the count says what the verdict says");
	free(text);
	pair_end(&pair);
}

Test(compare, fewer_models_of_the_same_are_no_change)
{
	struct pair pair = pair_of(of_models(MODEL_A_TICK | MODEL_A_FREE), of_models(MODEL_A_FREE));

	cr_expect_eq(pair.comparison->count, 0);
	cr_expect_eq(comparison_exit_code(pair.comparison), EXIT_CODE_PASS);
	pair_end(&pair);
}

Test(compare, a_leg_that_moved_by_more_than_both_uncertainties_is_shown)
{
	struct pair pair = pair_of(with_leg(passed(), 75 * NS_PER_S, NS_PER_MS),
		with_leg(passed(), 77 * NS_PER_S, NS_PER_MS));

	cr_assert_eq(pair.comparison->count, 1);
	cr_assert_eq(pair.comparison->changes[0].moved_count, 1);
	cr_expect_eq(pair.comparison->changes[0].moved[0].by_ns, 2 * NS_PER_S);
	cr_expect_eq(comparison_exit_code(pair.comparison), EXIT_CODE_PASS);
	pair_end(&pair);
}

Test(compare, legs_of_one_kind_that_moved_are_told_in_one_line)
{
	struct verdict before = with_leg(passed(), 75 * NS_PER_S, NS_PER_MS);
	struct verdict now = with_leg(passed(), 77 * NS_PER_S, NS_PER_MS);

	for (size_t i = 1; i < 3; i++) {
		before.checks[i] = before.checks[0];
		now.checks[i] = now.checks[0];
		before.checks[i].leg.number = (int)i + 3;
		now.checks[i].leg.number = (int)i + 3;
		now.checks[i].measured_ns += (int64_t)i * NS_PER_S;
	}
	before.check_count = now.check_count = 3;
	struct pair pair = pair_of(before, now);
	char line[256];

	cr_assert_eq(pair.comparison->changes[0].moved_count, 1);
	moved_leg_text(&pair.comparison->changes[0].moved[0], line, sizeof line);
	cr_expect_str_eq(line, "gap 5 75.000 s -> 79.000 s: +4.000 s, more than the uncertainty of "
			       "1.033 s; 2 more of this kind by +2.000 s to +4.000 s");
	pair_end(&pair);
}

Test(compare, a_leg_that_moved_within_its_uncertainty_has_not_moved)
{
	struct pair pair = pair_of(with_leg(passed(), 75 * NS_PER_S, NS_PER_S),
		with_leg(passed(), 77 * NS_PER_S, NS_PER_S));

	cr_expect_eq(pair.comparison->count, 0);
	pair_end(&pair);
}

Test(compare, a_notice_of_another_form_is_shown_and_is_no_regression)
{
	struct pair pair = pair_of(with_fact("disconnect"), with_fact("socket-failure"));
	char *text = written_text(&pair, false);

	cr_expect_not_null(strstr(text, "disconnect -> socket-failure"), "%s", text);
	cr_expect_eq(comparison_exit_code(pair.comparison), EXIT_CODE_PASS);
	free(text);
	pair_end(&pair);
}

Test(compare, cases_of_one_run_only_are_named_and_not_compared)
{
	static const char *const others[] = {"schedule/two", "format/three", NULL};
	struct pair pair = {.written = {run_begin(), run_begin_with(false, others)}};

	pair_compare(&pair);
	char *text = written_text(&pair, false);
	cr_expect_eq(pair.comparison->only_base, 1);
	cr_expect_eq(pair.comparison->only_run, 1);
	cr_expect_not_null(
		strstr(text, "new, not compared\n  error         format/three"), "%s", text);
	cr_expect_not_null(strstr(text, "only in the baseline, not compared\n"), "%s", text);
	free(text);
	pair_end(&pair);
}

/* schedule/one on two devices, each with its verdict. */
static struct written_run run_on_each(struct verdict left, struct verdict right)
{
	struct written_run written = run_begin_bare();

	put_event(&written, json_pack("{s:s, s:s, s:[s, s], s:[{s:s, s:[s]}]}", "event", "run",
				    "version", "1", "each", "left", "right", "cases", "name",
				    "schedule/one", "requirements", "KA-TIME-01"));
	put_verdict_on(&written, "left", "schedule/one", &left);
	put_verdict_on(&written, "right", "schedule/one", &right);
	return written;
}

static void put_device(struct written_run *written, const char *name, const char *firmware)
{
	put_event(written, json_pack("{s:s, s:s, s:s}", "event", "device", "device", name,
				   "firmware", firmware));
}

Test(compare, each_device_is_compared_with_itself_and_named)
{
	struct pair pair = {.written = {run_on_each(failed("late"), passed()),
				    run_on_each(passed(), failed("gap 3 is 81 s"))}};

	pair_compare(&pair);
	char *text = written_text(&pair, false);
	cr_expect_eq(pair.comparison->worse, 1, "one device's failure hides no other's");
	cr_expect_eq(pair.comparison->better, 1);
	cr_expect_eq(comparison_exit_code(pair.comparison), EXIT_CODE_FIRMWARE);
	cr_expect_not_null(strstr(text, "  pass -> fail  schedule/one (right)\n"), "%s", text);
	free(text);
	pair_end(&pair);
}

Test(compare, tells_the_firmware_of_each_device)
{
	struct pair pair = {
		.written = {run_on_each(passed(), passed()), run_on_each(passed(), passed())}};

	put_device(&pair.written[1], "left", "2.4.0");
	put_device(&pair.written[1], "right", "2.5.0");
	pair_compare(&pair);
	char *text = written_text(&pair, false);
	cr_expect_not_null(strstr(text, "run       2.4.0 + 2.5.0\n"), "%s", text);
	free(text);
	pair_end(&pair);
}

Test(compare, of_many_cases_that_were_not_run_names_some)
{
	enum { MANY = 30 };
	static char names[MANY][32];
	static const char *list[MANY + 1];
	struct verdict fine = passed();

	for (int i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof names[i], "schedule/case_%d", i);
		list[i] = names[i];
	}
	struct pair pair = {.written = {run_begin_with(false, list), run_begin()}};
	for (int i = 0; i < MANY; i++)
		put_verdict(&pair.written[0], names[i], &fine);
	pair_compare(&pair);
	char *text = written_text(&pair, false);
	cr_expect_not_null(strstr(text, "schedule/case_7\n  and 22 more\n"), "%s", text);
	free(text);
	pair_end(&pair);
}

Test(compare, markdown_has_a_row_for_each_change_and_lets_nothing_be_markup)
{
	struct pair pair = pair_of(passed(), failed("<script>|alert"));
	char *text = written_text(&pair, true);

	cr_expect_not_null(
		strstr(text, "### :x: wizhil compare: A regression\n\n2 cases compared: 1 worse"),
		"%s", text);
	cr_expect_not_null(strstr(text, "| pass | fail | "), "%s", text);
	cr_expect_null(strstr(text, "<script>"), "%s", text);
	free(text);
	pair_end(&pair);
}

Test(compare, a_run_with_the_journal_of_a_baseline_says_what_changed_since)
{
	struct written_run base = run_begin(), run = run_begin();
	struct verdict fine = passed(), broken = failed("gap 3 is 81 s");
	char from[128], to[128];
	struct error err = {0};

	put_verdict(&base, "schedule/one", &fine);
	put_end(&base, 0);
	put_verdict(&run, "schedule/one", &broken);
	put_end(&run, 0);
	snprintf(from, sizeof from, "%s/" JOURNAL_NAME, base.folder);
	snprintf(to, sizeof to, "%s/" RUN_BASELINE, run.folder);
	cr_assert_eq(file_copy(from, to, &err), 0, "%s", err.text);
	composed(&run);
	cr_expect(tells(&run, REPORT_SUMMARY, "2 cases compared: 1 worse, 0 better"));
	cr_expect(tells(&run, REPORT_HTML, "; regression since the baseline"));
	cr_expect(tells(&run, REPORT_HTML, "A regression. 2 cases compared"));
	cr_expect(tells(&run, REPORT_MARKDOWN, "| pass | fail | `schedule/one` | gap 3 is 81 s"));
	unlink(to);
	run_remove(&base);
	run_remove(&run);
}
