/* SPDX-License-Identifier: MIT */
#include "cases/case.h"

/* What wizfi210.md leaves open: recorded, and held against the profile where it pins something.
 * 'wizhil characterize' writes a profile from these. */

/* Each falls silent at a phase of its own, after an octet: where between two ticks that is tells a
 * tick that runs freely from one that is restarted. */
static void silent_pair(struct scenario *s, const char *name, int count, int timeout_s, double at_s)
{
	keepalive(s, name, .count = count, .timeout_s = timeout_s);
	peer_sends(s, name, .at_s = at_s, .size = 1);
	peer_falls_silent(s, name, .at_s = at_s + 2);
}

CASE(characterise, timing_model, "KA-CHAR-01")
{
	struct scenario s = tcp_client("600-8");

	add_connection(&s, "150-2", ROLE_TCP_CLIENT);
	add_connection(&s, "100-1", ROLE_TCP_CLIENT);
	add_connection(&s, "75-1", ROLE_TCP_CLIENT);
	add_connection(&s, "75-8", ROLE_TCP_CLIENT);
	silent_pair(&s, "600-8", 8, 600, 5);
	silent_pair(&s, "150-2", 2, 150, 17);
	silent_pair(&s, "100-1", 1, 100, 31);
	silent_pair(&s, "75-1", 1, 75, 48);
	silent_pair(&s, "75-8", 0, 75, 60);
	watch(&s, .until = TIME, .s = 1290);

	const struct timeline *t = drive(&s);

	record_timing_model(t);
	record_below_floor(t, "75-8");
	record_option_latency(t, "600-8");
	record_clock_skew(t, "600-8");
}

/* A timeout that is accepted and ignored leaves the two hours of the default. */
CASE(characterise, timing_model_over_two_hours, "KA-CHAR-01")
{
	struct scenario s = tcp_client("75-1");

	silent_pair(&s, "75-1", 1, 75, 5);
	watch(&s, .until = TIME, .s = 7400);

	const struct timeline *t = drive(&s);

	record_timing_model(t);
}

CASE(characterise, notice_of_fin, "KA-NOTICE-08")
{
	struct scenario s = tcp_client("a");

	peer_closes(&s, "a", .at_s = 5);
	watch(&s, .until = TIME, .s = 60);

	const struct timeline *t = drive(&s);

	record_notice(t, "a", FACT_notice_fin);
}

CASE(characterise, notice_of_rst, "KA-NOTICE-08")
{
	struct scenario s = tcp_client("a");

	peer_resets(&s, "a", .at_s = 5);
	watch(&s, .until = TIME, .s = 60);

	const struct timeline *t = drive(&s);

	record_notice(t, "a", FACT_notice_rst);
}

CASE(characterise, end_by_keepalive, "KA-NOTICE-08 KA-DEAD-09")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 75);
	peer_falls_silent(&s, "a", .at_s = 5);
	watch(&s, .until = TIME, .s = 260);

	const struct timeline *t = drive(&s);

	record_notice(t, "a", FACT_notice_abort);
	record_reset_at_death(t, "a");
}

CASE(characterise, end_by_retransmission, "KA-NOTICE-08 KA-DEAD-08")
{
	struct scenario s = tcp_client("a");

	option(&s, "a", "6", "10", "60", "4");
	peer_falls_silent(&s, "a", .at_s = 5);
	device_sends(&s, "a", .at_s = 6, .size = 20);
	watch(&s, .until = TIME, .s = 300);

	const struct timeline *t = drive(&s);

	record_notice(t, "a", FACT_notice_retransmission);
	record_maxrt(t, "a", 60);
}

CASE(characterise, answers_to_wrong_options, "KA-CHAR-01")
{
	static const struct {
		enum fact_id fact;
		const char *type, *parameter, *value, *length;
	} wrong[] = {
		{FACT_error_unknown_type, "7", "8", "1", "4"},
		{FACT_error_unknown_parameter, "6", "4242", "1", "4"},
		{FACT_error_decimal_parameter, "6", "16389", "1", "4"},
		{FACT_error_empty_value, "6", "4005", "", "4"},
		{FACT_error_negative_value, "6", "4005", "-1", "4"},
		{FACT_error_overflowing_value, "6", "4005", "4294967371", "4"},
		{FACT_error_letters_value, "6", "4005", "7x5", "4"},
		{FACT_error_length_2, "6", "4005", "8", "2"},
		{FACT_error_length_1, "6", "4005", "8", "1"},
	};
	struct scenario s = tcp_client("a");
	const int count = sizeof wrong / sizeof *wrong;

	for (int i = 0; i < count; i++)
		option(&s, "a", wrong[i].type, wrong[i].parameter, wrong[i].value, wrong[i].length);
	command(&s, "a", "AT+SETSOCKOPT=%c,6,4005,8");
	command(&s, "a", "AT+SETSOCKOPT=16,6,4005,8,4");
	command(&s, "a", "AT+SETSOCKOPT=z,6,4005,8,4");
	watch(&s, .until = TIME, .s = 5);

	const struct timeline *t = drive(&s);

	for (int i = 0; i < count; i++)
		record_answer(t, "a", i, wrong[i].fact);
	record_answer(t, "a", count, FACT_error_missing_field);
	record_answer(t, "a", count + 1, FACT_error_cid_beyond);
	record_answer(t, "a", count + 2, FACT_error_cid_letter);
}

/* Alone: which CIDs are open, and which is free, is the point. */
CASE(characterise, how_an_option_names_its_cid, "KA-CHAR-01")
{
	struct scenario s = tcp_client("c0");
	const char *ten[] = {"65535,8,1,4", "6,4005,1,4", "6,4001,100,4"};
	char text[64];

	for (int i = 1; i < 12; i++) {
		char name[8];
		snprintf(name, sizeof name, "c%d", i);
		add_connection(&s, name, ROLE_TCP_CLIENT);
	}
	s.exclusive = true;
	for (int i = 0; i < 3; i++) {
		snprintf(text, sizeof text, "AT+SETSOCKOPT=10,%s", ten[i]);
		command(&s, "c10", text);
		snprintf(text, sizeof text, "AT+SETSOCKOPT=b,%s", ten[i]);
		command(&s, "c11", text);
	}
	watch(&s, .until = TIME, .s = 240);

	const struct timeline *t = drive(&s);

	record_option_cid(t, "c10", "c11");
}

CASE(characterise, which_cid_a_new_connection_gets, "KA-CHAR-01")
{
	struct scenario s = tcp_client("a");

	add_connection(&s, "b", ROLE_TCP_CLIENT);
	add_connection(&s, "c", ROLE_TCP_CLIENT);
	add_connection(&s, "d", ROLE_TCP_CLIENT);
	s.exclusive = true;
	device_closes(&s, "b", .at_s = 2);
	device_opens(&s, "d", .at_s = 5);
	watch(&s, .until = TIME, .s = 10);

	const struct timeline *t = drive(&s);

	record_cid_allocation(t, "b", "d");
}
