/* SPDX-License-Identifier: MIT */
#include "cli/run/live.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/terminal.h"
#include "cli/run/estimate.h"
#include "core/error.h"
#include "core/raw_clock.h"
#include "report/live/live_view.h"

/* A person reads no faster; an estimate is good for longer. */
#define DRAW_NS (100 * NS_PER_MS)
#define ESTIMATE_NS (2 * NS_PER_S)
/* A run that is over sooner is not worth a change of the screen. */
#define SETTLE_NS (500 * NS_PER_MS)
/* Where nothing is drawn. */
#define LINE_NS (60 * NS_PER_S)

enum { PIPE_SIZE = 1024 * 1024 };

struct live {
	struct live_view *view;
	struct live_run run;
	bool drawn;
	json_t *ended; /* how many drives, by the case's name */
	json_t *again; /* names of the cases that are still to be run again alone */
	int pipe[2];
	int64_t begun_ns, drawn_ns, estimated_ns; /* monotonic */
	int64_t heard_ns;			  /* when the bench told its latest time */
	double left_s;
	const char *note;
	bool second_screen; /* the terminal has one: no past lines, nothing wrapped anew on a
			     * resize */
	size_t count;	    /* lines that stand on the terminal */
	size_t widths[LIVE_LINES];
	char lines[LIVE_LINES][LIVE_LINE];
	struct winsize size;
};

/* A serial console has none, and GNU screen only where it was told to. */
static bool has_second_screen(void)
{
	const char *term = getenv("TERM");

	return term != NULL && strncmp(term, "vt", 2) != 0 && strncmp(term, "linux", 5) != 0 &&
	       getenv("STY") == NULL;
}

bool live_can_be_drawn(void)
{
	return terminal_takes_colour(stderr);
}

struct live *live_new(const struct live_run *run, bool drawn, struct error *err)
{
	struct live *live = calloc(1, sizeof *live);

	if (live == NULL || (live->view = live_view_new()) == NULL) {
		free(live);
		error_set(err, ERROR_MEMORY, "out of memory");
		return NULL;
	}
	live->run = *run;
	live->drawn = drawn;
	live->second_screen = has_second_screen();
	live->left_s = -1;
	live->begun_ns = raw_clock_ns();
	live->drawn_ns = drawn ? 0 : live->begun_ns;
	live->ended = json_object();
	live->again = json_object();
	if (pipe2(live->pipe, O_NONBLOCK | O_CLOEXEC) != 0) {
		error_errno(err, ERROR_BENCH, "cannot create a pipe");
		live_view_free(live->view);
		json_decref(live->ended);
		json_decref(live->again);
		free(live);
		return NULL;
	}
	(void)fcntl(live->pipe[1], F_SETPIPE_SZ, PIPE_SIZE);
	return live;
}

void live_tell(const struct live *live, const struct watched *what)
{
	/* One piece: it is shorter than PIPE_BUF. */
	(void)!write(live->pipe[1], what, sizeof *what);
}

int live_descriptor(const struct live *live)
{
	return live->pipe[0];
}

static void count_ended(struct live *live, const struct run_case *test_case)
{
	json_int_t before = json_integer_value(json_object_get(live->ended, test_case->name));

	json_object_set_new(live->ended, test_case->name, json_integer(before + 1));
}

/* Of a run that is resumed, what was told before counts where it still stands. */
static void recount(struct live *live, const struct run *run)
{
	json_object_clear(live->ended);
	for (size_t i = 0; i < run->case_count; i++)
		if (run_case_has_ended(&run->cases[i]))
			count_ended(live, &run->cases[i]);
}

static void count_rerun(struct live *live, const char *name, const json_t *event)
{
	const char *attempt = json_string_value(json_object_get(event, "attempt"));
	const char *rerun = json_string_value(json_object_get(event, "rerun"));
	json_int_t left = json_integer_value(json_object_get(live->again, name));

	left += rerun != NULL && strcmp(rerun, "alone") == 0;
	left -= attempt != NULL && strcmp(attempt, "alone") == 0 && left > 0;
	json_object_set_new(live->again, name, json_integer(left));
}

