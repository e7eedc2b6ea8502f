/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "runner/case.h"

/* When probes are sent. */

struct schedule_row {
	int count, timeout_s;
};

/* A silent peer: the first probe, every gap, and the count.  That the timeout was taken is asked,
 * too: 7200 s is what there is without it. */
static void check_schedule(const struct schedule_row *row)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = row->count, .timeout_s = row->timeout_s);
	peer_falls_silent(&s, "a", .at_s = 2);
	watch(&s, .until = DEATH, .then_s = 10);

	const struct timeline *t = drive(&s);

	expect_accepted(t, "a", .nth = 2);
	expect_first_probe_on_schedule(t, "a");
	expect_gaps_of_75_s(t, "a");
	expect_probes(t, "a", .count = row->count);
	expect_death(t, "a", .after = FIRST_UNANSWERED_PROBE, .s = 75.0 * row->count);
	expect_notice_once(t, "a");
	/* Model B may do without a probe there. */
	if (row->timeout_s > 75)
		expect_sound_probes(t, "a");
}

#define SCHEDULE(n, t)                                                                             \
	CASE_ROW(schedule, count_##n##_timeout_##t##_every_probe_on_schedule,                      \
		"KA-SCHED-01 KA-SCHED-02 KA-SCHED-03 KA-DEAD-01 KA-CFG-03 "                        \
		"KA-NOTICE-01 " SOUND_PROBES,                                                      \
		check_schedule, &(struct schedule_row){.count = (n), .timeout_s = (t)})

SCHEDULE(1, 75)
SCHEDULE(1, 100)
SCHEDULE(1, 150)
SCHEDULE(2, 150)
SCHEDULE(3, 300)
SCHEDULE(1, 600)
SCHEDULE(2, 600)
SCHEDULE(3, 700)
SCHEDULE(8, 700)
SCHEDULE(16, 1200)
/* After a long idle time the probes are as far apart as ever. */
SCHEDULE(1, 7200)
SCHEDULE(3, 7200)
SCHEDULE(8, 7200)

CASE(schedule, first_probe_of_an_answering_peer_is_on_schedule, "KA-SCHED-01")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 2, .timeout_s = 200);
	watch(&s, .until = TIME, .s = 500);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "a");
}

/* ---- round after round ---- */

struct steady_row {
	int count, timeout_s;
	double watch_s;
	int rounds; /* that come by the slowest model */
};

static void check_steady(const struct steady_row *row)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = row->count, .timeout_s = row->timeout_s);
	watch(&s, .until = TIME, .s = row->watch_s);

	const struct timeline *t = drive(&s);

	expect_alive(t, "a", .rounds = row->rounds, .requirement = "KA-SCHED-06");
	expect_first_probe_on_schedule(t, "a", .requirement = "KA-SCHED-06");
	expect_sound_probes(t, "a");
}

#define STEADY(name, ...)                                                                          \
	CASE_ROW(schedule, name, "KA-SCHED-06 " SOUND_PROBES, check_steady,                        \
		&(struct steady_row){__VA_ARGS__})

STEADY(steady_over_8_rounds, .count = 1, .timeout_s = 130, .watch_s = 1250, .rounds = 8)
STEADY(steady_over_200_rounds, .count = 1, .timeout_s = 100, .watch_s = 30100, .rounds = 200)
STEADY(steady_over_a_day, .count = 2, .timeout_s = 900, .watch_s = 86400, .rounds = 95)

/* ---- each on its own ---- */

/* The same octets again and again on the one; the other's idle time is its own. */
CASE(schedule, traffic_on_one_connection_leaves_the_other_its_schedule, "KA-SCHED-04 KA-SCHED-07")
{
	struct scenario s = tcp_client("idle");
	add_connection(&s, "busy", ROLE_TCP_CLIENT);

	keepalive(&s, "idle", .count = 1, .timeout_s = 120);
	keepalive(&s, "busy", .count = 1, .timeout_s = 120);
	for (int i = 1; i <= 12; i++) {
		peer_sends(&s, "busy", .at_s = 30.0 * i, .size = 3);
		device_sends(&s, "busy", .at_s = 30.0 * i + 1, .size = 3);
	}
	watch(&s, .until = TIME, .s = 390);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "idle", .requirement = "KA-SCHED-07");
	expect_alive(t, "idle", .rounds = 2, .requirement = "KA-SCHED-07");
	expect_no_probes(t, "busy", .requirement = "KA-SCHED-04");
}

/* All of the module's 16 connections.  Each falls silent at its time. */
static void drive_16(double apart_s, bool one_port, const struct timeline **t)
{
	struct scenario s = scenario_new();
	char name[8];

	for (int i = 0; i < 16; i++) {
		snprintf(name, sizeof name, "c%d", i);
		add_connection(&s, name, ROLE_TCP_CLIENT);
		if (one_port && i > 0)
			share_end(&s, name, "c0");
	}
	for (int i = 0; i < 16; i++) {
		snprintf(name, sizeof name, "c%d", i);
		/* Those that do not die together have two timeouts: whose options are whose is
		 * seen. */
		keepalive(&s, name, .count = 1, .timeout_s = one_port && i % 2 != 0 ? 140 : 80);
		peer_sends(&s, name, .at_s = 2 + apart_s * i, .size = 2 + i);
		peer_falls_silent(&s, name, .at_s = 2.5 + apart_s * i);
	}
	watch(&s, .until = TIME, .s = apart_s > 0 ? 310 : 250);
	*t = drive(&s);
}

static void check_16(double apart_s, bool one_port)
{
	const struct timeline *t;
	char name[8];

	drive_16(apart_s, one_port, &t);
	for (int i = 0; i < 16; i++) {
		snprintf(name, sizeof name, "c%d", i);
		expect_first_probe_on_schedule(t, name, .requirement = "KA-SCHED-07");
		expect_probes(t, name, .count = 1, .requirement = "KA-CFG-10");
		expect_death(t, name, .after = FIRST_UNANSWERED_PROBE, .s = 75);
		expect_notice_once(t, name);
		expect_sound_probes(t, name);
		expect_reset_at_snd_nxt(t, name);
		expect_data_delivered(t, name);
	}
}

#define EACH_OF_16                                                                                 \
	"KA-CFG-10 KA-DEAD-01 KA-DEAD-11 KA-LIVE-15 KA-NOTICE-01 KA-SCHED-07 " SOUND_PROBES

/* All die at one instant, and are told of one by one. */
CASE(schedule, sixteen_connections_armed_together_each_on_schedule, EACH_OF_16)
{
	check_16(0, false);
}

/* These have one port of the peer in common, as connections to one server have. */
CASE(schedule, sixteen_connections_armed_one_after_the_other_each_on_schedule, EACH_OF_16)
{
	check_16(4.7, true);
}
