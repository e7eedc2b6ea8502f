/* SPDX-License-Identifier: MIT */
#include "bench/recovery.h"

#include "bench/broker_protocol.h"
#include "bench/fake_device_test.h"

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

static bool timeline_has(const struct stand *s, const char *name, const char *text)
{
	char path[128], line[4096];
	bool found = false;

	snprintf(path, sizeof path, "%s/evidence/%s.timeline.jsonl", s->folder, name);
	FILE *file = fopen(path, "r");
	cr_assert_not_null(file, "%s", path);
	while (fgets(line, sizeof line, file) != NULL)
		found |= strstr(line, text) != NULL;
	fclose(file);
	return found;
}

/* A case that says 3 s after its start what the device falls silent after. */
static struct scenario deadly(void)
{
	struct scenario scenario = udp_scenario("a");

	command_at(&scenario, "a", "AT+XDEADLY", .at_s = 3);
	command_at(&scenario, "a", "AT+XUNHEARD", .at_s = 4);
	return scenario;
}

Test(recovery, a_silent_device_ends_its_sessions_and_is_brought_up_again)
{
	struct stand *s = stand_new(2, 1);
	struct scenario scenario = deadly();

	fake_answers(&s->fakes[0], "AT+XUNHEARD", NULL, 0);
	stand_begin_ready(s);
	stand_submit(s, 0, &scenario);
	run_to_timeline(s, 0);
	cr_expect(
		timeline_has(s, "suite.case_0", "device 'device-0' does not answer 'AT+XUNHEARD'"));
	stand_until_ready(s);
	cr_expect(s->fakes[0].device->ready);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+WA=lab"), 2);
	cr_expect_eq(lines_with(s->fakes[1].heard, "AT+WA=lab"), 1);
	cr_expect_eq(s->bench->bring_ups[0].recoveries, 1);
	stand_free(s);
}

Test(recovery, the_case_after_whose_doing_it_fell_silent_is_run_again_alone_and_named)
{
	struct stand *s = stand_new(1, 1);
	struct scenario scenario = deadly();

	fake_answers(&s->fakes[0], "AT+XUNHEARD", NULL, 0);
	stand_begin_ready(s);
	stand_submit(s, 0, &scenario);
	run_to_timeline(s, 0);
	cr_expect_not(timeline_has(s, "suite.case_0", "twice"));
	cr_assert_eq(next_after(s, 0, "inconclusive"), NEXT_ALONE);
	stand_submit(s, 0, &scenario);
	run_to_timeline(s, 0);
	cr_expect(timeline_has(s, "suite.case_0.alone",
		"the module fell silent twice after 'AT+XDEADLY': beside other cases, then alone"));
	cr_expect_eq(next_after(s, 0, "fail"), NEXT_NONE);
	stand_free(s);
}

Test(recovery, what_happens_once_and_not_again_is_nobodys_doing)
{
	struct stand *s = stand_new(1, 1);
	struct scenario scenario = deadly();

	fake_answers(&s->fakes[0], "AT+XUNHEARD", NULL, 1);
	stand_begin_ready(s);
	stand_submit(s, 0, &scenario);
	run_to_timeline(s, 0);
	cr_assert_eq(next_after(s, 0, "inconclusive"), NEXT_ALONE);
	stand_submit(s, 0, &scenario);
	run_to_timeline(s, 0);
	cr_expect_not(timeline_has(s, "suite.case_0.alone", "twice"));
	stand_free(s);
}

/* Repeats a case with each of the commands, which comes 4 s after its start; does the last timeline say
 * so? */
static bool last_says(struct stand *s, const char *const *commands, int count, const char *text)
{
	char name[32];

	s->options.max_reruns = 0;
	s->options.repeat = count;
	stand_begin_ready(s);
	for (int i = 0; i < count; i++) {
		struct scenario scenario = udp_scenario("a");
		command_at(&scenario, "a", commands[i], .at_s = 4);
		stand_submit(s, 0, &scenario);
		run_to_timeline(s, 0);
		(void)next_after(s, 0, "inconclusive");
	}
	snprintf(name, sizeof name, "suite.case_0.r%d", count);
	return timeline_has(s, name, text);
}

static const char *const thrice[] = {"AT+XUNHEARD", "AT+XUNHEARD", "AT+XUNHEARD"};

