/* SPDX-License-Identifier: MIT */
#include "report/text/plain.h"

#include <string.h>

#include "report/model/attempt.h"
#include "report/text/measure.h"
#include "report/text/summary_lines.h"
#include "report/text/text.h"

static const char *string_of(const json_t *event, const char *key)
{
	const char *text = json_string_value(json_object_get(event, key));

	return text == NULL ? "" : text;
}

static void put_title(
	const struct plain *plain, const struct run *run, const struct run_case *test_case)
{
	char title[256];

	run_case_title(run, test_case, title, sizeof title);
	text_put(plain->stream, TEXT_LINE, test_case->suite);
	fputc('/', plain->stream);
	text_put(plain->stream, TEXT_LINE, title);
}

/* "[ 12/115] pass          dead_peer/x: 75.0 s against 1 x 75 = 75 s" */
static void print_end(struct plain *plain, const struct run *run, const struct run_case *test_case)
{
	char total[32], measure[128];
	int width = snprintf(total, sizeof total, "%zu", run->case_count);
	const struct check *leg = test_case->first == NULL || test_case->outcome != OUTCOME_PASS
					  ? NULL
					  : decisive_leg(&test_case->first->verdict);

	if (plain->timed)
		fprintf(plain->stream, "%s  ", plain->now);
	fprintf(plain->stream, "[%*zu/%s] %-12s  ", width, ++plain->ended, total,
		summary_style_of(test_case).word);
	put_title(plain, run, test_case);
	if (leg != NULL) {
		measure_text(leg, measure, sizeof measure);
		fputs(": ", plain->stream);
		text_put(plain->stream, TEXT_LINE, measure);
	} else if (test_case->outcome != OUTCOME_PASS && test_case->text != NULL &&
		   test_case->text[0] != '\0') {
		fprintf(plain->stream, ": %s%s", test_case->requirement,
			test_case->requirement[0] == '\0' ? "" : ": ");
		text_put(plain->stream, TEXT_LINE, test_case->text);
	}
	fputc('\n', plain->stream);
}

/* A line of words and texts that may be a device's. */
static void tell(struct plain *plain, const char *who, const char *what, const char *more)
{
	if (!plain->verbose)
		return;
	if (plain->timed)
		fprintf(plain->stream, "%s  ", plain->now);
	text_put(plain->stream, TEXT_LINE, who);
	fputs(what, plain->stream);
	text_put(plain->stream, TEXT_LINE, more);
	fputc('\n', plain->stream);
}

static void tell_rerun(struct plain *plain, const struct run_case *test_case)
{
	const char *outcome = outcome_name(test_case->alone->verdict.outcome);
	char text[96];

	/* Older runs do not say how many there will be. */
	if (plain->reruns.wanted == 0)
		snprintf(text, sizeof text, "%s", outcome);
	else
		snprintf(text, sizeof text, "%s (again alone %zu of %zu)", outcome,
			plain->reruns.done, plain->reruns.wanted);
	tell(plain, test_case->name, " alone on the device: ", text);
}

void plain_tell(struct plain *plain, const struct run *run, const struct run_case *test_case,
	const json_t *event)
{
	const char *kind = string_of(event, "event");

	if (strcmp(kind, "resume") == 0) {
		plain->silent = false;
		plain->ended = 0;
		for (size_t i = 0; i < run->case_count; i++)
			plain->ended += run->cases[i].first != NULL ||
					run->cases[i].not_run != NULL ||
					run->cases[i].error != NULL;
	}
	if (strcmp(kind, "verdict") == 0)
		reruns_seen_saw(&plain->reruns, event);
	if (plain->silent)
		return;
	bool alone = strcmp(string_of(event, "attempt"), "alone") == 0;

	if (strcmp(kind, "device") == 0)
		tell(plain, string_of(event, "device"), " is up: ", string_of(event, "firmware"));
	else if (strcmp(kind, "flash") == 0 && json_is_true(json_object_get(event, "succeeded")))
		tell(plain, string_of(event, "device"), " is flashed", "");
	else if (strcmp(kind, "recovery") == 0)
		tell(plain, string_of(event, "device"), ": ", string_of(event, "step"));
	else if (strcmp(kind, "fault") == 0)
		tell(plain, "fault", ": ", string_of(event, "text"));
	else if (test_case != NULL && strcmp(kind, "admitted") == 0)
		tell(plain, string_of(event, "device"), " begins ", test_case->name);
	else if (test_case != NULL && strcmp(kind, "verdict") == 0 && alone &&
		 test_case->alone != NULL)
		tell_rerun(plain, test_case);
	else if (test_case != NULL)
		print_end(plain, run, test_case);
	fflush(plain->stream);
}
