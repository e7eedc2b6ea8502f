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
