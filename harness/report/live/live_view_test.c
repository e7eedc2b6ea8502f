/* SPDX-License-Identifier: MIT */
#include "report/live/live_view.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/error.h"
#include "report/model/run_live.h"
#include "report/model/written_run.h"

#define S NS_PER_S

/* One case, x/count_3 on device 'left', 3 x 75 with T = 300, that takes 600 s; its connection 'a'
 * was opened at 1 s as CID 5 and heard the peer last at 2 s. */
static struct live_view *view;

static struct watched about(enum watched_kind kind, int64_t t_ns)
{
	return (struct watched){.kind = kind,
		.case_name = "x/count_3",
		.device = "left",
		.connections = 1,
		.t_ns = t_ns,
		.expected_ns = 600 * S};
}

static void event(int64_t t_ns, struct event event)
{
	struct watched what = about(WATCHED_EVENT, t_ns);

	what.event = event;
	what.event.t_ns = t_ns;
	snprintf(what.connection, sizeof what.connection, "a");
	what.keepalive = (struct planned_keepalive){.on = true, .count = 3, .timeout_s = 300};
	live_view_watch(view, &what);
}

static void segment(int64_t t_ns, enum direction direction, enum segment_role role, uint8_t flags)
{
	event(t_ns, (struct event){.kind = EVENT_SEGMENT,
			    .segment = {.direction = direction, .role = role, .flags = flags}});
}

static void begin(void)
{
	struct watched begun = about(WATCHED_BEGUN, 0);

	view = live_view_new();
	cr_assert_not_null(view);
	live_view_watch(view, &begun);
	event(S, (struct event){.kind = EVENT_COMMAND, .text = "AT+NCTCP=192.0.2.1,20000"});
	event(S, (struct event){.kind = EVENT_OPENED, .cid = 5});
	segment(2 * S, FROM_PEER, ROLE_PLAIN, TCP_FLAG_ACK);
	event(2 * S, (struct event){.kind = EVENT_START});
}

static void end(void)
{
	live_view_free(view);
}

static char lines[LIVE_LINES][LIVE_LINE];
static size_t widths[LIVE_LINES];

static int devices = 2;

static size_t render(int64_t now_ns, int rows, int columns)
{
	const struct live_now now = {.now_ns = now_ns,
		.wall_s = 12.3,
		.left_s = 90,
		.ends = "23:45",
		.rows = rows,
		.columns = columns,
		.devices = devices};

	return live_view_render(view, &now, lines, widths);
}

/* What the line of the case says behind the bar. */
static const char *phase(int64_t now_ns)
{
	render(now_ns, 24, 120);
	const char *bar = strstr(lines[1], "] ");
	return bar == NULL ? lines[1] : bar + 2;
}

TestSuite(live_view, .init = begin, .fini = end);

Test(live_view, has_case_device_cid_bar_and_phase_in_a_line_and_totals_below)
{
	cr_assert_eq(render(302 * S, 24, 80), 4);
	cr_expect_str_eq(lines[0], "case             device   CID time     now");
	cr_expect_str_eq(lines[1],
		"count_3          left     5   [###...] idle for 300 of 300 s, 0 probes answered");
	cr_expect_str_eq(lines[2], "0 of 0 ended; 1 running");
	cr_expect_str_eq(lines[3], "12 s, ends in about 90 s, at 23:45");
}

Test(live_view, counts_unanswered_probes_and_says_when_the_next_is_due)
{
	segment(302 * S, FROM_DEVICE, ROLE_PROBE, TCP_FLAG_ACK);
	segment(377 * S, FROM_DEVICE, ROLE_PROBE, TCP_FLAG_ACK);
	cr_expect_str_eq(phase(411 * S), "2 of 3 probes unanswered, next due in 41 s");
	cr_expect_str_eq(phase(457 * S), "2 of 3 probes unanswered, next overdue by 5 s");
	segment(452 * S, FROM_DEVICE, ROLE_PROBE, TCP_FLAG_ACK);
	cr_expect_str_eq(phase(453 * S), "3 of 3 probes unanswered, death due in 74 s");
}

