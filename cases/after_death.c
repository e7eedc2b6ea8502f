/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "runner/case.h"

/* What a dead connection leaves behind. */

static struct scenario dying(void)
{
	struct scenario s = tcp_client("dead");

	keepalive(&s, "dead", .count = 1, .timeout_s = 90);
	peer_falls_silent(&s, "dead", .at_s = 2);
	return s;
}

/* Dies, and is opened again. */
static void opened_again(struct scenario *s, const char *name)
{
	keepalive(s, name, .count = 1, .timeout_s = 120);
	peer_falls_silent(s, name, .at_s = 2);
	device_opens(s, name, .after_death_of = name, .at_s = 5);
}

/* All 16 CIDs are open, so that there is none for a seventeenth, and three die: the only numbers that
 * new connections can get are the dead ones'.  Of what was set on them nothing is left, each option
 * apart.  Another one is closed in an idle time, and opened again with the same options: none of that
 * time counts.  A fifth one had a TCP_MAXRT of 1 s, which does not hold for the next one: data waits
 * for its acknowledgement, as long as every stack does (RFC 1122 4.2.3.5).  Once all are open again
 * the listener is dialled, for whom there is no CID: whatever it answers, nobody else feels it. */
CASE(after_death, a_cid_that_is_used_again_has_no_past,
	"KA-AFTER-02 KA-AFTER-07 KA-CFG-11 KA-OPEN-01 KA-OPEN-04 KA-LIVE-17 KA-NOTICE-02")
{
	static const char *const reused[] = {"dead", "off", "no T"};
	struct scenario s = tcp_client("lives");

	for (int i = 0; i < 3; i++)
		add_connection(&s, reused[i], ROLE_TCP_CLIENT);
	add_connection(&s, "server", ROLE_TCP_SERVER);
	for (int i = 1; i < 11; i++) {
		char name[8];
		snprintf(name, sizeof name, "c%d", i);
		add_connection(&s, name, ROLE_TCP_CLIENT);
	}
	keepalive(&s, "lives", .count = 1, .timeout_s = 100);
	for (int i = 0; i < 3; i++)
		opened_again(&s, reused[i]);
	command_at(&s, "c3", "AT+NCTCP=%p,9", .at_s = 3.5);
	option_at(&s, "off", "6,4005,1,4", .after_death_of = "off", .at_s = 8);
	option_at(&s, "off", "6,4001,80,4", .after_death_of = "off", .at_s = 9);
	option_at(&s, "no T", "6,4005,1,4", .after_death_of = "no T", .at_s = 8);
	option_at(&s, "no T", "65535,8,1,4", .after_death_of = "no T", .at_s = 9);
	peer_dials(&s, "server", .at_s = 75);
	keepalive(&s, "c1", .count = 1, .timeout_s = 100);
	device_closes(&s, "c1", .at_s = 5);
	device_opens(&s, "c1", .at_s = 60);
	option_at(&s, "c1", "65535,8,1,4", .at_s = 62);
	option_at(&s, "c1", "6,4005,1,4", .at_s = 64);
	option_at(&s, "c1", "6,4001,100,4", .at_s = 66);
	peer_falls_silent(&s, "c1", .at_s = 69);
	option(&s, "c2", "6", "10", "1", "4");
	device_closes(&s, "c2", .at_s = 8);
	device_opens(&s, "c2", .at_s = 71);
	peer_falls_silent(&s, "c2", .at_s = 80);
	device_sends(&s, "c2", .at_s = 81, .size = 100);
	peer_speaks_again(&s, "c2", .at_s = 100);
	watch(&s, .until = DEATH, .of = "dead", .then_s = 180);

	const struct timeline *t = drive(&s);

	/* In whatever words: those of the table are the vendor's. */
	expect_refused(t, "c3", .nth = 0, .requirement = "KA-OPEN-01");
	for (int i = 0; i < 3; i++) {
		expect_opened(t, reused[i]);
		expect_no_probes(t, reused[i], .requirement = "KA-CFG-11");
	}
	expect_opened(t, "c1");
	expect_first_probe_on_schedule(t, "c1", .requirement = "KA-AFTER-07");
	expect_probes(t, "c1", .count = 1, .requirement = "KA-AFTER-07");
	expect_alive(t, "c2", .requirement = "KA-CFG-11");
	expect_stream_intact(t, "c2", .requirement = "KA-LIVE-17");
	expect_alive(t, "lives", .rounds = 1, .requirement = "KA-OPEN-04");
	expect_no_notice(t, "lives");
}

