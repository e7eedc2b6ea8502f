/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/exit_code.h"
#include "report/model/causes.h"
#include "report/model/attempt.h"
#include "report/model/compare.h"
#include "report/text/headline.h"
#include "report/html/html_page.h"
#include "report/html/html_sections.h"
#include "report/html/html_text.h"
#include "report/model/waivers.h"

/* The first screen. */

/* What did not pass is told there, but not hundreds of it. */
enum { TROUBLES = 12 };

static const enum outcome outcomes[] = {OUTCOME_FAIL, OUTCOME_ERROR, OUTCOME_INCONCLUSIVE,
	OUTCOME_MARGINAL, OUTCOME_NOT_RUN, OUTCOME_PASS};

static enum outcome outcome_of(const struct run *run)
{
	if (run_count(run, OUTCOME_FAIL) > 0)
		return OUTCOME_FAIL;
	return run_exit_code(run) == EXIT_CODE_PASS ? OUTCOME_PASS : OUTCOME_INCONCLUSIVE;
}

/* What follows for a release.  That nothing failed is no more than that: a part may have been run. */
static const char *advice_of(const struct run *run)
{
	const bool regression =
		run->changes != NULL && comparison_exit_code(run->changes) == EXIT_CODE_FIRMWARE;

	if (run_count(run, OUTCOME_FAIL) > 0 || regression)
		return "Do not ship";
	switch (run_exit_code(run)) {
	case EXIT_CODE_PASS:
		break;
	case EXIT_CODE_FIRMWARE:
		return "Do not ship";
	case EXIT_CODE_NOT_RUN:
		return "Not known yet: cases were not run";
	case EXIT_CODE_INTERRUPTED:
		return "Not known yet: the run was interrupted";
	case EXIT_CODE_BENCH:
	case EXIT_CODE_USAGE:
		return "Not known yet: mend what is named below, and run again";
	}
	if (run_waived(run) > 0)
		return "Nothing against shipping, if the waived failures are accepted";
	if (run->unseen != NULL)
		return "Nothing against shipping in what was run; what was left out is below";
	for (size_t i = 0; i < run->finding_count; i++)
		if (run->findings[i].finding->severity == SEVERITY_WARNING)
			return "Nothing against shipping; there is a warning";
	return run_count(run, OUTCOME_MARGINAL) > 0
		       ? "Nothing against shipping; check the bench, some passes are marginal"
		       : "Nothing against shipping";
}

static void write_headline(const struct run *run, FILE *stream)
{
	char text[512];
	const enum outcome outcome = outcome_of(run);

	headline_text(run, text, sizeof text);
	text[0] = (char)toupper((unsigned char)text[0]);
	fprintf(stream,
		"<p class=\"advice %s\">%s</p>\n<h1><span class=\"%s\" aria-hidden=\"true\">%s</span>"
		"<span>",
		html_class(outcome), advice_of(run), html_class(outcome), html_sign(outcome));
	html_text(stream, text);
	fputs("</span></h1>\n", stream);
}

/* A part of the bar, from x on; returns where it ends. */
static double write_part(const char *class, size_t count, size_t total, double x, FILE *stream)
{
	const double width = total == 0 ? 0 : (double)count / (double)total * 1000;

	if (count == 0)
		return x;
	fprintf(stream, "<rect class=\"%s\" y=\"0\" height=\"14\"", class);
	html_at(stream, "x", x);
	html_at(stream, "width", width);
	fputs("/>", stream);
	return x + width;
}

static void write_count(
	const char *class, const char *sign, const char *word, size_t count, FILE *stream)
{
	if (count == 0)
		return;
	fprintf(stream,
		"<li><a class=\"%s\" href=\"#cases\" data-outcome=\"%s\"><b "
		"aria-hidden=\"true\">%s</b> <strong>%zu</strong> %s</a></li>",
		class, class, sign, count, word);
}

