/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>

#include "bench/stimulus.h"

#define S(seconds) ((int64_t)(1e9 * (seconds)))

/* AT+NCLOSE=3 at 10 s, a RST of 'a' at 20 s. */
static struct timeline *timeline_of_two(void)
{
	struct scenario s = tcp_client("a");
	struct timeline *timeline = timeline_new("suite/case", &s);
	struct event command = {.t_ns = S(10), .kind = EVENT_COMMAND, .connection = NO_CONNECTION};
	struct event reset = {.t_ns = S(20),
		.kind = EVENT_SEGMENT,
		.segment = {.direction = FROM_DEVICE, .role = ROLE_RST}};

	snprintf(command.text, sizeof command.text, "AT+NCLOSE=3");
	timeline_add(timeline, &command);
	timeline_add(timeline, &reset);
	return timeline;
}

static struct stimulus before(enum evidence_fault fault, double sign_s, double followed_s)
{
	struct timeline *timeline = timeline_of_two();
	struct stimulus found = stimulus_before(timeline, fault, S(sign_s), S(followed_s));

	timeline_free(timeline);
	return found;
}

Test(stimulus, is_the_last_before_the_last_sign_of_life)
{
	cr_expect_str_eq(before(FAULT_REBOOT, 20.5, 21).text, "the RST of 'a'");
	cr_expect_str_eq(before(FAULT_REBOOT, 15, 21).text, "'AT+NCLOSE'");
}

Test(stimulus, longer_ago_is_none)
{
	cr_expect_eq(before(FAULT_REBOOT, 31, 31).fault, FAULT_NONE);
	cr_expect_eq(before(FAULT_REBOOT, 5, 31).fault, FAULT_NONE);
}

Test(stimulus, the_same_reboot_comes_after_the_same_time)
{
	struct stimulus reboot = before(FAULT_REBOOT, 20, 21);
	struct stimulus same = before(FAULT_REBOOT, 20, 21.5);
	struct stimulus later = before(FAULT_REBOOT, 20, 25);
	struct stimulus silence = before(FAULT_SILENT_DEVICE, 20, 21);
	struct stimulus none = {.fault = FAULT_NONE};
	struct stimulus command = before(FAULT_REBOOT, 11, 12);

	cr_expect(stimulus_is_same_death(&reboot, &same));
	cr_expect_not(stimulus_is_same_death(&reboot, &later));
	cr_expect_not(stimulus_is_same_death(&command, &command));
	cr_expect(stimulus_is_same(&command, &command));
	cr_expect(stimulus_is_same(&reboot, &same));
	cr_expect_not(stimulus_is_same(&reboot, &later));
	cr_expect_not(stimulus_is_same(&reboot, &silence));
	cr_expect_not(stimulus_is_same(&none, &none));
}

/* ---- over a run ---- */

/* At work from 0 s on: a RST of 'a' at 20 s, seen alive and heard then, and again at 30 s. */
static struct stimuli of_one_death(void)
{
	struct timeline *timeline = timeline_of_two();
	struct stimuli stimuli = {.count = 0};

	stimuli_begin(&stimuli, 0);
	stimuli_note(&stimuli, timeline, &timeline->events[1]);
	stimuli_look(&stimuli, S(20), S(20));
	stimuli_look(&stimuli, S(30.5), S(30.5));
	timeline_free(timeline);
	return stimuli;
}

Test(stimuli, have_their_share_of_the_time)
{
	struct stimuli stimuli = of_one_death();

	/* The RST was the last stimulus from 20 to 30.5 s. */
	cr_expect_null(stimuli_provocation(&stimuli, FAULT_SILENT_DEVICE, S(40)).after);
	stimuli.last_ns = S(60);
	stimuli_look(&stimuli, S(60), S(60));
	const struct provocation silence =
		stimuli_provocation(&stimuli, FAULT_SILENT_DEVICE, S(70));
	cr_assert_not_null(silence.after);
	cr_expect_str_eq(silence.after, "the RST of a connection");
	cr_expect_float_eq(silence.share, 20.5 / 70, 1e-9);
	/* A reboot that it provokes comes at one time behind it. */
	const struct provocation reboot = stimuli_provocation(&stimuli, FAULT_REBOOT, S(61));
	cr_expect_eq(reboot.times, 1);
	cr_expect_float_eq(reboot.delay_s, 1, 1e-9);
	cr_expect_float_eq(reboot.share, 1.0 / 61, 1e-9);
}

Test(stimuli, of_a_device_that_is_not_at_work_are_none)
{
	struct stimuli stimuli = of_one_death();

	stimuli_end(&stimuli, S(25));
	cr_expect_null(stimuli_provocation(&stimuli, FAULT_REBOOT, S(26)).after);
	stimuli_begin(&stimuli, S(100));
	cr_expect_null(stimuli_provocation(&stimuli, FAULT_REBOOT, S(101)).after);
	cr_expect_eq(stimuli.observed_ns, S(25));
}

Test(stimuli, beyond_the_room_for_kinds_are_one_kind)
{
	struct timeline *timeline = timeline_of_two();
	struct stimuli stimuli = {.count = 0};

	stimuli_begin(&stimuli, 0);
	for (int i = 0; i < 2 * STIMULUS_KINDS; i++) {
		snprintf(timeline->events[0].text, EVENT_TEXT, "AT+X%d=1", i);
		stimuli_note(&stimuli, timeline, &timeline->events[0]);
	}
	cr_expect_eq(stimuli.count, STIMULUS_KINDS);
	cr_expect_str_eq(stimuli.kinds[stimuli.last].words, "another act");
	cr_expect_str_eq(stimuli.kinds[0].words, "'AT+X0'");
	timeline_free(timeline);
}
