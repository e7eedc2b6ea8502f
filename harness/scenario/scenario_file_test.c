/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "scenario/scenario_file.h"
#include "scenario/told_test.h"

#define HEAD "scenario: s\nconnections: [{ name: a }, { name: b }]\n"
#define STEPS "steps:\n"
#define TAIL                                                                                       \
	"watch: { for: 600 s }\nexpectations:\n  - { connection: a, expect: alive, rounds: 2 }\n"

static struct scenario_file file;
static struct error err;

static int read_text(const char *text)
{
	err = (struct error){0};
	return scenario_file_read_text("s.yaml", text, strlen(text), &file, &err);
}

/* Reads what must be right. */
static const struct scenario *reads(const char *text)
{
	cr_assert_eq(read_text(text), 0, "%s", err.text);
	expect_scenario(&file);
	return &file.scenario;
}

static void refused(const char *text, const char *message)
{
	cr_expect_eq(read_text(text), -1, "it reads: %s", text);
	cr_expect_str_eq(err.text, message);
	cr_expect_eq(err.kind, ERROR_USAGE);
}

/* ---- reading ---- */

Test(scenario_file, keepalive_is_the_vendors_recipe)
{
	const struct scenario *s = reads(HEAD
		"setup:\n  - { connection: b, keepalive: { count: 2, timeout: 160 s } }\n" TAIL);

	cr_assert_eq(s->step_count, 3);
	cr_expect_str_eq(s->steps[2].text, "6,4001,160,4");
	cr_expect_eq(s->steps[2].connection, 1);
	cr_expect_eq(s->steps[2].anchor, ANCHOR_SETUP);
	cr_expect_eq(scenario_keepalive(s, 1).count, 2);
}

Test(scenario_file, an_act_has_its_time_connection_and_size)
{
	const struct scenario *s = reads(
		HEAD STEPS "  - { at: 1.5 s, connection: b, act: peer sends, size: 40 }\n" TAIL);

	cr_assert_eq(s->step_count, 1);
	cr_expect_eq(s->steps[0].kind, STEP_PEER_SENDS);
	cr_expect_eq(s->steps[0].anchor, ANCHOR_START);
	cr_expect_eq(s->steps[0].at_ns, 1500 * NS_PER_MS);
	cr_expect_eq(s->steps[0].size, 40);
}

Test(scenario_file, a_step_may_follow_a_probe_of_another_connection)
{
	const struct scenario *s = reads(HEAD STEPS "  - { on_probe: 3, of: b, every: true, "
						    "at: 40 s, connection: a, act: peer answers, "
						    "ack_offset: -1, copies: 2 }\n" TAIL);

	cr_expect_eq(s->steps[0].kind, STEP_PEER_SEGMENT);
	cr_expect_eq(s->steps[0].raw.kind, RAW_ACK);
	cr_expect_eq(s->steps[0].raw.ack_offset, -1);
	cr_expect_eq(s->steps[0].raw.copies, 2);
	cr_expect_eq(s->steps[0].anchor, ANCHOR_PROBE);
	cr_expect_eq(s->steps[0].anchor_connection, 1);
	cr_expect_eq(s->steps[0].nth, 3);
	cr_expect(s->steps[0].every);
}

Test(scenario_file, a_watch_may_end_with_several_deaths)
{
	const struct scenario *s = reads(HEAD "watch: { until_death_of: [a, b], then: 5 s }\n"
					      "expectations: [{ connection: a, expect: alive }]\n");

	cr_expect_eq(s->watch.until, WATCH_DEATH);
	cr_expect_eq(s->watch.mask, 3);
	cr_expect_eq(s->watch.limit_ns, 0);
	cr_expect_eq(s->watch.then_ns, 5 * NS_PER_S);
}

