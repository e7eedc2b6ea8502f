/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "diagnose/talk_test.h"
#include "wire/decode.h"

/* A UART log beside a capture: the connection is opened at second 0 of both. */

#define OPENED                                                                                     \
	"+    0.000000 > AT+NCTCP=192.0.2.1,80\n+    0.010000 < [CONNECT 3]\n+    0.020000 < "     \
	"[OK]\n"
#define SET(option) "+    0.003000 > AT+SETSOCKOPT=3," option "\n+    0.003000 < [OK]\n"
#define SETUP SET("6,4001,600,4") SET("6,4005,8,4") SET("65535,8,1,4")
#define LATER "+ 1790.000000 < [OK]\n"

/* Eight probes in vain, and the end at second 1200. */
static struct capture *silent(uint8_t end)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_unanswered(&talk, 8, 600, 75);
	capture_wait(capture, 75);
	if (end != 0)
		talk_say(&talk, 0, end, 0);
	capture_wait(capture, 600);
	capture_noise(capture);
	return capture;
}

static struct capture *alive(void)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_answered(&talk, 3, 600);
	return capture;
}

static void expect_with(struct capture *capture, const char *log, const char *name)
{
	struct diagnosis_request request = {.profile = profile_default()};
	char path[64];

	write_temporary(path, log);
	request.uart = path;
	expect_text(capture, request, name);
	unlink(path);
}

static void expect_json_with(struct capture *capture, const char *log, const char *name)
{
	struct diagnosis_request request = {.profile = profile_default()};
	char path[64];

	write_temporary(path, log);
	request.uart = path;
	expect_json(capture, request, name);
	unlink(path);
}

Test(uart_side, a_notice_in_time_is_no_finding)
{
	expect_with(silent(RST | ACK), OPENED "+ 1200.100000 < [ERROR: SOCKET FAILURE 3]\n" LATER,
		"a-notice-in-time-is-no-finding-1");
	expect_json_with(silent(RST | ACK),
		OPENED "+ 1200.100000 < [ERROR: SOCKET FAILURE 3]\n" LATER,
		"a-notice-in-time-is-no-finding-2");
}

Test(uart_side, a_notice_that_does_not_come_is_missed)
{
	expect_with(silent(RST | ACK), OPENED LATER, "a-notice-that-does-not-come-is-missed-1");
	expect_with(silent(RST | ACK), OPENED "+  900.000000 < [OK]\n",
		"a-notice-that-does-not-come-is-missed-2");
	expect_with(silent(RST | ACK), OPENED "+ 1200.100000 < [DISCONNECT 4]\n" LATER,
		"a-notice-that-does-not-come-is-missed-3");
}

Test(uart_side, a_notice_is_held_against_the_time_of_the_death)
{
	expect_with(silent(RST | ACK), OPENED "+ 1205.000000 < [DISCONNECT 3]\n" LATER,
		"a-notice-is-held-against-the-time-of-the-death-1");
	expect_with(silent(RST | ACK), OPENED "+ 1205.300000 < [DISCONNECT 3]\n" LATER,
		"a-notice-is-held-against-the-time-of-the-death-2");
	expect_with(silent(RST | ACK), OPENED "+ 1199.100000 < [DISCONNECT 3]\n" LATER,
		"a-notice-is-held-against-the-time-of-the-death-3");
	expect_with(silent(RST | ACK), OPENED "+ 1198.800000 < [DISCONNECT 3]\n" LATER,
		"a-notice-is-held-against-the-time-of-the-death-4");
}

Test(uart_side, a_notice_waits_for_a_command_that_blocks)
{
	expect_with(silent(RST | ACK),
		OPENED
		"+ 1190.000000 > AT+NCTCP=192.0.2.9,99\n+ 1214.900000 < [ERROR: SOCKET FAILURE]\n"
		"+ 1215.000000 < [ERROR: SOCKET FAILURE 3]\n" LATER,
		"a-notice-waits-for-a-command-that-blocks-1");
	expect_with(silent(RST | ACK),
		OPENED
		"+ 1205.000000 > AT+NCTCP=192.0.2.9,99\n+ 1214.900000 < [ERROR: SOCKET FAILURE]\n"
		"+ 1215.000000 < [ERROR: SOCKET FAILURE 3]\n" LATER,
		"a-notice-waits-for-a-command-that-blocks-2");
}

