/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "diagnose/talk_test.h"
#include "wire/decode.h"

/* What the whole diagnosis says of small captures, in its own words (expected/).  The figures are those of the
 * capture that the test makes; a millisecond passes behind each frame. */

enum {
	FIN = SEGMENT_FLAG_FIN,
	RST = SEGMENT_FLAG_RST,
	ACK = SEGMENT_FLAG_ACK,
	PSH = SEGMENT_FLAG_PSH
};

static struct diagnosis_request nothing_known(void)
{
	return (struct diagnosis_request){.profile = profile_default()};
}

/* The device is 192.0.2.10. */
static struct diagnosis_request set_to(int timeout_s, int probes)
{
	struct diagnosis_request request = nothing_known();

	request.device = (struct endpoint){.address = {192, 0, 2, 10}, .family = 4};
	request.timeout_s = timeout_s;
	request.probes = probes;
	return request;
}

/* ---- outcomes ---- */

static struct capture *dead(uint8_t end)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_answered(&talk, 2, 10);
	talk_unanswered(&talk, 4, 10, 3);
	capture_wait(capture, 3);
	if (end != 0)
		talk_say(&talk, 0, end, 0);
	else
		capture_wait(capture, 60);
	capture_noise(capture);
	return capture;
}

Test(diagnosis, answered_probes_show_a_live_connection)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_answered(&talk, 3, 10);
	expect_text(capture, nothing_known(), "answered-probes-show-a-live-connection");
}

Test(diagnosis, a_live_connection_without_probes_at_its_end_is_said)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_answered(&talk, 3, 10);
	capture_wait(capture, 94.99);
	capture_noise(capture);
	expect_text(
		capture, nothing_known(), "a-live-connection-without-probes-at-its-end-is-said-1");
	capture = capture_new();
	talk = talk_begun(capture, 0);
	talk_answered(&talk, 3, 10);
	capture_wait(capture, 95.01);
	capture_noise(capture);
	expect_text(
		capture, nothing_known(), "a-live-connection-without-probes-at-its-end-is-said-2");
}

Test(diagnosis, a_death_is_told_with_its_probes_and_its_reset)
{
	expect_text(dead(RST | ACK), nothing_known(),
		"a-death-is-told-with-its-probes-and-its-reset-1");
	expect_json(dead(RST | ACK), nothing_known(),
		"a-death-is-told-with-its-probes-and-its-reset-2");
}

Test(diagnosis, a_death_may_end_by_a_fin)
{
	expect_text(dead(FIN | ACK), nothing_known(), "a-death-may-end-by-a-fin");
}

Test(diagnosis, a_death_may_be_silent)
{
	expect_text(dead(0), nothing_known(), "a-death-may-be-silent");
}

Test(diagnosis, a_silence_that_is_too_short_is_no_death)
{
	for (int late = 0; late < 2; late++) {
		struct capture *capture = capture_new();
		struct talk talk = talk_begun(capture, 0);

		talk_unanswered(&talk, 3, 10, 20);
		capture_wait(capture, late ? 42.1 : 41.9); /* twice the interval and 2 s */
		capture_noise(capture);
		if (late)
			expect_text(capture, nothing_known(),
				"a-silence-that-is-too-short-is-no-death-1");
		else
			expect_text(capture, nothing_known(),
				"a-silence-that-is-too-short-is-no-death-2");
	}
}

Test(diagnosis, a_single_probe_into_silence_is_a_death_after_150_s)
{
	for (int late = 0; late < 2; late++) {
		struct capture *capture = capture_new();
		struct talk talk = talk_begun(capture, 0);

		talk_unanswered(&talk, 1, 10, 0);
		capture_wait(capture, late ? 152.1 : 151.9);
		capture_noise(capture);
		if (late)
			expect_text(capture, nothing_known(),
				"a-single-probe-into-silence-is-a-death-after-150-s-1");
		else
			expect_text(capture, nothing_known(),
				"a-single-probe-into-silence-is-a-death-after-150-s-2");
	}
}

Test(diagnosis, a_reset_right_behind_a_probe_is_no_death)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_unanswered(&talk, 2, 10, 10);
	talk_say(&talk, 0, RST | ACK, 0);
	expect_text(capture, nothing_known(), "a-reset-right-behind-a-probe-is-no-death");
}

