/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

/* Ends that the peer or the network between tells of: RST, FIN, ICMP.  While the device probes the
 * peer hears nothing; what it does then is sent all the same. */

static struct scenario probing_3_on(struct scenario s)
{
	keepalive(&s, "a", .count = 3, .timeout_s = 230);
	peer_falls_silent(&s, "a", .at_s = 5);
	return s;
}

static struct scenario probing_3(void)
{
	return probing_3_on(tcp_client("a"));
}

CASE(dead_peer, a_peer_that_reboots_in_mid_probing_is_noticed_at_the_next_probe,
	"KA-DEAD-02 KA-NOTICE-01 KA-AFTER-02")
{
	struct scenario s = probing_3();
	peer_reboots(&s, "a", .on_probe = 1, .at_s = 10);
	watch(&s, .until = DEATH, .s = 500, .then_s = 160);

	const struct timeline *t = drive(&s);

	expect_reset_noticed(t, "a", .within_s = 5);
	expect_notice_once(t, "a");
	expect_cid_freed(t, "a");
}

struct rebooted_row {
	int count, timeout_s;
};

static void check_rebooted(const struct rebooted_row *row)
{
	struct scenario s = tcp_client("a");

	add_connection(&s, "other", ROLE_TCP_CLIENT);
	keepalive(&s, "a", .count = row->count, .timeout_s = row->timeout_s);
	keepalive(&s, "other", .count = row->count, .timeout_s = row->timeout_s);
	peer_reboots(&s, "a", .at_s = 12);
	watch(&s, .until = DEATH, .s = row->timeout_s + 100, .then_s = 80);

	const struct timeline *t = drive(&s);

	expect_reset_noticed(t, "a", .within_s = 5);
	expect_notice_once(t, "a");
	expect_cid_freed(t, "a");
	expect_alive(t, "other", .rounds = 1, .requirement = "KA-AFTER-04");
	expect_no_notice(t, "other");
}

#define REBOOTED(name, ...)                                                                        \
	CASE_ROW(dead_peer, name, "KA-DEAD-02 KA-NOTICE-01 KA-NOTICE-02 KA-AFTER-02 KA-AFTER-04",  \
		check_rebooted, &(struct rebooted_row){__VA_ARGS__})

REBOOTED(a_rebooted_peer_ends_its_own_connection_only_with_count_1, .count = 1, .timeout_s = 90)
REBOOTED(a_rebooted_peer_ends_its_own_connection_only_with_count_8, .count = 8, .timeout_s = 610)

CASE(dead_peer, a_rst_in_mid_probing_ends_the_connection_at_once,
	"KA-DEAD-04 KA-NOTICE-01 KA-AFTER-02")
{
	struct scenario s = probing_3();
	peer_resets(&s, "a", .on_probe = 1, .at_s = 10);
	watch(&s, .until = TIME, .s = 600);

	const struct timeline *t = drive(&s);

	expect_peer_end_noticed(t, "a", .within_s = 5);
	expect_notice_once(t, "a");
	expect_cid_freed(t, "a");
}

/* This one, and the idle one below, on connections that the device accepted. */
CASE(dead_peer, a_rst_after_the_last_probe_ends_the_connection_at_once, "KA-DEAD-04 KA-NOTICE-01")
{
	struct scenario s = probing_3_on(tcp_server("a"));
	peer_resets(&s, "a", .on_probe = 3, .at_s = 40);
	watch(&s, .until = TIME, .s = 600);

	const struct timeline *t = drive(&s);

	expect_peer_end_noticed(t, "a", .within_s = 5);
	expect_notice_once(t, "a");
}

CASE(dead_peer, a_fin_in_mid_probing_ends_the_connection_at_once,
	"KA-DEAD-04 KA-NOTICE-01 KA-AFTER-02 KA-CLOSE-02")
{
	struct scenario s = probing_3();
	peer_speaks_again(&s, "a", .on_probe = 2, .at_s = 10);
	peer_closes(&s, "a", .on_probe = 2, .at_s = 10);
	watch(&s, .until = TIME, .s = 600);

	const struct timeline *t = drive(&s);

	expect_peer_end_noticed(t, "a", .within_s = 5);
	expect_notice_once(t, "a");
	expect_fin_answered(t, "a");
	expect_cid_freed(t, "a");
}

/* The other one's peer closes behind its last data, while data of the device's is on its way to it:
 * neither is lost. */