Test(uart_side, a_notice_comes_once)
{
	expect_with(silent(RST | ACK),
		OPENED "+ 1200.100000 < [DISCONNECT 3]\n+ 1200.200000 < [DISCONNECT 3]\n" LATER,
		"a-notice-comes-once");
}

Test(uart_side, a_notice_of_a_live_connection_is_false)
{
	expect_with(alive(), OPENED "+ 1000.000000 < [DISCONNECT 3]\n+ 1900.000000 < [OK]\n",
		"a-notice-of-a-live-connection-is-false-1");
	expect_with(alive(), OPENED "+ 1900.000000 < [OK]\n",
		"a-notice-of-a-live-connection-is-false-2");
}

Test(uart_side, a_probe_behind_the_notice_is_one_too_many)
{
	expect_with(silent(0), OPENED "+ 1000.000000 < [DISCONNECT 3]\n" LATER,
		"a-probe-behind-the-notice-is-one-too-many-1");
	expect_with(silent(0), OPENED "+ 1200.100000 < [DISCONNECT 3]\n" LATER,
		"a-probe-behind-the-notice-is-one-too-many-2");
}

Test(uart_side, a_prober_that_stops_without_a_word_to_anybody_is_a_warning)
{
	expect_with(silent(0), OPENED LATER,
		"a-prober-that-stops-without-a-word-to-anybody-is-a-warning-1");
	expect_with(silent(0), OPENED "+ 1000.000000 < [OK]\n",
		"a-prober-that-stops-without-a-word-to-anybody-is-a-warning-2");
}

Test(uart_side, a_reboot_explains_the_end)
{
	expect_with(silent(RST | ACK), OPENED "+  700.000000 < Serial2WiFi APP\n" LATER,
		"a-reboot-explains-the-end");
}

Test(uart_side, a_close_by_command_is_no_death)
{
	expect_with(silent(RST | ACK),
		OPENED "+ 1200.000000 > AT+NCLOSE=3\n+ 1200.010000 < [OK]\n" LATER,
		"a-close-by-command-is-no-death-1");
	expect_with(silent(RST | ACK),
		OPENED "+ 1200.000000 > AT+NCLOSEALL\n+ 1200.010000 < [OK]\n" LATER,
		"a-close-by-command-is-no-death-2");
	expect_with(silent(RST | ACK),
		OPENED "+ 1200.000000 > AT+NCLOSE=4\n+ 1200.010000 < [OK]\n" LATER,
		"a-close-by-command-is-no-death-3");
	expect_with(silent(RST | ACK), OPENED "+ 1200.000000 < [Disassociation Event]\n" LATER,
		"a-close-by-command-is-no-death-4");
}

/* The device ends two probes into its count; its host or it: the UART says who. */
static struct capture *ended_early(void)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_unanswered(&talk, 2, 600, 75);
	capture_wait(capture, 75);
	talk_say(&talk, 0, FIN | ACK, 0);
	capture_wait(capture, 600);
	capture_noise(capture);
	return capture;
}

Test(uart_side, says_who_ended_a_connection_whose_options_are_known)
{
	expect_with(silent(RST | ACK),
		OPENED SETUP "+ 1200.000000 > AT+NCLOSE=3\n+ 1200.010000 < [OK]\n" LATER,
		"the-uart-says-who-ended-it-1");
	expect_with(silent(RST | ACK), OPENED SETUP "+ 1200.000000 < [DISCONNECT 3]\n" LATER,
		"the-uart-says-who-ended-it-2");
	expect_with(ended_early(), OPENED SETUP LATER, "the-uart-says-who-ended-it-3");
	expect_with(ended_early(), OPENED SETUP "+  750.100000 < [DISCONNECT 3]\n" LATER,
		"the-uart-says-who-ended-it-4");
	expect_with(ended_early(),
		OPENED SETUP "+  750.000000 > AT+NCLOSE=3\n+  750.010000 < [OK]\n" LATER,
		"the-uart-says-who-ended-it-5");
}

