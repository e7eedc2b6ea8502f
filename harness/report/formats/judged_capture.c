/* SPDX-License-Identifier: MIT */
#include "report/formats/judged_capture.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/array.h"
#include "core/error.h"
#include "core/text_buffer.h"
#include "core/units.h"
#include "judge/verdict.h"
#include "report/model/attempt.h"
#include "report/model/drives.h"
#include "report/model/run.h"
#include "report/text/text.h"
#include "timeline/timeline.h"
#include "wire/pcapng_comment.h"

enum { NOTE_TEXT = 4000 };

struct frame_note {
	uint64_t frame;
	size_t order; /* in which it was taken */
	char *text;
};

struct frame_notes {
	size_t count, next;
	struct frame_note *list;
	char text[NOTE_TEXT]; /* of the frame last asked for */
};

/* What is known at a moment of a timeline that is gone through. */
struct walk {
	struct frame_notes *notes;
	const struct timeline *timeline;
	const struct verdict *verdict;
	int64_t start_ns;
	struct row {
		int probes; /* since the peer was last heard */
		int64_t probe_ns;
	} rows[SCENARIO_CONNECTIONS];
	bool *written;	/* of each check: it was said where it belongs */
	size_t waiting; /* the first event of the UART that no frame has come behind yet */
};

struct frame_notes *frame_notes_new(void)
{
	return calloc(1, sizeof(struct frame_notes));
}

void frame_notes_free(struct frame_notes *notes)
{
	if (notes == NULL)
		return;
	for (size_t i = 0; i < notes->count; i++)
		free(notes->list[i].text);
	free(notes->list);
	free(notes);
}

static int note(struct frame_notes *notes, uint64_t frame, const char *text)
{
	struct frame_note *added =
		frame == 0 ? NULL : array_add(&notes->list, &notes->count, sizeof *notes->list);

	if (added == NULL)
		return frame == 0 ? 0 : -1;
	*added = (struct frame_note){.frame = frame, .order = notes->count, .text = strdup(text)};
	return added->text == NULL ? -1 : 0;
}

/* ---- checks ---- */

static const char *outcome_verb(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_PASS:
		return "passes";
	case OUTCOME_FAIL:
		return "fails";
	case OUTCOME_MARGINAL:
		return "is marginal";
	case OUTCOME_INCONCLUSIVE:
		return "is inconclusive";
	case OUTCOME_ERROR:
	case OUTCOME_NOT_RUN:
		break;
	}
	return "is not judged";
}

/* ", expected 75 +- 0.52 s: KA-SCHED-02 fails" */
static void add_expected(struct text_buffer *text, const struct check *check)
{
	const double middle_s = (double)(check->from_ns + check->to_ns) / 2e9;
	const double half_s = (double)(check->to_ns - check->from_ns) / 2e9;

	if (check->from_ns <= 0)
		text_add(text, ", expected within %.2f s", (double)check->to_ns / 1e9);
	else
		text_add(text, ", expected %.6g +- %.2f s", middle_s, half_s);
	text_add(text, ": %s %s", check->requirement, outcome_verb(check->outcome));
}

static bool ends_here(
	const struct walk *walk, const struct check *check, const struct event *event, bool uart)
{
	return drive_has(walk->timeline, check) && check->measured &&
	       leg_ends_on_uart(check->leg.kind) == uart &&
	       check->connection == event->connection &&
	       check->begin_ns + check->measured_ns == event->t_ns;
}

/* The legs that end with the event, each with its length and what was expected; the gap that is said
 * already is not said again.  Returns whether there is any. */
static bool add_checks(
	struct walk *walk, const struct event *event, bool uart, struct text_buffer *text)
{
	bool any = false;

	for (size_t i = 0; i < walk->verdict->check_count; i++) {
		const struct check *check = &walk->verdict->checks[i];
		if (walk->written[i] || !ends_here(walk, check, event, uart))
			continue;
		walk->written[i] = true;
		text_add(text, "%s%s %.2f s", text->length > 0 ? ", " : "",
			check->leg.kind == LEG_GAP ? "gap" : leg_name(check->leg).text,
			(double)check->measured_ns / 1e9);
		add_expected(text, check);
		any = true;
	}
	return any;
}

/* What was due in the time before this event, and did not come. */
static int note_missing(struct walk *walk, const struct event *event, bool last)
{
	for (size_t i = 0; i < walk->verdict->check_count; i++) {
		const struct check *check = &walk->verdict->checks[i];
		const bool due = check->begin_ns + check->to_ns < event->t_ns &&
				 (last || check->connection == event->connection);
		char line[400];
		if (walk->written[i] || check->measured || check->outcome == OUTCOME_PASS ||
			!drive_has(walk->timeline, check) || !(due || last))
			continue;
		walk->written[i] = true;
		struct text_buffer text = text_buffer(line, sizeof line);
		text_add(&text, "missing %s this frame: %s of '%s', due %.2f s after the start",
			due && !last ? "before" : "up to", leg_kind_name(check->leg.kind),
			walk->timeline->scenario.connections[check->connection].name,
			(double)(check->begin_ns + check->to_ns - walk->start_ns) / 1e9);
		add_expected(&text, check);
		if (note(walk->notes, event->segment.frame, line) != 0)
			return -1;
	}
	return 0;
}

