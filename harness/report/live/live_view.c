/* SPDX-License-Identifier: MIT */
#include "report/live/live_view.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text_buffer.h"
#include "report/live/live_phase.h"
#include "report/text/summary_lines.h"
#include "report/text/text.h"

enum { SESSIONS = 256, FAILED_NAMES = 3 };

struct live_view {
	size_t count; /* in the order of admission */
	struct live_session sessions[SESSIONS];
	int64_t latest_ns;
	size_t total, ended;
	size_t by_outcome[OUTCOME_ERROR + 1];
	struct reruns_seen reruns;
	char failed[FAILED_NAMES][LIVE_LINE]; /* the last ones and why, newest first */
};

struct live_view *live_view_new(void)
{
	return calloc(1, sizeof(struct live_view));
}

void live_view_free(struct live_view *view)
{
	free(view);
}

static struct live_session *session_of(struct live_view *view, const struct watched *what)
{
	for (size_t i = 0; i < view->count; i++)
		if (strcmp(view->sessions[i].about.case_name, what->case_name) == 0 &&
			strcmp(view->sessions[i].about.device, what->device) == 0)
			return &view->sessions[i];
	return NULL;
}

static void end_session(struct live_view *view, struct live_session *session)
{
	size_t behind = view->count - 1 - (size_t)(session - view->sessions);

	memmove(session, session + 1, behind * sizeof *session);
	view->count--;
}

void live_view_watch(struct live_view *view, const struct watched *what)
{
	struct live_session *session = session_of(view, what);

	if (what->t_ns > view->latest_ns)
		view->latest_ns = what->t_ns;
	switch (what->kind) {
	case WATCHED_BEGUN:
		if (session != NULL)
			end_session(view, session);
		if (view->count < SESSIONS)
			view->sessions[view->count++] = (struct live_session){.about = *what};
		break;
	case WATCHED_EVENT:
		if (session != NULL)
			live_phase_take(session, what);
		break;
	case WATCHED_OVER:
		if (session != NULL)
			end_session(view, session);
		break;
	}
}

/* What the bench told of its end may have been lost, when there was no room for it.  The session of
 * the next repetition begins when this verdict is known. */
static void end_judged(struct live_view *view, const json_t *event)
{
	const char *name = json_string_value(json_object_get(event, "case"));
	double t_s = json_number_value(json_object_get(event, "t_s"));

	for (size_t i = view->count; name != NULL && i-- > 0;) {
		const struct watched *about = &view->sessions[i].about;
		const char *device = json_string_value(json_object_get(event, "device"));
		if (strcmp(about->case_name, name) == 0 && device != NULL &&
			strcmp(about->device, device) == 0 && (double)about->t_ns / 1e9 < t_s)
			end_session(view, &view->sessions[i]);
	}
}

/* Of a run that is resumed, what was told before counts where it still stands. */
static void recount(struct live_view *view, const struct run *run)
{
	view->ended = 0;
	memset(view->by_outcome, 0, sizeof view->by_outcome);
	memset(view->failed, 0, sizeof view->failed);
	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *test_case = &run->cases[i];
		if (!run_case_has_ended(test_case))
			continue;
		view->ended++;
		view->by_outcome[test_case->outcome]++;
	}
}

void live_view_saw(struct live_view *view, const struct run *run, const struct run_case *test_case,
	const json_t *event)
{
	const char *kind = json_string_value(json_object_get(event, "event"));
	const char *attempt = json_string_value(json_object_get(event, "attempt"));

	view->total = run->case_count;
	if (kind != NULL && strcmp(kind, "resume") == 0)
		recount(view, run);
	if (kind != NULL && strcmp(kind, "verdict") == 0) {
		end_judged(view, event);
		reruns_seen_saw(&view->reruns, event);
	}
	if (test_case == NULL || kind == NULL || strcmp(kind, "admitted") == 0 ||
		(attempt != NULL && strcmp(attempt, "alone") == 0))
		return;
	view->ended++;
	view->by_outcome[test_case->outcome]++;
	if (test_case->outcome != OUTCOME_FAIL && test_case->outcome != OUTCOME_ERROR)
		return;
	memmove(view->failed[1], view->failed[0], sizeof view->failed - sizeof view->failed[0]);
	snprintf(view->failed[0], sizeof view->failed[0], "%s: %s%s%s", test_case->name,
		test_case->requirement == NULL ? "" : test_case->requirement,
		test_case->requirement == NULL || test_case->requirement[0] == '\0' ? "" : ": ",
		test_case->text == NULL ? "" : test_case->text);
}

int64_t live_view_time(const struct live_view *view)
{
	return view->latest_ns;
}

double live_view_next_end_s(const struct live_view *view, int64_t now_ns, const char **case_name)
{
	double least_s = -1;

	for (size_t i = 0; i < view->count; i++) {
		const struct watched *about = &view->sessions[i].about;
		double left_s = (double)(about->t_ns + about->expected_ns - now_ns) / 1e9;
		left_s = left_s > 0 ? left_s : 0;
		if (least_s >= 0 && left_s >= least_s)
			continue;
		least_s = left_s;
		*case_name = about->case_name;
	}
	return least_s;
}

