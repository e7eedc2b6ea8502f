/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "runner/case.h"

/* What the UART says of a death, whatever else goes on.  That it comes once, behind the death and
 * soon, is seen where peers fall silent (dead_peer). */

/* Several at one time: each is told of.  Sixteen: schedule/sixteen_connections_armed_together. */
static struct scenario together(int connections, int count, int timeout_s)
{
	struct scenario s = scenario_new();
	char name[8];

	for (int i = 0; i < connections; i++) {
		snprintf(name, sizeof name, "c%d", i);
		add_connection(&s, name, ROLE_TCP_CLIENT);
	}
	for (int i = 0; i < connections; i++)
		keepalive(&s, s.connections[i].name, .count = count, .timeout_s = timeout_s);
	return s;
}

static void expect_notice_of_each(const struct timeline *t, const struct scenario *s)
{
	for (int i = 0; i < s->connection_count; i++)
		expect_notice_once(t, s->connections[i].name);
}

CASE(notice, four_that_die_together_are_told_of_one_by_one, "KA-NOTICE-01")
{
	struct scenario s = together(4, 1, 80);

	for (int i = 0; i < 4; i++) {
		peer_sends(&s, s.connections[i].name, .at_s = 3, .size = 1);
		peer_falls_silent(&s, s.connections[i].name, .at_s = 4);
	}
	watch(&s, .until = TIME, .s = 250);

	const struct timeline *t = drive(&s);

	expect_notice_of_each(t, &s);
}

/* Every other one by FIN. */
CASE(notice, of_sixteen_peers_that_end_together_each_is_told_of, "KA-NOTICE-01")
{
	struct scenario s = together(16, 16, 7200);

	for (int i = 0; i < 16; i++) {
		if (i % 2 == 0)
			peer_closes(&s, s.connections[i].name, .at_s = 3);
		else
			peer_resets(&s, s.connections[i].name, .at_s = 3);
	}
	watch(&s, .until = TIME, .s = 30);

	const struct timeline *t = drive(&s);

	expect_notice_of_each(t, &s);
}

CASE(notice, none_while_answered_probes_go_on, "KA-NOTICE-02")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 80);
	watch(&s, .until = TIME, .s = 395);

	const struct timeline *t = drive(&s);

	expect_no_notice(t, "a");
}

/* ---- whatever else is on the UART ---- */

/* Data for another connection arrives before, at and after the death, which comes 75 s after the
 * only probe: every 20 ms where it is due. */
CASE(notice, not_lost_while_data_arrives, "KA-NOTICE-04 KA-NOTICE-05")
{
	struct scenario s = tcp_client("a");
	add_connection(&s, "busy", ROLE_TCP_CLIENT);

	keepalive(&s, "a", .count = 1, .timeout_s = 100);
	peer_falls_silent(&s, "a", .at_s = 1);
	for (int i = 0; i < 24; i++)
		peer_sends(
			&s, "busy", .on_probe = 1, .of = "a", .at_s = 72 + 0.25 * i, .size = 300);
	for (int i = -12; i <= 12; i++)
		peer_sends(
			&s, "busy", .on_probe = 1, .of = "a", .at_s = 75.01 + 0.02 * i, .size = 20);
	watch(&s, .until = TIME, .s = 260);

	const struct timeline *t = drive(&s);

	expect_notice_not_lost(t, "a", "KA-NOTICE-05");
}

CASE(notice, not_lost_among_short_commands, "KA-NOTICE-04 KA-NOTICE-05")
{
	struct scenario s = tcp_client("a");
	add_connection(&s, "busy", ROLE_TCP_CLIENT);

	keepalive(&s, "a", .count = 1, .timeout_s = 100);
	peer_falls_silent(&s, "a", .at_s = 1);
	for (int i = 0; i < 24; i++)
		option_at(
			&s, "busy", "6,4005,8,4", .on_probe = 1, .of = "a", .at_s = 72 + 0.25 * i);
	watch(&s, .until = TIME, .s = 260);

	const struct timeline *t = drive(&s);

	expect_notice_not_lost(t, "a", "KA-NOTICE-05");
}

/* Alone: a FIN comes while a line is half typed, another one and a RST while a data frame is half sent:
 * they are told, and what is typed is whole all the same.  A connection dies while answers are
 * numbers, and its notice is one.  Then the module dials an address that
 * nobody has, and is deaf to commands as long as that takes (cases/DEVICE.md 1).  Its timers go on
 * meanwhile: the second probe of another connection, which is due then, is in time. */
