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

/* 220 s is at least 2 x 75 and less than 3 x 75; 149 s is less than 2 x 75; and 16389 is 4005 in
 * decimal: read as the hexadecimal number that it is, it names nothing. */
static const struct {
	const char *name, *parameter, *value, *requirement;
} refused[] = {{"decimal", "16389", "1", "KA-CFG-06"}, {"count", "4005", "3", "KA-CFG-24"},
	{"timeout", "4001", "149", "KA-CFG-03"}};

enum { RECIPE = 3, REFUSED = sizeof refused / sizeof *refused };

static void ask_refused(struct scenario *s, const char *name, int i)
{
	option(s, name, "6", refused[i].parameter, refused[i].value, "4");
	command(s, name, "AT");
}

static void expect_what_was_set(const struct timeline *t, const char *name)
{
	expect_first_probe_on_schedule(t, name, .requirement = "KA-CFG-12");
	expect_probes(t, name, .count = 2, .requirement = "KA-CFG-12");
}

/* All three on one connection; where something was changed, each on one of its own. */
CASE(configuration, what_is_refused_leaves_what_was_set,
	"KA-CFG-03 KA-CFG-06 KA-CFG-12 KA-CFG-21 KA-CFG-24")
{
	struct scenario s = tcp_client("a"), each = scenario_new();

	keepalive(&s, "a", .count = 2, .timeout_s = 220);
	for (int i = 0; i < REFUSED; i++)
		ask_refused(&s, "a", i);
	peer_falls_silent(&s, "a", .at_s = 2);
	watch(&s, .until = DEATH, .then_s = 10);

	const struct timeline *t = drive(&s);

	for (int i = 0; i < REFUSED; i++)
		expect_harmless_refusal(
			t, "a", .nth = RECIPE + 2 * i, .requirement = refused[i].requirement);
	expect_what_was_set(t, "a");
	if (!has_failed())
		return;
	for (int i = 0; i < REFUSED; i++)
		add_connection(&each, refused[i].name, ROLE_TCP_CLIENT);
	for (int i = 0; i < REFUSED; i++) {
		keepalive(&each, refused[i].name, .count = 2, .timeout_s = 220);
		ask_refused(&each, refused[i].name, i);
		peer_falls_silent(&each, refused[i].name, .at_s = 2);
	}
	watch(&each, .until = TIME, .s = 390);
	t = drive(&each);
	for (int i = 0; i < REFUSED; i++)
		if (was_refused(t, refused[i].name, RECIPE))
			expect_what_was_set(t, refused[i].name);
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
