/* SPDX-License-Identifier: MIT */
#include "report/text/summary.h"

#include <string.h>

#include "report/model/compare.h"
#include "report/text/headline.h"
#include "report/formats/journal.h"
#include "report/report.h"
#include "report/model/run_parts.h"
#include "report/text/summary_parts.h"
#include "report/text/text.h"
#include "report/model/waivers.h"

void summary_label(FILE *stream, const char *word)
{
	fprintf(stream, "%-*s", SUMMARY_LABEL, word);
}

void summary_line(FILE *stream, const char *text)
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
	summary_label(stream, "device");
	text_put(stream, TEXT_LINE, device->name);
	write_part(stream, ", ", device->address);
	write_part(stream, ", MAC ", device->mac);
	if (device->baud != 0)
		fprintf(stream, ", %d baud", device->baud);
	fputc('\n', stream);
	summary_label(stream, "firmware");
	text_wrap(stream, device->firmware[0] == '\0' ? "not told" : device->firmware,
		SUMMARY_LABEL, SUMMARY_WIDTH);
}

static void write_header(const struct run *run, FILE *stream)
{
	summary_label(stream, "wizhil");
	text_put(stream, TEXT_LINE, run->version);
	fputs(", started ", stream);
	summary_line(stream, run->started);
	summary_label(stream, "bench");
	text_put(stream, TEXT_LINE, run->bench);
	fputs(" (", stream);
	text_put(stream, TEXT_LINE, run->bench_file);
	fputs(")\n", stream);
	for (size_t i = 0; i < run->device_count; i++)
		write_device(&run->devices[i], stream);
	summary_label(stream, "clock");
	text_put(stream, TEXT_LINE, run->clock);
	fprintf(stream, ", seed %lld, profile ", (long long)run->seed);
	summary_line(stream, run->profile);
	summary_settings(run, stream);
	summary_resumed(run, stream);
}

/* ---- cases ---- */

/* By suite; without those that a fault or an interrupt took, which are told together. */
static void write_cases(const struct run *run, FILE *stream)
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
		summary_case(run, one, false, stream, false);
	}
}

static size_t count_cut_off(const struct run *run, const char *what)
{
	size_t count = 0;

	for (size_t i = 0; i < run->case_count; i++)
		count += run->cases[i].cut_off != NULL && strcmp(run->cases[i].cut_off, what) == 0;
	return count;
}

static size_t count_partial(const struct run *run)
{
	size_t count = 0;

	for (size_t i = 0; i < run->case_count; i++)
		count += run->cases[i].partial != NULL;
	return count;
}

/* ---- what is not of one case ---- */

void summary_resumed(const struct run *run, FILE *stream)
{
	for (size_t i = 0; i < run->resumed_count; i++) {
		summary_label(stream, i == 0 ? "resumed" : "");
		summary_line(stream, run->resumed[i]);
	}
}

void summary_waivers(const struct run *run, FILE *stream, bool colour)
{
	const char *before = "\n";
	char text[512];

	for (size_t i = 0; i < run->waiver_count; i++) {
		if (!waiver_flagged(&run->waivers[i], text, sizeof text))
			continue;
		fprintf(stream, "%s%sWAIVER%s   ", before, colour ? SUMMARY_YELLOW : "",
			colour ? SUMMARY_PLAIN : "");
		text_wrap(stream, text, SUMMARY_LABEL, SUMMARY_WIDTH);
		before = "";
	}
}

void summary_findings(const struct run *run, FILE *stream)
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
			severity_name(found->finding->severity));
		text_wrap(stream, text, 11, SUMMARY_WIDTH);
	}
}

void summary_recoveries(const struct run *run, FILE *stream)
{
	for (size_t i = 0; i < run->recovery_count; i++) {
		fputs(i == 0 ? "\nrecovery of devices\n  " : "  ", stream);
		text_put(stream, TEXT_LINE, run->recoveries[i].device);
		fputs(": ", stream);
		summary_line(stream, run->recoveries[i].step);
	}
}

/* Not wrapped: a person looks for the text as the harness wrote it.  The cases that a fault took
 * are one line, however many they are. */
void summary_faults(const struct run *run, FILE *stream, bool colour)
{
	for (size_t i = 0; i < run->fault_count; i++) {
		size_t count = count_cut_off(run, run->faults[i]);
		fprintf(stream, "%s%sFAULT%s    ", i == 0 ? "\n" : "", colour ? SUMMARY_RED : "",
			colour ? SUMMARY_PLAIN : "");
		summary_line(stream, run->faults[i]);
		if (count > 0)
			fprintf(stream, "%*s%zu case%s no verdict because of it\n", SUMMARY_LABEL,
				"", count, count == 1 ? " has" : "s have");
	}
	if (run->torn)
		fputs("\nThe last line of the journal is torn: what it told is lost.\n", stream);
	if (count_cut_off(run, run_interrupted) > 0)
		fprintf(stream, "\n%zu of %zu case%s not run to the end: interrupted\n",
			count_cut_off(run, run_interrupted), run_total(run),
			run_total(run) == 1 ? " was" : "s were");
	if (count_partial(run) > 0)
		fprintf(stream, "%*s%zu had begun, and what they left is in evidence/\n",
			SUMMARY_LABEL, "", count_partial(run));
}

void summary_settings(const struct run *run, FILE *stream)
{
	char text[400];

	settings_text(run, text, sizeof text);
	if (text[0] == '\0')
		return;
	summary_label(stream, "set");
	summary_line(stream, text);
}

void summary_changes(const struct run *run, FILE *stream)
{
	char text[512];

	if (run->changes == NULL)
		return;
	comparison_sentence(run->changes, text, sizeof text);
	fputs("since the baseline: ", stream);
	text_wrap(stream, text, 20, SUMMARY_WIDTH);
}

void summary_totals(const struct run *run, FILE *stream)
{
	char totals[256];

	totals_text(run, totals, sizeof totals);
	fprintf(stream, "\n%s%s", run->interrupted ? "interrupted; " : "", totals);
	if (run->ended)
		fprintf(stream, " in %.1f s", run->wall_s);
	fprintf(stream, ", %.0f device seconds\n", run->device_s);
}

static void write_models_of(const struct run *run, const struct run_device *device, FILE *stream)
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

void summary_models(const struct run *run, FILE *stream)
{
	for (size_t i = 0; i < run->device_count; i++)
		write_models_of(run, &run->devices[i], stream);
}

void summary_write(const struct run *run, const char *run_folder, FILE *stream)
{
	static const char *const files[] = {REPORT_HTML, REPORT_SUMMARY, REPORT_MARKDOWN,
		REPORT_JUNIT, REPORT_TAP, REPORT_CSV, JOURNAL_NAME};

	write_header(run, stream);
	write_cases(run, stream);
	summary_repeats(run, true, stream, false);
	summary_waivers(run, stream, false);
	summary_findings(run, stream);
	summary_recoveries(run, stream);
	summary_faults(run, stream, false);
	summary_totals(run, stream);
	summary_models(run, stream);
	if (run->changes != NULL) {
		fputs("\nsince the baseline\n", stream);
		comparison_write_text(run->changes, stream, false);
		fputc('\n', stream);
	}
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		summary_label(stream, i == 0 ? "reports" : "");
		text_put(stream, TEXT_LINE, run_folder);
		fprintf(stream, "/%s\n", files[i]);
	}
}
