/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

/* What restarts the idle time (RFC 9293 MUST-26: nothing was received within the interval). */

/* T = 130 s with a count of 1: by no model does a probe come within 50 s of a received segment. */
static struct scenario idle_130(void)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 130);
	return s;
}

struct phase_row {
	const char *name;
	const char *requirement;
	enum { DATA_RECEIVED, DATA_SENT, BARE_ACK, WINDOW_UPDATE } what;
};

static void restart(struct scenario *s, const struct phase_row *row, double at_s)
{
	switch (row->what) {
	case DATA_RECEIVED:
		peer_sends(s, row->name, .at_s = at_s, .size = 20);
		break;
	case DATA_SENT:
		device_sends(s, row->name, .at_s = at_s, .size = 20);
		break;
	case BARE_ACK:
		peer_answers(s, row->name, .at_s = at_s);
		break;
	case WINDOW_UPDATE:
		peer_answers(s, row->name, .at_s = at_s - 0.5, .raw.closed_window = true);
		peer_answers(s, row->name, .at_s = at_s);
		break;
	}
}

/* Once, far enough behind the beginning of the idle time that each model shows it, with a count of 8:
 * on four connections that the device accepted on one port. */
CASE(schedule, with_a_count_of_8_each_segment_restarts_the_idle_time, "KA-SCHED-04 KA-SCHED-05")
{
	static const struct phase_row rows[] = {{"data received", "KA-SCHED-04", DATA_RECEIVED},
		{"data sent", "KA-SCHED-05", DATA_SENT}, {"bare ACK", "KA-SCHED-05", BARE_ACK},
		{"window update", "KA-SCHED-05", WINDOW_UPDATE}};
	enum { ROWS = sizeof rows / sizeof *rows };
	struct scenario s = scenario_new();

	for (int i = 0; i < ROWS; i++) {
		add_connection(&s, rows[i].name, ROLE_TCP_SERVER);
		if (i > 0)
			share_end(&s, rows[i].name, rows[0].name);
	}
	for (int i = 0; i < ROWS; i++) {
		keepalive(&s, rows[i].name, .count = 8, .timeout_s = 600);
		/* A window that shrinks is heeded behind newer octets only (RFC 9293 3.10.7.4). */
		peer_sends(&s, rows[i].name, .at_s = 1, .size = 1);
		restart(&s, &rows[i], 140 + i);
	}
	watch(&s, .until = TIME, .s = 830);

	const struct timeline *t = drive(&s);

	for (int i = 0; i < ROWS; i++)
		expect_first_probe_on_schedule(t, rows[i].name, .requirement = rows[i].requirement);
}

CASE(schedule, data_received_after_an_hour_restarts_the_idle_time_of_two, "KA-SCHED-04")
{
	struct scenario s = tcp_server("a");

	keepalive(&s, "a", .count = 16, .timeout_s = 7200);
	peer_sends(&s, "a", .at_s = 3600, .size = 20);
	watch(&s, .until = TIME, .s = 10890);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "a", .requirement = "KA-SCHED-04");
}

/* Again and again, closer than any idle time: no probe comes at all. */
static void check_kept_away(const struct phase_row *row)
{
	struct scenario s = idle_130();
	for (int i = 1; i <= 13; i++)
		restart(&s, row, 27.0 * i);
	watch(&s, .until = TIME, .s = 370);

	const struct timeline *t = drive(&s);

	expect_no_probes(t, "a", .requirement = row->requirement);
}

#define KEPT_AWAY(name_, requirement_, ...)                                                        \
	CASE_ROW(schedule, name_, requirement_, check_kept_away,                                   \
		&(struct phase_row){.name = "a", .requirement = (requirement_), __VA_ARGS__})

KEPT_AWAY(data_received_every_27_s_keeps_probes_away, "KA-SCHED-04", .what = DATA_RECEIVED)
KEPT_AWAY(data_sent_every_27_s_keeps_probes_away, "KA-SCHED-05", .what = DATA_SENT)
KEPT_AWAY(a_bare_ack_every_27_s_keeps_probes_away, "KA-SCHED-05", .what = BARE_ACK)
KEPT_AWAY(a_window_update_every_27_s_keeps_probes_away, "KA-SCHED-05", .what = WINDOW_UPDATE)

/* 4.4BSD restarts the idle time by any segment, also by one that is acknowledged already. */
CASE(schedule, what_the_peers_probes_do_to_the_idle_time, "KA-SCHED-08")
{
	struct scenario s = idle_130();
	for (int i = 1; i <= 9; i++)
		peer_probes(&s, "a", .at_s = 27.0 * i);
	watch(&s, .until = TIME, .s = 460);

	const struct timeline *t = drive(&s);

	record_peer_probe(t, "a");
}
