/* SPDX-License-Identifier: MIT */
#include "cases/case.h"

/* What the options do, refuse, and leave alone (wizfi210.md section 5). */

/* The default timeout is two hours.  "timed" was given the shortest one and nothing else, so that a
 * keep-alive that is on without being asked for shows itself within minutes. */
CASE(configuration, keepalive_is_off_by_default, "KA-CFG-01")
{
	struct scenario s = tcp_client("untouched");
	add_connection(&s, "timed", ROLE_TCP_CLIENT);

	option(&s, "timed", "6", "4005", "1", "4");
	option(&s, "timed", "6", "4001", "75", "4");
	watch(&s, .until = TIME, .s = 400);

	const struct timeline *t = drive(&s);

	expect_no_probes(t, "untouched", "KA-CFG-01");
	expect_no_probes(t, "timed", "KA-CFG-01");
}

/* Switched off by command, so that what is measured is the option and not its default. */
CASE(configuration, timeout_without_so_keepalive_sends_nothing, "KA-CFG-02")
{
	struct scenario s = tcp_client("a");

	option(&s, "a", "65535", "8", "0", "4");
	keepalive(&s, "a", .off = true, .count = 1, .timeout_s = 75);
	watch(&s, .until = TIME, .s = 400);

	const struct timeline *t = drive(&s);

	expect_no_probes(t, "a", "KA-CFG-02");
}

struct floor_row {
	const char *count, *timeout;
	const char *answer;
};

static void check_floor(const struct floor_row *row)
{
	struct scenario s = tcp_client("a");

	option(&s, "a", "65535", "8", "1", "4");
	option(&s, "a", "6", "4005", row->count, "4");
	option(&s, "a", "6", "4001", row->timeout, "4");
	watch(&s, .until = TIME, .s = 5);

	const struct timeline *t = drive(&s);

	expect_answer(t, "a", 1, "OK");
	expect_answer(t, "a", 2, row->answer);
}

#define FLOOR(name, ...)                                                                           \
	CASE_ROW(configuration, name, "KA-CFG-03", check_floor, &(struct floor_row){__VA_ARGS__})

FLOOR(timeout_74_below_the_floor_of_count_1_is_refused, "1", "74", "ERROR: INVALID INPUT")
FLOOR(timeout_75_at_the_floor_of_count_1_is_accepted, "1", "75", "OK")
FLOOR(timeout_149_below_the_floor_of_count_2_is_refused, "2", "149", "ERROR: INVALID INPUT")
FLOOR(timeout_150_at_the_floor_of_count_2_is_accepted, "2", "150", "OK")
FLOOR(timeout_599_below_the_floor_of_count_8_is_refused, "8", "599", "ERROR: INVALID INPUT")
FLOOR(timeout_600_at_the_floor_of_count_8_is_accepted, "8", "600", "OK")

/* The vendor: set the count first, then the timeout.  75 s is below the floor of the default 8. */
CASE(configuration, timeout_75_before_the_count_is_refused, "KA-CFG-03")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 75, .timeout_first = true);
	watch(&s, .until = TIME, .s = 5);

	const struct timeline *t = drive(&s);

	expect_answer(t, "a", 1, "ERROR: INVALID INPUT");
	expect_answer(t, "a", 2, "OK");
}
