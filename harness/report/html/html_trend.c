/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "report/html/html_sections.h"
#include "report/html/html_text.h"

/*
 * How the runs went over time, from the history: the share that passed, and each leg's distance
 * from the middle of its window, a column a run, the oldest to the left.
 */

enum { MOST_RUNS = 60, LEGS = 12 };
#define LEFT 150.0
#define RIGHT 960.0
#define ROW 46.0
#define LABELS 36.0

struct trend {
	const json_t *runs;
	size_t first, count;		  /* the latest ones are shown */
	const char *firmwares[MOST_RUNS]; /* theirs, each once, in the order in which they came */
	size_t firmware_count;
};

static const json_t *run_at(const struct trend *trend, size_t i)
{
	return json_array_get(trend->runs, trend->first + i);
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text == NULL ? "" : text;
}

static double number_of(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

static double column(const struct trend *trend, size_t i)
{
	return LEFT + (RIGHT - LEFT) * ((double)i + 0.5) / (double)trend->count;
}

static void put_text(FILE *stream, const char *class, double x, double y, const char *text)
{
	fprintf(stream, "<text class=\"%s\"", class);
	html_at(stream, "x", x);
	html_at(stream, "y", y);
	fputc('>', stream);
	html_text(stream, text);
	fputs("</text>", stream);
}

static double share_of(const json_t *run)
{
	double total = number_of(run, "total");

	return total > 0 ? number_of(run, "passed") / total : 0;
}

static void put_shares(const struct trend *trend, FILE *stream)
{
	const double wide = (RIGHT - LEFT) * 0.7 / (double)trend->count;

	put_text(stream, "lane", 0, 26, "passed");
	for (size_t i = 0; i < trend->count; i++) {
		const json_t *run = run_at(trend, i);
		double high = 1 + (ROW - 12) * share_of(run);
		fprintf(stream, "<rect class=\"%s\"",
			share_of(run) < 1 ? "trend-fail" : "trend-pass");
		html_at(stream, "x", column(trend, i) - wide / 2);
		html_at(stream, "y", ROW - 6 - high);
		html_at(stream, "width", wide);
		html_at(stream, "height", high);
		fputs("><title>", stream);
		html_say(stream, "%s, %s: %.0f of %.0f passed%s%s", text_of(run, "started"),
			text_of(run, "firmware"), number_of(run, "passed"), number_of(run, "total"),
			text_of(run, "note")[0] == '\0' ? "" : ", ", text_of(run, "note"));
		fputs("</title></rect>", stream);
	}
	fputc('\n', stream);
}

/* A line where the firmware is another one than in the run before. */
static void put_firmwares(const struct trend *trend, double bottom, FILE *stream)
{
	for (size_t i = 1; i < trend->count; i++) {
		const char *firmware = text_of(run_at(trend, i), "firmware");
		if (strcmp(firmware, text_of(run_at(trend, i - 1), "firmware")) == 0)
			continue;
		fputs("<line class=\"trend-firmware\"", stream);
		double x = (column(trend, i - 1) + column(trend, i)) / 2;
		html_at(stream, "x1", x);
		html_at(stream, "x2", x);
		html_at(stream, "y1", 0);
		html_at(stream, "y2", bottom);
		fputs("><title>", stream);
		html_say(stream, "firmware from here on: %s", firmware);
		fputs("</title></line>\n", stream);
	}
}

static const json_t *leg_of(const json_t *run, const char *name)
{
	size_t i;
	const json_t *leg;

	json_array_foreach(json_object_get(run, "legs"), i, leg)
	{
		if (strcmp(text_of(leg, "leg"), name) == 0)
			return leg;
	}
	return NULL;
}

static double place(double s, double least, double most, double top)
{
	return top + 6 + (ROW - 12) * (most - s) / (most - least);
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

/* As far from the middle as the picture of a leg goes: a bit further than its window, which of a
 * run of an older history is not known.  What is further away would flatten all the others. */
static double reach_of(const struct trend *trend, const char *name)
{
	double widest = 0, farthest = 0.001;

	for (size_t i = 0; i < trend->count; i++) {
		const json_t *leg = leg_of(run_at(trend, i), name);
		if (leg == NULL)
			continue;
		widest = larger(widest, number_of(leg, "window_s"));
		farthest = larger(farthest, -number_of(leg, "least_s"));
		farthest = larger(farthest, number_of(leg, "most_s"));
	}
	return widest > 0 ? 1.25 * widest : farthest;
}

static double within(double s, double reach)
{
	return s < -reach ? -reach : s > reach ? reach : s;
}

static void put_line(FILE *stream, const char *class, double x1, double x2, double y)
{
	fprintf(stream, "<line class=\"%s\"", class);
	html_at(stream, "x1", x1);
	html_at(stream, "x2", x2);
	html_at(stream, "y1", y);
	html_at(stream, "y2", y);
	fputs("/>", stream);
}

static void put_window(const struct trend *trend, size_t i, const json_t *leg, double reach,
	double top, FILE *stream)
{
	const double window_s = number_of(leg, "window_s");
	const double y = place(window_s, -reach, reach, top);
	const double wide = (RIGHT - LEFT) / (double)trend->count;

	if (window_s <= 0)
		return;
	fputs("<rect class=\"trend-window\"", stream);
	html_at(stream, "x", column(trend, i) - wide / 2);
	html_at(stream, "y", y);
	html_at(stream, "width", wide);
	html_at(stream, "height", place(-window_s, -reach, reach, top) - y);
	fputs("/>", stream);
}

/* The line in the middle is that of the window. */
static void put_leg(const struct trend *trend, const char *name, double top, FILE *stream)
{
	const double reach = reach_of(trend, name);
	const double least = -reach, most = reach;
	char text[64];

	put_text(stream, "lane", 0, top + 20, name);
	snprintf(text, sizeof text, "up to +-%.3g s", reach);
	put_text(stream, "trend-scale", 0, top + 36, text);
	for (size_t i = 0; i < trend->count; i++)
		put_window(trend, i, leg_of(run_at(trend, i), name), reach, top, stream);
	put_line(stream, "trend-middle", LEFT, RIGHT, place(0, least, most, top));
	for (size_t i = 0; i < trend->count; i++) {
		const json_t *leg = leg_of(run_at(trend, i), name);
		if (leg == NULL)
			continue;
		double x = column(trend, i);
		fprintf(stream, "<g class=\"trend-leg%s\"><title>",
			number_of(leg, "outside") > 0 ? " outside" : "");
		html_say(stream,
			"%s: %s %+.3f s from the middle, %+.3f to %+.3f, %.0f measured, %.0f "
			"outside; window +- %.3f s",
			text_of(run_at(trend, i), "started"), name, number_of(leg, "mean_s"),
			number_of(leg, "least_s"), number_of(leg, "most_s"),
			number_of(leg, "count"), number_of(leg, "outside"),
			number_of(leg, "window_s"));
		fputs("</title><line", stream);
		html_at(stream, "x1", x);
		html_at(stream, "x2", x);
		html_at(stream, "y1",
			place(within(number_of(leg, "most_s"), reach), least, most, top));
		html_at(stream, "y2",
			place(within(number_of(leg, "least_s"), reach), least, most, top));
		fputs("/><circle r=\"3\"", stream);
		html_at(stream, "cx", x);
		html_at(stream, "cy",
			place(within(number_of(leg, "mean_s"), reach), least, most, top));
		fputs("/></g>", stream);
	}
	fputc('\n', stream);
}

/* The legs of any shown run, each once. */
static size_t find_legs(const struct trend *trend, const char *names[LEGS])
{
	size_t count = 0, j;
	const json_t *leg;

	for (size_t i = 0; i < trend->count; i++)
		json_array_foreach(json_object_get(run_at(trend, i), "legs"), j, leg)
		{
			const char *name = text_of(leg, "leg");
			size_t k = 0;
			while (k < count && strcmp(names[k], name) != 0)
				k++;
			if (k == count && count < LEGS)
				names[count++] = name;
		}
	return count;
}

/* The firmware's number in the list below the picture, from 1; 0: it is not there. */
static size_t number_of_firmware(const struct trend *trend, const char *firmware)
{
	for (size_t i = 0; i < trend->firmware_count; i++)
		if (strcmp(trend->firmwares[i], firmware) == 0)
			return i + 1;
	return 0;
}

static void find_firmwares(struct trend *trend)
{
	for (size_t i = 0; i < trend->count; i++) {
		const char *firmware = text_of(run_at(trend, i), "firmware");
		if (number_of_firmware(trend, firmware) == 0)
			trend->firmwares[trend->firmware_count++] = firmware;
	}
}

/* "11-26" below a column, as many as have room, and the firmware's number where it begins: the
 * name has no room there. */
static void put_labels(const struct trend *trend, double bottom, FILE *stream)
{
	const size_t every = 1 + trend->count / 16;
	size_t before = 0;
	char text[64];

	put_text(stream, "trend-scale", 0, bottom + 30, "firmware, see below");
	for (size_t i = 0; i < trend->count; i++) {
		const json_t *run = run_at(trend, i);
		const size_t number = number_of_firmware(trend, text_of(run, "firmware"));
		if (i % every == 0 && strlen(text_of(run, "started")) >= 10) {
			snprintf(text, sizeof text, "%.5s", text_of(run, "started") + 5);
			put_text(stream, "trend-scale", column(trend, i) - 14, bottom + 14, text);
		}
		snprintf(text, sizeof text, "%zu", number);
		if (number != before)
			put_text(stream, "trend-scale", column(trend, i) - 3, bottom + 30, text);
		before = number;
	}
}

/* What came of all runs of each firmware. */
static void put_firmware_list(const struct trend *trend, FILE *stream)
{
	fputs("<ol class=\"soft\">\n", stream);
	for (size_t i = 0; i < trend->firmware_count; i++) {
		const char *firmware = trend->firmwares[i];
		double runs = 0, passed = 0, total = 0;
		for (size_t k = 0; k < trend->count; k++) {
			const json_t *run = run_at(trend, k);
			if (strcmp(text_of(run, "firmware"), firmware) != 0)
				continue;
			runs++;
			passed += number_of(run, "passed");
			total += number_of(run, "total");
		}
		fputs("<li>", stream);
		html_text(stream, firmware[0] == '\0' ? "unknown firmware" : firmware);
		html_say(stream, ": %.0f run%s, %.0f of %.0f passed", runs, runs > 1 ? "s" : "",
			passed, total);
		fputs("</li>\n", stream);
	}
	fputs("</ol>\n", stream);
}

void html_write_leg_trend(const json_t *runs, const char *name, FILE *stream)
{
	struct trend trend = {.runs = runs, .count = json_array_size(runs)};
	size_t found = 0;

	if (trend.count > MOST_RUNS) {
		trend.first = trend.count - MOST_RUNS;
		trend.count = MOST_RUNS;
	}
	for (size_t i = 0; i < trend.count; i++)
		found += leg_of(run_at(&trend, i), name) != NULL;
	if (found < 2)
		return;
	const double reach = reach_of(&trend, name), wide = 160, high = 28;
	fprintf(stream,
		" <a href=\"#history\"><svg class=\"spark\" viewBox=\"0 0 %.0f %.0f\"><title>",
		wide, high);
	html_say(stream,
		"%s over %zu runs, this one last: from the middle of its window, up to +-%.3g s",
		name, found, reach);
	fprintf(stream, "</title><path d=\"M0 %.0fH%.0f\"/>", high / 2, wide);
	for (size_t i = 0; i < trend.count; i++) {
		const json_t *leg = leg_of(run_at(&trend, i), name);
		if (leg == NULL)
			continue;
		fprintf(stream, "<circle class=\"%s\" r=\"2.2\"",
			number_of(leg, "outside") > 0 ? "fail" : "pass");
		html_at(stream, "cx", wide * ((double)i + 0.5) / (double)trend.count);
		html_at(stream, "cy",
			high / 2 -
				(high / 2 - 3) * within(number_of(leg, "mean_s"), reach) / reach);
		fputs("/>", stream);
	}
	fputs("</svg></a>", stream);
}

void html_write_trend(const json_t *runs, FILE *stream)
{
	struct trend trend = {.runs = runs, .count = json_array_size(runs)};
	const char *names[LEGS];

	if (trend.count == 0)
		return;
	if (trend.count > MOST_RUNS) {
		trend.first = trend.count - MOST_RUNS;
		trend.count = MOST_RUNS;
	}
	find_firmwares(&trend);
	size_t legs = find_legs(&trend, names);
	double bottom = ROW * (double)(legs + 1);
	fprintf(stream,
		"<section id=\"history\"><h2>History: %zu run%s</h2>\n<p class=\"soft\">One column per run, this run last; a dashed line marks a change of firmware. Legs are shown as their deviation from the middle of the window, which is shaded. A dot is the mean, red if a value lay outside the window; values outside the picture are drawn at its edge.</p>\n<div class=\"wide\"><svg "
		"class=\"trend\" "
		"viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"share of cases that passed, and "
		"each leg, by run\">",
		json_array_size(runs), json_array_size(runs) == 1 ? "" : "s", RIGHT,
		bottom + LABELS);
	put_shares(&trend, stream);
	for (size_t i = 0; i < legs; i++)
		put_leg(&trend, names[i], ROW * (double)(i + 1), stream);
	put_firmwares(&trend, bottom, stream);
	put_labels(&trend, bottom, stream);
	fputs("</svg></div>\n", stream);
	put_firmware_list(&trend, stream);
	fputs("</section>\n", stream);
}
