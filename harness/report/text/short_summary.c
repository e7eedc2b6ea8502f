/* SPDX-License-Identifier: MIT */
#include "report/text/short_summary.h"

#include <string.h>
#include <unistd.h>

#include "core/text_buffer.h"
#include "report/formats/journal.h"
#include "report/model/causes.h"
#include "report/text/headline.h"
#include "report/report.h"
#include "report/text/summary_lines.h"
#include "report/text/text.h"

/* More than a person reads at once are in summary.txt. */
enum { SHOWN = 12, LISTED = 40 };

static void write_head(const struct run *run, FILE *stream)
{
	for (size_t i = 0; i < run->device_count; i++) {
		const struct run_device *device = &run->devices[i];
		if (device->firmware[0] == '\0')
			continue;
		summary_label(stream, "firmware");
		text_put(stream, TEXT_LINE, device->firmware);
		fputs(" on ", stream);
		summary_line(stream, device->name);
	}
	summary_label(stream, "bench");
	text_put(stream, TEXT_LINE, run->bench);
	fputs(", ", stream);
	text_put(stream, TEXT_LINE, run->clock);
	fprintf(stream, " clock, seed %lld, profile ", (long long)run->seed);
	summary_line(stream, run->profile);
	summary_settings(run, stream);
	summary_resumed(run, stream);
}

/* Those that a fault or an interrupt took are told together, by summary_faults. */
static bool is_shown(const struct run_case *test_case)
{
	return test_case->cut_off == NOT_CUT_OFF && run_counts(test_case) &&
	       test_case->outcome != OUTCOME_PASS;
}

static bool is_not_run_for(const struct run_case *test_case, const char *reason)
{
	return test_case->outcome == OUTCOME_NOT_RUN && is_shown(test_case) &&
	       strcmp(test_case->text, reason) == 0;
}

/* One line for all that were not run for one reason. */
static void write_not_run(const struct run *run, FILE *stream, bool colour)
{
	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *test_case = &run->cases[i];
		size_t before = 0, count = 0;
		for (size_t k = 0; k < run->case_count; k++) {
			bool same = is_not_run_for(&run->cases[k], test_case->text);
			before += k < i && same;
			count += same;
		}
		if (before > 0 || !is_not_run_for(test_case, test_case->text))
			continue;
		if (count == 1) {
			summary_case(run, test_case, true, "", stream, colour);
			continue;
		}
		fprintf(stream, "  %s%-12s%s  %zu cases\n%*s", colour ? SUMMARY_YELLOW : "",
			"not run", colour ? SUMMARY_PLAIN : "", count, SUMMARY_TITLE, "");
		text_wrap(stream, test_case->text, SUMMARY_TITLE, SUMMARY_WIDTH);
	}
}

/* Whether it is the first of the cause that is this case on this device: the others repeat it. */
static bool is_first_drive(const struct cause *cause, size_t index)
{
	const struct run_case *test_case = cause->cases[index];

	for (size_t i = 0; i < index; i++)
		if (run_case_is(cause->cases[i], test_case->name, test_case->device))
			return false;
	return true;
}

static size_t cases_of(const struct cause *cause)
{
	size_t count = 0;

	for (size_t i = 0; i < cause->count; i++)
		count += is_first_drive(cause, i);
	return count;
}

/* Several cases with one cause: what they have in common, and one of them. */
static void write_shared(const struct run *run, const struct cause *cause, const char *run_folder,
	FILE *stream, bool colour)
{
	const struct summary_style look = summary_style_of(cause->instance);
	char title[256], text[700];
	struct text_buffer line = text_buffer(text, sizeof text);

	fprintf(stream, "  %s%-12s%s  ", colour ? look.colour : "", look.word,
		colour ? SUMMARY_PLAIN : "");
	if (cases_of(cause) < cause->count)
		text_add(&line, "%zu drives of ", cause->count);
	text_add(&line, "%zu cases: %s", cases_of(cause), cause->requirement);
	/* The sentence of the instance is below. */
	if (cause->measured)
		text_add(&line, ", %s", cause->text);
	text_wrap(stream, text, SUMMARY_TITLE, SUMMARY_WIDTH);
	run_case_title(run, cause->instance, title, sizeof title);
	fprintf(stream, "%*ssuch as ", SUMMARY_TITLE, "");
	text_put(stream, TEXT_LINE, cause->instance->suite);
	fputc('/', stream);
	summary_line(stream, title);
	summary_reason(cause->instance, run_folder, stream);
}

static void write_cause(const struct run *run, const struct cause *cause, const char *run_folder,
	FILE *stream, bool colour)
{
	if (cases_of(cause) > 1) {
		write_shared(run, cause, run_folder, stream, colour);
		return;
	}
	summary_case(run, cause->instance, true, run_folder, stream, colour);
	if (cause->count > 1)
		fprintf(stream, "%*s%zu more repetition%s with the same outcome\n", SUMMARY_TITLE,
			"", cause->count - 1, cause->count == 2 ? "" : "s");
}

