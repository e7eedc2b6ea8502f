/* SPDX-License-Identifier: MIT */
#include "report/text/summary_lines.h"

#include <string.h>

#include "core/text_alike.h"
#include "report/formats/journal.h"
#include "report/model/attempt.h"
#include "report/model/compare.h"
#include "report/model/repeats.h"
#include "report/model/waivers.h"
#include "report/report.h"
#include "report/text/headline.h"
#include "report/text/measure.h"
#include "report/text/text.h"

void summary_label(FILE *stream, const char *word)
{
	fprintf(stream, "%-*s", SUMMARY_LABEL, word);
}

void summary_line(FILE *stream, const char *text)
{
	text_put(stream, TEXT_LINE, text);
	fputc('\n', stream);
}

/* fault: NULL where the user did. */
static size_t count_cut_off(const struct run *run, enum cut_off by, const char *fault)
{
	size_t count = 0;

	for (size_t i = 0; i < run->case_count; i++)
		count += run->cases[i].cut_off == by &&
			 (by == CUT_OFF_BY_USER || run->cases[i].fault == fault);
	return count;
}

static size_t count_partial(const struct run *run)
{
	size_t count = 0;

	for (size_t i = 0; i < run->case_count; i++)
		count += run->cases[i].partial != NULL;
	return count;
}

void summary_part(FILE *stream, const char *before, const char *text)
{
	if (text[0] == '\0')
		return;
	fputs(before, stream);
	text_put(stream, TEXT_LINE, text);
}

/* ---- a case ---- */

/* A case in the summaries, with its reason where it did not pass. */

struct summary_style summary_style_of(const struct run_case *test_case)
{
	if (test_case->waiver != NULL)
		return (struct summary_style){"waived", SUMMARY_YELLOW};
	switch (test_case->outcome) {
	case OUTCOME_NOT_RUN:
		return (struct summary_style){"not run", SUMMARY_YELLOW};
	case OUTCOME_PASS:
		return (struct summary_style){"pass", SUMMARY_GREEN};
	case OUTCOME_MARGINAL:
		return (struct summary_style){"marginal", SUMMARY_YELLOW};
	case OUTCOME_INCONCLUSIVE:
		return (struct summary_style){"inconclusive", SUMMARY_YELLOW};
	case OUTCOME_FAIL:
		return (struct summary_style){"FAIL", SUMMARY_RED};
	case OUTCOME_ERROR:
		return (struct summary_style){"ERROR", SUMMARY_RED};
	}
	return (struct summary_style){"?", SUMMARY_RED};
}

static void write_sentence(FILE *stream, const char *before, const char *text)
{
	char sentence[1200];

	snprintf(sentence, sizeof sentence, "%s%s%s", before, before[0] == '\0' ? "" : ": ", text);
	fprintf(stream, "%*s", SUMMARY_TITLE, "");
	text_wrap(stream, sentence, SUMMARY_TITLE, SUMMARY_WIDTH);
}

/* What the case did when it was driven once more, with the device to itself. */
static void write_alone(const struct run_case *test_case, FILE *stream)
{
	const struct verdict *verdict = &test_case->alone->verdict;
	char before[64];

	if (verdict->outcome == OUTCOME_PASS || verdict->outcome == OUTCOME_MARGINAL) {
		snprintf(before, sizeof before,
			"passed when run alone; %d other%s ran at the same time",
			test_case->first == NULL ? 0 : test_case->first->concurrent,
			test_case->first != NULL && test_case->first->concurrent == 1 ? "" : "s");
		write_sentence(stream, "", before);
		return;
	}
	snprintf(before, sizeof before, "run alone on the device (%s)",
		outcome_name(verdict->outcome));
	write_sentence(stream, before,
		strcmp(verdict->text, test_case->text) == 0 ? "same result" : verdict->text);
}