double live_view_left_s(const struct live_view *view, const char *case_name, int64_t now_ns)
{
	for (size_t i = 0; i < view->count; i++) {
		const struct watched *about = &view->sessions[i].about;
		if (strcmp(about->case_name, case_name) != 0)
			continue;
		double left_s = (double)(about->t_ns + about->expected_ns - now_ns) / 1e9;
		return left_s > 0 ? left_s : 0;
	}
	return -1;
}

/* ---- lines ---- */

struct line {
	struct text_buffer text;
	size_t columns, room; /* room: columns at most */
	bool colour;
};

static void paint(struct line *line, const char *colour)
{
	if (line->colour)
		text_add(&line->text, "%s", colour);
}

/* Adds what has room, of a text that may be a device's. */
__attribute__((format(printf, 2, 3))) static void put(struct line *line, const char *format, ...)
{
	char text[256], shown[LIVE_LINE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	text_line(text, shown, sizeof shown);
	size_t length = 0;
	for (; shown[length] != '\0' && line->text.length + length + 16 < LIVE_LINE; length++) {
		bool begins = ((unsigned char)shown[length] & 0xc0) != 0x80;
		if (begins && line->columns == line->room)
			break;
		line->columns += begins;
	}
	text_add(&line->text, "%.*s", (int)length, shown);
}

static void pad_to(struct line *line, size_t column)
{
	while (line->columns < column && line->columns < line->room)
		put(line, " ");
}

/* In so many columns; a name that is too long loses what it has in common with others at its front,
 * 'alike' octets, and then its middle. */
static void put_fitted(struct line *line, const char *text, size_t alike, size_t width)
{
	size_t length = strlen(text), end = line->columns + width;
	size_t dropped = length <= width ? 0 : length - width + 2;

	dropped = dropped > alike ? alike : dropped;
	/* The dots are two octets themselves. */
	if (dropped > 2) {
		put(line, "..");
		text += dropped;
		length -= dropped;
		width -= 2;
	}
	if (length <= width)
		put(line, "%s", text);
	else
		put(line, "%.*s..%s", (int)((width - 2) / 2), text,
			text + length - (width - 2 - (width - 2) / 2));
	pad_to(line, end);
}

static void put_bar(struct line *line, double part, size_t width)
{
	size_t full = part >= 1 ? width : part <= 0 ? 0 : (size_t)(part * (double)width);

	put(line, "[");
	paint(line, SUMMARY_GREEN);
	for (size_t i = 0; i < width; i++) {
		if (i == full)
			paint(line, SUMMARY_FAINT);
		put(line, "%s", i < full ? "#" : ".");
	}
	paint(line, SUMMARY_PLAIN);
	put(line, "]");
}

/* Where the columns of a line of a case are. */
struct layout {
	size_t name, device, bar; /* widths; 0: it is not there */
	bool with_suite;
};

/* The words want 52 columns, and the CID three; the rest goes to the name, then to the bar, then to the name with its
 * suite. */
static struct layout layout_of(const struct live_now *now)
{
	const size_t spare = now->columns > 88 ? (size_t)now->columns - 88 : 0;
	const bool wide = spare > 38, named = wide || now->devices > 1, bar = now->columns >= 72;
	const size_t name = spare > 68 ? 72 : spare > 44 ? spare + 4 : spare > 30 ? 48 : 18 + spare;

	return (struct layout){.name = name - 2 + (named ? 0 : 9) + (bar ? 0 : 9),
		.device = !named ? 0
			  : wide ? 12
				 : 8,
		.bar = !bar   ? 0
		       : wide ? 16
			      : 6,
		.with_suite = wide};
}

static const char *name_of(const struct live_session *session, const struct layout *layout)
{
	const char *name = session->about.case_name, *slash = strrchr(name, '/');

	return layout->with_suite || slash == NULL ? name : slash + 1;
}

/* The longest beginning that the name shares with another that runs. */
static size_t alike(const struct live_view *view, size_t index, const struct layout *layout)
{
	const char *name = name_of(&view->sessions[index], layout);
	size_t most = 0;

	for (size_t i = 0; i < view->count; i++) {
		const char *other = name_of(&view->sessions[i], layout);
		size_t same = 0;
		while (name[same] != '\0' && name[same] == other[same])
			same++;
		if (i != index && name[same] != '\0' && same > most)
			most = same;
	}
	return most;
}

static void put_header(struct line *line, const struct layout *layout)
{
	paint(line, SUMMARY_FAINT);
	put_fitted(line, "case", 0, layout->name);
	if (layout->device > 0) {
		put(line, " ");
		put_fitted(line, "device", 0, layout->device);
	}
	put(line, " CID ");
	if (layout->bar > 0)
		put_fitted(line, "time", 0, layout->bar + 3);
	put(line, "now");
	paint(line, SUMMARY_PLAIN);
}

static void put_session(struct line *line, const struct live_view *view, size_t index,
	const struct layout *layout, const struct live_now *now)
{
	const struct live_session *session = &view->sessions[index];
	const struct watched *about = &session->about;
	const struct live_connection *connection = live_phase_connection(session);
	char text[256], cid[16] = "-";

	put_fitted(line, name_of(session, layout), alike(view, index, layout), layout->name);
	if (layout->device > 0) {
		put(line, " ");
		put_fitted(line, about->device, 0, layout->device);
	}
	if (connection != NULL && connection->cid >= 0)
		snprintf(cid, sizeof cid, "%x", (unsigned)connection->cid);
	put(line, " %-3s ", cid);
	double part = about->expected_ns <= 0
			      ? 0
			      : (double)(now->now_ns - about->t_ns) / (double)about->expected_ns;
	if (layout->bar > 0)
		put_bar(line, part, layout->bar);
	live_phase_text(session, now->now_ns, text, sizeof text);
	put(line, " %s", text);
}

static void put_totals(struct line *line, const struct live_view *view)
{
	static const struct {
		enum outcome outcome;
		const char *word, *colour;
	} parts[] = {{OUTCOME_PASS, "passed", SUMMARY_GREEN},
		{OUTCOME_MARGINAL, "marginal", SUMMARY_YELLOW},
		{OUTCOME_FAIL, "failed", SUMMARY_RED},
		{OUTCOME_INCONCLUSIVE, "inconclusive", SUMMARY_YELLOW},
		{OUTCOME_ERROR, "in error", SUMMARY_RED},
		{OUTCOME_NOT_RUN, "not run", SUMMARY_YELLOW}};
	const char *before = ": ";

	put(line, "%zu of %zu ended", view->ended, view->total);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		size_t count = view->by_outcome[parts[i].outcome];
		if (count == 0)
			continue;
		put(line, "%s", before);
		paint(line, parts[i].colour);
		put(line, "%zu %s", count, parts[i].word);
		paint(line, SUMMARY_PLAIN);
		before = ", ";
	}
	if (view->reruns.wanted > 0)
		put(line, "; again alone %zu of %zu", view->reruns.done, view->reruns.wanted);
	put(line, "; %zu running", view->count);
}

