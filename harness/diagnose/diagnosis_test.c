/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "diagnose/talk_test.h"

/* What the whole diagnosis says of small captures, in its own words (expected/).  The figures are those of the
 * capture that the test makes; a millisecond passes behind each frame. */

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

Test(diagnosis, a_run_of_probes_that_are_alike_is_shown_by_its_ends)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_answered(&talk, 6, 10);
	talk_answered(&talk, 6, 10.05); /* alike: within a hundredth */
	talk_answered(&talk, 1, 11);	/* another one */
	talk_answered(&talk, 9, 10);	/* too few to fold */
	talk_unanswered(&talk, 30, 10, 3);
	expect_text(
		capture, nothing_known(), "a-run-of-probes-that-are-alike-is-shown-by-its-ends");
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
