/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

/* T >= N x 75 s: "the minimum is 8*75 = 600 s; set the count first, then the timeout". */

struct floor_row {
	const char *count, *timeout;
	bool refused;
};

static void check_floor(const struct floor_row *row)
{
	struct scenario s = tcp_client("a");

	option(&s, "a", "65535", "8", "1", "4");
	option(&s, "a", "6", "4005", row->count, "4");
	option(&s, "a", "6", "4001", row->timeout, "4");
	watch(&s, .until = TIME, .s = 5);

	const struct timeline *t = drive(&s);

	expect_accepted(t, "a", .nth = 1);
	if (row->refused)
		expect_harmless_refusal(t, "a", .nth = 2);
	else
		expect_accepted(t, "a", .nth = 2);
}

/* A second below the floor, at it, and a second above. */
#define FLOOR(n, below, at, above)                                                                 \
	CASE_ROW(configuration, timeout_##below##_below_the_floor_of_count_##n##_is_refused,       \
		"KA-CFG-03 KA-CFG-21", check_floor, &(struct floor_row){#n, #below, true})         \
	CASE_ROW(configuration, timeout_##at##_at_the_floor_of_count_##n##_is_accepted,            \
		"KA-CFG-03", check_floor, &(struct floor_row){#n, #at, false})                     \
	CASE_ROW(configuration, timeout_##above##_above_the_floor_of_count_##n##_is_accepted,      \
		"KA-CFG-03", check_floor, &(struct floor_row){#n, #above, false})

FLOOR(1, 74, 75, 76)
FLOOR(2, 149, 150, 151)
FLOOR(3, 224, 225, 226)
FLOOR(4, 299, 300, 301)
FLOOR(7, 524, 525, 526)
FLOOR(8, 599, 600, 601)
FLOOR(16, 1199, 1200, 1201)

/* The vendor: set the count first, then the timeout.  75 s is below the floor of the default 8. */
CASE(configuration, timeout_75_before_the_count_is_refused, "KA-CFG-03 KA-CFG-21")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 75, .timeout_first = true);
	watch(&s, .until = TIME, .s = 5);

	const struct timeline *t = drive(&s);

	expect_harmless_refusal(t, "a", .nth = 1);
	expect_accepted(t, "a", .nth = 2);
}

CASE(configuration, which_error_a_timeout_below_the_floor_draws, "KA-CFG-21 KA-CFG-25")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 74);
	watch(&s, .until = TIME, .s = 5);

	const struct timeline *t = drive(&s);

	record_error_below_floor(t, "a", .nth = 2);
}

/* T = 200 s is at least 2 x 75 and less than 3 x 75. */
CASE(configuration, a_count_that_lifts_the_floor_above_the_timeout_is_refused,
	"KA-CFG-21 KA-CFG-24")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 2, .timeout_s = 200);
	option(&s, "a", "6", "4005", "3", "4");
	command(&s, "a", "AT");
	peer_falls_silent(&s, "a", .at_s = 2);
	watch(&s, .until = TIME, .s = 395);

	const struct timeline *t = drive(&s);

	expect_harmless_refusal(t, "a", .nth = 3, .requirement = "KA-CFG-24");
	expect_probes(t, "a", .count = 2, .requirement = "KA-CFG-24");
}

CASE(configuration, a_count_is_raised_after_the_timeout, "KA-CFG-03 KA-CFG-13")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 80);
	option(&s, "a", "6", "4001", "160", "4");
	option(&s, "a", "6", "4005", "2", "4");
	peer_falls_silent(&s, "a", .at_s = 2);
	watch(&s, .until = TIME, .s = 395);

	const struct timeline *t = drive(&s);

	expect_accepted(t, "a", .nth = 3);
	expect_accepted(t, "a", .nth = 4);
	expect_probes(t, "a", .count = 2, .requirement = "KA-CFG-13");
	expect_first_probe_on_schedule(t, "a", .requirement = "KA-CFG-13");
}

CASE(configuration, a_timeout_is_lowered_after_the_count, "KA-CFG-03 KA-CFG-13")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 2, .timeout_s = 260);
	option(&s, "a", "6", "4005", "1", "4");
	option(&s, "a", "6", "4001", "80", "4");
	/* Another idle time begins, behind all of them. */
	peer_sends(&s, "a", .at_s = 1, .size = 1);
	peer_falls_silent(&s, "a", .at_s = 2);
	watch(&s, .until = TIME, .s = 300);

	const struct timeline *t = drive(&s);

	expect_accepted(t, "a", .nth = 3);
	expect_accepted(t, "a", .nth = 4);
	expect_probes(t, "a", .count = 1, .requirement = "KA-CFG-13");
	expect_first_probe_on_schedule(t, "a", .requirement = "KA-CFG-13");
}

/* ---- what is refused changes nothing ---- */

CASE(configuration, a_refused_timeout_leaves_the_one_before, "KA-CFG-03 KA-CFG-12 KA-CFG-21")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 2, .timeout_s = 210);
	option(&s, "a", "6", "4001", "149", "4");
	command(&s, "a", "AT");
	peer_falls_silent(&s, "a", .at_s = 2);
	watch(&s, .until = TIME, .s = 395);

	const struct timeline *t = drive(&s);

	expect_harmless_refusal(t, "a", .nth = 3);
	if (was_refused(t, "a", 3)) {
		expect_first_probe_on_schedule(t, "a", .requirement = "KA-CFG-12");
		expect_probes(t, "a", .count = 2, .requirement = "KA-CFG-12");
	}
}

/* Nothing was set before: two hours stand, and within minutes nothing comes. */
CASE(configuration, a_refused_timeout_leaves_the_default, "KA-CFG-03 KA-CFG-12 KA-CFG-21")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .timeout_s = 300);
	command(&s, "a", "AT");
	watch(&s, .until = TIME, .s = 395);

	const struct timeline *t = drive(&s);

	expect_harmless_refusal(t, "a", .nth = 1);
	if (was_refused(t, "a", 1))
		expect_no_probes(t, "a", .requirement = "KA-CFG-12");
}
