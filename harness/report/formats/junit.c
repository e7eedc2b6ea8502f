/* SPDX-License-Identifier: MIT */
#include "report/formats/junit.h"

#include <inttypes.h>
#include <string.h>

#include "report/model/attempt.h"
#include "report/model/causes.h"
#include "report/model/repeats.h"
#include "report/text/text.h"
#include "report/model/waivers.h"

static const char run_suite[] = "run";

static void attribute(FILE *stream, const char *name, const char *value)
{
	fprintf(stream, " %s=\"", name);
	text_put(stream, TEXT_ATTRIBUTE, value);
	fputc('"', stream);
}

static void property(FILE *stream, int depth, const char *name, const char *value)
{
	fprintf(stream, "%*s<property", 2 * depth, "");
	attribute(stream, "name", name);
	attribute(stream, "value", value);
	fputs("/>\n", stream);
}

/* ---- counts ---- */

struct counts {
	size_t tests, failures, errors, skipped;
	double time_s;
};

/* Of one suite, or of all with NULL.  A faulty bench counts as a case of suite "run". */
static struct counts count_cases(const struct run *run, const char *suite)
{
	struct counts counts = {0};

	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *test_case = &run->cases[i];
		double seconds = run_case_seconds(test_case);
		if (suite != NULL && strcmp(test_case->suite, suite) != 0)
			continue;
		counts.tests++;
		counts.failures += test_case->outcome == OUTCOME_FAIL && test_case->waiver == NULL;
		counts.errors += test_case->outcome == OUTCOME_ERROR ||
				 test_case->outcome == OUTCOME_INCONCLUSIVE;
		counts.skipped +=
			test_case->outcome == OUTCOME_NOT_RUN || test_case->waiver != NULL;
		counts.time_s += seconds < 0 ? 0 : seconds;
	}
	if (run->fault_count > 0 && (suite == NULL || strcmp(suite, run_suite) == 0)) {
		counts.tests++;
		counts.errors++;
	}
	return counts;
}

static void put_counts(FILE *stream, const struct counts *counts)
{
	fprintf(stream,
		" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.3f\"",
		counts->tests, counts->failures, counts->errors, counts->skipped, counts->time_s);
}

/* ---- one case ---- */

static void put_leg(FILE *stream, const struct check *check)
{
	char value[200];

	snprintf(value, sizeof value, "%.6f s, expected %.6f s to %.6f s, uncertainty %.6f s",
		(double)check->measured_ns / 1e9, (double)check->from_ns / 1e9,
		(double)check->to_ns / 1e9, (double)check->error_ns / 1e9);
	fputs("        <property name=\"leg: ", stream);
	text_put(stream, TEXT_ATTRIBUTE, leg_name(check->leg).text);
	fputc('"', stream);
	attribute(stream, "value", value);
	fputs("/>\n", stream);
}

/* At the first repetition, what all of them showed. */
static void put_repeats(FILE *stream, const struct run *run, const struct run_case *test_case)
{
	struct repeats repeats;
	struct legs legs;
	char text[256];
	size_t from = (size_t)(test_case - run->cases);

	if (test_case->repetition != 1 || !repeats_next(run, &from, &repeats))
		return;
	repeats_text(&repeats, text, sizeof text);
	property(stream, 4, repeats_word(&repeats), text);
	repeats_legs(&repeats, &legs);
	for (size_t i = 0; i < legs.count; i++) {
		leg_spread_text(&legs.list[i], text, sizeof text);
		property(stream, 4, "spread", text);
	}
	legs_free(&legs);
}

static void put_properties(FILE *stream, const struct run *run, const struct run_case *test_case)
{
	const struct attempt *first = test_case->first;
	char text[64];
	size_t index;
	const json_t *requirement;

	fputs("      <properties>\n", stream);
	property(stream, 4, "outcome", outcome_name(test_case->outcome));
	json_array_foreach(test_case->requirements, index, requirement)
	{
		if (json_is_string(requirement))
			property(stream, 4, "requirement", json_string_value(requirement));
	}
	if (test_case->requirement[0] != '\0')
		property(stream, 4, "decided by", test_case->requirement);
	if (first != NULL) {
		property(stream, 4, "device", first->device);
		snprintf(text, sizeof text, "%d", first->concurrent);
		property(stream, 4, "concurrent", text);
		models_text(first->verdict.models, text, sizeof text);
		property(stream, 4, "timing models not excluded", text);
	}
	for (size_t i = 0; first != NULL && i < first->verdict.check_count; i++)
		if (first->verdict.checks[i].measured)
			put_leg(stream, &first->verdict.checks[i]);
	put_repeats(stream, run, test_case);
	fputs("      </properties>\n", stream);
}