CASE(after_death, a_new_connection_has_timers_of_its_own, "KA-AFTER-07")
{
	struct scenario s = dying();

	device_opens(&s, "dead", .after_death_of = "dead", .at_s = 3);
	option_at(&s, "dead", "65535,8,1,4", .after_death_of = "dead", .at_s = 4);
	option_at(&s, "dead", "6,4005,2,4", .after_death_of = "dead", .at_s = 4.5);
	option_at(&s, "dead", "6,4001,160,4", .after_death_of = "dead", .at_s = 5);
	peer_falls_silent(&s, "dead", .after_death_of = "dead", .at_s = 12);
	watch(&s, .until = DEATH, .then_s = 410);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "dead", .requirement = "KA-AFTER-07");
	expect_probes(t, "dead", .count = 2, .requirement = "KA-AFTER-07");
}

CASE(after_death, nothing_is_sent_for_five_minutes, "KA-AFTER-01")
{
	struct scenario s = dying();
	watch(&s, .until = DEATH, .then_s = 300);

	const struct timeline *t = drive(&s);

	expect_no_segment_after_death(t, "dead", .for_s = 300);
}

/* Closed by command in an idle time: its keep-alive ends with it.  Data that is on its way when the
 * other one is closed arrives, and the FIN behind it. */
CASE(after_death, nothing_is_sent_after_a_close, "KA-AFTER-01 KA-CLOSE-01 KA-LIVE-17")
{
	struct scenario s = tcp_client("dead");

	add_connection(&s, "sends", ROLE_TCP_CLIENT);
	keepalive(&s, "dead", .count = 2, .timeout_s = 150);
	peer_falls_silent(&s, "sends", .at_s = 3);
	device_sends(&s, "sends", .at_s = 4, .size = 500);
	device_closes(&s, "sends", .at_s = 4.5);
	device_closes(&s, "dead", .at_s = 5);
	peer_speaks_again(&s, "sends", .at_s = 6);
	watch(&s, .until = TIME, .s = 390);

	const struct timeline *t = drive(&s);

	expect_stream_intact(t, "sends", .requirement = "KA-LIVE-17");
	expect_closed_by_fin(t, "sends", .within_s = 30);

	expect_no_segment_after_death(t, "dead", .for_s = 380);
}

/* The peer is silent until then, and the round stops with the connection. */
CASE(after_death, nothing_is_sent_after_a_close_in_mid_probing, "KA-AFTER-01 KA-CLOSE-01")
{
	struct scenario s = tcp_client("dead");

	keepalive(&s, "dead", .count = 2, .timeout_s = 150);
	peer_falls_silent(&s, "dead", .at_s = 5);
	peer_speaks_again(&s, "dead", .on_probe = 1, .at_s = 9);
	device_closes(&s, "dead", .on_probe = 1, .at_s = 10);
	watch(&s, .until = TIME, .s = 335);

	const struct timeline *t = drive(&s);

	expect_closed_by_fin(t, "dead");
	expect_no_segment_after_death(t, "dead", .for_s = 160);
}

/* ---- the peer is back, too late ---- */

struct late_row {
	double at_s; /* after the death: each row another, so that one burst in the air takes one */
	enum raw_kind kind;
	int octets;
};

