/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

/* Wrong fields.  Which error they draw is recorded; that the device still answers, and that what it
 * refused changed nothing, is required. */

struct wrong_row {
	enum fact_id fact;
	const char *line; /* the whole command */
};

enum { WRONG = 3 }; /* its number, behind the three of the recipe */

static void check_wrong(const struct wrong_row *row)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 100);
	command(&s, "a", row->line);
	command(&s, "a", "AT");
	peer_falls_silent(&s, "a", .at_s = 2);
	watch(&s, .until = DEATH, .then_s = 10);

	const struct timeline *t = drive(&s);

	record(t, "a", row->fact, .nth = WRONG);
	expect_accepted(t, "a", .nth = WRONG + 1, .requirement = "KA-CFG-21");
	if (was_refused(t, "a", WRONG)) {
		expect_first_probe_on_schedule(t, "a", .requirement = "KA-CFG-12");
		expect_probes(t, "a", .count = 1, .requirement = "KA-CFG-12");
	}
}

#define WRONG_FIELD(name, fact_, line_)                                                            \
	CASE_ROW(configuration, name, "KA-CFG-12 KA-CFG-18 KA-CFG-21", check_wrong,                \
		&(struct wrong_row){.fact = (fact_), .line = (line_)})

WRONG_FIELD(an_unknown_type, FACT_error_unknown_type, "AT+SETSOCKOPT=%d,7,8,1,4")
WRONG_FIELD(an_empty_type, FACT_error_empty_type, "AT+SETSOCKOPT=%d,,4001,300,4")
WRONG_FIELD(a_type_of_letters, FACT_error_letters_type, "AT+SETSOCKOPT=%d,tcp,4001,300,4")
WRONG_FIELD(an_unknown_parameter, FACT_error_unknown_parameter, "AT+SETSOCKOPT=%d,6,4242,300,4")
WRONG_FIELD(an_empty_parameter, FACT_error_empty_parameter, "AT+SETSOCKOPT=%d,6,,300,4")
WRONG_FIELD(a_parameter_of_letters, FACT_error_letters_parameter, "AT+SETSOCKOPT=%d,6,xyz,300,4")
WRONG_FIELD(a_decimal_parameter, FACT_error_decimal_parameter, "AT+SETSOCKOPT=%d,6,16385,300,4")
WRONG_FIELD(an_empty_value, FACT_error_empty_value, "AT+SETSOCKOPT=%d,6,4001,,4")
WRONG_FIELD(a_negative_value, FACT_error_negative_value, "AT+SETSOCKOPT=%d,6,4001,-1,4")
WRONG_FIELD(
	an_overflowing_value, FACT_error_overflowing_value, "AT+SETSOCKOPT=%d,6,4001,4294967371,4")
WRONG_FIELD(a_value_of_letters, FACT_error_letters_value, "AT+SETSOCKOPT=%d,6,4001,3x0,4")
WRONG_FIELD(a_missing_length, FACT_error_missing_field, "AT+SETSOCKOPT=%d,6,4001,300")
WRONG_FIELD(an_empty_length, FACT_error_empty_length, "AT+SETSOCKOPT=%d,6,4001,300,")
WRONG_FIELD(a_length_of_letters, FACT_error_letters_length, "AT+SETSOCKOPT=%d,6,4001,300,four")
WRONG_FIELD(a_length_of_0, FACT_error_length_0, "AT+SETSOCKOPT=%d,6,4001,300,0")
WRONG_FIELD(a_length_of_8, FACT_error_length_8, "AT+SETSOCKOPT=%d,6,4001,300,8")
WRONG_FIELD(a_field_too_many, FACT_error_too_many_fields, "AT+SETSOCKOPT=%d,6,4001,300,4,4")
WRONG_FIELD(no_fields_at_all, FACT_error_no_fields, "AT+SETSOCKOPT=")

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

/* Alone: a CID that is no number may be read as 0, and so hit somebody else (cases/DEVICE.md 5). */
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

	s.exclusive = true;
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