Test(scenario_file, an_expectation_has_its_usual_requirement_and_time)
{
	reads(HEAD
		"watch: { for: 9 s }\nexpectations:\n"
		"  - { connection: b, expect: notice once }\n"
		"  - { connection: b, expect: no probes, requirement: KA-CFG-02 }\n"
		"  - { connection: a, expect: death, after: last received segment, in: 100 s }\n");
	cr_assert_eq(file.expectation_count, 3);
	cr_expect_eq(file.expectations[0].connection, 1);
	cr_expect_str_eq(file.expectations[0].requirement, "KA-NOTICE-01");
	cr_expect_eq(file.expectations[0].parameters.time_ns, 5 * NS_PER_S);
	cr_expect_str_eq(file.expectations[1].requirement, "KA-CFG-02");
	cr_expect_eq(file.expectations[2].parameters.after, LAST_RECEIVED_SEGMENT);
	cr_expect_eq(file.expectations[2].parameters.time_ns, 100 * NS_PER_S);
}

Test(scenario_file, requirements_are_named_once)
{
	char text[SCENARIO_REQUIREMENTS];

	reads(HEAD "watch: { for: 9 s }\nexpectations:\n"
		   "  - { connection: b, expect: no notice }\n"
		   "  - { connection: a, expect: alive }\n"
		   "  - { connection: a, expect: no notice }\n");
	cr_expect_str_eq(scenario_file_requirements(&file, text), "KA-NOTICE-02 KA-LIVE-01");
}

/* ---- what is wrong, and where ---- */

Test(scenario_file, says_what_is_wrong_and_where)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{HEAD "stepps: []\n" TAIL,
			"s.yaml:3:1: unknown key 'stepps' in a scenario (did you mean 'steps'?)"},
		{HEAD STEPS "  - { at: 5 s, connection: a, act: peer falls silant }\n" TAIL,
			"s.yaml:4:36: act must be device opens, device closes, device sends, peer "
			"sends, peer falls silent, peer speaks again, peer reboots, peer resets, "
			"peer closes, peer dials, peer is gone, peer answers, peer probes, peer "
			"sends stray "
			"reset or peer is unreachable, not 'peer falls silant' (did you mean "
			"'peer falls silent'?)"},
		{HEAD STEPS "  - { at: 5, connection: a, act: peer closes }\n" TAIL,
			"s.yaml:4:11: at must be a time with its unit (us, ms, s, min, h), not "
			"'5'"},
		{HEAD STEPS "  - { at: 5 s, connection: c, act: peer closes }\n" TAIL,
			"s.yaml:4:28: unknown connection 'c'"},
		{HEAD STEPS "  - { at: 5 s, act: peer closes }\n" TAIL,
			"s.yaml:4:5: missing key 'connection'"},
		{HEAD STEPS "  - { at: 5 s, connection: a }\n" TAIL,
			"s.yaml:4:5: a step must have exactly one of 'act', 'option' and 'command'"},
		{HEAD STEPS "  - { connection: a, act: peer closes, size: 4 }\n" TAIL,
			"s.yaml:4:46: 'peer closes' does not support 'size'"},
		{HEAD STEPS "  - { connection: a, act: peer sends }\n" TAIL,
			"s.yaml:4:5: step that sends lacks the size"},
		{HEAD STEPS "  - { connection: a, of: b, act: peer closes }\n" TAIL,
			"s.yaml:4:26: 'of' needs 'on_probe' or 'on_call'"},
		{HEAD "setup:\n  - { connection: a }\n" TAIL,
			"s.yaml:4:5: a setup step must have exactly one of 'keepalive', 'option' and 'command'"},
		{HEAD "setup:\n  - { connection: a, keepalive: { timeout: 1.5 s } }\n" TAIL,
			"s.yaml:4:44: timeout must be a whole number of seconds"},
		{HEAD "watch: { then: 5 s }\nexpectations: [{ connection: a, expect: alive }]\n",
			"s.yaml:3:8: watch must have exactly one of 'for' and 'until_death_of'"},
		{HEAD "watch: { for: 5 s }\nexpectations: [{ connection: a, expect: probes }]\n",
			"s.yaml:4:16: 'probes' lacks the key 'count'"},
		{HEAD "watch: { for: 5 s }\n"
		      "expectations: [{ connection: a, expect: alive, in: 5 s }]\n",
			"s.yaml:4:52: 'alive' does not support the key 'in'"},
		{HEAD "watch: { for: 5 s }\n"
		      "expectations: [{ connection: a, expect: alive, requirement: x }]\n",
			"s.yaml:4:61: invalid requirement 'x' (use an id such as KA-DEAD-01)"},
		{HEAD "watch: { for: 5 s }\n",
			"s.yaml:1:1: a scenario lacks the key 'expectations'"},
		{HEAD "watch: { for: 5 s }\nexpectations: []\n",
			"s.yaml:4:15: expectations must have at least 1 entry"},
		{"scenario: a/b\nconnections: [{ name: a }]\n" TAIL,
			"s.yaml:1:11: invalid scenario name 'a/b' (use letters, digits, - _ .)"},
		{"scenario: s\nconnections: [{ name: a }, { name: a }]\n" TAIL,
			"s.yaml:2:28: connection name 'a' is empty, too long or used twice"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		refused(rows[i].text, rows[i].message);
}

