/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

/* What cases/DEVICE.md leaves open: recorded, and held against the profile where it pins something.
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

	record_timing_model(t, EVERY_CONNECTION);
	record_below_floor(t, "75-8");
	record_clock_skew(t, "600-8");
	record_form_of_probe(t, "600-8");
}

/* A timeout that is accepted and ignored leaves the two hours of the default: only then can be seen
 * what comes at the end. */
CASE(characterise, timing_model_over_two_hours, "KA-CHAR-01 KA-NOTICE-08 KA-DEAD-09")
{
	struct scenario s = tcp_client("600-8");

	add_connection(&s, "75-1", ROLE_TCP_CLIENT);
	silent_pair(&s, "600-8", 8, 600, 5);
	silent_pair(&s, "75-1", 1, 75, 17);
	watch(&s, .until = TIME, .s = 7900);

	const struct timeline *t = drive(&s);

	record_timing_model(t, EVERY_CONNECTION);
	record_clock_skew(t, "600-8");
	record_notice_abort(t, "75-1");
	record_rst_at_death(t, "75-1");
}

/* Alone: no other command is in the way. */
CASE(characterise, how_long_an_option_takes, "KA-CHAR-01")
{
	struct scenario s = tcp_client("a");

	s.exclusive = true;
	for (int i = 0; i < 16; i++)
		option(&s, "a", "65535", "8", i % 2 == 0 ? "1" : "0", "4");
	watch(&s, .until = TIME, .s = 1);

	const struct timeline *t = drive(&s);

	record_option_latency(t, "a");
}

/* Alone: the notice of a close names a CID that nobody has any more, or somebody else already.  With
 * what the segments up to then look like; "served" has data both ways. */
CASE(characterise, notice_of_close, "KA-NOTICE-09 KA-CHAR-01 KA-FMT-07 KA-LIVE-18")
{
	struct scenario s = tcp_client("a");

	add_connection(&s, "served", ROLE_TCP_SERVER);
	s.exclusive = true;
	peer_sends(&s, "served", .at_s = 1, .size = 100);
	device_sends(&s, "served", .at_s = 3, .size = 100);
	device_closes(&s, "a", .at_s = 5);
	watch(&s, .until = TIME, .s = 24);

	const struct timeline *t = drive(&s);

	record_notice_close(t, "a");
	record_form_of_syn(t, "a");
	record_form_of_fin(t, "a");
	record_form_of_syn_ack(t, "served");
	record_form_of_ack(t, "served");
	record_form_of_data(t, "served");
	record_ack_of_data(t, "served");
	expect_segments_sound(t, "served");
	expect_data_acknowledged(t, "served");
}

CASE(characterise, notice_of_fin, "KA-NOTICE-08")
{
	struct scenario s = tcp_client("a");

	peer_closes(&s, "a", .at_s = 5);
	watch(&s, .until = TIME, .s = 60);

	const struct timeline *t = drive(&s);

	record_notice_fin(t, "a");
}

CASE(characterise, notice_of_rst, "KA-NOTICE-08")
{
	struct scenario s = tcp_client("a");

	peer_resets(&s, "a", .at_s = 5);
	watch(&s, .until = TIME, .s = 60);

	const struct timeline *t = drive(&s);

	record_notice_rst(t, "a");
}

CASE(characterise, end_by_keepalive, "KA-NOTICE-08 KA-DEAD-09 KA-CHAR-01 KA-FMT-07")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 75);
	peer_falls_silent(&s, "a", .at_s = 5);
	watch(&s, .until = TIME, .s = 260);

	const struct timeline *t = drive(&s);

	record_notice_abort(t, "a");
	record_rst_at_death(t, "a");
	record_form_of_rst(t, "a");
	expect_segments_sound(t, "a");
}

/* TCP_MAXRT of 1, 30 and 60 s: a stack may go on for 100 s and more whatever it says. */
CASE(characterise, end_by_retransmission, "KA-NOTICE-08 KA-DEAD-08 KA-CHAR-01")
{
	static const struct {
		const char *name;
		enum fact_id fact;
		double s;
	} rows[] = {{"60", FACT_maxrt, 60}, {"30", FACT_maxrt_30, 30}, {"1", FACT_maxrt_1, 1}};
	struct scenario s = scenario_new();

	for (int i = 0; i < 3; i++)
		add_connection(&s, rows[i].name, ROLE_TCP_CLIENT);
	for (int i = 0; i < 3; i++) {
		option(&s, rows[i].name, "6", "10", rows[i].name, "4");
		peer_falls_silent(&s, rows[i].name, .at_s = 5);
		device_sends(&s, rows[i].name, .at_s = 6 + i, .size = 20);
	}
	watch(&s, .until = TIME, .s = 300);

	const struct timeline *t = drive(&s);

	record_notice_retransmission(t, "60");
	record_resent_after(t, "60");
	for (int i = 0; i < 3; i++)
		record(t, rows[i].name, rows[i].fact, .s = rows[i].s);
}

/* The options are the listener's before the second connection comes; a client with the same ones
 * shows that they lead to probes. */
static struct scenario options_of_a_listener(double watch_s)
{
	static const char *const fields[] = {"65535,8,1,4", "6,4005,1,4", "6,4001,100,4"};
	struct scenario s = scenario_new();
	char text[64];

	add_connection(&s, "server", ROLE_TCP_SERVER);
	add_connection(&s, "client", ROLE_TCP_CLIENT);
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		snprintf(text, sizeof text, "AT+SETSOCKOPT=%%l,%s", fields[i]);
		command(&s, "server", text);
	}
	keepalive(&s, "client", .count = 1, .timeout_s = 100);
	peer_resets(&s, "server", .at_s = 1);
	peer_dials(&s, "server", .at_s = 3);
	watch(&s, .until = TIME, .s = watch_s);
	return s;
}

