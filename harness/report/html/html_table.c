/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/text_buffer.h"
#include "report/html/html_page.h"
#include "report/html/html_sections.h"
#include "report/html/html_text.h"
#include "report/model/attempt.h"
#include "report/text/measure.h"
#include "report/model/waivers.h"

/* The table of cases. */

const char *html_case_class(const struct run_case *test_case)
{
	return test_case->waiver != NULL ? HTML_WAIVED : html_class(test_case->outcome);
}

void html_case_badge(const struct run_case *test_case, FILE *stream)
{
	if (test_case->waiver != NULL)
		html_badge_waived(stream);
	else
		html_badge(stream, test_case->outcome);
}

/* The first of several is the one of the plain name. */
void html_case_id(const struct run *run, const struct run_case *test_case, char *id, size_t size)
{
	struct text_buffer text = text_buffer(id, size);

	text_add(&text, "%s", test_case->name);
	if ((run->each || test_case->of_run) && run->device_count > 1)
		text_add(&text, "@%s", test_case->device);
	if (test_case->repetition > 1)
		text_add(&text, ".%d", test_case->repetition);
}

void html_case_link(const struct run *run, const struct run_case *test_case, FILE *stream)
{
	char id[256];

	html_case_id(run, test_case, id, sizeof id);
	fputs(" href=\"", stream);
	html_fragment(stream, id);
	fputc('"', stream);
}

void html_write_title(const struct run *run, const struct run_case *test_case, FILE *stream)
{
	char title[256];

	run_case_title(run, test_case, title, sizeof title);
	fputs("<span class=\"suite\">", stream);
	html_text(stream, test_case->suite);
	fputs("/</span><wbr>", stream);
	html_name(stream, title);
}

/* The place of a case among those that are told, 0 first. */
static int rank_of(const struct run_case *test_case)
{
	static const int ranks[] = {
		[OUTCOME_FAIL] = 0,
		[OUTCOME_ERROR] = 1,
		[OUTCOME_INCONCLUSIVE] = 2,
		[OUTCOME_MARGINAL] = 4,
		[OUTCOME_NOT_RUN] = 5,
		[OUTCOME_PASS] = 6,
	};
	const int waived = 3;

	return test_case->waiver != NULL ? waived : ranks[test_case->outcome];
}

size_t *html_order(const struct run *run, size_t *count)
{
	enum { RANKS = 7 };
	size_t *places = calloc(run->case_count + 1, sizeof *places);

	*count = 0;
	for (int rank = 0; places != NULL && rank < RANKS; rank++)
		for (size_t i = 0; i < run->case_count; i++)
			if (rank_of(&run->cases[i]) == rank && run_counts(&run->cases[i]))
				places[(*count)++] = i;
	return places;
}

const struct check *html_leg(const struct run_case *test_case)
{
	const struct check *worst = NULL;

	if (test_case->first == NULL)
		return NULL;
	const struct verdict *verdict = &test_case->first->verdict;
	for (size_t i = 0; i < verdict->check_count; i++) {
		const struct check *check = &verdict->checks[i];
		if (check->measured && check->outcome != OUTCOME_PASS &&
			(worst == NULL || check->outcome > worst->outcome))
			worst = check;
	}
	return worst != NULL ? worst : decisive_leg(verdict);
}

int64_t html_margin(const struct check *check)
{
	int64_t low = check->measured_ns - check->from_ns;
	int64_t high = check->to_ns - check->measured_ns;

	return check->from_ns <= 0 || high < low ? high : low;
}

/* The window takes the middle half, which the style sheet draws; what lies beyond the picture is at its
 * edge, as an arrow. */
