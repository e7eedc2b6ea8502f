/* SPDX-License-Identifier: MIT */
#include "bench/access_point.h"

#include <unistd.h>

#include "bench/broker.h"
#include "bench/devices.h"
#include "bench/fake_device_test.h"
#include "bench/lost.h"

/* A bench whose access point is a file: "down" or "up", a line each. */
static struct stand *stand_with_access_point(char commands[2][128])
{
	struct stand *s = stand_new(2, 1);

	snprintf(commands[0], 128, "echo down >> %s/access-point", s->folder);
	snprintf(commands[1], 128, "echo up >> %s/access-point", s->folder);
	s->file.has_access_point = true;
	s->file.access_point = (struct bench_access_point){.down = commands[0], .up = commands[1]};
	stand_begin_ready(s);
	return s;
}

static void expect_switched(const struct stand *s, const char *expected)
{
	char path[64], text[64];

	snprintf(path, sizeof path, "%s/access-point", s->folder);
	FILE *file = fopen(path, "r");
	cr_assert_not_null(file, "it was never switched");
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	cr_expect_str_eq(text, expected);
}

static void begin_without(struct stand *s)
{
	struct scenario scenario = udp_scenario("a");

	access_point_goes(&scenario, NULL, .at_s = 1);
	access_point_comes(&scenario, NULL, .at_s = 8);
	stand_submit(s, 0, &scenario);
	while (s->bench->sessions == NULL || s->bench->sessions->start_ns == TIME_NEVER)
		stand_until(s, s->bench->clock.now_ns + NS_PER_S);
	stand_until(s, s->bench->sessions->start_ns + 2 * NS_PER_S);
	expect_switched(s, "down\n");
}

Test(access_point, comes_back_by_the_scenario)
{
	char commands[2][128];
	struct stand *s = stand_with_access_point(commands);

	begin_without(s);
	stand_until(s, s->bench->clock.now_ns + 10 * NS_PER_S);
	expect_switched(s, "down\nup\n");
	stand_free(s);
}

Test(access_point, the_station_of_a_module_leaves_and_joins)
{
	char commands[2][128];
	struct stand *s = stand_new(1, 1);
	struct scenario scenario = udp_scenario("a");

	snprintf(commands[0], 128, "echo leave >> %s/access-point", s->folder);
	snprintf(commands[1], 128, "echo join >> %s/access-point", s->folder);
	s->file.is_limited_ap = s->file.has_station = true;
	s->file.station = (struct bench_station){.leave = commands[0], .join = commands[1]};
	s->entries[0].wifi.mode = WIFI_LIMITED_AP;
	stand_begin_ready(s);
	station_leaves(&scenario, NULL, .at_s = 1);
	station_joins(&scenario, NULL, .at_s = 8);
	stand_submit(s, 0, &scenario);
	stand_until(s, s->bench->clock.now_ns + 60 * NS_PER_S);
	expect_switched(s, "join\nleave\njoin\n");
	stand_free(s);
}

Test(access_point, is_switched_on_again_when_the_run_is_interrupted)
{
	char commands[2][128];
	struct stand *s = stand_with_access_point(commands);

	begin_without(s);
	s->bench->interrupted = true;
	session_abandon(s->bench->sessions);
	stand_work(s);
	expect_switched(s, "down\nup\n");
	stand_free(s);
}

Test(access_point, is_switched_on_again_when_the_worker_dies)
{
	char commands[2][128];
	struct stand *s = stand_with_access_point(commands);

	begin_without(s);
	close(s->workers[0]);
	s->workers[0] = -1;
	broker_read_case(s->bench, &s->bench->cases[0]);
	stand_until(s, s->bench->clock.now_ns + 2 * NS_PER_S);
	expect_switched(s, "down\nup\n");
	stand_free(s);
}

Test(access_point, is_switched_on_again_when_the_device_is_lost)
{
	char commands[2][128];
	struct stand *s = stand_with_access_point(commands);
	const struct error err = {.kind = ERROR_BENCH, .text = "gone"};

	begin_without(s);
	device_lost(s->bench, s->fakes[0].device, &err);
	stand_work(s);
	expect_switched(s, "down\nup\n");
	stand_free(s);
}

Test(access_point, is_switched_on_again_when_the_bench_ends_at_once)
{
	char commands[2][128];
	struct stand *s = stand_with_access_point(commands);

	begin_without(s);
	bench_free_sessions(s->bench);
	devices_close(s->bench);
	s->bench->device_count = 0;
	expect_switched(s, "down\nup\n");
	stand_free(s);
}

Test(access_point, that_cannot_be_switched_on_is_said)
{
	char commands[2][128];
	struct stand *s = stand_with_access_point(commands);

	begin_without(s);
	s->file.access_point.up = "echo no such host >&2; exit 5";
	session_abandon(s->bench->sessions);
	stand_work(s);
	cr_expect_not_null(
		strstr(s->journal, "the access point up command exited with 5: no such host"), "%s",
		s->journal);
	stand_free(s);
}

