/* SPDX-License-Identifier: MIT */
#include "report/summary.h"

#include <string.h>

#include "report/headline.h"
#include "report/journal.h"
#include "report/measure.h"
#include "report/report.h"
#include "report/run_parts.h"
#include "report/text.h"

enum { WIDTH = 80, LABEL = 9, TITLE = 16 };

#define GREEN "\033[32m"
#define RED "\033[1;31m"
#define YELLOW "\033[33m"
#define FAINT "\033[2m"
#define PLAIN "\033[0m"

struct look {
	const char *word, *colour;
};

static struct look look_of(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_NOT_RUN:
		return (struct look){"not run", YELLOW};
	case OUTCOME_PASS:
		return (struct look){"pass", GREEN};
	case OUTCOME_MARGINAL:
		return (struct look){"marginal", YELLOW};
	case OUTCOME_INCONCLUSIVE:
		return (struct look){"inconclusive", YELLOW};
	case OUTCOME_FAIL:
		return (struct look){"FAIL", RED};
	case OUTCOME_ERROR:
		return (struct look){"ERROR", RED};
	}
	return (struct look){"?", RED};
}

static void label(FILE *stream, const char *word)
{
	fprintf(stream, "%-*s", LABEL, word);
}

static void line(FILE *stream, const char *text)
{
	text_put(stream, TEXT_LINE, text);
	fputc('\n', stream);
}

static void write_part(FILE *stream, const char *before, const char *text)
{
	if (text[0] == '\0')
		return;
	fputs(before, stream);
	text_put(stream, TEXT_LINE, text);
}

static void write_device(const struct run_device *device, FILE *stream)
{
	if (device->name[0] == '\0')
		return;
	label(stream, "device");
	text_put(stream, TEXT_LINE, device->name);
	write_part(stream, ", ", device->address);
	write_part(stream, ", MAC ", device->mac);
	if (device->baud != 0)
		fprintf(stream, ", %d baud", device->baud);
	fputc('\n', stream);
	label(stream, "firmware");
	text_wrap(
		stream, device->firmware[0] == '\0' ? "not told" : device->firmware, LABEL, WIDTH);
}

static void write_header(const struct run *run, FILE *stream)
{
	label(stream, "wizhil");
	text_put(stream, TEXT_LINE, run->version);
	fputs(", started ", stream);
	line(stream, run->started);
	label(stream, "bench");
	text_put(stream, TEXT_LINE, run->bench);
	fputs(" (", stream);
	text_put(stream, TEXT_LINE, run->bench_file);
	fputs(")\n", stream);
	for (size_t i = 0; i < run->device_count; i++)
		write_device(&run->devices[i], stream);
	label(stream, "clock");
	text_put(stream, TEXT_LINE, run->clock);
	fprintf(stream, ", seed %lld, profile ", (long long)run->seed);
	line(stream, run->profile);
}

/* ---- cases ---- */

static void write_sentence(FILE *stream, const char *before, const char *text)
{
	char sentence[1200];

	snprintf(sentence, sizeof sentence, "%s%s%s", before, before[0] == '\0' ? "" : ": ", text);
	fprintf(stream, "%*s", TITLE, "");
	text_wrap(stream, sentence, TITLE, WIDTH);
}

/* What the case did when it was driven once more, with the device to itself. */
static void write_alone(const struct run_case *one, FILE *stream)
{
	const struct verdict *verdict = &one->alone->verdict;
	char before[64];

	if (verdict->outcome == OUTCOME_PASS || verdict->outcome == OUTCOME_MARGINAL) {
		snprintf(before, sizeof before,
			"alone on the device it passed; %d other%s ran beside it",
			one->first == NULL ? 0 : one->first->company,
			one->first != NULL && one->first->company == 1 ? "" : "s");
		write_sentence(stream, "", before);
		return;
	}
	snprintf(before, sizeof before, "alone on the device too (%s)",
		outcome_name(verdict->outcome));
	write_sentence(
		stream, before, strcmp(verdict->text, one->text) == 0 ? "the same" : verdict->text);
}

/* What was measured, at the right edge: behind the title where there is room, else below it. */
static void write_measure(const struct run_case *one, size_t column, FILE *stream, bool colour)
{
	char measure[128], shown[256];
	const struct check *leg = one->first == NULL ? NULL : decisive_leg(&one->first->verdict);

	if (leg == NULL) {
		fputc('\n', stream);
		return;
	}
	measure_text(leg, measure, sizeof measure);
	size_t columns = text_line(measure, shown, sizeof shown);
	if (column + 2 + columns >= WIDTH) {
		fputc('\n', stream);
		column = 0;
	}
	int gap = columns + column >= WIDTH ? 0 : (int)(WIDTH - 1 - columns - column);
	fprintf(stream, "%*s%s%s%s\n", gap, "", colour ? FAINT : "", shown, colour ? PLAIN : "");
}

