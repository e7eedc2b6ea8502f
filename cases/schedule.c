/* SPDX-License-Identifier: MIT */
#include "cases/case.h"

/* When probes are sent. */

struct schedule_row {
	int count, timeout_s;
};

static void check_schedule(const struct schedule_row *row)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = row->count, .timeout_s = row->timeout_s);
	peer_falls_silent(&s, "a", .at_s = 2);
	watch(&s, .until = DEATH, .then_s = 10);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "a");
	expect_gaps_of_75_s(t, "a");
	expect_probes(t, "a", row->count);
}

#define SCHEDULE(name, ...)                                                                        \
	CASE_ROW(schedule, name, "KA-SCHED-01 KA-SCHED-02 KA-SCHED-03", check_schedule,            \
		&(struct schedule_row){__VA_ARGS__})

SCHEDULE(count_2_timeout_150_every_probe_on_schedule, .count = 2, .timeout_s = 150)
SCHEDULE(count_3_timeout_300_every_probe_on_schedule, .count = 3, .timeout_s = 300)
SCHEDULE(count_8_timeout_700_every_probe_on_schedule, .count = 8, .timeout_s = 700)

CASE(schedule, first_probe_of_an_answering_peer_is_on_schedule, "KA-SCHED-01")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 2, .timeout_s = 200);
	watch(&s, .until = TIME, .s = 500);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "a");
}