/* Three of them, so that the run can tell a RST that is never sent from one that the air took. */
static void check_late(const struct late_row *row)
{
	static const char *const names[] = {"dead", "dead too", "dead as well"};
	struct scenario s = dying();

	for (int i = 0; i < 3; i++) {
		if (i > 0) {
			add_connection(&s, names[i], ROLE_TCP_CLIENT);
			keepalive(&s, names[i], .count = 1, .timeout_s = 90);
			peer_falls_silent(&s, names[i], .at_s = 2);
		}
		act_with(&s, names[i], STEP_PEER_SEGMENT,
			(struct when){.raw.kind = row->kind,
				.after_death_of = names[i],
				.at_s = row->at_s + 4 * i,
				.size = row->octets});
	}
	watch(&s, .until = DEATH, .then_s = 40);

	const struct timeline *t = drive(&s);

	for (int i = 0; i < 3; i++) {
		expect_late_segment_reset(t, names[i]);
		/* It was told of before: what comes late is nothing to tell. */
		expect_notice_once(t, names[i]);
	}
}

#define LATE(name, ...)                                                                            \
	CASE_ROW(after_death, name, "KA-AFTER-03 KA-NOTICE-01", check_late,                        \
		&(struct late_row){__VA_ARGS__})

LATE(a_late_answer_draws_rst, .at_s = 6, .kind = RAW_ACK)
LATE(an_answer_1_s_too_late_draws_rst, .at_s = 1, .kind = RAW_ACK)
LATE(a_late_probe_of_the_peer_draws_rst, .at_s = 11, .kind = RAW_PROBE)
LATE(a_late_octet_of_the_peer_draws_rst, .at_s = 16, .kind = RAW_PROBE, .octets = 1)

/* ---- the others, and the module ---- */

CASE(after_death, the_others_go_on_as_before, "KA-AFTER-04 KA-NOTICE-02")
{
	struct scenario s = dying();
	add_connection(&s, "idle", ROLE_TCP_CLIENT);
	add_connection(&s, "talking", ROLE_TCP_CLIENT);

	keepalive(&s, "idle", .count = 1, .timeout_s = 100);
	for (int i = 1; i <= 9; i++) {
		peer_sends(&s, "talking", .at_s = 40.0 * i, .size = 40);
		device_sends(&s, "talking", .at_s = 40.0 * i + 5, .size = 40);
	}
	watch(&s, .until = TIME, .s = 395);

	const struct timeline *t = drive(&s);

	expect_alive(t, "idle", .rounds = 2, .requirement = "KA-AFTER-04");
	expect_first_probe_on_schedule(t, "idle", .requirement = "KA-AFTER-04");
	expect_alive(t, "talking", .requirement = "KA-AFTER-04");
	expect_no_notice(t, "idle");
	expect_no_notice(t, "talking");
}

CASE(after_death, a_server_accepts_after_the_death_of_what_it_accepted, "KA-AFTER-05")
{
	struct scenario s = tcp_server("server");

	keepalive(&s, "server", .count = 1, .timeout_s = 80);
	peer_falls_silent(&s, "server", .at_s = 2);
	peer_dials(&s, "server", .after_death_of = "server", .at_s = 5);
	watch(&s, .until = DEATH, .then_s = 30);

	const struct timeline *t = drive(&s);

	expect_dialled(t, "server");
}

/* Five of one listener die one after the other, with options of their own; a sixth lives, and the
 * listener goes on.  One that comes when the others have their options has none of them. */
CASE(after_death, a_server_outlives_five_deaths_of_what_it_accepted,
	"KA-AFTER-04 KA-AFTER-05 KA-CFG-11 KA-CFG-22 KA-DEAD-01 KA-LIVE-15 KA-NOTICE-01 "
	"KA-NOTICE-02")
{
	enum { ACCEPTED = 6, LIVES = 2 };
	struct scenario s = scenario_new();
	char name[ACCEPTED][8];

	for (int i = 0; i < ACCEPTED; i++) {
		snprintf(name[i], sizeof name[i], "s%d", i);
		add_connection(&s, name[i], ROLE_TCP_SERVER);
		if (i > 0)
			share_end(&s, name[i], name[0]);
	}
	const int late = add_connection(&s, "late", ROLE_TCP_SERVER);
	s.connections[late].opened_later = true;
	share_end(&s, "late", name[0]);
	device_opens(&s, "late", .at_s = 15);
	for (int i = 0; i < ACCEPTED; i++) {
		keepalive(&s, name[i], .count = 1, .timeout_s = i % 2 == 0 ? 80 : 140);
		peer_sends(&s, name[i], .at_s = 1 + 2 * i, .size = 100 + i);
		if (i != LIVES)
			peer_falls_silent(&s, name[i], .at_s = 3 + 2 * i);
	}
	peer_dials(&s, name[0], .at_s = 248);
	watch(&s, .until = TIME, .s = 260);

	const struct timeline *t = drive(&s);

	for (int i = 0; i < ACCEPTED; i++) {
		if (i == 0 || i == LIVES)
			continue;
		expect_first_probe_on_schedule(t, name[i], .requirement = "KA-CFG-22");
		expect_death(t, name[i], .after = FIRST_UNANSWERED_PROBE, .s = 75);
		expect_notice_once(t, name[i]);
		expect_data_delivered(t, name[i]);
	}
	expect_alive(t, name[LIVES], .rounds = 1, .requirement = "KA-AFTER-04");
	expect_no_notice(t, name[LIVES]);
	expect_dialled(t, name[0]);
	expect_no_probes(t, "late", .requirement = "KA-CFG-11");
}