Test(recovery, a_command_that_is_never_answered_is_named_at_the_third_time)
{
	struct stand *s = stand_new(1, 1);

	fake_answers(&s->fakes[0], "AT+XUNHEARD", NULL, 0);
	cr_expect(last_says(s, thrice, 3, "'AT+XUNHEARD' got no answer 3 times"));
	stand_free(s);
}

Test(recovery, two_times_are_not_enough)
{
	struct stand *s = stand_new(1, 1);

	fake_answers(&s->fakes[0], "AT+XUNHEARD", NULL, 0);
	cr_expect_not(last_says(s, thrice, 2, "times, each time"));
	stand_free(s);
}

Test(recovery, a_command_that_was_answered_meanwhile_is_not_named)
{
	static const char *const commands[] = {
		"AT+XUNHEARD", "AT+XUNHEARD", "AT+XUNHEARD=?", "AT+XUNHEARD"};
	struct stand *s = stand_new(1, 1);

	fake_answers(&s->fakes[0], "AT+XUNHEARD=?", "\r\n[OK]\r\n", 0);
	fake_answers(&s->fakes[0], "AT+XUNHEARD", NULL, 0);
	cr_expect_not(last_says(s, commands, 4, "times, each time"));
	stand_free(s);
}

Test(recovery, a_device_that_says_after_each_association_that_there_is_none_is_named)
{
	struct stand *s = stand_new(1, 1);

	fake_answers(&s->fakes[0], "AT+XUNHEARD", "\r\n[DISASSOCIATED]\r\n", 0);
	cr_expect(last_says(s, thrice, 3, "'AT+XUNHEARD' drew DISASSOCIATED 3 times"));
	stand_free(s);
}

Test(recovery, a_device_that_breaks_down_again_and_again_is_given_up)
{
	struct stand *s = stand_new(2, 1);

	stand_begin_ready(s);
	for (int i = 0; i < MAX_RECOVERIES; i++) {
		device_recover(s->bench, s->fakes[0].device, REASON_BANNER, "rebooted");
		stand_until_ready(s);
		cr_assert_not(s->bench->lost[0], "%d", i);
	}
	device_recover(s->bench, s->fakes[0].device, REASON_BANNER, "rebooted");
	cr_expect(s->bench->lost[0]);
	cr_expect_eq(s->bench->fault.kind, ERROR_NONE);
	cr_expect_not_null(strstr(s->journal, "rebooted (9 times in this run)"));
	stand_free(s);
}

Test(recovery, one_that_is_being_brought_up_is_not_recovered)
{
	struct stand *s = stand_new(1, 0);

	stand_begin(s);
	device_recover(s->bench, s->fakes[0].device, REASON_BANNER, "rebooted");
	device_recover_unseen(s->bench, s->fakes[0].device, REASON_ECHO, "rebooted");
	cr_expect_eq(s->bench->bring_ups[0].recoveries, 0);
	stand_free(s);
}

Test(recovery, a_banner_is_a_reboot)
{
	struct stand *s = stand_new(1, 0);

	stand_begin_ready(s);
	fake_says(&s->fakes[0], "\r\nUnExpected Warm Boot\r\n");
	stand_work(s);
	cr_expect_not_null(
		strstr(s->journal, "rebooted: it sent 'UnExpected Warm Boot'"), "%s", s->journal);
	cr_expect_eq(s->bench->bring_ups[0].recoveries, 1);
	stand_free(s);
}

Test(recovery, its_loss_of_the_association_is_told_by_an_event)
{
	struct stand *s = stand_new(1, 0);

	stand_begin_ready(s);
	fake_says(&s->fakes[0], "\r\nDisassociation Event\r\n");
	stand_work(s);
	cr_expect_not_null(strstr(s->journal, "lost its association"), "%s", s->journal);
	stand_until_ready(s);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+WA=lab"), 2);
	stand_free(s);
}

Test(recovery, the_last_device_that_is_lost_ends_the_run_and_who_waits_is_told)
{
	struct stand *s = stand_new(1, 1);
	struct scenario scenario = udp_scenario("a");
	char why[256] = "";

	s->fakes[0].deaf = true;
	stand_begin(s);
	stand_submit(s, 0, &scenario);
	stand_until_ready(s);
	stand_work(s);
	cr_expect_eq(stand_message(s, 0, NULL, why, sizeof why), MESSAGE_REFUSED);
	cr_expect_not_null(strstr(why, "does not answer AT"), "%s", why);
	stand_free(s);
}