/* ---- writing ---- */

static char written[16384];

static void write_file(const struct scenario_file *from, const struct scenario_comments *comments)
{
	memset(written, 0, sizeof written);
	FILE *stream = fmemopen(written, sizeof written - 1, "w");

	cr_assert_not_null(stream);
	cr_assert_eq(scenario_file_write(from, comments, stream, &err), 0, "%s", err.text);
	fclose(stream);
}

static void expect_same_step(const struct step *a, const struct step *b, int index)
{
	cr_expect_eq(a->kind, b->kind, "step %d", index);
	cr_expect_eq(a->connection, b->connection, "step %d", index);
	cr_expect_eq(a->anchor, b->anchor, "step %d", index);
	cr_expect_eq(a->anchor_connection, b->anchor_connection, "step %d", index);
	cr_expect_eq(a->at_ns, b->at_ns, "step %d", index);
	cr_expect_eq(a->nth, b->nth, "step %d", index);
	cr_expect_eq(a->every, b->every, "step %d", index);
	cr_expect_eq(a->size, b->size, "step %d", index);
	cr_expect_str_eq(a->text, b->text);
	cr_expect_eq(a->raw.kind, b->raw.kind, "step %d", index);
	cr_expect_eq(a->raw.seq_offset, b->raw.seq_offset, "step %d", index);
	cr_expect_eq(a->raw.ack_offset, b->raw.ack_offset, "step %d", index);
	cr_expect_eq(a->raw.closed_window, b->raw.closed_window, "step %d", index);
	cr_expect_eq(a->raw.bad_checksum, b->raw.bad_checksum, "step %d", index);
	cr_expect_eq(a->raw.other_port, b->raw.other_port, "step %d", index);
	cr_expect_eq(a->raw.other_address, b->raw.other_address, "step %d", index);
	cr_expect_eq(a->pause_ns, b->pause_ns, "step %d", index);
	cr_expect_eq(a->raw.copies, b->raw.copies, "step %d", index);
	cr_expect_eq(a->raw.code, b->raw.code, "step %d", index);
}

/* Every kind of connection, step, anchor and segment. */
static struct scenario all_of_it(void)
{
	struct scenario s = tcp_client("a");