static void put_failed(struct line *line, const char *text)
{
	paint(line, SUMMARY_RED);
	put(line, "not passed ");
	paint(line, SUMMARY_PLAIN);
	put(line, "%s", text);
}

static void put_time(struct line *line, const struct live_now *now)
{
	long long left = (long long)(now->left_s + 0.5);

	put(line, "%lld s", (long long)now->wall_s);
	if (now->note != NULL)
		put(line, "; %s", now->note);
	if (now->note != NULL || now->left_s < 0)
		return;
	if (left >= 120)
		put(line, ", ends in about %lld min", (left + 30) / 60);
	else
		put(line, ", ends in about %lld s", left);
	if (now->ends[0] != '\0')
		put(line, ", at %s", now->ends);
}

void live_view_totals(const struct live_view *view, char *text, size_t size)
{
	char buffer[LIVE_LINE];
	struct line line = {.text = text_buffer(buffer, sizeof buffer), .room = LIVE_LINE};

	put_totals(&line, view);
	snprintf(text, size, "%s", buffer);
}

size_t live_view_render(const struct live_view *view, const struct live_now *now,
	char lines[LIVE_LINES][LIVE_LINE], size_t widths[LIVE_LINES])
{
	const struct layout layout = layout_of(now);
	size_t failed = 0, count = 0;
	/* The last column stays free: a terminal may wrap behind it. */
	const size_t room = now->columns < 20 ? 19 : (size_t)now->columns - 1;
	size_t rows = now->rows < 6 ? 5 : (size_t)now->rows - 1;
	const size_t header = rows > 7 && view->count > 0;

	while (failed < FAILED_NAMES && view->failed[failed][0] != '\0')
		failed++;
	rows = rows > LIVE_LINES ? LIVE_LINES : rows;
	/* Where there are few rows, one failure is named. */
	failed = rows < 10 && failed > 1 ? 1 : failed;
	size_t around = header + 2 + failed;
	size_t shown = view->count + around <= rows ? view->count : rows - around - 1;
	const size_t more = shown < view->count;
	for (size_t i = 0; i < shown + more + around; i++) {
		struct line line = {.text = text_buffer(lines[i], LIVE_LINE),
			.room = room,
			.colour = now->colour};
		const size_t behind = i - header - shown - more; /* of the cases */
		if (i < header)
			put_header(&line, &layout);
		else if (i < header + shown)
			put_session(&line, view, i - header, &layout, now);
		else if (i < header + shown + more)
			put(&line, "and %zu more", view->count - shown);
		else if (behind < failed)
			put_failed(&line, view->failed[behind]);
		else if (behind == failed)
			put_totals(&line, view);
		else
			put_time(&line, now);
		widths[i] = line.columns;
		count = i + 1;
	}
	return count;
}
