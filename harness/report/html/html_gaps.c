/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "report/html/html_sections.h"
#include "report/html/html_text.h"
#include "report/model/attempt.h"

/* How the gaps between unanswered probes are spread over the run. */

static void add_gap(struct gaps *gaps, int64_t ns)
{
	int64_t *gap = array_add(&gaps->ns, &gaps->count, sizeof *gaps->ns);

	if (gap != NULL)
		*gap = ns;
}

void gaps_take(struct gaps *gaps, const struct timeline *timeline)
{
	const struct event *before[SCENARIO_CONNECTIONS] = {NULL};

	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind != EVENT_SEGMENT || event->connection < 0 ||
			event->segment.role == ROLE_STRAY ||
			event->segment.role == ROLE_OTHER_TUPLE)
			continue;
		const struct event **last = &before[event->connection];
		if (event->segment.direction == FROM_PEER || event->segment.role != ROLE_PROBE) {
			*last = NULL;
			continue;
		}
		if (*last != NULL && (*last)->generation == event->generation)
			add_gap(gaps, event->t_ns - (*last)->t_ns);
		*last = event;
	}
}

/* A check of a gap tells what is expected; NULL: none was judged. */
static const struct check *any_gap_check(const struct run *run)
{
	for (size_t i = 0; i < run->case_count; i++) {
		const struct attempt *first = run->cases[i].first;
		for (size_t k = 0; first != NULL && k < first->verdict.check_count; k++)
			if (first->verdict.checks[k].measured &&
				first->verdict.checks[k].leg.kind == LEG_GAP)
				return &first->verdict.checks[k];
	}
	return NULL;
}

enum { BINS = 80 };
#define LEFT 40.0
#define RIGHT 960.0
#define HIGH 90.0
#define BOTTOM 110.0

struct scale {
	double from_s, to_s;
};

static double place_of(struct scale scale, double s)
{
	return LEFT + (RIGHT - LEFT) * (s - scale.from_s) / (scale.to_s - scale.from_s);
}

static struct scale scale_of(const struct gaps *gaps, const struct check *window)
{
	struct scale scale = {(double)gaps->ns[0] / 1e9, (double)gaps->ns[0] / 1e9};

	for (size_t i = 0; i <= gaps->count + 1; i++) {
		double s = (double)gaps->ns[i < gaps->count ? i : 0] / 1e9;
		if (i >= gaps->count && window != NULL)
			s = (double)(i == gaps->count ? window->from_ns : window->to_ns) / 1e9;
		scale.from_s = s < scale.from_s ? s : scale.from_s;
		scale.to_s = s > scale.to_s ? s : scale.to_s;
	}
	double more = (scale.to_s - scale.from_s) * 0.1 + 0.05;
	return (struct scale){scale.from_s - more, scale.to_s + more};
}

static void write_bins(const struct gaps *gaps, struct scale scale, FILE *stream)
{
	size_t bins[BINS] = {0}, most = 1;
	const double width = (RIGHT - LEFT) / (double)BINS;

	for (size_t i = 0; i < gaps->count; i++) {
		double part =
			((double)gaps->ns[i] / 1e9 - scale.from_s) / (scale.to_s - scale.from_s);
		size_t bin = (size_t)(part * (double)BINS);
		if (bin < BINS && ++bins[bin] > most)
			most = bins[bin];
	}
	for (size_t i = 0; i < BINS; i++) {
		double high = (double)bins[i] / (double)most * HIGH;
		double from_s =
			scale.from_s + (scale.to_s - scale.from_s) * (double)i / (double)BINS;
		if (bins[i] == 0)
			continue;
		high = high < 3 ? 3 : high;
		fputs("<rect class=\"bin\"", stream);
		html_at(stream, "x", LEFT + width * (double)i + 0.5);
		html_at(stream, "y", BOTTOM - high);
		html_at(stream, "width", width - 1);
		html_at(stream, "height", high);
		fprintf(stream, "><title>%zu gap%s of %.2f..%.2f s</title></rect>", bins[i],
			bins[i] == 1 ? "" : "s", from_s,
			from_s + (scale.to_s - scale.from_s) / (double)BINS);
	}
}

static void write_labels(struct scale scale, FILE *stream)
{
	const double steps[] = {0.1, 0.2, 0.5, 1, 2, 5, 10, 25, 50, 100, 500};
	double step = 1000;

	for (size_t i = sizeof steps / sizeof *steps; i-- > 0;)
		if ((scale.to_s - scale.from_s) / steps[i] <= 12)
			step = steps[i];
	for (int64_t i = (int64_t)(scale.from_s / step) + 1; (double)i * step < scale.to_s; i++) {
		fputs("<text class=\"t\"", stream);
		html_at(stream, "x", place_of(scale, (double)i * step));
		fprintf(stream, " y=\"%.0f\">%g s</text>", BOTTOM + 16, (double)i * step);
	}
}

void html_write_gaps(const struct run *run, const struct gaps *gaps, FILE *stream)
{
	const struct check *window = any_gap_check(run);
	size_t outside = 0;

	fputs("<section id=\"gaps\"><h2>Gaps between unanswered probes</h2>\n", stream);
	if (gaps->count == 0) {
		fputs("<p>No two consecutive probes were unanswered.</p></section>\n", stream);
		return;
	}
	struct scale scale = scale_of(gaps, window);
	for (size_t i = 0; window != NULL && i < gaps->count; i++)
		outside += gaps->ns[i] < window->from_ns || gaps->ns[i] > window->to_ns;
	fprintf(stream, "<p>%zu gap%s over the run", gaps->count, gaps->count == 1 ? "" : "s");
	if (window != NULL)
		fprintf(stream, ", %zu of them outside %.2f..%.2f s", outside,
			(double)window->from_ns / 1e9, (double)window->to_ns / 1e9);
	fputs(".</p>\n<figure class=\"picture\"><svg class=\"spread\" viewBox=\"0 0 1000 134\" "
	      "role=\"img\" aria-label=\"distribution of the gaps\">",
		stream);
	if (window != NULL) {
		double from = place_of(scale, (double)window->from_ns / 1e9);
		fputs("<rect class=\"w pass\" y=\"8\"", stream);
		html_at(stream, "x", from);
		html_at(stream, "width", place_of(scale, (double)window->to_ns / 1e9) - from);
		fprintf(stream, " height=\"%.0f\"><title>expected window</title></rect>",
			BOTTOM - 8);
	}
	fprintf(stream, "<path class=\"l\" d=\"M%.0f %.0fH%.0f\"/>", LEFT, BOTTOM, RIGHT);
	write_bins(gaps, scale, stream);
	write_labels(scale, stream);
	fputs("</svg></figure></section>\n", stream);
}
