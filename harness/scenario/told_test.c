/* SPDX-License-Identifier: MIT */
#include "scenario/told_test.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/expected_test.h"
#include "uart/at_command.h"

static void tell_keepalive(const struct scenario *s, int connection, FILE *stream)
{
	const struct planned_keepalive planned = scenario_keepalive(s, connection);

	fprintf(stream, "%s: keep-alive %s, count %d, timeout %d s%s\n",
		s->connections[connection].name, planned.on ? "on" : "off", planned.count,
		planned.timeout_s, planned.timed ? ", set" : "");
}

/* What each option asks for, by itself and where the connection's plan refuses it. */
static void tell_options(const struct scenario *s, FILE *stream)
{
	for (int i = 0; i < s->step_count; i++) {
		const struct step *step = &s->steps[i];
		const struct at_option option = step_option(step);
		if (step->kind != STEP_OPTION && step->kind != STEP_COMMAND)
			continue;
		const struct planned_keepalive planned =
			step->connection == NO_CONNECTION ? planned_keepalive_default()
							  : scenario_keepalive(s, step->connection);
		fprintf(stream, "%s: option %d, %s %ld, kind %d, %s\n", step->text,
			(int)option.name, option.whole ? "value" : "begins", (long)option.value,
			(int)step_option_kind(step),
			planned_keepalive_refuses(&planned, step) ? "refused" : "taken");
	}
}

static void tell(const struct scenario_file *file, FILE *stream)
{
	const struct scenario *s = &file->scenario;
	char requirements[SCENARIO_REQUIREMENTS];
	struct error err = {0};

	if (scenario_file_write(file, NULL, stream, &err) != 0)
		fprintf(stream, "not written: %s\n", err.text);
	fprintf(stream, "takes %d CIDs, %.6f s at most, %.6f s as a rule%s%s%s; %s\n",
		scenario_cids(s), (double)scenario_limit(s) / 1e9,
		(double)scenario_expected(s) / 1e9, s->exclusive ? ", alone" : "",
		scenario_uses_spare_address(s) ? ", a spare address" : "",
		scenario_uses_access_point(s) ? ", the access point" : "",
		scenario_file_requirements(file, requirements));
	for (int i = 0; i < s->connection_count; i++)
		tell_keepalive(s, i, stream);
	tell_options(s, stream);
}

void expect_scenario(const struct scenario_file *file)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	cr_assert_not_null(stream);
	if (file->scenario.error[0] != '\0')
		fprintf(stream, "error: %s\n", file->scenario.error);
	else
		tell(file, stream);
	(void)fclose(stream);
	expect_lines("scenario", text);
	free(text);
}

/* ---- scenarios ---- */

static struct scenario_file file;

#define TELL(built, ...)                                                                           \
	do {                                                                                       \
		file = (struct scenario_file){.name = "told", .scenario = built};                  \
		struct scenario *s = &file.scenario;                                               \
		file.expectations[file.expectation_count++] = expectation_new(EXPECT_alive, 0);    \
		__VA_ARGS__;                                                                       \
		expect_scenario(&file);                                                            \
	} while (0)

Test(told, options_at_their_limits)
{
	static const char *const options[] = {"65535,8,0,4", "65535,8,1,4", "65535,8,2,4",
		"65535,8,-1,4", "6,4005,0,4", "6,4005,1,4", "6,4005,8,4", "6,4005,9,4",
		"6,4005,28633115,4", "6,4005,28633116,4", "6,4005,-1,4", "6,4001,0,4", "6,4001,1,4",
		"6,4001,599,4", "6,4001,600,4", "6,4001,601,4", "6,4001,2147483647,4",
		"6,4001,2147483648,4", "6,4001,600", "6,4001,600,4,", "6,4001,x,4", "7,4001,600,4",
		"6,4010,5,4", "", ","};

	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		TELL(tcp_client("a"), watch(s, .until = DEATH);
			act_with(s, "a", STEP_OPTION, (struct when){.text = options[i]});
			s->steps[0].anchor = ANCHOR_SETUP);
}