Test(diagnosis, who_ends_a_connection_with_unanswered_probes_is_said)
{
	static const uint8_t ends[] = {FIN | ACK, RST | ACK};

	for (size_t i = 0; i < 2; i++) {
		struct capture *capture = capture_new();
		struct talk talk = talk_begun(capture, 0);

		talk_answered(&talk, 2, 20);
		talk_unanswered(&talk, 2, 20, 20);
		capture_wait(capture, 5);
		talk_say(&talk, 1, ends[i], 0);
		if (i == 0)
			expect_text(capture, nothing_known(),
				"who-ends-a-connection-with-unanswered-probes-is-said-1");
		else
			expect_text(capture, nothing_known(),
				"who-ends-a-connection-with-unanswered-probes-is-said-2");
	}
}

static struct capture *refused(uint8_t ttl)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_of(capture, 0);

	talk.ttl[1] = 57;
	talk_open(&talk);
	talk_data(&talk, 0);
	talk_answered(&talk, 1, 10);
	capture_wait(capture, 10);
	talk_probe(&talk, 0);
	talk.ttl[1] = ttl;
	talk_refuse(&talk, 1);
	return capture;
}

Test(diagnosis, a_peer_that_forgot_answers_from_where_it_always_did)
{
	expect_text(refused(57), nothing_known(),
		"a-peer-that-forgot-answers-from-where-it-always-did-1");
	expect_text(refused(248), nothing_known(),
		"a-peer-that-forgot-answers-from-where-it-always-did-2"); /* 255 - 7 */
	expect_json(refused(57), nothing_known(),
		"a-peer-that-forgot-answers-from-where-it-always-did-3");
}

Test(diagnosis, a_middlebox_that_forgot_is_nearer)
{
	expect_text(refused(63), nothing_known(), "a-middlebox-that-forgot-is-nearer-1");
	expect_text(refused(249), nothing_known(), "a-middlebox-that-forgot-is-nearer-2");
}

/* ---- what is a probe, and what is none ---- */

Test(diagnosis, probes_may_carry_an_octet)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	for (int i = 0; i < 3; i++) {
		capture_wait(capture, 10);
		talk_say_at(&talk, 0, ACK, 1, -1);
		talk_answer(&talk, 1);
	}
	expect_text(capture, nothing_known(), "probes-may-carry-an-octet");
}

Test(diagnosis, what_only_looks_like_a_probe_is_told_with_its_reason)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_probe(&talk, 0); /* right after traffic */
	capture_wait(capture, 10);
	talk_say(&talk, 0, ACK | PSH, 20);
	capture_wait(capture, 10);
	talk_say_at(&talk, 0, ACK, 1, -1); /* not yet acknowledged */
	talk_answer(&talk, 1);
	talk.window[1] = 0;
	talk_answer(&talk, 1);
	capture_wait(capture, 10);
	talk_probe(&talk, 0); /* of a closed window */
	talk_answer(&talk, 1);
	talk.window[1] = 8192;
	talk_answer(&talk, 1);
	talk_say(&talk, 0, FIN | ACK, 0);
	talk_answer(&talk, 1);
	capture_wait(capture, 10);
	talk_probe(&talk, 0); /* after its own FIN */
	expect_text(
		capture, nothing_known(), "what-only-looks-like-a-probe-is-told-with-its-reason");
}

static struct capture *joined(int probes, bool answered, uint8_t end)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_of(capture, 0);

	for (int i = 0; i < probes; i++) {
		talk_probe(&talk, 0);
		if (answered)
			talk_answer(&talk, 1);
		capture_wait(capture, 75);
	}
	if (end != 0)
		talk_say(&talk, 0, end, 0);
	return capture;
}

Test(diagnosis, a_capture_may_begin_within_an_idle_time)
{
	expect_text(
		joined(3, true, 0), nothing_known(), "a-capture-may-begin-within-an-idle-time-1");
	expect_json(
		joined(3, true, 0), nothing_known(), "a-capture-may-begin-within-an-idle-time-2");
}

Test(diagnosis, probes_that_nothing_proves_may_be_a_death)
{
	expect_text(joined(9, false, RST | ACK), nothing_known(),
		"probes-that-nothing-proves-may-be-a-death-1");
	expect_text(joined(2, false, RST | ACK), nothing_known(),
		"probes-that-nothing-proves-may-be-a-death-2");
	expect_text(joined(9, false, FIN | ACK), nothing_known(),
		"probes-that-nothing-proves-may-be-a-death-3");
	expect_text(joined(9, false, 0), nothing_known(),
		"probes-that-nothing-proves-may-be-a-death-4");
}

