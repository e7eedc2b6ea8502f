/* SPDX-License-Identifier: MIT */
#include "report/formats/judged_capture.h"

#include <criterion/criterion.h>
#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "core/units.h"
#include "judge/verdict.h"
#include "timeline/timeline.h"
#include "wire/pcapng.h"

/* A probe at 150 s and one 60 s later; the notice of the death follows, and the device is asked. */

static void add(struct timeline *timeline, double s, struct event event)
{
	event.t_ns = (int64_t)(s * 1e9);
	event.generation = 1;
	cr_assert_eq(timeline_add(timeline, &event), 0);
}

static struct timeline *two_probes(void)
{
	struct scenario scenario = tcp_client("a");
	keepalive(&scenario, "a", .count = 8, .timeout_s = 600);
	struct timeline *timeline = timeline_new("dead_peer/one", &scenario);
	struct event notice = {.kind = EVENT_NOTICE};

	cr_assert_not_null(timeline);
	add(timeline, 0, (struct event){.kind = EVENT_START, .connection = NO_CONNECTION});
	for (int i = 0; i < 2; i++)
		add(timeline, 150 + 60 * i,
			(struct event){.kind = EVENT_SEGMENT,
				.segment = {.direction = FROM_DEVICE,
					.role = ROLE_PROBE,
					.checksum_ok = true,
					.frame = (uint64_t)i + 1}});
	add(timeline, 400,
		(struct event){.kind = EVENT_SEGMENT,
			.segment = {.direction = FROM_PEER,
				.role = ROLE_PLAIN,
				.checksum_ok = true,
				.frame = 3}});
	event_take_line(&notice, "ERROR: SOCKET FAILURE\x1b[31m 0");
	add(timeline, 401, notice);
	return timeline;
}

static struct check gap(int number, int64_t begin_s, enum outcome outcome)
{
	struct check check = {.outcome = outcome,
		.models = MODELS_ALL,
		.leg = {LEG_GAP, number},
		.placed = true,
		.begin_ns = begin_s * NS_PER_S,
		.from_ns = 74 * NS_PER_S,
		.to_ns = 76 * NS_PER_S};

	snprintf(check.requirement, sizeof check.requirement, "KA-SCHED-02");
	return check;
}

/* The whole file; static memory. */
static const char *written(const struct verdict *verdict, size_t *size)
{
	static char bytes[8192];
	static const uint8_t octets[] = {1, 2, 3, 4};
	char path[] = "/tmp/wizhil-judged-XXXXXX";
	struct error err = {0};

	close(mkstemp(path));
	struct pcapng_writer *writer = pcapng_create(path, DLT_EN10MB, "eth0", &err);
	cr_assert_not_null(writer, "%s", err.text);
	for (int i = 0; i < 3; i++)
		cr_assert_eq(pcapng_packet(writer, 0, i, octets, sizeof octets, sizeof octets, NULL,
				     &err),
			0);
	cr_assert_eq(pcapng_finish(writer, &err), 0);
	struct timeline *timeline = two_probes();
	struct frame_notes *notes = frame_notes_new();
	cr_assert_not_null(notes);
	cr_assert_eq(frame_notes_take(notes, timeline, verdict), 0);
	cr_assert_eq(judged_capture_write(path, path, notes, &err), 0, "%s", err.text);
	frame_notes_free(notes);
	timeline_free(timeline);
	FILE *stream = fopen(path, "rb");
	cr_assert_not_null(stream);
	*size = fread(bytes, 1, sizeof bytes, stream);
	fclose(stream);
	unlink(path);
	return bytes;
}

static void expect_said(const char *bytes, size_t size, const char *text, bool said)
{
	cr_expect_eq(memmem(bytes, size, text, strlen(text)) != NULL, said, "%s", text);
}

Test(judged_capture, says_gap_window_and_requirement_at_the_probe)
{
	struct verdict verdict = verdict_new();
	struct check check = gap(1, 150, OUTCOME_FAIL);
	size_t size;

	check.measured = true;
	check.measured_ns = 60 * NS_PER_S;
	verdict_add(&verdict, &check);
	const char *bytes = written(&verdict, &size);
	expect_said(bytes, size, "keep-alive probe 1 of 8", true);
	expect_said(bytes, size,
		"keep-alive probe 2 of 8, gap 60.00 s, expected 75 +- 1.00 s: KA-SCHED-02 fails",
		true);
	expect_said(bytes, size, "missing", false);
}

Test(judged_capture, says_what_is_missing_at_the_next_frame)
{
	struct verdict verdict = verdict_new();
	struct check check = gap(2, 210, OUTCOME_FAIL);
	size_t size;

	verdict_add(&verdict, &check);
	const char *bytes = written(&verdict, &size);
	expect_said(bytes, size, "keep-alive probe 2 of 8, gap 60.00 s", true);
	expect_said(bytes, size,
		"missing before this frame: gap of 'a', due 286.00 s after the start, expected 75 +- "
		"1.00 s: KA-SCHED-02 fails",
		true);
}

Test(judged_capture, says_nothing_of_a_leg_of_another_drive)
{
	struct verdict verdict = verdict_new();
	struct check check = gap(1, 9000, OUTCOME_FAIL);
	size_t size;

	verdict_add(&verdict, &check);
	const char *bytes = written(&verdict, &size);
	expect_said(bytes, size, "KA-SCHED-02", false);
}

Test(judged_capture, has_the_lines_of_the_uart_at_their_time_and_harmless)
{
	struct verdict verdict = verdict_new();
	size_t size;
	const char *bytes = written(&verdict, &size);

	expect_said(bytes, size, "UART at 401.000 s: < ERROR: SOCKET FAILURE", true);
	expect_said(bytes, size, "\x1b", false);
}