Test(live_view, begins_again_with_an_answer)
{
	segment(302 * S, FROM_DEVICE, ROLE_PROBE, TCP_FLAG_ACK);
	segment(303 * S, FROM_PEER, ROLE_PROBE_ANSWER, TCP_FLAG_ACK);
	cr_expect_str_eq(phase(313 * S), "idle for 10 of 300 s, 1 probe answered");
}

Test(live_view, takes_a_stray_segment_for_no_answer)
{
	segment(302 * S, FROM_DEVICE, ROLE_PROBE, TCP_FLAG_ACK);
	segment(303 * S, FROM_PEER, ROLE_STRAY, TCP_FLAG_RST);
	cr_expect_str_eq(phase(303 * S), "1 of 3 probes unanswered, next due in 74 s");
}

Test(live_view, tells_a_death_and_whether_it_was_noticed)
{
	segment(527 * S, FROM_DEVICE, ROLE_RST, TCP_FLAG_RST);
	cr_expect_str_eq(phase(530 * S), "dead for 3 s, no notice yet");
	event(530 * S, (struct event){.kind = EVENT_NOTICE, .text = "DISCONNECT 5"});
	cr_expect_str_eq(phase(537 * S), "dead for 10 s, noticed");
}

Test(live_view, takes_a_case_away_when_it_is_over)
{
	struct watched over = about(WATCHED_OVER, 600 * S);

	live_view_watch(view, &over);
	cr_assert_eq(render(600 * S, 24, 80), 2);
	cr_expect_str_eq(lines[0], "0 of 0 ended; 0 running");
}

Test(live_view, stays_below_the_rows_and_within_the_columns)
{
	for (int i = 0; i < 30; i++) {
		struct watched begun = about(WATCHED_BEGUN, S);
		snprintf(begun.case_name, sizeof begun.case_name,
			"suite/a_case_with_a_long_name_that_ends_in_%d", i);
		live_view_watch(view, &begun);
	}
	for (int columns = 20; columns < 200; columns += 7) {
		size_t count = render(10 * S, 12, columns);
		cr_expect_eq(count, 11);
		cr_expect_str_eq(lines[8], "and 24 more");
		for (size_t i = 0; i < count; i++) {
			cr_expect_lt(widths[i], (size_t)columns);
			cr_expect_eq(strlen(lines[i]), widths[i]);
		}
	}
	render(10 * S, 12, 80);
	cr_expect_not_null(
		strstr(lines[2], "..that_ends_in_0 "), "what is alike is cut: %s", lines[2]);
	cr_expect_not_null(strstr(lines[1], "count_3 "), "%s", lines[1]);
}

Test(live_view, says_a_note_in_place_of_the_estimated_end)
{
	const struct live_now now = {.wall_s = 12.3,
		.left_s = 90,
		.ends = "23:45",
		.rows = 24,
		.columns = 80,
		.devices = 1,
		.note = "interrupted"};
	size_t count = live_view_render(view, &now, lines, widths);

	cr_assert_str_eq(lines[count - 1], "12 s; interrupted");
}

Test(live_view, leaves_out_where_room_is_short_what_can_be_done_without)
{
	devices = 1;
	render(310 * S, 24, 80);
	cr_expect_null(strstr(lines[1], "left"), "the only device: %s", lines[1]);
	cr_expect_not_null(strstr(lines[1], "5   [###...] idle"), "%s", lines[1]);
	render(310 * S, 24, 71);
	cr_expect_null(strstr(lines[1], "["), "a bar: %s", lines[1]);
	cr_expect_not_null(strstr(lines[1], "count_3 "), "%s", lines[1]);
	cr_expect_str_eq(lines[0], "case                               CID now");
}

