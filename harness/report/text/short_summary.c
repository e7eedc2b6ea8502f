/* SPDX-License-Identifier: MIT */
#include "report/text/short_summary.h"

#include <string.h>

#include "report/text/headline.h"
#include "report/report.h"
#include "report/text/summary_lines.h"
#include "report/text/text.h"

/* More than a person reads at once are in summary.txt. */
enum { SHOWN = 12 };

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
			summary_case(run, test_case, true, stream, colour);
			continue;
		}
		fprintf(stream, "  %s%-12s%s  %zu cases\n%*s", colour ? SUMMARY_YELLOW : "",
			"not run", colour ? SUMMARY_PLAIN : "", count, SUMMARY_TITLE, "");
		text_wrap(stream, test_case->text, SUMMARY_TITLE, SUMMARY_WIDTH);
	}
}

/* Another repetition of the case that came to the same. */
static bool is_alike(const struct run_case *test_case, const struct run_case *other)
{
	return test_case->repetition > 0 && other->outcome == test_case->outcome &&
	       is_shown(other) && other->waiver == NULL &&
	       run_case_is(other, test_case->name, test_case->device);
}

/* Repetitions that came to the same are told once: they would take the room of other cases. */
static bool is_repeated(const struct run *run, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (is_alike(&run->cases[index], &run->cases[i]))
			return true;
	return false;
}

static void write_case(const struct run *run, size_t index, FILE *stream, bool colour)
{
	size_t more = 0;

	for (size_t i = index + 1; i < run->case_count; i++)
		more += is_alike(&run->cases[index], &run->cases[i]);
	summary_case(run, &run->cases[index], true, stream, colour);
	if (more > 0)
		fprintf(stream, "%*s%zu more repetition%s with the same outcome\n", SUMMARY_TITLE,
			"", more, more == 1 ? "" : "s");
}

static void write_not_passed(const struct run *run, FILE *stream, bool colour)
{
	static const enum outcome worst_first[] = {
		OUTCOME_FAIL, OUTCOME_ERROR, OUTCOME_INCONCLUSIVE, OUTCOME_MARGINAL};
	size_t count = 0;

	for (size_t k = 0; k < sizeof worst_first / sizeof *worst_first; k++)
		for (size_t i = 0; i < run->case_count; i++) {
			const struct run_case *test_case = &run->cases[i];
			if (test_case->outcome != worst_first[k] || !is_shown(test_case) ||
				test_case->waiver != NULL || is_repeated(run, i))
				continue;
			if (count++ == 0)
				fputc('\n', stream);
			if (count <= SHOWN)
				write_case(run, i, stream, colour);
		}
	if (count > SHOWN)
		fprintf(stream, "  %zu more that did not pass\n", count - SHOWN);
	for (size_t i = 0; i < run->case_count; i++)
		if (run->cases[i].waiver != NULL)
			summary_case(run, &run->cases[i], true, stream, colour);
	write_not_run(run, stream, colour);
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

void short_summary_write(const struct run *run, const char *run_folder, FILE *stream, bool colour)
{
	write_head(run, stream);
	write_not_passed(run, stream, colour);
	write_suites(run, stream, colour);
	summary_repeats(run, false, stream, colour);
	summary_waivers(run, stream, colour);
	summary_findings(run, stream);
	summary_recoveries(run, stream);
	summary_times(run, stream);
	summary_faults(run, stream, colour);
	summary_totals(run, stream);
	summary_unseen(run, false, stream);
	summary_models(run, stream);
	summary_changes(run, stream);
	summary_label(stream, "reports");
	text_put(stream, TEXT_LINE, run_folder);
	fputs("/ (" REPORT_SUMMARY " has every case)\n", stream);
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
	fputs("/" REPORT_SUMMARY "\n", stream);
}
