/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "scenario/scenario.h"

Test(scenario, the_vendor_recipe_is_switch_then_count_then_timeout)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 75);
	cr_assert_eq(s.step_count, 3);
	cr_assert_str_eq(s.steps[0].text, "65535,8,1,4");
	cr_assert_str_eq(s.steps[1].text, "6,4005,1,4");
	cr_assert_str_eq(s.steps[2].text, "6,4001,75,4");
	struct planned_keepalive planned = scenario_keepalive(&s, 0);
	cr_assert(planned.on);
	cr_assert_eq(planned.count, 1);
	cr_assert_eq(planned.timeout_s, 75);
}

Test(scenario, a_timeout_below_the_floor_is_not_planned)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 8, .timeout_s = 599);
	cr_assert_eq(scenario_keepalive(&s, 0).timeout_s, 7200);
}

Test(scenario, the_watch_for_a_death_outlasts_the_slowest_model)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 100);
	peer_falls_silent(&s, "a", .at_s = 5);
	watch(&s, .until = DEATH, .then_s = 160);
	cr_assert_eq(scenario_limit(&s), (5 + 225 + 85) * NS_PER_S);
	cr_assert_eq(scenario_expected(&s), (225 + 160) * NS_PER_S);
}

Test(scenario, the_first_complaint_is_kept)
{
	struct scenario s = tcp_client("a");

	peer_falls_silent(&s, "b", .at_s = 5);
	peer_sends(&s, "a", .at_s = 5);
	cr_assert_str_eq(s.error, "unknown connection 'b'");
}

Test(scenario, a_server_needs_a_cid_for_its_listener)
{
	struct scenario s = tcp_client("a");

	add_connection(&s, "b", ROLE_TCP_SERVER);
	cr_assert_eq(scenario_cids(&s), 3);
}

Test(scenario, an_option_written_as_a_command_is_planned_too)
{
	struct scenario s = tcp_client("a");

	command(&s, "a", "AT+SETSOCKOPT =%d,6,4005,1,4");
	command(&s, "a", "at+setsockopt= %d, 6, 4001, 80, 4");
	cr_assert_eq(scenario_keepalive(&s, 0).count, 1);
	cr_assert_eq(scenario_keepalive(&s, 0).timeout_s, 80);
}

Test(scenario, only_what_the_vendor_documents_counts_as_documented)
{
	static const struct {
		const char *fields;
		enum option_kind kind;
	} rows[] = {
		{"65535,8,1,4", OPTION_DOCUMENTED},
		{"65535,8,2,4", OPTION_OTHER},
		{"6,4001,600,4", OPTION_DOCUMENTED},
		{"6,4001,600,2", OPTION_OTHER},
		{"6,4001,-1,4", OPTION_OTHER},
		{"6,4001,,4", OPTION_OTHER},
		{"6,4001,600", OPTION_OTHER},
		{"6,4005,0,4", OPTION_OTHER},
		{"6,4005,4294967297,4", OPTION_OTHER},
		{"6,4005,one,4", OPTION_OTHER},
		{"6,16389,1,4", OPTION_NONE},
		{"6,10,60,4", OPTION_NONE},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct scenario s = tcp_client("a");
		option_at(&s, "a", rows[i].fields, .at_s = 1);
		cr_expect_eq(step_option_kind(&s.steps[0]), rows[i].kind, "%s", rows[i].fields);
	}
}

Test(scenario, a_raw_segment_follows_the_nth_unanswered_probe)
{
	struct scenario s = tcp_client("a");

	peer_answers(&s, "a", .on_probe = 3, .at_s = 40, .every = true, .raw.ack_offset = -1);
	cr_assert_str_empty(s.error);
	const struct step *step = &s.steps[0];
	cr_expect_eq(step->kind, STEP_PEER_SEGMENT);
	cr_expect_eq(step->raw.kind, RAW_ACK);
	cr_expect_eq(step->raw.ack_offset, -1);
	cr_expect_eq(step->anchor, ANCHOR_PROBE);
	cr_expect_eq(step->anchor_connection, 0);
	cr_expect_eq(step->nth, 3);
	cr_expect_eq(step->at_ns, 40 * NS_PER_S);
	cr_expect(step->every);
}

Test(scenario, a_step_follows_one_thing_only)
{
	struct scenario s = tcp_client("a");

	peer_answers(&s, "a", .on_probe = 1, .after_death_of = "a");
	cr_assert_str_eq(s.error, "step does not define its time");
}

Test(scenario, a_step_is_repeated_only_for_probes)
{
	struct scenario s = tcp_client("a");

	peer_answers(&s, "a", .at_s = 5, .every = true);
	cr_assert_str_eq(s.error, "step for every probe does not define the connection");
}

Test(scenario, a_death_after_answered_probes_is_expected_when_the_case_says)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 2, .timeout_s = 160);
	peer_answers(&s, "a", .on_probe = 1);
	watch(&s, .until = DEATH, .s = 900, .then_s = 10);
	cr_assert_eq(scenario_expected(&s), 910 * NS_PER_S);
}

Test(scenario, a_peer_at_the_spare_address_is_a_lease)
{
	struct scenario s = tcp_client("a");

	cr_expect_not(scenario_uses_spare_address(&s));
	at_spare_address(&s, "a");
	cr_expect(s.connections[0].spare);
	cr_expect(scenario_uses_spare_address(&s));
}

Test(scenario, servers_that_share_a_listener_take_a_cid_less)
{
	struct scenario s = tcp_server("a");

	add_connection(&s, "b", ROLE_TCP_SERVER);
	cr_expect_eq(scenario_cids(&s), 4);
	share_end(&s, "b", "a");
	cr_expect_eq(scenario_cids(&s), 3);
	cr_expect_str_empty(s.error);
}

Test(scenario, only_an_earlier_connection_of_the_same_role_shares_its_end)
{
	struct scenario role = tcp_client("a"), later = tcp_client("a");

	add_connection(&role, "b", ROLE_TCP_SERVER);
	share_end(&role, "b", "a");
	cr_expect_str_not_empty(role.error);
	add_connection(&later, "b", ROLE_TCP_CLIENT);
	share_end(&later, "a", "b");
	cr_expect_str_not_empty(later.error);
}

Test(scenario, a_watch_that_ends_at_a_time_has_a_duration)
{
	struct scenario s = tcp_client("a"), of_death = tcp_client("a");

	watch(&s, .until = TIME, .s = 1);
	cr_expect_str_empty(s.error);
	watch(&s, .until = TIME, .then_s = 5);
	cr_expect_str_eq(s.error, "the watch has no duration");
	watch(&of_death, .until = DEATH);
	cr_expect_str_empty(of_death.error);
}