Test(diagnosis, one_lost_probe_does_not_lengthen_the_interval)
{
	static const double gaps[] = {20, 20, 40, 20};
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	capture_wait(capture, 10);
	talk_probe(&talk, 0);
	for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++) {
		capture_wait(capture, gaps[i]);
		talk_probe(&talk, 0);
	}
	expect_text(capture, nothing_known(), "one-lost-probe-does-not-lengthen-the-interval");
}

Test(diagnosis, idle_time_and_interval_are_medians)
{
	static const double idles[] = {30, 10, 50, 20, 40, 60};
	static const double intervals[] = {5, 9, 7, 3, 8, 6};
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	for (size_t i = 0; i < sizeof idles / sizeof *idles; i++) {
		capture_wait(capture, idles[i]);
		talk_probe(&talk, 0);
		capture_wait(capture, intervals[i]);
		talk_probe(&talk, 0);
		talk_answer(&talk, 1);
		talk_data(&talk, (int)i % 2);
	}
	expect_text(capture, nothing_known(), "idle-time-and-interval-are-medians");
}

Test(diagnosis, an_answer_that_was_captured_before_its_probe_is_its_answer)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_answered(&talk, 2, 10);
	capture_wait(capture, 10);
	talk_answer(&talk, 1);
	talk_probe(&talk, 0);
	talk_answered(&talk, 1, 10);
	expect_text(capture, nothing_known(),
		"an-answer-that-was-captured-before-its-probe-is-its-answer");
}

Test(diagnosis, both_sides_may_probe)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	for (int i = 0; i < 3; i++) {
		capture_wait(capture, 10);
		talk_probe(&talk, 0);
		talk_answer(&talk, 1);
		capture_wait(capture, 7);
		talk_probe(&talk, 1);
		talk_answer(&talk, 0);
	}
	expect_text(capture, nothing_known(), "both-sides-may-probe-1");
	capture = capture_new();
	talk = talk_begun(capture, 0);
	for (int i = 0; i < 3; i++) {
		capture_wait(capture, 10);
		talk_probe(&talk, 0);
		talk_answer(&talk, 1);
		capture_wait(capture, 7);
		talk_probe(&talk, 1);
		talk_answer(&talk, 0);
	}
	expect_text(capture, set_to(75, 1), "both-sides-may-probe-2");
}

Test(diagnosis, data_between_probes_begins_a_round)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_unanswered(&talk, 2, 10, 5);
	capture_wait(capture, 1);
	talk_data(&talk, 1);
	talk_unanswered(&talk, 3, 10, 5);
	capture_wait(capture, 5);
	talk_say(&talk, 0, RST | ACK, 0);
	expect_text(capture, nothing_known(), "data-between-probes-begins-a-round");
}

/* ---- the network ---- */

static struct capture *host_gone(int requests, bool back)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	capture_arp(capture, 1, 10, 1);
	capture_arp(capture, 2, 1, 10);
	talk_answered(&talk, 1, 10);
	capture_wait(capture, 10);
	talk_probe(&talk, 0);
	for (int i = 0; i < requests; i++)
		capture_arp(capture, 1, 10, 1);
	talk_unreachable(&talk, 0);
	if (back)
		capture_arp(capture, 2, 1, 10);
	capture_wait(capture, 10);
	talk_say(&talk, 0, RST | ACK, 0);
	return capture;
}

Test(diagnosis, who_says_that_the_host_is_gone_is_named)
{
	expect_text(
		host_gone(3, false), nothing_known(), "who-says-that-the-host-is-gone-is-named-1");
	expect_text(
		host_gone(3, true), nothing_known(), "who-says-that-the-host-is-gone-is-named-2");
	expect_json(
		host_gone(3, false), nothing_known(), "who-says-that-the-host-is-gone-is-named-3");
}

/* ---- findings ---- */

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

Test(diagnosis, a_device_that_keeps_to_its_options_has_no_finding)
{
	expect_text(died(600, 8, 75, 75, RST | ACK), set_to(600, 8),
		"a-device-that-keeps-to-its-options-has-no-finding-1");
	expect_json(died(600, 8, 75, 75, RST | ACK), set_to(600, 8),
		"a-device-that-keeps-to-its-options-has-no-finding-2");
}

