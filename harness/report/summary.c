/* SPDX-License-Identifier: MIT */
#include "report/summary.h"

#include <string.h>

#include "report/journal.h"
#include "report/report.h"
#include "report/text.h"

enum { WIDTH = 96, LABEL = 9, SENTENCE = 6 };

#define GREEN "\033[32m"
#define RED "\033[1;31m"
#define YELLOW "\033[33m"

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

static void write_device(const struct run_device *device, FILE *stream)
{
	label(stream, "device");
	text_put(stream, TEXT_LINE, device->name);
	fputs(", ", stream);
	text_put(stream, TEXT_LINE, device->address);
	fputs(", MAC ", stream);
	text_put(stream, TEXT_LINE, device->mac);
	fprintf(stream, ", %d baud\n", device->baud);
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

static bool is_fault(const struct run *run, const char *text)
{
	for (size_t i = 0; i < run->fault_count; i++)
		if (strcmp(run->faults[i], text) == 0)
			return true;
	return false;
}

static void write_sentence(FILE *stream, const char *before, const char *text)
{
	char sentence[1200];

	snprintf(sentence, sizeof sentence, "%s%s%s", before, before[0] == '\0' ? "" : ": ", text);
	fprintf(stream, "%*s", SENTENCE, "");
	text_wrap(stream, sentence, SENTENCE, WIDTH);
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

static void write_case(const struct run *run, const struct run_case *one, FILE *stream, bool colour)
{
	struct look look = look_of(one->outcome);
	double seconds = run_case_seconds(one);
	char time[32] = "";

	if (seconds >= 0)
		snprintf(time, sizeof time, "%.1f s", seconds);
	fprintf(stream, "  %s%-12s%s %10s  ", colour ? look.colour : "", look.word,
		colour ? "\033[0m" : "", time);
	line(stream, one->name);
	if (one->outcome == OUTCOME_PASS)
		return;
	write_sentence(stream, one->requirement,
		is_fault(run, one->text) ? "the bench is at fault, see below" : one->text);
	if (one->outcome == OUTCOME_FAIL && one->error != NULL)
		write_sentence(stream, "and then", one->error);
	if (one->alone != NULL)
		write_alone(one, stream);
	if (one->outcome != OUTCOME_MARGINAL && one->first != NULL &&
		one->first->pcapng[0] != '\0') {
		fprintf(stream, "%*ssee ", SENTENCE, "");
		line(stream, one->first->pcapng);
	}
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

/* Not wrapped: a person looks for the text as the harness wrote it. */
static void write_faults(const struct run *run, FILE *stream, bool colour)
{
	for (size_t i = 0; i < run->fault_count; i++) {
		if (i == 0)
			fputs(run->fault_count == 1 ? "\nfault\n" : "\nfaults\n", stream);
		fprintf(stream, "  %s", colour ? RED : "");
		text_put(stream, TEXT_LINE, run->faults[i]);
		fprintf(stream, "%s\n", colour ? "\033[0m" : "");
	}
}

static void write_totals(const struct run *run, FILE *stream)
{
	static const struct {
		enum outcome outcome;
		const char *word;
	} parts[] = {
		{OUTCOME_PASS, "passed"},
		{OUTCOME_MARGINAL, "marginal"},
		{OUTCOME_FAIL, "failed"},
		{OUTCOME_INCONCLUSIVE, "inconclusive"},
		{OUTCOME_ERROR, "in error"},
		{OUTCOME_NOT_RUN, "not run"},
	};
	const char *before = ": ";

	fprintf(stream, "\n%s%zu case%s", run->interrupted ? "interrupted; " : "", run->case_count,
		run->case_count == 1 ? "" : "s");
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (run_count(run, parts[i].outcome) == 0)
			continue;
		fprintf(stream, "%s%zu %s", before, run_count(run, parts[i].outcome),
			parts[i].word);
		before = ", ";
	}
	if (run->ended)
		fprintf(stream, " in %.1f s", run->wall_s);
	fprintf(stream, ", %.0f device seconds\n", run->device_s);
}

static void write_models(const struct run *run, FILE *stream)
{
	char models[64];

	if (!run->has_models)
		return;
	models_text(run->models, models, sizeof models);
	fprintf(stream, "%s: %s\n",
		run->models != 0 && (run->models & (run->models - 1)) == 0
			? "timing model"
			: "timing models not excluded",
		models);
}

void summary_write(const struct run *run, const char *run_folder, FILE *stream, bool colour)
{
	static const char *const files[] = {REPORT_JUNIT, REPORT_TAP, REPORT_SUMMARY, JOURNAL_NAME};

	write_header(run, stream);
	fputc('\n', stream);
	for (size_t i = 0; i < run->case_count; i++)
		write_case(run, &run->cases[i], stream, colour);
	write_findings(run, stream);
	write_recoveries(run, stream);
	write_faults(run, stream, colour);
	write_totals(run, stream);
	write_models(run, stream);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		label(stream, i == 0 ? "reports" : "");
		text_put(stream, TEXT_LINE, run_folder);
		fprintf(stream, "/%s\n", files[i]);
	}
}