Test(told, one_option_behind_another)
{
	TELL(tcp_client("a"), keepalive(s, "a", .count = 2, .timeout_s = 150);
		watch(s, .until = DEATH, .s = 500));
	TELL(tcp_client("a"), keepalive(s, "a", .count = 2, .timeout_s = 149);
		watch(s, .until = DEATH, .then_s = 1));
	TELL(tcp_client("a"), keepalive(s, "a", .count = 2, .timeout_s = 151);
		watch(s, .until = DEATH, .then_s = .5));
	TELL(tcp_client("a"),
		keepalive(s, "a", .timeout_s = 150, .count = 2, .timeout_first = true);
		watch(s, .until = TIME, .s = 1, .then_s = 2));
	TELL(tcp_client("a"), keepalive(s, "a", .count = 3); watch(s, .until = DEATH));
	TELL(tcp_client("a"), keepalive(s, "a", .timeout_s = 675); watch(s, .until = DEATH));
	TELL(tcp_client("a"), keepalive(s, "a", .timeout_s = 676, .off = true);
		watch(s, .until = DEATH));
	TELL(tcp_client("a"), option(s, "a", "65535", "8", "1", "4");
		option(s, "a", "6", "4001", "90", "4"); option(s, "a", "6", "4005", "1", "4");
		watch(s, .until = DEATH));
	TELL(tcp_client("a"), command(s, "a", "AT+SETSOCKOPT=%d,6,4005,1,4");
		command(s, "a", "AT+SETSOCKOPT=%c,6,4001,90,4");
		command(s, "a", "AT+SETSOCKOPT=%d,6,4001,90,4"); command(s, NULL, "AT+XDUM=0");
		watch(s, .until = DEATH));
}

Test(told, each_connection_has_its_own_plan)
{
	struct scenario two = tcp_client("a");

	add_connection(&two, "b", ROLE_TCP_CLIENT);
	keepalive(&two, "a", .count = 1, .timeout_s = 75);
	keepalive(&two, "b", .count = 4, .timeout_s = 301);
	TELL(two, watch(s, .until = DEATH, .of = "a"));
	TELL(two, watch(s, .until = DEATH, .of = "b"); peer_falls_silent(s, "a", .at_s = 5);
		peer_falls_silent(s, "b", .at_s = 4));
	TELL(two, watch(s, .until = DEATH, .of = "b"); s->watch.mask = 3;
		peer_sends(s, "a", .after_death_of = "b", .at_s = 50, .size = 1);
		peer_answers(s, "b", .on_probe = 2, .at_s = 60));
	TELL(two, watch(s, .until = DEATH, .of = "b", .s = 2000);
		peer_answers(s, "b", .on_probe = 2, .at_s = 60, .every = true));
	TELL(two, watch(s, .until = DEATH, .of = "b", .s = 2000);
		peer_answers(s, "a", .on_call = 1, .of = "b"));
	TELL(two, watch(s, .until = DEATH, .of = "b", .s = 2000));
}

Test(told, what_a_scenario_takes)
{
	TELL(tcp_server("a"), watch(s, .s = 5); peer_wraps(s, "a"));
	TELL(tcp_server("a"), watch(s, .s = 5); add_connection(s, "b", ROLE_TCP_SERVER);
		share_end(s, "b", "a"); peer_port_of(s, "b", "a"));
	TELL(tcp_client("a"), watch(s, .s = 5); add_connection(s, "b", ROLE_TCP_CLIENT);
		share_end(s, "b", "a"); s->connections[1].opened_later = true);
	TELL(tcp_client("a"), watch(s, .s = 5); at_spare_address(s, "a"));
	TELL(tcp_client("a"), watch(s, .s = 5); add_connection(s, "b", ROLE_UDP_CLIENT);
		at_spare_address(s, "b"));
	TELL(tcp_client("a"), watch(s, .s = 5); in_data_mode(s, "a"));
	TELL(tcp_client("a"), watch(s, .s = 5); command_at(s, "a", "AT+NCTCP=%n,1", .at_s = 1));
	TELL(tcp_client("a"), watch(s, .s = 5); command_at(s, "a", "AT+NCTCP=%p,1", .at_s = 1));
	TELL(tcp_client("a"), watch(s, .s = 5);
		peer_answers(s, "a", .at_s = 1, .raw.other_address = true));
	TELL(tcp_client("a"), watch(s, .s = 5); peer_answers(s, "a", .at_s = 1,
		.raw.other_port = true, .raw.bad_checksum = true, .raw.closed_window = true,
		.raw.seq_offset = -3, .raw.ack_offset = 7, .raw.copies = 2));
	TELL(tcp_client("a"), watch(s, .s = 5); access_point_goes(s, NULL, .at_s = 1));
	TELL(tcp_client("a"), watch(s, .s = 5); access_point_comes(s, NULL, .at_s = 2));
	for (int servers = 7; servers <= 9; servers++)
		TELL(
			tcp_server("s0"), watch(s, .s = 5); for (int i = 1; i < servers; i++) {
				char name[8];
				snprintf(name, sizeof name, "s%d", i);
				add_connection(s, name, ROLE_TCP_SERVER);
			});
}

static struct scenario full(int connections)
{
	struct scenario s = tcp_client("c0");

	for (int i = 1; i < connections; i++) {
		char name[8];
		snprintf(name, sizeof name, "c%d", i);
		add_connection(&s, name, ROLE_TCP_CLIENT);
	}
	watch(&s, .s = 5);
	return s;
}

