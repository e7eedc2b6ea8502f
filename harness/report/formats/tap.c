/* SPDX-License-Identifier: MIT */
#include "report/formats/tap.h"

#include <stdlib.h>

#include "core/array.h"
#include "report/model/attempt.h"
#include "report/text/text.h"
#include "report/model/waivers.h"
#include "report/model/repeats.h"

static void field(FILE *stream, const char *key, const char *value)
{
	if (value[0] == '\0')
		return;
	fprintf(stream, "  %s: \"", key);
	text_put(stream, TEXT_YAML, value);
	fputs("\"\n", stream);
}

static void item(FILE *stream, const char *value)
{
	if (value[0] == '\0')
		return;
	fputs("    - \"", stream);
	text_put(stream, TEXT_YAML, value);
	fputs("\"\n", stream);
}

static void put_legs(FILE *stream, const struct verdict *verdict)
{
	const char *head = "  legs:\n";

	for (size_t i = 0; i < verdict->check_count; i++) {
		const struct check *check = &verdict->checks[i];
		if (!check->measured)
			continue;
		fprintf(stream, "%s    - leg: \"", head);
		text_put(stream, TEXT_YAML, leg_name(check->leg).text);
		fprintf(stream,
			"\"\n      outcome: \"%s\"\n      measured_s: %.6f\n"
			"      expected_s: [%.6f, %.6f]\n      uncertainty_s: %.6f\n",
			outcome_name(check->outcome), (double)check->measured_ns / 1e9,
			(double)check->from_ns / 1e9, (double)check->to_ns / 1e9,
			(double)check->error_ns / 1e9);
		head = "";
	}
}

static void put_evidence(FILE *stream, const struct attempt *first)
{
	if (first->timeline[0] == '\0' && first->pcapng[0] == '\0' && first->transcript[0] == '\0')
		return;
	fputs("  evidence:\n", stream);
	item(stream, first->timeline);
	item(stream, first->pcapng);
	item(stream, first->transcript);
}

static void put_findings(FILE *stream, const struct verdict *verdict)
{
	if (verdict->finding_count > 0)
		fputs("  findings:\n", stream);
	for (size_t i = 0; i < verdict->finding_count; i++)
		item(stream, verdict->findings[i].text);
}

static void put_diagnostics(FILE *stream, const struct run_case *test_case)
{
	fputs("  ---\n", stream);
	field(stream, "outcome", outcome_name(test_case->outcome));
	field(stream, "requirement", test_case->requirement);
	field(stream, "message", test_case->text);
	if (test_case->outcome == OUTCOME_FAIL && test_case->error != NULL)
		field(stream, "error", test_case->error);
	if (test_case->alone != NULL) {
		field(stream, "alone", outcome_name(test_case->alone->verdict.outcome));
		field(stream, "alone_message", test_case->alone->verdict.text);
	}
	if (test_case->first != NULL) {
		field(stream, "device", test_case->first->device);
		fprintf(stream, "  concurrent: %d\n", test_case->first->concurrent);
		put_legs(stream, &test_case->first->verdict);
		put_findings(stream, &test_case->first->verdict);
		put_evidence(stream, test_case->first);
	}
	fputs("  ...\n", stream);
}

static void put_case(
	FILE *stream, const struct run *run, size_t number, const struct run_case *test_case)
{
	char title[256];
	bool passed = test_case->outcome == OUTCOME_PASS || test_case->outcome == OUTCOME_MARGINAL;
	bool skipped = test_case->outcome == OUTCOME_NOT_RUN;

	fprintf(stream, "%s %zu - ", passed || skipped ? "ok" : "not ok", number);
	run_case_title(run, test_case, title, sizeof title);
	text_put(stream, TEXT_TAP, test_case->suite);
	fputc('/', stream);
	text_put(stream, TEXT_TAP, title);
	if (skipped) {
		fputs(" # SKIP ", stream);
		text_put(stream, TEXT_TAP, test_case->text);
	}
	if (test_case->waiver != NULL) {
		char waived[400];
		waiver_text(test_case->waiver, waived, sizeof waived);
		fputs(" # TODO ", stream);
		text_put(stream, TEXT_TAP, waived);
	}
	fputc('\n', stream);
	if (test_case->outcome != OUTCOME_PASS && !skipped)
		put_diagnostics(stream, test_case);
}

