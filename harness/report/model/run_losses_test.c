/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "report/model/attempt.h"
#include "report/model/run.h"
#include "report/model/written_run.h"
#include "report/text/headline.h"

/* Lost in the air, or never sent: what the run makes of what its cases left inconclusive. */

static const char *const cases[] = {"dead_peer/one", "dead_peer/two", "dead_peer/three",
	"dead_peer/four", "dead_peer/five", NULL};

/* 300 frames arrived, and probe 2 of 2 was due; each 100 s later than the one before. */
static struct verdict second_probe(int number, bool absent)
{
	struct verdict v = verdict_new();
	struct check check = {.outcome = absent ? OUTCOME_INCONCLUSIVE : OUTCOME_PASS,
		.models = MODELS_ALL,
		.lost_frames = absent};

	strcpy(check.requirement, "KA-SCHED-03");
	strcpy(check.text, absent ? "1 probe, expected 2" : "2 probes");
	verdict_add(&v, &check);
	v.losses.level = LOSS_LEVEL;
	v.losses.arrived = 300;
	losses_add(&v.losses, &(struct loss_count){.kind = LOSS_PROBE,
				      .k = 2,
				      .of = 2,
				      .due = 1,
				      .absent = absent,
				      .absent_ns = (int64_t)number * 100000000000});
	return v;
}

/* The second probe is missing in so many of the five cases. */
static struct written_run write_missing(int missing)
{
	struct written_run written = run_begin_with(false, cases);

	for (int i = 0; cases[i] != NULL; i++) {
		const struct verdict v = second_probe(i, i < missing);
		put_verdict(&written, cases[i], &v);
	}
	put_end(&written, missing > 0 ? 1 : 0);
	return written;
}

Test(losses, a_probe_that_is_missing_everywhere_fails_the_run)
{
	struct written_run written = write_missing(5);
	struct run *run = read_run(&written);
	char text[256];

	cr_assert_eq(run->case_count, 7);
	const struct run_case *never_sent = &run->cases[6];
	cr_expect_str_eq(never_sent->name, "run/probes-never-sent");
	cr_expect(never_sent->of_run);
	cr_expect_eq(never_sent->outcome, OUTCOME_FAIL);
	cr_expect_str_eq(never_sent->requirement, "KA-SCHED-03");
	cr_expect_str_eq(never_sent->text, "probe 2 of 2 missing on 5 of 5 connections; 0 of 1500 "
					   "other frames lost; by chance below 1e-11");
	cr_expect_eq(run_exit_code(run), EXIT_CODE_FIRMWARE);
	headline_text(run, text, sizeof text);
	cr_expect_str_eq(text, "0 of 5 cases passed and none failed on firmware S2W APP "
			       "VERSION=1.2, but more frames are missing than loss explains");
	run_free(run);
	run_remove(&written);
}

Test(losses, the_cases_stay_inconclusive_and_name_the_verdict_of_the_run)
{
	struct written_run written = write_missing(5);
	struct run *run = read_run(&written);

	for (int i = 0; i < 5; i++) {
		cr_expect_eq(run->cases[i].outcome, OUTCOME_INCONCLUSIVE);
		cr_expect_str_eq(run->cases[i].text,
			"1 probe, expected 2; over the run a FAIL, see run/probes-never-sent");
	}
	run_free(run);
	run_remove(&written);
}

Test(losses, a_probe_that_is_missing_twice_accuses_nobody)
{
	struct written_run written = write_missing(2);
	struct run *run = read_run(&written);

	cr_expect_eq(run->case_count, 6);
	cr_expect_eq(run_exit_code(run), EXIT_CODE_BENCH);
	cr_expect_str_eq(run->cases[0].text, "1 probe, expected 2");
	run_free(run);
	run_remove(&written);
}

Test(losses, are_held_against_what_the_summary_says)
{
	struct written_run written = write_missing(2);

	composed(&written);
	cr_expect(tells(&written, "summary.txt", "loss in the air: 2 of 1505 frames, at most"));
	cr_expect(tells(&written, "summary.md", "2 of 1505 frames, at most"));
	run_remove(&written);
}

Test(losses, of_one_device_are_not_those_of_another)
{
	struct written_run written = run_begin_with(false, cases);

	for (int i = 0; cases[i] != NULL; i++) {
		const struct verdict v = second_probe(i, i < 3);
		put_verdict_on(&written, i < 3 ? "left" : "right", cases[i], &v);
	}
	put_end(&written, 1);
	struct run *run = read_run(&written);
	/* 900 frames of its own bound the loss, and not the 600 of the other one. */
	cr_expect_eq(run->devices[0].loss.frames, 903);
	cr_expect_eq(run->devices[1].loss.frames, 602);
	run_free(run);
	run_remove(&written);
}
