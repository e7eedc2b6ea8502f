/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "diagnose/talk_test.h"

/* What is found where a capture is held against the options, in its own words (expected/). */

static struct capture *died(
	double idle_s, int probes, double interval_s, double last_s, uint8_t end)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_answered(&talk, 1, idle_s);
	talk_unanswered(&talk, probes, idle_s, interval_s);
	capture_wait(capture, last_s);
	if (end != 0)
		talk_say(&talk, 0, end, 0);
	capture_wait(capture, 300);
	capture_noise(capture);
	return capture;
}

Test(findings, a_device_that_keeps_to_its_options_has_no_finding)
{
	expect_text(died(600, 8, 75, 75, RST | ACK), set_to(600, 8),
		"a-device-that-keeps-to-its-options-has-no-finding-1");
	expect_json(died(600, 8, 75, 75, RST | ACK), set_to(600, 8),
		"a-device-that-keeps-to-its-options-has-no-finding-2");
}

Test(findings, what_differs_from_the_options_is_a_finding)
{
	expect_text(died(500, 4, 60, 60, RST | ACK), set_to(600, 8),
		"what-differs-from-the-options-is-a-finding-1");
	expect_json(died(500, 4, 60, 60, RST | ACK), set_to(600, 8),
		"what-differs-from-the-options-is-a-finding-2");
	expect_text(died(600, 8, 75, 95, RST | ACK), set_to(600, 8),
		"what-differs-from-the-options-is-a-finding-3");
}

Test(findings, options_hold_for_every_prober_where_no_device_is_named)
{
	struct diagnosis_request request = set_to(600, 8);

	request.device.family = 0;
	expect_text(died(500, 8, 75, 75, RST | ACK), request,
		"options-hold-for-every-prober-where-no-device-is-named");
}

Test(findings, another_device_is_held_against_nothing)
{
	struct diagnosis_request request = set_to(600, 8);

	request.device.address[3] = 99;
	expect_text(
		died(500, 4, 60, 60, RST | ACK), request, "another-device-is-held-against-nothing");
}

Test(findings, a_fin_before_the_count_is_reached_is_the_host_s)
{
	expect_text(died(600, 3, 75, 30, FIN | ACK), set_to(600, 8),
		"a-fin-before-the-count-is-reached-is-the-host-s-1");
	expect_text(died(600, 8, 75, 95, FIN | ACK), set_to(600, 8),
		"a-fin-before-the-count-is-reached-is-the-host-s-2");
}

Test(findings, a_single_unanswered_probe_that_ends_a_connection_is_a_finding)
{
	expect_text(died(600, 1, 75, 75, RST | ACK), nothing_known(),
		"a-single-unanswered-probe-that-ends-a-connection-is-a-finding-1");
	expect_text(died(600, 1, 75, 75, FIN | ACK), nothing_known(),
		"a-single-unanswered-probe-that-ends-a-connection-is-a-finding-2");
}

Test(findings, where_one_unanswered_probe_was_survived_the_host_ended_it)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_unanswered(&talk, 1, 20, 20);
	talk_answered(&talk, 1, 20);
	talk_unanswered(&talk, 1, 20, 20);
	capture_wait(capture, 20);
	talk_say(&talk, 0, RST | ACK, 0);
	expect_text(capture, nothing_known(),
		"where-one-unanswered-probe-was-survived-the-host-ended-it");
}

Test(findings, a_device_that_stops_without_a_word_may_have_told_its_host)
{
	expect_text(died(600, 8, 75, 300, 0), set_to(600, 8),
		"a-device-that-stops-without-a-word-may-have-told-its-host");
}

static struct diagnosis_request pinned(const char *value)
{
	struct diagnosis_request request = set_to(600, 8);
	char path[64], text[128];
	struct error err;

	snprintf(text, sizeof text, "firmware: any\npins:\n  rst_at_death: %s\n", value);
	write_temporary(path, text);
	cr_assert_eq(profile_read(path, &request.profile, &err), 0, "%s", err.text);
	unlink(path);
	return request;
}

Test(findings, a_profile_says_whether_a_reset_tells_the_death)
{
	expect_text(died(600, 8, 75, 300, 0), pinned("true"),
		"a-profile-says-whether-a-reset-tells-the-death-1");
	expect_text(died(600, 8, 75, 300, 0), pinned("false"),
		"a-profile-says-whether-a-reset-tells-the-death-2");
}