Test(told, what_no_scenario_may_say)
{
	TELL(full(SCENARIO_CONNECTIONS), s->exclusive = true);
	TELL(full(SCENARIO_CONNECTIONS + 1), s->exclusive = true);
	TELL(full(1), add_connection(s, "c0", ROLE_TCP_CLIENT));
	TELL(full(1), add_connection(s, "", ROLE_TCP_CLIENT));
	TELL(full(1), add_connection(s, "fifteen-letters", ROLE_TCP_CLIENT));
	TELL(full(1), add_connection(s, "sixteen-letters-", ROLE_TCP_CLIENT));
	for (int steps = SCENARIO_STEPS; steps <= SCENARIO_STEPS + 1; steps++)
		TELL(full(1),
			for (int i = 0; i < steps; i++) peer_falls_silent(s, "c0", .at_s = 1));
	TELL(full(2), peer_wraps(s, "c0"));
	TELL(full(2), share_end(s, "c0", "c1"));
	TELL(full(2), share_end(s, "c1", "c1"));
	TELL(full(2), add_connection(s, "u", ROLE_UDP_CLIENT);
		add_connection(s, "v", ROLE_UDP_CLIENT); share_end(s, "v", "u"));
	TELL(full(2), add_connection(s, "t", ROLE_TCP_SERVER); share_end(s, "t", "c0"));
	TELL(full(2), share_end(s, "c1", "x"));
	TELL(full(2), peer_port_of(s, "c1", "c0"));
	TELL(tcp_server("a"), watch(s, .s = 5); add_connection(s, "b", ROLE_TCP_CLIENT);
		peer_port_of(s, "b", "a"));
	TELL(tcp_client("b"), watch(s, .s = 5); add_connection(s, "a", ROLE_TCP_SERVER);
		peer_port_of(s, "a", "b"));
	TELL(tcp_server("a"), watch(s, .s = 5); peer_port_of(s, "a", "a"));
	TELL(full(1), watch(s, .until = TIME));
	TELL(full(1), watch(s, .until = TIME, .s = -1));
	TELL(full(1), watch(s, .until = DEATH, .of = "x"));
}

Test(told, what_no_step_may_say)
{
	TELL(full(1), peer_falls_silent(s, "c0", .at_s = -.5));
	TELL(full(1), peer_answers(s, "c0", .on_probe = -1));
	TELL(full(1), peer_answers(s, "c0", .on_call = -1));
	TELL(full(1), peer_answers(s, "c0", .on_probe = 1, .on_call = 1));
	TELL(full(1), peer_answers(s, "c0", .on_probe = 1, .after_death_of = "c0"));
	TELL(full(1), peer_answers(s, "c0", .at_s = 1, .every = true));
	TELL(full(1), peer_answers(s, "c0", .on_call = 1, .every = true));
	for (int size = 0; size <= 1; size++) {
		TELL(full(1), peer_sends(s, "c0", .at_s = 1, .size = size));
		TELL(full(1), device_sends(s, "c0", .at_s = 1, .size = size));
	}
	for (int size = -1; size <= 2; size++)
		TELL(full(1), peer_probes(s, "c0", .at_s = 1, .size = size));
	TELL(full(1), device_sends(s, "c0", .at_s = 1, .size = 0, .text = "g"));
	TELL(full(1), device_sends(s, "c0", .at_s = 1, .size = -1, .text = "g"));
	TELL(full(1), device_sends(s, "c0", .at_s = 1, .size = 1400, .text = "%"));
	TELL(full(1), device_sends(s, "c0", .at_s = 1, .size = 1401, .text = "g"));
	TELL(full(1), device_sends(s, "c0", .at_s = 1, .size = 5, .text = "gg"));
	TELL(full(1), command_at(s, "c0", "AT", .at_s = 1, .pause_s = 1));
	TELL(full(1), option_at(s, "c0", "6,4005,1,4", .at_s = 1, .pause_s = .5));
	TELL(full(1), device_sends(s, "c0", .at_s = 1, .size = 5, .pause_s = 2));
	TELL(full(1), peer_sends(s, "c0", .at_s = 1, .size = 5, .pause_s = 2));
	TELL(full(1), command_at(s, "c0", "AT", .at_s = 1, .pause_s = -1));
}

Test(told, commands_at_their_longest)
{
	char text[SCENARIO_TEXT + 2];

	for (size_t length = SCENARIO_TEXT - 1; length <= SCENARIO_TEXT; length++) {
		memset(text, 'x', length);
		text[length] = '\0';
		TELL(full(1), command(s, "c0", text));
		TELL(full(1), command_at(s, "c0", text, .at_s = 1));
		text[length - strlen("1,2,,4")] = '\0';
		TELL(full(1), option(s, "c0", "1", "2", text, "4"));
	}
}
