/* SPDX-License-Identifier: MIT */
#include "report/html/picture.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "core/units.h"
#include "judge/verdict.h"

/* A silent peer with a probe each 75 s from 150 s on, all times 10 s after the clock's zero. */

#define ZERO_S 10.0

static void add(struct timeline *timeline, double s, struct event event)
{
	event.t_ns = (int64_t)((s + ZERO_S) * 1e9);
	if (timeline_add(timeline, &event) != 0)
		cr_assert_fail("out of memory");
}

static void add_segment(
	struct timeline *timeline, double s, enum direction from, enum segment_role role)
{
	add(timeline, s,
		(struct event){.kind = EVENT_SEGMENT,
			.generation = 1,
			.segment = {.direction = from,
				.role = role,
				.checksum_ok = true,
				.frame = timeline->count}});
}

static void add_text(struct timeline *timeline, double s, enum event_kind kind, const char *text)
{
	struct event event = {.kind = kind, .generation = 1};

	event_take_line(&event, text);
	add(timeline, s, event);
}

static struct timeline *silent_peer(int probes)
{
	struct scenario scenario = tcp_client("a");
	struct timeline *timeline = timeline_new("dead_peer/one", &scenario);

	cr_assert_not_null(timeline);
	add(timeline, 0, (struct event){.kind = EVENT_START, .connection = NO_CONNECTION});
	add_text(timeline, 0, EVENT_COMMAND, "AT+NCTCP");
	add_segment(timeline, 0, FROM_PEER, ROLE_SYN);
	add(timeline, 5, (struct event){.kind = EVENT_PEER, .act = ACT_SILENT, .generation = 1});
	for (int i = 0; i < probes; i++)
		add_segment(timeline, 150 + 75.0 * i, FROM_DEVICE, ROLE_PROBE);
	return timeline;
}

/* A check of a leg that began at begin_s and is expected 75 s later, within a second. */
static struct check gap_from(double begin_s, enum outcome outcome)
{
	return (struct check){.outcome = outcome,
		.models = MODELS_ALL,
		.leg = {LEG_GAP, 1},
		.placed = true,
		.begin_ns = (int64_t)((begin_s + ZERO_S) * 1e9),
		.from_ns = 74 * NS_PER_S,
		.to_ns = 76 * NS_PER_S};
}

static struct verdict verdict_with(struct check check)
{
	struct verdict verdict = verdict_new();

	verdict_add(&verdict, &check);
	return verdict;
}

static char *drawn(struct timeline *timeline, const struct verdict *verdict)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	cr_assert_not_null(stream);
	picture_write(stream, timeline, verdict);
	fclose(stream);
	timeline_free(timeline);
	return text;
}

static size_t count(const char *text, const char *part)
{
	size_t found = 0;

	for (; (text = strstr(text, part)) != NULL; text += strlen(part))
		found++;
	return found;
}

Test(picture, has_a_mark_with_its_time_for_each_probe)
{
	struct verdict verdict = verdict_new();
	char *text = drawn(silent_peer(3), &verdict);

	cr_expect_eq(count(text, "href=\"#probe\""), 3);
	cr_expect_eq(count(text, "225.000 s probe, frame"), 1);
	cr_expect_eq(count(text, "peer: silent"), 1);
	free(text);
}

Test(picture, shows_the_window_of_a_leg)
{
	struct check check = gap_from(150, OUTCOME_PASS);

	check.measured = true;
	check.measured_ns = 75 * NS_PER_S;
	struct verdict verdict = verdict_with(check);
	char *text = drawn(silent_peer(3), &verdict);
	cr_expect_eq(count(text, "class=\"w pass\""), 1);
	cr_expect_eq(count(text, "expected 224.000..226.000 s, seen at 225.000 s: pass"), 1);
	cr_expect_eq(count(text, "class=\"o "), 0, "nothing is wrong with it");
	free(text);
}

Test(picture, says_how_late_a_leg_was)
{
	struct check check = gap_from(75, OUTCOME_FAIL);

	check.measured = true;
	check.measured_ns = 150 * NS_PER_S;
	struct verdict verdict = verdict_with(check);
	char *text = drawn(silent_peer(3), &verdict);
	cr_expect_eq(count(text, ">75.0 s late</text>"), 1);
	cr_expect_eq(count(text, "<circle class=\"o fail\""), 1);
	free(text);
}