CASE(dead_peer, a_fin_of_an_idle_peer_ends_the_connection_at_once,
	"KA-DEAD-04 KA-NOTICE-01 KA-AFTER-02 KA-CLOSE-02 KA-LIVE-15 KA-LIVE-17")
{
	struct scenario s = tcp_server("a");

	add_connection(&s, "b", ROLE_TCP_CLIENT);
	keepalive(&s, "a", .count = 2, .timeout_s = 160);
	keepalive(&s, "b", .count = 2, .timeout_s = 160);
	peer_sends(&s, "b", .at_s = 20, .size = 1400);
	peer_falls_silent(&s, "b", .at_s = 27);
	device_sends(&s, "b", .at_s = 28, .size = 200);
	peer_closes(&s, "b", .at_s = 29);
	peer_speaks_again(&s, "b", .at_s = 30);
	peer_closes(&s, "a", .at_s = 30);
	watch(&s, .until = TIME, .s = 300);

	const struct timeline *t = drive(&s);

	expect_peer_end_noticed(t, "a", .within_s = 5);
	expect_notice_once(t, "a");
	expect_fin_answered(t, "a");
	expect_cid_freed(t, "a");
	expect_peer_end_noticed(t, "b", .within_s = 15);
	expect_notice_once(t, "b", .within_s = 15);
	expect_fin_answered(t, "b", .within_s = 20);
	expect_data_delivered(t, "b");
	expect_stream_intact(t, "b", .requirement = "KA-LIVE-17");
}

/* ---- ICMP destination unreachable ---- */

struct icmp_row {
	int code;
	enum fact_id fact; /* of the codes that are characterised */
};

/* A router says so of the first probe; then the route is there again. */
static void drive_unreachable(const struct icmp_row *row, const struct timeline **t)
{
	struct scenario s = probing_3();

	peer_is_unreachable(&s, "a", .on_probe = 1, .at_s = 0.2, .raw.code = row->code);
	peer_is_unreachable(&s, "a", .on_probe = 1, .at_s = 3, .raw.code = row->code);
	peer_speaks_again(&s, "a", .on_probe = 1, .at_s = 20);
	watch(&s, .until = TIME, .s = 420);
	*t = drive(&s);
}

static void check_soft_error(const struct icmp_row *row)
{
	const struct timeline *t;

	drive_unreachable(row, &t);
	expect_alive(t, "a", .rounds = 1, .requirement = "KA-DEAD-05");
	expect_no_notice(t, "a");
}

static void check_hard_error(const struct icmp_row *row)
{
	const struct timeline *t;

	drive_unreachable(row, &t);
	record(t, "a", row->fact);
}

#define SOFT_ERROR(name, ...)                                                                      \
	CASE_ROW(dead_peer, name, "KA-DEAD-05 KA-NOTICE-02", check_soft_error,                     \
		&(struct icmp_row){__VA_ARGS__})
#define HARD_ERROR(name, ...)                                                                      \
	CASE_ROW(dead_peer, name, "KA-DEAD-06", check_hard_error, &(struct icmp_row){__VA_ARGS__})

SOFT_ERROR(icmp_net_unreachable_does_not_end_the_connection, .code = 0)
SOFT_ERROR(icmp_host_unreachable_does_not_end_the_connection, .code = 1)
SOFT_ERROR(icmp_source_route_failed_does_not_end_the_connection, .code = 5)
HARD_ERROR(what_icmp_protocol_unreachable_does, .code = 2, .fact = FACT_icmp_protocol)
HARD_ERROR(what_icmp_port_unreachable_does, .code = 3, .fact = FACT_icmp_port)
HARD_ERROR(what_icmp_fragmentation_needed_does, .code = 4, .fact = FACT_icmp_fragmentation)

/* The errors go on and so does the silence: the death comes neither sooner nor later for them. */
CASE(dead_peer, icmp_host_unreachable_to_each_probe_changes_nothing_about_the_death,
	"KA-DEAD-05 KA-DEAD-01 KA-NOTICE-01")
{
	struct scenario s = probing_3();
	for (int probe = 1; probe <= 3; probe++)
		peer_is_unreachable(&s, "a", .on_probe = probe, .at_s = 0.2, .raw.code = 1);
	watch(&s, .until = DEATH, .s = 620, .then_s = 20);

	const struct timeline *t = drive(&s);

	expect_probes(t, "a", .count = 3, .requirement = "KA-DEAD-05");
	expect_death(t, "a", .after = FIRST_UNANSWERED_PROBE, .s = 225);
	expect_notice_once(t, "a");
}
