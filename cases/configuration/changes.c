/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

/* Options that change in the life of a connection.  Nothing says what becomes of an idle time that
 * is under way; what comes after it follows the new options. */

#define ON "65535,8,1,4"
#define OFF "65535,8,0,4"

/* ---- SO_KEEPALIVE ---- */

CASE(configuration, switched_on_late_it_probes, "KA-CFG-04")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .off = true, .count = 1, .timeout_s = 100);
	option_at(&s, "a", ON, .at_s = 120);
	peer_sends(&s, "a", .at_s = 125, .size = 10);
	watch(&s, .until = TIME, .s = 395);

	const struct timeline *t = drive(&s);

	expect_alive(t, "a", .rounds = 1, .requirement = "KA-CFG-04");
	expect_first_probe_on_schedule(t, "a", .requirement = "KA-CFG-04");
}

CASE(configuration, switched_on_late_nothing_came_before, "KA-CFG-02 KA-CFG-04")
{
	struct scenario s = tcp_client("early");
	add_connection(&s, "never", ROLE_TCP_CLIENT);

	keepalive(&s, "early", .count = 1, .timeout_s = 100);
	keepalive(&s, "never", .off = true, .count = 1, .timeout_s = 100);
	option_at(&s, "early", OFF, .at_s = 10);
	option_at(&s, "never", "6,4001,80,4", .at_s = 20);
	peer_sends(&s, "early", .at_s = 30, .size = 30);
	peer_sends(&s, "never", .at_s = 30, .size = 30);
	device_sends(&s, "early", .at_s = 32, .size = 30);
	watch(&s, .until = TIME, .s = 395);

	const struct timeline *t = drive(&s);

	expect_no_probes(t, "early", .requirement = "KA-CFG-04");
	expect_no_probes(t, "never", .requirement = "KA-CFG-02");
}

CASE(configuration, switched_off_after_answered_rounds_it_is_quiet, "KA-CFG-04 KA-NOTICE-02")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 80);
	option_at(&s, "a", OFF, .at_s = 350);
	watch(&s, .until = TIME, .s = 700);

	const struct timeline *t = drive(&s);

	expect_alive(t, "a", .rounds = 1, .requirement = "KA-CFG-04");
	expect_no_probes_since_option(t, "a");
	expect_no_notice(t, "a");
}

/* With the option off there is no keep-alive that could declare the peer dead. */
CASE(configuration, switched_off_in_mid_probing_it_is_quiet_and_lives, "KA-CFG-04 KA-NOTICE-02")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 3, .timeout_s = 230);
	peer_falls_silent(&s, "a", .at_s = 5);
	option_at(&s, "a", OFF, .on_probe = 2, .at_s = 20);
	watch(&s, .until = TIME, .s = 900);

	const struct timeline *t = drive(&s);

	expect_alive(t, "a", .requirement = "KA-CFG-04");
	expect_no_probes_since_option(t, "a");
	expect_no_notice(t, "a");
}

/* Nothing is left to send then but the end, and that does not come. */
CASE(configuration, switched_off_after_the_last_probe_it_lives, "KA-CFG-04 KA-NOTICE-02")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 100);
	peer_falls_silent(&s, "a", .at_s = 5);
	option_at(&s, "a", OFF, .on_probe = 1, .at_s = 30);
	watch(&s, .until = TIME, .s = 320);

	const struct timeline *t = drive(&s);

	expect_alive(t, "a", .requirement = "KA-CFG-04");
	expect_no_probes_since_option(t, "a");
	expect_no_notice(t, "a");
}

/* What is on is switched on once more: it stays so. */
CASE(configuration, off_and_on_again_timeout_and_count_stand, "KA-CFG-04")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 2, .timeout_s = 170);
	option_at(&s, "a", OFF, .at_s = 4);
	option_at(&s, "a", ON, .at_s = 8);
	option_at(&s, "a", ON, .at_s = 10);
	peer_sends(&s, "a", .at_s = 19, .size = 1);
	peer_falls_silent(&s, "a", .at_s = 20);
	watch(&s, .until = TIME, .s = 399);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "a", .requirement = "KA-CFG-04");
	expect_probes(t, "a", .count = 2, .requirement = "KA-CFG-04");
}

