/* SPDX-License-Identifier: MIT */
#include "report/formats/markdown.h"

#include <string.h>

#include "core/exit_code.h"
#include "report/model/attempt.h"
#include "report/model/causes.h"
#include "report/model/compare.h"
#include "report/text/headline.h"
#include "report/text/measure.h"
#include "report/model/repeats.h"
#include "report/text/text.h"
#include "report/model/waivers.h"

static void put(FILE *stream, const char *text)
{
	text_put(stream, TEXT_MARKDOWN, text);
}

/* "key: value", one item of the list under the headline. */
static void item(FILE *stream, const char *key, const char *of, const char *value)
{
	if (value[0] == '\0')
		return;
	fprintf(stream, "- %s", key);
	if (of[0] != '\0') {
		fputs(" of ", stream);
		put(stream, of);
	}
	fputs(": ", stream);
	put(stream, value);
	fputc('\n', stream);
}

static void put_headline(const struct run *run, FILE *stream)
{
	char text[512], models[64];
	const char *sign = run_exit_code(run) == EXIT_CODE_PASS ? ":white_check_mark:"
			   : run_count(run, OUTCOME_FAIL) > 0	? ":x:"
								: ":warning:";

	headline_text(run, text, sizeof text);
	fprintf(stream, "### %s wizhil: ", sign);
	put(stream, text);
	fputs("\n\n", stream);
	totals_text(run, text, sizeof text);
	item(stream, "result", "", text);
	unseen_text(run, text, sizeof text);
	item(stream, "not seen", "", text);
	snprintf(text, sizeof text, "%s, %s clock, seed %lld, profile %s", run->bench, run->clock,
		(long long)run->seed, run->profile);
	item(stream, "bench", "", text);
	flashed_text(run, text, sizeof text);
	item(stream, "flashed", "", text);
	settings_text(run, text, sizeof text);
	item(stream, "the device was set to", "", text);
	for (size_t i = 0; i < run->device_count; i++) {
		const struct run_device *device = &run->devices[i];
		const char *name = run->device_count > 1 ? device->name : "";
		if (run->device_count > 1)
			item(stream, "firmware", name, device->firmware);
		if (loss_text(&device->loss, text, sizeof text))
			item(stream, "loss in the air", name, text);
		if (!device->has_models)
			continue;
		models_text(device->models, models, sizeof models);
		item(stream, "timing models not excluded", name, models);
	}
	for (size_t i = 0; i < run->resumed_count; i++)
		item(stream, "resumed", "", run->resumed[i]);
	for (size_t i = 0; i < run->fault_count; i++)
		item(stream, "**fault**", "", run->faults[i]);
	for (size_t i = 0; i < run->waiver_count; i++)
		if (waiver_flagged(&run->waivers[i], text, sizeof text))
			item(stream, "**waiver**", "", text);
	if (run->torn)
		item(stream, "journal", "", "its last line is incomplete");
}

/* ---- cases ---- */

static void put_name(const struct run *run, const struct run_case *test_case, FILE *stream)
{
	char title[256], name[400];

	run_case_title(run, test_case, title, sizeof title);
	snprintf(name, sizeof name, "%s/%s", test_case->suite, title);
	text_put_code(stream, name);
}

static void put_troubled(const struct run *run, const struct run_case *test_case, FILE *stream)
{
	bool counts = test_case->outcome == OUTCOME_FAIL && test_case->waiver == NULL;
	fprintf(stream, "| %s%s%s | ", counts ? "**" : "",
		test_case->waiver != NULL ? "waived" : outcome_name(test_case->outcome),
		counts ? "**" : "");
	put_name(run, test_case, stream);
	fputs(" | ", stream);
	put(stream, test_case->requirement);
	fputs(" | ", stream);
	put(stream, test_case->text);
	if (test_case->waiver != NULL) {
		char waived[400];
		waiver_text(test_case->waiver, waived, sizeof waived);
		fputs("; ", stream);
		put(stream, waived);
	}
	if (test_case->alone != NULL) {
		fputs("; alone on the device: ", stream);
		put(stream, outcome_name(test_case->alone->verdict.outcome));
	}
	fputs(" |\n", stream);
}

