/* SPDX-License-Identifier: MIT */
#include "bench/lost.h"

#include "bench/fake_device_test.h"

static const struct error gone = {.kind = ERROR_BENCH, .text = "the port went away"};

/* A session on each of two devices, both running. */
static struct stand *two_at_work(void)
{
	struct stand *s = stand_new(2, 2);
	struct scenario scenario = udp_scenario("a");

	watch(&scenario, .until = TIME, .s = 60);
	for (int i = 0; i < 2; i++)
		snprintf(s->listed[i].device, sizeof s->listed[i].device, "device-%d", i);
	stand_begin_ready(s);
	for (int i = 0; i < 2; i++)
		stand_submit(s, i, &scenario);
	stand_work(s);
	for (struct session *session = s->bench->sessions; session != NULL; session = session->next)
		session->due_ns = s->bench->clock.now_ns;
	stand_work(s);
	cr_assert_eq(s->bench->sessions->state, SESSION_RUNNING);
	cr_assert_eq(s->bench->sessions->next->state, SESSION_RUNNING);
	return s;
}

Test(lost, a_device_takes_its_own_sessions_with_it_and_no_others)
{
	struct stand *s = two_at_work();
	struct session *first = s->bench->sessions, *second = first->next;

	device_lost(s->bench, s->fakes[0].device, &gone);
	cr_expect_eq(first->state, SESSION_FINISHED);
	cr_expect_eq(second->state, SESSION_RUNNING);
	cr_expect_not(s->fakes[0].device->ready);
	cr_expect(s->fakes[1].device->ready);
	cr_expect_eq(s->bench->fault.kind, ERROR_NONE);
	const struct timeline *timeline = first->timeline;
	bool reported = false;
	for (size_t i = 0; i < timeline->count; i++)
		reported |= timeline->events[i].kind == EVENT_FAULT &&
			    timeline->events[i].reason == REASON_DEVICE_LOST &&
			    strcmp(timeline->events[i].text, gone.text) == 0;
	cr_expect(reported);
	stand_free(s);
}

/* A name of 255 characters, and what happened stands behind it. */
Test(lost, that_the_port_went_away_stands_behind_the_longest_name_too)
{
	struct stand *s = two_at_work();
	struct session *first = s->bench->sessions;
	struct error long_one = {.kind = ERROR_BENCH};

	memset(long_one.text, 'x', 300);
	strcpy(long_one.text + 300, "' disappeared");
	device_lost(s->bench, s->fakes[0].device, &long_one);
	const struct timeline *timeline = first->timeline;
	bool reported = false;
	for (size_t i = 0; i < timeline->count; i++)
		reported |= timeline->events[i].reason == REASON_DEVICE_LOST &&
			    strstr(timeline->events[i].text, "' disappeared") != NULL;
	cr_expect(reported);
	stand_free(s);
}

/* Of a process that computes without an end the session that did something last has the evidence. */
static bool hang_is_evidence(int64_t computed_ns)
{
	struct stand *s = two_at_work();
	struct session *first = s->bench->sessions;
	bool evidence = false;

	device_hangs(s->bench, s->fakes[0].device, computed_ns);
	for (size_t i = 0; i < first->timeline->count; i++)
		evidence |= first->timeline->events[i].kind == EVENT_FAULT &&
			    first->timeline->events[i].reason == REASON_PROGRAM_CRASHED;
	cr_expect_eq(first->state == SESSION_FINISHED, evidence);
	stand_free(s);
	return evidence;
}

Test(lost, an_endless_computation_is_a_crash)
{
	cr_expect(hang_is_evidence(3 * NS_PER_S));
	cr_expect_not(hang_is_evidence(NS_PER_S / 10));
}

Test(lost, a_device_is_lost_once)
{
	struct stand *s = two_at_work();

	device_lost(s->bench, s->fakes[0].device, &gone);
	device_lost(s->bench, s->fakes[0].device, &gone);
	cr_expect_eq(lines_with(s->journal, "{\"event\":\"fault\""), 1);
	stand_free(s);
}

Test(lost, the_last_device_ends_the_run)
{
	struct stand *s = two_at_work();

	device_lost(s->bench, s->fakes[1].device, &gone);
	device_lost(s->bench, s->fakes[0].device, &gone);
	cr_expect_str_eq(s->bench->fault.text, gone.text);
	stand_work(s);
	cr_expect_null(s->bench->sessions);
	cr_expect_eq(lines_with(s->journal, "{\"event\":\"fault\""), 2);
	stand_free(s);
}

Test(lost, a_device_that_is_being_brought_up_is_not_asked_any_more)
{
	struct stand *s = stand_new(2, 0);

	s->fakes[0].deaf = true;
	stand_begin(s);
	stand_work(s);
	device_lost(s->bench, s->fakes[0].device, &gone);
	cr_expect_not(s->bench->bring_ups[0].running);
	cr_expect_not(device_busy(s->fakes[0].device));
	s->fakes[0].heard[0] = '\0';
	stand_until(s, 100 * NS_PER_S);
	cr_expect_str_empty(s->fakes[0].heard);
	cr_expect(devices_ready(s->bench));
	stand_free(s);
}

Test(lost, each_device_has_its_place)
{
	struct stand *s = stand_new(2, 0);

	stand_begin(s);
	cr_expect_eq(device_index(s->bench, s->fakes[0].device), 0);
	cr_expect_eq(device_index(s->bench, s->fakes[1].device), 1);
	stand_free(s);
}