CASE(after_death, a_server_accepts_after_the_death_of_another_connection, "KA-AFTER-05")
{
	struct scenario s = dying();

	add_connection(&s, "server", ROLE_TCP_SERVER);
	peer_dials(&s, "server", .after_death_of = "dead", .at_s = 5);
	watch(&s, .until = DEATH, .then_s = 30);

	const struct timeline *t = drive(&s);

	expect_dialled(t, "server");
}

/* Four die one after the other, and four are closed in both
 * orders; then it answers. */
CASE(after_death, the_module_goes_on_after_deaths_and_closes, "KA-AFTER-08")
{
	struct scenario s = scenario_new();
	char name[8];

	for (int i = 0; i < 8; i++) {
		snprintf(name, sizeof name, "c%d", i);
		add_connection(&s, name, ROLE_TCP_CLIENT);
	}
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof name, "c%d", i);
		keepalive(&s, name, .count = 1, .timeout_s = 75);
		peer_sends(&s, name, .at_s = 1 + i, .size = 1);
		peer_falls_silent(&s, name, .at_s = 1.5 + i);
	}
	device_closes(&s, "c5", .at_s = 240);
	device_closes(&s, "c4", .at_s = 241);
	device_closes(&s, "c6", .at_s = 242);
	device_closes(&s, "c7", .at_s = 243);
	command_at(&s, "c0", "AT", .at_s = 245);
	watch(&s, .until = TIME, .s = 260);

	const struct timeline *t = drive(&s);

	expect_module_goes_on(t, "c0");
}

CASE(after_death, what_commands_draw_on_the_dead_cid, "KA-AFTER-06 KA-CFG-21")
{
	struct scenario s = dying();

	option_at(&s, "dead", "65535,8,1,4", .after_death_of = "dead", .at_s = 5);
	command_at(&s, "dead", "AT+NCLOSE=%c", .after_death_of = "dead", .at_s = 6);
	device_sends(&s, "dead", .after_death_of = "dead", .at_s = 7, .size = 5);
	command_at(&s, "dead", "AT", .after_death_of = "dead", .at_s = 8);
	watch(&s, .until = DEATH, .then_s = 10);

	const struct timeline *t = drive(&s);

	record_error_dead_option(t, "dead", .nth = 3);
	record_error_dead_close(t, "dead", .nth = 4);
	record_error_dead_data(t, "dead", .nth = 5);
	expect_accepted(t, "dead", .nth = 6, .requirement = "KA-CFG-21");
}

/* ---- again and again ---- */

CASE(after_death, fifty_deaths_leave_the_module_as_it_was,
	"KA-AFTER-02 KA-DEAD-01 KA-NOTICE-01 KA-SCHED-03")
{
	for (int i = 0; i < 50; i++) {
		struct scenario s = dying();
		watch(&s, .until = DEATH, .then_s = 6);

		const struct timeline *t = drive(&s);

		expect_probes(t, "dead", .count = 1);
		expect_death(t, "dead", .after = FIRST_UNANSWERED_PROBE, .s = 75);
		expect_notice_once(t, "dead");
		expect_cid_freed(t, "dead");
	}
}
