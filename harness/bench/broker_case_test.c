/* SPDX-License-Identifier: MIT */
#include "bench/broker.h"

#include <sys/socket.h>
#include <unistd.h>

#include "bench/broker_protocol.h"
#include "bench/fake_device_test.h"
#include "bench/journal.h"

/* What becomes of the cases whose workers have come: over devices in memory. */

static void submit(struct stand *s, int index)
{
	const struct scenario scenario = udp_scenario("a");

	stand_submit(s, index, &scenario);
}

static void run_to_timeline(struct stand *s, int index)
{
	int kind = 0;

	for (int i = 0; i < 400 && kind == 0; i++) {
		stand_until(s, s->bench->clock.now_ns + NS_PER_S);
		kind = stand_message(s, index, NULL, NULL, 0);
	}
	cr_assert_eq(kind, MESSAGE_TIMELINE, "kind %d\n%s", kind, s->journal);
}

static int next_after(struct stand *s, int index, const char *outcome)
{
	int next = -1;

	stand_judge(s, index, outcome);
	cr_assert_eq(stand_message(s, index, &next, NULL, 0), MESSAGE_RECORDED);
	return next;
}

static void expect_refused(struct stand *s, int index, const char *why)
{
	char text[256] = "";

	cr_expect_eq(stand_message(s, index, NULL, text, sizeof text), MESSAGE_REFUSED);
	cr_expect_not_null(strstr(text, why), "'%s'", text);
}

static struct stand *driven(int cases, int repeat)
{
	struct stand *s = stand_new(1, cases);

	s->options.repeat = repeat;
	stand_begin_ready(s);
	for (int i = 0; i < cases; i++)
		submit(s, i);
	for (int i = 0; i < cases; i++)
		run_to_timeline(s, i);
	return s;
}

Test(broker_case, that_failed_beside_others_is_run_again_alone_and_once)
{
	struct stand *s = driven(2, 1);

	cr_expect_eq(next_after(s, 1, "pass"), NEXT_NONE);
	cr_assert_eq(next_after(s, 0, "fail"), NEXT_ALONE);
	submit(s, 0);
	run_to_timeline(s, 0);
	cr_expect_eq(next_after(s, 0, "fail"), NEXT_NONE);
	cr_expect_eq(lines_with(s->journal, "{\"event\":\"verdict\""), 3);
	cr_expect(broker_finished(s->bench));
	stand_free(s);
}

Test(broker_case, that_failed_with_the_device_to_itself_is_not_run_again)
{
	struct stand *s = driven(1, 1);

	cr_expect_eq(next_after(s, 0, "fail"), NEXT_NONE);
	stand_free(s);
}

Test(broker_case, is_not_run_again_where_that_is_not_wanted)
{
	struct stand *s = driven(2, 1);

	s->options.max_reruns = 0;
	cr_expect_eq(next_after(s, 0, "fail"), NEXT_NONE);
	stand_free(s);
}

Test(broker_case, is_not_run_again_when_the_run_is_interrupted)
{
	struct stand *s = driven(2, 1);

	s->bench->interrupted = true;
	cr_expect_eq(next_after(s, 0, "fail"), NEXT_NONE);
	stand_free(s);
}

Test(broker_case, is_repeated_as_often_as_was_asked)
{
	struct stand *s = driven(1, 3);

	for (int i = 0; i < 2; i++) {
		cr_assert_eq(next_after(s, 0, "pass"), NEXT_REPETITION);
		submit(s, 0);
		run_to_timeline(s, 0);
	}
	cr_expect_eq(next_after(s, 0, "pass"), NEXT_NONE);
	for (int i = 1; i <= 3; i++) {
		char text[64];
		snprintf(text, sizeof text, "\"repetition\":%d,\"device\":\"device-0\"", i);
		cr_expect_not_null(strstr(s->journal, text), "%d\n%s", i, s->journal);
	}
	stand_free(s);
}

Test(broker_case, goes_on_with_its_repetitions_after_the_rerun_of_one)
{
	struct stand *s = driven(2, 2);

	cr_assert_eq(next_after(s, 1, "pass"), NEXT_REPETITION);
	cr_assert_eq(next_after(s, 0, "fail"), NEXT_ALONE);
	submit(s, 0);
	submit(s, 1);
	run_to_timeline(s, 1);
	cr_assert_eq(next_after(s, 1, "pass"), NEXT_NONE);
	run_to_timeline(s, 0);
	cr_expect_eq(next_after(s, 0, "pass"), NEXT_REPETITION);
	stand_free(s);
}

Test(broker_case, whose_verdict_is_no_json_is_refused)
{
	struct stand *s = driven(1, 1);

	cr_assert_eq(message_send(s->workers[0], MESSAGE_VERDICT, "fail", 4, -1, NULL), 0);
	broker_read_case(s->bench, &s->bench->cases[0]);
	expect_refused(s, 0, "verdict is not valid JSON");
	cr_expect_eq(lines_with(s->journal, "{\"event\":\"verdict\""), 0);
	stand_free(s);
}

Test(broker_case, whose_scenario_is_wrong_is_told_so)
{
	struct stand *s = stand_new(1, 1);
	struct scenario scenario = udp_scenario("a");

	stand_begin_ready(s);
	command(&scenario, "nobody", "AT");
	stand_submit(s, 0, &scenario);
	expect_refused(s, 0, "nobody");
	cr_assert_eq(message_send(s->workers[0], MESSAGE_SUBMIT, "x", 1, -1, NULL), 0);
	broker_read_case(s->bench, &s->bench->cases[0]);
	expect_refused(s, 0, "scenario has the wrong size");
	cr_assert_eq(message_send(s->workers[0], MESSAGE_HELLO, "x", 1, -1, NULL), 0);
	broker_read_case(s->bench, &s->bench->cases[0]);
	expect_refused(s, 0, "unknown message from a worker");
	stand_free(s);
}