static void write_share(const struct run *run, FILE *stream)
{
	double x = 0;

	fputs("<svg class=\"bar\" viewBox=\"0 0 1000 14\" preserveAspectRatio=\"none\" "
	      "aria-hidden=\"true\">",
		stream);
	for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
		x = write_part(html_class(outcomes[i]), run_count(run, outcomes[i]), run_total(run),
			x, stream);
	write_part(HTML_WAIVED, run_waived(run), run_total(run), x, stream);
	fputs("</svg>\n</header>\n", stream);
}

/* The first case that did not pass; NULL: all did. */
static const struct run_case *first_failure(const struct run *run)
{
	size_t count;
	size_t *places = html_order(run, &count);
	const struct run_case *test_case =
		places == NULL || count == 0 ? NULL : &run->cases[places[0]];

	free(places);
	return test_case == NULL || test_case->waiver != NULL ||
			       test_case->outcome == OUTCOME_PASS ||
			       test_case->outcome == OUTCOME_MARGINAL
		       ? NULL
		       : test_case;
}

/* It stays at the top of the window. */
static void write_bar(const struct run *run, FILE *stream)
{
	const struct run_case *failure = first_failure(run);

	fputs("<div class=\"stick\"><ul class=\"counts\">", stream);
	for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
		write_count(html_class(outcomes[i]), html_sign(outcomes[i]),
			outcome_name(outcomes[i]), run_count(run, outcomes[i]), stream);
	write_count(HTML_WAIVED, "\xe2\x88\x85", HTML_WAIVED, run_waived(run), stream);
	const size_t checks = run_checks(run, OUTCOME_FAIL) + run_checks(run, OUTCOME_INCONCLUSIVE);
	fprintf(stream, "<li class=\"total\">%zu %s%s</li>", run_total(run) - checks,
		run->repeat > 1 ? "drives" : "cases",
		checks > 0 ? " and what holds over the whole run" : "");
	if (failure != NULL) {
		fputs("<li><a id=\"next\"", stream);
		html_case_link(run, failure, stream);
		fputs(">next failure \xe2\x86\x93</a></li>", stream);
	}
	fputs("</ul></div>\n", stream);
}

/* ---- what was run on what ---- */

static void fact(FILE *stream, const char *name, const char *of, const char *value)
{
	if (value[0] == '\0')
		return;
	fprintf(stream, "<div><dt>%s", name);
	if (of[0] != '\0') {
		fputs(" of ", stream);
		html_text(stream, of);
	}
	fputs("</dt><dd>", stream);
	html_text(stream, value);
	fputs("</dd></div>", stream);
}

static void write_device(const struct run *run, const struct run_device *device, FILE *stream)
{
	const char *of = run->device_count > 1 ? device->name : "";
	char text[512];

	/* Of a single device the headline has told it. */
	if (run->device_count > 1)
		fact(stream, "firmware", of, device->firmware);
	if (device->has_models) {
		models_text(device->models, text, sizeof text);
		fact(stream, "timing models not excluded", of, text);
	}
	snprintf(text, sizeof text, "%s%s%s%s%s", device->name, device->mac[0] ? ", " : "",
		device->mac, device->address[0] ? ", " : "", device->address);
	fact(stream, "device", "", text);
	if (device->round_trips > 0) {
		uart_text(device, text, sizeof text);
		fact(stream, "UART", run->device_count > 1 ? device->name : "", text);
	}
	if (air_was_monitored(device)) {
		air_text(device, text, sizeof text);
		fact(stream, "air", run->device_count > 1 ? device->name : "", text);
	}
}

