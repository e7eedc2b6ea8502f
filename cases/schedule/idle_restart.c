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
	double at_s;
	int count, timeout_s;
	const char *requirement;
	enum { DATA_RECEIVED, DATA_SENT, BARE_ACK, WINDOW_UPDATE } what;
};

static void restart(struct scenario *s, const struct phase_row *row, double at_s)
{
	switch (row->what) {
	case DATA_RECEIVED:
		peer_sends(s, "a", .at_s = at_s, .size = 20);
		break;
	case DATA_SENT:
		device_sends(s, "a", .at_s = at_s, .size = 20);
		break;
	case BARE_ACK:
		peer_answers(s, "a", .at_s = at_s);
		break;
	case WINDOW_UPDATE:
		peer_answers(s, "a", .at_s = at_s - 0.5, .raw.closed_window = true);
		peer_answers(s, "a", .at_s = at_s);
		break;
	}
}

/* Once, at a phase of the idle time. */
static void check_phase(const struct phase_row *row)
{
	struct scenario s = idle_130();
	restart(&s, row, row->at_s);
	watch(&s, .until = TIME, .s = 395);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "a", .requirement = row->requirement);
}

/* The same with a longer timeout, on a connection that the device accepted. */
static void check_phase_accepted(const struct phase_row *row)
{
	struct scenario s = tcp_server("a");
	keepalive(&s, "a", .count = row->count, .timeout_s = row->timeout_s);
	restart(&s, row, row->at_s);
	watch(&s, .until = TIME, .s = row->at_s + row->timeout_s + 90);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "a", .requirement = row->requirement);
}

#define PHASE(name, requirement_, ...)                                                             \
	CASE_ROW(schedule, name, requirement_, check_phase,                                        \
		&(struct phase_row){.requirement = (requirement_), __VA_ARGS__})

PHASE(data_received_at_10_s_restarts_the_idle_time, "KA-SCHED-04", .at_s = 10)
PHASE(data_received_at_35_s_restarts_the_idle_time, "KA-SCHED-04", .at_s = 35)
PHASE(data_received_at_49_s_restarts_the_idle_time, "KA-SCHED-04", .at_s = 49)
PHASE(data_sent_at_10_s_restarts_the_idle_time, "KA-SCHED-05", .what = DATA_SENT, .at_s = 10)
PHASE(data_sent_at_35_s_restarts_the_idle_time, "KA-SCHED-05", .what = DATA_SENT, .at_s = 35)
PHASE(data_sent_at_49_s_restarts_the_idle_time, "KA-SCHED-05", .what = DATA_SENT, .at_s = 49)
PHASE(a_bare_ack_at_10_s_restarts_the_idle_time, "KA-SCHED-05", .what = BARE_ACK, .at_s = 10)
PHASE(a_bare_ack_at_35_s_restarts_the_idle_time, "KA-SCHED-05", .what = BARE_ACK, .at_s = 35)
PHASE(a_bare_ack_at_49_s_restarts_the_idle_time, "KA-SCHED-05", .what = BARE_ACK, .at_s = 49)
PHASE(a_window_update_at_10_s_restarts_the_idle_time, "KA-SCHED-05", .what = WINDOW_UPDATE,
	.at_s = 10)
PHASE(a_window_update_at_35_s_restarts_the_idle_time, "KA-SCHED-05", .what = WINDOW_UPDATE,
	.at_s = 35)

#define PHASE_ACCEPTED(name, requirement_, ...)                                                    \
	CASE_ROW(schedule, name, requirement_, check_phase_accepted,                               \
		&(struct phase_row){.requirement = (requirement_), __VA_ARGS__})

PHASE_ACCEPTED(with_a_count_of_8_data_received_restarts_the_idle_time, "KA-SCHED-04", .at_s = 140,
	.count = 8, .timeout_s = 750)
PHASE_ACCEPTED(with_a_count_of_8_data_sent_restarts_the_idle_time, "KA-SCHED-05", .what = DATA_SENT,
	.at_s = 140, .count = 8, .timeout_s = 750)
PHASE_ACCEPTED(with_a_count_of_8_a_bare_ack_restarts_the_idle_time, "KA-SCHED-05", .what = BARE_ACK,
	.at_s = 140, .count = 8, .timeout_s = 750)
PHASE_ACCEPTED(data_received_after_an_hour_restarts_the_idle_time_of_two, "KA-SCHED-04",
	.at_s = 3600, .count = 16, .timeout_s = 7200)

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

#define KEPT_AWAY(name, requirement_, ...)                                                         \
	CASE_ROW(schedule, name, requirement_, check_kept_away,                                    \
		&(struct phase_row){.requirement = (requirement_), __VA_ARGS__})

KEPT_AWAY(data_received_every_27_s_keeps_probes_away, "KA-SCHED-04", .what = DATA_RECEIVED)
KEPT_AWAY(data_sent_every_27_s_keeps_probes_away, "KA-SCHED-05", .what = DATA_SENT)
KEPT_AWAY(a_bare_ack_every_27_s_keeps_probes_away, "KA-SCHED-05", .what = BARE_ACK)

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