/* ---- UART ---- */

static bool is_of_uart(const struct event *event)
{
	switch (event->kind) {
	case EVENT_COMMAND:
	case EVENT_RESPONSE:
	case EVENT_NOTICE:
		return true;
	case EVENT_SEGMENT:
	case EVENT_DATA:
	case EVENT_OPENED:
	case EVENT_LISTING:
	case EVENT_PEER:
	case EVENT_STEP:
	case EVENT_START:
	case EVENT_WATCHED:
	case EVENT_ARP:
	case EVENT_AIR:
	case EVENT_FAULT:
		break;
	}
	return false;
}

/* What device or host may have said, without what controls a terminal. */
static void add_said(struct text_buffer *text, const char *said)
{
	char line[EVENT_TEXT * 4];

	text_line(said, line, sizeof line);
	text_add(text, "%s", line);
}

/* The lines of the UART from where none were told up to the event at place, which may be behind the last:
 * each at the frame that is nearest to it in time. */
static int note_uart(
	struct walk *walk, size_t place, const struct event *before, const struct event *next)
{
	for (; walk->waiting < place; walk->waiting++) {
		const struct event *event = &walk->timeline->events[walk->waiting];
		char line[EVENT_TEXT * 4 + 400];
		if (!is_of_uart(event))
			continue;
		const bool behind =
			next == NULL ||
			(before != NULL && event->t_ns - before->t_ns <= next->t_ns - event->t_ns);
		struct text_buffer text = text_buffer(line, sizeof line);
		text_add(&text, "UART at %.3f s: %s ", (double)(event->t_ns - walk->start_ns) / 1e9,
			event->kind == EVENT_COMMAND ? ">" : "<");
		add_said(&text, event->text);
		(void)add_checks(walk, event, true, &text);
		if (note(walk->notes, (behind ? before : next)->segment.frame, line) != 0)
			return -1;
	}
	return 0;
}

/* ---- segments ---- */

static void add_probe(struct walk *walk, const struct event *event, struct text_buffer *text)
{
	struct row *row = &walk->rows[event->connection];
	const struct scenario *scenario = &walk->timeline->scenario;
	const struct planned_keepalive keepalive = scenario_keepalive(scenario, event->connection);
	const int64_t gap_ns = event->t_ns - row->probe_ns;

	row->probes++;
	text_add(text, "keep-alive probe %d", row->probes);
	if (keepalive.on && row->probes <= keepalive.count)
		text_add(text, " of %d", keepalive.count);
	if (scenario->connection_count > 1)
		text_add(text, " of '%s'", scenario->connections[event->connection].name);
	/* Where the gap was judged, the check says it. */
	bool judged = false;
	for (size_t i = 0; i < walk->verdict->check_count; i++)
		judged |= walk->verdict->checks[i].leg.kind == LEG_GAP &&
			  ends_here(walk, &walk->verdict->checks[i], event, false);
	if (row->probes > 1 && !judged)
		text_add(text, ", gap %.2f s", (double)gap_ns / 1e9);
	row->probe_ns = event->t_ns;
}

static void add_role(struct walk *walk, const struct event *event, struct text_buffer *text)
{
	const struct timeline_segment *segment = &event->segment;

	switch (segment->role) {
	case ROLE_PROBE:
		add_probe(walk, event, text);
		return;
	case ROLE_PROBE_ANSWER:
	case ROLE_PROBE_RST:
		text_add(text, "%s to the keep-alive probe",
			segment->role == ROLE_PROBE_RST ? "RST" : "answer");
		if (segment->answers > 0)
			text_add(text, " in frame %llu", (unsigned long long)segment->answers);
		return;
	case ROLE_RST:
		text_add(text, "RST of the %s",
			segment->direction == FROM_DEVICE ? "prober" : "peer");
		return;
	case ROLE_UNSOLICITED_ACK:
	case ROLE_ZERO_WINDOW_PROBE:
	case ROLE_NOT_A_PROBE:
	case ROLE_UNDECIDABLE:
	case ROLE_OTHER_TUPLE:
		text_add(text, "%s", segment_role_name(segment->role));
		return;
	case ROLE_PLAIN:
	case ROLE_SYN:
	case ROLE_FIN:
	case ROLE_DATA:
	case ROLE_RETRANSMISSION:
	case ROLE_STRAY:
		break;
	}
}

static int note_segment(struct walk *walk, const struct event *event)
{
	char line[1200];
	struct text_buffer text = text_buffer(line, sizeof line);

	if (event->segment.direction == FROM_PEER && event->segment.role != ROLE_STRAY)
		walk->rows[event->connection].probes = 0;
	add_role(walk, event, &text);
	(void)add_checks(walk, event, false, &text);
	return text.length == 0 ? 0 : note(walk->notes, event->segment.frame, line);
}