	add_connection(&s, "b.2", ROLE_TCP_SERVER);
	add_connection(&s, "null", ROLE_UDP_CLIENT);
	s.connections[2].opened_later = true;
	add_connection(&s, "c", ROLE_TCP_SERVER);
	share_end(&s, "c", "b.2");
	peer_port_of(&s, "c", "b.2");
	in_data_mode(&s, "c");
	at_spare_address(&s, "a");
	peer_wraps(&s, "b.2");
	keepalive(&s, "a", .count = 1, .timeout_s = 75);
	keepalive(&s, "b.2", .count = 3, .timeout_s = 600, .timeout_first = true);
	option(&s, "a", "6", "4001", "075", "4");
	command(&s, NULL, "AT+X=\"q\\\"");
	command(&s, "a", "AT+NCLOSE=%c");
	device_sends(&s, "a", .at_s = 0.000000001, .size = 1400);
	device_sends(&s, "a", .at_s = 1, .text = "%");
	device_sends(&s, "a", .at_s = 1, .size = 7, .pause_s = 2.5);
	peer_sends(&s, "a", .at_s = 863999.999999999, .size = 1);
	peer_falls_silent(&s, "a", .at_s = 5);
	peer_speaks_again(&s, "a", .after_death_of = "b.2", .at_s = 2.5);
	peer_reboots(&s, "b.2", .on_call = 1);
	peer_resets(&s, "b.2", .at_s = 1);
	peer_closes(&s, "b.2", .at_s = 1);
	peer_is_gone(&s, "a", .at_s = 1);
	peer_dials(&s, "b.2", .at_s = 1);
	peer_answers(&s, "a", .on_probe = 2, .of = "b.2", .every = true, .raw.ack_offset = -3,
		.raw.seq_offset = 7, .raw.copies = 3, .raw.bad_checksum = true,
		.raw.other_port = true, .raw.other_address = true, .raw.closed_window = true);
	peer_probes(&s, "a", .at_s = 1, .size = 1);
	peer_sends_stray_reset(&s, "a", .at_s = 1, .raw.seq_offset = 99999);
	peer_is_unreachable(&s, "a", .on_probe = 1, .raw.code = 3);
	device_closes(&s, "a", .at_s = 4);
	device_opens(&s, "null", .at_s = 5);
	option_at(&s, "a", "65535,8,0,4", .at_s = 6);
	command_at(&s, NULL, "AT", .at_s = 7);
	watch(&s, .until = DEATH, .of = "b.2", .s = 77.5, .then_s = 1);
	return s;
}

Test(scenario_file, what_is_written_reads_the_same)
{
	static struct scenario_file from;

	from = (struct scenario_file){
		.name = "all", .about = "a \"quoted\" line", .scenario = all_of_it()};
	cr_assert_str_empty(from.scenario.error);
	for (int kind = 0; kind < EXPECTATION_KINDS; kind++) {
		struct expectation *to = &from.expectations[from.expectation_count++];
		*to = expectation_new((enum expectation_kind)kind, kind % 2);
		unsigned has =
			expectation_rule(to->kind)->needs | expectation_rule(to->kind)->takes;
		if ((has & (PARAMETER_COUNT | PARAMETER_ROUNDS | PARAMETER_NTH)) != 0)
			to->parameters.count = kind + 1;
		if ((has & PARAMETER_TIMES) != 0)
			to->parameters.time_ns = kind * NS_PER_S + NS_PER_MS;
		if ((has & PARAMETER_AFTER) != 0)
			to->parameters.after = LAST_RECEIVED_SEGMENT;
		if ((has & PARAMETER_CID_OF) != 0)
			to->parameters.cid_of = 1;
		if ((has & PARAMETER_ANSWER) != 0)
			snprintf(to->parameters.answer, sizeof to->parameters.answer,
				"ERROR: INVALID INPUT");
		snprintf(to->requirement, sizeof to->requirement, "KA-X-%d", kind);
	}
	write_file(&from, NULL);
	const struct scenario *s = reads(written);
	cr_expect_str_eq(file.about, from.about);
	cr_expect(s->exclusive);
	cr_assert_eq(s->connection_count, from.scenario.connection_count);
	for (int i = 0; i < s->connection_count; i++) {
		cr_expect_str_eq(s->connections[i].name, from.scenario.connections[i].name);
		cr_expect_eq(s->connections[i].role, from.scenario.connections[i].role);
		cr_expect_eq(
			s->connections[i].opened_later, from.scenario.connections[i].opened_later);
		cr_expect_eq(s->connections[i].spare, from.scenario.connections[i].spare);
		cr_expect_eq(s->connections[i].wraps, from.scenario.connections[i].wraps);
		cr_expect_eq(s->connections[i].shares, from.scenario.connections[i].shares);
		cr_expect_eq(s->connections[i].port_of, from.scenario.connections[i].port_of);
		cr_expect_eq(s->connections[i].data_mode, from.scenario.connections[i].data_mode);
	}
	cr_assert_eq(s->step_count, from.scenario.step_count);
	for (int i = 0; i < s->step_count; i++)
		expect_same_step(&s->steps[i], &from.scenario.steps[i], i);
	cr_expect_eq(s->watch.until, from.scenario.watch.until);
	cr_expect_eq(s->watch.mask, from.scenario.watch.mask);
	cr_expect_eq(s->watch.limit_ns, from.scenario.watch.limit_ns);
	cr_expect_eq(s->watch.then_ns, from.scenario.watch.then_ns);
	cr_assert_eq(file.expectation_count, from.expectation_count);
	for (int i = 0; i < file.expectation_count; i++) {
		const struct expectation *a = &file.expectations[i], *b = &from.expectations[i];
		cr_expect_eq(a->kind, b->kind);
		cr_expect_eq(a->connection, b->connection);
		cr_expect_str_eq(a->requirement, b->requirement);
		cr_expect_eq(a->parameters.count, b->parameters.count, "expectation %d", i);
		cr_expect_eq(a->parameters.after, b->parameters.after, "expectation %d", i);
		cr_expect_eq(a->parameters.time_ns, b->parameters.time_ns, "expectation %d", i);
		cr_expect_eq(a->parameters.cid_of, b->parameters.cid_of, "expectation %d", i);
		cr_expect_str_eq(a->parameters.answer, b->parameters.answer);
	}
}