static void write_facts(const struct run *run, FILE *stream)
{
	char text[512];

	fputs("<dl class=\"facts\">", stream);
	for (size_t i = 0; i < run->device_count; i++)
		write_device(run, &run->devices[i], stream);
	snprintf(text, sizeof text, "%s%s%s%s", run->bench, run->bench_file[0] ? " (" : "",
		run->bench_file, run->bench_file[0] ? ")" : "");
	fact(stream, "bench", "", text);
	flashed_text(run, text, sizeof text);
	if (text[0] != '\0')
		fact(stream, "flashed", "", text);
	settings_text(run, text, sizeof text);
	if (text[0] != '\0')
		fact(stream, "the device was set to", "", text);
	fact(stream, "profile", "", run->profile);
	snprintf(text, sizeof text, "%s, seed %lld", run->clock, (long long)run->seed);
	fact(stream, "clock", "", text);
	unseen_text(run, text, sizeof text);
	if (text[0] != '\0')
		fact(stream, "not seen", "", text);
	if (run->pauses_unseen)
		fact(stream, "pauses", "", PAUSES_UNSEEN);
	for (size_t i = 0; i < run->time_count && i < 5; i++) {
		snprintf(text, sizeof text, "%.1f s: %s", run->times[i].t_s, run->times[i].text);
		fact(stream, "time of the host", "", text);
	}
	fact(stream, "started", "", run->started);
	if (run->ended) {
		snprintf(text, sizeof text, "%.0f device seconds in %.1f s", run->device_s,
			run->wall_s);
		fact(stream, "took", "", text);
	}
	if (run->changes == NULL)
		snprintf(text, sizeof text, "no baseline was given");
	else
		comparison_sentence(run->changes, text, sizeof text);
	fact(stream, "changed since the baseline", "", text);
	fputs("</dl>\n", stream);
}

/* ---- what is wrong ---- */

/* When the run was resumed, and what had ended it. */
static void write_resumed(const struct run *run, FILE *stream)
{
	for (size_t i = 0; i < run->resumed_count; i++) {
		fputs(i == 0 ? "<h2>Resumed</h2><ul class=\"troubles\"><li>" : "<li>", stream);
		html_text(stream, run->resumed[i]);
		fputs("</li>", stream);
	}
	if (run->resumed_count > 0)
		fputs("</ul>\n", stream);
}

/* Waivers that need somebody's care. */
static void write_waivers(const struct run *run, FILE *stream)
{
	char text[512];
	bool begun = false;

	for (size_t i = 0; i < run->waiver_count; i++) {
		if (!waiver_flagged(&run->waivers[i], text, sizeof text))
			continue;
		fputs(begun ? "<li>" : "<h2>Waivers</h2><ul class=\"troubles\"><li>", stream);
		html_text(stream, text);
		fputs("</li>", stream);
		begun = true;
	}
	if (begun)
		fputs("</ul>\n", stream);
}

static void write_faults(const struct run *run, FILE *stream)
{
	if (run->fault_count == 0 && !run->torn)
		return;
	fputs("<h2>Faults</h2><ul class=\"troubles\">", stream);
	for (size_t i = 0; i < run->fault_count; i++) {
		fputs("<li>", stream);
		html_badge(stream, OUTCOME_ERROR);
		fputc(' ', stream);
		html_text(stream, run->faults[i]);
		fputs("</li>", stream);
	}
	if (run->torn)
		fputs("<li>the last line of the journal is incomplete</li>", stream);
	fputs("</ul>\n", stream);
}

static void write_reason(
	const struct requirements *requirements, const struct run_case *test_case, FILE *stream)
{
	const struct requirement *requirement =
		requirement_find(requirements, test_case->requirement);

	html_badge(stream, test_case->outcome);
	if (test_case->requirement[0] == '\0')
		return;
	fputs(" <a class=\"id\" href=\"#r-", stream);
	html_text(stream, test_case->requirement);
	fputs("\">", stream);
	html_text(stream, test_case->requirement);
	fputs("</a> ", stream);
	if (requirement != NULL)
		html_text(stream, requirement->text);
}

/* All cases of a cause, as links; those behind the first ones are folded. */
static void write_cases_of(const struct run *run, const struct cause *cause, FILE *stream)
{
	fprintf(stream, "<details><summary class=\"more\">%zu cases</summary><ul>", cause->count);
	for (size_t i = 0; i < cause->count; i++) {
		fputs("<li><a", stream);
		html_case_link(run, cause->cases[i], stream);
		fputc('>', stream);
		html_write_title(run, cause->cases[i], stream);
		fputs("</a></li>", stream);
	}
	fputs("</ul></details>", stream);
}