Test(diagnosis, what_differs_from_the_options_is_a_finding)
{
	expect_text(died(500, 4, 60, 60, RST | ACK), set_to(600, 8),
		"what-differs-from-the-options-is-a-finding-1");
	expect_json(died(500, 4, 60, 60, RST | ACK), set_to(600, 8),
		"what-differs-from-the-options-is-a-finding-2");
	expect_text(died(600, 8, 75, 95, RST | ACK), set_to(600, 8),
		"what-differs-from-the-options-is-a-finding-3");
}

Test(diagnosis, options_hold_for_every_prober_where_no_device_is_named)
{
	struct diagnosis_request request = set_to(600, 8);

	request.device.family = 0;
	expect_text(died(500, 8, 75, 75, RST | ACK), request,
		"options-hold-for-every-prober-where-no-device-is-named");
}

Test(diagnosis, another_device_is_held_against_nothing)
{
	struct diagnosis_request request = set_to(600, 8);

	request.device.address[3] = 99;
	expect_text(
		died(500, 4, 60, 60, RST | ACK), request, "another-device-is-held-against-nothing");
}

Test(diagnosis, a_fin_before_the_count_is_reached_is_the_host_s)
{
	expect_text(died(600, 3, 75, 30, FIN | ACK), set_to(600, 8),
		"a-fin-before-the-count-is-reached-is-the-host-s-1");
	expect_text(died(600, 8, 75, 95, FIN | ACK), set_to(600, 8),
		"a-fin-before-the-count-is-reached-is-the-host-s-2");
}

Test(diagnosis, a_single_unanswered_probe_that_ends_a_connection_is_a_finding)
{
	expect_text(died(600, 1, 75, 75, RST | ACK), nothing_known(),
		"a-single-unanswered-probe-that-ends-a-connection-is-a-finding-1");
	expect_text(died(600, 1, 75, 75, FIN | ACK), nothing_known(),
		"a-single-unanswered-probe-that-ends-a-connection-is-a-finding-2");
}

Test(diagnosis, where_one_unanswered_probe_was_survived_the_host_ended_it)
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

Test(diagnosis, a_device_that_stops_without_a_word_may_have_told_its_host)
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

Test(diagnosis, a_profile_says_whether_a_reset_tells_the_death)
{
	expect_text(died(600, 8, 75, 300, 0), pinned("true"),
		"a-profile-says-whether-a-reset-tells-the-death-1");
	expect_text(died(600, 8, 75, 300, 0), pinned("false"),
		"a-profile-says-whether-a-reset-tells-the-death-2");
}

Test(diagnosis, what_comes_behind_a_death_or_a_reset_is_a_finding)
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

Test(diagnosis, a_device_that_sends_no_probe_where_one_is_due_is_asked_why)
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

Test(diagnosis, a_device_that_probes_another_connection_need_not_probe_this_one)
{
	struct capture *capture = capture_new();
	struct talk first = talk_begun(capture, 0);

	(void)talk_begun(capture, 1);
	talk_answered(&first, 3, 600);
	expect_text(capture, set_to(600, 8),
		"a-device-that-probes-another-connection-need-not-probe-this-one");
}

Test(diagnosis, malformed_probes_are_a_finding)
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

Test(diagnosis, no_probe_is_due_while_data_is_outstanding)
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

/* ---- many connections ---- */

Test(diagnosis, the_worst_connection_comes_first)
{
	struct capture *capture = capture_new();
	struct talk alive = talk_begun(capture, 1), dies = talk_begun(capture, 2);
	struct talk refuses = talk_begun(capture, 3), open = talk_begun(capture, 4);

	(void)talk_begun(capture, 5);
	talk_answered(&alive, 2, 10);
	talk_unanswered(&dies, 2, 10, 10);
	capture_wait(capture, 10);
	talk_say(&dies, 0, RST | ACK, 0);
	talk_unanswered(&refuses, 1, 10, 10);
	talk_refuse(&refuses, 1);
	talk_unanswered(&open, 2, 10, 10);
	expect_text(capture, nothing_known(), "the-worst-connection-comes-first");
}