static void write_not_passed(const struct run *run, const struct causes *causes,
	const char *run_folder, FILE *stream, bool colour)
{
	size_t more = 0;

	for (size_t i = 0; i < causes->count; i++) {
		if (i == 0)
			fputc('\n', stream);
		if (i < SHOWN)
			write_cause(run, &causes->list[i], run_folder, stream, colour);
		else
			more += causes->list[i].count;
	}
	if (more > 0)
		fprintf(stream, "  %zu more that did not pass\n", more);
	summary_waived(run, stream, colour);
	write_not_run(run, stream, colour);
}

/* Its failure has a cause that other cases have, too; of its repetitions the first. */
static bool is_listed(const struct causes *causes, const struct run_case *test_case)
{
	for (size_t i = 0; i < causes->count; i++) {
		const struct cause *cause = &causes->list[i];
		for (size_t k = 0; k < cause->count && cause->outcome == OUTCOME_FAIL; k++)
			if (cause->cases[k] == test_case)
				return is_first_drive(cause, k) && cases_of(cause) > 1;
	}
	return false;
}

/* Behind everything, by name: those of which only one with the same cause was shown. */
static void write_failed(
	const struct run *run, const struct causes *causes, FILE *stream, bool colour)
{
	size_t count = 0;

	for (size_t i = 0; i < run->case_count; i++) {
		if (!is_listed(causes, &run->cases[i]) || ++count > LISTED)
			continue;
		if (count == 1)
			fprintf(stream, "\n%sfailed with a cause that others have%s\n",
				colour ? SUMMARY_RED : "", colour ? SUMMARY_PLAIN : "");
		fputs("  ", stream);
		summary_line(stream, run->cases[i].name);
	}
	if (count > LISTED)
		fprintf(stream, "  and %zu more\n", count - LISTED);
}

static bool is_first_of_suite(const struct run *run, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(run->cases[i].suite, run->cases[index].suite) == 0)
			return false;
	return true;
}

/* "  dead_peer        12 of 13 passed" */
static void write_suites(const struct run *run, FILE *stream, bool colour)
{
	const char *before = "\n";

	for (size_t i = 0; i < run->case_count; i++) {
		size_t total = 0, passed = 0;
		if (!is_first_of_suite(run, i))
			continue;
		for (size_t k = i; k < run->case_count; k++) {
			const struct run_case *test_case = &run->cases[k];
			if (strcmp(test_case->suite, run->cases[i].suite) != 0 || test_case->of_run)
				continue;
			total++;
			passed += test_case->outcome == OUTCOME_PASS ||
				  test_case->outcome == OUTCOME_MARGINAL;
		}
		if (total == 0)
			continue;
		char suite[256];
		size_t columns = text_line(run->cases[i].suite, suite, sizeof suite);
		int gap = columns < 20 ? (int)(20 - columns) : 1;
		const char *paint = passed == total ? SUMMARY_GREEN : SUMMARY_YELLOW;
		fprintf(stream, "%s  %s%*s%s%zu of %zu passed%s\n", before, suite, gap, "",
			colour ? paint : "", passed, total, colour ? SUMMARY_PLAIN : "");
		before = "";
	}
}

/* On a full disk what there was no room for is not there. */
static bool is_there(const char *run_folder, const char *name)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", run_folder, name);
	return access(path, F_OK) == 0;
}

static void write_where(const char *run_folder, FILE *stream)
{
	const bool html = is_there(run_folder, REPORT_HTML),
		   text = is_there(run_folder, REPORT_SUMMARY);

	summary_label(stream, html || text ? "reports" : "journal");
	text_put(stream, TEXT_LINE, run_folder);
	fprintf(stream, "/%s%s\n",
		html   ? REPORT_HTML
		: text ? REPORT_SUMMARY
		       : JOURNAL_NAME,
		html && text ? " (" REPORT_SUMMARY " has every case)" : "");
}

void short_summary_write(const struct run *run, const char *run_folder, FILE *stream, bool colour)
{
	struct causes causes = causes_of(run);

	write_head(run, stream);
	write_not_passed(run, &causes, run_folder, stream, colour);
	write_suites(run, stream, colour);
	summary_repeats(run, false, stream, colour);
	summary_waivers(run, stream, colour);
	summary_findings(run, stream);
	summary_reruns(run, stream);
	summary_recoveries(run, stream);
	summary_times(run, stream);
	summary_faults(run, stream, colour);
	summary_totals(run, stream);
	summary_unseen(run, false, stream);
	summary_models(run, stream);
	summary_changes(run, stream);
	write_failed(run, &causes, stream, colour);
	write_where(run_folder, stream);
	causes_free(&causes);
}

void short_summary_line(const struct run *run, const char *run_folder, FILE *stream)
{
	char text[512];

	headline_text(run, text, sizeof text);
	text_put(stream, TEXT_LINE, text);
	if (run->fault_count > 0) {
		fputs("; ", stream);
		text_put(stream, TEXT_LINE, run->faults[0]);
	}
	fputs(", see ", stream);
	text_put(stream, TEXT_LINE, run_folder);
	fprintf(stream, "/%s\n",
		is_there(run_folder, REPORT_SUMMARY) ? REPORT_SUMMARY : JOURNAL_NAME);
}