static void put_result(FILE *stream, const struct run_case *test_case)
{
	const char *element = NULL;

	/* JUnit has no failure that does not fail: it is skipped, with all that is to be said. */
	if (test_case->waiver != NULL) {
		char waived[400];
		waiver_text(test_case->waiver, waived, sizeof waived);
		fputs("      <skipped message=\"", stream);
		text_put(stream, TEXT_ATTRIBUTE, waived);
		fputs("; ", stream);
		text_put(stream, TEXT_ATTRIBUTE, test_case->text);
		fputs("\"/>\n", stream);
		return;
	}
	switch (test_case->outcome) {
	case OUTCOME_PASS:
	case OUTCOME_MARGINAL:
		return;
	case OUTCOME_NOT_RUN:
		element = "skipped";
		break;
	case OUTCOME_FAIL:
		element = "failure";
		break;
	case OUTCOME_INCONCLUSIVE:
	case OUTCOME_ERROR:
		element = "error";
		break;
	}
	/* JUnit has no word for it: whoever reads 'error' must see what it was. */
	bool unclear = test_case->outcome == OUTCOME_INCONCLUSIVE;
	fprintf(stream, "      <%s message=\"%s", element, unclear ? "inconclusive: " : "");
	text_put(stream, TEXT_ATTRIBUTE, test_case->text);
	fputc('"', stream);
	if (test_case->outcome != OUTCOME_NOT_RUN)
		attribute(stream, "type",
			test_case->requirement[0] == '\0' || unclear
				? outcome_name(test_case->outcome)
				: test_case->requirement);
	fputs("/>\n", stream);
}

static void put_line(FILE *stream, const char *before, const char *text)
{
	if (text[0] == '\0')
		return;
	text_put(stream, TEXT_XML, before);
	text_put(stream, TEXT_XML, text);
	fputc('\n', stream);
}

static void put_attempt(FILE *stream, const char *name, const struct attempt *attempt)
{
	const struct verdict *verdict = &attempt->verdict;

	fprintf(stream, "%s: %s: ", name, outcome_name(verdict->outcome));
	put_line(stream, "", verdict->text[0] == '\0' ? "-" : verdict->text);
	for (size_t i = 0; i < verdict->check_count; i++) {
		fprintf(stream, "  %s ", outcome_name(verdict->checks[i].outcome));
		text_put(stream, TEXT_XML, verdict->checks[i].requirement);
		put_line(stream, ": ", verdict->checks[i].text);
	}
	for (size_t i = 0; i < verdict->finding_count; i++) {
		fputs("  finding ", stream);
		text_put(stream, TEXT_XML, verdict->findings[i].requirement);
		put_line(stream, ": ", verdict->findings[i].text);
	}
	put_line(stream, "  evidence: ", attempt->timeline);
	put_line(stream, "  evidence: ", attempt->pcapng);
	put_line(stream, "  evidence: ", attempt->transcript);
}

/* What GitLab's page of a failed test links to: a path below the project, in brackets of its own. */
static void put_attachment(FILE *stream, const char *folder, const char *path)
{
	if (folder == NULL || path[0] == '\0')
		return;
	fputs("[[ATTACHMENT|", stream);
	text_put(stream, TEXT_XML, folder);
	fputc('/', stream);
	text_put(stream, TEXT_XML, path);
	fputs("]]\n", stream);
}

/* Of a case that did not pass for the same reason as others: which, how many, and one of them, which
 * has the names of all. */
static void put_cause(FILE *stream, const struct causes *causes, const struct run_case *test_case)
{
	const struct cause *cause = cause_of(causes, test_case);

	if (cause == NULL || cause->count < 2)
		return;
	fprintf(stream, "one cause of %zu cases: ", cause->count);
	text_put(stream, TEXT_XML, cause->requirement);
	/* The sentence of each case is below. */
	put_line(stream, " ", cause->measured ? cause->text : "see below");
	if (cause->instance != test_case)
		put_line(stream, "  such as ", cause->instance->name);
	for (size_t i = 0; cause->instance == test_case && i < cause->count; i++)
		put_line(stream, "  ", cause->cases[i]->name);
}

static void put_output(FILE *stream, const struct causes *causes, const struct run_case *test_case,
	const char *attachments)
{
	if (test_case->first == NULL && test_case->alone == NULL && test_case->error == NULL)
		return;
	fputs("      <system-out>", stream);
	put_cause(stream, causes, test_case);
	if (test_case->first != NULL)
		put_attempt(stream, "first attempt", test_case->first);
	if (test_case->alone != NULL)
		put_attempt(stream, "alone on the device", test_case->alone);
	if (test_case->error != NULL)
		put_line(stream, "error: ", test_case->error);
	if (test_case->first != NULL && test_case->outcome != OUTCOME_PASS) {
		put_attachment(stream, attachments, test_case->first->pcapng);
		put_attachment(stream, attachments, test_case->first->transcript);
	}
	fputs("</system-out>\n", stream);
}