/* ---- set before and after traffic ---- */

struct traffic_row {
	double options_at_s, data_at_s;
};

static void check_traffic(const struct traffic_row *row)
{
	struct scenario s = tcp_client("a");

	option_at(&s, "a", ON, .at_s = row->options_at_s);
	option_at(&s, "a", "6,4005,2,4", .at_s = row->options_at_s + 0.5);
	option_at(&s, "a", "6,4001,160,4", .at_s = row->options_at_s + 1);
	device_sends(&s, "a", .at_s = row->data_at_s, .size = 200);
	peer_sends(&s, "a", .at_s = row->data_at_s + 1, .size = 300);
	peer_sends(&s, "a", .at_s = 40, .size = 1);
	peer_falls_silent(&s, "a", .at_s = 42);
	watch(&s, .until = TIME, .s = 440);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "a", .requirement = "KA-CFG-13");
	expect_probes(t, "a", .count = 2, .requirement = "KA-CFG-13");
}

#define TRAFFIC(name, ...)                                                                         \
	CASE_ROW(configuration, name, "KA-CFG-13", check_traffic,                                  \
		&(struct traffic_row){__VA_ARGS__})

TRAFFIC(options_before_traffic_take_effect, .options_at_s = 5, .data_at_s = 20)
TRAFFIC(options_after_traffic_take_effect, .options_at_s = 20, .data_at_s = 5)

/* ---- timeout and count ---- */

/* Changed in an idle time; an octet of the peer begins the next one. */
struct change_row {
	int count, timeout_s; /* before */
	const char *change;
	int new_count;
	double watch_s;
};

static void check_change_in_idle(const struct change_row *row)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = row->count, .timeout_s = row->timeout_s);
	option_at(&s, "a", row->change, .at_s = 15);
	peer_sends(&s, "a", .at_s = 20, .size = 5);
	peer_falls_silent(&s, "a", .at_s = 22);
	watch(&s, .until = TIME, .s = row->watch_s);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "a", .requirement = "KA-CFG-09");
	expect_probes(t, "a", .count = row->new_count, .requirement = "KA-CFG-09");
}

#define CHANGED_IN_IDLE(name, ...)                                                                 \
	CASE_ROW(configuration, name, "KA-CFG-09", check_change_in_idle,                           \
		&(struct change_row){__VA_ARGS__})

CHANGED_IN_IDLE(timeout_raised_in_an_idle_time, .count = 1, .timeout_s = 120,
	.change = "6,4001,260,4", .new_count = 1, .watch_s = 500)
CHANGED_IN_IDLE(timeout_lowered_in_an_idle_time, .count = 1, .timeout_s = 400,
	.change = "6,4001,110,4", .new_count = 1, .watch_s = 390)
CHANGED_IN_IDLE(count_raised_in_an_idle_time, .count = 1, .timeout_s = 260, .change = "6,4005,3,4",
	.new_count = 3, .watch_s = 650)
CHANGED_IN_IDLE(count_lowered_in_an_idle_time, .count = 3, .timeout_s = 240, .change = "6,4005,1,4",
	.new_count = 1, .watch_s = 500)

/* The timeout that it has, again and again. */
CASE(configuration, what_an_option_does_to_the_idle_time, "KA-CFG-28")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 130);
	for (int i = 1; i <= 9; i++)
		option_at(&s, "a", "6,4001,130,4", .at_s = 27.0 * i);
	watch(&s, .until = TIME, .s = 460);

	const struct timeline *t = drive(&s);

	record_option_restart(t, "a");
}

/* Changed while it probes: the second probe is answered, and the next round has the new options. */
static void check_change_in_probing(const struct change_row *row)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = row->count, .timeout_s = row->timeout_s);
	peer_falls_silent(&s, "a", .at_s = 2);
	option_at(&s, "a", row->change, .on_probe = 1, .at_s = 10);
	peer_answers(&s, "a", .on_probe = 2, .at_s = 0.5);
	watch(&s, .until = TIME, .s = row->watch_s);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "a", .requirement = "KA-CFG-09");
	expect_probes(t, "a", .count = row->new_count, .requirement = "KA-CFG-09");
}

