/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "report/text/measure.h"
#include "report/text/summary_parts.h"
#include "report/text/text.h"
#include "report/model/waivers.h"

/* A case in the summaries, with its reason where it did not pass. */

struct summary_look summary_look_of(const struct run_case *one)
{
	if (one->waiver != NULL)
		return (struct summary_look){"waived", SUMMARY_YELLOW};
	switch (one->outcome) {
	case OUTCOME_NOT_RUN:
		return (struct summary_look){"not run", SUMMARY_YELLOW};
	case OUTCOME_PASS:
		return (struct summary_look){"pass", SUMMARY_GREEN};
	case OUTCOME_MARGINAL:
		return (struct summary_look){"marginal", SUMMARY_YELLOW};
	case OUTCOME_INCONCLUSIVE:
		return (struct summary_look){"inconclusive", SUMMARY_YELLOW};
	case OUTCOME_FAIL:
		return (struct summary_look){"FAIL", SUMMARY_RED};
	case OUTCOME_ERROR:
		return (struct summary_look){"ERROR", SUMMARY_RED};
	}
	return (struct summary_look){"?", SUMMARY_RED};
}

static void write_sentence(FILE *stream, const char *before, const char *text)
{
	char sentence[1200];

	snprintf(sentence, sizeof sentence, "%s%s%s", before, before[0] == '\0' ? "" : ": ", text);
	fprintf(stream, "%*s", SUMMARY_TITLE, "");
	text_wrap(stream, sentence, SUMMARY_TITLE, SUMMARY_WIDTH);
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
	if (column + 2 + columns >= SUMMARY_WIDTH) {
		fputc('\n', stream);
		column = 0;
	}
	int gap =
		columns + column >= SUMMARY_WIDTH ? 0 : (int)(SUMMARY_WIDTH - 1 - columns - column);
	fprintf(stream, "%*s%s%s%s\n", gap, "", colour ? SUMMARY_FAINT : "", shown,
		colour ? SUMMARY_PLAIN : "");
}

void summary_case(const struct run *run, const struct run_case *one, bool with_suite, FILE *stream,
	bool colour)
{
	struct summary_look look = summary_look_of(one);
	char name[256], title[384], shown[768];

	run_case_title(run, one, name, sizeof name);
	/* Where a case ran is no part of its name, but worth to be seen. */
	if (run->device_count > 1 && one->device[0] != '\0' && strcmp(name, one->title) == 0)
		snprintf(name, sizeof name, "%s (%s)", one->title, one->device);
	snprintf(title, sizeof title, "%s%s%s", with_suite ? one->suite : "", with_suite ? "/" : "",
		name);
	size_t columns = text_line(title, shown, sizeof shown);
	fprintf(stream, "  %s%-12s%s  %s", colour ? look.colour : "", look.word,
		colour ? SUMMARY_PLAIN : "", shown);
	if (one->outcome == OUTCOME_PASS && !one->of_run) {
		write_measure(one, SUMMARY_TITLE + columns, stream, colour);
		return;
	}
	fputc('\n', stream);
	write_sentence(stream, one->requirement, one->text);
	if (one->waiver != NULL) {
		char waived[400];
		waiver_text(one->waiver, waived, sizeof waived);
		write_sentence(stream, "", waived);
	}
	if (one->outcome == OUTCOME_FAIL && one->error != NULL)
		write_sentence(stream, "and then", one->error);
	if (one->alone != NULL)
		write_alone(one, stream);
	if (one->outcome != OUTCOME_MARGINAL && one->first != NULL &&
		one->first->pcapng[0] != '\0') {
		fprintf(stream, "%*ssee ", SUMMARY_TITLE, "");
		summary_line(stream, one->first->pcapng);
	}
}