static void put_case(FILE *stream, const struct run *run, const struct causes *causes,
	const struct run_case *test_case, const char *attachments)
{
	char title[256];
	double seconds = run_case_seconds(test_case);

	fputs("    <testcase", stream);
	attribute(stream, "classname", test_case->suite);
	run_case_title(run, test_case, title, sizeof title);
	attribute(stream, "name", title);
	fprintf(stream, " time=\"%.3f\">\n", seconds < 0 ? 0 : seconds);
	put_properties(stream, run, test_case);
	put_result(stream, test_case);
	put_output(stream, causes, test_case, attachments);
	fputs("    </testcase>\n", stream);
}

/* ---- suites ---- */

/* All faults as one case: who watches the suites sees red though every case passed. */
static void put_faults(FILE *stream, const struct run *run)
{
	fputs("    <testcase classname=\"run\" name=\"bench\" time=\"0.000\">\n      <error",
		stream);
	attribute(stream, "message", run->faults[0]);
	fputs(" type=\"fault\"/>\n      <system-out>", stream);
	for (size_t i = 0; i < run->fault_count; i++)
		put_line(stream, "fault: ", run->faults[i]);
	fputs("</system-out>\n    </testcase>\n", stream);
}

static void put_run_properties(FILE *stream, const struct run *run)
{
	char text[64];

	fputs("    <properties>\n", stream);
	property(stream, 3, "wizhil", run->version);
	if (run->commit[0] != '\0')
		property(stream, 3, "commit", run->commit);
	property(stream, 3, "bench", run->bench);
	property(stream, 3, "clock", run->clock);
	snprintf(text, sizeof text, "%" PRId64, run->seed);
	property(stream, 3, "seed", text);
	property(stream, 3, "profile", run->profile);
	for (size_t i = 0; i < run->device_count; i++) {
		property(stream, 3, "device", run->devices[i].name);
		property(stream, 3, "firmware", run->devices[i].firmware);
		property(stream, 3, "mac", run->devices[i].mac);
	}
	for (size_t i = 0; i < run->device_count; i++) {
		if (!run->devices[i].has_models)
			continue;
		models_text(run->devices[i].models, text, sizeof text);
		property(stream, 3, "timing models not excluded", text);
	}
	for (size_t i = 0; i < run->resumed_count; i++)
		property(stream, 3, "resumed", run->resumed[i]);
	for (size_t i = 0; i < run->waiver_count; i++) {
		char flag[512];
		if (waiver_flagged(&run->waivers[i], flag, sizeof flag))
			property(stream, 3, "waiver", flag);
	}
	if (run->torn)
		property(stream, 3, "journal", "its last line is incomplete");
	fputs("    </properties>\n", stream);
}

static void put_suite(FILE *stream, const struct run *run, const struct causes *causes,
	const char *suite, const char *attachments)
{
	struct counts counts = count_cases(run, suite);

	if (counts.tests == 0)
		return;
	fputs("  <testsuite", stream);
	attribute(stream, "name", suite);
	put_counts(stream, &counts);
	if (run->started[0] != '\0')
		attribute(stream, "timestamp", run->started);
	fputs(">\n", stream);
	put_run_properties(stream, run);
	for (size_t i = 0; i < run->case_count; i++)
		if (strcmp(run->cases[i].suite, suite) == 0)
			put_case(stream, run, causes, &run->cases[i], attachments);
	if (run->fault_count > 0 && strcmp(suite, run_suite) == 0)
		put_faults(stream, run);
	fputs("  </testsuite>\n", stream);
}

static bool is_first_of_suite(const struct run *run, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(run->cases[i].suite, run->cases[index].suite) == 0)
			return false;
	return strcmp(run->cases[index].suite, run_suite) != 0;
}

void junit_write(const struct run *run, const char *attachments, FILE *stream)
{
	struct counts counts = count_cases(run, NULL);
	struct causes causes = causes_of(run);

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"wizhil\"", stream);
	put_counts(stream, &counts);
	fputs(">\n", stream);
	for (size_t i = 0; i < run->case_count; i++)
		if (is_first_of_suite(run, i))
			put_suite(stream, run, &causes, run->cases[i].suite, attachments);
	put_suite(stream, run, &causes, run_suite, attachments);
	causes_free(&causes);
	fputs("</testsuites>\n", stream);
}
