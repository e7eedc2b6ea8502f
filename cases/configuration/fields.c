/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

/* Wrong fields.  Which error they draw is recorded; that the device still answers, and that what it
 * refused changed nothing, is required.  All of them go to one connection, and one look at its
 * schedule tells of all: no line has the values that it has already.  What a device takes instead of
 * refusing it is left out then; and where something was changed, each line has a connection of its
 * own. */

struct wrong_row {
	const char *name;
	enum fact_id fact;
	const char *line; /* the whole command */
};

static const struct wrong_row wrong_rows[] = {
	{"unknown type", FACT_error_unknown_type, "AT+SETSOCKOPT=%d,7,8,0,4"},
	{"empty type", FACT_error_empty_type, "AT+SETSOCKOPT=%d,,4001,300,4"},
	{"type xyz", FACT_error_letters_type, "AT+SETSOCKOPT=%d,tcp,4001,300,4"},
	{"unknown param", FACT_error_unknown_parameter, "AT+SETSOCKOPT=%d,6,4242,300,4"},
	{"empty param", FACT_error_empty_parameter, "AT+SETSOCKOPT=%d,6,,300,4"},
	{"param xyz", FACT_error_letters_parameter, "AT+SETSOCKOPT=%d,6,xyz,300,4"},
	{"decimal param", FACT_error_decimal_parameter, "AT+SETSOCKOPT=%d,6,16385,300,4"},
	{"empty value", FACT_error_empty_value, "AT+SETSOCKOPT=%d,6,4001,,4"},
	{"negative value", FACT_error_negative_value, "AT+SETSOCKOPT=%d,6,4001,-1,4"},
	{"value overflow", FACT_error_overflowing_value, "AT+SETSOCKOPT=%d,6,4001,4294967371,4"},
	{"value 3x0", FACT_error_letters_value, "AT+SETSOCKOPT=%d,6,4001,3x0,4"},
	{"no length", FACT_error_missing_field, "AT+SETSOCKOPT=%d,6,4001,300"},
	{"empty length", FACT_error_empty_length, "AT+SETSOCKOPT=%d,6,4001,300,"},
	{"length four", FACT_error_letters_length, "AT+SETSOCKOPT=%d,6,4001,300,four"},
	{"length 0", FACT_error_length_0, "AT+SETSOCKOPT=%d,6,4001,300,0"},
	{"length 8", FACT_error_length_8, "AT+SETSOCKOPT=%d,6,4001,300,8"},
	{"a field more", FACT_error_too_many_fields, "AT+SETSOCKOPT=%d,6,4001,300,4,4"},
	{"no fields", FACT_error_no_fields, "AT+SETSOCKOPT="},
};

/* The numbers of a connection's commands, behind the three of the recipe. */
enum { RECIPE = 3, ROWS = sizeof wrong_rows / sizeof *wrong_rows, HALF = (ROWS + 1) / 2 };

static void give_wrong(struct scenario *s, const char *name, const struct wrong_row *row)
{
	command(s, name, row->line);
	command(s, name, "AT");
}

static void expect_nothing_changed(const struct timeline *t, const char *name)
{
	expect_first_probe_on_schedule(t, name, .requirement = "KA-CFG-12");
	expect_probes(t, name, .count = 1, .requirement = "KA-CFG-12");
}

/* Gives those that are asked for to one connection, and records what they draw. */
static const struct timeline *drive_wrong(const bool asked[ROWS], bool recorded, bool taken[ROWS])
{
	struct scenario s = tcp_client("a");
	int nth = RECIPE;

	keepalive(&s, "a", .count = 1, .timeout_s = 100);
	for (int i = 0; i < ROWS; i++)
		if (asked[i])
			give_wrong(&s, "a", &wrong_rows[i]);
	peer_falls_silent(&s, "a", .at_s = 2);
	watch(&s, .until = DEATH, .then_s = 10);

	const struct timeline *t = drive(&s);

	for (int i = 0; i < ROWS; i++) {
		if (!asked[i])
			continue;
		if (recorded)
			record(t, "a", wrong_rows[i].fact, .nth = nth);
		expect_accepted(t, "a", .nth = nth + 1, .requirement = "KA-CFG-21");
		taken[i] = !was_refused(t, "a", nth);
		nth += 2;
	}
	return t;
}

/* Each on a connection of its own, which has the line's name. */
static void drive_each(int first, int end)
{
	struct scenario s = scenario_new();

	for (int i = first; i < end; i++)
		add_connection(&s, wrong_rows[i].name, ROLE_TCP_CLIENT);
	for (int i = first; i < end; i++) {
		keepalive(&s, wrong_rows[i].name, .count = 1, .timeout_s = 100);
		give_wrong(&s, wrong_rows[i].name, &wrong_rows[i]);
		peer_falls_silent(&s, wrong_rows[i].name, .at_s = 2);
	}
	watch(&s, .until = TIME, .s = 240);

	const struct timeline *t = drive(&s);

	for (int i = first; i < end; i++) {
		expect_accepted(
			t, wrong_rows[i].name, .nth = RECIPE + 1, .requirement = "KA-CFG-21");
		if (was_refused(t, wrong_rows[i].name, RECIPE))
			expect_nothing_changed(t, wrong_rows[i].name);
	}
}

