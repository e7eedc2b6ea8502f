/* SPDX-License-Identifier: MIT */
#include "bench/admission.h"

#include <sys/socket.h>

#include "bench/broker_protocol.h"
#include "bench/fake_device_test.h"

/* Of "suite/case_0" with the seed 1. */
#define BEGIN_OF_CASE_0 (49337 * NS_PER_MS)

/* An idle device whose CIDs are all taken: nobody is admitted to it. */
static void fill(struct stand *s, int device)
{
	s->fakes[device].device->cids.leaked = s->fakes[device].device->cids.stuck = 0xffff;
}

static void empty(struct stand *s, int device)
{
	s->fakes[device].device->cids.leaked = s->fakes[device].device->cids.stuck = 0;
}

static void submit(struct stand *s, int index, bool exclusive)
{
	struct scenario scenario = udp_scenario("a");

	scenario.exclusive = exclusive;
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

static int admitted_to(const struct stand *s, const char *device, const char *name)
{
	char text[128];
	int count = 0;

	snprintf(text, sizeof text, "{\"event\":\"admitted\",\"case\":\"%s\",\"device\":\"%s\"",
		name, device);
	for (const char *at = s->journal; (at = strstr(at, text)) != NULL; at++)
		count++;
	return count;
}

Test(admission, cases_share_a_device_as_long_as_it_has_cids)
{
	struct stand *s = stand_new(1, 2);

	stand_begin_ready(s);
	submit(s, 0, false);
	submit(s, 1, false);
	stand_work(s);
	cr_expect_eq(lines_with(s->journal, "{\"event\":\"admitted\""), 2, "%s", s->journal);
	cr_expect_not_null(strstr(s->journal, "\"concurrent\":1"));
	stand_free(s);
}

Test(admission, nobody_is_admitted_before_all_workers_have_said_what_they_want)
{
	struct stand *s = stand_new(1, 2);

	stand_begin_ready(s);
	submit(s, 0, false);
	stand_work(s);
	cr_expect_eq(lines_with(s->journal, "{\"event\":\"admitted\""), 0);
	stand_free(s);
}

Test(admission, a_case_goes_where_there_are_cids_enough)
{
	struct stand *s = stand_new(2, 1);
	struct scenario scenario = udp_scenario("a");

	add_connection(&scenario, "b", ROLE_UDP_CLIENT);
	stand_begin_ready(s);
	s->fakes[0].device->cids.leaked = s->fakes[0].device->cids.stuck = 0x7fff;
	stand_submit(s, 0, &scenario);
	stand_work(s);
	cr_expect_eq(admitted_to(s, "device-1", "suite/case_0"), 1, "%s", s->journal);
	stand_free(s);
}

Test(admission, the_last_cid_is_as_good_as_the_first)
{
	struct stand *s = stand_new(1, 1);

	stand_begin_ready(s);
	s->fakes[0].device->cids.leaked = s->fakes[0].device->cids.stuck = 0x7fff;
	submit(s, 0, false);
	stand_work(s);
	cr_expect_eq(admitted_to(s, "device-0", "suite/case_0"), 1);
	stand_free(s);
}

Test(admission, what_wants_the_device_alone_waits_for_those_who_share_it)
{
	struct stand *s = stand_new(1, 2);

	stand_begin_ready(s);
	submit(s, 0, true);
	submit(s, 1, false);
	stand_work(s);
	cr_expect_eq(admitted_to(s, "device-0", "suite/case_1"), 1);
	cr_expect_eq(admitted_to(s, "device-0", "suite/case_0"), 0);
	run_to_timeline(s, 1);
	cr_expect_eq(next_after(s, 1, "pass"), NEXT_NONE);
	run_to_timeline(s, 0);
	cr_expect_eq(admitted_to(s, "device-0", "suite/case_0"), 1);
	stand_free(s);
}

Test(admission, nobody_joins_one_that_has_the_device_alone)
{
	struct stand *s = stand_new(1, 2);

	stand_begin_ready(s);
	submit(s, 0, true);
	submit(s, 1, true);
	stand_work(s);
	cr_expect_eq(lines_with(s->journal, "{\"event\":\"admitted\""), 1, "%s", s->journal);
	stand_free(s);
}

Test(admission, nobody_joins_one_before_its_setup_is_over_that_names_any_cid)
{
	struct stand *s = stand_new(1, 2);
	struct scenario scenario = udp_scenario("a");

	stand_begin_ready(s);
	command(&scenario, "a", "AT+SETSOCKOPT=z,65535,8,1,4");
	stand_submit(s, 0, &scenario);
	submit(s, 1, false);
	stand_work(s);
	cr_expect_eq(lines_with(s->journal, "{\"event\":\"admitted\""), 1, "%s", s->journal);
	cr_expect_eq(admitted_to(s, "device-0", "suite/case_0"), 1, "%s", s->journal);
	run_to_timeline(s, 0);
	cr_expect_eq(admitted_to(s, "device-0", "suite/case_1"), 1, "%s", s->journal);
	stand_free(s);
}

Test(admission, who_opens_at_its_own_times_waits_for_one_that_names_a_dead_cid)
{
	struct stand *s = stand_new(1, 2);
	struct scenario names = udp_scenario("a"), opens = udp_scenario("a");

	stand_begin_ready(s);
	option_at(&names, "a", "65535,8,1,4", .after_death_of = "a", .at_s = 5);
	device_opens(&opens, "a", .at_s = 3);
	stand_submit(s, 0, &names);
	stand_submit(s, 1, &opens);
	stand_work(s);
	cr_expect_eq(lines_with(s->journal, "{\"event\":\"admitted\""), 1, "%s", s->journal);
	stand_free(s);
}

Test(admission, the_cid_of_who_may_be_dead_is_kept_before_anybody_tells_of_it)
{
	struct stand *s = stand_new(1, 1);
	struct scenario names = udp_scenario("a");

	stand_begin_ready(s);
	option_at(&names, "a", "65535,8,1,4", .after_death_of = "a", .at_s = 5);
	stand_submit(s, 0, &names);
	while (s->bench->sessions == NULL || s->bench->sessions->start_ns == TIME_NEVER)
		stand_until(s, s->bench->clock.now_ns + NS_PER_S);
	struct session *session = s->bench->sessions;
	cr_expect_not(session_keeps_cid(session));
	session->flows[0].unanswered_probes = 1;
	cr_expect(session_keeps_cid(session), "it may die of it");
	session->flows[0].unanswered_probes = 0;
	session->flows[0].death_ns = s->bench->clock.now_ns;
	cr_expect(session_keeps_cid(session));
	stand_free(s);
}

Test(admission, the_longest_comes_first)
{
	struct stand *s = stand_new(1, 3);

	s->listed[0].expected_ns = 10 * NS_PER_S;
	s->listed[1].expected_ns = 20 * NS_PER_S;
	s->listed[2].expected_ns = 10 * NS_PER_S;
	stand_begin_ready(s);
	cr_expect_str_eq(s->bench->cases[0].listed->name, "suite/case_1");
	cr_expect_str_eq(s->bench->cases[1].listed->name, "suite/case_0");
	cr_expect_str_eq(s->bench->cases[2].listed->name, "suite/case_2");
	stand_free(s);
}

Test(admission, a_case_that_is_bound_to_a_device_waits_for_it)
{
	struct stand *s = stand_new(2, 1);

	snprintf(s->listed[0].device, sizeof s->listed[0].device, "device-1");
	stand_begin_ready(s);
	submit(s, 0, false);
	stand_work(s);
	cr_expect_not_null(strstr(s->journal, "\"event\":\"admitted\""));
	cr_expect_eq(s->bench->sessions->device, s->fakes[1].device);
	stand_free(s);
}

/* Both cases have run on the second device, and the first one failed beside others. */
static struct stand *failed_on_the_second(void)
{
	struct stand *s = stand_new(2, 2);

	stand_begin_ready(s);
	fill(s, 0);
	submit(s, 0, false);
	submit(s, 1, false);
	stand_work(s);
	run_to_timeline(s, 0);
	run_to_timeline(s, 1);
	cr_assert_eq(admitted_to(s, "device-1", "suite/case_0"), 1, "%s", s->journal);
	empty(s, 0);
	cr_assert_eq(next_after(s, 0, "fail"), NEXT_ALONE);
	cr_assert_eq(next_after(s, 1, "pass"), NEXT_NONE);
	return s;
}

Test(admission, a_failure_is_run_again_alone_on_the_same_device)
{
	struct stand *s = failed_on_the_second();

	submit(s, 0, false);
	run_to_timeline(s, 0);
	cr_expect_eq(admitted_to(s, "device-0", "suite/case_0"), 0);
	cr_expect_eq(admitted_to(s, "device-1", "suite/case_0"), 2);
	cr_expect_eq(next_after(s, 0, "fail"), NEXT_NONE);
	cr_expect_not_null(strstr(s->journal, "\"device\":\"device-1\",\"attempt\":\"alone\""));
	stand_free(s);
}

Test(admission, where_that_device_is_lost_no_other_clears_it)
{
	struct stand *s = failed_on_the_second();
	char why[128] = "";

	s->bench->lost[1] = true;
	s->fakes[1].device->ready = false;
	submit(s, 0, false);
	stand_work(s);
	cr_expect_eq(stand_message(s, 0, NULL, why, sizeof why), MESSAGE_REFUSED);
	cr_expect_not_null(strstr(why, "lost"), "%s", why);
	cr_expect_eq(admitted_to(s, "device-0", "suite/case_0"), 0);
	stand_free(s);
}

static void repeat_on_the_second(struct stand *s)
{
	s->options.repeat = 2;
	stand_begin_ready(s);
	fill(s, 0);
	submit(s, 0, false);
	run_to_timeline(s, 0);
	empty(s, 0);
	cr_assert_eq(next_after(s, 0, "pass"), NEXT_REPETITION);
}

Test(admission, all_repetitions_run_on_one_device)
{
	struct stand *s = stand_new(2, 1);

	repeat_on_the_second(s);
	submit(s, 0, false);
	run_to_timeline(s, 0);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+NCUDP"), 0);
	cr_expect_eq(lines_with(s->fakes[1].heard, "AT+NCUDP"), 2);
	cr_expect_eq(next_after(s, 0, "pass"), NEXT_NONE);
	stand_free(s);
}

Test(admission, repetitions_go_on_elsewhere_where_it_is_lost)
{
	struct stand *s = stand_new(2, 1);

	repeat_on_the_second(s);
	s->bench->lost[1] = true;
	s->fakes[1].device->ready = false;
	submit(s, 0, false);
	run_to_timeline(s, 0);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+NCUDP"), 1);
	stand_free(s);
}

Test(admission, each_repetition_begins_at_another_place_of_the_ticks_and_the_seed_decides)
{
	int64_t begins_ns[3];

	for (int i = 0; i < 3; i++) {
		struct stand *s = stand_new(1, 1);
		s->options.seed = i == 2 ? 7 : 1;
		stand_begin_ready(s);
		submit(s, 0, false);
		stand_work(s);
		begins_ns[i] = s->bench->sessions->due_ns - s->bench->clock.now_ns;
		stand_free(s);
	}
	cr_expect_eq(begins_ns[0], begins_ns[1]);
	cr_expect_neq(begins_ns[0], begins_ns[2]);
	cr_expect(begins_ns[0] >= 0 && begins_ns[0] < 75 * NS_PER_S);
	cr_expect_eq(begins_ns[0] % NS_PER_MS, 0);
	/* The same in every build, or runs cannot be compared. */
	cr_expect_eq(begins_ns[0], BEGIN_OF_CASE_0);
}

Test(admission, cids_that_leak_are_worth_a_reset_only_while_somebody_waits)
{
	struct stand *s = stand_new(1, 2);

	stand_begin_ready(s);
	bench_case_enter(s->bench, &s->bench->cases[0], CASE_DONE);
	s->fakes[0].device->cids.leaked = 0xffff;
	stand_work(s);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+RESET"), 0);
	submit(s, 1, false);
	stand_work(s);
	stand_until_ready(s);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+RESET"), 1, "%s", s->journal);
	stand_work(s);
	cr_expect_eq(admitted_to(s, "device-0", "suite/case_1"), 1);
	stand_free(s);
}

Test(admission, a_case_for_which_no_device_has_cids_enough_is_not_run)
{
	struct stand *s = stand_new(1, 1);
	char why[128] = "";

	stand_begin_ready(s);
	fill(s, 0);
	submit(s, 0, false);
	stand_work(s);
	cr_expect_eq(stand_message(s, 0, NULL, why, sizeof why), MESSAGE_REFUSED);
	cr_expect_not_null(strstr(s->journal, "\"event\":\"not_run\",\"case\":\"suite/case_0\""));
	stand_free(s);
}

Test(admission, who_works_the_access_point_has_the_whole_bench)
{
	struct stand *s = stand_new(2, 2);
	struct scenario scenario = udp_scenario("a");

	access_point_goes(&scenario, NULL, .at_s = 1);
	s->file.has_access_point = true;
	s->file.access_point = (struct bench_access_point){.down = "true", .up = "true"};
	s->listed[1].expected_ns = NS_PER_S;
	stand_begin_ready(s);
	stand_submit(s, 0, &scenario);
	submit(s, 1, false);
	stand_work(s);
	cr_expect_eq(lines_with(s->journal, "{\"event\":\"admitted\""), 1, "%s", s->journal);
	stand_free(s);
}

Test(admission, the_first_repetition_begins_where_a_single_run_does_and_the_second_elsewhere)
{
	struct stand *s = stand_new(1, 1);

	s->options.repeat = 2;
	s->options.seed = 1;
	stand_begin_ready(s);
	submit(s, 0, false);
	stand_work(s);
	cr_expect_eq(s->bench->sessions->due_ns - s->bench->clock.now_ns, BEGIN_OF_CASE_0);
	run_to_timeline(s, 0);
	cr_assert_eq(next_after(s, 0, "pass"), NEXT_REPETITION);
	submit(s, 0, false);
	stand_work(s);
	cr_expect_neq(s->bench->sessions->due_ns - s->bench->clock.now_ns, BEGIN_OF_CASE_0);
	stand_free(s);
}