Test(uart_side, the_commands_of_the_log_say_what_was_set)
{
	static const char end[] = "+ 1200.100000 < [ERROR: SOCKET FAILURE 3]\n" LATER;
	char log[1024];

	snprintf(log, sizeof log, OPENED SETUP "%s", end);
	expect_with(silent(RST | ACK), log, "the-commands-of-the-log-say-what-was-set-1");
	snprintf(log, sizeof log,
		OPENED SET("6,4001,900,4") SET("6,4005,4,4") SET("65535,8,1,4") "%s", end);
	expect_with(silent(RST | ACK), log, "the-commands-of-the-log-say-what-was-set-2");
	snprintf(log, sizeof log,
		OPENED SETUP
		"+    0.004000 > AT+SETSOCKOPT=3,6,4001,700,4\n+    0.004000 < [ERROR: INVALID "
		"INPUT]\n%s",
		end);
	expect_with(silent(RST | ACK), log, "the-commands-of-the-log-say-what-was-set-3");
	snprintf(log, sizeof log, OPENED SET("6,4001,900,1") SET("65535,8,1,4") "%s", end);
	expect_with(silent(RST | ACK), log, "the-commands-of-the-log-say-what-was-set-4");
	snprintf(log, sizeof log,
		OPENED SETUP
		"+   31.000000 > AT+SETSOCKOPT=3,6,4001,700,4\n+   31.000000 < [OK]\n%s",
		end);
	expect_with(silent(RST | ACK), log, "the-commands-of-the-log-say-what-was-set-5");
	snprintf(log, sizeof log,
		OPENED SETUP
		"+    0.004000 > AT+SETSOCKOPT=4,6,4001,700,4\n+    0.004000 < [OK]\n%s",
		end);
	expect_with(silent(RST | ACK), log, "the-commands-of-the-log-say-what-was-set-6");
}

Test(uart_side, a_death_that_only_the_uart_tells_is_one)
{
	expect_with(silent(0), OPENED SETUP "+ 1200.100000 < [ERROR: SOCKET FAILURE 3]\n" LATER,
		"a-death-that-only-the-uart-tells-is-one-1");
	expect_with(silent(0), OPENED SETUP "+ 1260.000000 < [ERROR: SOCKET FAILURE 3]\n" LATER,
		"a-death-that-only-the-uart-tells-is-one-2");
	expect_with(silent(0), OPENED SETUP LATER, "a-death-that-only-the-uart-tells-is-one-3");
	expect_with(silent(0), OPENED SETUP "+  900.000000 < [OK]\n",
		"a-death-that-only-the-uart-tells-is-one-4");
}

Test(uart_side, a_device_that_was_told_to_probe_and_does_not)
{
	struct capture *capture = capture_new();

	(void)talk_begun(capture, 0);
	capture_wait(capture, 1700);
	capture_noise(capture);
	expect_with(capture, OPENED SETUP "+ 1690.000000 < [OK]\n",
		"a-device-that-was-told-to-probe-and-does-not");
}

Test(uart_side, the_peer_that_ended_an_unprobed_connection_is_told)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	capture_wait(capture, 100);
	talk_say(&talk, 1, FIN | ACK, 0);
	talk_say(&talk, 0, ACK, 0);
	capture_wait(capture, 100);
	capture_noise(capture);
	expect_with(capture, OPENED "+  190.000000 < [OK]\n",
		"the-peer-that-ended-an-unprobed-connection-is-told");
}

/* ---- logs without times, in numbers, and of other connections ---- */

#define RAW "\r\nAT+NCTCP=192.0.2.1,80\r\n[CONNECT 3]\r\n[OK]\r\n"