CASE(notice, not_lost_while_a_command_is_typed_or_blocks,
	"KA-NOTICE-01 KA-NOTICE-04 KA-NOTICE-05 KA-NOTICE-06 KA-NOTICE-10 KA-SCHED-02 KA-LIVE-15 "
	"KA-CLOSE-02")
{
	static const char *const ended[] = {"fin", "rst", "in line", "in frame", "rst in frame"};
	enum { ENDED = sizeof ended / sizeof *ended, TYPED = 0 };
	struct scenario s = tcp_client("a");

	add_connection(&s, "probes", ROLE_TCP_CLIENT);
	for (int i = 0; i < ENDED; i++)
		add_connection(&s, ended[i], ROLE_TCP_CLIENT);
	add_connection(&s, "data", ROLE_TCP_CLIENT);
	add_connection(&s, "number", ROLE_TCP_CLIENT);

	s.exclusive = true;
	/* Their first probes come together. */
	keepalive(&s, "a", .count = 1, .timeout_s = 150);
	keepalive(&s, "probes", .count = 2, .timeout_s = 150);
	peer_sends(&s, "a", .at_s = 0.5, .size = 1);
	peer_sends(&s, "probes", .at_s = 0.5, .size = 1);
	peer_falls_silent(&s, "a", .at_s = 1.5);
	peer_falls_silent(&s, "probes", .at_s = 1.5);
	option_at(&s, "data", "65535,8,0,4", .at_s = 10, .pause_s = 6);
	peer_closes(&s, "in line", .at_s = 12);
	device_sends(&s, "data", .at_s = 30, .size = 200, .pause_s = 6);
	peer_closes(&s, "in frame", .at_s = 32);
	peer_resets(&s, "rst in frame", .at_s = 34);
	/* It dies 75 s before the module is deaf, by each model. */
	keepalive(&s, "number", .count = 1, .timeout_s = 75);
	peer_sends(&s, "number", .at_s = 0.5, .size = 1);
	peer_falls_silent(&s, "number", .at_s = 1.5);
	command_at(&s, "number", "ATV0", .at_s = 40);
	command_at(&s, "number", "ATV1", .after_death_of = "number", .at_s = 10);
	command_at(&s, "number", "ATV1", .at_s = 310);
	command_at(&s, "a", "AT+NCTCP=%n,9", .on_probe = 1, .at_s = 70);
	peer_closes(&s, "fin", .on_probe = 1, .of = "a", .at_s = 72);
	peer_resets(&s, "rst", .on_probe = 1, .of = "a", .at_s = 73);
	peer_sends(&s, "data", .on_probe = 1, .of = "a", .at_s = 74, .size = 1400);
	watch(&s, .until = TIME, .s = 320);

	const struct timeline *t = drive(&s);

	expect_gaps_of_75_s(t, "probes");
	expect_notice_not_lost(t, "a", "KA-NOTICE-05");
	for (int i = 0; i < ENDED; i++)
		expect_notice_not_lost(t, ended[i], "KA-NOTICE-05");
	expect_notice_once(t, "number");
	expect_notice_as_number(t, "number");
	expect_fin_answered(t, "fin", .within_s = 20);
	expect_accepted(t, "data", .nth = TYPED, .requirement = "KA-NOTICE-10");
	expect_stream_intact(t, "data", .requirement = "KA-NOTICE-10");
	expect_data_delivered(t, "data");
}

/* Numbers of one digit, which is a letter from the eleventh connection on. */
CASE(notice, with_numeric_answers_each_of_sixteen_names_its_own_cid, "KA-NOTICE-01 KA-NOTICE-06")
{
	struct scenario s = together(16, 16, 7200);

	/* The answers of all commands change. */
	command_at(&s, "c0", "ATV0", .at_s = 2);
	for (int i = 0; i < 16; i++)
		peer_resets(&s, s.connections[i].name, .at_s = 3 + i);
	command_at(&s, "c0", "ATV1", .at_s = 25);
	watch(&s, .until = TIME, .s = 28);

	const struct timeline *t = drive(&s);

	expect_notice_of_each(t, &s);
	for (int i = 0; i < 16; i++)
		expect_notice_as_number(t, s.connections[i].name);
}