static void write_cause(const struct run *run, const struct requirements *requirements,
	const struct cause *cause, FILE *stream)
{
	const struct run_case *test_case = cause->instance;

	fputs("<li>", stream);
	if (cause->count > 1)
		fprintf(stream, "<strong>%zu cases</strong> ", cause->count);
	write_reason(requirements, test_case, stream);
	fputs("<p>", stream);
	if (cause->count > 1 && cause->measured) {
		fputs("<strong>", stream);
		html_text(stream, cause->text);
		fputs("</strong>, ", stream);
	}
	fprintf(stream, "%s<a", cause->count > 1 ? "such as " : "");
	html_case_link(run, test_case, stream);
	fputc('>', stream);
	html_write_title(run, test_case, stream);
	fputs("</a>: ", stream);
	html_text(stream, test_case->text);
	if (test_case->alone != NULL) {
		fputs("; run again, alone on the device: ", stream);
		html_badge(stream, test_case->alone->verdict.outcome);
	}
	fputs("</p>", stream);
	if (cause->count > 1)
		write_cases_of(run, cause, stream);
	fputs("</li>", stream);
}

/* Failures first, and of these the cause of most cases. */
static void write_troubles(
	const struct run *run, const struct requirements *requirements, FILE *stream)
{
	struct causes causes = causes_of(run);
	size_t left = 0;

	/* A marginal case passed. */
	while (causes.count > 0 && causes.list[causes.count - 1].outcome == OUTCOME_MARGINAL)
		free(causes.list[--causes.count].cases);
	for (size_t i = 0; i < causes.count; i++) {
		if (i == 0)
			fputs("<h2>What did not pass</h2><ul class=\"troubles\">", stream);
		if (i < TROUBLES)
			write_cause(run, requirements, &causes.list[i], stream);
		else
			left += causes.list[i].count;
	}
	if (left > 0)
		fprintf(stream,
			"<li><a href=\"#cases\" data-outcome=\"fail error inconclusive\">and %zu more case%s</a></li>",
			left, left == 1 ? "" : "s");
	if (causes.count > 0)
		fputs("</ul>\n", stream);
	causes_free(&causes);
}

static void write_findings(const struct run *run, FILE *stream)
{
	for (size_t i = 0; i < run->finding_count; i++) {
		const struct run_finding *found = &run->findings[i];
		fputs(i == 0 ? "<h2>Findings</h2><ul class=\"findings\"><li>" : "<li>", stream);
		fprintf(stream, "<strong>%s</strong> ",
			found->finding->severity == SEVERITY_WARNING ? "warning" : "note");
		html_text(stream, found->finding->text);
		fputs(" <span class=\"id\">", stream);
		html_text(stream, found->finding->requirement);
		fputs("</span> <a", stream);
		html_case_link(run, found->first_case, stream);
		fputc('>', stream);
		html_name(stream, found->first_case->title);
		fputs("</a>", stream);
		if (found->cases > 1)
			fprintf(stream, " and %zu more", found->cases - 1);
		fputs("</li>", stream);
	}
	if (run->finding_count > 0)
		fputs("</ul>\n", stream);
}

void html_write_summary(
	const struct run *run, const struct requirements *requirements, FILE *stream)
{
	fputs("<header>\n<p class=\"what\">wizhil: TCP keep-alive of the WizFi210</p>\n", stream);
	write_headline(run, stream);
	write_share(run, stream);
	write_bar(run, stream);
	fputs("<div class=\"summary\">\n", stream);
	write_faults(run, stream);
	write_troubles(run, requirements, stream);
	write_resumed(run, stream);
	write_waivers(run, stream);
	write_findings(run, stream);
	write_facts(run, stream);
	fputs("<nav aria-label=\"sections\">", stream);
	if (run->changes != NULL)
		fputs("<a href=\"#changes\">changes</a> ", stream);
	if (run->repeat > 1)
		fputs("<a href=\"#repeats\">repetitions</a> ", stream);
	if (run->trend != NULL)
		fputs("<a href=\"#history\">history</a> ", stream);
	fputs("<a href=\"#requirements\">requirements</a> <a href=\"#gaps\">gaps</a> <a "
	      "href=\"#cases\">cases</a> <a href=\"#pictures\">timelines</a></nav>\n</div>\n",
		stream);
}