Test(uart_side, raw_bytes_have_no_times)
{
	expect_with(silent(RST | ACK), RAW "[DISCONNECT 3]\r\n", "raw-bytes-have-no-times-1");
	expect_with(silent(RST | ACK), RAW, "raw-bytes-have-no-times-2");
	expect_with(silent(0),
		RAW "AT+SETSOCKOPT=3,6,4001,600,4\r\n[OK]\r\nAT+SETSOCKOPT=3,6,4005,8,4\r\n[OK]\r\n"
		    "AT+SETSOCKOPT=3,65535,8,1,4\r\n[OK]\r\n[DISCONNECT 3]\r\n",
		"raw-bytes-have-no-times-3");
	expect_with(silent(0), RAW, "raw-bytes-have-no-times-4");
}

Test(uart_side, answers_in_numbers_are_read)
{
	expect_with(silent(RST | ACK),
		"\r\nATV0\r\n0\r\nAT+NCTCP=192.0.2.1,80\r\n7 3\r\n0\r\n8 3\r\n",
		"answers-in-numbers-are-read-1");
	expect_with(silent(RST | ACK), "\r\nAT+NCTCP=192.0.2.1,80\r\n7 3\r\n0\r\n8 3\r\n",
		"answers-in-numbers-are-read-2");
}

Test(uart_side, a_listener_and_udp_are_no_connections_of_the_capture)
{
	expect_with(silent(RST | ACK),
		"AT+NSTCP=80\r\n[CONNECT 0]\r\n[OK]\r\n[CONNECT 0 1 192.0.2.1 80]\r\n[DISCONNECT 1]\r\n",
		"a-listener-and-udp-are-no-connections-of-the-capture-1");
	expect_with(silent(RST | ACK),
		"[CONNECT 0]\r\n[OK]\r\n[CONNECT 0 1 192.0.2.1 80]\r\n[DISCONNECT 1]\r\n",
		"a-listener-and-udp-are-no-connections-of-the-capture-2");
	expect_with(silent(RST | ACK),
		"AT+NCUDP=192.0.2.1,53\r\n[CONNECT 2]\r\n[OK]\r\n" RAW "[DISCONNECT 3]\r\n",
		"a-listener-and-udp-are-no-connections-of-the-capture-3");
}

Test(uart_side, a_connection_that_is_not_in_the_capture_is_named)
{
	expect_with(silent(RST | ACK),
		RAW "[DISCONNECT 3]\r\nAT+NCTCP=192.0.2.7,81\r\n[CONNECT 5]\r\n[OK]\r\n",
		"a-connection-that-is-not-in-the-capture-is-named-1");
	expect_with(silent(RST | ACK), "[CONNECT 2]\r\n[OK]\r\n" RAW "[DISCONNECT 3]\r\n",
		"a-connection-that-is-not-in-the-capture-is-named-2");
	expect_with(silent(RST | ACK),
		"AT+NCTCP=192.0.2.1,81\r\n[CONNECT 3]\r\n[OK]\r\n[DISCONNECT 3]\r\n",
		"a-connection-that-is-not-in-the-capture-is-named-3");
}

Test(uart_side, a_notice_of_a_cid_that_is_another_connection_s_by_now)
{
	static const char again[] =
		"+ 1201.000000 > AT+NCTCP=192.0.2.1,81\n+ 1201.100000 < [CONNECT 3]\n"
		"+ 1201.200000 < [OK]\n";
	char log[1024];

	snprintf(log, sizeof log, OPENED "%s+ 1203.000000 < [ERROR: SOCKET FAILURE 3]\n" LATER,
		again);
	expect_with(
		silent(RST | ACK), log, "a-notice-of-a-cid-that-is-another-connection-s-by-now-1");
	snprintf(log, sizeof log, OPENED "%s+ 1215.000000 < [ERROR: SOCKET FAILURE 3]\n" LATER,
		again);
	expect_with(
		silent(RST | ACK), log, "a-notice-of-a-cid-that-is-another-connection-s-by-now-2");
}

Test(uart_side, an_accepted_connection_is_told_of_late)
{
	static const char accepted[] =
		"+    0.000000 > AT+NSTCP=40000\n+    0.000000 < [CONNECT 0]\n"
		"+    0.100000 < [OK]\n+   10.500000 < [CONNECT 0 1 192.0.2.1 80]\n";
	char log[1024];

	snprintf(log, sizeof log,
		"%s+ 1210.600000 < [ERROR: SOCKET FAILURE 1]\n+ 1800.000000 < [OK]\n", accepted);
	expect_with(silent(RST | ACK), log, "an-accepted-connection-is-told-of-late-1");
	snprintf(log, sizeof log,
		"%s+ 1208.000000 < [ERROR: SOCKET FAILURE 1]\n+ 1800.000000 < [OK]\n", accepted);
	expect_with(silent(RST | ACK), log, "an-accepted-connection-is-told-of-late-2");
}