static void check_options_of_a_listener(const double *watch_s)
{
	struct scenario s = options_of_a_listener(*watch_s);

	const struct timeline *t = drive(&s);

	record_accepted_options(t, "server", .like = "client");
}

CASE_ROW(characterise, options_of_an_accepted_connection, "KA-CFG-23", check_options_of_a_listener,
	&(double){240})
CASE_ROW(characterise, options_of_an_accepted_connection_over_two_hours, "KA-CFG-23",
	check_options_of_a_listener, &(double){7300})

/* Alone: with one connection there are CIDs that are certainly not open. */
CASE(characterise, answer_to_an_option_of_an_unused_cid, "KA-CFG-21 KA-CHAR-01")
{
	struct scenario s = tcp_client("a");

	s.exclusive = true;
	command(&s, "a", "AT+NCLOSE=%c");
	command(&s, "a", "AT+SETSOCKOPT=%d,6,4005,8,4");
	watch(&s, .until = TIME, .s = 5);

	const struct timeline *t = drive(&s);

	record_error_cid_unused(t, "a", .nth = 1);
}

/* With all CIDs open there is a 10 and an 11, whichever way they are given. */
static struct scenario options_by_number(double watch_s)
{
	static const char *const fields[] = {"65535,8,1,4", "6,4005,1,4", "6,4001,100,4"};
	struct scenario s = scenario_new();
	char text[64];

	for (int i = 0; i < SCENARIO_CONNECTIONS; i++) {
		snprintf(text, sizeof text, "c%d", i);
		add_connection(&s, text, ROLE_TCP_CLIENT);
	}
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		snprintf(text, sizeof text, "AT+SETSOCKOPT=10,%s", fields[i]);
		command(&s, NULL, text);
		snprintf(text, sizeof text, "AT+SETSOCKOPT=b,%s", fields[i]);
		command(&s, NULL, text);
	}
	watch(&s, .until = TIME, .s = watch_s);
	return s;
}

CASE(characterise, how_an_option_names_its_cid, "KA-CHAR-01")
{
	struct scenario s = options_by_number(240);

	record_option_cid(drive(&s), EVERY_CONNECTION);
}

CASE(characterise, how_an_option_names_its_cid_over_two_hours, "KA-CHAR-01")
{
	struct scenario s = options_by_number(7300);

	record_option_cid(drive(&s), EVERY_CONNECTION);
}

/* Again and again, so that the lowest free one and the next one cannot be the same by chance. */
CASE(characterise, which_cid_a_new_connection_gets, "KA-CHAR-01")
{
	struct scenario s = tcp_client("a");

	add_connection(&s, "b", ROLE_TCP_CLIENT);
	add_connection(&s, "c", ROLE_TCP_CLIENT);
	s.exclusive = true;
	for (int i = 0; i < 3; i++) {
		device_closes(&s, "b", .at_s = 2 + 4.0 * i);
		device_opens(&s, "b", .at_s = 4 + 4.0 * i);
	}
	watch(&s, .until = TIME, .s = 15);

	const struct timeline *t = drive(&s);

	record_cid_allocation(t, EVERY_CONNECTION);
}

/* Commands that every host gives, with the values that the bench has given already. */
CASE(characterise, what_the_commands_of_a_host_draw, "KA-CHAR-01 KA-CFG-21")
{
	static const char *const commands[] = {"AT", "at", "ATE0", "ATV1", "AT+XDUM=0",
		"AT+BDATA=1", "AT+WRXACTIVE=1", "AT+VER=?", "AT+NMAC=?", "AT+CID=?", "AT+WSTATUS",
		"AT+NSTAT=?"};
	struct scenario s = tcp_client("a");

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		command(&s, "a", commands[i]);
	watch(&s, .until = TIME, .s = 5);

	const struct timeline *t = drive(&s);

	record_answers_to_commands(t, "a", .nth = 0);
	expect_accepted(t, "a", .nth = 0, .requirement = "KA-CFG-21");
}

/* Alone: what is taken instead of refused may hit somebody else. */
CASE(characterise, what_wrong_commands_draw, "KA-CHAR-01 KA-CFG-21")
{
	static const char *const commands[] = {"AT+NOSUCH", "AT+NCTCP", "AT+NCTCP=%p",
		"AT+NCTCP=%p,x", "AT+NCTCP=%p,80,x", "AT+NCTCP=256.0.2.1,80", "AT+NCTCP=192.0.2,80",
		"AT+NSTCP", "AT+NSTCP=x", "AT+NSTCP=65536", "AT+NSTCP=80,x", "AT+NCUDP=%p",
		"AT+NCUDP=%p,x", "AT+NSUDP=x", "AT+NSUDP=65536", "AT+NCLOSE", "AT+NCLOSE=x",
		"AT+BDATA=2", "AT+BDATA=x", "AT+NDHCP=x", "AT+WRXACTIVE=x", "AT+NDHCP=2",
		"AT+VER=1"};
	struct scenario s = tcp_client("a");
	const int count = sizeof commands / sizeof *commands;

	s.exclusive = true;
	for (int i = 0; i < count; i++)
		command(&s, "a", commands[i]);
	command(&s, "a", "AT");
	watch(&s, .until = TIME, .s = 5);

	const struct timeline *t = drive(&s);

	record_answers_to_wrong_commands(t, "a", .nth = 0);
	expect_accepted(t, "a", .nth = count, .requirement = "KA-CFG-21");
}