CASE(configuration, wrong_fields_are_refused_and_change_nothing, "KA-CFG-12 KA-CFG-18 KA-CFG-21")
{
	bool asked[ROWS], taken[ROWS] = {0}, any = false;

	for (int i = 0; i < ROWS; i++)
		asked[i] = true;
	const struct timeline *t = drive_wrong(asked, true, taken);
	for (int i = 0; i < ROWS; i++) {
		any |= taken[i];
		asked[i] = !taken[i];
	}
	if (any)
		t = drive_wrong(asked, false, taken);
	expect_nothing_changed(t, "a");
	if (!has_failed())
		return;
	drive_each(0, HALF);
	drive_each(HALF, ROWS);
}

/* Lengths that the vendor names too.  Accepted, the option takes effect. */
struct length_row {
	enum fact_id fact;
	const char *length;
};

static void check_length(const struct length_row *row)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1);
	option(&s, "a", "6", "4001", "100", row->length);
	command(&s, "a", "AT");
	watch(&s, .until = TIME, .s = 240);

	const struct timeline *t = drive(&s);

	record(t, "a", row->fact, .nth = 2);
	if (was_refused(t, "a", 2))
		expect_no_probes(t, "a", .requirement = "KA-CFG-12");
	else
		expect_first_probe_on_schedule(t, "a", .requirement = "KA-CFG-13");
}

#define LENGTH(name, ...)                                                                          \
	CASE_ROW(configuration, name, "KA-CFG-12 KA-CFG-13 KA-CFG-15 KA-CFG-21", check_length,     \
		&(struct length_row){__VA_ARGS__})

LENGTH(whether_length_2_is_accepted, FACT_error_length_2, "2")
LENGTH(whether_length_1_is_accepted, FACT_error_length_1, "1")

/* A refused SO_KEEPALIVE leaves it as it was. */
CASE(configuration, a_so_keepalive_of_2, "KA-CFG-12 KA-CFG-18 KA-CFG-21")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .off = true, .count = 1, .timeout_s = 100);
	option(&s, "a", "65535", "8", "2", "4");
	command(&s, "a", "AT");
	watch(&s, .until = TIME, .s = 240);

	const struct timeline *t = drive(&s);

	record_error_so_keepalive_2(t, "a", .nth = 2);
	expect_accepted(t, "a", .nth = 3, .requirement = "KA-CFG-21");
	if (was_refused(t, "a", 2))
		expect_no_probes(t, "a", .requirement = "KA-CFG-12");
}

/* ---- the CID ---- */

CASE(configuration, what_an_option_of_a_udp_connection_draws, "KA-CFG-19 KA-CFG-21")
{
	struct scenario s = tcp_client("a");
	add_connection(&s, "udp", ROLE_UDP_CLIENT);

	option(&s, "udp", "65535", "8", "1", "4");
	command(&s, "a", "AT");
	watch(&s, .until = TIME, .s = 5);

	const struct timeline *t = drive(&s);

	record_error_cid_udp(t, "udp", .nth = 0);
	expect_accepted(t, "a", .nth = 0, .requirement = "KA-CFG-21");
}

/* A CID that is no number may be read as 0, and so hit somebody else (cases/DEVICE.md 5): nobody is
 * there yet. */
CASE(configuration, what_wrong_cids_draw, "KA-CFG-19 KA-CFG-21 KA-NOTICE-02")
{
	static const struct {
		enum fact_id fact;
		const char *line;
	} wrong[] = {
		{FACT_error_cid_empty, "AT+SETSOCKOPT=,65535,8,1,4"},
		{FACT_error_cid_negative, "AT+SETSOCKOPT=-1,65535,8,1,4"},
		{FACT_error_cid_beyond, "AT+SETSOCKOPT=16,65535,8,1,4"},
		{FACT_error_cid_letter, "AT+SETSOCKOPT=z,65535,8,1,4"},
	};
	struct scenario s = tcp_client("a");
	const int count = sizeof wrong / sizeof *wrong;

	/* Above the floor, so that by each model a peer that answers lives. */
	keepalive(&s, "a", .off = true, .count = 1, .timeout_s = 100);
	for (int i = 0; i < count; i++)
		command(&s, "a", wrong[i].line);
	command(&s, "a", "AT");
	watch(&s, .until = TIME, .s = 160);

	const struct timeline *t = drive(&s);

	for (int i = 0; i < count; i++)
		record(t, "a", wrong[i].fact, .nth = 2 + i);
	expect_accepted(t, "a", .nth = 2 + count, .requirement = "KA-CFG-21");
	record_cid_misread(t, "a");
	expect_no_notice(t, "a");
}