static void put_comment(FILE *stream, const char *key, const char *value)
{
	fprintf(stream, "# %s: ", key);
	text_put(stream, TEXT_LINE, value);
	fputc('\n', stream);
}

static size_t plan_of(const struct run *run)
{
	return run->case_count + (run->fault_count > 0);
}

static void put_faults(FILE *stream, const struct run *run)
{
	if (run->fault_count == 0)
		return;
	fprintf(stream, "not ok %zu - run/bench\n  ---\n  outcome: \"error\"\n  faults:\n",
		plan_of(run));
	for (size_t i = 0; i < run->fault_count; i++)
		item(stream, run->faults[i]);
	fputs("  ...\n", stream);
}

static void put_comments(FILE *stream, const struct run *run)
{
	char models[64];
	struct repeats repeats;
	size_t from = 0;

	put_comment(stream, "bench", run->bench);
	for (size_t i = 0; i < run->device_count; i++)
		put_comment(stream, "firmware", run->devices[i].firmware);
	for (size_t i = 0; i < run->device_count; i++) {
		if (!run->devices[i].has_models)
			continue;
		models_text(run->devices[i].models, models, sizeof models);
		put_comment(stream, "timing models not excluded", models);
	}
	for (size_t i = 0; i < run->waiver_count; i++) {
		char flag[512];
		if (waiver_flagged(&run->waivers[i], flag, sizeof flag))
			put_comment(stream, "waiver", flag);
	}
	while (repeats_next(run, &from, &repeats)) {
		if (!repeats.unstable)
			continue;
		char text[256], outcomes[128];
		repeats_text(&repeats, outcomes, sizeof outcomes);
		snprintf(text, sizeof text, "%s: %s", repeats.cases->name, outcomes);
		put_comment(stream, "unstable", text);
	}
	if (run->torn)
		put_comment(stream, "journal", "its last line is incomplete");
}

static void put_plan(FILE *stream, const struct run *run)
{
	fprintf(stream, "1..%zu%s\n", plan_of(run),
		plan_of(run) == 0 ? " # SKIP nothing was selected" : "");
}

void tap_write(const struct run *run, FILE *stream)
{
	fputs("TAP version 14\n", stream);
	put_plan(stream, run);
	for (size_t i = 0; i < run->case_count; i++)
		put_case(stream, run, i + 1, &run->cases[i]);
	put_faults(stream, run);
	put_comments(stream, run);
}

/* ---- while it runs ---- */

struct tap_stream {
	FILE *stream;
	size_t points;
	bool *written; /* by the place of a case in its run */
	size_t written_count;
};

struct tap_stream *tap_begin(FILE *stream)
{
	struct tap_stream *tap = calloc(1, sizeof *tap);

	if (tap == NULL)
		return NULL;
	tap->stream = stream;
	fputs("TAP version 14\n", stream);
	fflush(stream);
	return tap;
}

void tap_case(struct tap_stream *tap, const struct run *run, const struct run_case *test_case)
{
	size_t place = (size_t)(test_case - run->cases);

	while (tap->written_count <= place)
		if (array_add(&tap->written, &tap->written_count, sizeof *tap->written) == NULL)
			return;
	if (tap->written[place])
		return;
	tap->written[place] = true;
	put_case(tap->stream, run, ++tap->points, test_case);
	fflush(tap->stream);
}

void tap_end(struct tap_stream *tap, const struct run *run)
{
	for (size_t i = 0; i < run->case_count; i++)
		tap_case(tap, run, &run->cases[i]);
	put_faults(tap->stream, run);
	put_plan(tap->stream, run);
	put_comments(tap->stream, run);
	fflush(tap->stream);
}

void tap_free(struct tap_stream *tap)
{
	if (tap == NULL)
		return;
	free(tap->written);
	free(tap);
}