Test(findings, what_comes_behind_a_death_or_a_reset_is_a_finding)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_answered(&talk, 1, 600);
	capture_wait(capture, 600);
	talk_probe(&talk, 0);
	talk_refuse(&talk, 1);
	capture_wait(capture, 75);
	talk_probe(&talk, 0);
	capture_wait(capture, 300);
	capture_noise(capture);
	expect_text(capture, set_to(600, 8), "what-comes-behind-a-death-or-a-reset-is-a-finding-1");
	capture = capture_new();
	talk = talk_begun(capture, 0);
	talk_answered(&talk, 1, 600);
	talk_unanswered(&talk, 8, 600, 75);
	capture_wait(capture, 75);
	talk_say(&talk, 0, RST | ACK, 0);
	capture_wait(capture, 20);
	talk_say_at(&talk, 0, ACK, 0, 0);
	capture_wait(capture, 300);
	capture_noise(capture);
	expect_text(capture, set_to(600, 8), "what-comes-behind-a-death-or-a-reset-is-a-finding-2");
}

Test(findings, a_device_that_sends_no_probe_where_one_is_due_is_asked_why)
{
	for (int late = 0; late < 2; late++) {
		struct capture *capture = capture_new();

		(void)talk_begun(capture, 0);
		capture_wait(capture, late ? 1700 : 500);
		capture_noise(capture);
		if (late)
			expect_text(capture, set_to(600, 8),
				"a-device-that-sends-no-probe-where-one-is-due-is-asked-why-1");
		else
			expect_text(capture, set_to(600, 8),
				"a-device-that-sends-no-probe-where-one-is-due-is-asked-why-2");
	}
}

Test(findings, a_device_that_probes_another_connection_need_not_probe_this_one)
{
	struct capture *capture = capture_new();
	struct talk first = talk_begun(capture, 0);

	(void)talk_begun(capture, 1);
	talk_answered(&first, 3, 600);
	expect_text(capture, set_to(600, 8),
		"a-device-that-probes-another-connection-need-not-probe-this-one");
}

Test(findings, malformed_probes_are_a_finding)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_answered(&talk, 1, 600);
	capture_wait(capture, 600);
	talk_say_at(&talk, 0, ACK, 0, -3);
	talk_answer(&talk, 1);
	capture_wait(capture, 600);
	talk_say_at(&talk, 0, ACK, 0, 0);
	talk_answer(&talk, 1);
	capture_wait(capture, 600);
	expect_text(capture, set_to(600, 8), "malformed-probes-are-a-finding");
}

Test(findings, no_probe_is_due_while_data_is_outstanding)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_answered(&talk, 1, 600);
	capture_wait(capture, 10);
	talk_data(&talk, 1);
	capture_wait(capture, 10);
	talk_say(&talk, 0, ACK | PSH, 20);
	for (int i = 1; i < 9; i++) {
		capture_wait(capture, 1 << i);
		talk_say_at(&talk, 0, ACK | PSH, 20, -20);
	}
	capture_wait(capture, 3000);
	talk_say(&talk, 0, RST | ACK, 0);
	expect_text(capture, set_to(600, 8), "no-probe-is-due-while-data-is-outstanding");
}

Test(findings, a_reset_before_a_probe_is_due_is_the_host_s)
{
	static const double silences_s[] = {590, 597.9, 598.1, 900};

	for (size_t i = 0; i < sizeof silences_s / sizeof *silences_s; i++) {
		struct capture *capture = capture_new();
		struct talk talk = talk_begun(capture, 0);
		char name[64];

		talk_answered(&talk, 1, 600);
		capture_wait(capture, silences_s[i]);
		talk_say(&talk, 0, RST | ACK, 0);
		capture_wait(capture, 300);
		capture_noise(capture);
		snprintf(name, sizeof name, "a-reset-before-a-probe-is-due-%zu", i + 1);
		expect_text(capture, set_to(600, 8), name);
	}
}

Test(findings, where_segments_may_be_probes_none_is_missed)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_of(capture, 0);

	talk_probe(&talk, 0);
	capture_wait(capture, 1700);
	capture_noise(capture);
	expect_text(capture, set_to(600, 8), "where-segments-may-be-probes-none-is-missed");
}