/* What the failures have in common, where several do. */
static void put_causes(const struct run *run, FILE *stream)
{
	struct causes causes = causes_of(run);
	const char *head = "\n| cases | outcome | requirement | cause | such as |\n"
			   "| ---: | --- | --- | --- | --- |\n";

	for (size_t i = 0; i < causes.count; i++) {
		const struct cause *cause = &causes.list[i];
		if (cause->count < 2)
			continue;
		fprintf(stream, "%s| %zu | %s | ", head, cause->count,
			outcome_name(cause->outcome));
		head = "";
		put(stream, cause->requirement);
		fputs(" | ", stream);
		put(stream, cause->text);
		fputs(" | ", stream);
		put_name(run, cause->instance, stream);
		fputs(" |\n", stream);
	}
	causes_free(&causes);
}

static void put_all_troubled(const struct run *run, FILE *stream)
{
	size_t cut_off = 0;
	const char *head = "\n| outcome | case | requirement | what happened |\n"
			   "| --- | --- | --- | --- |\n";

	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *test_case = &run->cases[i];
		cut_off += test_case->cut_off != NOT_CUT_OFF;
		if (test_case->outcome == OUTCOME_PASS || test_case->cut_off != NOT_CUT_OFF ||
			!run_counts(test_case))
			continue;
		fputs(head, stream);
		head = "";
		put_troubled(run, test_case, stream);
	}
	if (cut_off > 0)
		fprintf(stream, "\n%zu case%s no verdict, because the run was cut off.\n", cut_off,
			cut_off == 1 ? " has" : "s have");
}

static void put_passed(const struct run *run, FILE *stream)
{
	char measure[128] = "";

	if (run_count(run, OUTCOME_PASS) == 0)
		return;
	fprintf(stream,
		"\n<details><summary>%zu passed</summary>\n\n| case | measured |\n| --- | --- |\n",
		run_count(run, OUTCOME_PASS));
	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *test_case = &run->cases[i];
		if (test_case->outcome != OUTCOME_PASS || test_case->of_run)
			continue;
		const struct check *leg = decisive_leg(&test_case->first->verdict);
		measure[0] = '\0';
		if (leg != NULL)
			measure_text(leg, measure, sizeof measure);
		fputs("| ", stream);
		put_name(run, test_case, stream);
		fputs(" | ", stream);
		put(stream, measure);
		fputs(" |\n", stream);
	}
	fputs("\n</details>\n", stream);
}

/* The unstable in bold, with the spread of each leg. */
static void put_repeats(const struct run *run, FILE *stream)
{
	struct repeats repeats;
	struct legs legs;
	char text[256];
	size_t from = 0, total = 0;

	for (; repeats_next(run, &from, &repeats); total++) {
		if (total == 0)
			fprintf(stream,
				"\n**%d repetitions**\n\n| case | outcomes | spread of its legs |\n"
				"| --- | --- | --- |\n",
				run->repeat);
		fputs("| ", stream);
		put(stream, repeats.cases->name);
		repeats_text(&repeats, text, sizeof text);
		fputs(repeats.unstable ? " | **unstable**: " : " | ", stream);
		put(stream, text);
		fputs(" | ", stream);
		repeats_legs(&repeats, &legs);
		for (size_t i = 0; i < legs.count; i++) {
			leg_spread_text(&legs.list[i], text, sizeof text);
			fputs(i == 0 ? "" : "; ", stream);
			put(stream, text);
		}
		legs_free(&legs);
		fputs(" |\n", stream);
	}
}

static void put_findings(const struct run *run, FILE *stream)
{
	for (size_t i = 0; i < run->finding_count; i++) {
		const struct run_finding *found = &run->findings[i];
		fputs(i == 0 ? "\n**Findings**\n\n- " : "- ", stream);
		put(stream, found->finding->requirement);
		fputs(found->finding->requirement[0] == '\0' ? "" : ": ", stream);
		put(stream, found->finding->text);
		if (found->cases > 1)
			fprintf(stream, " (%zu cases)", found->cases);
		fputc('\n', stream);
	}
}

void markdown_write(const struct run *run, FILE *stream)
{
	put_headline(run, stream);
	put_causes(run, stream);
	put_all_troubled(run, stream);
	put_repeats(run, stream);
	put_findings(run, stream);
	put_passed(run, stream);
	if (run->changes == NULL)
		return;
	fputs("\n**Since the baseline**\n\n", stream);
	comparison_write_markdown(run->changes, stream);
}