Test(access_point, its_loss_is_told_to_the_session_that_measures_it_and_mends_nothing)
{
	char commands[2][128];
	struct stand *s = stand_with_access_point(commands);

	begin_without(s);
	const size_t before = s->bench->sessions->timeline->count;
	fake_says(&s->fakes[0], "\r\nDisassociation Event\r\n");
	stand_work(s);
	cr_assert_eq(s->bench->sessions->timeline->count, before + 1);
	cr_expect_eq(s->bench->sessions->timeline->events[before].kind, EVENT_NOTICE);
	cr_expect_eq(s->bench->bring_ups[0].recoveries, 0);
	/* The other device lost it as well, and nobody measures that there: it is brought up again, and
	 * not given up, however often the access point goes. */
	fake_says(&s->fakes[1], "\r\nDisassociation Event\r\n");
	stand_work(s);
	cr_expect_not(s->fakes[1].device->ready);
	cr_expect(s->bench->bring_ups[1].running);
	cr_expect_eq(s->bench->bring_ups[1].recoveries, 0);
	stand_free(s);
}

/* 60 s at most, and whoever presses Ctrl-C wants to know what for. */
Test(access_point, that_it_is_waited_for_is_said)
{
	char commands[2][128];
	struct stand *s = stand_with_access_point(commands);

	begin_without(s);
	snprintf(commands[1], sizeof commands[1], "sleep 1.2; echo up >> %s/access-point",
		s->folder);
	s->bench->interrupted = true;
	session_abandon(s->bench->sessions);
	stand_work(s);
	expect_switched(s, "down\nup\n");
	cr_expect_not_null(
		strstr(s->journal,
			"\"waiting\",\"text\":\"waiting for the access point up command, 60 s at most\""),
		"%s", s->journal);
	stand_free(s);
}

/* A run that was killed may have left it off. */
Test(access_point, that_no_device_finds_at_the_start_is_switched_on_once)
{
	struct stand *s = stand_new(2, 1);
	char up[128];

	snprintf(up, sizeof up, "echo up >> %s/access-point", s->folder);
	s->file.has_access_point = true;
	s->file.access_point = (struct bench_access_point){.down = "false", .up = up};
	for (int i = 0; i < 2; i++)
		fake_answers(&s->fakes[i], "AT+WA=", "\r\n[ERROR]\r\n", 2 + i);
	stand_begin(s);
	stand_until_ready(s);
	expect_switched(s, "up\n");
	cr_expect(s->fakes[0].device->ready && s->fakes[1].device->ready, "%s", s->journal);
	cr_expect_eq(lines_with(s->journal, "{\"event\":\"fault\""), 0, "%s", s->journal);
	cr_expect_not_null(strstr(s->journal, "at the start: switched on by 'access_point: up'"));
	stand_free(s);
}

Test(access_point, without_commands_a_network_that_is_not_there_is_a_fault_at_once)
{
	struct stand *s = stand_new(1, 1);

	fake_answers(&s->fakes[0], "AT+WA=", "\r\n[ERROR]\r\n", 1);
	stand_begin(s);
	stand_until_ready(s);
	cr_expect_not(s->fakes[0].device->ready);
	cr_expect_not_null(strstr(s->journal, "is the access point on?"), "%s", s->journal);
	stand_free(s);
}

Test(access_point, that_did_not_go_down_is_the_bench_s_fault)
{
	char commands[2][128];
	struct stand *s = stand_with_access_point(commands);
	struct device *device = s->fakes[0].device;
	int said = 0;

	begin_without(s);
	const struct timeline *timeline = s->bench->sessions->timeline;
	const int64_t now_ns = s->bench->clock.now_ns;
	/* It is not asked yet: some go down behind their command. */
	access_point_heard(s->bench, device, now_ns);
	s->bench->access_point_asked_ns = now_ns;
	access_point_heard(s->bench, s->fakes[1].device, now_ns + 1);
	access_point_heard(s->bench, device, now_ns - 1);
	for (size_t i = 0; i < timeline->count; i++)
		said += timeline->events[i].kind == EVENT_FAULT;
	cr_expect_eq(said, 0);
	access_point_heard(s->bench, device, now_ns);
	access_point_heard(s->bench, device, now_ns + 2);
	for (size_t i = 0; i < timeline->count; i++)
		said += timeline->events[i].kind == EVENT_FAULT &&
			timeline->events[i].reason == REASON_ACCESS_POINT_UP &&
			timeline->events[i].fault == FAULT_BENCH;
	cr_expect_eq(said, 1);
	stand_free(s);
}