Test(diagnosis, of_very_many_connections_the_worst_are_shown)
{
	struct capture *capture = capture_new();
	struct talk talks[25];

	for (uint16_t i = 0; i < 25; i++) {
		talks[i] = talk_begun(capture, i);
		if (i == 24)
			talk_answered(&talks[i], 1, 10);
		talk_unanswered(&talks[i], 2, 10, 10);
		capture_wait(capture, 10);
		if (i % 2 == 1)
			talk_say(&talks[i], 0, RST | ACK, 0);
		else
			talk_say(&talks[i], 1, RST | ACK, 0);
	}
	expect_short(capture, nothing_known(), "of-very-many-connections-the-worst-are-shown");
}

Test(diagnosis, without_verbose_each_connection_is_a_line)
{
	expect_short(dead(RST | ACK), nothing_known(), "without-verbose-each-connection-is-a-line");
}

Test(diagnosis, what_looks_like_probes_is_told_of_without_verbose)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_probe(&talk, 0);
	capture_wait(capture, 76);
	capture_noise(capture);
	expect_short(capture, nothing_known(), "what-looks-like-probes-is-told-of-without-verbose");
}

Test(diagnosis, the_longest_silence_is_told_where_it_is_worth_an_interval)
{
	for (int longer = 0; longer < 2; longer++) {
		struct capture *capture = capture_new();
		struct talk talk = talk_begun(capture, 0);

		(void)talk_begun(capture, 1);
		capture_wait(capture, 60);
		talk_data(&talk, 1);
		capture_wait(capture, longer ? 20 : 10);
		capture_noise(capture);
		expect_short(capture, nothing_known(),
			longer ? "the-longest-silence-1" : "the-longest-silence-2");
	}
}

Test(diagnosis, a_connection_that_is_closed_is_not_silent)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_say(&talk, 0, RST | ACK, 0);
	capture_wait(capture, 500);
	capture_noise(capture);
	expect_short(capture, nothing_known(), "a-connection-that-is-closed-is-not-silent");
}

Test(diagnosis, a_frame_that_was_captured_twice_counts_once)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	for (int i = 0; i < 3; i++) {
		capture_wait(capture, 10);
		talk_probe(&talk, 0);
		capture->ip_id--;
		talk_probe(&talk, 0);
		talk_answer(&talk, 1);
	}
	expect_text(capture, nothing_known(), "a-frame-that-was-captured-twice-counts-once");
}

Test(diagnosis, a_probe_that_acknowledges_what_was_not_captured)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_answered(&talk, 1, 600);
	talk.next[1] += 100; /* data of the peer that the capture missed */
	talk_answered(&talk, 2, 600);
	expect_text(capture, set_to(600, 8), "a-probe-that-acknowledges-what-was-not-captured");
}

Test(diagnosis, both_sides_may_be_joined_within_an_idle_time)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_of(capture, 0);

	for (int i = 0; i < 2; i++) {
		talk_probe(&talk, 0);
		talk_answer(&talk, 1);
		capture_wait(capture, 30);
		talk_probe(&talk, 1);
		talk_answer(&talk, 0);
		capture_wait(capture, 30);
	}
	expect_text(capture, nothing_known(), "both-sides-may-be-joined-within-an-idle-time");
}

Test(diagnosis, the_longest_row_of_unanswered_probes_is_counted_from_its_first)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_unanswered(&talk, 3, 10, 10);
	talk_answer(&talk, 1);
	talk_answered(&talk, 1, 10);
	talk_unanswered(&talk, 2, 10, 10);
	talk_answer(&talk, 1);
	expect_text(capture, set_to(600, 8), "the-longest-row-of-unanswered-probes");
}

Test(diagnosis, a_reset_before_a_probe_is_due_is_the_host_s)
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

Test(diagnosis, where_segments_may_be_probes_none_is_missed)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_of(capture, 0);

	talk_probe(&talk, 0);
	capture_wait(capture, 1700);
	capture_noise(capture);
	expect_text(capture, set_to(600, 8), "where-segments-may-be-probes-none-is-missed");
}

Test(diagnosis, both_directions_stand_in_the_json)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	capture_wait(capture, 10);
	talk_probe(&talk, 0);
	talk_answer(&talk, 1);
	capture_wait(capture, 7);
	talk_probe(&talk, 1);
	talk_answer(&talk, 0);
	expect_json(capture, nothing_known(), "both-directions-stand-in-the-json");
}
