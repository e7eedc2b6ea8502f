/* SPDX-License-Identifier: MIT */
#include "report/text/short_summary.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "report/report.h"
#include "report/model/written_run.h"

static char *printed(const struct written_run *run, enum report_detail detail, bool colour)
{
	struct error err = {0};
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	cr_assert_eq(report_print(run->folder, detail, stream, colour, &err), 0, "%s", err.text);
	fclose(stream);
	return text;
}

Test(short_summary, tells_what_did_not_pass_the_worst_first_and_the_passes_in_numbers)
{
	struct written_run run = colourful_run();
	char *text = printed(&run, REPORT_SHORT, false);
	const char *fail =
		strstr(text, "  FAIL          format/fails\n"
			     "                KA-TIME-01: gap 3 is 81 s, expected 75 s\n");
	const char *not_run = strstr(text, "  not run       schedule/waits\n");
	const char *marginal = strstr(text, "  marginal      schedule/is_close\n");

	cr_assert(fail != NULL && not_run != NULL && marginal != NULL, "%s", text);
	cr_expect(fail < marginal && marginal < not_run, "%s", text);
	cr_expect_null(strstr(text, "schedule/passes"), "a pass is a number");
	cr_expect_not_null(strstr(text, "\n  schedule            2 of 4 passed\n"), "%s", text);
	free(text);
	run_remove(&run);
}

Test(short_summary, has_each_fault_and_the_totals)
{
	struct written_run run = colourful_run();
	char *text = printed(&run, REPORT_SHORT, false);

	cr_expect_not_null(strstr(text, "FAULT    cannot open '/dev/ttyUSB0'"));
	cr_expect_not_null(strstr(text, "\n6 cases: 1 passed, 1 marginal, 1 failed"));
	cr_expect_not_null(strstr(text, "\ntiming model: A-tick\n"));
	free(text);
	run_remove(&run);
}

Test(short_summary, is_coloured_when_it_may)
{
	struct written_run run = colourful_run();
	char *shown = printed(&run, REPORT_SHORT, true),
	     *plain = printed(&run, REPORT_SHORT, false);

	cr_expect_not_null(strstr(shown, "\033[1;31mFAIL        \033[0m"));
	cr_expect_null(strchr(plain, '\033'));
	free(shown);
	free(plain);
	run_remove(&run);
}

Test(short_summary, fits_a_terminal_and_holds_no_control_bytes)
{
	struct written_run run = hostile_run();
	char *text = printed(&run, REPORT_SHORT, false),
	     *line = printed(&run, REPORT_ONE_LINE, false);

	for (const char *c = text; *c != '\0'; c++)
		cr_expect(*c == '\n' || ((unsigned char)*c >= 0x20 && *c != 0x7f));
	cr_expect_eq(strchr(line, '\n'), line + strlen(line) - 1, "one line: %s", line);
	free(text);
	free(line);
	run_remove(&run);
}

/* 20 cases, each with this failure. */
static struct written_run run_of_failures(const struct verdict *(*verdict_of)(int))
{
	char names[20][24];
	const char *cases[21] = {NULL};

	for (int i = 0; i < 20; i++) {
		snprintf(names[i], sizeof names[i], "schedule/case_%d", i);
		cases[i] = names[i];
	}
	struct written_run run = run_begin_with(false, cases);
	for (int i = 0; i < 20; i++)
		put_verdict(&run, names[i], verdict_of(i));
	put_end(&run, 1);
	return run;
}

static const struct verdict *of_one_cause(int number)
{
	static struct verdict verdict;

	(void)number;
	verdict = failed("no probe");
	return &verdict;
}

/* Each with words of its own. */
static const struct verdict *of_many_causes(int number)
{
	static struct verdict verdict;
	struct check check = {
		.requirement = "KA-SCHED-02", .outcome = OUTCOME_FAIL, .models = MODELS_ALL};

	snprintf(check.text, sizeof check.text, "trouble %c", 'a' + number);
	verdict = verdict_new();
	verdict_add(&verdict, &check);
	return &verdict;
}

