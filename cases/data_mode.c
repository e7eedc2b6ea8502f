/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

/* Data mode, which serial tunnels use: AT+NAUTO says where to, ATA goes there, and then the UART is one
 * connection's.  "+++" leaves it, the connection stands, ATO returns.  What becomes of the others is
 * said all the same, with AT+XDUM=0. */

/* How "a" is asked in order, as expectations count: "+++", the three options, ATO, data, "+++", ATO,
 * data three times, and behind its death "+++" and AT. */
enum { LEFT_AFTER_DEATH = 11, ASKED_AFTER_DEATH };

/* In data mode the peers of all four end: "a", which has the UART, and "other" fall silent, the two
 * others say so.  The data after that is as short as "+++". */
static void drive_data_mode(const enum connection_role *role, const struct timeline **t)
{
	struct scenario s = tcp_client("other");

	add_connection(&s, "fin", ROLE_TCP_CLIENT);
	add_connection(&s, "rst", ROLE_TCP_CLIENT);
	add_connection(&s, "a", *role);
	in_data_mode(&s, "a");
	command(&s, "a", "+++");
	command(&s, NULL, "AT+XDUM=0");
	keepalive(&s, "other", .count = 1, .timeout_s = 75);
	keepalive(&s, "a", .count = 1, .timeout_s = 75);
	command(&s, "a", "ATO");
	peer_falls_silent(&s, "other", .at_s = 1);
	device_sends(&s, "a", .at_s = 2, .size = 300);
	peer_sends(&s, "a", .at_s = 3, .size = 1400);
	command_at(&s, "a", "+++", .at_s = 6);
	command_at(&s, "a", "ATO", .at_s = 12);
	device_sends(&s, "a", .at_s = 14, .size = 700);
	peer_sends(&s, "a", .at_s = 15, .size = 40);
	peer_closes(&s, "fin", .at_s = 17);
	peer_resets(&s, "rst", .at_s = 18);
	device_sends(&s, "a", .at_s = 20, .size = 3);
	peer_sends(&s, "a", .at_s = 21, .size = 3);
	device_sends(&s, "a", .at_s = 22, .size = 2);
	peer_falls_silent(&s, "a", .at_s = 24);
	command_at(&s, "a", "+++", .after_death_of = "a", .at_s = 6);
	command_at(&s, "a", "AT", .after_death_of = "a", .at_s = 16);
	watch(&s, .until = DEATH, .of = "a", .then_s = 20);
	*t = drive(&s);
}

enum { LEFT_AGAIN = 6 };

static void check_data_mode(const enum connection_role *role)
{
	const struct timeline *t;

	drive_data_mode(role, &t);
	/* Only in data mode has it an answer: ATO returned. */
	expect_accepted(t, "a", .nth = LEFT_AGAIN, .requirement = "KA-MODE-01");
	expect_data_delivered(t, "a", .requirement = "KA-MODE-01");
	expect_stream_intact(t, "a", .requirement = "KA-MODE-01");
	expect_first_probe_on_schedule(t, "a", .requirement = "KA-MODE-02");
	expect_probes(t, "a", .count = 1, .requirement = "KA-MODE-02");
	expect_death(t, "a", .after = FIRST_UNANSWERED_PROBE, .s = 75);
	expect_notice_not_lost(t, "a", "KA-NOTICE-07");
	expect_notice_not_lost(t, "other", "KA-NOTICE-07");
	expect_notice_not_lost(t, "fin", "KA-NOTICE-07");
	expect_notice_not_lost(t, "rst", "KA-NOTICE-07");
	record_data_mode_after_death(t, "a", .nth = LEFT_AFTER_DEATH);
	expect_accepted(t, "a", .nth = ASKED_AFTER_DEATH, .requirement = "KA-AFTER-08");
}

#define IN_DATA_MODE(name, role)                                                                   \
	CASE_ROW(data_mode, name,                                                                  \
		"KA-MODE-01 KA-MODE-02 KA-MODE-03 KA-CFG-21 KA-DEAD-01 KA-NOTICE-04 "              \
		"KA-NOTICE-07 KA-AFTER-08",                                                        \
		check_data_mode, &(enum connection_role){role})

IN_DATA_MODE(a_client_is_kept_alive_and_all_ends_are_told, ROLE_TCP_CLIENT)
IN_DATA_MODE(a_server_is_kept_alive_and_all_ends_are_told, ROLE_TCP_SERVER)

/* They were another connection's, whose CID it may have. */
CASE(data_mode, whether_options_from_before_it_hold, "KA-MODE-03")
{
	struct scenario s = tcp_client("before");
	int a = add_connection(&s, "a", ROLE_TCP_CLIENT);

	in_data_mode(&s, "a");
	s.connections[a].opened_later = true;
	keepalive(&s, "before", .count = 1, .timeout_s = 75);
	device_closes(&s, "before", .at_s = 1);
	device_opens(&s, "a", .at_s = 3);
	watch(&s, .until = TIME, .s = 165);

	const struct timeline *t = drive(&s);

	record_data_mode_options(t, "a");
}
