/* SPDX-License-Identifier: MIT */
#include "report/model/run.h"

#include <criterion/criterion.h>
#include <string.h>

#include "report/model/written_run.h"

static json_t *run_event(const char *key, json_t *value)
{
	return json_pack("{s:s, s:s, s:o, s:[{s:s, s:[s]}, {s:s, s:[s]}]}", "event", "run",
		"version", "1", key, value, "cases", "name", "schedule/one", "requirements",
		"KA-TIME-01", "name", "schedule/two", "requirements", "KA-TIME-02");
}

static struct run *read_run_of(const char *lines)
{
	struct written_run written = run_begin_bare();

	put_raw(&written, lines);
	struct run *run = read_run(&written);
	run_remove(&written);
	return run;
}

Test(run, has_a_case_for_each_device_of_a_run_over_each)
{
	struct written_run written = run_begin_bare();
	struct verdict pass = passed(), fail = failed("late");
	char title[64];

	put_event(&written, run_event("each", json_pack("[s, s]", "left", "right")));
	put_verdict_on(&written, "right", "schedule/one", &pass);
	put_verdict_on(&written, "left", "schedule/one", &fail);
	struct run *run = read_run(&written);
	cr_assert_eq(run_total(run), 4);
	cr_expect_str_eq(run->cases[0].device, "left");
	cr_expect_eq(run->cases[0].outcome, OUTCOME_FAIL);
	cr_expect_eq(run->cases[1].outcome, OUTCOME_PASS);
	cr_expect_eq(run->cases[2].outcome, OUTCOME_ERROR, "no verdict");
	run_case_title(run, &run->cases[1], title, sizeof title);
	cr_expect_str_eq(title, "one (right)");
	run_free(run);
	run_remove(&written);
}

Test(run, gives_an_event_without_a_device_to_the_first_without_a_result)
{
	struct written_run written = run_begin_bare();
	struct verdict pass = passed();

	put_event(&written, run_event("each", json_pack("[s, s]", "left", "right")));
	put_verdict_on(&written, "left", "schedule/two", &pass);
	put_error(&written, "schedule/two", "the worker ended");
	struct run *run = read_run(&written);
	cr_assert_eq(run_total(run), 4);
	cr_expect_eq(run->cases[2].outcome, OUTCOME_PASS);
	cr_expect_str_eq(run->cases[3].error, "the worker ended");
	run_free(run);
	run_remove(&written);
}

Test(run, keeps_the_name_of_a_case_that_ran_on_one_of_several_devices)
{
	struct written_run written = run_begin();
	struct verdict pass = passed();
	char title[64];

	put_verdict_on(&written, "right", "schedule/one", &pass);
	put_verdict_on(&written, "left", "schedule/two", &pass);
	struct run *run = read_run(&written);
	cr_assert_eq(run_total(run), 2);
	cr_expect_str_eq(run->cases[0].device, "right");
	run_case_title(run, &run->cases[0], title, sizeof title);
	cr_expect_str_eq(title, "one");
	run_free(run);
	run_remove(&written);
}

Test(run, keeps_every_repetition)
{
	struct run *run =
		read_run_of("{\"event\":\"run\",\"version\":\"1\",\"repeat\":2,"
			    "\"cases\":[{\"name\":\"schedule/one\"}]}\n"
			    "{\"event\":\"error\",\"case\":\"schedule/one\",\"repetition\":2,"
			    "\"text\":\"second\"}\n"
			    "{\"event\":\"error\",\"case\":\"schedule/one\",\"repetition\":1,"
			    "\"text\":\"first\"}\n");
	char title[64];

	cr_assert_eq(run_total(run), 2);
	cr_expect_str_eq(run->cases[0].error, "first");
	cr_expect_str_eq(run->cases[1].error, "second");
	run_case_title(run, &run->cases[1], title, sizeof title);
	cr_expect_str_eq(title, "one (repetition 2)");
	run_free(run);
}
