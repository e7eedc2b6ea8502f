/* SPDX-License-Identifier: MIT */
#include "diagnose/diagnosis.h"

#include <criterion/criterion.h>

#include "core/error.h"
#include "core/units.h"
#include "diagnose/talk_test.h"

/* What a direction is found to be, beyond what is said of it. */

enum { FIN_ACK = SEGMENT_FLAG_FIN | SEGMENT_FLAG_ACK };

static struct diagnosed_direction found;

static int keep(const struct diagnosed_connection *connection, void *context)
{
	(void)context;
	cr_assert_eq(connection->direction_count, 1);
	found = connection->directions[0];
	return 0;
}

/* The capture ends here; its one connection has one prober. */
static void find(struct capture *capture)
{
	struct diagnosis_request request = {.profile = profile_default()};

	diagnose_capture(capture, request, keep, NULL);
}

static void unanswered_rows(int first, int second)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_unanswered(&talk, first + 1, 10, 10);
	talk_answer(&talk, 1);
	talk_answered(&talk, 1, 10);
	talk_unanswered(&talk, second + 1, 10, 10);
	talk_answer(&talk, 1);
	find(capture);
	cr_expect_eq(found.unanswered, first > second ? first : second, "%d, %d: %d", first, second,
		found.unanswered);
	cr_expect_eq(found.outcome, KEEPALIVE_ALIVE);
	cr_expect_eq(found.count, 0);
}

Test(direction, the_longest_row_of_unanswered_probes_may_be_any)
{
	unanswered_rows(2, 1);
	unanswered_rows(1, 3);
	unanswered_rows(2, 2);
}

Test(direction, an_open_connection_is_quiet_until_the_recording_ends)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_answered(&talk, 1, 10);
	capture_wait(capture, 30);
	capture_noise(capture);
	find(capture);
	cr_expect_eq(found.signs.quiet_ns / NS_PER_S, 30);
	cr_expect_not(found.signs.peer_ended || found.signs.prober_ended);
	cr_expect(found.signs.peer_heard);
}

Test(direction, a_closed_connection_is_not_quiet)
{
	for (int side = 0; side < 2; side++) {
		struct capture *capture = capture_new();
		struct talk talk = talk_begun(capture, 0);
		talk_answered(&talk, 1, 10);
		talk_say(&talk, side, FIN_ACK, 0);
		capture_wait(capture, 30);
		capture_noise(capture);
		find(capture);
		cr_expect_eq(found.signs.quiet_ns, 0);
		cr_expect_eq(found.signs.peer_ended, side == 1);
		cr_expect_eq(found.signs.prober_ended, side == 0);
	}
}

Test(direction, a_reset_behind_unanswered_probes_is_a_death)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_answered(&talk, 1, 10);
	talk_unanswered(&talk, 2, 10, 5);
	capture_wait(capture, 5);
	const uint32_t end = talk_say(&talk, 0, RST, 0);
	find(capture);
	cr_expect_eq(found.outcome, KEEPALIVE_DEAD);
	cr_expect_eq(found.count, 2);
	cr_expect_eq(found.gave_up.frame, end);
	cr_expect_eq(found.gave_up_by, END_RST);
	cr_expect_eq(found.signs.end.frame, end);
	cr_expect_eq(found.signs.end_by, END_RST);
	cr_expect_eq(found.interval_ns / NS_PER_S, 5);
	cr_expect_eq(found.idle_ns / NS_PER_S, 10);
}

Test(direction, the_silence_before_the_end_runs_from_the_last_answer)
{
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);

	talk_answered(&talk, 2, 10);
	capture_wait(capture, 7);
	talk_say(&talk, 0, RST, 0);
	find(capture);
	cr_expect_eq(found.signs.silent_ns / NS_PER_S, 7);
	cr_expect_eq(found.outcome, KEEPALIVE_ALIVE);
	cr_expect_eq(found.gave_up.frame, 0);
}

struct progress {
	double last;
	uint64_t packets;
	int calls;
};

static void note_progress(double part, uint64_t packets, void *context)
{
	struct progress *progress = context;

	cr_expect(part >= progress->last && part <= 1, "%g", part);
	progress->last = part;
	progress->packets = packets;
	progress->calls++;
}

Test(direction, progress_ends_with_all_of_the_recording)
{
	struct progress progress = {0};
	struct capture *capture = capture_new();
	struct talk talk = talk_begun(capture, 0);
	struct diagnosis_request request = {.profile = profile_default(),
		.progress = note_progress,
		.progress_context = &progress};

	talk_answered(&talk, 3, 10);
	const uint32_t frames = capture->frames;
	diagnose_capture(capture, request, keep, NULL);
	cr_expect_geq(progress.calls, 1);
	cr_expect_float_eq(progress.last, 1, 0);
	cr_expect_eq(progress.packets, frames);
}
