/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

/* The least and the largest values.  Nothing says where the largest ones end: a device may refuse
 * one or take it, but never as a smaller one. */

/* Each is 75 s more than what fits into 16, 31 or 32 bits: read as 75 s it probes, or declares its
 * peer dead, within 75 s of the last segment by every model. */
CASE(configuration, a_timeout_too_large_is_not_taken_for_a_small_one, "KA-CFG-29 KA-CFG-21")
{
	static const struct {
		const char *name, *timeout;
	} rows[] = {{"of-16-bits", "65611"}, {"of-31-bits", "2147483723"},
		{"of-32-bits", "4294967371"}};
	const int count = sizeof rows / sizeof *rows;
	struct scenario s = tcp_client(rows[0].name);

	for (int i = 1; i < count; i++)
		add_connection(&s, rows[i].name, ROLE_TCP_CLIENT);
	for (int i = 0; i < count; i++) {
		keepalive(&s, rows[i].name, .count = 1);
		option(&s, rows[i].name, "6", "4001", rows[i].timeout, "4");
		command(&s, rows[i].name, "AT");
		peer_sends(&s, rows[i].name, .at_s = 1, .size = 1);
	}
	watch(&s, .until = TIME, .s = 90);

	const struct timeline *t = drive(&s);

	for (int i = 0; i < count; i++) {
		expect_accepted(t, rows[i].name, .nth = 3, .requirement = "KA-CFG-21");
		expect_no_probes(t, rows[i].name, .requirement = "KA-CFG-29");
		expect_alive(t, rows[i].name, .requirement = "KA-CFG-29");
	}
}

/* Taken or refused (then it is 8), the count does not let 100 s pass. */
CASE(configuration, a_count_too_large_is_not_taken_for_a_small_one, "KA-CFG-29 KA-CFG-21")
{
	static const struct {
		const char *name, *value;
	} rows[] = {{"of-5-bits", "33"}, {"of-8-bits", "257"}, {"of-16-bits", "65537"},
		{"of-32-bits", "4294967297"}};
	const int count = sizeof rows / sizeof *rows;
	struct scenario s = tcp_client(rows[0].name);

	for (int i = 1; i < count; i++)
		add_connection(&s, rows[i].name, ROLE_TCP_CLIENT);
	for (int i = 0; i < count; i++) {
		option(&s, rows[i].name, "6", "4005", rows[i].value, "4");
		option(&s, rows[i].name, "6", "4001", "100", "4");
		command(&s, rows[i].name, "AT");
	}
	watch(&s, .until = TIME, .s = 5);

	const struct timeline *t = drive(&s);

	for (int i = 0; i < count; i++) {
		expect_refused(t, rows[i].name, .nth = 1, .requirement = "KA-CFG-29");
		expect_accepted(t, rows[i].name, .nth = 2, .requirement = "KA-CFG-21");
	}
}

/* A timeout of 0 is below every floor.  What a count of 0 means nobody says; refused, it changes
 * nothing. */
CASE(configuration, a_timeout_and_a_count_of_0, "KA-CFG-03 KA-CFG-12 KA-CFG-18 KA-CFG-21")
{
	enum { TIMEOUT = 3, COUNT };
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 100);
	option(&s, "a", "6", "4001", "0", "4");
	option(&s, "a", "6", "4005", "0", "4");
	command(&s, "a", "AT");
	peer_falls_silent(&s, "a", .at_s = 2);
	watch(&s, .until = DEATH, .s = 300, .then_s = 10);

	const struct timeline *t = drive(&s);

	expect_refused(t, "a", .nth = TIMEOUT);
	record_error_count_0(t, "a", .nth = COUNT);
	expect_accepted(t, "a", .nth = COUNT + 1, .requirement = "KA-CFG-21");
	if (was_refused(t, "a", COUNT)) {
		expect_first_probe_on_schedule(t, "a", .requirement = "KA-CFG-12");
		expect_probes(t, "a", .count = 1, .requirement = "KA-CFG-12");
	}
}

/* ---- the effect of a large count ---- */

struct large_row {
	int count, timeout_s;
};

static void check_large(const struct large_row *row)
{
	struct scenario s = tcp_client("a");

	/* The floor of the count lies above the default timeout. */
	keepalive(&s, "a", .count = row->count, .timeout_s = row->timeout_s, .timeout_first = true);
	peer_falls_silent(&s, "a", .at_s = 2);
	watch(&s, .until = DEATH, .then_s = 10);

	const struct timeline *t = drive(&s);
	const int count = was_refused(t, "a", 2) ? 8 : row->count;

	expect_first_probe_on_schedule(t, "a", .requirement = "KA-CFG-29");
	expect_probes(t, "a", .count = count, .requirement = "KA-CFG-29");
	expect_death(t, "a", .after = FIRST_UNANSWERED_PROBE, .s = 75.0 * count);
}

#define LARGE(name, ...)                                                                           \
	CASE_ROW(configuration, name, "KA-CFG-29 KA-DEAD-01", check_large,                         \
		&(struct large_row){__VA_ARGS__})

LARGE(a_count_of_33_has_its_effect, .count = 33, .timeout_s = 2500)
LARGE(a_count_of_255_has_its_effect, .count = 255, .timeout_s = 19200)
