/* SPDX-License-Identifier: MIT */
#include "report/text/summary.h"

#include <string.h>

#include "report/model/compare.h"
#include "report/text/headline.h"
#include "report/formats/journal.h"
#include "report/report.h"
#include "report/text/summary_lines.h"
#include "report/text/text.h"
#include "report/model/waivers.h"

static void write_device(const struct run_device *device, FILE *stream)
{
	if (device->name[0] == '\0')
		return;
	summary_label(stream, "device");
	text_put(stream, TEXT_LINE, device->name);
	summary_part(stream, ", ", device->address);
	summary_part(stream, ", MAC ", device->mac);
	if (device->baud != 0)
		fprintf(stream, ", %d baud", device->baud);
	fputc('\n', stream);
	if (device->round_trips > 0) {
		char text[160];
		uart_text(device, text, sizeof text);
		summary_label(stream, "UART");
		summary_line(stream, text);
	}
	if (air_was_monitored(device)) {
		char text[320];
		air_text(device, text, sizeof text);
		summary_label(stream, "air");
		text_wrap(stream, text, SUMMARY_LABEL, SUMMARY_WIDTH);
	}
	summary_label(stream, "firmware");
	text_wrap(stream, device->firmware[0] == '\0' ? "not reported" : device->firmware,
		SUMMARY_LABEL, SUMMARY_WIDTH);
}

static void write_header(const struct run *run, FILE *stream)
{
	summary_label(stream, "wizhil");
	text_put(stream, TEXT_LINE, run->version);
	summary_part(stream, ", commit ", run->commit);
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
	if (run->pauses_unseen) {
		summary_label(stream, "");
		summary_line(stream, PAUSES_UNSEEN);
	}
	summary_settings(run, stream);
	summary_resumed(run, stream);
}

/* ---- cases ---- */

/* By suite; without those that a fault or an interrupt took, which are told together. */
static void write_cases(const struct run *run, FILE *stream)
{
	const char *suite = "";

	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *test_case = &run->cases[i];
		if (test_case->cut_off != NOT_CUT_OFF || !run_counts(test_case))
			continue;
		if (strcmp(suite, test_case->suite) != 0) {
			fputc('\n', stream);
			text_put(stream, TEXT_LINE, test_case->suite);
			fputs("/\n", stream);
		}
		suite = test_case->suite;
		summary_case(run, test_case, false, "", stream, false);
	}
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
	summary_reruns(run, stream);
	summary_recoveries(run, stream);
	summary_times(run, stream);
	summary_faults(run, stream, false);
	summary_totals(run, stream);
	summary_unseen(run, true, stream);
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