static void write_case(const struct run *run, const struct run_case *one, FILE *stream, bool colour)
{
	struct look look = look_of(one->outcome);
	char title[256], shown[512];

	run_case_title(run, one, title, sizeof title);
	/* Where a case ran is no part of its name, but worth to be seen. */
	if (run->device_count > 1 && one->device[0] != '\0' && strcmp(title, one->title) == 0)
		snprintf(title, sizeof title, "%s (%s)", one->title, one->device);
	size_t columns = text_line(title, shown, sizeof shown);
	fprintf(stream, "  %s%-12s%s  %s", colour ? look.colour : "", look.word,
		colour ? PLAIN : "", shown);
	if (one->outcome == OUTCOME_PASS && !one->of_run) {
		write_measure(one, TITLE + columns, stream, colour);
		return;
	}
	fputc('\n', stream);
	write_sentence(stream, one->requirement, one->text);
	if (one->outcome == OUTCOME_FAIL && one->error != NULL)
		write_sentence(stream, "and then", one->error);
	if (one->alone != NULL)
		write_alone(one, stream);
	if (one->outcome != OUTCOME_MARGINAL && one->first != NULL &&
		one->first->pcapng[0] != '\0') {
		fprintf(stream, "%*ssee ", TITLE, "");
		line(stream, one->first->pcapng);
	}
}

/* By suite; without those that a fault or an interrupt took, which are told together. */
static void write_cases(const struct run *run, FILE *stream, bool colour)
{
	const char *suite = "";

	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *one = &run->cases[i];
		if (one->cut_off != NULL || !run_counts(one))
			continue;
		if (strcmp(suite, one->suite) != 0) {
			fputc('\n', stream);
			text_put(stream, TEXT_LINE, one->suite);
			fputs("/\n", stream);
		}
		suite = one->suite;
		write_case(run, one, stream, colour);
	}
}

static size_t count_cut_off(const struct run *run, const char *what)
{
	size_t count = 0;

	for (size_t i = 0; i < run->case_count; i++)
		count += run->cases[i].cut_off != NULL && strcmp(run->cases[i].cut_off, what) == 0;
	return count;
}

/* ---- what is not of one case ---- */

static void write_findings(const struct run *run, FILE *stream)
{
	for (size_t i = 0; i < run->finding_count; i++) {
		const struct run_finding *found = &run->findings[i];
		char text[REQUIREMENT_ID + VERDICT_TEXT + 128];
		char where[112];
		if (found->cases == 1)
			snprintf(where, sizeof where, "%s", found->first_case->name);
		else
			snprintf(where, sizeof where, "%zu cases", found->cases);
		snprintf(text, sizeof text, "%s%s%s (%s)", found->finding->requirement,
			found->finding->requirement[0] == '\0' ? "" : ": ", found->finding->text,
			where);
		fprintf(stream, "%s\n  %-9s", i == 0 ? "\nfindings" : "",
			found->finding->severity == SEVERITY_WARNING ? "warning" : "note");
		text_wrap(stream, text, 11, WIDTH);
	}
}

static void write_recoveries(const struct run *run, FILE *stream)
{
	for (size_t i = 0; i < run->recovery_count; i++) {
		fputs(i == 0 ? "\nrecovery of devices\n  " : "  ", stream);
		text_put(stream, TEXT_LINE, run->recoveries[i].device);
		fputs(": ", stream);
		line(stream, run->recoveries[i].step);
	}
}

/* Not wrapped: a person looks for the text as the harness wrote it.  The cases that a fault took
 * are one line, however many they are. */
static void write_faults(const struct run *run, FILE *stream, bool colour)
{
	for (size_t i = 0; i < run->fault_count; i++) {
		size_t count = count_cut_off(run, run->faults[i]);
		fprintf(stream, "%s%sFAULT%s    ", i == 0 ? "\n" : "", colour ? RED : "",
			colour ? PLAIN : "");
		line(stream, run->faults[i]);
		if (count > 0)
			fprintf(stream, "%*s%zu case%s no verdict because of it\n", LABEL, "",
				count, count == 1 ? " has" : "s have");
	}
	if (run->torn)
		fputs("\nThe last line of the journal is torn: what it told is lost.\n", stream);
	if (count_cut_off(run, run_interrupted) > 0)
		fprintf(stream, "\n%zu of %zu cases were not run: interrupted\n",
			count_cut_off(run, run_interrupted), run_total(run));
}

static void write_totals(const struct run *run, FILE *stream)
{
	char totals[256];

	totals_text(run, totals, sizeof totals);
	fprintf(stream, "\n%s%s", run->interrupted ? "interrupted; " : "", totals);
	if (run->ended)
		fprintf(stream, " in %.1f s", run->wall_s);
	fprintf(stream, ", %.0f device seconds\n", run->device_s);
}

static void write_models(const struct run *run, const struct run_device *device, FILE *stream)
{
	char models[64];
	unsigned set = device->models;

	if (!device->has_models)
		return;
	models_text(set, models, sizeof models);
	fputs(set != 0 && (set & (set - 1)) == 0 ? "timing model" : "timing models not excluded",
		stream);
	write_part(stream, " of ", run->device_count > 1 ? device->name : "");
	fprintf(stream, ": %s\n", models);
}

void summary_write(const struct run *run, const char *run_folder, FILE *stream, bool colour)
{
	static const char *const files[] = {REPORT_SUMMARY, REPORT_MARKDOWN, REPORT_JUNIT,
		REPORT_TAP, REPORT_CSV, JOURNAL_NAME};

	write_header(run, stream);
	write_cases(run, stream, colour);
	write_findings(run, stream);
	write_recoveries(run, stream);
	write_faults(run, stream, colour);
	write_totals(run, stream);
	for (size_t i = 0; i < run->device_count; i++)
		write_models(run, &run->devices[i], stream);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		label(stream, i == 0 ? "reports" : "");
		text_put(stream, TEXT_LINE, run_folder);
		fprintf(stream, "/%s\n", files[i]);
	}
}