#define CHANGED_IN_PROBING(name, ...)                                                              \
	CASE_ROW(configuration, name, "KA-CFG-09", check_change_in_probing,                        \
		&(struct change_row){__VA_ARGS__})

CHANGED_IN_PROBING(timeout_raised_in_mid_probing, .count = 3, .timeout_s = 240,
	.change = "6,4001,420,4", .new_count = 3, .watch_s = 1130)
CHANGED_IN_PROBING(timeout_lowered_in_mid_probing, .count = 3, .timeout_s = 420,
	.change = "6,4001,240,4", .new_count = 3, .watch_s = 1130)
CHANGED_IN_PROBING(count_raised_in_mid_probing, .count = 3, .timeout_s = 360,
	.change = "6,4005,4,4", .new_count = 4, .watch_s = 1250)
CHANGED_IN_PROBING(count_lowered_in_mid_probing, .count = 4, .timeout_s = 310,
	.change = "6,4005,2,4", .new_count = 2, .watch_s = 1060)

/* ---- one connection's options are its own ---- */

CASE(configuration, options_of_one_connection_leave_the_others, "KA-CFG-10")
{
	struct scenario s = tcp_client("one");
	add_connection(&s, "two", ROLE_TCP_CLIENT);
	add_connection(&s, "untouched", ROLE_TCP_CLIENT);
	add_connection(&s, "three", ROLE_TCP_CLIENT);

	keepalive(&s, "one", .count = 1, .timeout_s = 90);
	keepalive(&s, "two", .count = 2, .timeout_s = 320);
	keepalive(&s, "three", .count = 3, .timeout_s = 240);
	for (int i = 0; i < 4; i++)
		peer_falls_silent(&s, s.connections[i].name, .at_s = 2);
	watch(&s, .until = TIME, .s = 560);

	const struct timeline *t = drive(&s);

	expect_first_probe_on_schedule(t, "one", .requirement = "KA-CFG-10");
	expect_probes(t, "one", .count = 1, .requirement = "KA-CFG-10");
	expect_first_probe_on_schedule(t, "two", .requirement = "KA-CFG-10");
	expect_probes(t, "two", .count = 2, .requirement = "KA-CFG-10");
	expect_first_probe_on_schedule(t, "three", .requirement = "KA-CFG-10");
	expect_probes(t, "three", .count = 3, .requirement = "KA-CFG-10");
	expect_no_probes(t, "untouched", .requirement = "KA-CFG-10");
}

CASE(configuration, switching_one_off_leaves_the_other_on, "KA-CFG-04 KA-CFG-10")
{
	struct scenario s = tcp_client("off");
	add_connection(&s, "on", ROLE_TCP_CLIENT);

	keepalive(&s, "off", .count = 1, .timeout_s = 130);
	keepalive(&s, "on", .count = 1, .timeout_s = 130);
	option_at(&s, "off", OFF, .at_s = 10);
	watch(&s, .until = TIME, .s = 390);

	const struct timeline *t = drive(&s);

	expect_no_probes(t, "off", .requirement = "KA-CFG-04");
	expect_alive(t, "on", .rounds = 2, .requirement = "KA-CFG-10");
	expect_first_probe_on_schedule(t, "on", .requirement = "KA-CFG-10");
}

/* Whatever number it gets: the one that was closed may be given again, and its options not. */
CASE(configuration, a_connection_opened_after_a_close_starts_from_the_defaults, "KA-CFG-11")
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 75);
	device_closes(&s, "a", .at_s = 5);
	device_opens(&s, "a", .at_s = 6);
	watch(&s, .until = TIME, .s = 240);

	const struct timeline *t = drive(&s);

	expect_no_probes(t, "a", .requirement = "KA-CFG-11");
}