static bool is_on_a_connection(const struct event *event)
{
	return event->kind == EVENT_SEGMENT && event->segment.frame != 0 &&
	       event->connection >= 0 && event->connection < SCENARIO_CONNECTIONS;
}

static int walk_through(struct walk *walk)
{
	const struct timeline *timeline = walk->timeline;
	const struct event *last = NULL;

	walk->start_ns = timeline->count > 0 ? timeline->events[0].t_ns : 0;
	for (size_t i = 0; i < timeline->count; i++)
		if (timeline->events[i].kind == EVENT_START)
			walk->start_ns = timeline->events[i].t_ns;
	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (!is_on_a_connection(event))
			continue;
		if (note_segment(walk, event) != 0 || note_missing(walk, event, false) != 0 ||
			note_uart(walk, i, last, event) != 0)
			return -1;
		last = event;
	}
	if (last == NULL)
		return 0;
	return note_missing(walk, last, true) != 0 ||
			       note_uart(walk, timeline->count, last, NULL) != 0
		       ? -1
		       : 0;
}

int frame_notes_take(
	struct frame_notes *notes, const struct timeline *timeline, const struct verdict *verdict)
{
	struct walk walk = {.notes = notes,
		.timeline = timeline,
		.verdict = verdict,
		.written = calloc(verdict->check_count + 1, sizeof *walk.written)};
	const int failed = walk.written == NULL ? -1 : walk_through(&walk);

	free(walk.written);
	return failed;
}

/* ---- files ---- */

static int by_frame(const void *a, const void *b)
{
	const struct frame_note *note_a = a, *other = b;

	if (note_a->frame != other->frame)
		return note_a->frame < other->frame ? -1 : 1;
	return (note_a->order > other->order) - (note_a->order < other->order);
}

static const char *comment_of(void *context, uint64_t frame)
{
	struct frame_notes *notes = context;
	struct text_buffer text = text_buffer(notes->text, sizeof notes->text);

	while (notes->next < notes->count && notes->list[notes->next].frame < frame)
		notes->next++;
	for (; notes->next < notes->count && notes->list[notes->next].frame == frame; notes->next++)
		text_add(&text, "%s%s", text.length > 0 ? "\n" : "", notes->list[notes->next].text);
	return text.length > 0 ? notes->text : NULL;
}

/* What the bench wrote when the packet came, before anything was judged, or what was noted by an earlier
 * judgement. */
static bool is_ours(const char *comment, size_t length)
{
	static const char *const begins[] = {"keep-alive probe ", "answer to the keep-alive probe",
		"RST to the keep-alive probe", "RST of the ", "missing ", "UART at ",
		"unsolicited empty segment of connection "};

	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
		if (length > strlen(begins[i]) &&
			strncmp(comment, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

static int write_notes(
	const char *from, const char *to, struct frame_notes *notes, bool again, struct error *err)
{
	const struct capture_comments comments = {.comment_of = comment_of,
		.replaces = is_ours,
		.context = notes,
		.section = "wizhil: with comments by its judge",
		.again = again};

	if (notes->count > 1)
		qsort(notes->list, notes->count, sizeof *notes->list, by_frame);
	notes->next = 0;
	return capture_comment(from, to, &comments, err) < 0 ? -1 : 0;
}

int judged_capture_write(
	const char *from, const char *to, struct frame_notes *notes, struct error *err)
{
	return write_notes(from, to, notes, true, err);
}

static int write_drive(const struct attempt *attempt, const char *run_folder, int drives, int drive,
	struct error *err)
{
	char path[512], capture[4096];

	drive_path(attempt->timeline, drives, drive, path, sizeof path);
	struct timeline *timeline = drive_timeline(run_folder, path, NULL);
	drive_path(attempt->pcapng, drives, drive, path, sizeof path);
	snprintf(capture, sizeof capture, "%s/%s", run_folder, path);
	struct frame_notes *notes = frame_notes_new();
	int failed = 0;
	if (timeline != NULL && notes != NULL && access(capture, F_OK) == 0 &&
		(frame_notes_take(notes, timeline, &attempt->verdict) != 0 ||
			write_notes(capture, capture, notes, false, err) != 0))
		failed = -1;
	frame_notes_free(notes);
	timeline_free(timeline);
	return failed;
}

static int write_attempt(const struct attempt *attempt, const char *run_folder, struct error *err)
{
	int failed = 0;

	if (attempt == NULL || attempt->timeline[0] == '\0' || attempt->pcapng[0] == '\0')
		return 0;
	const int drives = drives_of(run_folder, attempt->timeline);
	for (int i = 1; i <= drives; i++)
		failed |= write_drive(attempt, run_folder, drives, i, failed == 0 ? err : NULL);
	return failed;
}

int judged_evidence_write(const struct run *run, const char *run_folder, struct error *err)
{
	int failed = 0;

	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *test_case = &run->cases[i];
		const struct attempt *const attempts[] = {
			test_case->first, test_case->alone, test_case->partial};
		for (size_t k = 0; k < sizeof attempts / sizeof *attempts; k++)
			failed |= write_attempt(attempts[k], run_folder, failed == 0 ? err : NULL);
	}
	return failed;
}
