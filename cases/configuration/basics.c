/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

/* What the options are without being set, and what each does (cases/DEVICE.md section 5). */

/* The default timeout is two hours.  "timed" was given the shortest one and nothing else, so that a
 * keep-alive that is on without being asked for shows itself within minutes. */
CASE(configuration, keepalive_is_off_by_default, "KA-CFG-01")
{
	struct scenario s = tcp_client("untouched");
	add_connection(&s, "timed", ROLE_TCP_CLIENT);

	option(&s, "timed", "6", "4005", "1", "4");
	option(&s, "timed", "6", "4001", "75", "4");
	watch(&s, .until = TIME, .s = 390);

	const struct timeline *t = drive(&s);

	expect_no_probes(t, "untouched");
	expect_no_probes(t, "timed");
}

/* Switched off by command, so that what is measured is the option and not its default. */
CASE(configuration, timeout_without_so_keepalive_sends_nothing, "KA-CFG-02")
{
	struct scenario s = tcp_client("a");

	option(&s, "a", "65535", "8", "0", "4");
	keepalive(&s, "a", .off = true, .count = 1, .timeout_s = 75);
	watch(&s, .until = TIME, .s = 390);

	const struct timeline *t = drive(&s);

	expect_no_probes(t, "a", .requirement = "KA-CFG-02");
}

/* Only the timeout is set, at the floor of the default count. */
CASE(configuration, count_is_8_where_none_was_set, "KA-CFG-07")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .timeout_s = 600);
	peer_falls_silent(&s, "a", .at_s = 2);
	watch(&s, .until = TIME, .s = 1280);

	const struct timeline *t = drive(&s);

	expect_probes(t, "a", .count = 8, .requirement = "KA-CFG-07");
}

/* Only SO_KEEPALIVE is set: an answering peer first, then one that fell silent before two hours. */
CASE(configuration, nothing_but_so_keepalive_probes_after_two_hours, "KA-CFG-08 KA-CFG-26")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a");
	watch(&s, .until = TIME, .s = 7500);

	const struct timeline *t = drive(&s);

	expect_no_probe_within_two_hours(t, "a");
	record_default_timeout(t, "a");
}

CASE(configuration, nothing_but_so_keepalive_sends_8_probes_75_s_apart, "KA-CFG-07 KA-SCHED-02")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a");
	peer_falls_silent(&s, "a", .at_s = 5);
	/* The default timeout may be longer (KA-CFG-26). */
	watch(&s, .until = DEATH, .s = 15000);

	const struct timeline *t = drive(&s);

	expect_probes(t, "a", .count = 8, .requirement = "KA-CFG-07");
	expect_gaps_of_75_s(t, "a");
}

/* ---- the syntax that the vendor documents ---- */

struct syntax_row {
	const char *on, *count, *timeout; /* whole commands */
};

static void check_syntax(const struct syntax_row *row)
{
	struct scenario s = tcp_client("a");

	command(&s, "a", row->on);
	command(&s, "a", row->count);
	command(&s, "a", row->timeout);
	watch(&s, .until = TIME, .s = 240);

	const struct timeline *t = drive(&s);

	for (int i = 0; i < 3; i++)
		expect_accepted(t, "a", .nth = i, .requirement = "KA-CFG-16");
	expect_first_probe_on_schedule(t, "a", .requirement = "KA-CFG-13");
}

#define SYNTAX(name, ...)                                                                          \
	CASE_ROW(configuration, name, "KA-CFG-13 KA-CFG-16", check_syntax,                         \
		&(struct syntax_row){__VA_ARGS__})

SYNTAX(a_blank_behind_the_equals_sign_is_accepted, .on = "AT+SETSOCKOPT= %d,65535,8,1,4",
	.count = "AT+SETSOCKOPT= %d,6,4005,1,4", .timeout = "AT+SETSOCKOPT= %d,6,4001,100,4")
SYNTAX(a_blank_before_the_equals_sign_is_accepted, .on = "AT+SETSOCKOPT =%d,65535,8,1,4",
	.count = "AT+SETSOCKOPT =%d,6,4005,1,4", .timeout = "AT+SETSOCKOPT =%d,6,4001,100,4")

CASE(configuration, whether_lower_case_is_accepted, "KA-CFG-13 KA-CFG-17 KA-CFG-21")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1);
	command(&s, "a", "at+setsockopt=%d,6,4001,100,4");
	watch(&s, .until = TIME, .s = 240);

	const struct timeline *t = drive(&s);

	record_answer_lower_case(t, "a", .nth = 2);
	if (!was_refused(t, "a", 2))
		expect_first_probe_on_schedule(t, "a", .requirement = "KA-CFG-13");
}

CASE(configuration, length_4_is_accepted_for_each_option, "KA-CFG-14")
{
	struct scenario s = tcp_client("a");

	option(&s, "a", "65535", "8", "1", "4");
	option(&s, "a", "6", "4005", "2", "4");
	option(&s, "a", "6", "4001", "200", "4");
	option(&s, "a", "6", "10", "60", "4");
	option(&s, "a", "65535", "8", "0", "4");
	watch(&s, .until = TIME, .s = 5);

	const struct timeline *t = drive(&s);

	for (int i = 0; i < 5; i++)
		expect_accepted(t, "a", .nth = i, .requirement = "KA-CFG-14");
}

/* 110 is 272 in hexadecimal, 10 is 16: T below 150 and N of 10 at 750 would both be refused. */
CASE(configuration, the_value_is_decimal, "KA-CFG-06")
{
	struct scenario s = tcp_client("short");
	add_connection(&s, "many", ROLE_TCP_CLIENT);

	keepalive(&s, "short", .count = 1, .timeout_s = 110);
	keepalive(&s, "many", .timeout_s = 750);
	option(&s, "many", "6", "4005", "10", "4");
	watch(&s, .until = TIME, .s = 240);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "short", .requirement = "KA-CFG-06");
	expect_accepted(t, "many", .nth = 2, .requirement = "KA-CFG-06");
}

/* TCP_MAXRT is about data on its way; an idle connection outlives it, with keep-alive or
 * without. */
CASE(configuration, maxrt_does_not_end_an_idle_connection, "KA-CFG-27 KA-NOTICE-02")
{
	struct scenario s = tcp_client("plain");
	add_connection(&s, "probing", ROLE_TCP_CLIENT);

	option(&s, "plain", "6", "10", "30", "4");
	option(&s, "probing", "6", "10", "30", "4");
	keepalive(&s, "probing", .count = 2, .timeout_s = 160);
	watch(&s, .until = TIME, .s = 390);

	const struct timeline *t = drive(&s);

	record_maxrt_idle(t, "plain");
	expect_no_notice(t, "plain");
	expect_no_notice(t, "probing");
}