Test(live_view, takes_a_case_away_whose_end_was_not_told_when_it_has_its_verdict)
{
	json_t *other = json_pack("{s:s, s:s, s:s, s:f}", "event", "verdict", "case", "x/count_3",
		"device", "right", "t_s", 600.0);
	json_t *verdict = json_pack("{s:s, s:s, s:s, s:f}", "event", "verdict", "case", "x/count_3",
		"device", "left", "t_s", 600.0);
	struct run run = {0};

	live_view_saw(view, &run, NULL, other);
	cr_expect_eq(render(600 * S, 24, 80), 4);
	live_view_saw(view, &run, NULL, verdict);
	cr_expect_eq(render(600 * S, 24, 80), 2);
	struct watched again = about(WATCHED_BEGUN, 600 * S);
	live_view_watch(view, &again);
	live_view_saw(view, &run, NULL, verdict);
	cr_expect_eq(render(600 * S, 24, 80), 4, "the next repetition has begun");
	json_decref(other);
	json_decref(verdict);
}

static void saw(
	void *context, const struct run *run, const struct run_case *test_case, const json_t *json)
{
	live_view_saw(context, run, test_case, json);
}

Test(live_view, counts_what_has_ended_and_names_what_failed)
{
	struct written_run run = colourful_run();
	struct error err = {0};
	struct run_live *live = run_live_open(run.folder, &err);

	cr_assert_eq(run_live_read(live, saw, view, &err), 0);
	size_t count = render(600 * S, 24, 120);
	cr_assert_eq(count, 6);
	cr_expect_eq(strncmp(lines[2], "not passed schedule/breaks: ", 28), 0, "%s", lines[2]);
	cr_expect_eq(strncmp(lines[3], "not passed format/fails: KA-", 28), 0, "%s", lines[3]);
	cr_expect_str_eq(lines[4], "6 of 6 ended: 1 passed, 1 marginal, 1 failed, 1 inconclusive, "
				   "1 in error, 1 not run; 1 running");
	run_live_close(live);
	run_remove(&run);
}

Test(live_view, counts_the_cases_that_are_run_again_alone)
{
	static const char *const events[] = {
		"{\"event\":\"verdict\",\"attempt\":\"first\",\"rerun\":\"alone\"}",
		"{\"event\":\"verdict\",\"attempt\":\"first\",\"rerun\":\"capped\"}",
		"{\"event\":\"verdict\",\"attempt\":\"first\",\"rerun\":\"alone\"}",
		"{\"event\":\"verdict\",\"attempt\":\"alone\"}"};
	const struct run run = {0};

	for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
		json_t *event = json_loads(events[i], 0, NULL);
		live_view_saw(view, &run, NULL, event);
		json_decref(event);
	}
	render(302 * S, 24, 80);
	cr_expect_str_eq(lines[2], "0 of 0 ended; again alone 1 of 2; 1 running");
}

Test(live_view, says_which_case_is_the_next_to_end)
{
	struct watched begun = about(WATCHED_BEGUN, 100 * S);
	const char *name = NULL;

	snprintf(begun.case_name, sizeof begun.case_name, "x/count_1");
	begun.expected_ns = 200 * S;
	live_view_watch(view, &begun);
	cr_expect_float_eq(live_view_next_end_s(view, 250 * S, &name), 50, 1e-9);
	cr_expect_str_eq(name, "x/count_1");
	cr_expect_float_eq(live_view_next_end_s(view, 310 * S, &name), 0, 1e-9, "it is late");
	struct live_view *empty = live_view_new();
	cr_expect_float_eq(live_view_next_end_s(empty, 0, &name), -1, 1e-9);
	live_view_free(empty);
}

Test(live_view, has_its_totals_as_a_line_without_colour)
{
	char text[LIVE_LINE];

	live_view_totals(view, text, sizeof text);
	cr_expect_str_eq(text, "0 of 0 ended; 1 running");
}
