/* SPDX-License-Identifier: MIT */
#include "bench/unplugged.h"

#include "bench/broker.h"
#include "bench/admission.h"
#include "bench/fake_device_test.h"
#include "bench/loop.h"

static const struct error gone = {.kind = ERROR_BENCH, .text = "the port went away"};

static struct port *stays_away(void *context, const struct bench_device *entry, struct error *err)
{
	(void)context;
	error_set(err, ERROR_BENCH, "no such port: '%s'", entry->name);
	return NULL;
}

/* So many devices, and a case that runs on the first. */
static struct stand *one_at_work(int devices)
{
	struct stand *s = stand_new(devices, 1);
	struct scenario scenario = udp_scenario("a");

	watch(&scenario, .until = TIME, .s = 60);
	stand_begin_ready(s);
	s->bench->host.open_port = stays_away;
	stand_submit(s, 0, &scenario);
	stand_work(s);
	cr_assert_not_null(s->bench->sessions);
	cr_assert_eq(s->bench->sessions->device, s->fakes[0].device);
	return s;
}

/* What the stand reads of a device is nothing while it has no port. */
static void unplug(struct stand *s, int index)
{
	device_unplugged(s->bench, s->fakes[index].device, &gone);
	cr_assert_null(s->fakes[index].device->uart.port);
	cr_assert_not(s->fakes[index].device->ready);
	bench_run_due(s->bench);
}

Test(unplugged, its_case_waits_and_nobody_is_told_a_verdict)
{
	struct stand *s = one_at_work(1);
	char text[200];

	unplug(s, 0);
	cr_expect_null(s->bench->sessions);
	cr_expect_eq(s->bench->cases[0].state, CASE_WAITING);
	cr_expect_eq(stand_message(s, 0, NULL, text, sizeof text), 0);
	cr_expect_eq(s->bench->fault.kind, ERROR_NONE);
	cr_expect_eq(lines_with(s->journal, "{\"event\":\"fault\""), 0, "%s", s->journal);
	cr_expect_eq(lines_with(s->journal, "{\"event\":\"recovery\""), 1, "%s", s->journal);
	stand_free(s);
}

Test(unplugged, another_device_takes_over)
{
	struct stand *s = one_at_work(2);

	unplug(s, 0);
	admission_run(s->bench);
	cr_assert_not_null(s->bench->sessions);
	cr_expect_eq(s->bench->sessions->device, s->fakes[1].device);
	stand_free(s);
}

Test(unplugged, a_case_whose_device_is_away_again_and_again_is_delivered_as_it_is)
{
	struct stand *s = one_at_work(1);

	s->bench->cases[0].unplugged = 3;
	unplug(s, 0);
	cr_expect_eq(s->bench->cases[0].state, CASE_CONNECTED);
	stand_free(s);
}

Test(unplugged, interrupted_it_is_not_run_again)
{
	struct stand *s = one_at_work(1);

	s->bench->interrupted = true;
	unplug(s, 0);
	cr_expect_eq(s->bench->cases[0].state, CASE_GONE);
	stand_free(s);
}

Test(unplugged, a_port_that_does_not_come_back_is_given_up_after_ten_minutes)
{
	struct stand *s = one_at_work(1);
	const int64_t begin_ns = s->bench->clock.now_ns;

	unplug(s, 0);
	cr_expect_eq(unplugged_deadline(s->bench), begin_ns + NS_PER_S);
	while (s->bench->fault.kind == ERROR_NONE) {
		cr_assert_lt(s->bench->clock.now_ns, begin_ns + 700 * NS_PER_S);
		s->bench->clock.now_ns = unplugged_deadline(s->bench);
		unplugged_look(s->bench);
	}
	cr_expect_eq(s->bench->clock.now_ns, begin_ns + UNPLUGGED_S * NS_PER_S);
	cr_expect_not_null(
		strstr(s->bench->fault.text, "its serial port did not come back within 600 s"));
	cr_expect_eq(unplugged_deadline(s->bench), TIME_NEVER);
	stand_free(s);
}