void html_write_gauge(const struct check *check, FILE *stream)
{
	const double from = (double)(check->from_ns < 0 ? 0 : check->from_ns);
	const double length = (double)check->to_ns - from;
	double x = length <= 0 ? 40 : 20 + 40 * ((double)check->measured_ns - from) / length;
	const bool off = x < 3 || x > 77;

	if (off)
		x = x < 40 ? 8 : 72;
	fprintf(stream, "<svg class=\"gauge %s\" viewBox=\"0 0 80 14\"><path d=\"M",
		html_class(check->outcome));
	html_number(stream, x);
	if (!off)
		fputs(" 1v12\"/></svg>", stream);
	else
		fprintf(stream, " 2%s\"/></svg>", x < 40 ? "l-5 5 5 5" : "l5 5-5 5");
}

static void write_measured(const struct check *leg, FILE *stream)
{
	char text[160];
	const double margin = (double)html_margin(leg) / 1e9;

	measure_text(leg, text, sizeof text);
	fprintf(stream, "<td data-k=\"%.6f\">", (double)leg->measured_ns / 1e9);
	html_text(stream, text);
	fprintf(stream, "</td><td data-k=\"%.6f\">", margin);
	html_write_gauge(leg, stream);
	fprintf(stream, "<span class=\"margin\">%.2f s %s</span></td>",
		margin < 0 ? -margin : margin, margin < 0 ? "outside" : "inside");
}

static void write_waiver(const struct run_case *test_case, FILE *stream)
{
	char text[400];

	if (test_case->waiver == NULL)
		return;
	waiver_text(test_case->waiver, text, sizeof text);
	fputs("; ", stream);
	html_text(stream, text);
}

static void write_row(const struct run *run, size_t place, FILE *stream)
{
	const struct run_case *test_case = &run->cases[place];
	const struct check *leg = html_leg(test_case);
	const double seconds = run_case_seconds(test_case);
	size_t index;
	const json_t *word;

	fprintf(stream, "<tr data-n=\"%zu\" data-o=\"%s\"><td data-k=\"%d\">", place,
		html_case_class(test_case), rank_of(test_case));
	html_case_badge(test_case, stream);
	fputs("</td><th scope=\"row\"><a", stream);
	html_case_link(run, test_case, stream);
	fputc('>', stream);
	html_write_title(run, test_case, stream);
	fputs("</a>", stream);
	if (test_case->outcome != OUTCOME_PASS) {
		fputs("<p>", stream);
		html_text(stream, test_case->text);
		write_waiver(test_case, stream);
		fputs("</p>", stream);
	}
	fputs("</th>", stream);
	if (leg != NULL)
		write_measured(leg, stream);
	else
		fputs("<td></td><td></td>", stream);
	fputs("<td class=\"ids\">", stream);
	json_array_foreach(test_case->requirements, index, word) if (json_is_string(word))
	{
		fputs(index > 0 ? " <span>" : "<span>", stream);
		html_text(stream, json_string_value(word));
		fputs("</span>", stream);
	}
	if (seconds < 0)
		fputs("</td><td class=\"n\"></td></tr>\n", stream);
	else
		fprintf(stream, "</td><td class=\"n\" data-k=\"%.1f\">%.0f s</td></tr>\n", seconds,
			seconds);
}

void html_write_table(const struct run *run, FILE *stream)
{
	size_t count;
	size_t *places = html_order(run, &count);

	fputs("<section id=\"cases\"><h2>Cases</h2>\n<div id=\"filter\" hidden><label>filter "
	      "<input type=\"search\" id=\"words\" placeholder=\"name, requirement, "
	      "text\"></label> "
	      "<span id=\"chips\" role=\"group\" aria-label=\"outcomes\"></span> <output "
	      "id=\"shown\"></output></div>\n<div class=\"wide\"><table "
	      "id=\"table\"><thead><tr><th "
	      "scope=\"col\">outcome</th><th scope=\"col\">case</th><th scope=\"col\">measured</th>"
	      "<th scope=\"col\">margin</th><th scope=\"col\">requirements</th><th scope=\"col\" "
	      "class=\"n\">device time</th></tr></thead><tbody>\n",
		stream);
	for (size_t i = 0; i < count; i++)
		write_row(run, places[i], stream);
	free(places);
	fputs("</tbody></table></div></section>\n", stream);
}