Test(scenario_file, the_recipe_is_written_as_keepalive_and_nothing_else_is)
{
	static struct scenario_file from;

	from = (struct scenario_file){.name = "s", .scenario = tcp_client("a")};
	keepalive(&from.scenario, "a", .count = 2, .timeout_s = 160);
	keepalive(&from.scenario, "a", .count = 2, .timeout_s = 160, .timeout_first = true);
	watch(&from.scenario, .s = 5);
	from.expectations[from.expectation_count++] = expectation_new(EXPECT_alive, 0);
	write_file(&from, NULL);
	cr_expect_str_eq(written,
		"scenario: s\n"
		"connections:\n"
		"  - { name: a, role: tcp client }\n"
		"setup:\n"
		"  - { connection: a, keepalive: { count: 2, timeout: 160 s } }\n"
		"  - { connection: a, option: \"65535,8,1,4\" }\n"
		"  - { connection: a, option: \"6,4001,160,4\" }\n"
		"  - { connection: a, option: \"6,4005,2,4\" }\n"
		"watch: { for: 5 s }\n"
		"expectations:\n"
		"  - { connection: a, expect: alive, rounds: 0, requirement: KA-LIVE-01 }\n");
}

Test(scenario_file, comments_stand_behind_what_they_explain)
{
	static struct scenario_file from;
	static struct scenario_comments comments;

	from = (struct scenario_file){.name = "s", .scenario = tcp_client("a")};
	peer_closes(&from.scenario, "a", .at_s = 5);
	watch(&from.scenario, .s = 5);
	from.expectations[from.expectation_count++] = expectation_new(EXPECT_alive, 0);
	comments.head = "one\n\ntwo";
	snprintf(comments.steps[0], SCENARIO_TEXT, "frame 7\nscenario: x");
	snprintf(comments.expectations[0], SCENARIO_TEXT, "why");
	write_file(&from, &comments);
	cr_expect_eq(strncmp(written, "# one\n#\n# two\nscenario: s\n", 26), 0, "%s", written);
	cr_expect_not_null(strstr(written, "act: peer closes }  # frame 7 scenario: x\n"));
	cr_expect_not_null(strstr(written, "requirement: KA-LIVE-01 }  # why\n"));
	reads(written);
}

Test(scenario_file, the_example_reads)
{
	cr_assert_eq(
		scenario_file_read(WIZHIL_SOURCE "/fixtures/scenarios/example.yaml", &file, &err),
		0, "%s", err.text);
	cr_expect_eq(file.expectation_count, 9);
}