Test(broker_case, that_needs_an_access_point_is_not_run_without)
{
	struct stand *s = stand_new(1, 1);
	struct scenario scenario = udp_scenario("a");

	access_point_goes(&scenario, NULL, .at_s = 1);
	stand_begin_ready(s);
	stand_submit(s, 0, &scenario);
	expect_refused(s, 0, "access_point");
	cr_expect_eq(lines_with(s->journal, "{\"event\":\"not_run\""), 1);
	cr_expect(broker_finished(s->bench));
	stand_free(s);
}

Test(broker_case, that_waits_when_the_run_is_interrupted_is_not_run)
{
	struct stand *s = stand_new(1, 3);

	s->options.repeat = 2;
	stand_begin_ready(s);
	submit(s, 0);
	s->bench->interrupted = true;
	broker_interrupt(s->bench);
	expect_refused(s, 0, "interrupted");
	submit(s, 1);
	expect_refused(s, 1, "interrupted");
	/* Two cases with two repetitions each. */
	cr_expect_eq(lines_with(s->journal, "{\"event\":\"not_run\""), 4);
	cr_expect_not(broker_finished(s->bench));
	stand_free(s);
}

Test(broker_case, that_comes_when_the_bench_is_broken_is_told_why)
{
	struct stand *s = stand_new(1, 2);
	const struct error err = {.kind = ERROR_BENCH, .text = "the capture ended"};

	stand_begin_ready(s);
	submit(s, 0);
	bench_fault(s->bench, &err);
	submit(s, 1);
	expect_refused(s, 1, "the capture ended");
	stand_work(s);
	expect_refused(s, 0, "the capture ended");
	cr_expect_eq(lines_with(s->journal, "{\"event\":\"fault\""), 1);
	stand_free(s);
}

Test(broker_case, whose_worker_ends_is_an_error_and_its_connections_are_closed)
{
	struct stand *s = stand_new(1, 1);

	s->options.repeat = 3;
	stand_begin_ready(s);
	submit(s, 0);
	while (s->bench->sessions == NULL || s->bench->sessions->start_ns == TIME_NEVER)
		stand_until(s, s->bench->clock.now_ns + NS_PER_S);
	close(s->workers[0]);
	s->workers[0] = -1;
	broker_read_case(s->bench, &s->bench->cases[0]);
	stand_work(s);
	cr_expect_eq(lines_with(s->journal, "{\"event\":\"error\""), 1);
	cr_expect_eq(lines_with(s->journal, "{\"event\":\"not_run\""), 2);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+NCLOSE=0"), 1);
	cr_expect_null(s->bench->sessions);
	cr_expect(broker_finished(s->bench));
	stand_free(s);
}

Test(broker_case, is_settled_while_it_waits_for_the_bench_alone)
{
	static const struct {
		enum case_state state;
		bool settled, finished;
	} rows[] = {{CASE_EXPECTED, false, false}, {CASE_CONNECTED, false, false},
		{CASE_WAITING, true, false}, {CASE_RUNNING, true, false}, {CASE_DONE, true, true},
		{CASE_GONE, true, true}};
	struct stand *s = stand_new(1, 1);

	stand_begin(s);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		bench_case_enter(s->bench, &s->bench->cases[0], rows[i].state);
		cr_expect_eq(broker_settled(s->bench), rows[i].settled, "%zu", i);
		cr_expect_eq(broker_finished(s->bench), rows[i].finished, "%zu", i);
	}
	stand_free(s);
}

Test(broker_case, that_had_the_device_alone_leaves_it_to_be_checked_while_others_wait)
{
	struct stand *s = stand_new(1, 2);
	struct scenario scenario = udp_scenario("a");

	scenario.exclusive = true;
	s->listed[1].expected_ns = NS_PER_S; /* before the other */
	stand_begin_ready(s);
	stand_submit(s, 0, &scenario);
	stand_submit(s, 1, &scenario);
	run_to_timeline(s, 1);
	cr_expect_eq(lines_with(s->journal, "{\"event\":\"health\""), 1, "%s", s->journal);
	cr_expect_eq(next_after(s, 1, "pass"), NEXT_NONE);
	run_to_timeline(s, 0);
	/* Nobody waits any more. */
	cr_expect_eq(lines_with(s->journal, "{\"event\":\"health\""), 1);
	stand_free(s);
}

/* One that is stopped, or judges for ever, must not keep the run; on the stepped clock the loop itself
 * waits for nobody else. */
Test(broker_case, a_worker_that_says_nothing_is_given_up)
{
	struct stand *s = stand_new(1, 2);
	struct scenario scenario = udp_scenario("a");

	stand_begin_ready(s);
	stand_submit(s, 0, &scenario);
	stand_submit(s, 1, &scenario);
	broker_await(s->bench, &s->bench->cases[0]);
	const int64_t heard_ns = s->bench->cases[0].heard_ns;
	s->bench->clock.looked_ns = heard_ns + 120 * NS_PER_S;
	broker_give_up_silent(s->bench, 120 * NS_PER_S);
	cr_expect_eq(s->bench->cases[0].state, CASE_CONNECTED);
	s->bench->clock.looked_ns++;
	broker_give_up_silent(s->bench, 120 * NS_PER_S);
	cr_expect_eq(s->bench->cases[0].state, CASE_GONE);
	cr_expect_neq(s->bench->cases[1].state, CASE_GONE);
	cr_expect_not_null(strstr(s->journal, "the worker of the case said nothing for 120 s"),
		"%s", s->journal);
	stand_free(s);
}