Test(picture, shows_where_something_was_due_that_did_not_come)
{
	struct verdict verdict = verdict_with(gap_from(150, OUTCOME_FAIL));
	struct timeline *timeline = silent_peer(1);

	add(timeline, 400, (struct event){.kind = EVENT_WATCHED, .connection = NO_CONNECTION});
	char *text = drawn(timeline, &verdict);
	cr_expect_eq(count(text, "class=\"w fail due\""), 1);
	cr_expect_eq(count(text, ">no gap 1</text>"), 1);
	free(text);
}

Test(picture, does_not_show_what_is_due_after_the_watch)
{
	struct verdict verdict = verdict_with(gap_from(150, OUTCOME_INCONCLUSIVE));
	char *text = drawn(silent_peer(1), &verdict);

	cr_expect_eq(count(text, "class=\"w"), 0);
	free(text);
}

Test(picture, counts_the_rounds_that_it_leaves_out)
{
	struct verdict verdict = verdict_new();
	char *text = drawn(silent_peer(200), &verdict);

	cr_expect_lt(count(text, "href=\"#probe\""), 60);
	cr_expect_gt(count(text, "href=\"#probe\""), 20);
	cr_expect_eq(count(text, "moments</text>"), 1);
	cr_expect_eq(count(text, "200 probes, from 150.0 s"), 1, "in words it tells all");
	cr_expect_eq(count(text, " s probe, frame"), 200, "and its script has them all");
	free(text);
}

Test(picture, measures_nothing_that_it_leaves_out)
{
	struct check seen = gap_from(150, OUTCOME_PASS), left_out = gap_from(7650, OUTCOME_PASS);

	seen.leg = LEG(LEG_DEATH);
	left_out.leg = LEG(LEG_DEATH);
	seen.measured = left_out.measured = true;
	seen.measured_ns = left_out.measured_ns = 75 * NS_PER_S;
	struct verdict verdict = verdict_with(seen);
	verdict_add(&verdict, &left_out);
	char *text = drawn(silent_peer(200), &verdict);
	cr_expect_eq(count(text, "<g class=\"d pass\">"), 1);
	free(text);
}

/* A case that drives its device several times has checks of all drives in one verdict. */
Test(picture, is_of_one_drive_and_shows_no_leg_of_another)
{
	struct check own = gap_from(150, OUTCOME_FAIL),
		     of_another = gap_from(-100000, OUTCOME_FAIL);

	own.measured = of_another.measured = true;
	own.measured_ns = of_another.measured_ns = 60 * NS_PER_S;
	struct verdict verdict = verdict_with(own);
	verdict_add(&verdict, &of_another);
	char *text = drawn(silent_peer(3), &verdict);
	cr_expect_eq(count(text, "class=\"w fail\""), 1);
	cr_expect_eq(count(text, "data-axis=\"0.000:"), 1);
	free(text);
}

/* Sixteen that die together. */
Test(picture, draws_windows_at_one_place_of_the_uart_once)
{
	struct check check = gap_from(150, OUTCOME_PASS);

	check.leg = LEG(LEG_WIRE_TO_NOTICE);
	check.measured = true;
	check.measured_ns = 75 * NS_PER_S;
	struct verdict verdict = verdict_with(check);
	for (int i = 0; i < 15; i++)
		verdict_add(&verdict, &check);
	char *text = drawn(silent_peer(3), &verdict);
	cr_expect_eq(count(text, "class=\"w pass\""), 1);
	cr_expect_eq(count(text, " expected 224.000..226.000 s"), 16, "its title names them all");
	free(text);
}

Test(picture, has_no_lane_of_a_uart_that_nobody_heard)
{
	struct scenario scenario = tcp_client("a");
	struct timeline *timeline = timeline_new("capture", &scenario);
	struct verdict verdict = verdict_new();

	add(timeline, 0, (struct event){.kind = EVENT_START, .connection = NO_CONNECTION});
	add_segment(timeline, 1, FROM_DEVICE, ROLE_PROBE);
	char *text = drawn(timeline, &verdict);
	cr_expect_eq(count(text, ">UART<"), 0);
	cr_expect_eq(count(text, ">prober "), 1);
	free(text);
}

