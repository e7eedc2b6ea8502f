/* SPDX-License-Identifier: MIT */
#include "scenario/leases.h"

#include <criterion/criterion.h>
#include <stdio.h>

Test(leases, a_session_shares_its_module)
{
	struct scenario s = tcp_client("a");

	keepalive(&s, "a", .count = 1, .timeout_s = 75);
	peer_falls_silent(&s, "a", .at_s = 1);
	watch(&s, .until = DEATH);
	cr_expect_eq(scenario_sharing(&s), SHARING_ANY);
	cr_expect_not(scenario_names_dead_cid(&s));
	cr_expect_not(scenario_opens_later(&s));
}

Test(leases, all_cids_are_the_whole_module)
{
	struct scenario s = scenario_new();
	char name[8];

	for (int i = 0; i < SCENARIO_CONNECTIONS; i++) {
		snprintf(name, sizeof name, "c%d", i);
		add_connection(&s, name, ROLE_TCP_CLIENT);
	}
	cr_expect_eq(scenario_sharing(&s), SHARING_NONE);
}

Test(leases, a_spare_address_is_not_the_module)
{
	struct scenario s = tcp_client("a");

	at_spare_address(&s, "a");
	cr_expect(scenario_uses_spare_address(&s));
	cr_expect_eq(scenario_sharing(&s), SHARING_ANY);
}

Test(leases, an_option_of_any_cid_wants_nobody_there)
{
	struct scenario in_setup = tcp_client("a"), later = tcp_client("a"), own = tcp_client("a");

	command(&in_setup, "a", "AT+SETSOCKOPT=z,65535,8,1,4");
	cr_expect_eq(scenario_sharing(&in_setup), SHARING_LATER);
	command_at(&later, "a", "AT+SETSOCKOPT=z,65535,8,1,4", .at_s = 1);
	cr_expect_eq(scenario_sharing(&later), SHARING_NONE);
	command(&own, "a", "AT+SETSOCKOPT=%d,65535,8,1,4");
	cr_expect_eq(scenario_sharing(&own), SHARING_ANY);
}

Test(leases, what_takes_the_uart_takes_the_module)
{
	struct scenario data_mode = tcp_client("a"), blocks = tcp_client("a");

	in_data_mode(&data_mode, "a");
	cr_expect_eq(scenario_sharing(&data_mode), SHARING_NONE);
	command_at(&blocks, "a", "AT+NCTCP=%n,9", .at_s = 5);
	cr_expect_eq(scenario_sharing(&blocks), SHARING_NONE);
}

Test(leases, the_number_of_a_dead_connection_is_to_go_to_nobody)
{
	struct scenario s = tcp_client("a"), opened_again = tcp_client("a");

	option_at(&s, "a", "65535,8,1,4", .after_death_of = "a", .at_s = 5);
	cr_expect(scenario_names_dead_cid(&s));
	cr_expect_eq(scenario_sharing(&s), SHARING_ANY);
	device_opens(&opened_again, "a", .after_death_of = "a", .at_s = 3);
	option_at(&opened_again, "a", "65535,8,1,4", .after_death_of = "a", .at_s = 5);
	cr_expect_not(scenario_names_dead_cid(&opened_again));
	cr_expect(scenario_opens_later(&opened_again));
}