void live_saw(struct live *live, const struct run *run, const struct run_case *test_case,
	const json_t *event)
{
	const char *kind = json_string_value(json_object_get(event, "event"));
	const char *attempt = json_string_value(json_object_get(event, "attempt"));

	live_view_saw(live->view, run, test_case, event);
	if (test_case != NULL && kind != NULL && strcmp(kind, "verdict") == 0)
		count_rerun(live, test_case->name, event);
	if (kind != NULL && strcmp(kind, "resume") == 0)
		recount(live, run);
	if (test_case == NULL || kind == NULL || strcmp(kind, "admitted") == 0 ||
		(attempt != NULL && strcmp(attempt, "alone") == 0))
		return;
	count_ended(live, test_case);
}

static void take(struct live *live)
{
	struct watched what;

	while (read(live->pipe[0], &what, sizeof what) == (ssize_t)sizeof what) {
		int64_t before = live_view_time(live->view);
		live_view_watch(live->view, &what);
		if (live_view_time(live->view) != before)
			live->heard_ns = raw_clock_ns();
	}
}

/* On the real clock time goes on between what the bench tells. */
static int64_t bench_now(const struct live *live, int64_t now_ns)
{
	int64_t latest = live_view_time(live->view);

	return live->run.stepped || live->heard_ns == 0 ? latest : latest + now_ns - live->heard_ns;
}

/* How often the case is still driven, the drive that runs among them; with --each on one device. */
static int drives_left(const struct live *live, const char *name)
{
	int devices = live->run.each ? live->run.devices : 1;
	int ended = (int)json_integer_value(json_object_get(live->ended, name));

	return (live->run.repeat * devices - ended + devices - 1) / devices;
}

/* Each of them has its device alone. */
static void add_reruns(const struct live *live, const json_t *entry, const char *name, json_t *left)
{
	json_int_t count = json_integer_value(json_object_get(live->again, name));

	if (count <= 0)
		return;
	json_t *copy = json_copy((json_t *)(uintptr_t)entry);
	json_object_set_new(copy, "drives", json_integer(count));
	json_object_set(copy, "alone_s", json_object_get(copy, "expected_s"));
	json_array_append_new(left, copy);
}

/* The estimate of --dry-run, of what is left. */
static double left_of(const struct live *live, int64_t bench_ns)
{
	json_t *left = json_array();
	struct estimate estimate = {0};
	size_t index;
	const json_t *entry;

	json_array_foreach(live->run.cases, index, entry)
	{
		const char *name = json_string_value(json_object_get(entry, "name"));
		int drives = name == NULL ? 0 : drives_left(live, name);
		if (name != NULL)
			add_reruns(live, entry, name, left);
		if (drives <= 0)
			continue;
		json_t *copy = json_copy((json_t *)(uintptr_t)entry);
		double left_s = live_view_left_s(live->view, name, bench_ns);
		json_object_set_new(copy, "drives", json_integer(drives));
		if (left_s >= 0)
			json_object_set_new(copy, "left_s", json_real(left_s < 1 ? 1 : left_s));
		json_array_append_new(left, copy);
	}
	int failed = estimate_run(left, 1, live->run.bench, &estimate, NULL);
	json_decref(left);
	return failed != 0 ? -1 : estimate.total_s;
}

/* Rows that a line takes on a terminal that has become narrower since. */
static size_t rows_of(size_t width, size_t columns)
{
	return columns == 0 || width <= columns ? 1 : (width + columns - 1) / columns;
}

static void move_to_top(const struct live *live)
{
	size_t rows = 0;

	if (live->second_screen) {
		fputs(live->count == 0 ? "\033[?1049h\033[H" : "\033[H", stderr);
		return;
	}
	for (size_t i = 0; i < live->count; i++)
		rows += rows_of(live->widths[i], live->size.ws_col);
	if (rows > 0)
		fprintf(stderr, "\r\033[%zuA", rows);
}

void live_clear(struct live *live)
{
	if (live->count == 0)
		return;
	move_to_top(live);
	fputs("\r\033[J", stderr);
	if (live->second_screen)
		fputs("\033[?1049l", stderr);
	fflush(stderr);
	live->count = 0;
}

void live_note(struct live *live, const char *note)
{
	live->note = note;
}