/* Where the labels of the ruler end and begin: a character is 6 wide at most. */
Test(picture, has_no_label_that_runs_into_another)
{
	for (int s = 600; s < 2400; s += 25) {
		struct verdict verdict = verdict_new();
		struct timeline *timeline = silent_peer(1);
		double end = -100, x;
		char label[16];

		add(timeline, 150 + s, (struct event){.kind = EVENT_WATCHED});
		add(timeline, 180 + s, (struct event){.kind = EVENT_WATCHED});
		char *text = drawn(timeline, &verdict), *break_at = strstr(text, "<g class=\"b\"");
		cr_assert_not_null(break_at);
		cr_assert_eq(sscanf(break_at, "<g class=\"b\" transform=\"translate(%lf", &x), 1);
		const double from = x + 20 - 24, to = x + 20 + 24;
		for (char *at = text; (at = strstr(at, "<text class=\"t\" x=\"")) != NULL; at++) {
			cr_assert_eq(sscanf(at, "<text class=\"t\" x=\"%lf\" y=\"11\">%15[^<]", &x,
					     label),
				2);
			const double half = 3 * (double)strlen(label);
			cr_expect_gt(x - half, end, "%d: %s", s, label);
			cr_expect(x + half < from || x - half > to, "%d: %s", s, label);
			end = x + half;
		}
		free(text);
	}
}

static char *drawn_over(
	struct timeline *timeline, const struct verdict *verdict, const struct picture_base *base)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	cr_assert_not_null(stream);
	picture_write_over(stream, timeline, verdict, base);
	fclose(stream);
	timeline_free(timeline);
	return text;
}

/* The axis has room for what only the other run has. */
Test(picture, has_the_marks_of_another_run_pale)
{
	struct verdict verdict = verdict_new();
	struct timeline *other = silent_peer(4);
	char *text = drawn_over(silent_peer(2), &verdict,
		&(struct picture_base){.timeline = other, .verdict = &verdict});

	cr_expect_eq(count(text, " s baseline: probe"), 4);
	cr_expect_eq(count(text, "375.000 s baseline: probe"), 1);
	cr_expect_eq(count(text, " s probe, frame"), 2);
	free(text);
	timeline_free(other);
}

Test(picture, has_the_legs_of_another_run_where_its_timeline_is_gone)
{
	struct check now = gap_from(150, OUTCOME_FAIL), before = gap_from(1150, OUTCOME_PASS);

	now.measured = before.measured = true;
	now.measured_ns = 60 * NS_PER_S;
	before.measured_ns = 75 * NS_PER_S;
	struct verdict verdict = verdict_with(now), base = verdict_with(before);
	char *text = drawn_over(silent_peer(2), &verdict,
		&(struct picture_base){.timeline = NULL, .verdict = &base});
	cr_expect_eq(count(text, "225.000 s baseline: end of gap 1"), 1);
	free(text);
}

Test(picture, of_an_empty_timeline_is_drawn)
{
	struct scenario scenario = tcp_client("a");
	struct verdict verdict = verdict_new();
	char *text = drawn(timeline_new("nothing", &scenario), &verdict);

	cr_expect_eq(count(text, "<svg"), 1);
	free(text);
}

Test(picture, escapes_what_a_device_said)
{
	struct verdict verdict = verdict_new();
	struct timeline *timeline = silent_peer(1);

	add_text(timeline, 200, EVENT_NOTICE, "<script>\"&\x01\xff");
	add(timeline, 210,
		(struct event){.kind = EVENT_FAULT, .fault = FAULT_REBOOT, .text = "</title><b>"});
	char *text = drawn(timeline, &verdict);
	cr_expect_eq(count(text, "<script"), 0);
	cr_expect_eq(count(text, "&lt;script&gt;&quot;&amp;\\x01\\xff"), 1);
	cr_expect_eq(count(text, "&lt;/title&gt;&lt;b&gt;"), 1);
	free(text);
}

Test(picture, has_a_lane_for_the_air_where_a_monitor_was)
{
	struct verdict verdict = verdict_new();
	struct timeline *timeline = silent_peer(3);

	add(timeline, 75,
		(struct event){.kind = EVENT_AIR,
			.connection = NO_CONNECTION,
			.size = 40,
			.air = {.kind = AIR_SENT, .tries = 3}});
	add(timeline, 290,
		(struct event){.kind = EVENT_AIR,
			.connection = NO_CONNECTION,
			.from_ns = (int64_t)((20 + ZERO_S) * 1e9),
			.air = {.kind = AIR_WATCHED}});
	char *text = drawn(timeline, &verdict);
	cr_expect_eq(count(text, ">air</text>"), 1);
	cr_expect_eq(count(text, "20.000 s to 290.000 s the monitor heard it"), 1);
	cr_expect_eq(
		count(text,
			"75.000 s a frame of 40 octets from the device, sent 3 times, did not come to the wire"),
		1);
	free(text);
	text = drawn(silent_peer(3), &verdict);
	cr_expect_eq(count(text, "air"), 0);
	free(text);
}