Test(short_summary, tells_a_cause_once_and_lists_its_cases_behind)
{
	struct written_run run = run_of_failures(of_one_cause);
	char *text = printed(&run, REPORT_SHORT, false);
	const char *cause = strstr(text, "  FAIL          20 cases: KA-TIME-01, gap ");
	const char *list = strstr(text, "\nfailed with a cause that others have\n"
					"  schedule/case_0\n  schedule/case_1\n");

	cr_assert_not_null(cause, "%s", text);
	cr_expect_not_null(strstr(text, "                such as schedule/case_0\n"), "%s", text);
	cr_assert_not_null(list, "%s", text);
	cr_expect(cause < list, "%s", text);
	cr_expect_not_null(strstr(list, "  schedule/case_19\n"), "%s", text);
	char path[128];
	snprintf(path, sizeof path, "\njournal  %s/journal.jsonl\n", run.folder);
	cr_expect_not_null(strstr(list, path), "%s", text);
	free(text);
	run_remove(&run);
}

Test(short_summary, tells_of_many_causes_how_many_cases_more_there_are)
{
	struct written_run run = run_of_failures(of_many_causes);
	char *text = printed(&run, REPORT_SHORT, false);

	cr_expect_not_null(strstr(text, "schedule/case_11\n"));
	cr_expect_null(strstr(text, "schedule/case_12\n"));
	cr_expect_not_null(strstr(text, "\n  8 more that did not pass\n"), "%s", text);
	free(text);
	run_remove(&run);
}

Test(short_summary, folds_recoveries_of_one_kind)
{
	struct written_run run = run_begin();

	for (int i = 0; i < 30; i++) {
		char step[64];
		snprintf(step, sizeof step, "not associated after 'schedule/case_%d'", i);
		put_event(&run, json_pack("{s:s, s:s, s:s}", "event", "recovery", "device", "left",
					"step", step));
	}
	put_end(&run, 0);
	char *text = printed(&run, REPORT_SHORT, false);
	cr_expect_not_null(strstr(text, "\nrecovery of devices\n"
					"  left: not associated after 'schedule/case_0' "
					"(and 29 more of this kind)\n"),
		"%s", text);
	cr_expect_null(strstr(text, "case_1'"), "%s", text);
	free(text);
	run_remove(&run);
}

Test(short_summary, tells_together_what_was_not_run_for_one_reason)
{
	struct written_run run = run_begin();

	put_not_run(&run, "schedule/one", "it is long");
	put_not_run(&run, "schedule/two", "it is long");
	put_end(&run, 0);
	char *text = printed(&run, REPORT_SHORT, false);
	cr_expect_not_null(
		strstr(text, "  not run       2 cases\n                it is long\n"), "%s", text);
	cr_expect_null(strstr(text, "schedule/one"));
	free(text);
	run_remove(&run);
}

static void put_repetition(struct written_run *run, const char *name, int repetition)
{
	struct verdict verdict = failed("gap 3 is 81 s, expected 75 s");

	put_event(run,
		json_pack("{s:s, s:s, s:i, s:s, s:s, s:i, s:f, s:o}", "event", "verdict", "case",
			name, "repetition", repetition, "device", "left", "attempt", "first",
			"concurrent", 0, "t_s", 1.0, "verdict", verdict_to_json(&verdict)));
}

Test(short_summary, tells_repetitions_that_came_to_the_same_once)
{
	struct written_run run = run_begin_bare();

	put_event(&run,
		json_pack("{s:s, s:s, s:i, s:[{s:s}, {s:s}]}", "event", "run", "version", "1",
			"repeat", 20, "cases", "name", "schedule/one", "name", "schedule/two"));
	for (int i = 1; i <= 20; i++) {
		put_repetition(&run, "schedule/one", i);
		put_repetition(&run, "schedule/two", i);
	}
	put_end(&run, 1);
	char *text = printed(&run, REPORT_SHORT, false);
	cr_expect_not_null(
		strstr(text, "FAIL          40 drives of 2 cases: KA-TIME-01, gap "), "%s", text);
	cr_expect_not_null(strstr(text, "\n  schedule/one\n  schedule/two\n"), "%s", text);
	cr_expect_null(strstr(text, "more that did not pass"), "%s", text);
	free(text);
	run_remove(&run);
}

Test(short_summary, one_line_says_what_is_wrong_with_the_bench)
{
	struct written_run run = colourful_run();
	char *text = printed(&run, REPORT_ONE_LINE, false);

	cr_expect_not_null(strstr(text, "; cannot open '/dev/ttyUSB0'"), "%s", text);
	cr_expect_eq(strchr(text, '\n')[1], '\0', "%s", text);
	free(text);
	run_remove(&run);
}