/* Four connections to one peer: the first and the third die, the others are closed by command.  The
 * log begins before the capture, with it, or behind its first connections. */
Test(uart_side, a_log_that_begins_at_another_time_finds_its_connections)
{
	static const struct {
		double wait_s, lives_s;
		bool dies;
	} lives[] = {{20, 75, true}, {70, 300, false}, {200, 125, true}, {50, 300, false}};
	for (int part = 0; part < 4; part++) {
		struct capture *capture = capture_new();
		const int64_t start_ns = capture->now_ns;
		char log[4096] = "";
		size_t used = 0;

		if (part == 3)
			used += (size_t)snprintf(log, sizeof log,
				"+  100.000000 > AT+NCTCP=192.0.2.1,80\n+  100.100000 < [CONNECT 5]\n+  300.000000 > AT+NCLOSE=5\n");
		for (int i = 0; i < 4; i++) {
			capture_wait(capture, lives[i].wait_s);
			const double begun_s = (double)(capture->now_ns - start_ns) / 1e9 + 1000;
			struct talk talk = talk_of(capture, (uint16_t)i);
			talk_open(&talk);
			capture_wait(capture, lives[i].lives_s);
			if (lives[i].dies) {
				talk_probe(&talk, 0);
				capture_wait(capture, 75);
			}
			talk_say(&talk, 0, lives[i].dies ? RST | ACK : FIN | ACK, 0);
			const double end_s = (double)(capture->now_ns - start_ns) / 1e9 + 1000;
			if (part < 3 && i < part)
				continue;
			used += (size_t)snprintf(log + used, sizeof log - used,
				lives[i].dies
					? "+ %11.6f > AT+NCTCP=192.0.2.1,80\n+ %11.6f < [CONNECT %d]\n+ %11.6f < [ERROR: SOCKET FAILURE %d]\n"
					: "+ %11.6f > AT+NCTCP=192.0.2.1,80\n+ %11.6f < [CONNECT %d]\n+ %11.6f > AT+NCLOSE=%d\n",
				begun_s, begun_s + 0.1, i, end_s, i);
		}
		const char *const names[] = {"log-of-another-time-1", "log-of-another-time-2",
			"log-of-another-time-3", "log-of-another-time-4"};
		expect_with(capture, log, names[part]);
	}
}

Test(uart_side, a_transcript_s_escapes_are_undone)
{
	expect_with(silent(RST | ACK),
		"# a comment\n\n+    0.000000 > AT+NCTCP=192.0.2.1,80\\r\n+    0.010000 < \\r\\n[CONNECT \\x33]\\r\\n\n"
		"+    0.500000 < \\eS3hello\\t\\\\world\\eE\n+ 1200.100000 < [DISCONNECT 3]\n" LATER,
		"a-transcript-s-escapes-are-undone");
}

Test(uart_side, a_probe_beside_the_notice_is_within_the_error_of_the_clocks)
{
	expect_with(silent(0), OPENED "+ 1124.950000 < [DISCONNECT 3]\n" LATER,
		"a-probe-beside-the-notice-is-within-the-error-of-the-clocks");
}

Test(uart_side, a_listener_that_accepts_nobody_is_no_connection_of_the_capture)
{
	expect_with(silent(RST | ACK),
		"AT+NSTCP=81\r\n[CONNECT 0]\r\n[OK]\r\n" RAW "[DISCONNECT 3]\r\n",
		"a-listener-that-accepts-nobody");
	expect_with(silent(RST | ACK),
		"AT+NSUDP=81\r\n[CONNECT 0]\r\n[OK]\r\n" RAW "[DISCONNECT 3]\r\n",
		"a-udp-socket-that-nobody-sends-to");
}