/* What was measured, at the right edge: behind the title where there is room, else below it. */
static void write_measure(
	const struct run_case *test_case, size_t column, FILE *stream, bool colour)
{
	char measure[128], shown[256];
	const struct check *leg =
		test_case->first == NULL ? NULL : decisive_leg(&test_case->first->verdict);

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

void summary_case(const struct run *run, const struct run_case *test_case, bool with_suite,
	const char *folder, FILE *stream, bool colour)
{
	struct summary_style look = summary_style_of(test_case);
	char name[256], title[384], shown[768];

	run_case_title(run, test_case, name, sizeof name);
	/* Where a case ran is no part of its name, but worth to be seen. */
	if (run->device_count > 1 && test_case->device[0] != '\0' &&
		strcmp(name, test_case->title) == 0)
		snprintf(name, sizeof name, "%s (%s)", test_case->title, test_case->device);
	snprintf(title, sizeof title, "%s%s%s", with_suite ? test_case->suite : "",
		with_suite ? "/" : "", name);
	size_t columns = text_line(title, shown, sizeof shown);
	fprintf(stream, "  %s%-12s%s  %s", colour ? look.colour : "", look.word,
		colour ? SUMMARY_PLAIN : "", shown);
	if (test_case->outcome == OUTCOME_PASS && !test_case->of_run) {
		write_measure(test_case, SUMMARY_TITLE + columns, stream, colour);
		return;
	}
	fputc('\n', stream);
	summary_reason(test_case, folder, stream);
}

void summary_reason(const struct run_case *test_case, const char *folder, FILE *stream)
{
	write_sentence(stream, test_case->requirement, test_case->text);
	if (test_case->waiver != NULL) {
		char waived[400];
		waiver_text(test_case->waiver, waived, sizeof waived);
		write_sentence(stream, "", waived);
	}
	if (test_case->outcome == OUTCOME_FAIL && test_case->error != NULL)
		write_sentence(stream, "and then", test_case->error);
	if (test_case->alone != NULL)
		write_alone(test_case, stream);
	if (test_case->outcome != OUTCOME_MARGINAL && test_case->first != NULL &&
		test_case->first->pcapng[0] != '\0') {
		fprintf(stream, "%*ssee ", SUMMARY_TITLE, "");
		text_put(stream, TEXT_LINE, folder);
		fputs(folder[0] == '\0' ? "" : "/", stream);
		summary_line(stream, test_case->first->pcapng);
	}
}

/* ---- what is not of a single case ---- */

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

void summary_waived(const struct run *run, FILE *stream, bool colour)
{
	char text[512];

	for (size_t i = 0; i < run->waiver_count; i++) {
		const struct run_waiver *waiver = &run->waivers[i];
		size_t count = 0;
		for (size_t k = 0; k < run->case_count; k++)
			count += run->cases[k].waiver == waiver;
		if (count == 0)
			continue;
		fprintf(stream, "  %s%-12s%s  %zu case%s\n", colour ? SUMMARY_YELLOW : "", "waived",
			colour ? SUMMARY_PLAIN : "", count, count == 1 ? "" : "s");
		waiver_text(waiver, text, sizeof text);
		write_sentence(stream, "", text);
	}
}

static bool is_same_recovery(const struct run_recovery *one, const struct run_recovery *other)
{
	return strcmp(one->device, other->device) == 0 && text_is_alike(one->step, other->step);
}

void summary_recoveries(const struct run *run, FILE *stream)
{
	const char *before = "\nrecovery of devices\n  ";

	for (size_t i = 0; i < run->recovery_count; i++) {
		const struct run_recovery *recovery = &run->recoveries[i];
		size_t earlier = 0, count = 0;
		for (size_t k = 0; k < run->recovery_count; k++) {
			const bool same = is_same_recovery(recovery, &run->recoveries[k]);
			earlier += k < i && same;
			count += same;
		}
		if (earlier > 0)
			continue;
		fputs(before, stream);
		before = "  ";
		text_put(stream, TEXT_LINE, recovery->device);
		fputs(": ", stream);
		text_put(stream, TEXT_LINE, recovery->step);
		if (count > 1)
			fprintf(stream, " (and %zu more of this kind)", count - 1);
		fputc('\n', stream);
	}
}

void summary_reruns(const struct run *run, FILE *stream)
{
	if (run->reruns.capped > 0)
		fprintf(stream,
			"\n%zu of %zu failures beside other cases were not run again alone: enough of the same\nrequirement and device were (--max-reruns)\n",
			run->reruns.capped, run->reruns.capped + run->reruns.wanted);
}

void summary_times(const struct run *run, FILE *stream)
{
	enum { SHOWN_TIMES = 5 };

	for (size_t i = 0; i < run->time_count && i < SHOWN_TIMES; i++) {
		fprintf(stream, "%s%.1f s: ", i == 0 ? "\ntime of the host\n  " : "  ",
			run->times[i].t_s);
		summary_line(stream, run->times[i].text);
	}
	if (run->time_count > SHOWN_TIMES)
		fprintf(stream, "  %zu more in the journal\n", run->time_count - SHOWN_TIMES);
}

/* Not wrapped: a person looks for the text as the harness wrote it.  The cases that a fault took
 * are one line, however many they are. */
void summary_faults(const struct run *run, FILE *stream, bool colour)
{
	for (size_t i = 0; i < run->fault_count; i++) {
		size_t count = count_cut_off(run, CUT_OFF_BY_FAULT, run->faults[i]);
		fprintf(stream, "%s%sFAULT%s    ", i == 0 ? "\n" : "", colour ? SUMMARY_RED : "",
			colour ? SUMMARY_PLAIN : "");
		summary_line(stream, run->faults[i]);
		if (count > 0)
			fprintf(stream, "%*s%zu case%s no verdict because of it\n", SUMMARY_LABEL,
				"", count, count == 1 ? " has" : "s have");
	}
	if (run->torn)
		fputs("\nThe last line of the journal is incomplete; its event is lost.\n", stream);
	if (count_cut_off(run, CUT_OFF_BY_USER, NULL) > 0)
		fprintf(stream, "\n%zu of %zu case%s not finished: interrupted\n",
			count_cut_off(run, CUT_OFF_BY_USER, NULL), run_total(run),
			run_total(run) == 1 ? " was" : "s were");
	if (count_partial(run) > 0)
		fprintf(stream, "%*s%zu had started, their evidence is in evidence/\n",
			SUMMARY_LABEL, "", count_partial(run));
}

/* Where there is something to tell. */
static void tell(FILE *stream, const char *label, const char *text)
{
	if (text[0] == '\0')
		return;
	summary_label(stream, label);
	summary_line(stream, text);
}

void summary_settings(const struct run *run, FILE *stream)
{
	char text[500];

	flashed_text(run, text, sizeof text);
	tell(stream, "flashed", text);
	settings_text(run, text, sizeof text);
	tell(stream, "set", text);
}

void summary_unseen(const struct run *run, bool names, FILE *stream)
{
	const json_t *cases = json_object_get(run->unseen, "cases");
	char text[512];

	unseen_text(run, text, sizeof text);
	if (text[0] == '\0')
		return;
	fputs("not seen: ", stream);
	text_wrap(stream, text, 10, SUMMARY_WIDTH);
	for (size_t i = 0; i < json_array_size(cases) && names; i++) {
		fputs("          ", stream);
		summary_line(stream, json_string_value(json_array_get(cases, i)));
	}
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
	char totals[256], cut_short[48];

	totals_text(run, totals, sizeof totals);
	run_cut_short_text(run, cut_short, sizeof cut_short);
	fprintf(stream, "\n%s%s", cut_short, totals);
	/* What holds over the run stands between the cases and the time that they took. */
	if (run->ended)
		fprintf(stream, "%s %.1f s",
			run_checks(run, OUTCOME_FAIL) + run_checks(run, OUTCOME_INCONCLUSIVE) > 0
				? ";"
				: " in",
			run->wall_s);
	fprintf(stream, ", %.0f device seconds\n", run->device_s);
}

static void write_models_of(const struct run_device *device, const char *name, FILE *stream)
{
	char models[64];
	unsigned set = device->models;

	if (!device->has_models)
		return;
	models_text(set, models, sizeof models);
	fputs(set != 0 && (set & (set - 1)) == 0 ? "timing model" : "timing models not excluded",
		stream);
	summary_part(stream, " of ", name);
	fprintf(stream, ": %s\n", models);
}

/* What the absences of a run are held against, see judge/loss.h. */
static void write_loss(const struct loss_estimate *loss, const char *device, FILE *stream)
{
	char text[128];

	if (!loss_text(loss, text, sizeof text))
		return;
	fputs("loss in the air", stream);
	summary_part(stream, " of ", device);
	fprintf(stream, ": %s\n", text);
}

/* The device that speaks for all, since they have one firmware and nothing told their models apart;
 * NULL. */
static const struct run_device *speaker(const struct run *run)
{
	const struct run_device *first = NULL;

	for (size_t i = 0; i < run->device_count; i++) {
		const struct run_device *device = &run->devices[i];
		if (strcmp(device->firmware, run->devices[0].firmware) != 0)
			return NULL;
		if (first == NULL && device->has_models)
			first = device;
		if (device->has_models && device->models != first->models)
			return NULL;
	}
	return first;
}

void summary_models(const struct run *run, FILE *stream)
{
	const struct run_device *of_all = speaker(run);

	write_loss(&run->loss, "", stream);
	if (of_all != NULL)
		write_models_of(of_all, "", stream);
	for (size_t i = 0; i < run->device_count; i++) {
		if (of_all == NULL)
			write_models_of(&run->devices[i],
				run->device_count > 1 ? run->devices[i].name : "", stream);
		write_loss(&run->devices[i].loss, run->device_count > 1 ? run->devices[i].name : "",
			stream);
	}
}

/* ---- repetitions ---- */

/* What repeating showed, in the summaries. */

static void write_name(const struct run *run, const struct repeats *repeats, FILE *stream)
{
	text_put(stream, TEXT_LINE, repeats->cases->name);
	if (run->device_count > 1) {
		fputs(" on ", stream);
		text_put(stream, TEXT_LINE, repeats->cases->device);
	}
}

static void write_repeats(
	const struct run *run, const struct repeats *repeats, bool all, FILE *stream, bool colour)
{
	struct legs legs;
	char text[256];

	if (repeats->unstable)
		fprintf(stream, "  %sUNSTABLE%s      ", colour ? SUMMARY_RED : "",
			colour ? SUMMARY_PLAIN : "");
	else
		fprintf(stream, "  %-12s  ", repeats_word(repeats));
	write_name(run, repeats, stream);
	repeats_text(repeats, text, sizeof text);
	fprintf(stream, "\n%*s%s\n", SUMMARY_TITLE, "", text);
	repeats_legs(repeats, &legs);
	for (size_t i = 0; all && i < legs.count; i++) {
		leg_spread_text(&legs.list[i], text, sizeof text);
		fprintf(stream, "%*s", SUMMARY_TITLE, "");
		text_wrap(stream, text, SUMMARY_TITLE, SUMMARY_WIDTH);
	}
	legs_free(&legs);
}

static int64_t spread_of(const struct leg *leg)
{
	return leg->most_ns - leg->least_ns;
}

static void keep_widest(const struct repeats *repeats, struct leg *widest, const char **of)
{
	struct legs legs;

	repeats_legs(repeats, &legs);
	for (size_t i = 0; i < legs.count; i++)
		if (widest->count == 0 || spread_of(&legs.list[i]) > spread_of(widest)) {
			*widest = legs.list[i];
			*of = repeats->cases->name;
		}
	legs_free(&legs);
}

static void write_widest(const struct leg *widest, const char *of, FILE *stream)
{
	char text[256];

	if (widest->count == 0)
		return;
	if (spread_of(widest) == 0) {
		fputs("  each leg took the same time in all repetitions\n", stream);
		return;
	}
	leg_spread_text(widest, text, sizeof text);
	fputs("  widest spread:     ", stream);
	text_wrap(stream, text, 21, SUMMARY_WIDTH);
	fprintf(stream, "%*sof ", 21, "");
	summary_line(stream, of);
}

void summary_repeats(const struct run *run, bool all, FILE *stream, bool colour)
{
	struct leg widest = {0};
	const char *of = "";
	struct repeats repeats;
	size_t from = 0, total = 0, stable = 0, unstable = 0;

	while (repeats_next(run, &from, &repeats)) {
		if (total++ == 0)
			fprintf(stream, "\n%d repetitions\n", run->repeat);
		unstable += repeats.unstable;
		stable += strcmp(repeats_word(&repeats), "stable") == 0;
		if (all || repeats.unstable)
			write_repeats(run, &repeats, all, stream, colour);
		keep_widest(&repeats, &widest, &of);
	}
	if (total == 0)
		return;
	fprintf(stream, "  %zu of %zu cases had the same outcome each time\n", stable, total);
	if (stable + unstable < total)
		fprintf(stream, "  %zu ran only once\n", total - stable - unstable);
	write_widest(&widest, of, stream);
}