static bool stands_already(const struct live *live, size_t count, char lines[LIVE_LINES][LIVE_LINE],
	const size_t widths[LIVE_LINES])
{
	if (count != live->count || memcmp(widths, live->widths, count * sizeof *widths) != 0)
		return false;
	for (size_t i = 0; i < count; i++)
		if (strcmp(lines[i], live->lines[i]) != 0)
			return false;
	return true;
}

/* resized: the terminal may have cut what stands there. */
static void draw(struct live *live, const struct live_now *now, bool resized)
{
	static char lines[LIVE_LINES][LIVE_LINE];
	size_t widths[LIVE_LINES];
	size_t count = live_view_render(live->view, now, lines, widths);

	if (!resized && stands_already(live, count, lines, widths))
		return;
	move_to_top(live);
	for (size_t i = 0; i < count; i++) {
		fprintf(stderr, "%s\033[K\n", lines[i]);
		snprintf(live->lines[i], LIVE_LINE, "%s", lines[i]);
		live->widths[i] = widths[i];
	}
	fputs("\033[J", stderr);
	fflush(stderr);
	live->count = count;
}

void live_wall_time(double in_s, const char *format, char text[16])
{
	time_t then = time(NULL) + (time_t)in_s;
	struct tm local;

	strftime(text, 16, format, localtime_r(&then, &local));
}

/* "14:05:00 34 of 161 ended: 34 passed; 16 running, x/y ends in 43 s; the run in about 72 min, at 15:17" */
static void tell_progress(struct live *live, int64_t now_ns)
{
	const int64_t bench_ns = bench_now(live, now_ns);
	const char *next = NULL;
	char totals[LIVE_LINE], text[16];

	if (live->run.stepped || now_ns - live->drawn_ns < LINE_NS)
		return;
	live->drawn_ns = now_ns;
	live_wall_time(0, "%H:%M:%S", text);
	live_view_totals(live->view, totals, sizeof totals);
	fprintf(stderr, "%s  %s", text, totals);
	const double next_s = live_view_next_end_s(live->view, bench_ns, &next);
	if (next_s >= 0)
		fprintf(stderr, ", %s ends in %.0f s", next, next_s);
	const double left_s = left_of(live, bench_ns);
	if (left_s >= 0) {
		live_wall_time(left_s, "%H:%M", text);
		fprintf(stderr, "; the run in about %.0f min, at %s", left_s / 60, text);
	}
	fputc('\n', stderr);
	fflush(stderr);
}

void live_update(struct live *live)
{
	int64_t now_ns = raw_clock_ns();
	struct winsize size = {0};

	take(live);
	if (!live->drawn) {
		tell_progress(live, now_ns);
		return;
	}
	if (now_ns - live->begun_ns < SETTLE_NS)
		return;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		size = (struct winsize){.ws_row = 24, .ws_col = 80};
	bool resized = size.ws_col != live->size.ws_col || size.ws_row != live->size.ws_row;
	live->size = size;
	if (!resized && now_ns - live->drawn_ns < DRAW_NS)
		return;
	live->drawn_ns = now_ns;
	struct live_now now = {.now_ns = bench_now(live, now_ns),
		.wall_s = (double)(now_ns - live->begun_ns) / 1e9,
		.left_s = -1,
		.rows = size.ws_row,
		.columns = size.ws_col,
		.devices = live->run.devices,
		.colour = true,
		.note = live->note};
	if (!live->run.stepped && now_ns - live->estimated_ns > ESTIMATE_NS) {
		live->left_s = left_of(live, now.now_ns);
		live->estimated_ns = now_ns;
	}
	if (live->left_s >= 0) {
		now.left_s = live->left_s - (double)(now_ns - live->estimated_ns) / 1e9;
		now.left_s = now.left_s < 0 ? 0 : now.left_s;
		live_wall_time(now.left_s, "%H:%M", now.ends);
	}
	draw(live, &now, resized);
}

void live_free(struct live *live)
{
	if (live == NULL)
		return;
	live_clear(live);
	close(live->pipe[0]);
	close(live->pipe[1]);
	live_view_free(live->view);
	json_decref(live->ended);
	json_decref(live->again);
	free(live);
}
